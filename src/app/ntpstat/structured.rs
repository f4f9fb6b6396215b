//! The health of a daemon as JSON and as `OpenMetrics` text.

use super::problem::{findings, summary};
use crate::client::health::Failure;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;
use crate::render::openmetrics::exposition::{Exposition, Labels, gauge};
use serde_json::json;

/// One object on a line, after the schema `ntpkit.health.v1`: units in the keys, `null` for what is not known
/// or was not measured.
pub fn json(health: &Health, is_good: bool) -> String {
    let measured = health.measured();
    let reference = health.reference.as_ref().and_then(Reading::known).map(|reference| escape(reference));
    let object = json!({
        "schema": "ntpkit.health.v1",
        "daemon": health.daemon,
        "ok": is_good,
        "synchronized": health.is_synchronized,
        "restarting": health.is_restarting,
        "source": health.source,
        "reference": reference,
        "stratum": health.stratum_number(),
        "maximum_error_ms": measured.maximum_error,
        "poll_s": health.poll_interval.known(),
        "offset_ms": measured.offset,
        "jitter_ms": measured.jitter,
        "age_s": health.age,
    });
    object.to_string() + "\n"
}

/// The same object for a daemon that told nothing.
pub fn failed_json(failure: &Failure) -> String {
    let object = json!({
        "schema": "ntpkit.health.v1",
        "daemon": null,
        "ok": false,
        "synchronized": null,
        "error": summary(failure),
        "looked_for": findings(failure),
    });
    object.to_string() + "\n"
}

/// The figures as `OpenMetrics` text; of a daemon that told nothing, only that.
pub fn openmetrics(health: Option<&Health>) -> String {
    let mut exposition = Exposition::default();
    let labels = health
        .map_or_else(Labels::default, |health| Labels::new("daemon", health.daemon.to_string().as_bytes()));
    let mut add = |name, unit, help, value| {
        exposition.add_known(&gauge(name, unit, help), &labels, value);
    };
    let truth = |truth: bool| Some(f64::from(u8::from(truth)));
    add("ntpkit_health_answered", "", "Whether a daemon answered.", truth(health.is_some()));
    if let Some(health) = health {
        let seconds = |milliseconds: Option<f64>| milliseconds.map(|value| value / 1000.0);
        let measured = health.measured();
        let synchronized = truth(health.is_synchronized);
        add("ntpkit_health_synchronized", "", "Whether the daemon is synchronised.", synchronized);
        let stratum = health.stratum_number().map(f64::from);
        add("ntpkit_health_stratum", "", "Stratum of the daemon.", stratum);
        for (name, help, value) in [
            (
                "ntpkit_health_maximum_error_seconds",
                "The most that the clock is wrong by.",
                seconds(measured.maximum_error),
            ),
            ("ntpkit_health_offset_seconds", "The clock's offset.", seconds(measured.offset)),
            ("ntpkit_health_jitter_seconds", "The spread of its offsets.", seconds(measured.jitter)),
            ("ntpkit_health_age_seconds", "Time since the daemon looked at its sources.", health.age),
            (
                "ntpkit_health_poll_interval_seconds",
                "Time between polls.",
                health.poll_interval.known().copied(),
            ),
        ] {
            add(name, "seconds", help, value);
        }
    }
    exposition.finish()
}
