//! A diagnostic request to one NTP server: does a request of this kind and length get a reply?

use super::association::{AnswerFault, Association, Filler, IDENTIFIER_LENGTH, Random, Request};
use crate::session::{Departure, PathError, Received, Seed, Session, Transmit, Unreachable};
use crate::wire::nts::extension::{FIELD_HEADER_LENGTH, FieldType, push};
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

/// An experimental type of extension field, which no server knows (RFC 9748 section 2).
const EXPERIMENTAL: FieldType = FieldType(0xf000);

/// The kind of request to send.
#[derive(Clone, Debug)]
pub enum Question {
    /// A plain request of 48 octets.
    Plain,
    /// A plain request padded by an extension field to this many octets, if possible.
    Extended(usize),
    /// An authenticated request.
    Authentic {
        /// The keys and cookies.
        association: Box<Association>,
        /// To show a cookie without using it up: how to lengthen the request.
        again: Option<Filler>,
    },
}

/// The reply that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its header.
    pub packet: TimePacket,
    /// Its length in octets.
    pub octets: usize,
    /// When the request left, an NTP timestamp of this machine's clock.
    pub sent: u64,
    /// When the reply arrived.
    pub arrived: u64,
    /// The number of cookies in it.
    pub cookies: usize,
}

/// A running probe.
#[derive(Debug)]
pub struct Probe {
    question: Question,
    /// How many more requests may be sent.
    left: usize,
    patience: Duration,
    due: Duration,
    /// Whether the last attempt has timed out.
    is_over: bool,
    random: StdRng,
    /// The random number, the identifier and the departure time of the last request.
    current: Option<(u64, Option<[u8; IDENTIFIER_LENGTH]>, u64)>,
    /// Requests sent.
    pub sent: usize,
    /// Length of the last request in octets.
    pub request_octets: usize,
    /// The reply that counts.
    pub reply: Option<Reply>,
    /// What was wrong with the last reply that did not count.
    pub fault: Option<AnswerFault>,
    /// Why a request could not be delivered.
    pub error: Option<io::Error>,
}

impl Probe {
    /// Creates a probe that sends up to this many requests, waiting this long for each reply.
    pub fn new(question: Question, tries: usize, patience: Duration, seed: Seed) -> Self {
        Self {
            question,
            left: tries,
            patience,
            due: Duration::ZERO,
            is_over: false,
            random: StdRng::from_seed(seed),
            current: None,
            sent: 0,
            request_octets: 0,
            reply: None,
            fault: None,
            error: None,
        }
    }

    /// Returns the keys and cookies, including cookies from the replies.
    pub fn into_association(self) -> Option<Association> {
        match self.question {
            Question::Authentic { association, .. } => Some(*association),
            Question::Plain | Question::Extended(_) => None,
        }
    }

    /// Returns the next request. `None` if there is no cookie.
    fn request(&mut self) -> Option<Vec<u8>> {
        let random: Random<'_> = &mut |octets: &mut [u8]| self.random.fill_bytes(octets);
        let mut number = [0; 8];
        random(&mut number);
        let number = u64::from_be_bytes(number).max(1);
        let header = TimePacket::request(number);
        let (datagram, identifier) = match &mut self.question {
            Question::Plain => (header.to_bytes(), None),
            Question::Extended(length) => (extended(&header, *length, random), None),
            Question::Authentic { association, again } => {
                let request = match again {
                    Some(filler) => association.request_again(&header, *filler, random),
                    None => association.request(&header, false, random),
                };
                let Request { datagram, identifier } = request?;
                (datagram, Some(identifier))
            }
        };
        self.current = Some((number, identifier, 0));
        self.sent += 1;
        self.request_octets = datagram.len();
        Some(datagram)
    }
}

impl Session for Probe {
    /// The results are fields of the probe itself.
    type Event = ();

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if self.is_done() || self.left == 0 || now < self.due {
            return None;
        }
        self.left -= 1;
        self.due = now.saturating_add(self.patience);
        let request = self.request();
        if request.is_none() {
            self.give_up();
        }
        request.map(Transmit::new)
    }

    fn handle(&mut self, received: &Received<'_>) {
        let (datagram, Some(arrived)) = (received.payload, received.stamp) else { return };
        let Some((number, identifier, sent)) = self.current else { return };
        let Ok(packet) = TimePacket::parse(datagram) else { return };
        if self.reply.is_some() || packet.mode != Mode::SERVER || packet.origin_timestamp != number {
            return;
        }
        let mut cookies = 0;
        if let (Some(identifier), Question::Authentic { association, .. }) = (identifier, &mut self.question)
        {
            match association.verify(datagram, &identifier) {
                Ok(brought) => {
                    cookies = brought.len();
                    association.add_cookies(brought);
                }
                Err(fault) => {
                    self.fault = Some(fault);
                    return;
                }
            }
        }
        self.reply = Some(Reply { packet, octets: datagram.len(), sent, arrived: arrived.0, cookies });
    }

    fn handle_departure(&mut self, departure: &Departure<'_>) {
        if let Some((_, _, sent)) = &mut self.current {
            *sent = departure.stamp.0;
        }
    }

    /// The next attempt may still succeed.
    fn handle_unreachable(&mut self, notice: &Unreachable<'_>) -> ControlFlow<()> {
        self.error = Some(notice.error.copied());
        if matches!(notice.error, PathError::Open(_)) {
            self.give_up();
        }
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        (!self.is_done()).then_some(self.due)
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.is_over |= self.left == 0 && now >= self.due;
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn is_done(&self) -> bool {
        self.reply.is_some() || self.is_over
    }

    fn give_up(&mut self) {
        self.is_over = true;
    }
}

/// Builds a request with an extension field that a server ignores if it does not know it.
fn extended(header: &TimePacket, length: usize, random: Random<'_>) -> Vec<u8> {
    let mut datagram = header.to_bytes();
    let body = length.saturating_sub(HEADER_LENGTH + FIELD_HEADER_LENGTH);
    let mut identifier = vec![0; body];
    random(&mut identifier);
    push(&mut datagram, EXPERIMENTAL, &identifier);
    datagram
}

/// A binary search for the greatest length that gets through, in steps of four octets (the granularity of extension
/// fields).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthSearch {
    /// The greatest length known to get through.
    pub passes: usize,
    /// The smallest length known to be dropped.
    pub vanishes: usize,
}

impl LengthSearch {
    /// Returns the length to try next; `None` if there is nothing in between.
    pub fn next(&self) -> Option<usize> {
        let middle = (self.passes + (self.vanishes.saturating_sub(self.passes)) / 2).next_multiple_of(4);
        [middle, middle.saturating_sub(4)]
            .into_iter()
            .find(|middle| (self.passes + 1..self.vanishes).contains(middle))
    }

    /// Records whether a request of this length was answered.
    pub fn note(&mut self, length: usize, answered: bool) {
        if answered {
            self.passes = self.passes.max(length);
        } else {
            self.vanishes = self.vanishes.min(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::timestamp::NtpTimestamp;

    const SECOND: Duration = Duration::from_secs(1);

    /// Delivers a datagram that arrived at 6.
    fn hear(probe: &mut Probe, datagram: &[u8]) {
        probe.handle(&Received { stamp: Some(NtpTimestamp(6)), ..Received::new(datagram, SECOND) });
    }

    #[test]
    fn a_plain_request_is_resent_and_answered_once() {
        let mut probe = Probe::new(Question::Plain, 2, SECOND, [9; 32]);
        assert_eq!(probe.poll_transmit(Duration::ZERO).unwrap().payload.len(), 48);
        assert!(probe.poll_transmit(Duration::ZERO).is_none());
        assert_eq!(probe.poll_timeout(), Some(SECOND));
        let again = probe.poll_transmit(SECOND).unwrap().payload;
        probe.handle_departure(&Departure { payload: &again, stamp: NtpTimestamp(5) });
        let asked = TimePacket::parse(&again).unwrap();
        let answer =
            TimePacket { mode: Mode::SERVER, origin_timestamp: asked.transmit_timestamp, ..asked }.to_bytes();
        let foreign = TimePacket { mode: Mode::SERVER, origin_timestamp: 1, ..asked }.to_bytes();
        for nothing in [&foreign, &again, &answer[..40].to_vec()] {
            hear(&mut probe, nothing);
            assert!(probe.reply.is_none());
        }
        hear(&mut probe, &answer);
        let reply = probe.reply.unwrap();
        assert_eq!((reply.sent, reply.arrived, reply.octets, probe.sent), (5, 6, 48, 2));
        assert!(probe.is_done() && probe.poll_timeout().is_none());
    }

    #[test]
    fn silence_ends_after_the_last_attempt() {
        let mut probe = Probe::new(Question::Extended(76), 1, SECOND, [9; 32]);
        assert_eq!(probe.poll_transmit(Duration::ZERO).unwrap().payload.len(), 76);
        probe.handle_timeout(Duration::ZERO);
        assert!(!probe.is_done());
        probe.handle_timeout(SECOND);
        assert!(probe.is_done());
    }

    #[test]
    fn after_a_refusal_the_next_attempt_is_still_made() {
        let mut probe = Probe::new(Question::Plain, 2, SECOND, [9; 32]);
        probe.poll_transmit(Duration::ZERO).unwrap();
        let refused = PathError::Read(io::ErrorKind::ConnectionRefused.into());
        let notice = Unreachable { to: None, payload: &[], error: &refused };
        assert!(probe.handle_unreachable(&notice).is_continue() && !probe.is_done());
        assert_eq!(probe.error.as_ref().unwrap().kind(), io::ErrorKind::ConnectionRefused);
        assert!(probe.poll_transmit(SECOND).is_some());
        let shut = PathError::Open(io::ErrorKind::AddrNotAvailable.into());
        let notice = Unreachable { to: None, payload: &[], error: &shut };
        assert!(probe.handle_unreachable(&notice).is_continue() && probe.is_done());
    }

    #[test]
    fn the_search_ends_at_the_limit() {
        for limit in (48..1200).step_by(4) {
            let mut search = LengthSearch { passes: 48, vanishes: 1200 };
            let mut tries = 0;
            while let Some(length) = search.next() {
                search.note(length, length <= limit);
                tries += 1;
            }
            assert!(tries <= 10, "{tries}");
            assert_eq!(search, LengthSearch { passes: limit, vanishes: limit + 4 });
        }
        assert_eq!(LengthSearch { passes: 226, vanishes: 228 }.next(), None);
    }
}
