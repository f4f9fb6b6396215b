//! The health of many hosts, asked at the same time: each over mode 6 and, where that stays unanswered, as chronyd is asked; its
//! time is asked for beside that, to report what is known of one that tells no more.

use super::ask;
use super::failure::{Cause, Failure, Finding};
use super::question::{Question, is_this_machine, unknown};
use crate::client::associations::{sources, uptime};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Asked, Diagnosis, with_address};
use crate::client::system_error::SystemError;
use crate::client::unsynchronized::{Evidence, Reason};
use crate::clock::now;
use crate::model::health::{Health, Reader};
use crate::model::{Peer, daemons};
use crate::net::epoll::Epoll;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::interrupt::Interrupt;
use crate::net::many::{Finish, Found, Job, Jobs, Limits, Names, Step, run};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::PathError;
use crate::session::control::Failure as Unanswered;
use crate::session::look::{LookSession, OverChrony, OverControl, Questions, Seen};
use crate::wire::chrony;
use crate::wire::chrony::{KnownSource, SourceData};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// Sockets of one conversation: one for the port of NTP, and one for chronyd's.
const SOCKETS: usize = 2;
/// A host of many addresses is not flooded.
const ADDRESS_LIMIT: usize = 2;
/// The octets with which a refusal begins.
const REFUSAL: (u8, u8) = (0x16, 0xc2);

/// What is known of a host: its health and, if its clock is not synchronised, the reason.
pub type Answer = Result<(Health, Option<Reason>), Failure>;

/// How to find out why the clock of this machine's own daemon is not synchronised.
pub type Why = fn(&Question, &Health) -> Option<Reason>;

/// Asks all of these at the same time, and hands out what each has said, in their order. With `why`, a daemon whose clock
/// is not synchronised is also asked about its sources, in the same conversation.
///
/// # Errors
/// The network cannot be waited for.
pub fn ask_all(
    questions: Vec<Question>,
    why: Option<Why>,
    jobs: Jobs,
    deliver: &mut dyn FnMut(usize, Answer) -> ControlFlow<()>,
) -> io::Result<Finish> {
    let interrupt = Interrupt::watch().ok();
    let mut network = Epoll::new(interrupt.as_ref())?;
    let names = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
    let checkups = questions.into_iter().map(|question| Checkup { question, why, addresses: Vec::new() });
    run(network, names, Limits::chosen(jobs, SOCKETS), checkups, deliver)
}

/// One host.
struct Checkup {
    question: Question,
    /// Whether, and how, to find out why a clock is not synchronised.
    why: Option<Why>,
    /// Those that were not asked yet.
    addresses: Vec<SocketAddr>,
}

impl Checkup {
    /// What it is asked over the network; nothing if it can only be asked on this machine.
    fn questions(&self) -> Option<Questions> {
        let Question { daemon, timeout, .. } = &self.question;
        let sources = self.why.is_some();
        let asked = |control, chrony| Questions { control, chrony, time: false, sources, patience: *timeout };
        match daemon {
            DaemonChoice::Ntpd => Some(asked(true, None)),
            DaemonChoice::Auto if self.question.has_port() => Some(asked(true, None)),
            DaemonChoice::Auto => Some(Questions { time: true, ..asked(true, Some(chrony::PORT)) }),
            DaemonChoice::Chronyd(None) => {
                let port = self.named().filter(Host::has_port).map_or(chrony::PORT, |host| host.port());
                Some(asked(false, Some(port)))
            }
            _ => None,
        }
    }

    fn named(&self) -> Option<Host> {
        self.question.host.as_ref()?.parse().ok()
    }

    fn next(&mut self, now: Duration) -> Option<Step<LookSession, Sockets, Answer>> {
        let (questions, address) = (self.questions()?, self.addresses.pop()?);
        let session = LookSession::new(address, questions, seed(), now);
        Some(Step::Talk(session, Sockets::stamped_by_address()))
    }
}

impl Job for Checkup {
    type Session = LookSession;
    type Endpoint = Sockets;
    type Outcome = Answer;

    fn host(&self) -> Option<(Host, AddressFamily)> {
        self.questions()?;
        let host = self.named()?;
        let host = if host.has_port() { host } else { host.at_port(NTP_PORT) };
        Some((host, self.question.family))
    }

    fn begin(&mut self, found: Found, now: Duration) -> Step<LookSession, Sockets, Answer> {
        match found {
            Some(Ok(found)) => {
                self.addresses = found.addresses;
                self.addresses.truncate(ADDRESS_LIMIT);
                self.addresses.reverse();
            }
            Some(Err(error)) => {
                let name = self.question.host.clone().unwrap_or_default();
                return Step::Done(Err(unknown(name, error, self.question.detail)));
            }
            None => {}
        }
        // Daemons of this machine are asked in ways of their own, which take a moment and are few.
        let is_here = self.question.daemon == DaemonChoice::Auto && is_this_machine(&self.addresses);
        let next = if is_here { None } else { self.next(now) };
        next.unwrap_or_else(|| {
            let reason = |health: &Health| self.why.and_then(|why| why(&self.question, health));
            Step::Done(ask(&self.question).map(|health| {
                let reason = reason(&health);
                (health, reason)
            }))
        })
    }

    fn event(&mut self, _: &mut LookSession, event: std::convert::Infallible) {
        match event {}
    }

    fn end(
        &mut self,
        session: LookSession,
        _: Result<(), PathError>,
        now: Duration,
    ) -> Step<LookSession, Sockets, Answer> {
        let seen = session.into_seen();
        if seen.heard == 0
            && seen.fault.is_some()
            && let Some(next) = self.next(now)
        {
            return next;
        }
        Step::Done(answer(&seen, &self.question, self.why.is_some()))
    }
}

/// What a conversation came to.
fn answer(seen: &Seen, question: &Question, reasons: bool) -> Answer {
    let host = with_address(question.host.as_deref().unwrap_or_default(), Some(seen.address));
    match (&seen.control.system, &seen.chrony.tracking) {
        (Some(Ok(reply)), _) => {
            let health = Health::from_variables(reply.status, &reply.data, Reader::Strict);
            let reason = reasons.then(|| over_control(&seen.control, &health)).flatten();
            return Ok((health, reason));
        }
        (_, Some(Ok(tracking))) => {
            let followed = seen.chrony.sources.iter().find(|source| daemons::is_followed(tracking, source));
            let health = daemons::chronyd(tracking, followed.map(|source| source.poll));
            let health = Health { age: daemons::chronyd_age(tracking, now()), ..health };
            let reason = reasons.then(|| over_chrony(&seen.chrony, &health)).flatten();
            return Ok((health, reason));
        }
        (Some(Err(Unanswered::Refused(_))), _) => return Err(Cause::Invalid(REFUSAL.0, REFUSAL.1).into()),
        _ => {}
    }
    let failure = Failure::from(match &seen.fault {
        Some(fault) if fault.kind() == ErrorKind::ConnectionRefused => Cause::Nobody,
        Some(fault) => Cause::Connect(SystemError::of(fault)),
        None => Cause::TimedOut,
    });
    let chronyd = match &seen.chrony.tracking {
        Some(Err(error)) => Some(format!("chronyd: {error} (UDP port {})", chrony::PORT)),
        _ => None,
    };
    let asked = if seen.chrony.tracking.is_some() { Asked::State } else { Asked::Control };
    let explained = Diagnosis::of_seen(seen).explain(asked, Some(seen.address), question.detail);
    let of_ntpd = match failure.of_ntpd(seen.address.port()) {
        Finding::Said(line) => Some(line),
        Finding::Answered(_) => None,
    };
    let lines = of_ntpd.into_iter().chain(chronyd).chain([explained]);
    let findings = lines.map(|line| Finding::Said(format!("{host}: {line}"))).collect();
    Err(failure.after(findings))
}

/// Why ntpd's clock is not synchronised, if its sources are known.
fn over_control(over: &OverControl, health: &Health) -> Option<Reason> {
    let list = over.associations.as_ref().filter(|_| !health.is_synchronized)?;
    let rows = list.iter().map(|(id, status)| {
        let read = over.sources.iter().find(|(known, _)| known == id);
        let data = read.and_then(|(_, outcome)| Some(outcome.as_ref()?.as_ref().ok()?.data.as_slice()));
        (*id, *status, data)
    });
    let peers = sources(rows);
    let uptime = over.uptime.as_ref().and_then(|outcome| uptime(&outcome.as_ref().ok()?.data));
    Some(Reason::of(&Evidence { daemon: health.daemon, uptime, sources: &peers.iter().collect::<Vec<_>>() }))
}

/// Why chronyd's clock is not synchronised, if all of its sources are known.
fn over_chrony(over: &OverChrony, health: &Health) -> Option<Reason> {
    let is_whole = usize::try_from(over.source_count?).is_ok_and(|count| count == over.sources.len());
    let sources = Some(&over.sources).filter(|_| is_whole && !health.is_synchronized)?;
    let row = |(source, index): (&SourceData, u16)| {
        daemons::chronyd_peer(index, &KnownSource { data: *source, ..KnownSource::default() }, now())
    };
    let peers: Vec<Peer> = sources.iter().zip(1_u16..).map(row).collect();
    let sources: Vec<&Peer> = peers.iter().collect();
    Some(Reason::of(&Evidence { daemon: health.daemon, uptime: None, sources: &sources }))
}
