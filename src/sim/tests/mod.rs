//! What the tests of the simulation share.

mod daemon;
mod misbehaviour;

use super::*;
use crate::wire::AssociationId;
use crate::wire::control::{DATA_LIMIT, ErrorCode, Header, Message, Opcode};

const NOW: NtpTime = NtpTime(0xeeab_74e6_1557_929f);

fn scenario(name: &str) -> Scenario {
    demo().into_iter().find(|scenario| scenario.name == name).unwrap()
}

fn daemon(name: &str) -> Daemon {
    Daemon::new(scenario(name), NOW)
}

fn request(opcode: Opcode, id: u16, data: &[u8]) -> Vec<u8> {
    Header::request(opcode, AssociationId(id), 0x4711, 2).encode(data)
}

/// A reply put together: its status word and data, or the refusal.
fn ask(daemon: &mut Daemon, opcode: Opcode, id: u16, data: &[u8]) -> Result<(u16, String), ErrorCode> {
    let replies = daemon.answer(&request(opcode, id, data), NOW);
    let mut whole = Vec::new();
    let mut status = 0;
    for (index, reply) in replies.iter().enumerate() {
        let message = Message::parse(reply).unwrap();
        let header = message.header;
        assert_eq!((header.response, header.version, header.sequence), (true, 2, 0x4711));
        assert_eq!((header.opcode, header.association), (opcode, AssociationId(id)));
        if header.error {
            assert_eq!(replies.len(), 1);
            return Err(header.error_code());
        }
        assert_eq!(usize::from(header.offset), whole.len());
        assert_eq!(header.more, index + 1 < replies.len());
        assert!(message.data.len() <= DATA_LIMIT && message.tail.len() < 4);
        status = header.status;
        whole.extend_from_slice(message.data);
    }
    assert!(!replies.is_empty(), "no answer");
    Ok((status, String::from_utf8_lossy(&whole).into_owned()))
}

fn text(daemon: &mut Daemon, opcode: Opcode, id: u16, data: &str) -> String {
    ask(daemon, opcode, id, data.as_bytes()).unwrap().1
}

/// The names in a reply, in their order.
fn names(reply: &str) -> String {
    let items = reply.trim_end().split(',').filter(|item| item.contains('='));
    items.map(|item| item.trim().split('=').next().unwrap()).collect::<Vec<_>>().join(" ")
}

const READ: Opcode = Opcode::READ_VARIABLES;
