//! The health of a daemon that speaks mode 6, obtained with a single request.

use super::failure::{Cause, Failure};
use crate::client::conversation::config;
use crate::client::diagnosis::Diagnosis;
use crate::client::system_error::SystemError;
use crate::clock::monotonic;
use crate::model::health::{Health, Reader};
use crate::net::epoll::Epoll;
use crate::net::sockets::Sockets;
use crate::session::control::{Acceptance, Failure as Silence, Outcome, Request};
use crate::session::drive::{Driver, Token, Watch};
use crate::session::inquiry::{Inquiry, Question};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

/// The variables to request.
const VARIABLES: &[u8] = b"leap,stratum,refid,rootdelay,rootdisp,tc,offset,sys_jitter,reftime,clock";
/// The first two octets of a refusal.
const REFUSAL: (u8, u8) = (0x16, 0xc2);

/// How to query a daemon.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How to interpret its reply.
    pub reader: Reader,
    /// How long to wait for one address before also trying the next.
    pub turn: Duration,
    /// How long the whole query may take.
    pub limit: Duration,
    /// Whether to send a time request as well if it is silent.
    pub probes: bool,
}

/// A running conversation. It makes progress only while it is waited for; until then, datagrams are queued.
pub struct Conversation {
    driver: Option<Driver<Inquiry, Epoll>>,
    token: Option<Token>,
    began: Duration,
    reader: Reader,
    answer: Answer,
    /// The session, once the conversation has ended.
    ended: Option<Inquiry>,
    fault: Option<SystemError>,
}

/// The answer.
#[derive(Default)]
struct Answer(Option<Outcome>);

impl Watch<Inquiry> for Answer {
    fn event(&mut self, _: Token, _: &mut Inquiry, outcome: Outcome) {
        self.0 = Some(outcome);
    }
}

impl Conversation {
    /// Starts with the first of these addresses.
    pub fn begin(addresses: &[SocketAddr], manner: Manner) -> Self {
        let mut conversation = Self {
            driver: None,
            token: None,
            began: monotonic(),
            reader: manner.reader,
            answer: Answer::default(),
            ended: None,
            fault: None,
        };
        match Epoll::new(None) {
            Ok(network) => {
                let mut driver = Driver::new(network);
                let inquiry = Inquiry::new(question(manner), addresses);
                conversation.token = Some(driver.add(inquiry, Sockets::by_address()));
                conversation.driver = Some(driver);
                conversation.turn(Duration::ZERO);
            }
            Err(error) => conversation.fault = Some(error.into()),
        }
        conversation
    }

    /// Queries all silent addresses again; with a probe, also asks for the time.
    pub fn repeat(&mut self) {
        let Some((driver, token)) = self.driver.as_mut().zip(self.token) else { return };
        if let Some(inquiry) = driver.session(token) {
            inquiry.repeat();
            self.turn(Duration::ZERO);
        }
    }

    /// Waits for the answer until this much time has passed since the beginning.
    ///
    /// # Errors
    /// The host answered with something other than a reply.
    pub fn wait(&mut self, until: Duration) -> Result<Option<Health>, Failure> {
        let until = self.began.saturating_add(until);
        while self.answer.0.is_none() && self.turn(until) && monotonic() < until {}
        match self.answer.0.take() {
            Some(Ok(reply)) => Ok(Some(Health::from_variables(reply.status, &reply.data, self.reader))),
            Some(Err(Silence::NotAReply(first, second))) => Err(Cause::Invalid(first, second).into()),
            Some(Err(Silence::Refused(_))) => Err(Cause::Invalid(REFUSAL.0, REFUSAL.1).into()),
            // A reply that exceeds all limits is as good as none.
            Some(Err(Silence::TooLarge | Silence::Malformed | Silence::TimedOut | Silence::Incomplete))
            | None => Ok(None),
        }
    }

    /// Returns why there is no answer.
    pub fn failure(&mut self) -> Failure {
        if let Some(fault) = &self.fault {
            return Cause::Connect(fault.clone()).into();
        }
        let Some(inquiry) = self.inquiry() else { return Cause::TimedOut.into() };
        match inquiry.fault() {
            _ if inquiry.is_silent() => Cause::TimedOut.into(),
            Some(fault) if fault.kind() != ErrorKind::ConnectionRefused => {
                Cause::Connect(SystemError::of(fault)).into()
            }
            _ => Cause::Nobody.into(),
        }
    }

    /// Returns what the silence means.
    pub fn diagnosis(&mut self) -> Diagnosis {
        let Some(inquiry) = self.inquiry() else { return Diagnosis::Nothing };
        if let Some(packet) = &inquiry.time_server() {
            return Diagnosis::of_time(packet);
        }
        let of_fault = inquiry.fault().and_then(Diagnosis::of_error);
        // A refusal by one address says nothing about another, which is silent.
        let of_fault = of_fault.filter(|of| !(inquiry.is_silent() && *of == Diagnosis::NotListening));
        of_fault.unwrap_or(Diagnosis::Nothing)
    }

    fn inquiry(&mut self) -> Option<&Inquiry> {
        let (driver, token) = (self.driver.as_mut(), self.token);
        match &self.ended {
            Some(ended) => Some(ended),
            None => {
                driver.zip(token).and_then(|(driver, token)| driver.session(token)).map(|inquiry| &*inquiry)
            }
        }
    }

    /// Runs one turn; returns whether there may be another.
    fn turn(&mut self, until: Duration) -> bool {
        let Some(driver) = self.driver.as_mut().filter(|driver| !driver.is_empty()) else { return false };
        if let Err(error) = driver.turn(&mut self.answer, Some(until)) {
            self.fault = Some(error.into());
            return false;
        }
        self.ended = driver.take_ended().pop().map(|ended| ended.session);
        self.ended.is_none()
    }
}

fn question(manner: Manner) -> Question {
    let Manner { reader, turn, limit, probes } = manner;
    let read = |names: &[u8]| Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, names.to_vec());
    let config = config(limit, probes);
    match reader {
        Reader::Strict => Question {
            config,
            acceptance: Acceptance::Numbered,
            request: Request { beginning_suffices: true, ..read(VARIABLES) },
            // An old daemon rejects unknown names: ask it for everything.
            otherwise: Some(read(&[])),
            turn,
        },
        Reader::Classic => Question {
            config,
            acceptance: Acceptance::FirstDatagram,
            request: read(&[]),
            otherwise: None,
            turn,
        },
    }
}
