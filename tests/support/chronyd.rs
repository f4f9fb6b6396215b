//! A chronyd that sends recorded replies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing here is a failed test")]

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::thread;

const RECORDED: &str = include_str!("../daemons/chronyd.txt");

/// The recorded replies by name.
pub fn recorded() -> BTreeMap<String, Vec<u8>> {
    let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut name = String::new();
    for line in RECORDED.lines() {
        match line.strip_prefix("# ") {
            Some(heading) => heading.clone_into(&mut name),
            None => {
                let octets =
                    (0..line.len() / 2).map(|at| u8::from_str_radix(&line[2 * at..2 * at + 2], 16).unwrap());
                all.entry(name.clone()).or_default().extend(octets);
            }
        }
    }
    all
}

/// The reply to a request; anything not in the recording is refused, as chronyd does over UDP.
pub fn reply(replies: &BTreeMap<String, Vec<u8>>, request: &[u8]) -> Vec<u8> {
    let index = u32::from_be_bytes(request[20..24].try_into().unwrap());
    let name = match u16::from_be_bytes([request[4], request[5]]) {
        14 => "N_SOURCES".to_owned(),
        15 => format!("SOURCE_DATA {index}"),
        33 => "TRACKING".to_owned(),
        34 => format!("SOURCESTATS {index}"),
        _ => String::new(),
    };
    let refusal = || {
        let mut reply = vec![0; 28];
        reply[..10].copy_from_slice(&[6, 2, 0, 0, 0, 0, 0, 1, 0, 2]);
        reply
    };
    let mut reply = replies.get(&name).cloned().unwrap_or_else(refusal);
    reply[4..6].copy_from_slice(&request[4..6]);
    reply[16..20].copy_from_slice(&request[8..12]);
    reply
}

/// Starts a chronyd on a free port, whose replies are changed by a function.
pub fn chronyd(change: fn(&mut Vec<u8>)) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let replies = recorded();
    thread::spawn(move || {
        let mut request = [0; 1024];
        while let Ok((length, client)) = socket.recv_from(&mut request) {
            let mut reply = reply(&replies, &request[..length]);
            change(&mut reply);
            socket.send_to(&reply, client).unwrap();
        }
    });
    address
}
