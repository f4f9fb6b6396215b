//! When an additional walk is useful, and where it begins.

use super::MruSession;
use super::walk::{Start, Stop, Walk, earlier_second, seconds_between};
use std::time::Duration;

/// Maximum number of walks that read at a time, not counting holes.
const WALKERS: u8 = 8;
/// Maximum number of divisions.
const DIVISIONS: u32 = 64;

impl MruSession {
    /// Divides the rest of the longest walk in two if an additional walk is useful.
    pub(super) fn divide(&mut self, now: Duration) -> Option<Walk> {
        let wanted = self.walkers_wanted();
        let busy = self.asks.iter().filter(|ask| ask.walk.rows.is_none()).count();
        if busy >= wanted || busy == 0 || self.divisions >= DIVISIONS {
            return None;
        }
        let present = self.daemon_second(now)?;
        let (at, middle, stride) = self
            .asks
            .iter()
            .enumerate()
            .filter(|(_, ask)| ask.walk.rows.is_none())
            .filter_map(|(at, ask)| {
                let from = ask.walk.reached()?;
                let to = match ask.walk.stop {
                    Stop::End => self.newest_before.map_or(present, |bound| earlier_second(bound, present)),
                    Stop::At(mark) => mark.last.seconds(),
                    Stop::Pending(_, second) => second,
                };
                let span = u32::try_from(seconds_between(from, to)).ok()?;
                let answers = f64::from(span) / ask.walk.stride?.max(1e-6);
                (span >= 4 && answers >= 3.0).then_some((
                    at,
                    from.wrapping_add(span.div_ceil(2)),
                    ask.walk.stride,
                    span,
                ))
            })
            .max_by_key(|&(.., span)| span)
            .map(|(at, middle, stride, _)| (at, middle, stride))?;
        let id = self.number_walk();
        let ask = self.asks.get_mut(at)?;
        let stop = std::mem::replace(&mut ask.walk.stop, Stop::Pending(id, middle));
        self.divisions += 1;
        Some(Walk { start: Start::Since(middle), stop, stride, ..Walk::whole(id) })
    }

    /// How many walks keep the daemon busy all the time.
    fn walkers_wanted(&self) -> usize {
        let (Some(round_trip), Some(burst)) = (self.flow.round_trip.smoothed(), self.burst) else { return 1 };
        if self.disorder || self.config.raw || !self.config.divides {
            return 1;
        }
        let answers = round_trip.as_secs_f64() / burst.as_secs_f64().max(1e-4);
        // Two even without any delay: one reply is read while the daemon writes the next.
        (2..WALKERS).find(|&walkers| f64::from(walkers) >= answers + 1.0).unwrap_or(WALKERS).into()
    }
}
