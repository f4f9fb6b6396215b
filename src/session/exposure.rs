//! What a server answers to strangers: one question of each kind, and the octets that come back.
//!
//! A server that answers a short request with a long reply can be used to flood others: the attacker forges the sender's
//! address. The measure is the amplification, octets received for each octet sent. Every question is asked once and never
//! repeated, at the pace that all conversations of a run share.

#[cfg(test)]
mod tests;

use super::{Received, Seed, Session, Transmit, Unreachable};
use crate::wire::AssociationId;
use crate::wire::chrony;
use crate::wire::control::{self, DEFAULT_VERSION, Opcode};
use crate::wire::mode7::{self, Implementation, RequestCode};
use crate::wire::packet::{Mode, TimePacket};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

/// The wait for the next datagram of an answer.
const QUIET: Duration = Duration::from_secs(1);
/// The longest wait after the last request, however much still arrives.
const LONGEST: Duration = Duration::from_secs(5);
/// The maximum number of octets counted for one question; a server that sends more is not listened to any longer.
const MAX_OCTETS: u64 = 1 << 20;
/// The most fragments that daemons send for one request of recent clients.
const MAX_FRAGMENTS: u8 = 128;
/// The maximum length of a nonce in octets.
const MAX_NONCE_LENGTH: usize = 64;
/// Mode 7 request code of `monlist`.
const MONLIST: RequestCode = RequestCode::MON_LIST_1;

/// A kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The time (mode 3): what a server is for.
    Time,
    /// The system variables (mode 6, READVAR).
    Variables,
    /// The list of recent clients (mode 6, operation 10). It needs a nonce, which forged addresses cannot obtain.
    Clients,
    /// The system information (mode 7).
    SystemInformation,
    /// The list of recent clients (mode 7, `monlist`), the request of the attacks of 2013 (CVE-2013-5211).
    Monlist,
    /// The state of the clock in chronyd's command protocol.
    Tracking,
}

impl Question {
    /// All questions, in the order in which they are asked.
    pub const ALL: [Self; 6] =
        [Self::Time, Self::Variables, Self::Clients, Self::SystemInformation, Self::Monlist, Self::Tracking];
}

/// How a server treated a question; the greater, the more it gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Treatment {
    /// It did not answer.
    Silent,
    /// It answered with an error, or with no more than the nonce that a further request needs.
    Refused,
    /// It answered.
    Answered,
}

/// The outcome of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// How it was treated.
    pub treatment: Treatment,
    /// Octets sent, UDP payload only.
    pub sent: u64,
    /// Octets received, UDP payload only.
    pub received: u64,
    /// Datagrams received.
    pub datagrams: u32,
}

impl Answer {
    fn new(question: Question) -> Self {
        Self { question, treatment: Treatment::Silent, sent: 0, received: 0, datagrams: 0 }
    }

    /// Octets received for each octet sent; `None` if nothing was sent.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn amplification(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.received as f64 / self.sent as f64)
    }
}

/// The pace shared by all conversations of a run: the interval between any two requests.
#[derive(Clone, Debug)]
pub struct Pace {
    next: Rc<Cell<Duration>>,
    interval: Duration,
}

impl Pace {
    /// A pace with this interval.
    pub fn new(interval: Duration) -> Self {
        Self { next: Rc::default(), interval }
    }

    /// Takes the turn that is due at this instant, if there is one.
    fn take(&self, now: Duration) -> bool {
        let is_due = self.next.get() <= now;
        if is_due {
            self.next.set(now.saturating_add(self.interval));
        }
        is_due
    }
}

/// A request that is still to be sent.
#[derive(Clone, Debug)]
enum Step {
    Ask(Question),
    /// The request for the list of clients, with this nonce.
    List(Vec<u8>),
}

/// The conversation with one server.
#[derive(Debug)]
pub struct ExposureSession {
    server: SocketAddr,
    /// Where chronyd's command protocol is spoken.
    command: SocketAddr,
    pace: Pace,
    steps: VecDeque<Step>,
    answers: Vec<Answer>,
    /// The transmit timestamp of the time request.
    cookie: u64,
    /// The sequence numbers of the mode 6 requests: variables, nonce, list of clients.
    sequences: [u16; 3],
    /// The sequence number of the request to chronyd.
    command_sequence: u32,
    has_nonce: bool,
    last_sent: Duration,
    last_heard: Duration,
    fault: Option<io::Error>,
    is_over: bool,
}

impl ExposureSession {
    /// A conversation with the server at this address, and with chronyd's command protocol at this port of it. The seed must
    /// be unpredictable.
    pub fn new(server: SocketAddr, command_port: u16, pace: Pace, seed: Seed, now: Duration) -> Self {
        let mut random = StdRng::from_seed(seed);
        let first: u16 = random.random();
        Self {
            server,
            command: SocketAddr::new(server.ip(), command_port),
            pace,
            steps: Question::ALL.map(Step::Ask).into(),
            answers: Question::ALL.map(Answer::new).into(),
            cookie: random.random(),
            sequences: [first, first.wrapping_add(1), first.wrapping_add(2)],
            command_sequence: random.random(),
            has_nonce: false,
            last_sent: now,
            last_heard: now,
            fault: None,
            is_over: false,
        }
    }

    /// The answers, in the order of the questions, and why nothing could be sent to the server's NTP port or received from it.
    pub fn into_answers(self) -> (Vec<Answer>, Option<io::Error>) {
        (self.answers, self.fault)
    }

    fn answer(&mut self, question: Question) -> Option<&mut Answer> {
        self.answers.iter_mut().find(|answer| answer.question == question)
    }

    /// The request of a step, its recipient, and the question it belongs to.
    fn request(&self, step: &Step) -> (Question, SocketAddr, Vec<u8>) {
        let [variables, nonce, clients] = self.sequences;
        let control = |opcode, sequence, data: &[u8]| {
            control::Header::request(opcode, AssociationId::SYSTEM, sequence, DEFAULT_VERSION).encode(data)
        };
        let mode7 = |code| mode7::Header::request(Implementation::CURRENT, code).encode(&[]);
        match step {
            Step::Ask(question) => {
                let payload = match question {
                    Question::Time => TimePacket::request(self.cookie).to_bytes(),
                    Question::Variables => control(Opcode::READ_VARIABLES, variables, b""),
                    Question::Clients => control(Opcode::REQUEST_NONCE, nonce, b""),
                    Question::SystemInformation => mode7(RequestCode::SYS_INFO),
                    Question::Monlist => mode7(MONLIST),
                    Question::Tracking => chrony::Request::Tracking.encode(self.command_sequence, 0),
                };
                let to = if *question == Question::Tracking { self.command } else { self.server };
                (*question, to, payload)
            }
            Step::List(nonce) => {
                let data =
                    [b"nonce=", nonce.as_slice(), format!(", frags={MAX_FRAGMENTS}").as_bytes()].concat();
                (Question::Clients, self.server, control(Opcode::READ_MRU, clients, &data))
            }
        }
    }

    /// The question that a datagram from the server answers, and how.
    fn recognise(&self, payload: &[u8]) -> Option<(Question, Treatment)> {
        let treatment = |is_refusal| if is_refusal { Treatment::Refused } else { Treatment::Answered };
        match payload.first()? & 7 {
            6 => {
                let header = control::Header::peek(payload).filter(|header| header.response)?;
                let place = self.sequences.iter().position(|sequence| *sequence == header.sequence)?;
                let (question, opcode) = match place {
                    0 => (Question::Variables, Opcode::READ_VARIABLES),
                    1 => (Question::Clients, Opcode::REQUEST_NONCE),
                    _ => (Question::Clients, Opcode::READ_MRU),
                };
                (header.opcode == opcode).then_some((question, treatment(header.error)))
            }
            7 => {
                let header = mode7::Message::parse(payload).ok()?.header;
                let question = match header.request {
                    RequestCode::SYS_INFO => Question::SystemInformation,
                    MONLIST => Question::Monlist,
                    _ => return None,
                };
                header.response.then(|| (question, treatment(header.error != mode7::ErrorCode::OKAY)))
            }
            _ => {
                let packet = TimePacket::parse(payload).ok()?;
                let is_reply = packet.mode == Mode::SERVER && packet.origin_timestamp == self.cookie;
                // A kiss-o'-death (RFC 5905 section 7.4); chronyd without the time also sends stratum 0.
                let is_kiss = packet.stratum == 0 && packet.reference_id.iter().all(u8::is_ascii_uppercase);
                is_reply.then(|| (Question::Time, treatment(is_kiss)))
            }
        }
    }

    fn was_sent(&self, question: Question) -> bool {
        self.answers.iter().any(|answer| answer.question == question && answer.sent > 0)
    }

    /// When the conversation ends if nothing more arrives.
    fn end(&self) -> Duration {
        let quiet = self.last_sent.max(self.last_heard).saturating_add(QUIET);
        quiet.min(self.last_sent.saturating_add(LONGEST))
    }
}

/// The nonce in a reply.
fn nonce_of(payload: &[u8]) -> Option<Vec<u8>> {
    let message = control::Message::parse(payload).ok()?;
    let is_nonce = message.header.opcode == Opcode::REQUEST_NONCE && !message.header.error;
    let nonce = message.data.trim_ascii().strip_prefix(b"nonce=").filter(|_| is_nonce)?;
    let is_valid =
        (1..=MAX_NONCE_LENGTH).contains(&nonce.len()) && nonce.iter().all(u8::is_ascii_alphanumeric);
    is_valid.then(|| nonce.to_vec())
}

impl Session for ExposureSession {
    type Event = Infallible;

    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        if self.is_over || self.steps.is_empty() || !self.pace.take(now) {
            return None;
        }
        let step = self.steps.pop_front()?;
        let (question, to, payload) = self.request(&step);
        let octets = payload.len() as u64;
        if let Some(answer) = self.answer(question) {
            answer.sent += octets;
        }
        self.last_sent = now;
        Some(Transmit { to: Some(to), payload })
    }

    fn handle(&mut self, received: &Received<'_>) {
        if self.is_over {
            return;
        }
        let payload = received.payload;
        let found = if received.from == Some(self.command) && self.command != self.server {
            chrony::Reply::parse(payload, chrony::Request::Tracking, &[self.command_sequence]).map(|reply| {
                let is_answer = reply.status == chrony::Status::SUCCESS;
                (Question::Tracking, if is_answer { Treatment::Answered } else { Treatment::Refused })
            })
        } else if received.from == Some(self.server) {
            self.recognise(payload)
        } else {
            None
        };
        let Some((question, treatment)) = found.filter(|(question, _)| self.was_sent(*question)) else {
            return;
        };
        let nonce = nonce_of(payload);
        if let Some(answer) = self.answer(question) {
            answer.received = answer.received.saturating_add(payload.len() as u64);
            answer.datagrams = answer.datagrams.saturating_add(1);
            let treatment = if nonce.is_some() { Treatment::Refused } else { treatment };
            answer.treatment = answer.treatment.max(treatment);
            let is_flood = answer.received > MAX_OCTETS;
            self.is_over |= is_flood;
        }
        if let Some(nonce) = nonce.filter(|_| !self.has_nonce) {
            self.has_nonce = true;
            self.steps.push_front(Step::List(nonce));
        }
        self.last_heard = received.at;
    }

    /// chronyd's port may be closed while the other answers, and the other way round.
    fn handle_unreachable(&mut self, word: &Unreachable<'_>) -> ControlFlow<()> {
        let concerns_server = word.to.is_none_or(|to| to == self.server);
        let heard =
            self.answers.iter().any(|answer| answer.datagrams > 0 && answer.question != Question::Tracking);
        if concerns_server && !heard {
            self.fault.get_or_insert_with(|| word.error.copied());
            // Nothing else is there to be asked but chronyd.
            self.steps.retain(|step| matches!(step, Step::Ask(Question::Tracking)));
        }
        ControlFlow::Continue(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        Some(if self.steps.is_empty() { self.end() } else { self.pace.next.get() })
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.is_over |= self.steps.is_empty() && self.end() <= now;
    }

    fn poll_event(&mut self) -> Option<Infallible> {
        None
    }

    fn is_done(&self) -> bool {
        self.is_over
    }

    fn give_up(&mut self) {
        self.is_over = true;
    }
}
