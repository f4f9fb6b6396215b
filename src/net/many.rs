//! Queries any number of hosts in parallel, without a thread per host.
//!
//! The work for one host is a [`Job`]: given the host's addresses, it returns a conversation, and when that has ended
//! the next one, or its outcome. [`run`] runs many of them at once: it looks names up in the background, opens sockets
//! when a job starts and closes them with the conversation, observes the [`Limits`] on jobs and descriptors, and
//! delivers outcomes in order of the jobs as soon as possible.
//!
//! A job takes memory from the lookup of its host until its outcome is delivered, and jobs are taken from their
//! iterator only when there is room for them. So 10,000 hosts need no more sockets and little more memory than a
//! thousand.
//!
//! `examples/many_hosts.rs` queries many hosts over the kernel's network, each in two protocols.
//!
//! The same works over a network in memory, in virtual time:
//!
//! ```
//! use ntpkit::net::host::{AddressFamily, Host};
//! use ntpkit::net::many::{Found, Job, Limits, NoNames, Step, run};
//! use ntpkit::session::control::{Config, ControlSession, Outcome, Request, RequestId};
//! use ntpkit::session::memory::{MemoryNetwork, Place, Weather};
//! use ntpkit::session::{PathError, Session};
//! use ntpkit::wire::AssociationId;
//! use ntpkit::wire::control::{Header, Message, Opcode};
//! use std::net::SocketAddr;
//! use std::ops::ControlFlow;
//! use std::time::Duration;
//!
//! /// Asks one host for its system variables, then for those of its first association.
//! struct Variables {
//!     address: SocketAddr,
//!     answers: Vec<Vec<u8>>,
//! }
//!
//! impl Variables {
//!     fn ask(&self, association: u16) -> Step<ControlSession, Place, Vec<Vec<u8>>> {
//!         let second = Duration::from_secs(1);
//!         let config = Config { version: 2, first_sequence: 7, silence: second * 5, patience: second * 10, probe: None };
//!         let mut session = ControlSession::new(config);
//!         session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId(association), Vec::new()));
//!         // Over the kernel's network: Sockets::open(self.address), or Sockets::by_address().
//!         Step::Talk(session, Place::at(self.address))
//!     }
//! }
//!
//! impl Job for Variables {
//!     type Session = ControlSession;
//!     type Endpoint = Place;
//!     type Outcome = Vec<Vec<u8>>;
//!
//!     fn host(&self) -> Option<(Host, AddressFamily)> {
//!         // Its address is known. A name would be looked up, and the result passed to `begin`.
//!         None
//!     }
//!
//!     fn begin(&mut self, _: Found, _: Duration) -> Step<ControlSession, Place, Vec<Vec<u8>>> {
//!         self.ask(0)
//!     }
//!
//!     fn event(&mut self, _: &mut ControlSession, (_, outcome): (RequestId, Outcome)) {
//!         self.answers.extend(outcome.ok().map(|reply| reply.data));
//!     }
//!
//!     fn end(
//!         &mut self,
//!         _: ControlSession,
//!         result: Result<(), PathError>,
//!         _: Duration,
//!     ) -> Step<ControlSession, Place, Vec<Vec<u8>>> {
//!         match self.answers.len() {
//!             1 if result.is_ok() => self.ask(1),
//!             _ => Step::Done(std::mem::take(&mut self.answers)),
//!         }
//!     }
//! }
//!
//! let mut network = MemoryNetwork::new(Weather { delay: Duration::from_millis(10), ..Weather::default() });
//! network.answer_with(|address, request, _| {
//!     let Ok(message) = Message::parse(request) else { return Vec::new() };
//!     let host = address.port();
//!     // Every tenth host is silent.
//!     let reply = Header { response: true, ..message.header }.encode(format!("host={host}").as_bytes());
//!     if host % 10 == 5 { Vec::new() } else { vec![reply] }
//! });
//! let jobs = (1..=10_000).map(|port| Variables { address: ([192, 0, 2, 1], port).into(), answers: Vec::new() });
//! let mut hosts = 0;
//! let mut silent = 0;
//! run(network, NoNames::default(), Limits::default(), jobs, &mut |place, answers: Vec<Vec<u8>>| {
//!     assert_eq!(place, hosts, "in the order of the jobs");
//!     hosts += 1;
//!     silent += usize::from(answers.is_empty());
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!((hosts, silent), (10_000, 1000));
//! # Ok::<(), std::io::Error>(())
//! ```

mod limits;
mod look_ups;
mod outcomes;
#[cfg(test)]
mod tests;
mod youth;

pub use limits::{DEFAULT_JOBS, Jobs, Limits};
pub use look_ups::{LookUps, Names, NoNames};
pub use outcomes::InOrder;

use self::outcomes::Outcomes;
use self::youth::Young;
use super::host::{AddressFamily, Host};
use super::names::{NameError, ResolvedHost};
use crate::compact::Table;
use crate::session::drive::{Direction, Driver, Network, Token, Wake, Watch};
use crate::session::{PathError, Session};
use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;

/// Maximum number of parallel lookups.
const LOOK_UPS: usize = 64;
/// Maximum number of hosts whose lookup is done and that wait to start.
const WAITING: usize = 64;

/// The result of a host's lookup; `None` if the job named no host.
pub type Found = Option<Result<ResolvedHost, NameError>>;

/// A job's next step: another conversation, or the end with an outcome.
#[derive(Debug)]
pub enum Step<S, E, O> {
    /// Runs this session through this endpoint.
    Talk(S, E),
    /// The job is done.
    Done(O),
}

/// The work for one host: one conversation after another, and an outcome.
pub trait Job {
    /// Its conversations. A job that uses several protocols has an [`Either`](crate::session::either::Either) of them.
    type Session: Session;
    /// Their endpoint: [`Sockets`](super::sockets::Sockets) on the kernel's network.
    type Endpoint;
    /// The result.
    type Outcome;

    /// The host to look up, if its address is not known yet.
    fn host(&self) -> Option<(Host, AddressFamily)>;

    /// Starts the job. `now` is the sessions' clock.
    fn begin(&mut self, found: Found, now: Duration) -> Step<Self::Session, Self::Endpoint, Self::Outcome>;

    /// An event of the conversation. The session may be given more requests here.
    fn event(&mut self, session: &mut Self::Session, event: <Self::Session as Session>::Event);

    /// Continues after a conversation has ended.
    fn end(
        &mut self,
        session: Self::Session,
        result: Result<(), PathError>,
        now: Duration,
    ) -> Step<Self::Session, Self::Endpoint, Self::Outcome>;

    /// A datagram that was sent or received.
    fn datagram(&mut self, direction: Direction, payload: &[u8]) {
        let _ = (direction, payload);
    }

    /// The outcome of a job that is interrupted, if it has one.
    fn interrupted(self) -> Option<Self::Outcome>
    where
        Self: Sized,
    {
        None
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Every job has its outcome.
    Complete,
    /// Interrupted: unfinished jobs have the outcomes of [`Job::interrupted`].
    Interrupted,
    /// The receiver of the outcomes wanted no more.
    Stopped,
}

/// The supply of further jobs.
#[derive(Debug)]
pub enum Supply<J> {
    /// The next job.
    Job(J),
    /// None at the moment; the supplier wakes the network when it has one.
    Later,
    /// No more jobs.
    End,
}

/// Runs all jobs, and delivers the outcome of each with its index.
///
/// # Errors
/// Waiting for the network failed.
pub fn run<J, N, L>(
    network: N,
    names: L,
    limits: Limits,
    jobs: impl IntoIterator<Item = J>,
    deliver: &mut dyn FnMut(usize, J::Outcome) -> ControlFlow<()>,
) -> io::Result<Finish>
where
    J: Job,
    N: Network<Endpoint = J::Endpoint>,
    L: LookUps,
{
    let mut jobs = jobs.into_iter().fuse();
    run_supplied(network, names, limits, &mut || jobs.next().map_or(Supply::End, Supply::Job), deliver)
}

/// The same with jobs that arrive while others are running; the supply is polled after each turn.
///
/// # Errors
/// Waiting for the network failed.
pub fn run_supplied<J, N, L>(
    network: N,
    names: L,
    limits: Limits,
    supply: &mut dyn FnMut() -> Supply<J>,
    deliver: &mut dyn FnMut(usize, J::Outcome) -> ControlFlow<()>,
) -> io::Result<Finish>
where
    J: Job,
    N: Network<Endpoint = J::Endpoint>,
    L: LookUps,
{
    let work = Work {
        driver: Driver::new(network),
        names,
        limits,
        under_way: UnderWay { running: Table::default(), heard: Duration::ZERO },
        looked_up: Table::default(),
        found: VecDeque::new(),
        young: VecDeque::new(),
        outcomes: Outcomes::new(limits.in_order, deliver),
        taken: 0,
    };
    work.run(supply)
}

/// The jobs with a running conversation.
struct UnderWay<J> {
    running: Table<Running<J>>,
    /// When the latest conversation began that has received something.
    heard: Duration,
}

struct Running<J> {
    place: usize,
    job: J,
    /// When its conversation began.
    begun: Duration,
}

impl<J: Job> Watch<J::Session> for UnderWay<J> {
    fn event(&mut self, token: Token, session: &mut J::Session, event: <J::Session as Session>::Event) {
        if let Some(Running { job, .. }) = self.running.get_mut(token.number()) {
            job.event(session, event);
        }
    }

    fn datagram(&mut self, token: Token, direction: Direction, payload: &[u8]) {
        if let Some(Running { job, begun, .. }) = self.running.get_mut(token.number()) {
            if direction == Direction::Received {
                self.heard = self.heard.max(*begun);
            }
            job.datagram(direction, payload);
        }
    }
}

struct Work<'a, J: Job, N: Network, L> {
    driver: Driver<J::Session, N, J::Endpoint>,
    names: L,
    limits: Limits,
    under_way: UnderWay<J>,
    /// Jobs whose hosts are being looked up, by index.
    looked_up: Table<J>,
    found: VecDeque<(usize, J, Found)>,
    /// The young conversations, oldest first; some may have ended.
    young: VecDeque<Young>,
    outcomes: Outcomes<'a, J::Outcome>,
    /// The number of jobs taken from the supply.
    taken: usize,
}

/// Whether there are more jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outlook {
    /// Possibly, when there is room for them.
    More,
    /// Possibly later.
    Later,
    /// No.
    End,
}

impl<J, N, L> Work<'_, J, N, L>
where
    J: Job,
    N: Network<Endpoint = J::Endpoint>,
    L: LookUps,
{
    fn run(mut self, supply: &mut dyn FnMut() -> Supply<J>) -> io::Result<Finish> {
        loop {
            let mut outlook = self.look_up(supply);
            // Start all jobs that may start before waiting for anything.
            loop {
                let waiting = self.found.len();
                if self.start().is_break() {
                    return Ok(Finish::Stopped);
                }
                if outlook != Outlook::More || self.found.len() == waiting {
                    break;
                }
                outlook = self.look_up(supply);
            }
            let is_idle = self.driver.is_empty() && self.looked_up.is_empty();
            if outlook == Outlook::Later && is_idle {
                outlook = self.look_up(supply);
                if !self.found.is_empty() || !self.looked_up.is_empty() {
                    continue;
                }
            }
            if outlook == Outlook::End && is_idle && self.found.is_empty() {
                return Ok(Finish::Complete);
            }
            if !is_idle || outlook == Outlook::Later {
                let until = self.until();
                let wake = self.driver.turn(&mut self.under_way, until)?;
                let now = self.driver.now();
                for ended in self.driver.take_ended() {
                    let Some(running) = self.under_way.running.remove(ended.token.number()) else {
                        continue;
                    };
                    let Running { place, mut job, .. } = running;
                    // Close its sockets before the next ones are opened.
                    drop(ended.endpoint);
                    let step = job.end(ended.session, ended.result, now);
                    if self.go_on(place, job, step).is_break() {
                        return Ok(Finish::Stopped);
                    }
                }
                if wake == Wake::Interrupted {
                    return Ok(self.break_off());
                }
            }
        }
    }

    /// Delivers what there is after an interrupt.
    fn break_off(mut self) -> Finish {
        for Running { place, job, .. } in self.under_way.running.into_values() {
            if let Some(outcome) = job.interrupted()
                && self.outcomes.put(place, outcome).is_break()
            {
                return Finish::Stopped;
            }
        }
        self.outcomes.hand_out_all()
    }

    /// Starts lookups ahead of time; returns whether there are more jobs.
    fn look_up(&mut self, supply: &mut dyn FnMut() -> Supply<J>) -> Outlook {
        let mut outlook = Outlook::More;
        while outlook == Outlook::More && self.looked_up.len() < LOOK_UPS && self.found.len() < WAITING {
            let job = match supply() {
                Supply::Job(job) => job,
                Supply::Later => {
                    outlook = Outlook::Later;
                    continue;
                }
                Supply::End => {
                    outlook = Outlook::End;
                    continue;
                }
            };
            let place = self.taken;
            self.taken += 1;
            match job.host() {
                None => self.found.push_back((place, job, None)),
                Some((host, family)) => {
                    self.names.begin(place, &host, family, self.driver.now());
                    self.looked_up.insert(place as u64, job);
                }
            }
        }
        for (place, found) in self.names.take(self.driver.now()) {
            if let Some(job) = self.looked_up.remove(place as u64) {
                self.found.push_back((place, job, Some(found)));
            }
        }
        outlook
    }

    /// Starts the jobs that may start.
    fn start(&mut self) -> ControlFlow<()> {
        let (now, idle) = (self.driver.now(), self.driver.idle());
        let heard = self.under_way.heard;
        let is_over = |young: &Young| young.left(now, idle).is_zero() || young.is_overtaken(heard);
        while self.young.front().is_some_and(is_over) {
            self.young.pop_front();
        }
        if self.young.len() >= self.limits.jobs {
            self.young.retain(|young| self.under_way.running.contains(young.token.number()));
        }
        while self.young.len() < self.limits.jobs && self.driver.len() < self.limits.conversations {
            let Some((place, mut job, found)) = self.found.pop_front() else { break };
            let step = job.begin(found, now);
            self.go_on(place, job, step)?;
        }
        ControlFlow::Continue(())
    }

    fn go_on(
        &mut self,
        place: usize,
        job: J,
        step: Step<J::Session, J::Endpoint, J::Outcome>,
    ) -> ControlFlow<()> {
        match step {
            Step::Talk(session, endpoint) => {
                let token = self.driver.add(session, endpoint);
                let (begun, idle) = (self.driver.now(), self.driver.idle());
                self.young.push_back(Young { begun, idle, token });
                self.under_way.running.insert(token.number(), Running { place, job, begun });
                ControlFlow::Continue(())
            }
            Step::Done(outcome) => self.outcomes.put(place, outcome),
        }
    }

    /// When there is something to do even if nothing arrives.
    fn until(&self) -> Option<Duration> {
        let room = self.driver.len() < self.limits.conversations;
        let oldest = self.young.front().filter(|_| room && !self.found.is_empty());
        let (now, idle) = (self.driver.now(), self.driver.idle());
        oldest.map(|young| now + young.left(now, idle)).into_iter().chain(self.names.deadline()).min()
    }
}
