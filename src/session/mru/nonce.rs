//! Nonces: renewed in time, and also a clue to the daemon's clock.

use super::MruSession;
use super::ask::Ask;
use super::fault::Fault;
use crate::session::Transmit;
use crate::wire::AssociationId;
use crate::wire::control::{Header, Message, Opcode};
use crate::wire::timestamp::NtpTimestamp;
use std::time::Duration;

/// A daemon accepts a nonce for 16 s; we request a new one before that.
const NONCE_LIFE: Duration = Duration::from_secs(10);

impl MruSession {
    /// The daemon's clock when it was last heard, if known.
    pub fn present(&self) -> Option<NtpTimestamp> {
        let (NtpTimestamp(stamp), at) = self.clock?;
        let passed = self.flow.last_heard.saturating_sub(at);
        let fraction = (u64::from(passed.subsec_nanos()) << 32) / 1_000_000_000;
        Some(NtpTimestamp(stamp.wrapping_add(passed.as_secs() << 32).wrapping_add(fraction)))
    }

    /// Returns a request for a new nonce, if one is due.
    pub(super) fn nonce_request(&mut self, now: Duration) -> Option<Transmit> {
        let attempts = match self.nonce_ask {
            Some((_, at, attempts)) if at + self.flow.round_trip.wait(attempts) <= now => attempts + 1,
            None if self.nonce_wanted || now.saturating_sub(self.nonce_at) >= NONCE_LIFE => 0,
            _ => return None,
        };
        self.nonce_wanted = false;
        let sequence = self.unused_sequence();
        self.nonce_ask = Some((sequence, now, attempts));
        let version = self.config.version;
        let header = Header::request(Opcode::REQUEST_NONCE, AssociationId::SYSTEM, sequence, version);
        Some(Transmit::new(self.sealed(header.encode(b""))))
    }

    pub(super) fn handle_nonce(&mut self, message: &Message<'_>, now: Duration) {
        if self.nonce_ask.is_none_or(|(sequence, ..)| sequence != message.header.sequence) {
            return;
        }
        self.nonce_ask = None;
        if message.header.error {
            return self.finish(Some(Fault::Refused(message.header.error_code())));
        }
        let text = message.data.trim_ascii();
        if let Some(nonce) = text.strip_prefix(b"nonce=") {
            self.take_nonce(nonce, now);
            // Requests with the old one may never be answered.
            self.asks.iter_mut().for_each(Ask::hurry);
        }
    }

    /// Stores a nonce. Its first half reveals the daemon's time.
    pub(super) fn take_nonce(&mut self, nonce: &[u8], now: Duration) {
        let fit = (1..=64).contains(&nonce.len()) && nonce.iter().all(u8::is_ascii_alphanumeric);
        let Some(nonce) = std::str::from_utf8(nonce).ok().filter(|_| fit) else { return };
        nonce.clone_into(&mut self.nonce);
        self.nonce_at = now;
        let stamp = nonce.get(..16).filter(|_| nonce.len() == 24);
        if let Some(stamp) = stamp.and_then(|digits| u64::from_str_radix(digits, 16).ok()) {
            self.clock = Some((NtpTimestamp(stamp), now));
        }
    }

    /// The second that the daemon's clock shows, if known.
    pub(super) fn daemon_second(&self, now: Duration) -> Option<u32> {
        let (stamp, at) = self.clock?;
        let passed = u32::try_from(now.saturating_sub(at).as_secs()).unwrap_or(u32::MAX);
        Some(stamp.seconds().wrapping_add(passed))
    }
}
