//! Network Time Security for one server of a round.

use crate::session::nts::Association;
use crate::session::nts::association::{AnswerFault, IDENTIFIER_LENGTH};
use crate::wire::packet::TimePacket;
use rand::Rng;
use rand::rngs::StdRng;

/// NTS state of one server.
#[derive(Clone, Debug)]
pub struct NtsPart {
    /// Keys and cookies.
    pub association: Association,
    /// Whether replies are to refill the cookies.
    pub refill: bool,
    /// What was wrong with the last reply that was not authentic.
    pub fault: Option<AnswerFault>,
    identifier: Option<[u8; IDENTIFIER_LENGTH]>,
}

impl NtsPart {
    /// Creates the state from these keys and cookies.
    pub fn new(association: Association, refill: bool) -> Self {
        Self { association, refill, fault: None, identifier: None }
    }

    pub(super) fn seal(&mut self, packet: &TimePacket, random: &mut StdRng) -> Option<Vec<u8>> {
        let request =
            self.association.request(packet, self.refill, &mut |octets| random.fill_bytes(octets))?;
        self.identifier = Some(request.identifier);
        Some(request.datagram)
    }

    pub(super) fn fault_text(&self) -> Option<String> {
        self.fault.map(|fault| fault.to_string())
    }

    pub(super) fn fault_word(&self) -> Option<&'static str> {
        self.fault.map(AnswerFault::word)
    }

    pub(super) fn check(&mut self, datagram: &[u8]) -> bool {
        let Some(identifier) = &self.identifier else { return false };
        match self.association.verify(datagram, identifier) {
            Ok(cookies) => {
                self.association.add_cookies(cookies);
                true
            }
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }
}
