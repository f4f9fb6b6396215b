//! Asks the daemon for its health, whichever daemon there is.

use super::control::Conversation;
use super::owner::{self, Answer};
use super::remote;
use crate::client::choice::DaemonChoice;
use crate::client::others::{self, Other};
use crate::client::system_error::SystemError;
use crate::clock::Stopwatch;
use crate::model::health::{Health, Reader};
use crate::net::host::{AddressFamily, Host, HostError, NTP_PORT};
use crate::net::names::{NameError, NameService};
use crate::net::presence::UdpListeners;
use crate::wire::chrony;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long this machine's second address waits for an answer from the first.
const LOCAL_TURN: Duration = Duration::from_millis(5);
/// How long the second address of another host does.
pub(super) const REMOTE_TURN: Duration = Duration::from_millis(250);
/// How long the other daemons of this machine wait for one that speaks mode 6.
const HEAD_START: Duration = Duration::from_millis(50);
/// How long they do when the port of NTP seems to be theirs. A daemon that speaks mode 6 answers in less.
const GRACE: Duration = Duration::from_micros(200);

/// Whom to ask, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// The daemon.
    pub daemon: DaemonChoice,
    /// A host, or this machine.
    pub host: Option<String>,
    /// Which addresses.
    pub family: AddressFamily,
    /// How long it may take in all.
    pub timeout: Duration,
    /// How a mode 6 reply is read; the classic way asks 127.0.0.1 alone, and no other daemon.
    pub reader: Reader,
}

impl Question {
    fn has_port(&self) -> bool {
        let host = self.host.as_ref().and_then(|host| host.parse().ok());
        host.is_some_and(|host: Host| host.has_port())
    }
}

/// What went wrong, in the classic lines where the original has any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Nothing came in time.
    #[error("timeout")]
    TimedOut,
    /// Nobody listens.
    #[error("Unable to talk to NTP daemon. Is it running?")]
    Nobody,
    /// No socket could be had.
    #[error("On connect: {0}\nunable to connect to socket")]
    Connect(SystemError),
    /// What came begins with these octets, and is not an answer.
    #[error("status word is 0x{0:02x}{1:02x}\nreturn data appears to be invalid based on status word")]
    Invalid(u8, u8),
    /// Which of those that answer sets the clock is not known.
    #[error("more than one NTP daemon answers")]
    Several,
    /// It is asked over a socket of its own machine.
    #[error("--daemon {0} works only on this machine")]
    Elsewhere(DaemonChoice),
    /// It is not a host's name.
    #[error("{0}: {1}")]
    IllFormed(String, HostError),
    /// The host has no address.
    #[error("{0}: {1}")]
    Unknown(String, NameError),
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, looked: Vec::new() }
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    cause: Cause,
    /// What was looked for, and what became of it.
    looked: Vec<String>,
}

impl Failure {
    /// The same, with what was looked for, and what became of it.
    pub(super) fn after(self, looked: Vec<String>) -> Self {
        Self { looked, ..self }
    }

    /// The classic lines.
    fn classic(&self) -> String {
        format!("{}\n", self.cause)
    }

    /// All that is worth a message; in the classic way the classic lines alone.
    pub fn message(&self, reader: Reader) -> String {
        match reader {
            Reader::Classic => self.classic(),
            Reader::Strict => {
                let looked = self.looked.iter().map(|line| format!("ntpstat: {line}\n"));
                self.classic() + &looked.collect::<String>()
            }
        }
    }

    /// The last of the classic lines.
    pub fn summary(&self) -> String {
        last_line(&self.classic()).to_owned()
    }

    /// What was looked for, and what became of it.
    pub fn looked_for(&self) -> &[String] {
        &self.looked
    }

    /// What becomes of the daemon that speaks mode 6 in a line about those that were looked for.
    pub(super) fn of_ntpd(&self) -> String {
        let classic = self.classic();
        let reported = match self.cause {
            Cause::TimedOut => "no answer",
            Cause::Nobody => "nobody listens",
            _ => last_line(&classic),
        };
        format!("ntpd: {reported} (UDP port {NTP_PORT})")
    }
}

/// Asks.
///
/// # Errors
/// [`Failure`] when no daemon tells its health.
pub fn ask(question: &Question) -> Result<Health, Failure> {
    let limit = question.timeout;
    match &question.daemon {
        DaemonChoice::Ntpd => ask_ntpd(question),
        // At a port that the user names nothing else is spoken.
        DaemonChoice::Auto if question.reader == Reader::Classic || question.has_port() => ask_ntpd(question),
        DaemonChoice::Auto => {
            let addresses = addresses(question, NTP_PORT)?;
            if is_this_machine(&addresses) {
                local(question, &addresses)
            } else {
                remote::ask(question, &addresses)
            }
        }
        choice => {
            if question.host.is_some() && !choice.is_reachable_over_network() {
                return Err(Cause::Elsewhere(choice.clone()).into());
            }
            let addresses = match choice {
                DaemonChoice::Chronyd(None) => addresses(question, chrony::PORT)?,
                _ => Vec::new(),
            };
            others::one(choice, &addresses, limit, true)
                .map(|mut other| other.health())
                .map_err(|reason| Failure::from(Cause::Nobody).after(vec![format!("{reason:#}")]))
        }
    }
}

fn ask_ntpd(question: &Question) -> Result<Health, Failure> {
    let addresses = addresses(question, NTP_PORT)?;
    let turn = if is_this_machine(&addresses) { LOCAL_TURN } else { REMOTE_TURN };
    let mut conversation = Conversation::begin(&addresses, question.reader, turn);
    conversation.wait(question.timeout)?.ok_or_else(|| conversation.failure())
}

/// This machine's daemon, whichever it is.
fn local(question: &Question, addresses: &[SocketAddr]) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let mut search = Search::begin(addresses, limit);
    let control = search.control(limit);
    let mut answers: Vec<Answer> = Vec::new();
    let fault = match control {
        Ok(health) => {
            answers.extend(health.map(|health| Answer::Ntpd(Box::new(health))));
            None
        }
        Err(fault) => Some(fault),
    };
    answers.extend(search.answers.drain(..).map(Answer::Other));
    if answers.is_empty() {
        let left = limit.saturating_sub(clock.elapsed());
        answers.extend(search.ask_rest(addresses, left).map(Answer::Other));
    }
    if !answers.is_empty() {
        return owner::choose(answers).map(|mut answer| answer.health());
    }
    let failure = match fault {
        Some(fault) => fault,
        None => match search.conversation.wait(limit)? {
            Some(health) => return Ok(health),
            None => search.conversation.failure(),
        },
    };
    let mut looked = vec![failure.of_ntpd()];
    looked.append(&mut search.looked);
    looked.extend(others::traces());
    Err(failure.after(looked))
}

/// The daemon of this machine that tells in its own way, if the one at this address, where mode 6 would be
/// spoken, does not answer to it at once.
pub fn find_instead(address: SocketAddr, limit: Duration) -> Option<Other> {
    let mut search = Search::begin(&[address], limit);
    if !matches!(search.control(limit), Ok(None)) {
        return None;
    }
    let mut answers: Vec<Answer> = search.answers.drain(..).map(Answer::Other).collect();
    if answers.is_empty() {
        answers.extend(search.ask_rest(&[address], limit).map(Answer::Other));
    }
    match owner::choose(answers) {
        Ok(Answer::Other(other)) => Some(other),
        _ => None,
    }
}

/// Whether there may be one: something is to be seen of it, or nobody is seen to hold the port of NTP.
pub fn may_be_instead() -> bool {
    let listeners = UdpListeners::now();
    listeners.user(NTP_PORT).is_none() || !others::visible(&listeners).is_empty()
}

/// Questions to all daemons of this machine of which something is to be seen.
struct Search {
    conversation: Conversation,
    listeners: UdpListeners,
    asked: Vec<DaemonChoice>,
    answers: Vec<Other>,
    looked: Vec<String>,
}

impl Search {
    fn begin(addresses: &[SocketAddr], limit: Duration) -> Self {
        let conversation = Conversation::begin(addresses, Reader::Strict, LOCAL_TURN);
        // While that is on its way.
        let listeners = UdpListeners::now();
        let asked = others::visible(&listeners);
        let (mut answers, mut looked) = (Vec::new(), Vec::new());
        for choice in &asked {
            // None of them may use up the time of all.
            match others::one(choice, &chronyd_addresses(addresses), limit / 4, false) {
                Ok(other) => answers.push(other),
                Err(reason) => looked.push(format!("{reason:#}")),
            }
        }
        Self { conversation, listeners, asked, answers, looked }
    }

    /// The first answer of those of which nothing is to be seen.
    fn ask_rest(&mut self, addresses: &[SocketAddr], limit: Duration) -> Option<Other> {
        for choice in others::ALL.iter().filter(|choice| !self.asked.contains(choice)) {
            match others::one(choice, &chronyd_addresses(addresses), limit / 4, false) {
                Ok(other) => return Some(other),
                Err(reason) => self.looked.push(format!("{reason:#}")),
            }
        }
        None
    }

    /// The answer in mode 6, if there is one as soon as there ought to be.
    fn control(&mut self, limit: Duration) -> Result<Option<Health>, Failure> {
        let holder = self.listeners.user(NTP_PORT);
        let is_theirs = |other: &Other| other.user(&self.listeners) == holder;
        let is_silent = self.answers.iter().any(is_theirs) && !self.listeners.has_loopback(NTP_PORT);
        let patience = if is_silent { GRACE } else { HEAD_START };
        self.conversation.wait(patience.min(limit))
    }
}

/// The addresses of the host, or those of this machine.
fn addresses(question: &Question, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let Some(name) = &question.host else {
        if question.reader == Reader::Classic {
            return Ok(vec![(Ipv4Addr::LOCALHOST, port).into()]);
        }
        return Ok(loopback(question.family, port));
    };
    let host: Host = name.parse().map_err(|error| Cause::IllFormed(name.clone(), error))?;
    let found = NameService::system(question.timeout)
        .forward(&host, question.family)
        .map_err(|error| Cause::Unknown(name.clone(), error))?;
    let mut addresses = found.addresses;
    if !host.has_port() {
        for address in &mut addresses {
            address.set_port(port);
        }
    }
    // One that answers is enough; a host of many addresses is not flooded.
    addresses.truncate(2);
    Ok(addresses)
}

/// Whether these are the addresses by which a machine calls itself, with the port of NTP.
fn is_this_machine(addresses: &[SocketAddr]) -> bool {
    let own = loopback(AddressFamily::Any, NTP_PORT);
    addresses.iter().all(|address| own.contains(address))
}

/// Where chronyd would be asked at these addresses.
pub(super) fn chronyd_addresses(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    addresses.iter().map(|address| SocketAddr::new(address.ip(), chrony::PORT)).collect()
}

/// This machine's own addresses.
fn loopback(family: AddressFamily, port: u16) -> Vec<SocketAddr> {
    let (four, six): (IpAddr, IpAddr) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    let addresses = match family {
        AddressFamily::Any => vec![four, six],
        AddressFamily::Ipv4 => vec![four],
        AddressFamily::Ipv6 => vec![six],
    };
    addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}
