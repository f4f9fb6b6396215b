//! The contents of one reply, row by row.

use super::fault::Fault;
use super::segment::{Mark, Segment, Stop};
use super::table::Inserted;
use crate::wire::mru::{self, MruEntry};
use crate::wire::timestamp::NtpTimestamp;

/// What a reply says, and what became of its rows.
#[expect(clippy::struct_excessive_bools, reason = "each is a finding of its own")]
pub(super) struct Reading {
    /// Fragments were lost.
    pub(super) lossy: bool,
    /// The row that the reply continues from has moved.
    pub(super) moved: bool,
    /// The segment before the reply, and how many rows it named to continue from.
    pub(super) before: Segment,
    pub(super) priors: usize,
    /// The segment after the rows read so far.
    pub(super) segment: Segment,
    /// The timestamp of the last row before the reply.
    pub(super) began_at: Option<NtpTimestamp>,
    /// The segment reached its end.
    pub(super) reached: bool,
    /// The number of the next row.
    pub(super) next_row: u32,
    /// The last row read.
    pub(super) latest: Option<Mark>,
    /// The first row read.
    pub(super) first: Option<Mark>,
    /// The number of rows that are new to the table.
    pub(super) fresh: u32,
    /// Rows are not in order of time.
    pub(super) disorder: bool,
    /// The table is full.
    pub(super) full: bool,
    /// The parts that were lost.
    pub(super) holes: Vec<Segment>,
    pub(super) older_last: Option<NtpTimestamp>,
    pub(super) now: Option<NtpTimestamp>,
    pub(super) nonce: Vec<u8>,
    pub(super) fault: Option<Fault>,
    /// The fields of an incomplete row, if there was one.
    pub(super) broken: Option<u8>,
    /// The current run is not the first of the reply: its first row may follow a hole.
    pub(super) after_hole: bool,
    /// Upper bound for timestamps, by the daemon's clock.
    pub(super) present: Option<u32>,
}

impl Reading {
    pub(super) fn new(segment: Segment, present: Option<u32>, lossy: bool) -> Self {
        Self {
            lossy,
            moved: false,
            before: segment.clone(),
            priors: 0,
            began_at: segment.tail.newest().map(|mark| mark.last),
            segment,
            reached: false,
            next_row: 0,
            latest: None,
            first: None,
            fresh: 0,
            disorder: false,
            full: false,
            holes: Vec::new(),
            older_last: None,
            now: None,
            nonce: Vec::new(),
            fault: None,
            broken: None,
            after_hole: false,
            present,
        }
    }

    /// Returns how many rows are missing before this one, if a fragment was lost there.
    pub(super) fn missing_before(&mut self, row: u32) -> Option<u32> {
        let after_hole = std::mem::replace(&mut self.after_hole, false);
        let missing = row.saturating_sub(self.next_row);
        (after_hole && missing > 0 && !self.reached).then_some(missing)
    }

    /// Moves on to a row.
    pub(super) fn take(&mut self, row: u32, entry: &MruEntry, inserted: Inserted) {
        let mark = Mark::from(entry);
        if self.latest.is_some_and(|latest| mark.last.is_before(latest.last))
            // No packet comes from the future, unless the clock has been set back.
            || self.present.is_some_and(|present| mark.last.seconds().wrapping_sub(present).cast_signed() > 3)
        {
            self.disorder = true;
        }
        match inserted {
            Inserted::New | Inserted::Updated => self.fresh += 1,
            Inserted::Full => self.full = true,
            Inserted::Known | Inserted::Stale => {}
        }
        if let Stop::At(stop) = self.segment.stop {
            let held =
                matches!(inserted, Inserted::Known | Inserted::Stale) && !mark.last.is_before(stop.last);
            self.reached |= mark == stop || held;
        }
        let since = self.segment.tail.newest().or(self.first.as_ref()).map(|mark| mark.last);
        if let (Some(before), false) = (since, self.latest.is_some()) {
            self.segment.stride = Some(mark.last.seconds_since(before));
        } else if let (Some(stride), Some(latest)) = (self.segment.stride, self.latest) {
            self.segment.stride = Some(stride + mark.last.seconds_since(latest.last));
        } else if self.latest.is_none() {
            self.segment.stride = Some(0.0);
        }
        self.latest = Some(mark);
        self.next_row = row.saturating_add(1);
        // Clients that send queries, as we do, move with each of them: useless to continue from or to stop at.
        if !matches!(entry.mode(), 6 | 7) {
            self.first.get_or_insert(mark);
            self.segment.tail.push(mark);
        }
    }

    /// Checks that the reply continues from a row that was named.
    pub(super) fn check_older(&mut self, text: &[u8], priors: &[Mark]) -> Option<Fault> {
        let Some(last) = self.older_last else { return Some(Fault::AddressBeforeLast(text.to_vec())) };
        let Some(address) = mru::socket_address(text) else {
            return Some(Fault::AddressGarbled(text.to_vec()));
        };
        // An address may be named more than once: ours is heard from with each request.
        let mut named = priors.iter().filter(|prior| prior.address == address).peekable();
        let Some(prior) = named.peek().copied() else { return Some(Fault::AddressUnknown(text.to_vec())) };
        let stamp = format!("0x{:08x}.{:08x}", last.seconds(), last.fraction());
        if named.any(|prior| prior.last == last) {
            return None;
        }
        // NTPsec compares only the address if there is a single row to continue from.
        self.moved = prior.last.is_before(last);
        (!self.moved).then(|| Fault::LastMismatch(stamp.into_bytes(), prior.last))
    }

    /// Checks that the list ends with the last row read.
    pub(super) fn check_newest(&mut self, text: &[u8]) -> Option<Fault> {
        if self.now.is_none() {
            return Some(Fault::NewestBeforeNow(text.to_vec()));
        }
        if let Some(fields) = self.broken.take() {
            return Some(Fault::IncompleteRow(text.to_vec(), fields));
        }
        let latest = self.latest?;
        let newest = mru::timestamp(text);
        (newest != Some(latest.last)).then(|| Fault::NewestMismatch(text.to_vec(), latest.last))
    }
}
