//! One-shot synchronisation: which sample of a server, and which server of many, the time is taken from.
//!
//! The filter and the classic choice are those of ntpdate 4.2.8p15, in its fixed point arithmetic; [`majority()`] finds
//! who tells the truth (RFC 5905 section 11.2.1), and [`choose_confirmed`] which of those to follow.

mod majority;

pub use majority::{VOTE, choose_confirmed, common_time, majority};

use crate::wire::timestamp::NtpTimestamp;
use std::fmt;

/// The most servers that the classic choice looks at.
const LONGEST_LIST: usize = 5;
/// What a lost sample counts as dispersion, and the most that a sample counts: 64 s in 16.16.
const MAX_DISPERSION: i64 = 64 << 16;
/// A server further away than this is not used: 8 s in 16.16.
const MAX_DELAY: i32 = 8 << 16;
/// What the least precise of clocks and networks may disagree by, in 16.16.
const MIN_DISAGREEMENT: i64 = 1024 + 655;
/// The least delay of a sample, in 16.16.
const MIN_DELAY: i32 = 1311;
/// A server that was not set for a day is not used.
const LONGEST_WITHOUT_SYNC: u32 = 86_400;
/// A root distance above this is not a time to set a clock by: 1.5 s in 2^-32 s (RFC 5905's MAXDIST).
const MAX_DISTANCE: i64 = 3 << 31;
/// Half of the least error of a server, in 2^-32 s (RFC 5905's MINDISP is 5 ms).
const MIN_DISTANCE: i64 = (1 << 32) / 200;

/// One exchange with a server, or the lack of one: then both are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Round trip and both clocks' precision, in 2^-16 s; 0 for a lost sample.
    pub delay: i32,
    /// The server's clock minus ours, in 2^-32 s.
    pub offset: i64,
}

impl Sample {
    /// The sample of four timestamps (RFC 5905 section 8): the request's departure here and arrival there,
    /// the reply's departure there and arrival here. One whose delay is not positive counts as lost.
    pub fn new(sent: u64, received: u64, transmitted: u64, arrived: u64, precision: i8) -> Self {
        let (raw_delay, offset) = exchange(sent, received, transmitted, arrived);
        let own = 65_536_i32 >> 6;
        let theirs = precision_to_delay(precision);
        let delay = raw_delay.saturating_add(own).saturating_add(theirs).saturating_add(655);
        if delay <= 0 { Self::default() } else { Self { delay: delay.max(MIN_DELAY), offset } }
    }

    /// Whether there was no exchange.
    pub fn is_lost(&self) -> bool {
        self.delay == 0
    }
}

/// The bare delay in 2^-16 s, which saturates, and the offset in 2^-32 s.
pub fn exchange(sent: u64, received: u64, transmitted: u64, arrived: u64) -> (i32, i64) {
    let back = transmitted.wrapping_sub(arrived).cast_signed();
    let there = received.wrapping_sub(sent).cast_signed();
    let offset = (back >> 1).wrapping_add(there >> 1);
    (rounded_down(there.wrapping_sub(back)), offset)
}

/// A clock's precision, log2 seconds, in 2^-16 s; what is larger than a second counts as one.
fn precision_to_delay(precision: i8) -> i32 {
    65_536_i32.checked_shr(u32::from(precision.min(0).unsigned_abs())).unwrap_or(0)
}

/// 2^-32 s in 2^-16 s; saturates at half a day.
fn rounded_down(value: i64) -> i32 {
    let shifted = value >> 16;
    i32::try_from(shifted).unwrap_or(if shifted < 0 { i32::MIN } else { i32::MAX })
}

/// What the samples of a server come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// The best sample's delay, in 2^-16 s; 0 if all are lost.
    pub delay: i32,
    /// The best sample's offset, in 2^-32 s.
    pub offset: i64,
    /// How much the samples disagree, in 2^-16 s.
    pub dispersion: i64,
}

impl Filtered {
    /// The offset in 2^-16 s, rounded down, saturating at half a day.
    pub fn short_offset(&self) -> i64 {
        i64::from(rounded_down(self.offset))
    }
}

/// Selects the sample with the lowest delay; the others, `slots` in total, determine its quality.
pub fn filter(samples: &[Sample], slots: usize) -> Filtered {
    let mut sorted: Vec<Sample> =
        samples.iter().copied().chain(std::iter::repeat(Sample::default())).take(slots).collect();
    // The order of the classic: an exchange sort is not stable, and equal delays show that.
    for first in 0..slots {
        for second in first + 1..slots {
            if let (Some(a), Some(b)) = (sorted.get(first), sorted.get(second))
                && !b.is_lost()
                && (a.is_lost() || a.delay > b.delay)
            {
                sorted.swap(first, second);
            }
        }
    }
    let Some(best) = sorted.first().filter(|best| !best.is_lost()) else {
        return Filtered { delay: 0, offset: 0, dispersion: MAX_DISPERSION };
    };
    let own = i64::from(rounded_down(best.offset));
    let dispersion = (0_u32..)
        .zip(&sorted)
        .skip(1)
        .map(|(place, sample)| {
            let distance = if sample.is_lost() {
                MAX_DISPERSION
            } else {
                (i64::from(rounded_down(sample.offset)) - own).abs().min(MAX_DISPERSION)
            };
            distance >> place.min(63)
        })
        .sum();
    Filtered { delay: best.delay, offset: best.offset, dispersion }
}

/// What a server said last, and what its samples come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// 0 if it never answered, 16 if it is not synchronised.
    pub stratum: u8,
    /// Leap indicator; 3 is not synchronised.
    pub leap: u8,
    /// log2 seconds.
    pub precision: i8,
    /// A bit for each of the last eight answers: whether it was not authentic.
    pub trust: u8,
    /// When its clock was set, an NTP timestamp.
    pub reference_timestamp: u64,
    /// When its last answer left, an NTP timestamp.
    pub transmit_timestamp: u64,
    /// Round trip to the primary clock, in 2^-16 s.
    pub root_delay: u32,
    /// Dispersion to the primary clock, in 2^-16 s.
    pub root_dispersion: u32,
    /// Its samples.
    pub filtered: Filtered,
    /// The best sample's offset in 2^-32 s, in the era in which the server's time is meant: more than 64 bits hold.
    pub offset: i128,
}

/// Why a server is not used. Displayed in the classic words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It never answered.
    NoData,
    /// It is not synchronised.
    StrataTooHigh,
    /// The answers take more than 8 s.
    TooFarAway,
    /// Its leap indicator says that it is not synchronised.
    LeapNotInSync,
    /// Its clock was set in its future.
    VeryBroken,
    /// Its clock was not set for a day.
    TooLongWithoutSync,
    /// An answer was not authentic.
    Untrusted,
    /// Its root distance is more than 1.5 s.
    TooUncertain,
    /// In every era its time lies before this program was written.
    ImpossibleTime,
    /// The majority of the servers disagrees with it.
    Falseticker,
}

impl Unfit {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::StrataTooHigh => "stratum_too_high",
            Self::TooFarAway => "too_far_away",
            Self::LeapNotInSync => "leap_not_in_sync",
            Self::VeryBroken => "very_broken",
            Self::TooLongWithoutSync => "too_long_without_sync",
            Self::Untrusted => "untrusted",
            Self::TooUncertain => "too_uncertain",
            Self::ImpossibleTime => "impossible_time",
            Self::Falseticker => "falseticker",
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoData => "no data",
            Self::StrataTooHigh => "strata too high",
            Self::TooFarAway => "server too far away",
            Self::LeapNotInSync => "leap not in sync",
            Self::VeryBroken => "server is very broken",
            Self::TooLongWithoutSync => "server has gone too long without sync",
            Self::Untrusted => "Server is untrusted",
            Self::TooUncertain => "server is too uncertain of the time",
            Self::ImpossibleTime => "its time is before this program was written",
            Self::Falseticker => "falseticker",
        })
    }
}

impl Candidate {
    /// The first of the reasons not to use this server: the classic ones, and a root distance that is too large.
    /// Time stamps are compared across the end of an era.
    pub fn unfit(&self) -> Option<Unfit> {
        let ahead = NtpTimestamp(self.transmit_timestamp).is_before(NtpTimestamp(self.reference_timestamp));
        // Zero is not a timestamp: such a clock was never set.
        let set_in_its_future = ahead && self.reference_timestamp != 0;
        let classic = self.first_reason(set_in_its_future);
        classic.or((self.distance() > MAX_DISTANCE).then_some(Unfit::TooUncertain))
    }

    /// The first of the classic reasons not to use this server, timestamps compared as the original does: across
    /// the end of an era it takes the earlier one for the later.
    pub fn unfit_as_original(&self) -> Option<Unfit> {
        self.first_reason(self.transmit_timestamp < self.reference_timestamp)
    }

    fn first_reason(&self, set_in_its_future: bool) -> Option<Unfit> {
        let seconds = |stamp: u64| (stamp >> 32) as u32;
        let since_set = seconds(self.transmit_timestamp).wrapping_sub(seconds(self.reference_timestamp));
        [
            (self.stratum == 0, Unfit::NoData),
            (self.stratum > 15, Unfit::StrataTooHigh),
            (self.filtered.delay > MAX_DELAY, Unfit::TooFarAway),
            (self.leap == 3, Unfit::LeapNotInSync),
            (set_in_its_future, Unfit::VeryBroken),
            (since_set >= LONGEST_WITHOUT_SYNC, Unfit::TooLongWithoutSync),
            (self.trust != 0, Unfit::Untrusted),
        ]
        .into_iter()
        .find_map(|(applies, reason)| applies.then_some(reason))
    }

    /// How far the true time may be from this server's, in 2^-32 s (RFC 5905's root synchronisation distance).
    pub fn distance(&self) -> i64 {
        let delay = i64::from(self.root_delay).saturating_add(i64::from(self.filtered.delay)) << 16;
        (delay.max(MIN_DISTANCE) / 2).saturating_add(i64::from(self.root_dispersion) << 16)
    }
}

/// The classic choice among servers that are fit: the place of the one whose time is taken.
pub fn choose(servers: &[Candidate]) -> Option<usize> {
    let mut list = by_stratum(servers);
    for first in 0..list.len() {
        for second in first + 1..list.len() {
            let (Some(a), Some(b)) = (list.get(first), list.get(second)) else { continue };
            if a.1.stratum < b.1.stratum {
                break;
            }
            if a.1.filtered.delay >= b.1.filtered.delay {
                list.swap(first, second);
            }
        }
    }
    while list.len() > 1 {
        let worst = (0..list.len()).map(|place| (disagreement(&list, place), place)).max()?;
        let precision = list.iter().map(|(_, server)| server.precision).min().unwrap_or(0);
        if worst.0 < MIN_DISAGREEMENT + i64::from(precision_to_delay(precision)) {
            break;
        }
        list.remove(worst.1);
    }
    list.first().map(|(place, _)| *place)
}

/// The best servers by stratum and dispersion, of two strata.
fn by_stratum(servers: &[Candidate]) -> Vec<(usize, &Candidate)> {
    let mut list: Vec<(usize, &Candidate)> = Vec::with_capacity(LONGEST_LIST + 1);
    for (place, server) in servers.iter().enumerate() {
        let start = list.iter().position(|(_, other)| server.stratum <= other.stratum).unwrap_or(list.len());
        let better = |other: &Candidate| {
            server.stratum < other.stratum || server.filtered.dispersion < other.filtered.dispersion
        };
        let tail = list.iter().skip(start);
        let at = start + tail.clone().position(|(_, other)| better(other)).unwrap_or(tail.count());
        if at < LONGEST_LIST {
            list.insert(at, (place, server));
            list.truncate(LONGEST_LIST);
        }
    }
    within_two_strata(list)
}

fn within_two_strata(mut list: Vec<(usize, &Candidate)>) -> Vec<(usize, &Candidate)> {
    let mut strata: Vec<u8> = list.iter().map(|(_, server)| server.stratum).collect();
    strata.sort_unstable();
    strata.dedup();
    if let Some(third) = strata.get(2) {
        list.retain(|(_, server)| server.stratum < *third);
    }
    list
}

/// How much the others disagree with a server; the further down the list the less they count.
fn disagreement(list: &[(usize, &Candidate)], place: usize) -> i64 {
    let Some((_, server)) = list.get(place) else { return 0 };
    let others = list.iter().enumerate().filter(|(other, _)| *other != place);
    others
        .map(|(position, (_, other))| {
            let distance = (server.filtered.short_offset() - other.filtered.short_offset()).abs();
            (0..position).fold(distance, |distance, _| (distance >> 1) + (distance >> 2))
        })
        .sum()
}

#[cfg(test)]
mod tests;
