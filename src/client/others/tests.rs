//! What is known of daemons that answer only some questions.

use super::*;
use crate::session::control::Request;
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

/// A chronyd of stratum 2 that reports the state of its clock, and nothing else to this client.
fn chronyd(request: &[u8]) -> Vec<u8> {
    const TRACKING: u8 = 33;
    const UNAUTHORIZED: u8 = 2;
    let (layout, status, length) = if request[5] == TRACKING { (5, 0, 76) } else { (1, UNAUTHORIZED, 0) };
    let mut reply = vec![6, 2, 0, 0, 0, request[5], 0, layout, 0, status, 0, 0, 0, 0, 0, 0];
    reply.extend(&request[8..12]);
    reply.extend([0; 8]);
    reply.extend(vec![0; length]);
    if let Some(stratum) = reply.get_mut(28 + 25) {
        *stratum = 2;
    }
    reply
}

#[test]
fn a_chronyd_without_sources_is_known_nevertheless() {
    let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = server.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = server.recv_from(&mut request) {
            server.send_to(&chronyd(&request[..length]), client).unwrap();
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
