//! How well a daemon keeps its clock: `ntpkit_health_*`, with the label `daemon`.

use super::exposition::{Exposition, Family, Labels, gauge};
use crate::model::health::Health;

const ANSWERED: Family = gauge("ntpkit_health_answered: Whether a daemon answered.");
const SYNCHRONIZED: Family = gauge("ntpkit_health_synchronized: Whether the daemon is synchronised.");
const STRATUM: Family = gauge("ntpkit_health_stratum: Stratum of the daemon.");
const MAXIMUM_ERROR: Family =
    gauge("ntpkit_health_maximum_error_seconds: The most that the clock is wrong by.");
const OFFSET: Family = gauge("ntpkit_health_offset_seconds: The clock's offset.");
const JITTER: Family = gauge("ntpkit_health_jitter_seconds: The spread of its offsets.");
const AGE: Family = gauge("ntpkit_health_age_seconds: Time since the daemon looked at its sources.");
const POLL_INTERVAL: Family = gauge("ntpkit_health_poll_interval_seconds: Time between polls.");

/// Adds the figures of a daemon; of one that told nothing, only that.
pub fn add_health(exposition: &mut Exposition, host: Option<&str>, health: Option<&Health>) {
    let labels = Labels::default().with_known("host", host.map(str::as_bytes));
    let labels = labels.with_known("daemon", health.map(|health| health.daemon.as_bytes()));
    let truth = |truth: bool| f64::from(u8::from(truth));
    exposition.add(&ANSWERED, &labels, truth(health.is_some()));
    let Some(health) = health else { return };
    let seconds = |milliseconds: Option<f64>| milliseconds.map(|value| value / 1000.0);
    let measured = health.measured();
    exposition.add(&SYNCHRONIZED, &labels, truth(health.is_synchronized));
    exposition.add_known(&STRATUM, &labels, health.stratum_number().map(f64::from));
    exposition.add_known(&MAXIMUM_ERROR, &labels, seconds(measured.maximum_error));
    exposition.add_known(&OFFSET, &labels, seconds(measured.offset));
    exposition.add_known(&JITTER, &labels, seconds(measured.jitter));
    exposition.add_known(&AGE, &labels, health.age);
    exposition.add_known(&POLL_INTERVAL, &labels, health.poll_interval.known().copied());
}
