//! The client of one daemon, against daemons on this machine's loopback addresses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing here is a failed test")]

use ntpkit::client::daemon::Daemon;
use ntpkit::session::control::{Config, Request};
use ntpkit::sim::{Faults, SimulatedDaemon, demo};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::Opcode;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

/// Answers time requests and no queries, as a daemon does to an address with `noquery`.
fn serve_time_only(socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut request = [0; 1024];
    while let Ok((length, client)) = socket.recv_from(&mut request) {
        if length >= 48 && request[0] & 7 == 3 {
            let mut reply = [0; 48];
            (reply[0], reply[1]) = (0x24, 2);
            reply[24..32].copy_from_slice(&request[40..48]);
            let _ = socket.send_to(&reply, client);
        }
    }
}

#[test]
fn another_of_this_machines_addresses_is_asked_where_one_answers_no_queries() {
    let scenario = demo().into_iter().find(|known| known.name == "campus").unwrap();
    let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap();
    let open = daemon.local_address();
    let shut = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), open.port()));
    let socket = UdpSocket::bind(shut).unwrap();
    thread::spawn(move || serve_time_only(&socket));

    let config = Config {
        version: 2,
        first_sequence: 1,
        silence: Duration::from_secs(20),
        patience: Duration::from_secs(40),
        probe: Some(7),
    };
    let mut client = Daemon::new("localhost".into(), vec![shut, open], config);
    let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, b"stratum".to_vec());
    let answers = client.ask_all(&[request], &mut |_, _| None, &mut |_, _| {});
    assert!(answers[0].as_ref().is_ok_and(|reply| reply.data.starts_with(b"stratum=2")), "{answers:?}");
    assert_eq!(client.address(), Some(open));
}
