//! The health of a daemon as JSON and as `OpenMetrics` text.

use super::problem::{findings, summary};
use crate::client::health::Failure;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;
use crate::render::openmetrics::add_health;
use crate::render::openmetrics::exposition::Exposition;
use serde_json::json;

/// One object on a line, following the schema `ntpkit.health.v1`: units in the keys, `null` for figures that are
/// unknown or were not measured.
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

/// The same object for a daemon that reported nothing.
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

/// The figures as `OpenMetrics` text; for a daemon that reported nothing, only that fact.
pub fn openmetrics(health: Option<&Health>) -> String {
    let mut exposition = Exposition::default();
    add_health(&mut exposition, health);
    exposition.finish()
}
