//! The answers of look-ups, each awaited by whoever needs it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use super::pool::lock;

/// What is asked (`K`) and what was answered (`V`).
pub(super) struct Answers<K, V> {
    slots: Mutex<HashMap<K, Slot<V>>>,
    changed: Condvar,
}

/// One look-up.
struct Slot<V> {
    /// The round in which it was begun.
    round: u64,
    outcome: Outcome<V>,
}

/// How far a look-up has come.
#[derive(Clone)]
pub(super) enum Outcome<V> {
    /// Not answered yet.
    UnderWay,
    /// Not made, because its time was over before a thread was free.
    TooLate,
    /// Answered.
    Answered(V),
}

/// Whose a look-up is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The caller's: it has to be made.
    Granted,
    /// Somebody else's of this round, or one that has its answer, or one too many.
    Taken,
    /// Still under way since an earlier round.
    EarlierRound,
}

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self { slots: Mutex::default(), changed: Condvar::new() }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Answers<K, V> {
    /// Grants the look-up to the caller if nobody has made it, or somebody in an earlier round and in vain.
    pub(super) fn claim(&self, key: &K, round: u64, in_vain: impl Fn(&V) -> bool, most: usize) -> Claim {
        let mut slots = lock(&self.slots);
        let needed = match slots.get(key) {
            None => slots.len() < most,
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

    /// Makes a look-up that was granted, if it is not too late for it, and keeps the answer.
    pub(super) fn look_up(&self, key: &K, round: u64, deadline: Instant, ask: impl FnOnce() -> V) {
        let outcome = if Instant::now() >= deadline { Outcome::TooLate } else { Outcome::Answered(ask()) };
        self.give(key, round, outcome);
    }

    /// Ends a look-up that was granted.
    pub(super) fn give(&self, key: &K, round: u64, outcome: Outcome<V>) {
        // Whoever asked may have taken the deadline for an answer and asked again since.
        if let Some(slot) = lock(&self.slots).get_mut(key).filter(|slot| slot.round == round) {
            slot.outcome = outcome;
        }
        self.changed.notify_all();
    }

    /// The answer, as soon as it is there; none at the deadline.
    pub(super) fn wait(&self, key: &K, deadline: Instant) -> Option<V> {
        let mut slots = lock(&self.slots);
        loop {
            match &slots.get(key)?.outcome {
                Outcome::Answered(answer) => return Some(answer.clone()),
                Outcome::TooLate => return None,
                Outcome::UnderWay => {}
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            slots = self.changed.wait_timeout(slots, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`Answers::wait`]; the next claim is a new look-up.
    pub(super) fn take(&self, key: &K, deadline: Instant) -> Option<V> {
        let answer = self.wait(key, deadline);
        lock(&self.slots).remove(key);
        answer
    }

    /// How many look-ups have not ended.
    #[cfg(test)]
    pub(super) fn under_way(&self) -> usize {
        lock(&self.slots).values().filter(|slot| matches!(slot.outcome, Outcome::UnderWay)).count()
    }
}
