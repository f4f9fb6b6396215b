//! The health of a daemon as JSON and as `OpenMetrics` text.

use super::problem::{findings, summary};
use crate::client::health::Failure;
use crate::client::unsynchronized::Reason;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;
use crate::render::json::object_line;
use crate::render::openmetrics::add_health;
use crate::render::openmetrics::exposition::Exposition;
use serde_json::{Value, json};

/// One object on a line, following the schema `ntpkit.health.v1`: units in the keys, `null` for figures that are
/// unknown or were not measured. It names the host if there are several.
pub fn json(host: Option<&str>, health: &Health, reason: Option<&Reason>, is_good: bool) -> String {
    let measured = health.measured();
    let reference = health.reference.as_ref().and_then(Reading::known).map(|reference| escape(reference));
    let mut object = json!({
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
        "unsynchronized": reason.map(|reason| json!({
            "cause": reason.kind(),
            "message": reason.words(),
            "next": reason.next_step(),
        })),
    });
    name(&mut object, host);
    object_line(&object)
}

/// The same object for a daemon that reported nothing.
pub fn failed_json(host: Option<&str>, failure: &Failure) -> String {
    let mut object = json!({
        "schema": "ntpkit.health.v1",
        "daemon": null,
        "ok": false,
        "synchronized": null,
        "error": summary(failure),
        "looked_for": findings(failure).iter().map(|line| line.lines().next()).collect::<Vec<_>>(),
    });
    name(&mut object, host);
    object_line(&object)
}

fn name(object: &mut Value, host: Option<&str>) {
    if let (Value::Object(keys), Some(host)) = (object, host) {
        keys.insert("host".to_owned(), host.into());
    }
}

/// The figures as `OpenMetrics` text; for a daemon that reported nothing, only that fact. If there are several, each has a host label.
pub fn openmetrics<'a>(hosts: impl IntoIterator<Item = (Option<&'a str>, Option<&'a Health>)>) -> String {
    let mut exposition = Exposition::default();
    for (host, health) in hosts {
        add_health(&mut exposition, host, health);
    }
    exposition.finish()
}
