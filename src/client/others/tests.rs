use super::*;
use crate::session::control::Request;
use crate::sim::NtpTime;
use crate::sim::fleet::{Rule, chronyd_answer};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use std::net::{Ipv4Addr, UdpSocket};

#[test]
fn the_configured_path() {
    let text = "[observability]\nlog-level = \"info\"\nobservation-path = \"/run/x/observe\" # here\n";
    assert_eq!(configured_path(text), Some("/run/x/observe".into()));
    for text in ["", "observation-path = relative", "observation-path = \"x\"", "#observation-path = \"/x\""]
    {
        assert_eq!(configured_path(text), None, "{text}");
    }
}

#[test]
fn a_chronyd_without_sources_is_known_nevertheless() {
    const TRACKING: [u8; 2] = [0, 33];
    const UNAUTHORIZED: [u8; 2] = [0, 2];
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = server.recv_from(&mut request) {
            let now = NtpTime(0xee41_2bc0 << 32);
            let mut answer = chronyd_answer(Rule { silent_every: 10 }, 31, &request[..length], now).unwrap();
            if request[4..6] != TRACKING {
                answer[8..10].copy_from_slice(&UNAUTHORIZED);
            }
            server.send_to(&answer, client).unwrap();
        }
    });
    let patience = Duration::from_secs(60);
    let mut other = one(&DaemonChoice::Chronyd(None), &[address], patience, true).unwrap();
    let (view, unknown) = other.partial_view();
    let unknown = unknown.unwrap().to_string();
    assert!(unknown.starts_with("chronyd: ") && unknown.contains(&address.port().to_string()), "{unknown}");
    let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, b"stratum".to_vec());
    assert_eq!(view.answer(&request).unwrap().unwrap().data, b"stratum=2");
    assert!(view.peers().is_empty() && other.view().is_err());
}
