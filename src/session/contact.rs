//! What is known of how a server can be reached, and how long to wait for it: the same for both protocols of
//! questions.
//!
//! When the first sending of the first question stays unanswered, a time request (mode 3) is sent along. Its
//! answer tells that a time server is there which only refuses to be queried; then less patience is needed.

use super::round_trip::RoundTrip;
use crate::wire::packet::TimePacket;
use std::time::Duration;

/// How long a server that gives the time, but was never heard to answer a question, is still asked …
const REFUSAL_PROOF: Duration = Duration::from_millis(1500);
/// … and how often.
const REFUSAL_INTERVAL: Duration = Duration::from_millis(200);

/// How long a question may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// While nothing at all comes from the server.
    pub(super) silence: Duration,
    /// In all, counted from its first sending.
    pub(super) patience: Duration,
    /// How often it is sent at most.
    pub(super) sendings: u32,
}

/// What is known of the way to a server.
#[derive(Debug, Default)]
pub(super) struct Contact {
    round_trip: RoundTrip,
    last_heard: Option<Duration>,
    probe_sent: bool,
    time_server: Option<(TimePacket, Duration)>,
    unmatched: u32,
}

impl Contact {
    /// Notes that something came that belongs to the conversation.
    pub(super) fn note_answer(&mut self, now: Duration) {
        self.last_heard = Some(now);
    }

    /// Notes how long an answer took.
    pub(super) fn note_round_trip(&mut self, sample: Duration) {
        self.round_trip.record(sample);
    }

    /// Notes that something came that answers nothing that was asked.
    pub(super) fn note_stray(&mut self) {
        self.unmatched = self.unmatched.saturating_add(1);
    }

    /// How many such came.
    pub(super) fn unmatched(&self) -> u32 {
        self.unmatched
    }

    /// When anything of the conversation came last.
    pub(super) fn last_heard(&self) -> Option<Duration> {
        self.last_heard
    }

    /// The measured round trip, once there is one.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip.smoothed()
    }

    /// The server that is asked from now on was not spoken to before: what is known is known of another.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// The time request with this cookie, when the server was silent so far and it was not sent yet.
    pub(super) fn probe_due(&mut self, cookie: Option<u64>) -> Option<Vec<u8>> {
        if self.probe_sent || self.last_heard.is_some() {
            return None;
        }
        self.probe_sent = true;
        cookie.map(|cookie| TimePacket::request(cookie).to_bytes())
    }

    /// Whether the time request was sent.
    pub(super) fn was_probed(&self) -> bool {
        self.probe_sent
    }

    /// Takes in a time packet, if it answers the request with this cookie.
    pub(super) fn handle_time(&mut self, datagram: &[u8], cookie: Option<u64>, now: Duration) {
        let Ok(packet) = TimePacket::parse(datagram) else { return };
        if self.probe_sent && cookie == Some(packet.origin_timestamp) {
            self.time_server.get_or_insert((packet, now));
        }
    }

    /// Takes in an answer to somebody else's request for the time, which needs no request of its own then.
    pub(super) fn note_time(&mut self, packet: TimePacket, now: Duration) {
        self.probe_sent = true;
        self.time_server.get_or_insert((packet, now));
    }

    /// The answer to the time request, when one came.
    pub(super) fn time_server(&self) -> Option<&TimePacket> {
        self.time_server.as_ref().map(|(packet, _)| packet)
    }

    /// When a question is given up that was first sent at this instant, and during which something was heard
    /// last at that one.
    pub(super) fn expiry(&self, limits: &Limits, first_sent: Duration, heard: Option<Duration>) -> Duration {
        let heard = heard.map_or(first_sent, |heard| heard.max(first_sent));
        let expiry = (heard + limits.silence).min(first_sent + limits.patience);
        match self.time_only_since() {
            Some(since) => expiry.min(since.max(first_sent) + REFUSAL_PROOF),
            None => expiry,
        }
    }

    /// When a question is sent again that was sent this many times, or of whose answer something came, last at
    /// this instant.
    pub(super) fn resend_at(&self, limits: &Limits, sendings: u32, last: Duration) -> Duration {
        if sendings >= limits.sendings {
            Duration::MAX
        } else if self.time_only_since().is_some() {
            last + REFUSAL_INTERVAL
        } else {
            last + self.round_trip.wait(sendings.saturating_sub(1))
        }
    }

    /// Since when it is known of a server that it gives the time, but nothing else.
    fn time_only_since(&self) -> Option<Duration> {
        self.time_server.as_ref().map(|(_, since)| *since).filter(|_| self.last_heard.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMITS: Limits =
        Limits { silence: Duration::from_secs(5), patience: Duration::from_secs(10), sendings: 3 };

    #[test]
    fn a_question_waits_for_silence_and_no_longer_than_patience() {
        let contact = Contact::default();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND * 6);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(Duration::ZERO)), SECOND * 6);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(SECOND * 3)), SECOND * 8);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(SECOND * 9)), SECOND * 11);
        assert_eq!(contact.resend_at(&LIMITS, 3, SECOND), Duration::MAX);
        assert!(contact.resend_at(&LIMITS, 1, SECOND) < contact.resend_at(&LIMITS, 2, SECOND));
    }

    #[test]
    fn nothing_is_known_of_the_next_address() {
        let mut contact = Contact::default();
        let mut answer = contact.probe_due(Some(7)).unwrap();
        (answer[0], answer[1]) = (0x24, 2);
        answer.copy_within(40..48, 24);
        contact.handle_time(&answer, Some(7), SECOND);
        contact.note_stray();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND + REFUSAL_PROOF);
        contact.restart();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND * 6);
        assert_eq!((contact.time_server(), contact.unmatched()), (None, 0));
        assert!(contact.probe_due(Some(8)).is_some());
    }

    #[test]
    fn one_who_gives_but_the_time_is_soon_given_up() {
        let mut contact = Contact::default();
        let probe = contact.probe_due(Some(7)).unwrap();
        assert_eq!(contact.probe_due(Some(7)), None);
        let mut answer = probe.clone();
        (answer[0], answer[1]) = (0x24, 2);
        answer[24..32].copy_from_slice(&probe[40..48]);
        contact.handle_time(&answer, Some(8), SECOND);
        assert_eq!(contact.time_server(), None);
        contact.handle_time(&answer, Some(7), SECOND);
        assert_eq!(contact.time_server().map(|packet| packet.stratum), Some(2));
        assert_eq!(contact.expiry(&LIMITS, Duration::ZERO, None), SECOND + REFUSAL_PROOF);
        assert_eq!(contact.resend_at(&LIMITS, 2, SECOND), SECOND + REFUSAL_INTERVAL);
        contact.note_answer(SECOND * 2);
        assert_eq!(contact.expiry(&LIMITS, Duration::ZERO, contact.last_heard()), SECOND * 7);
    }
}
