//! Answers mode 6 requests on behalf of daemons that do not speak it.

use crate::model::Peer;
use crate::model::daemons::variables::Variables;
use crate::session::control::{Failure, Outcome, Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, Opcode};

/// A snapshot of a daemon and its sources, in terms of mode 6.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The variables of the daemon's clock.
    system: Variables,
    /// Its sources, numbered from 1.
    peers: Vec<Peer>,
}

impl View {
    /// Creates the view of a daemon with these variables and sources.
    pub fn new(system: Variables, peers: Vec<Peer>) -> Self {
        Self { system, peers }
    }

    /// Its sources.
    pub fn peers(&self) -> &[Peer] {
        &self.peers
    }

    /// Returns what ntpd would answer to this request; `None` if mode 6 itself is needed.
    pub fn answer(&self, request: &Request) -> Option<Outcome> {
        let reply = |status: u16, data: Option<Vec<u8>>| {
            let whole = |data| Reply { status, association: request.association, data, doubt: None };
            data.map(whole).ok_or(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE))
        };
        let is_system = request.association == AssociationId::SYSTEM;
        let peer = self.peers.iter().find(|peer| peer.association == request.association);
        match (request.opcode, peer) {
            (Opcode::READ_STATUS, _) if is_system => {
                let entry = |peer: &Peer| {
                    let [number, status] = [peer.association.0, peer.status.0].map(u16::to_be_bytes);
                    [number, status].concat()
                };
                let list = self.peers.iter().flat_map(entry).collect();
                Some(reply(self.system.system_status(), Some(list)))
            }
            (Opcode::READ_VARIABLES, _) if is_system => {
                Some(reply(self.system.system_status(), self.system.reply(&request.data)))
            }
            (Opcode::READ_VARIABLES, Some(peer)) => {
                Some(reply(peer.status.0, Variables::of_peer(peer).reply(&request.data)))
            }
            (Opcode::READ_STATUS | Opcode::READ_VARIABLES, _) => {
                Some(Err(Failure::Refused(ErrorCode::UNKNOWN_ASSOCIATION)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::daemons::variables::Variables;
    use crate::wire::status::PeerStatusWord;

    #[test]
    fn requests_for_variables_are_answered_and_those_that_need_mode_6_are_not() {
        let peer = Peer { association: AssociationId(1), status: PeerStatusWord(0x9600), ..Peer::default() };
        let view = View::new(Variables::default(), vec![peer]);
        let ask = |opcode, association, data: &[u8]| {
            view.answer(&Request::open(opcode, AssociationId(association), data.to_vec()))
        };
        let list = ask(Opcode::READ_STATUS, 0, b"").unwrap().unwrap();
        assert_eq!((list.status, list.data), (0xc000, vec![0, 1, 0x96, 0]));
        assert_eq!(ask(Opcode::READ_VARIABLES, 1, b"").unwrap().unwrap().status, 0x9600);
        let refused = |code| Some(Err(Failure::Refused(code)));
        assert_eq!(ask(Opcode::READ_VARIABLES, 2, b""), refused(ErrorCode::UNKNOWN_ASSOCIATION));
        assert_eq!(ask(Opcode::READ_VARIABLES, 1, b"flash"), refused(ErrorCode::UNKNOWN_VARIABLE));
        assert_eq!(ask(Opcode::READ_CLOCK, 1, b""), None);
        assert_eq!(ask(Opcode::WRITE_VARIABLES, 0, b"x=1"), None);
    }
}
