//! Shared answers: a target is queried at most once per interval, and all requests in between get the same answer.

use crate::render::openmetrics::exposition::Samples;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The maximum number of targets to remember.
const MAX_TARGETS: usize = 16_384;
/// The maximum size of the remembered answers in octets.
const MAX_OCTETS: usize = 24 << 20;
/// The interval at which expired answers are dropped.
const SWEEP: Duration = Duration::from_secs(1);

/// The result of a query.
#[derive(Debug)]
pub enum Answer {
    /// The samples.
    Samples(Samples),
    /// The target may not be queried, for this reason.
    Forbidden(String),
}

/// An answer that is pending or available.
pub type Pending = watch::Receiver<Option<Arc<Answer>>>;

/// What to do about a target.
#[derive(Debug)]
pub enum Turn {
    /// Query it and send the answer here.
    Ask(watch::Sender<Option<Arc<Answer>>>, Pending),
    /// It has been queried already.
    Wait(Pending),
    /// There are too many others.
    Full,
}

/// The recently queried targets.
pub struct Shared {
    interval: Duration,
    entries: HashMap<String, (Duration, Pending)>,
    swept: Duration,
    octets: usize,
}

impl Shared {
    /// Creates an empty set. Each target is queried at most once in this time.
    pub fn new(interval: Duration) -> Self {
        Self { interval, entries: HashMap::new(), swept: Duration::ZERO, octets: 0 }
    }

    /// Decides what to do about this target now.
    pub fn turn(&mut self, target: &str, now: Duration) -> Turn {
        if now.saturating_sub(self.swept) >= SWEEP {
            self.sweep(now);
        }
        if let Some((begun, pending)) = self.entries.get(target)
            && (is_running(pending) || now.saturating_sub(*begun) < self.interval)
        {
            return Turn::Wait(pending.clone());
        }
        if self.entries.len() >= MAX_TARGETS || self.octets >= MAX_OCTETS {
            return Turn::Full;
        }
        let (sender, pending) = watch::channel(None);
        self.entries.insert(target.to_owned(), (now, pending.clone()));
        Turn::Ask(sender, pending)
    }

    fn sweep(&mut self, now: Duration) {
        self.swept = now;
        let interval = self.interval;
        self.entries
            .retain(|_, (begun, pending)| is_running(pending) || now.saturating_sub(*begun) < interval);
        let size = |pending: &Pending| match pending.borrow().as_deref() {
            Some(Answer::Samples(samples)) => samples.size(),
            _ => 0,
        };
        self.octets = self.entries.iter().map(|(name, (_, pending))| name.len() + size(pending)).sum();
    }
}

/// Whether the answer is still pending.
fn is_running(pending: &Pending) -> bool {
    pending.borrow().is_none() && pending.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn is_new(turn: &Turn) -> bool {
        matches!(turn, Turn::Ask(..))
    }

    #[test]
    fn one_question_in_an_interval() {
        let mut shared = Shared::new(16 * SECOND);
        let Turn::Ask(sender, _) = shared.turn("a", SECOND) else { panic!("it was never asked") };
        assert!(is_new(&shared.turn("b", SECOND)), "another target");
        let Turn::Wait(pending) = shared.turn("a", 30 * SECOND) else { panic!("it is being asked") };
        assert!(pending.borrow().is_none());
        sender.send(Some(Arc::new(Answer::Forbidden("no".into())))).unwrap();
        assert!(pending.borrow().is_some(), "whoever waits gets it");
        assert!(is_new(&shared.turn("a", 31 * SECOND)), "sixteen seconds after the question it is old");
        drop(sender);
    }

    #[test]
    fn an_answer_stands_until_its_time_is_over() {
        let mut shared = Shared::new(16 * SECOND);
        let Turn::Ask(sender, _) = shared.turn("a", SECOND) else { panic!("it was never asked") };
        sender.send(Some(Arc::new(Answer::Forbidden("no".into())))).unwrap();
        drop(sender);
        assert!(!is_new(&shared.turn("a", 16 * SECOND)));
        assert!(is_new(&shared.turn("a", 17 * SECOND)));
    }

    #[test]
    fn a_question_that_was_dropped_is_not_waited_for() {
        let mut shared = Shared::new(SECOND);
        drop(shared.turn("a", SECOND));
        assert!(is_new(&shared.turn("a", 2 * SECOND)));
    }

    #[test]
    fn there_is_a_bound_and_room_again_later() {
        let mut shared = Shared::new(16 * SECOND);
        for target in 0..MAX_TARGETS {
            assert!(is_new(&shared.turn(&target.to_string(), SECOND)));
        }
        assert!(matches!(shared.turn("more", SECOND), Turn::Full));
        assert!(!matches!(shared.turn("0", SECOND), Turn::Full), "those that are known are answered");
        assert!(is_new(&shared.turn("more", 17 * SECOND)));
    }
}
