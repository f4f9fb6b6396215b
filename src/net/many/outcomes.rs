//! Results in order of the jobs.

use super::Finish;
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Results that arrive in any order and leave in the order of their places.
#[derive(Debug)]
pub struct InOrder<T> {
    /// The place of the next result to leave.
    next: usize,
    waiting: VecDeque<Option<T>>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self { next: 0, waiting: VecDeque::new() }
    }
}

impl<T> InOrder<T> {
    /// Adds the result for this place.
    pub fn put(&mut self, place: usize, result: T) {
        let at = place.saturating_sub(self.next);
        if self.waiting.len() <= at {
            self.waiting.resize_with(at + 1, || None);
        }
        if let Some(slot) = self.waiting.get_mut(at) {
            *slot = Some(result);
        }
    }

    /// Returns the next result with its place, if it has arrived.
    pub fn take_next(&mut self) -> Option<(usize, T)> {
        let result = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.next += 1;
        Some((self.next - 1, result))
    }

    /// Returns the result for this place, if it waits for an earlier one.
    pub fn waiting(&mut self, place: usize) -> Option<&mut T> {
        self.waiting.get_mut(place.checked_sub(self.next)?)?.as_mut()
    }

    /// Returns all remaining results with their places, even if earlier ones are missing.
    pub fn rest(self) -> impl Iterator<Item = (usize, T)> {
        (self.next..).zip(self.waiting).filter_map(|(place, result)| Some((place, result?)))
    }
}

/// Outcomes not delivered yet.
pub(super) struct Outcomes<'a, O> {
    /// `None` if they are delivered as they arrive.
    waiting: Option<InOrder<O>>,
    deliver: &'a mut dyn FnMut(usize, O) -> ControlFlow<()>,
}

impl<'a, O> Outcomes<'a, O> {
    /// Creates an empty set, which delivers to this receiver in order of the jobs or as outcomes arrive.
    pub(super) fn new(in_order: bool, deliver: &'a mut dyn FnMut(usize, O) -> ControlFlow<()>) -> Self {
        Self { waiting: in_order.then(InOrder::default), deliver }
    }

    /// Adds the outcome of the job with this index.
    pub(super) fn put(&mut self, place: usize, outcome: O) -> ControlFlow<()> {
        let Some(waiting) = &mut self.waiting else { return (self.deliver)(place, outcome) };
        waiting.put(place, outcome);
        while let Some((place, outcome)) = waiting.take_next() {
            (self.deliver)(place, outcome)?;
        }
        ControlFlow::Continue(())
    }

    /// Delivers all remaining outcomes, even if earlier ones are missing.
    pub(super) fn hand_out_all(self) -> Finish {
        for (place, outcome) in self.waiting.into_iter().flat_map(InOrder::rest) {
            if (self.deliver)(place, outcome).is_break() {
                return Finish::Stopped;
            }
        }
        Finish::Interrupted
    }
}
