//! The health of a daemon as JSON and as `OpenMetrics` text.

use super::complaint::{findings, summary};
use crate::client::health::Failure;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;
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
    let mut text = String::new();
    let labels = health.map_or(String::new(), |health| format!("{{daemon=\"{}\"}}", health.daemon));
    let mut gauge = |name: &str, unit: &str, help: &str, value: Option<f64>| {
        let Some(value) = value else { return };
        let name = format!("ntpkit_health_{name}");
        text += &format!("# TYPE {name} gauge\n");
        if !unit.is_empty() {
            text += &format!("# UNIT {name} {unit}\n");
        }
        text += &format!("# HELP {name} {help}\n{name}{labels} {value}\n");
    };
    gauge("answered", "", "Whether a daemon answered.", Some(f64::from(u8::from(health.is_some()))));
    if let Some(health) = health {
        let truth = |truth: bool| Some(f64::from(u8::from(truth)));
        let seconds = |milliseconds: Option<f64>| milliseconds.map(|value| value / 1000.0);
        let measured = health.measured();
        gauge("synchronized", "", "Whether the daemon is synchronised.", truth(health.is_synchronized));
        gauge("stratum", "", "Stratum of the daemon.", health.stratum_number().map(f64::from));
        gauge(
            "maximum_error_seconds",
            "seconds",
            "The most that the clock is wrong by.",
            seconds(measured.maximum_error),
        );
        gauge("offset_seconds", "seconds", "The clock's offset.", seconds(measured.offset));
        gauge("jitter_seconds", "seconds", "The spread of its offsets.", seconds(measured.jitter));
        gauge("age_seconds", "seconds", "Time since the daemon looked at its sources.", health.age);
        let poll = health.poll_interval.known().copied();
        gauge("poll_interval_seconds", "seconds", "Time between polls.", poll);
    }
    text + "# EOF\n"
}
