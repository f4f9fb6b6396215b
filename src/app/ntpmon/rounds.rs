//! Looks at many hosts, round by round.

use super::data::Update;
use super::monitor::Wishes;
use super::plan::{Plan, plan};
use crate::client::look::{Look, QuerySettings};
use crate::clock::monotonic;
use crate::compact::{Receiver, Sender};
use crate::model::fleet::Way;
use crate::net::epoll::Epoll;
use crate::net::many::{Limits, Names, run as run_all};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use crate::net::sockets::Sockets;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// Sockets of one conversation.
const SOCKETS: usize = 2;
/// The shortest time between two rounds.
const SHORTEST: Duration = Duration::from_secs(1);

/// What is known of a host.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// When its clock was measured last.
    measured: Option<Duration>,
    /// The protocol in which it answered last.
    way: Option<Way>,
}

/// The rounds so far.
#[derive(Debug)]
pub struct Rounds<'a> {
    hosts: &'a [String],
    settings: QuerySettings,
    known: Vec<Known>,
}

impl<'a> Rounds<'a> {
    /// Rounds of these hosts.
    pub fn new(hosts: &'a [String], settings: QuerySettings) -> Self {
        Self { hosts, settings, known: vec![Known::default(); hosts.len()] }
    }

    /// Looks at all hosts at the same time, except those that are to be left alone for now.
    ///
    /// # Errors
    /// The network cannot be waited for.
    pub fn go(&mut self, report: &mut dyn FnMut(Update) -> ControlFlow<()>) -> io::Result<()> {
        let begun = monotonic();
        let mut asked: Vec<(usize, bool)> = Vec::with_capacity(self.hosts.len());
        for (place, known) in self.known.iter_mut().enumerate() {
            match plan(known.measured, known.way, begun) {
                Plan::Everything => {
                    known.measured = Some(begun);
                    asked.push((place, true));
                }
                Plan::WithoutTime => asked.push((place, false)),
                Plan::Nothing => {}
            }
        }
        let jobs = asked.iter().filter_map(|(place, measures)| {
            let settings = QuerySettings { measures: *measures, ..self.settings };
            let name = self.hosts.get(*place)?.clone();
            Some(Look::new(name, settings, |_| Sockets::stamped_by_address()))
        });
        let mut network = Epoll::new(None)?;
        let names = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
        let limits = Limits { in_order: false, ..Limits::chosen(self.settings.jobs, SOCKETS) };
        let known = &mut self.known;
        run_all(network, names, limits, jobs, &mut |number, host| {
            let Some((place, measured)) = asked.get(number).copied() else {
                return ControlFlow::Continue(());
            };
            if let Some(known) = known.get_mut(place) {
                known.way = host.way;
            }
            report(Update::Look { place, host: Box::new(host), measured })
        })?;
        Ok(())
    }
}

/// Makes rounds until nobody wants the news. There are none while a host is open, which has a thread of its own.
pub fn run(
    hosts: &[String],
    settings: QuerySettings,
    mut wishes: Wishes,
    orders: &Receiver<Wishes>,
    sender: &Sender<Update>,
) {
    let mut rounds = Rounds::new(hosts, settings);
    loop {
        let begun = monotonic();
        let mut is_wanted = true;
        let mut report = |update| {
            is_wanted = sender.send(update).is_ok();
            if is_wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        // Without a network the rows remain as they are, and the next round tries again.
        let went = rounds.go(&mut report);
        if !is_wanted || went.is_ok() && sender.send(Update::RoundOver).is_err() {
            return;
        }
        loop {
            let order = if wishes.open.is_some() {
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                let until = begun + wishes.interval.max(SHORTEST);
                orders.recv_timeout(until.saturating_sub(monotonic()))
            };
            match order {
                Ok(changed) => wishes = changed,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}
