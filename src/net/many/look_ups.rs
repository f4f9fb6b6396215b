//! Name lookups in the background.

use crate::compact::{Receiver, Sender, channel};
use crate::net::epoll::Waker;
use crate::net::host::{AddressFamily, Host};
use crate::net::names::{NameError, NameService, ResolvedHost, ResolverError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The result of a lookup.
type Answer = (usize, Result<ResolvedHost, NameError>);

/// Looks hosts up without blocking.
pub trait LookUps {
    /// Starts the lookup of a host, with this number.
    fn begin(&mut self, number: usize, host: &Host, family: AddressFamily, now: Duration);

    /// Returns the results since the last call.
    fn take(&mut self, now: Duration) -> Vec<Answer>;

    /// When there is something to take even if no answer arrives.
    fn deadline(&self) -> Option<Duration>;
}

/// The system's name service. After a silence as long as its patience, lookups fail at once; as soon as it answers
/// again, it is used again.
pub struct Names {
    service: Arc<NameService>,
    waker: Waker,
    sender: Sender<Answer>,
    answers: Receiver<Answer>,
    /// Results that were available at once.
    known: Vec<Answer>,
    pending: BTreeSet<usize>,
    /// When it last answered, or was first asked.
    heard: Duration,
    silent: bool,
}

impl Names {
    /// Creates lookups by this service, which wake the network when they are done.
    pub fn new(service: Arc<NameService>, waker: Waker) -> Self {
        let (sender, answers) = channel();
        Self {
            service,
            waker,
            sender,
            answers,
            known: Vec::new(),
            pending: BTreeSet::new(),
            heard: Duration::ZERO,
            silent: false,
        }
    }
}

impl LookUps for Names {
    fn begin(&mut self, number: usize, host: &Host, family: AddressFamily, now: Duration) {
        if let Some(found) = self.service.forward_at_once(host, family) {
            self.known.push((number, found));
            return;
        }
        if self.silent {
            self.known.push((number, Err(NameError::TimedOut)));
            return;
        }
        if self.pending.is_empty() {
            self.heard = now;
        }
        let (sender, waker) = (self.sender.clone(), self.waker.clone());
        let begun = self.service.forward_then(host, family, move |found| {
            // The receiver may be gone.
            let _ = sender.send((number, found));
            waker.wake();
        });
        if begun {
            self.pending.insert(number);
        } else {
            self.known.push((number, Err(ResolverError::SYSTEM.into())));
        }
    }

    fn take(&mut self, now: Duration) -> Vec<Answer> {
        let mut found = std::mem::take(&mut self.known);
        while let Ok((number, answer)) = self.answers.try_recv() {
            self.heard = now;
            self.silent = false;
            if self.pending.remove(&number) {
                found.push((number, answer));
            }
        }
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.silent = true;
            let late = std::mem::take(&mut self.pending);
            found.extend(late.into_iter().map(|number| (number, Err(NameError::TimedOut))));
        }
        found
    }

    fn deadline(&self) -> Option<Duration> {
        let waits = !self.pending.is_empty();
        if !self.known.is_empty() {
            return Some(Duration::ZERO);
        }
        waits.then(|| self.heard.saturating_add(self.service.patience()))
    }
}

/// A service without names, for jobs that know their addresses.
#[derive(Debug, Default)]
pub struct NoNames {
    asked: Vec<usize>,
}

impl LookUps for NoNames {
    fn begin(&mut self, number: usize, _host: &Host, _family: AddressFamily, _now: Duration) {
        self.asked.push(number);
    }

    fn take(&mut self, _now: Duration) -> Vec<Answer> {
        let unknown = |number| (number, Err(ResolverError::NO_NAME.into()));
        self.asked.drain(..).map(unknown).collect()
    }

    fn deadline(&self) -> Option<Duration> {
        (!self.asked.is_empty()).then_some(Duration::ZERO)
    }
}
