//! One-shot synchronisation: selects a sample of each server, and one of many servers.
//!
//! The filter and the classic choice are those of ntpdate 4.2.8p15, in its fixed-point arithmetic; [`majority()`] finds
//! the truechimers (RFC 5905 section 11.2.1), and [`choose_confirmed`] selects one of them.

mod majority;

pub use majority::{VOTE, choose_confirmed, common_time, majority};

use crate::wire::timestamp::NtpTimestamp;
use std::fmt;

/// Maximum number of servers that the classic choice considers.
const LONGEST_LIST: usize = 5;
/// The dispersion of a lost sample, and the maximum for any sample: 64 s in 16.16.
const MAX_DISPERSION: i64 = 64 << 16;
/// Servers with a larger delay are not used: 8 s in 16.16.
const MAX_DELAY: i32 = 8 << 16;
/// Disagreement tolerated for the least precise clocks and networks, in 16.16.
const MIN_DISAGREEMENT: i64 = 1024 + 655;
/// Minimum delay of a sample, in 16.16.
const MIN_DELAY: i32 = 1311;
/// A server whose clock was not set for a day is not used.
const LONGEST_WITHOUT_SYNC: u32 = 86_400;
/// Maximum root distance of a time to set a clock by: 1.5 s in 2^-32 s (RFC 5905's MAXDIST).
const MAX_DISTANCE: i64 = 3 << 31;
/// Half of the minimum error of a server, in 2^-32 s (RFC 5905's MINDISP is 5 ms).
const MIN_DISTANCE: i64 = (1 << 32) / 200;

/// One exchange with a server; both values are zero if it was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Round-trip delay plus the precision of both clocks, in 2^-16 s; 0 for a lost sample.
    pub delay: i32,
    /// Offset of the server's clock from ours, in 2^-32 s.
    pub offset: i64,
}

impl Sample {
    /// Computes a sample from four timestamps (RFC 5905 section 8): departure of the request here and arrival there,
    /// departure of the reply there and arrival here. A sample with a non-positive delay counts as lost.
    pub fn new(sent: u64, received: u64, transmitted: u64, arrived: u64, precision: i8) -> Self {
        let (raw_delay, offset) = exchange(sent, received, transmitted, arrived);
        let own = 65_536_i32 >> 6;
        let theirs = precision_to_delay(precision);
        let delay = raw_delay.saturating_add(own).saturating_add(theirs).saturating_add(655);
        if delay <= 0 { Self::default() } else { Self { delay: delay.max(MIN_DELAY), offset } }
    }

    /// Whether the exchange was lost.
    pub fn is_lost(&self) -> bool {
        self.delay == 0
    }
}

/// Returns the bare delay in 2^-16 s, saturating, and the offset in 2^-32 s.
pub fn exchange(sent: u64, received: u64, transmitted: u64, arrived: u64) -> (i32, i64) {
    let back = transmitted.wrapping_sub(arrived).cast_signed();
    let there = received.wrapping_sub(sent).cast_signed();
    let delay = there.wrapping_sub(back);
    let offset = if there.checked_sub(back).is_some() {
        (back >> 1).wrapping_add(there >> 1)
    } else {
        // Half an era apart, one difference has wrapped and the other has not: their mean is near 0.
        there.wrapping_sub(delay >> 1)
    };
    (rounded_down(delay), offset)
}

/// Converts a clock's precision from log2 seconds to 2^-16 s, at most one second.
fn precision_to_delay(precision: i8) -> i32 {
    65_536_i32.checked_shr(u32::from(precision.min(0).unsigned_abs())).unwrap_or(0)
}

/// Converts 2^-32 s to 2^-16 s; saturates at half a day.
fn rounded_down(value: i64) -> i32 {
    let shifted = value >> 16;
    i32::try_from(shifted).unwrap_or(if shifted < 0 { i32::MIN } else { i32::MAX })
}

/// The result of filtering a server's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// The best sample's delay, in 2^-16 s; 0 if all are lost.
    pub delay: i32,
    /// The best sample's offset, in 2^-32 s.
    pub offset: i64,
    /// Dispersion of the samples, in 2^-16 s.
    pub dispersion: i64,
}

impl Filtered {
    /// The offset in 2^-16 s, rounded down, saturating at half a day.
    pub fn short_offset(&self) -> i64 {
        i64::from(rounded_down(self.offset))
    }
}

/// Selects the sample with the lowest delay; the others, `slots` in total, determine the dispersion.
pub fn filter(samples: &[Sample], slots: usize) -> Filtered {
    let mut sorted: Vec<Sample> =
        samples.iter().copied().chain(std::iter::repeat(Sample::default())).take(slots).collect();
    // The order of the classic program: its exchange sort is not stable, which is visible with equal delays.
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

/// A server's last reply and its filtered samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// 0 if it never answered, 16 if it is not synchronised.
    pub stratum: u8,
    /// Leap indicator; 3 is not synchronised.
    pub leap: u8,
    /// log2 seconds.
    pub precision: i8,
    /// One bit per reply, for the last eight: set if it was not authentic.
    pub trust: u8,
    /// When its clock was last set, an NTP timestamp.
    pub reference_timestamp: u64,
    /// When its last reply left, an NTP timestamp.
    pub transmit_timestamp: u64,
    /// Root delay, in 2^-16 s.
    pub root_delay: u32,
    /// Root dispersion, in 2^-16 s.
    pub root_dispersion: u32,
    /// Its samples.
    pub filtered: Filtered,
    /// The best sample's offset in 2^-32 s, relative to the server's assumed era: this can exceed 64 bits.
    pub offset: i128,
}

/// Why a server is not used, displayed in the classic words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It never answered.
    NoData,
    /// It is not synchronised.
    StrataTooHigh,
    /// The delay is more than 8 s.
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
    /// In every era its time is before this program was written.
    ImpossibleTime,
    /// The majority of the servers disagrees with it.
    Falseticker,
}

impl Unfit {
    /// Returns its keyword for programs.
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
    /// Returns the first reason not to use this server: the classic reasons, and an excessive root distance. Timestamps
    /// are compared across the end of an era.
    pub fn unfit(&self) -> Option<Unfit> {
        let ahead = NtpTimestamp(self.transmit_timestamp).is_before(NtpTimestamp(self.reference_timestamp));
        // Zero is not a timestamp: such a clock was never set.
        let set_in_its_future = ahead && self.reference_timestamp != 0;
        let classic = self.first_reason(set_in_its_future);
        classic.or((self.distance() > MAX_DISTANCE).then_some(Unfit::TooUncertain))
    }

    /// Returns the first classic reason not to use this server, comparing timestamps like 4.2.8p15: across the end of
    /// an era, it takes the earlier one for the later.
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

    /// Maximum error of this server's time, in 2^-32 s (RFC 5905's root synchronisation distance).
    pub fn distance(&self) -> i64 {
        let delay = i64::from(self.root_delay).saturating_add(i64::from(self.filtered.delay)) << 16;
        (delay.max(MIN_DISTANCE) / 2).saturating_add(i64::from(self.root_dispersion) << 16)
    }
}

/// The classic choice among usable servers: the index of the one to take the time from.
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

/// Returns the best servers by stratum and dispersion, from two strata.
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

/// How much the others disagree with a server; the further down the list, the less they count.
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
