//! What ntpd-rs reports about itself: JSON on its observation socket, preceded by its length in 64 bits.
//!
//! Versions differ in their fields, so every field is optional and unknown fields are ignored.

use super::timestamp::NtpTimestamp;
use serde::Deserialize;
use std::time::Duration;

/// Maximum length in octets.
pub const LENGTH_LIMIT: u64 = 1 << 20;

/// The value, in seconds, of something not measured yet.
const NOT_MEASURED: f64 = 2_147_483_648.0;

/// The daemon's report.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// The program.
    pub program: Program,
    /// Its clock.
    pub system: System,
    /// Its sources, in no particular order.
    pub sources: Vec<Source>,
}

/// The program.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Program {
    /// The time of the observation, in later versions.
    pub now: Option<Stamp>,
    /// Seconds since its start, in later versions.
    pub uptime_seconds: Option<f64>,
}

impl Program {
    /// Returns how long it has been running, to the second.
    pub fn uptime(&self) -> Option<Duration> {
        let uptime = Duration::try_from_secs_f64(self.uptime_seconds?).ok()?;
        Some(Duration::from_secs(uptime.as_secs()))
    }
}

/// A timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Stamp {
    /// NTP time, 32.32 bits; 0 for none.
    pub timestamp: u64,
}

impl Stamp {
    /// Returns the timestamp, if there is one.
    pub fn time(self) -> Option<NtpTimestamp> {
        let seconds = u32::try_from(self.timestamp >> 32).unwrap_or(0);
        let fraction = u32::try_from(self.timestamp & 0xffff_ffff).unwrap_or(0);
        let stamp = NtpTimestamp::new(seconds, fraction);
        (!stamp.is_zero()).then_some(stamp)
    }
}

/// The daemon's clock. Durations in seconds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct System {
    /// Stratum; 16 while not synchronised.
    pub stratum: Option<u8>,
    /// The IPv4 address of the source, the beginning of the MD5 digest of its IPv6 address, or letters.
    pub reference_id: u32,
    /// Delay to the root.
    pub root_delay: f64,
    /// Dispersion to the root, in earlier versions.
    pub root_dispersion: Option<f64>,
    /// In later versions: when the polynomial of the root's variance begins …
    pub root_variance_base_time: Option<Stamp>,
    /// … and its four coefficients.
    pub root_variance_base: f64,
    /// The second coefficient.
    pub root_variance_linear: f64,
    /// The third.
    pub root_variance_quadratic: f64,
    /// The fourth.
    pub root_variance_cubic: f64,
    /// `NoWarning`, `Leap61`, `Leap59`, or `Unknown` (not synchronised).
    pub leap_indicator: String,
}

/// A source. Durations in seconds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Source {
    /// The offset of the source's clock from the local one.
    pub offset: f64,
    /// Standard deviation of the offset.
    pub uncertainty: f64,
    /// Round-trip delay.
    pub delay: f64,
    /// When the last measurement was made.
    pub last_update: Stamp,
    /// Unanswered polls since the last answered one; 8 for an unreachable source.
    pub unanswered_polls: u32,
    /// log2 of the seconds between polls.
    pub poll_interval: i64,
    /// The configured name, with a port.
    pub name: String,
    /// The address, with a port.
    pub address: String,
    /// Its ID.
    pub id: u64,
    /// The number of NTS cookies in store; `None` for a source without NTS.
    pub nts_cookies: Option<i64>,
}

impl Source {
    /// Whether it has been measured.
    pub fn is_measured(&self) -> bool {
        self.last_update.timestamp != 0 && self.uncertainty < NOT_MEASURED && self.delay < NOT_MEASURED
    }
}

impl Observation {
    /// Parses a report; the sources are sorted by name.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let mut observation: Self = serde_json::from_slice(json).ok()?;
        observation.system.stratum?;
        observation.sources.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Some(observation)
    }

    /// The root dispersion in seconds, at the time of the observation.
    pub fn root_dispersion(&self) -> Option<f64> {
        let system = &self.system;
        if system.root_dispersion.is_some() {
            return system.root_dispersion;
        }
        let since = system.root_variance_base_time?.timestamp;
        let units = self.program.now?.timestamp.wrapping_sub(since).cast_signed();
        #[expect(clippy::cast_precision_loss, reason = "a time span needs no 64 bits")]
        let t = units as f64 / 4_294_967_296.0;
        let variance = system.root_variance_base
            + t * (system.root_variance_linear
                + t * (system.root_variance_quadratic + t * system.root_variance_cubic));
        Some(variance.max(0.0).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_and_later_versions() {
        let text = br#"{"program":{"version":"1.4.0"},"system":{"stratum":3,"reference_id":3221225996,
            "accumulated_steps_threshold":null,"root_delay":0.00003368,"root_dispersion":0.0117,
            "leap_indicator":"NoWarning"},"sources":[{"offset":1.5e-6,"uncertainty":0.0058,"delay":0.00003,
            "last_update":{"timestamp":17197830937421473132},"unanswered_polls":0,"poll_interval":4,
            "nts_cookies":8,"name":"b:123","address":"192.0.2.12:123","id":2},{"offset":0.0,
            "uncertainty":2147483648.5,"delay":2147483648.5,"last_update":{"timestamp":0},"name":"a:123"}]}"#;
        let observation = Observation::parse(text).unwrap();
        assert_eq!(observation.root_dispersion(), Some(0.0117));
        assert_eq!(observation.sources.iter().map(Source::is_measured).collect::<Vec<_>>(), [false, true]);
        assert_eq!(
            observation.sources.iter().map(|source| source.nts_cookies).collect::<Vec<_>>(),
            [None, Some(8)]
        );

        let later = br#"{"program":{"now":{"timestamp":42949672960}},"system":{"stratum":2,
            "root_variance_base_time":{"timestamp":34359738368},"root_variance_base":1e-6,
            "root_variance_linear":2e-6,"root_variance_quadratic":1e-6,"root_variance_cubic":0}}"#;
        let dispersion = Observation::parse(later).unwrap().root_dispersion().unwrap();
        assert!((dispersion - 0.003).abs() < 1e-9, "{dispersion}");
    }

    #[test]
    fn invalid_observations() {
        let nested = "[".repeat(100_000);
        let deep = format!("{{\"sources\":{nested}");
        for text in ["", "null", "{}", "[]", "{\"system\":{\"stratum\":-1}}", nested.as_str(), deep.as_str()]
        {
            assert_eq!(Observation::parse(text.as_bytes()), None);
        }
    }
}
