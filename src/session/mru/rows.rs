//! Processes replies: rows go into the table, holes and the rest of the list into further segments.

use super::ask::Ask;
use super::fault::Fault;
use super::reading::Reading;
use super::segment::{Mark, Segment, Start, Stop, earlier_second};
use super::{ENTRY_LIMIT, End, MAX_SEGMENTS, MruSession, RESTARTS, RESTARTS_OF_ALL};
use crate::session::reassembly::Added;
use crate::wire::control::{DATA_LIMIT, ErrorCode, Message};
use crate::wire::mru::{self, Item, Run};
use std::time::Duration;

/// A segment's budget for consecutive replies without a new row. The cost of a reply …
const STALLS: u32 = 4096;
/// … that makes progress in the list all the same, …
const KNOWN_ROWS: u32 = 1;
/// … that was incomplete, …
const LOSSY_ANSWER: u32 = STALLS / 64;
/// … or that was complete and leads nowhere.
const EMPTY_ANSWER: u32 = STALLS / 8;
/// The budget of all segments together, restored only by a row for a new address, and the cost of a reply with known rows.
/// A segment may pass through a stretch that others have read.
const STALLS_OF_ALL: u32 = 4 * STALLS;
const KNOWN_ROWS_OF_ALL: u32 = 4;
/// How often to read the end of the list again because other parts were read after it.
const CATCH_UPS: u32 = 16;
/// The fraction of a reply (one in this many) that may be lost before smaller replies are requested.
const BEARABLE_LOSS: usize = 3;
/// Minimum window.
const MIN_WINDOW: usize = 128;
/// Updated rows to tolerate, in addition to eight per address.
const UPDATES: u64 = 20_000;
/// Rows to request after a hole turned out larger than it seemed.
const HOLE_ROWS: u32 = 16;

impl MruSession {
    /// Processes a fragment of a reply.
    pub(super) fn handle_rows(&mut self, message: &Message<'_>, now: Duration) {
        let sequence = message.header.sequence;
        let Some(at) = self.asks.iter().position(|ask| ask.has(sequence)) else {
            return self.rescue(message);
        };
        if message.header.error {
            self.note_life(now);
            return self.refused(at, message.header.error_code());
        }
        let Some(sending) = self.asks.get_mut(at).and_then(|ask| ask.sending(sequence)) else { return };
        // No daemon sends larger ones.
        if message.data.len() > DATA_LIMIT {
            return;
        }
        match sending.reply.add(message) {
            // A fragment without anything new is not a sign of life either.
            Added::Ignored => return,
            // More than was requested: make do with what there is.
            Added::TooLarge => return self.take_reply(at, now),
            Added::Kept => {}
        }
        let first = sending.heard.map_or(now, |(first, _)| first);
        if sending.heard.is_none() {
            self.flow.round_trip.record(now.saturating_sub(sending.at));
            if self.flow.latest_answered.is_none_or(|(latest, _)| latest < sending.at) {
                self.flow.latest_answered = Some((sending.at, now));
            }
        }
        sending.heard = Some((first, now));
        let is_complete = sending.reply.is_complete();
        self.note_life(now);
        if is_complete {
            self.take_reply(at, now);
        }
    }

    fn note_life(&mut self, now: Duration) {
        self.flow.last_heard = now;
        self.failures = 0;
    }

    /// Takes the rows of a fragment that arrived after we stopped waiting for it: they are as true as any.
    fn rescue(&mut self, message: &Message<'_>) {
        if message.header.error || !self.retired.contains(&message.header.sequence) {
            return;
        }
        let run =
            Run { offset: message.header.offset.into(), text: message.data, ends: !message.header.more };
        let table = &mut self.table;
        mru::read(&run, &mut |item| {
            if let Item::Entry(_, entry) = item {
                table.insert(entry, ENTRY_LIMIT);
            }
        });
    }

    /// Processes what has arrived of a reply.
    pub(super) fn take_reply(&mut self, at: usize, now: Duration) {
        if at >= self.asks.len() {
            return;
        }
        let ask = self.asks.swap_remove(at);
        let (capacity, expected) = (ask.capacity, ask.fragments);
        ask.sequences().for_each(|sequence| self.drop_request(sequence));
        let Some((segment, priors, sending)) = ask.into_best() else { return };
        let stretches = sending.reply.stretches();
        let end_seen = sending.reply.end_seen();
        let lossy = stretches.len() > 1 || !end_seen || stretches.first().is_none_or(|(at, _)| *at != 0);
        let mut reading = Reading::new(segment, self.daemon_second(now), lossy);
        reading.priors = priors.len();
        let last = stretches.len().saturating_sub(1);
        for (number, (offset, text)) in stretches.iter().enumerate() {
            let run = Run { offset: *offset, text, ends: end_seen && number == last };
            self.read_run(&run, &priors, &mut reading);
        }
        if let Some((first, last)) = sending.heard
            && !lossy
        {
            self.note_burst(last.saturating_sub(first), sending.reply.fragments(), expected);
        }
        if capacity == self.capacity {
            let missing = expected.saturating_sub(sending.reply.fragments());
            if lossy && missing * BEARABLE_LOSS > expected && expected >= 8 {
                self.capacity = capacity.halved();
                self.window = (self.window / 2).max(MIN_WINDOW);
            } else if !lossy && reading.now.is_none() {
                self.capacity = capacity.doubled(self.largest);
            }
        }
        let heard_before = self.heard_elsewhere;
        if let Some((_, last)) = sending.heard {
            self.heard_elsewhere = self.heard_elsewhere.max(last);
        }
        if self.config.raw {
            self.replies.extend(stretches.into_iter().map(|(_, text)| text));
        }
        self.go_on(reading, heard_before > sending.at, now);
    }

    /// Reads a contiguous run of a reply.
    fn read_run(&mut self, run: &Run<'_>, priors: &[Mark], reading: &mut Reading) {
        reading.after_hole = run.offset != 0;
        let mut holes = Vec::new();
        let table = &mut self.table;
        mru::read(run, &mut |item| {
            if reading.fault.is_some() {
                return;
            }
            match item {
                Item::Entry(row, entry) => {
                    let inserted = table.insert(entry, ENTRY_LIMIT);
                    if let Some(missing) = reading.missing_before(row) {
                        holes.push((
                            missing,
                            reading.segment.tail.clone(),
                            Mark::from(&entry),
                            reading.first.is_none(),
                        ));
                    }
                    reading.take(row, &entry, inserted);
                }
                Item::Broken(_, fields) => {
                    reading.broken.get_or_insert(fields);
                }
                Item::Nonce(nonce) => {
                    if run.offset == 0 {
                        reading.nonce = nonce.to_vec();
                    }
                }
                Item::OlderLast(text) => match mru::timestamp(text) {
                    Some(stamp) => reading.older_last = Some(stamp),
                    None => reading.fault = Some(Fault::LastGarbled(text.to_vec())),
                },
                Item::OlderAddress(text) => reading.fault = reading.check_older(text, priors),
                // After a hole without rows, nobody knows how many rows the hole had.
                Item::Now(text) if !reading.after_hole => reading.now = mru::timestamp(text),
                Item::Now(_) => {}
                Item::NewestLast(_) if reading.after_hole => {}
                Item::NewestLast(text) => reading.fault = reading.check_newest(text),
            }
        });
        for (rows, tail, stop, leads) in holes {
            // If the segment begins with a hole, a segment that waits for its first row waits for the first row of the hole.
            let id = if leads { reading.segment.id } else { self.number_segment() };
            if leads {
                reading.segment.id = self.number_segment();
                reading.first = None;
            }
            let hole = Segment {
                start: reading.segment.start,
                tail,
                stop: Stop::At(stop),
                // One row more, to see that the hole is closed.
                rows: Some(rows.saturating_add(1)),
                ..Segment::whole(id)
            };
            reading.holes.push(hole);
        }
    }

    /// Decides what follows from a reply: where to continue, or that the end was reached. `overlapped`: other parts of
    /// the list arrived in the meantime.
    fn go_on(&mut self, reading: Reading, overlapped: bool, now: Duration) {
        self.take_nonce(&reading.nonce, now);
        if !self.note_progress(now) {
            self.stalls += match reading.latest {
                Some(_) if reading.lossy => LOSSY_ANSWER,
                Some(_) => KNOWN_ROWS_OF_ALL,
                None => EMPTY_ANSWER,
            };
            if self.stalls >= STALLS_OF_ALL {
                return self.finish(Some(Fault::Stalled));
            }
        }
        let broken = reading.broken.map(|fields| Fault::IncompleteRow(Vec::new(), fields));
        if let Some(fault) = reading.fault.or(broken) {
            // The reply may be damaged, or come from somebody else.
            let mut segment = reading.before;
            segment.stalls += EMPTY_ANSWER;
            if segment.stalls >= STALLS {
                return self.finish(Some(fault));
            }
            return self.queue.push_front(segment);
        }
        if reading.full {
            return self.finish(Some(Fault::TooMany));
        }
        if self.table.updates() > UPDATES + 8 * self.table.len() as u64 {
            return self.finish(Some(Fault::TooFast));
        }
        if reading.moved {
            return self.continue_farther_back(reading.before, reading.priors);
        }
        if reading.disorder && !self.disorder {
            self.disorder = true;
            if self.divisions > 0 {
                // The parts were divided by time, which means nothing here.
                return self.restart(0);
            }
        }
        if !reading.holes.is_empty() && self.queue.len() + reading.holes.len() > MAX_SEGMENTS {
            let mut segment = reading.before;
            segment.stalls += LOSSY_ANSWER;
            if segment.stalls >= STALLS {
                return self.finish(Some(Fault::Stalled));
            }
            return self.queue.push_front(segment);
        }
        let mut segment = reading.segment;
        if let Some(first) = reading.first
            && self.is_passed(segment.id, first)
        {
            // The preceding segment has passed the beginning of this one and will read the rest as well.
            self.announce(segment.id, segment.stop);
            return self.conclude();
        } else if let Some(first) = reading.first {
            self.announce(segment.id, Stop::At(first));
        }
        self.queue.extend(reading.holes);
        if let Some(end) = reading.now {
            if let (true, Start::Since(second)) = (segment.tail.is_empty(), segment.start) {
                // Nothing is left where another segment expects the next part to begin.
                self.announce(segment.id, segment.stop);
                self.newest_before =
                    Some(self.newest_before.map_or(second, |bound| earlier_second(bound, second)));
            } else {
                let stale = overlapped || !self.is_idle();
                self.end = Some(End { now: end, tail: segment.tail, stale });
            }
        } else if !reading.reached {
            segment.stalls += match reading.latest {
                Some(latest) if reading.began_at.is_none_or(|before| before.is_before(latest.last)) => {
                    KNOWN_ROWS
                }
                _ if reading.lossy => LOSSY_ANSWER,
                _ => EMPTY_ANSWER,
            };
            if reading.fresh > 0 {
                segment.stalls = 0;
            }
            if segment.stalls >= STALLS {
                return self.finish(Some(Fault::Stalled));
            }
            segment.rows = segment.rows.map(|_| HOLE_ROWS);
            self.queue.push_front(segment);
        }
        self.conclude();
    }

    /// Whether the segment that waits for this segment's first row has already read it.
    fn is_passed(&self, id: u32, first: Mark) -> bool {
        let segments = self.asks.iter().map(|ask| &ask.segment).chain(&self.queue);
        segments
            .filter(|segment| matches!(segment.stop, Stop::Pending(waited, _) if waited == id))
            .any(|segment| segment.tail.newest().is_some_and(|newest| !newest.last.is_before(first.last)))
    }

    /// Passes the first row of a segment to the segment that waits for it.
    fn announce(&mut self, id: u32, stop: Stop) {
        let segments = self.asks.iter_mut().map(|ask| &mut ask.segment).chain(&mut self.queue);
        for segment in segments {
            if matches!(segment.stop, Stop::Pending(waited, _) if waited == id) {
                segment.stop = stop;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.asks.is_empty() && self.queue.is_empty()
    }

    /// Ends the reading if nothing is left to read.
    fn conclude(&mut self) {
        if !self.is_idle() || self.is_finished() {
            return;
        }
        let Some(end) = &self.end else { return self.finish(Some(Fault::Stalled)) };
        if !end.stale {
            return self.finish(None);
        }
        // Rows may have moved from parts not yet read to the end, which had been read.
        if self.catch_ups >= CATCH_UPS {
            return self.finish(Some(Fault::TooFast));
        }
        self.catch_ups += 1;
        let tail = end.tail.clone();
        let id = self.number_segment();
        self.queue.push_back(Segment { tail, ..Segment::whole(id) });
    }

    /// Reacts to a refusal by the daemon.
    fn refused(&mut self, at: usize, code: ErrorCode) {
        if at >= self.asks.len() {
            return;
        }
        let Ask { segment, capacity, priors, .. } = {
            let ask = self.asks.swap_remove(at);
            let sequences: Vec<u16> = ask.sequences().collect();
            for sequence in sequences {
                self.drop_request(sequence);
            }
            ask
        };
        match code {
            ErrorCode::UNKNOWN_VARIABLE if priors.is_empty() => self.finish(Some(Fault::NoPriors)),
            ErrorCode::UNKNOWN_VARIABLE => {
                self.continue_farther_back(segment, priors.len());
            }
            ErrorCode::BAD_VALUE => {
                if capacity == self.capacity {
                    match capacity.smaller() {
                        Some(smaller) => (self.capacity, self.largest) = (smaller, smaller),
                        None => return self.finish(Some(Fault::Refused(code))),
                    }
                }
                self.queue.push_front(segment);
            }
            _ => self.finish(Some(Fault::Refused(code))),
        }
    }

    /// The newest `moved` rows of a segment have moved: continues from older ones.
    fn continue_farther_back(&mut self, mut segment: Segment, moved: usize) {
        let reached = segment.reached();
        segment.tail.drop_newest(moved.max(1));
        if segment.tail.is_empty() {
            return self.begin_again(segment, reached);
        }
        self.queue.push_front(segment);
    }

    /// All rows that a segment could continue from have moved: continues by time, or reads the whole list again.
    fn begin_again(&mut self, mut segment: Segment, reached: Option<u32>) {
        match reached {
            Some(second)
                if !self.disorder && self.clock.is_some() && !self.config.raw && self.config.divides =>
            {
                segment.restarts += 1;
                self.restarts += 1;
                if segment.restarts > RESTARTS || self.restarts > RESTARTS_OF_ALL {
                    return self.finish(Some(Fault::Restarts));
                }
                segment.start = Start::Since(second.wrapping_sub(1));
                self.queue.push_front(segment);
            }
            _ => self.restart(segment.restarts),
        }
    }

    /// Reads the whole list again, after this many restarts.
    fn restart(&mut self, restarts: u32) {
        let restarts = restarts + 1;
        self.restarts += 1;
        self.beginnings += 1;
        if restarts > RESTARTS || self.beginnings > RESTARTS || self.restarts > RESTARTS_OF_ALL {
            return self.finish(Some(Fault::Restarts));
        }
        let under_way: Vec<u16> = self.asks.iter().flat_map(Ask::sequences).collect();
        for sequence in under_way {
            self.drop_request(sequence);
        }
        self.asks.clear();
        self.queue.clear();
        self.table.clear();
        self.counted = 0;
        self.end = None;
        let id = self.number_segment();
        self.queue.push_back(Segment { restarts, ..Segment::whole(id) });
    }

    /// Updates the estimate of how long a full reply takes.
    fn note_burst(&mut self, duration: Duration, fragments: usize, expected: usize) {
        if fragments < 2 || fragments * 2 < expected {
            return;
        }
        let scale = u32::try_from(expected).unwrap_or(u32::MAX);
        let full = duration / u32::try_from(fragments).unwrap_or(1).max(1) * scale;
        self.burst = Some(self.burst.map_or(full, |burst| burst * 3 / 4 + full / 4));
    }
}
