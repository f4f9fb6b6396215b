//! When an additional segment is useful, and where it begins.

use super::MruSession;
use super::segment::{Segment, Start, Stop, earlier_second, seconds_between};
use std::time::Duration;

/// Maximum number of segments that are read at a time, not counting holes.
const MAX_PARALLEL: u8 = 8;
/// Maximum number of divisions.
const DIVISIONS: u32 = 64;

impl MruSession {
    /// Divides the rest of the longest segment in two if an additional segment is useful.
    pub(super) fn divide(&mut self, now: Duration) -> Option<Segment> {
        let wanted = self.segments_wanted();
        let busy = self.asks.iter().filter(|ask| ask.segment.rows.is_none()).count();
        if busy >= wanted || busy == 0 || self.divisions >= DIVISIONS {
            return None;
        }
        let present = self.daemon_second(now)?;
        let (at, middle, stride) = self
            .asks
            .iter()
            .enumerate()
            .filter(|(_, ask)| ask.segment.rows.is_none())
            .filter_map(|(at, ask)| {
                let from = ask.segment.reached()?;
                let to = match ask.segment.stop {
                    Stop::End => self.newest_before.map_or(present, |bound| earlier_second(bound, present)),
                    Stop::At(mark) => mark.last.seconds(),
                    Stop::Pending(_, second) => second,
                };
                let span = u32::try_from(seconds_between(from, to)).ok()?;
                let answers = f64::from(span) / ask.segment.stride?.max(1e-6);
                (span >= 4 && answers >= 3.0).then_some((
                    at,
                    from.wrapping_add(span.div_ceil(2)),
                    ask.segment.stride,
                    span,
                ))
            })
            .max_by_key(|&(.., span)| span)
            .map(|(at, middle, stride, _)| (at, middle, stride))?;
        let id = self.number_segment();
        let ask = self.asks.get_mut(at)?;
        let stop = std::mem::replace(&mut ask.segment.stop, Stop::Pending(id, middle));
        self.divisions += 1;
        Some(Segment { start: Start::Since(middle), stop, stride, ..Segment::whole(id) })
    }

    /// How many segments keep the daemon busy all the time.
    fn segments_wanted(&self) -> usize {
        let (Some(round_trip), Some(burst)) = (self.flow.round_trip.smoothed(), self.burst) else { return 1 };
        if self.disorder || self.config.raw || !self.config.divides {
            return 1;
        }
        let answers = round_trip.as_secs_f64() / burst.as_secs_f64().max(1e-4);
        // Two even without any delay: one reply is read while the daemon writes the next.
        (2..MAX_PARALLEL)
            .find(|&segments| f64::from(segments) >= answers + 1.0)
            .unwrap_or(MAX_PARALLEL)
            .into()
    }
}
