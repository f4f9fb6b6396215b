//! Delivers the outcomes of jobs in order.

use super::Finish;
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Outcomes not delivered yet.
pub(super) struct Outcomes<'a, O> {
    /// The index of the first undelivered outcome.
    first: usize,
    waiting: VecDeque<Option<O>>,
    in_order: bool,
    deliver: &'a mut dyn FnMut(usize, O) -> ControlFlow<()>,
}

impl<'a, O> Outcomes<'a, O> {
    /// Creates an empty set, which delivers to this receiver in order of the jobs or as outcomes arrive.
    pub(super) fn new(in_order: bool, deliver: &'a mut dyn FnMut(usize, O) -> ControlFlow<()>) -> Self {
        Self { first: 0, waiting: VecDeque::new(), in_order, deliver }
    }

    /// Adds the outcome of the job with this index.
    pub(super) fn put(&mut self, place: usize, outcome: O) -> ControlFlow<()> {
        if !self.in_order {
            return (self.deliver)(place, outcome);
        }
        let at = place.saturating_sub(self.first);
        if self.waiting.len() <= at {
            self.waiting.resize_with(at + 1, || None);
        }
        if let Some(slot) = self.waiting.get_mut(at) {
            *slot = Some(outcome);
        }
        while let Some(outcome) = self.waiting.front_mut().and_then(Option::take) {
            self.waiting.pop_front();
            let place = self.first;
            self.first += 1;
            (self.deliver)(place, outcome)?;
        }
        ControlFlow::Continue(())
    }

    /// Delivers all remaining outcomes, even if earlier ones are missing.
    pub(super) fn hand_out_all(self) -> Finish {
        for (place, outcome) in (self.first..).zip(self.waiting) {
            if let Some(outcome) = outcome
                && (self.deliver)(place, outcome).is_break()
            {
                return Finish::Stopped;
            }
        }
        Finish::Interrupted
    }
}
