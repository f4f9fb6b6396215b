//! The clock filter's stages of a simulated association: measurements that waver from poll to poll, the same
//! at every run.

use super::scenario::{Association, Kind};
use super::time::NtpTime;

/// The growth of the dispersion, in milliseconds per second (RFC 5905 section 7.2, PHI).
const DISPERSION_RATE: f64 = 0.015;
/// The dispersion of an empty stage (RFC 5905 section 7.2, MAXDISP), in milliseconds.
const NO_SAMPLE: f64 = 16_000.0;
/// The dispersion of an association that was polled but never heard, in milliseconds. Associations that no server
/// answers directly stay at [`NO_SAMPLE`].
const UNREACHED: f64 = 15_937.5;

/// One stage of the clock filter; milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    pub(super) delay: f64,
    pub(super) offset: f64,
    pub(super) dispersion: f64,
}

/// The measurements of an association at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Samples {
    /// The stages, latest first.
    pub(super) stages: [Stage; 8],
    /// The departure of the last poll.
    pub(super) sent: NtpTime,
    /// The arrival of the last packet; [`NtpTime::NEVER`] if there was none.
    pub(super) received: NtpTime,
    /// Seconds until the next poll.
    pub(super) timer: u32,
    /// The filter's choice.
    pub(super) delay: f64,
    /// The filter's choice.
    pub(super) offset: f64,
    /// Of all stages together.
    pub(super) dispersion: f64,
    /// Of all stages together.
    pub(super) jitter: f64,
}

impl Samples {
    /// The contents of the filter at this moment.
    pub(super) fn at(association: &Association, now: NtpTime) -> Self {
        let seed = u64::from(association.id.0);
        let interval = association.poll_interval();
        // Polls are one interval apart, with a different phase for each association.
        let phase = (seed * 7) % u64::from(interval);
        let since = u64::from(now.whole_seconds()) + u64::from(interval) - phase;
        let poll = since / u64::from(interval);
        let elapsed = u32::try_from(since % u64::from(interval)).unwrap_or(0);
        let sent = NtpTime(u64::from(now.whole_seconds().wrapping_sub(elapsed)) << 32 | scatter(seed) >> 32);
        let sent = if now.seconds_since(sent) < 0.0 { now } else { sent };

        // A reference clock has no network path.
        let is_clock = matches!(association.kind, Kind::ReferenceClock(_));
        let way = if is_clock { 0.0 } else { association.jitter };
        let mut stages = [Stage { delay: 0.0, offset: 0.0, dispersion: NO_SAMPLE }; 8];
        let answered = (0..8u8).filter(|age| association.reach >> age & 1 != 0);
        for (stage, age) in stages.iter_mut().zip(answered) {
            let random = |salt: u64| waver(seed << 40 ^ salt << 36 ^ poll.wrapping_sub(u64::from(age)));
            *stage = Stage {
                delay: association.delay + random(1).abs() * way,
                offset: association.offset + random(2) * association.jitter,
                dispersion: DISPERSION_RATE * f64::from(interval) * f64::from(age),
            };
        }

        let reached = association.reach != 0;
        let late = f64::from(association.reach.trailing_zeros()) * f64::from(interval);
        let round_trip = association.delay / 1000.0;
        let received = if reached { sent.plus_seconds(round_trip - late) } else { NtpTime::NEVER };
        let best = stages
            .iter()
            .filter(|stage| stage.dispersion < NO_SAMPLE)
            .min_by(|a, b| a.delay.total_cmp(&b.delay))
            .copied()
            .unwrap_or(Stage { delay: 0.0, offset: 0.0, dispersion: NO_SAMPLE });
        Self {
            stages,
            sent,
            received: if now.seconds_since(received) < 0.0 && reached { now } else { received },
            timer: interval - elapsed,
            delay: best.delay,
            offset: best.offset,
            dispersion: match association.kind {
                _ if reached => dispersion(&stages, elapsed),
                Kind::Broadcast | Kind::Pool | Kind::Manycast => NO_SAMPLE,
                _ => UNREACHED,
            },
            jitter: if reached { jitter(&stages, best) } else { 0.0 },
        }
    }
}

impl Association {
    /// Seconds between two polls.
    pub(super) fn poll_interval(&self) -> u32 {
        1 << self.host_poll.min(self.peer_poll).clamp(3, 17)
    }
}

/// RFC 5905 section 10: each stage has half the weight of the previous one.
fn dispersion(stages: &[Stage; 8], elapsed: u32) -> f64 {
    let weighed = stages.iter().rev().fold(0.0, |sum, stage| f64::midpoint(sum, stage.dispersion));
    weighed + DISPERSION_RATE * f64::from(elapsed)
}

/// RFC 5905 section 10: the root mean square of the offsets' distances from the chosen one.
fn jitter(stages: &[Stage; 8], best: Stage) -> f64 {
    let (count, sum) = stages
        .iter()
        .filter(|stage| stage.dispersion < NO_SAMPLE)
        .fold((0.0, 0.0), |(count, sum), stage| (count + 1.0, sum + (stage.offset - best.offset).powi(2)));
    if count > 1.0 { (sum / (count - 1.0_f64)).sqrt() } else { 0.0 }
}

/// A pseudo-random number (the finalizer of `SplitMix64`).
pub(super) fn scatter(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// A pseudo-random number between -1 and 1.
pub(super) fn waver(seed: u64) -> f64 {
    let [a, b, c, d, ..] = scatter(seed).to_be_bytes();
    f64::from(i32::from_be_bytes([a, b, c, d])) / 2_147_483_648.0
}
