//! The line of a monitoring plugin, following the Monitoring Plugins guidelines.

use super::problem::{self, findings};
use super::thresholds::{Limit, Thresholds};
use crate::cli::plugin::{self, PerfValue, Range, State};
use crate::client::health::Failure;
use crate::client::unsynchronized::Reason;
use crate::model::health::{Health, Reading};
use crate::render::classic::escape::escape;

/// The line, and the state for the exit status. A figure that the daemon does not report makes the state unknown if it
/// has a range; in the performance data it is `U`.
pub fn line(
    health: &Health,
    reason: Option<&Reason>,
    warning: &Thresholds,
    critical: &Thresholds,
    limit: Option<&Limit>,
) -> (State, String) {
    let measured = health.measured();
    let offset = measured.offset.map(|offset| offset / 1000.0);
    let error = measured.maximum_error.map(|error| error / 1000.0);
    let stratum = health.stratum_number().map(f64::from);
    let mut state = State::Ok;
    let mut problems = Vec::new();
    let mut judge = |name: &str, value: Option<f64>, warning: Option<&Range>, critical: Option<&Range>| {
        let breaks = |range: Option<&Range>, value: f64| range.is_some_and(|range| !range.admits(value));
        let (judgement, word) = match value {
            Some(value) if breaks(critical, value) => (State::Critical, "critical"),
            Some(value) if breaks(warning, value) => (State::Warning, "too high or too low"),
            None if warning.is_some() || critical.is_some() => (State::Unknown, "unknown"),
            _ => return,
        };
        problems.push(format!("{name} {word}"));
        state = state.or_worse(judgement);
    };
    judge("offset", offset.map(f64::abs), warning.offset.as_ref(), critical.offset.as_ref());
    judge("maximum error", error, warning.maximum_error.as_ref(), critical.maximum_error.as_ref());
    judge("stratum", stratum, warning.stratum.as_ref(), critical.stratum.as_ref());
    if let Some(limit) = limit.filter(|limit| !health.is_within(limit.milliseconds)) {
        problems.push(format!("maximum error above {} ms", limit.text));
        state = State::Critical;
    }
    if !health.is_synchronized {
        state = State::Critical;
    }
    let mut text = format!("NTP {}: {}", state.name(), summary(health));
    if let Some(reason) = reason {
        // A bar in the line would start the performance data.
        text += &format!(": {}", reason.words().replace('|', "?"));
    }
    for problem in &problems {
        text += &format!(", {problem}");
    }
    let mut data = Vec::new();
    let mut datum =
        |name: &str, value: Option<String>, pick: &dyn Fn(&Thresholds) -> Option<&Range>, bounds: &str| {
            let thresholds =
                plugin::Thresholds { warning: pick(warning).cloned(), critical: pick(critical).cloned() };
            let value = value.as_deref();
            data.push(PerfValue { name, value, thresholds: &thresholds, bounds }.to_string());
        };
    let in_seconds = |value: f64| format!("{value:.9}s");
    datum("offset", offset.map(in_seconds), &|thresholds| thresholds.offset.as_ref(), "");
    let jitter = measured.jitter.map(|jitter| in_seconds(jitter / 1000.0));
    datum("jitter", jitter, &|_| None, "0;");
    datum(
        "stratum",
        stratum.map(|stratum| stratum.to_string()),
        &|thresholds| thresholds.stratum.as_ref(),
        "0;16",
    );
    let error = error.map(in_seconds);
    datum("maximum_error", error, &|thresholds| thresholds.maximum_error.as_ref(), "0;");
    (state, format!("{text}|{}\n", data.join(" ")))
}

fn summary(health: &Health) -> String {
    if !health.is_synchronized {
        return format!("{} is unsynchronised", health.daemon);
    }
    let reference = match health.reference.as_ref().and_then(Reading::known) {
        // A bar in the line would start the performance data.
        Some(reference) => format!(" ({})", escape(reference).replace('|', "?")),
        None => String::new(),
    };
    let offset = health.offset.map(|offset| format!(", offset {:.6} s", offset / 1000.0)).unwrap_or_default();
    format!("synchronised to {}{reference}{offset}", health.source)
}

/// The line if no daemon answered, with all that is known of the reason.
pub fn failed_line(failure: &Failure) -> String {
    let mut reasons = vec![problem::summary(failure)];
    reasons.extend(findings(failure));
    format!("NTP {}: {}\n", State::Unknown.name(), reasons.join("; ").replace('|', "?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Reader;

    fn health(status: u16) -> Health {
        let data =
            b"stratum=2, refid=192.0.2.1, rootdelay=2.0, rootdisp=9.0, tc=6, offset=-0.25, sys_jitter=0.5";
        Health::from_variables(status, data, Reader::Strict)
    }

    fn checked(warning: &str, critical: &str) -> (State, String) {
        line(&health(0x0615), None, &warning.parse().unwrap(), &critical.parse().unwrap(), None)
    }

    #[test]
    fn the_line_of_a_healthy_daemon() {
        let (state, text) = checked("0.06,0.5,8", "0.12,1,@15:16");
        assert_eq!(state, State::Ok);
        assert_eq!(
            text,
            "NTP OK: synchronised to NTP server (192.0.2.1), offset -0.000250 s|offset=-0.000250000s;0.06;0.12 \
             jitter=0.000500000s;;;0 stratum=2;8;@15:16;0;16 maximum_error=0.010000000s;0.5;1;0\n"
        );
    }

    #[test]
    fn ranges_decide() {
        for (warning, critical, expected) in [
            ("0.0001", "1", State::Warning),
            ("0.0001", "0.0002", State::Critical),
            (",0.001", "", State::Warning),
            (",,1", "", State::Warning),
            ("", ",,3:", State::Critical),
            (",,~:2", "@3:16", State::Ok),
        ] {
            assert_eq!(checked(warning, critical).0, expected, "{warning} {critical}");
        }
        for wrong in ["x", "1,2,3,4", "2:1", "@", "1:2:3", "nan", "inf"] {
            assert!(wrong.parse::<Thresholds>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_success() {
        let (state, text) = line(&health(0xc015), None, &Thresholds::default(), &Thresholds::default(), None);
        assert!(
            state == State::Critical && text.starts_with("NTP CRITICAL: ntpd is unsynchronised|"),
            "{text}"
        );
        let unknown = Health::from_variables(0x0615, b"stratum=2, refid=a|b", Reader::Strict);
        let (state, text) = line(&unknown, None, &"1".parse().unwrap(), &Thresholds::default(), None);
        assert_eq!(state, State::Unknown);
        assert!(text.ends_with("|offset=U;1 jitter=U;;;0 stratum=2;;;0;16 maximum_error=U;;;0\n"), "{text}");
        let bad = Health::from_variables(0x0615, b"stratum=2, refid=a, offset=-2500.0", Reader::Strict);
        let (state, text) = line(&bad, None, &"0.05,0.5".parse().unwrap(), &"0.1,1".parse().unwrap(), None);
        assert_eq!(state, State::Critical, "what is unknown hides nothing: {text}");
        let (_, text) = line(&health(0xc015), None, &Thresholds::default(), &Thresholds::default(), None);
        assert!(
            text.contains("|offset=U jitter=U;;;0 ") && text.ends_with("maximum_error=U;;;0\n"),
            "{text}"
        );
        assert_eq!(text.matches('|').count(), 1, "{text}");
        let limit = Limit { text: "5".into(), milliseconds: 5.0 };
        let none = Thresholds::default();
        assert_eq!(line(&health(0x0615), None, &none, &none, Some(&limit)).0, State::Critical);
    }
}
