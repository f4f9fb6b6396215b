//! One question to one NTP server, for its keeper: does a request of this kind and this length get an answer?

use super::association::{AnswerFault, Association, IDENTIFIER_LENGTH, Random, Request, Shape};
use crate::wire::nts::extension::{FIELD_HEADER_LENGTH, FieldType, push};
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};
use std::time::Duration;

/// A type of extension field for experiments, which no server knows (RFC 9748 section 2).
const EXPERIMENTAL: FieldType = FieldType(0xf000);

/// What kind of request is sent.
#[derive(Clone, Debug)]
pub enum Question {
    /// A plain request of 48 octets.
    Plain,
    /// A plain request that an extension field makes this many octets long, if that is possible.
    Extended(usize),
    /// An authenticated request.
    Authentic {
        /// The keys and cookies.
        association: Box<Association>,
        /// Octets of padding.
        padding: usize,
        /// Whether a cookie is shown that will be shown again.
        reuse: bool,
    },
}

/// The answer that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its header.
    pub packet: TimePacket,
    /// Its length in octets.
    pub octets: usize,
    /// When the request left, an NTP timestamp of this machine's clock.
    pub sent: u64,
    /// When the answer arrived.
    pub arrived: u64,
    /// How many cookies it brought.
    pub cookies: usize,
}

/// A question under way.
#[derive(Debug)]
pub struct Probe {
    question: Question,
    /// How many more requests may be sent.
    left: usize,
    patience: Duration,
    due: Duration,
    /// The random number, the identifier and the departure of the last request.
    current: Option<(u64, Option<[u8; IDENTIFIER_LENGTH]>, u64)>,
    /// Requests sent.
    pub sent: usize,
    /// The length of the last one in octets.
    pub request_octets: usize,
    /// The answer that counts.
    pub reply: Option<Reply>,
    /// What was wrong with the last answer that does not count.
    pub fault: Option<AnswerFault>,
}

impl Probe {
    /// A question that is asked up to this many times, each time after this long without an answer.
    pub fn new(question: Question, tries: usize, patience: Duration) -> Self {
        Self {
            question,
            left: tries,
            patience,
            due: Duration::ZERO,
            current: None,
            sent: 0,
            request_octets: 0,
            reply: None,
            fault: None,
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_done(&self, now: Duration) -> bool {
        self.reply.is_some() || (self.left == 0 && now >= self.due)
    }

    /// When something is to be done without anything arriving.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.reply.is_none().then_some(self.due)
    }

    /// The keys and cookies, with what the answers brought.
    pub fn into_association(self) -> Option<Association> {
        match self.question {
            Question::Authentic { association, .. } => Some(*association),
            Question::Plain | Question::Extended(_) => None,
        }
    }

    /// Nothing more is expected: no word will come back.
    pub fn give_up(&mut self) {
        (self.left, self.due) = (0, Duration::ZERO);
    }

    /// The next request, if it is due. Without cookies there is none.
    pub fn poll_transmit(&mut self, now: Duration, random: Random<'_>) -> Option<Vec<u8>> {
        if self.reply.is_some() || self.left == 0 || now < self.due {
            return None;
        }
        self.left -= 1;
        self.due = now.saturating_add(self.patience);
        let mut number = [0; 8];
        random(&mut number);
        let number = u64::from_be_bytes(number).max(1);
        let header = TimePacket::request(number);
        let (datagram, identifier) = match &mut self.question {
            Question::Plain => (header.to_bytes(), None),
            Question::Extended(length) => (extended(&header, *length, random), None),
            Question::Authentic { association, padding, reuse } => {
                let shape = Shape { refill: false, padding: *padding };
                let request = if *reuse {
                    association.request_again(&header, *padding, random)
                } else {
                    association.request(&header, shape, random)
                };
                let Some(Request { datagram, identifier }) = request else {
                    self.give_up();
                    return None;
                };
                (datagram, Some(identifier))
            }
        };
        self.current = Some((number, identifier, 0));
        self.sent += 1;
        self.request_octets = datagram.len();
        Some(datagram)
    }

    /// When the last request left, an NTP timestamp.
    pub fn departed(&mut self, stamp: u64) {
        if let Some((_, _, sent)) = &mut self.current {
            *sent = stamp;
        }
    }

    /// Takes in a datagram of the server's that arrived then, an NTP timestamp.
    pub fn handle_datagram(&mut self, datagram: &[u8], arrived: u64) {
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
        self.reply = Some(Reply { packet, octets: datagram.len(), sent, arrived, cookies });
    }
}

/// A request with a field that a server without knowledge of it passes over.
fn extended(header: &TimePacket, length: usize, random: Random<'_>) -> Vec<u8> {
    let mut datagram = header.to_bytes();
    let body = length.saturating_sub(HEADER_LENGTH + FIELD_HEADER_LENGTH);
    let mut identifier = vec![0; body];
    random(&mut identifier);
    push(&mut datagram, EXPERIMENTAL, &identifier);
    datagram
}

/// The search for the greatest length that passes, between one that does and one that does not; in steps of four octets,
/// as extension fields have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthSearch {
    /// The greatest length that is known to pass.
    pub passes: usize,
    /// The least length that is known to vanish.
    pub vanishes: usize,
}

impl LengthSearch {
    /// The length to try next; none if there is nothing in between.
    pub fn next(&self) -> Option<usize> {
        let middle = (self.passes + (self.vanishes.saturating_sub(self.passes)) / 2).next_multiple_of(4);
        [middle, middle.saturating_sub(4)]
            .into_iter()
            .find(|middle| (self.passes + 1..self.vanishes).contains(middle))
    }

    /// Takes in whether a request of this length was answered.
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

    #[test]
    fn a_plain_question_is_asked_again_and_answered_once() {
        let second = Duration::from_secs(1);
        let mut probe = Probe::new(Question::Plain, 2, second);
        let mut random = |octets: &mut [u8]| octets.fill(9);
        assert_eq!(probe.poll_transmit(Duration::ZERO, &mut random).unwrap().len(), 48);
        assert!(probe.poll_transmit(Duration::ZERO, &mut random).is_none());
        assert_eq!(probe.poll_timeout(), Some(second));
        let again = probe.poll_transmit(second, &mut random).unwrap();
        probe.departed(5);
        let asked = TimePacket::parse(&again).unwrap();
        let answer =
            TimePacket { mode: Mode::SERVER, origin_timestamp: asked.transmit_timestamp, ..asked }.to_bytes();
        let foreign = TimePacket { mode: Mode::SERVER, origin_timestamp: 1, ..asked }.to_bytes();
        for nothing in [&foreign, &again, &answer[..40].to_vec()] {
            probe.handle_datagram(nothing, 6);
            assert!(probe.reply.is_none());
        }
        probe.handle_datagram(&answer, 6);
        let reply = probe.reply.unwrap();
        assert_eq!((reply.sent, reply.arrived, reply.octets, probe.sent), (5, 6, 48, 2));
        assert!(probe.is_done(second) && probe.poll_timeout().is_none());
    }

    #[test]
    fn silence_ends_after_the_last_try() {
        let mut probe = Probe::new(Question::Extended(76), 1, Duration::from_secs(1));
        assert_eq!(probe.poll_transmit(Duration::ZERO, &mut |_| ()).unwrap().len(), 76);
        assert!(!probe.is_done(Duration::ZERO) && probe.is_done(Duration::from_secs(1)));
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
