//! The examination of many hosts at once. Each is queried as soon as its own key exchange has ended, and a second time
//! without keys if it does not reply.

use super::{Examined, PATIENCE, TRIES};
use crate::client::nts::{Obtained, Obtaining, Plan};
use crate::compact;
use crate::net::epoll::Epoll;
use crate::net::host::{AddressFamily, Host};
use crate::net::many::{Found, Job, Jobs, Limits, NoNames, Step, Supply, run_supplied};
use crate::net::probe::Asked;
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::PathError;
use crate::session::nts::probe::{Probe, Question};
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

/// Attempts of the request without keys.
const PLAIN_TRIES: usize = 2;

/// Examines all hosts in parallel; the results are in their order.
pub fn examine(hosts: &[Host], plan: &Plan) -> io::Result<Vec<Examined>> {
    let mut network = Epoll::new(None)?;
    let waker = network.waker()?;
    let obtaining = Obtaining::begin(hosts.to_vec(), plan.clone(), waker)?;
    let limits = match plan.jobs {
        Jobs::Usual => Limits::of_system(hosts.len().max(1), 1),
        chosen @ Jobs::AtMost(_) => Limits::chosen(chosen, 1),
    };
    let limits = Limits { in_order: false, ..limits };
    let mut supply = || match obtaining.poll() {
        Supply::Job((number, obtained)) => Supply::Job(Examination::new(number, obtained)),
        Supply::Later => Supply::Later,
        Supply::End => Supply::End,
    };
    let mut examined = Vec::with_capacity(hosts.len());
    run_supplied(network, NoNames::default(), limits, &mut supply, &mut |_, outcome| {
        examined.extend(outcome);
        ControlFlow::Continue(())
    })?;
    compact::sort_by_key(&mut examined, |(number, _)| *number);
    Ok(examined.into_iter().map(|(_, examined)| examined).collect())
}

/// The number of a host and its results.
type Outcome = Option<(usize, Examined)>;

/// The examination of one host.
struct Examination {
    /// The number of the host.
    number: usize,
    /// What is known so far; taken at the end.
    examined: Option<Examined>,
}

impl Examination {
    fn new(number: usize, obtained: Obtained) -> Self {
        let examined = Examined { obtained, asked: None, plain: None, lengths: None };
        Self { number, examined: Some(examined) }
    }

    /// The NTP server, if there are keys for it.
    fn server(&self) -> Option<SocketAddr> {
        self.examined.as_ref()?.obtained.outcome.as_ref().ok().map(|(_, server)| *server)
    }

    /// Sends this question, or records why that is impossible.
    fn ask(&mut self, question: Question, tries: usize) -> Step<Probe, Sockets, Outcome> {
        let Some(server) = self.server() else { return self.done() };
        let probe = Probe::new(question, tries, PATIENCE, seed());
        match Sockets::open_stamped(server) {
            Ok(sockets) => Step::Talk(probe, sockets),
            Err(error) => self.note(server, probe, Some(error)),
        }
    }

    /// Records a result, and continues with the next question.
    fn note(
        &mut self,
        server: SocketAddr,
        probe: Probe,
        error: Option<io::Error>,
    ) -> Step<Probe, Sockets, Outcome> {
        let Some(examined) = &mut self.examined else { return self.done() };
        let silent = probe.reply.is_none();
        let asked = Some(Asked { server, probe, error });
        if examined.asked.is_some() {
            examined.plain = asked;
            return self.done();
        }
        examined.asked = asked;
        if silent { self.ask(Question::Plain, PLAIN_TRIES) } else { self.done() }
    }

    fn done(&mut self) -> Step<Probe, Sockets, Outcome> {
        Step::Done(self.examined.take().map(|examined| (self.number, examined)))
    }
}

impl Job for Examination {
    type Session = Probe;
    type Endpoint = Sockets;
    type Outcome = Outcome;

    /// Its address is known.
    fn host(&self) -> Option<(Host, AddressFamily)> {
        None
    }

    fn begin(&mut self, _: Found, _: Duration) -> Step<Probe, Sockets, Outcome> {
        let outcome = self.examined.as_ref().map(|examined| &examined.obtained.outcome);
        let Some(Ok((agreement, _))) = outcome else { return self.done() };
        let association = Box::new(agreement.association.clone());
        self.ask(Question::Authentic { association, again: None }, TRIES)
    }

    fn event(&mut self, _: &mut Probe, (): ()) {}

    fn end(
        &mut self,
        mut probe: Probe,
        result: Result<(), PathError>,
        _: Duration,
    ) -> Step<Probe, Sockets, Outcome> {
        let Some(server) = self.server() else { return self.done() };
        let error = probe.error.take().or_else(|| result.err().map(|error| error.copied()));
        self.note(server, probe, error)
    }
}
