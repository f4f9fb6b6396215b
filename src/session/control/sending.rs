//! Outgoing requests: each transmission has its own sequence number.

use super::{ControlSession, RequestId, Sending};
use crate::auth::control::seal;
use crate::session::Transmit;
use crate::session::reassembly::Reassembly;
use crate::wire::control::Header;
use std::time::Duration;

impl ControlSession {
    /// Resends all waiting requests at once, and the time request, if any.
    pub fn repeat(&mut self) {
        for id in &self.in_flight {
            if let Some(state) = self.requests.get_mut(id) {
                state.hurry = true;
            }
        }
    }

    /// Returns a waiting request whose reply is overdue.
    pub(super) fn due(&self, now: Duration) -> Option<RequestId> {
        self.waiting().find(|(_, state)| self.resend_at(state) <= now).map(|(id, _)| id)
    }

    pub(super) fn send(&mut self, id: RequestId, now: Duration) -> Option<Transmit> {
        let sequence = self.unused_sequence()?;
        let state = self.requests.get_mut(&id)?;
        state.last_sent = now;
        state.hurry = false;
        state.sendings += 1;
        state.sequences.push(sequence);
        let request = &state.request;
        let header = Header::request(request.opcode, request.association, sequence, self.config.version);
        let mut packet = header.encode(&request.data);
        if let Some(key) = &request.key {
            packet = seal(key, packet);
        }
        let sending = Sending {
            request: id,
            at: now,
            reassembly: Reassembly::default(),
            unverified: Reassembly::default(),
        };
        self.sendings.insert(sequence, Box::new(sending));
        Some(Transmit::new(packet))
    }

    /// Returns the next sequence number not in flight.
    fn unused_sequence(&mut self) -> Option<u16> {
        (0..=u16::MAX).find_map(|_| {
            let sequence = self.next_sequence;
            self.next_sequence = sequence.wrapping_add(1);
            (!self.sendings.contains_key(&sequence)).then_some(sequence)
        })
    }
}
