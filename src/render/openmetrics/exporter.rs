//! About the exporter and its probes: `ntpkit_build_info`, `ntpkit_scrape_collector_*`, `ntpkit_probe_*`.

use super::exposition::{Exposition, Family, Labels, gauge, info};
use std::time::Duration;

const BUILD: Family = info("ntpkit_build: Version and architecture of ntpkit.");
const COLLECTOR_SUCCESS: Family = gauge("ntpkit_scrape_collector_success: Whether the collector succeeded.");
const COLLECTOR_DURATION: Family =
    gauge("ntpkit_scrape_collector_duration_seconds: How long the collector took.");
const SUCCESS: Family = gauge("ntpkit_probe_success: Whether the probe succeeded.");
const DURATION: Family = gauge("ntpkit_probe_duration_seconds: How long the probe took.");
const FAILURE: Family = info("ntpkit_probe_failure: Why the probe failed.");

/// Adds the version and architecture of this program.
pub fn add_build(exposition: &mut Exposition) {
    let labels = Labels::new("version", env!("CARGO_PKG_VERSION").as_bytes())
        .with("arch", std::env::consts::ARCH.as_bytes());
    exposition.add(&BUILD, &labels, 1.0);
}

/// Adds the outcome of a collector.
pub fn add_collector(exposition: &mut Exposition, name: &str, success: bool, took: Duration) {
    let labels = Labels::new("collector", name.as_bytes());
    exposition.add(&COLLECTOR_SUCCESS, &labels, f64::from(u8::from(success)));
    exposition.add(&COLLECTOR_DURATION, &labels, took.as_secs_f64());
}

/// Adds the outcome of a probe, and why it failed if it did.
pub fn add_probe(exposition: &mut Exposition, failure: Option<&str>, took: Duration) {
    exposition.add_alone(&SUCCESS, f64::from(u8::from(failure.is_none())));
    exposition.add_alone(&DURATION, took.as_secs_f64());
    if let Some(reason) = failure {
        exposition.add(&FAILURE, &Labels::new("reason", reason.as_bytes()), 1.0);
    }
}
