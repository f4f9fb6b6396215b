//! Shared answers: a target is queried at most once per interval, and all requests in between get the same answer.

use crate::compact;
use crate::render::openmetrics::exposition::Samples;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The maximum number of targets to remember.
const MAX_TARGETS: usize = 16_384;
/// The maximum size of the remembered answers in octets. It is exceeded by what arrives between two sweeps.
const MAX_OCTETS: usize = 20 << 20;
/// The interval at which expired and surplus answers are dropped.
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
    /// It has been queried already, but there was no room to keep its answer.
    Dropped,
    /// There are too many others.
    Full,
}

struct Entry {
    begun: Duration,
    /// `None` if there was no room to keep it.
    answer: Option<Pending>,
}

impl Entry {
    /// Whether the target may not be queried again yet.
    fn stands(&self, now: Duration, interval: Duration) -> bool {
        self.answer.as_ref().is_some_and(is_running) || now.saturating_sub(self.begun) < interval
    }

    /// The size of the answer in octets.
    fn size(&self) -> usize {
        match self.answer.as_ref().and_then(|pending| pending.borrow().clone()).as_deref() {
            Some(Answer::Samples(samples)) => samples.size(),
            _ => 0,
        }
    }
}

/// The recently queried targets.
pub struct Shared {
    interval: Duration,
    entries: HashMap<String, Entry>,
    swept: Duration,
}

impl Shared {
    /// Creates an empty set. Each target is queried at most once in this time.
    pub fn new(interval: Duration) -> Self {
        Self { interval, entries: HashMap::new(), swept: Duration::ZERO }
    }

    /// Decides what to do about this target now.
    pub fn turn(&mut self, target: &str, now: Duration) -> Turn {
        if now.saturating_sub(self.swept) >= SWEEP {
            self.sweep(now);
        }
        if let Some(entry) = self.entries.get(target).filter(|entry| entry.stands(now, self.interval)) {
            return entry.answer.clone().map_or(Turn::Dropped, Turn::Wait);
        }
        if self.entries.len() >= MAX_TARGETS {
            return Turn::Full;
        }
        let (sender, pending) = watch::channel(None);
        self.entries.insert(target.to_owned(), Entry { begun: now, answer: Some(pending.clone()) });
        Turn::Ask(sender, pending)
    }

    /// Forgets targets that may be queried again, and drops the oldest answers if all together are too large.
    fn sweep(&mut self, now: Duration) {
        self.swept = now;
        let interval = self.interval;
        self.entries.retain(|_, entry| entry.stands(now, interval));
        let mut octets: usize = self.entries.values().map(Entry::size).sum();
        if octets <= MAX_OCTETS {
            return;
        }
        let mut oldest: Vec<&mut Entry> =
            self.entries.values_mut().filter(|entry| entry.size() > 0).collect();
        compact::sort_by_key(&mut oldest, |entry| entry.begun);
        for entry in oldest {
            if octets <= MAX_OCTETS {
                break;
            }
            octets = octets.saturating_sub(entry.size());
            entry.answer = None;
        }
    }
}

/// Whether the answer is still pending.
fn is_running(pending: &Pending) -> bool {
    pending.borrow().is_none() && pending.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::openmetrics::exposition::{Exposition, Labels, gauge};

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
    fn the_oldest_answers_make_room_and_their_targets_are_not_asked_again() {
        let large = || {
            let mut exposition = Exposition::default();
            let family = gauge("x: X.");
            exposition.add(&family, &Labels::new("a", &vec![b'a'; MAX_OCTETS / 2 - 1000]), 1.0);
            Some(Arc::new(Answer::Samples(exposition.into_samples())))
        };
        let mut shared = Shared::new(16 * SECOND);
        for (target, at) in [("old", 1), ("young", 2), ("youngest", 3)] {
            let Turn::Ask(sender, _) = shared.turn(target, at * SECOND) else { panic!("it was never asked") };
            sender.send(large()).unwrap();
        }
        assert!(is_new(&shared.turn("another", 4 * SECOND)), "however large the others are");
        assert!(matches!(shared.turn("old", 4 * SECOND), Turn::Dropped));
        assert!(matches!(shared.turn("young", 4 * SECOND), Turn::Wait(_)));
        assert!(matches!(shared.turn("youngest", 4 * SECOND), Turn::Wait(_)));
        assert!(is_new(&shared.turn("old", 17 * SECOND)), "its time is over");
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
