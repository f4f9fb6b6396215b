//! Whether and how a server can be reached, and how long to wait for it; shared by modes 6 and 7.
//!
//! If the first transmission of the first request stays unanswered, a time request (mode 3) is sent along with the
//! next. A reply shows that a time server is there but refuses to be queried, so we need not wait as long.

use super::Unreachable;
use super::round_trip::RoundTrip;
use crate::wire::packet::TimePacket;
use std::ops::ControlFlow;
use std::time::Duration;

/// How often we still ask a server that answers time requests but has never answered a query …
const REFUSAL_PROOF: u32 = 8;
/// … and at what interval: twice the time request's round trip, within these bounds; the longest if it is unknown.
const SHORTEST_REFUSAL_INTERVAL: Duration = Duration::from_millis(75);
const LONGEST_REFUSAL_INTERVAL: Duration = Duration::from_millis(200);

/// Limits on how long a request may wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The longest silence of the server.
    pub(super) silence: Duration,
    /// The longest time in all, counted from the first transmission.
    pub(super) patience: Duration,
    /// The most transmissions.
    pub(super) sendings: u32,
}

/// What a conversation found out about a server beside its answers, which is what there is if there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// Whether any reply to a query was ever received.
    pub heard: bool,
    /// The reply to the time request.
    pub time: Option<TimePacket>,
    /// How many datagrams matched no request, late replies included.
    pub unmatched: u32,
    /// The error number of the last notice that the server cannot be reached, unless it has been heard.
    pub unreachable: Option<i32>,
    /// Whether the server was sent a time request.
    pub was_probed: bool,
}

impl Silence {
    /// What two conversations with one server found out together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            heard: self.heard || other.heard,
            time: self.time.or(other.time),
            unmatched: self.unmatched.saturating_add(other.unmatched),
            unreachable: self.unreachable.or(other.unreachable),
            was_probed: self.was_probed || other.was_probed,
        }
    }
}

/// The time request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Probe {
    /// Not sent yet.
    #[default]
    Possible,
    /// Sent at this time.
    Sent(Duration),
    /// Another session sent its own.
    Needless,
}

/// A server that has answered a time request.
#[derive(Debug)]
struct TimeServer {
    packet: TimePacket,
    since: Duration,
    /// At what interval to go on with our queries.
    interval: Duration,
}

/// The state of the path to a server.
#[derive(Debug, Default)]
pub(super) struct Contact {
    round_trip: RoundTrip,
    last_heard: Option<Duration>,
    probe: Probe,
    time_server: Option<TimeServer>,
    unmatched: u32,
    unreachable: Option<i32>,
}

impl Contact {
    /// Records that a datagram of the conversation arrived.
    pub(super) fn note_answer(&mut self, now: Duration) {
        self.last_heard = Some(now);
    }

    /// Records how long an answer took.
    pub(super) fn note_round_trip(&mut self, sample: Duration) {
        self.round_trip.record(sample);
    }

    /// Records a datagram that matches no request.
    pub(super) fn note_stray(&mut self) {
        self.unmatched = self.unmatched.saturating_add(1);
    }

    /// Records a notice that the server cannot be reached; returns whether the conversation can go on nevertheless.
    pub(super) fn note_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        if !notice.is_hint() {
            return ControlFlow::Break(());
        }
        self.unreachable = notice.error.error().raw_os_error().or(self.unreachable);
        ControlFlow::Continue(())
    }

    /// What is known by now. Without a cookie no time request was sent.
    pub(super) fn silence(&self, cookie: Option<u64>) -> Silence {
        let heard = self.last_heard.is_some();
        let time = self.time_server.as_ref().map(|server| server.packet);
        Silence {
            heard,
            time,
            unmatched: self.unmatched,
            unreachable: self.unreachable.filter(|_| !heard && time.is_none()),
            was_probed: self.probe != Probe::Possible && cookie.is_some(),
        }
    }

    /// When a datagram of the conversation last arrived.
    pub(super) fn last_heard(&self) -> Option<Duration> {
        self.last_heard
    }

    /// The measured round trip, if any.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip.smoothed()
    }

    /// Resets the per-server state after switching to another address.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Returns the time request with this cookie if it is due: the server has been silent so far, and it has not been
    /// sent yet.
    pub(super) fn probe_due(&mut self, cookie: Option<u64>, now: Duration) -> Option<Vec<u8>> {
        if self.probe != Probe::Possible || self.last_heard.is_some() {
            return None;
        }
        self.probe = Probe::Sent(now);
        cookie.map(|cookie| TimePacket::request(cookie).to_bytes())
    }

    /// Processes a time packet that may answer the request with this cookie.
    pub(super) fn handle_time(&mut self, datagram: &[u8], cookie: Option<u64>, now: Duration) {
        let Ok(packet) = TimePacket::parse(datagram) else { return };
        if let Probe::Sent(at) = self.probe
            && cookie == Some(packet.origin_timestamp)
        {
            let interval = refusal_interval(now.saturating_sub(at));
            self.time_server.get_or_insert(TimeServer { packet, since: now, interval });
        }
    }

    /// Records a reply to somebody else's time request, which took so long; none of our own is needed then.
    pub(super) fn note_time(&mut self, packet: TimePacket, round_trip: Duration, now: Duration) {
        self.probe = Probe::Needless;
        let interval = refusal_interval(round_trip);
        self.time_server.get_or_insert(TimeServer { packet, since: now, interval });
    }

    /// When to give up on a request that was first sent at `first_sent`, if the server was last heard at `heard`.
    pub(super) fn expiry(&self, limits: &Limits, first_sent: Duration, heard: Option<Duration>) -> Duration {
        let heard = heard.map_or(first_sent, |heard| heard.max(first_sent));
        let expiry = (heard + limits.silence).min(first_sent + limits.patience);
        match self.refusing() {
            Some(server) => expiry.min(server.since.max(first_sent) + server.interval * REFUSAL_PROOF),
            None => expiry,
        }
    }

    /// When to resend a request that was sent `sendings` times and last sent, or last partly answered, at `last`.
    pub(super) fn resend_at(&self, limits: &Limits, sendings: u32, last: Duration) -> Duration {
        if sendings >= limits.sendings {
            Duration::MAX
        } else if let Some(server) = self.refusing() {
            last + server.interval
        } else {
            last + self.round_trip.wait(sendings.saturating_sub(1))
        }
    }

    /// The server, if it answers time requests only.
    fn refusing(&self) -> Option<&TimeServer> {
        self.time_server.as_ref().filter(|_| self.last_heard.is_none())
    }
}

/// At what interval to go on with our queries, if a time request took so long.
fn refusal_interval(round_trip: Duration) -> Duration {
    round_trip.saturating_mul(2).clamp(SHORTEST_REFUSAL_INTERVAL, LONGEST_REFUSAL_INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const MS: fn(u64) -> Duration = Duration::from_millis;
    const ROUND_TRIP: Duration = Duration::from_millis(80);
    const ASKED: Duration = Duration::from_millis(920);
    const LIMITS: Limits =
        Limits { silence: Duration::from_secs(5), patience: Duration::from_secs(10), sendings: 3 };

    /// The reply of a stratum 2 server to a time request.
    fn answer_to(mut request: Vec<u8>) -> Vec<u8> {
        (request[0], request[1]) = (0x24, 2);
        request.copy_within(40..48, 24);
        request
    }

    #[test]
    fn a_request_waits_out_the_silence_but_no_longer_than_the_patience() {
        let contact = Contact::default();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND * 6);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(Duration::ZERO)), SECOND * 6);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(SECOND * 3)), SECOND * 8);
        assert_eq!(contact.expiry(&LIMITS, SECOND, Some(SECOND * 9)), SECOND * 11);
        assert_eq!(contact.resend_at(&LIMITS, 3, SECOND), Duration::MAX);
        assert!(contact.resend_at(&LIMITS, 1, SECOND) < contact.resend_at(&LIMITS, 2, SECOND));
    }

    #[test]
    fn the_next_address_starts_afresh() {
        let mut contact = Contact::default();
        let answer = answer_to(contact.probe_due(Some(7), ASKED).unwrap());
        contact.handle_time(&answer, Some(7), SECOND);
        contact.note_stray();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND + ROUND_TRIP * 2 * REFUSAL_PROOF);
        contact.restart();
        assert_eq!(contact.expiry(&LIMITS, SECOND, None), SECOND * 6);
        assert_eq!(contact.silence(Some(7)), Silence::default());
        assert!(contact.probe_due(Some(8), SECOND).is_some());
    }

    #[test]
    fn two_conversations_complement_one_another() {
        let one = Silence { unmatched: 2, unreachable: Some(113), ..Silence::default() };
        let other = Silence { unmatched: 3, unreachable: Some(101), was_probed: true, ..Silence::default() };
        let both = Silence { unmatched: 5, unreachable: Some(113), was_probed: true, ..Silence::default() };
        assert_eq!(one.with(other), both);
        let (heard, time) = (true, TimePacket::parse(&[0x24; 48]).ok());
        assert!(time.is_some());
        assert_eq!(one.with(Silence { heard, time, ..Silence::default() }), Silence { heard, time, ..one });
    }

    #[test]
    fn a_server_that_only_answers_time_requests_is_given_up_early() {
        let mut contact = Contact::default();
        let answer = answer_to(contact.probe_due(Some(7), ASKED).unwrap());
        assert_eq!(contact.probe_due(Some(7), SECOND), None);
        contact.handle_time(&answer, Some(8), SECOND);
        assert_eq!(contact.silence(Some(7)).time, None);
        contact.handle_time(&answer, Some(7), SECOND);
        assert_eq!(contact.silence(Some(7)).time.map(|packet| packet.stratum), Some(2));
        assert_eq!(contact.expiry(&LIMITS, Duration::ZERO, None), SECOND + ROUND_TRIP * 2 * REFUSAL_PROOF);
        assert_eq!(contact.resend_at(&LIMITS, 2, SECOND), SECOND + ROUND_TRIP * 2);
        contact.note_answer(SECOND * 2);
        assert_eq!(contact.expiry(&LIMITS, Duration::ZERO, contact.last_heard()), SECOND * 7);
    }

    #[test]
    fn the_proof_of_a_refusal_takes_as_long_as_the_path() {
        for (round_trip, interval) in [(1, 75), (40, 80), (90, 180), (900, 200)].map(|(a, b)| (MS(a), MS(b)))
        {
            let mut contact = Contact::default();
            let answer = answer_to(contact.probe_due(Some(7), SECOND).unwrap());
            let at = SECOND + round_trip;
            contact.handle_time(&answer, Some(7), at);
            assert_eq!(contact.expiry(&LIMITS, Duration::ZERO, None), at + interval * 8, "{round_trip:?}");
            assert_eq!(contact.resend_at(&LIMITS, 2, at), at + interval, "{round_trip:?}");
        }
    }
}
