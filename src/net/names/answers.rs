//! The results of lookups, and waiting for them.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::pool::lock;
use crate::net::interrupt::{is_pending, is_watched};

/// How often a wait looks for an interrupt.
const WATCHFULNESS: Duration = Duration::from_millis(20);

/// The results (`V`) of queries (`K`).
pub(super) struct Answers<K, V> {
    slots: Mutex<BTreeMap<K, Slot<V>>>,
    changed: Condvar,
    /// When the name service last answered.
    heard: Mutex<Option<Instant>>,
}

/// One lookup.
struct Slot<V> {
    /// The round in which it was started.
    round: u64,
    outcome: Outcome<V>,
}

/// The state of a lookup.
#[derive(Clone)]
pub(super) enum Outcome<V> {
    /// Not finished.
    UnderWay,
    /// Not made, because time ran out before a thread was free.
    TooLate,
    /// Finished.
    Answered(V),
}

/// Who makes a lookup.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The caller must make it.
    Granted,
    /// Somebody else makes it in this round, its result is known, or there are too many.
    Taken,
    /// Still running since an earlier round.
    EarlierRound,
}

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self { slots: Mutex::default(), changed: Condvar::new(), heard: Mutex::default() }
    }
}

impl<K: Ord + Clone, V: Clone> Answers<K, V> {
    /// Grants the lookup to the caller if nobody has made it, or somebody in an earlier round and in vain, or too late but
    /// not too late for this deadline.
    pub(super) fn claim(
        &self,
        key: &K,
        round: u64,
        deadline: Instant,
        in_vain: impl Fn(&V) -> bool,
        most: usize,
    ) -> Claim {
        let mut slots = lock(&self.slots);
        let needed = match slots.get(key) {
            None => slots.len() < most,
            Some(Slot { round: latest, outcome: Outcome::TooLate }) if *latest == round => {
                Instant::now() < deadline
            }
            Some(slot) if slot.round == round => false,
            Some(Slot { outcome: Outcome::UnderWay, .. }) => return Claim::EarlierRound,
            Some(Slot { outcome: Outcome::TooLate, .. }) => true,
            Some(Slot { outcome: Outcome::Answered(answer), .. }) => in_vain(answer),
        };
        if needed {
            slots.insert(key.clone(), Slot { round, outcome: Outcome::UnderWay });
            return Claim::Granted;
        }
        Claim::Taken
    }

    /// Makes a granted lookup and stores the result, unless there is a later one. Records whether it `is_heard`: whether the
    /// result is an answer of the name service.
    pub(super) fn look_up(
        &self,
        key: &K,
        round: u64,
        ask: impl FnOnce() -> V,
        is_heard: impl FnOnce(&V) -> bool,
    ) {
        if lock(&self.slots).get(key).is_some_and(|slot| slot.round == round) {
            let answer = ask();
            if is_heard(&answer) {
                *lock(&self.heard) = Some(Instant::now());
            }
            self.give(key, round, Outcome::Answered(answer));
        }
    }

    /// Makes a granted lookup, if it is not too late, and stores the result.
    pub(super) fn look_up_before(&self, key: &K, round: u64, deadline: Instant, ask: impl FnOnce() -> V) {
        let outcome = if Instant::now() >= deadline { Outcome::TooLate } else { Outcome::Answered(ask()) };
        self.give(key, round, outcome);
    }

    /// Finishes a granted lookup.
    pub(super) fn give(&self, key: &K, round: u64, outcome: Outcome<V>) {
        // The caller may have given up at the deadline and started another lookup since.
        if let Some(slot) = lock(&self.slots).get_mut(key).filter(|slot| slot.round == round) {
            slot.outcome = outcome;
        }
        self.changed.notify_all();
    }

    /// The state of a lookup, if there is one.
    pub(super) fn state(&self, key: &K) -> Option<Outcome<V>> {
        lock(&self.slots).get(key).map(|slot| slot.outcome.clone())
    }

    /// Waits for the result; `None` at the deadline, or at an interrupt.
    pub(super) fn wait(&self, key: &K, deadline: Instant) -> Option<V> {
        self.wait_until(key, || deadline)
    }

    /// Waits for the result; `None` at the deadline, or later, when there has been no answer to any question for so long.
    pub(super) fn wait_longer(&self, key: &K, deadline: Instant, patience: Duration) -> Option<V> {
        self.wait_until(key, || lock(&self.heard).map_or(deadline, |heard| deadline.max(heard + patience)))
    }

    fn wait_until(&self, key: &K, deadline: impl Fn() -> Instant) -> Option<V> {
        let mut slots = lock(&self.slots);
        loop {
            match &slots.get(key)?.outcome {
                Outcome::Answered(answer) => return Some(answer.clone()),
                Outcome::TooLate => return None,
                Outcome::UnderWay => {}
            }
            let left = deadline().checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            let wait = if is_watched() { left.min(WATCHFULNESS) } else { left };
            if is_pending() {
                return None;
            }
            slots = self.changed.wait_timeout(slots, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How many lookups have not finished.
    #[cfg(test)]
    pub(super) fn under_way(&self) -> usize {
        lock(&self.slots).values().filter(|slot| matches!(slot.outcome, Outcome::UnderWay)).count()
    }
}
