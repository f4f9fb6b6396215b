//! chronyd's reports: `ntpkit_chrony_*`, a sample for each source. Of clients there is only their number: a sample for each
//! would be a series for each address.

use super::chrony::{DROPPED, RECEIVED, SOURCES};
use super::exposition::{Exposition, Family, Labels, counter, gauge, state_set};
use crate::model::chronyd::Kind;
use crate::render::chronyc::facts::{Fact, Value};

const CLIENTS: Family = gauge("ntpkit_chrony_clients: Clients in the list that chronyd keeps.");
const STATE: Family = state_set("ntpkit_chrony_source_state: The selection state of the source.");
const STATES: [&str; 6] = ["selected", "combined", "not combined", "falseticker", "too variable", "unusable"];
const SELECTION: Family =
    gauge("ntpkit_chrony_source_selection: Always 1; the label says what the selection makes of the source.");
/// Parts per million in a ratio.
const MILLION: f64 = 1e6;

/// A value of a report and its family.
type Entry = (&'static str, Family);

const OF_SOURCES: &[Entry] = &[
    ("stratum", gauge("ntpkit_chrony_source_stratum: Stratum of the source.")),
    ("age_s", gauge("ntpkit_chrony_source_age_seconds: Since the last measurement of the source.")),
    (
        "offset_s",
        gauge(
            "ntpkit_chrony_source_offset_seconds: What the last measurement says that the clock is ahead by, adjusted for corrections since.",
        ),
    ),
    (
        "measured_offset_s",
        gauge("ntpkit_chrony_source_measured_offset_seconds: The same as it was measured."),
    ),
    ("error_s", gauge("ntpkit_chrony_source_error_seconds: The error bound of that measurement.")),
    ("reach", gauge("ntpkit_chrony_source_reach_ratio: How many of the last eight polls were answered.")),
];

const OF_STATISTICS: &[Entry] = &[
    ("samples", gauge("ntpkit_chrony_source_samples: Measurements of the source that are kept.")),
    ("span_s", gauge("ntpkit_chrony_source_span_seconds: The time that they cover.")),
    (
        "residual_frequency_ppm",
        gauge(
            "ntpkit_chrony_source_residual_frequency_ratio: How much faster than the source the corrected clock runs.",
        ),
    ),
    ("skew_ppm", gauge("ntpkit_chrony_source_skew_ratio: How uncertain that is.")),
    (
        "offset_s",
        gauge(
            "ntpkit_chrony_source_estimated_offset_seconds: What all measurements together say that the clock is ahead by.",
        ),
    ),
    ("offset_error_s", gauge("ntpkit_chrony_source_estimated_error_seconds: How uncertain that is.")),
    ("deviation_s", gauge("ntpkit_chrony_source_deviation_seconds: Standard deviation of the measurements.")),
];

const OF_SELECTION: &[Entry] = &[
    ("score", gauge("ntpkit_chrony_source_score: How the source compares with the selected one.")),
    (
        "offset_low_s",
        gauge("ntpkit_chrony_source_offset_low_seconds: The least offset that the source permits."),
    ),
    ("offset_high_s", gauge("ntpkit_chrony_source_offset_high_seconds: The greatest.")),
    (
        "authenticated",
        gauge("ntpkit_chrony_source_authenticated: Whether authentication of the source is enabled."),
    ),
];

const OF_AUTHENTICATION: &[Entry] = &[
    ("key_bits", gauge("ntpkit_chrony_source_key_bits: Length of the source's key.")),
    (
        "age_s",
        gauge("ntpkit_chrony_source_key_age_seconds: Since the last NTS key establishment that succeeded."),
    ),
    ("attempts", gauge("ntpkit_chrony_source_key_attempts: Attempts of key establishment since then.")),
    ("refusals", gauge("ntpkit_chrony_source_key_refusals: NTS negative acknowledgements since then.")),
    ("cookies", gauge("ntpkit_chrony_source_cookies: NTS cookies in store.")),
];

const OF_MEASUREMENTS: &[Entry] = &[
    ("delay_s", gauge("ntpkit_chrony_source_delay_seconds: Round-trip delay to the source.")),
    ("dispersion_s", gauge("ntpkit_chrony_source_dispersion_seconds: Dispersion of the last measurement.")),
    (
        "response_time_s",
        gauge("ntpkit_chrony_source_response_time_seconds: How long the source took to answer."),
    ),
    ("root_delay_s", gauge("ntpkit_chrony_source_root_delay_seconds: Delay from the source to its root.")),
    (
        "root_dispersion_s",
        gauge("ntpkit_chrony_source_root_dispersion_seconds: Dispersion of the source to its root."),
    ),
    ("sent", counter("ntpkit_chrony_source_sent_packets: Packets sent to the source.")),
    ("received", counter("ntpkit_chrony_source_received_packets: Packets received from it.")),
    ("valid", counter("ntpkit_chrony_source_valid_packets: Those that were valid.")),
    ("good", counter("ntpkit_chrony_source_good_packets: Those that passed all tests.")),
];

const OF_SERVER: &[Entry] = &[
    ("received", RECEIVED),
    ("dropped", DROPPED),
    ("commands", counter("ntpkit_chrony_received_commands: Command packets received.")),
    ("dropped_commands", counter("ntpkit_chrony_dropped_commands: Command packets dropped.")),
    (
        "dropped_records",
        counter("ntpkit_chrony_dropped_client_records: Records of clients dropped for want of memory."),
    ),
    (
        "key_establishments",
        counter("ntpkit_chrony_accepted_key_establishments: NTS key establishments accepted."),
    ),
    (
        "dropped_key_establishments",
        counter("ntpkit_chrony_dropped_key_establishments: NTS key establishments dropped."),
    ),
    ("authenticated", counter("ntpkit_chrony_authenticated_packets: NTP packets that were authenticated.")),
    ("interleaved", counter("ntpkit_chrony_interleaved_packets: NTP packets that were interleaved.")),
    ("timestamps", gauge("ntpkit_chrony_held_timestamps: Timestamps held for the interleaved mode.")),
];

const OF_REAL_TIME_CLOCK: &[Entry] = &[
    ("offset_s", gauge("ntpkit_chrony_rtc_offset_seconds: What the real-time clock is ahead by.")),
    ("gain_ppm", gauge("ntpkit_chrony_rtc_gain_ratio: What the real-time clock gains.")),
    ("samples", gauge("ntpkit_chrony_rtc_samples: Measurements of the real-time clock.")),
];

/// Adds the records of a report. The state of the clock is in [`add_chrony`](super::add_chrony).
pub fn add_chronyd(exposition: &mut Exposition, host: &str, kind: Kind, records: &[Vec<Fact>]) {
    let labels = Labels::new("host", host.as_bytes());
    let entries = match kind {
        Kind::Tracking => return,
        Kind::Sources => OF_SOURCES,
        Kind::SourceStatistics => OF_STATISTICS,
        Kind::Selection => OF_SELECTION,
        Kind::Authentication => OF_AUTHENTICATION,
        Kind::Measurements => OF_MEASUREMENTS,
        Kind::ServerStatistics => OF_SERVER,
        Kind::RealTimeClock => OF_REAL_TIME_CLOCK,
        Kind::Activity => {
            for fact in records.iter().flatten() {
                let labels = labels.with("state", fact.key.as_bytes());
                exposition.add_known(&SOURCES, &labels, number(&fact.value));
            }
            return;
        }
        Kind::Clients => {
            #[expect(clippy::cast_precision_loss, reason = "samples are doubles")]
            return exposition.add(&CLIENTS, &labels, records.len() as f64);
        }
    };
    for facts in records {
        let value = |key: &str| facts.iter().find(|fact| fact.key == key).map(|fact| &fact.value);
        let word = |key: &str| match value(key) {
            Some(Value::Text(words)) => Some(words.as_str()),
            _ => None,
        };
        let name = word("name").or_else(|| word("remote_address"));
        let address = word("address").map(str::as_bytes);
        let labels = labels.with_known("source", name.map(str::as_bytes)).with_known("address", address);
        match (kind, word("state")) {
            (Kind::Sources, Some(state)) => exposition.add_state(&STATE, &labels, STATES, state),
            (Kind::Selection, Some(state)) => {
                exposition.add(&SELECTION, &labels.with("state", state.as_bytes()), 1.0);
            }
            _ => {}
        }
        for (key, family) in entries {
            exposition.add_known(family, &labels, value(key).and_then(number));
        }
    }
}

/// A value as a sample, in base units.
fn number(value: &Value) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "samples are doubles")]
    match value {
        Value::Count(number) => Some(*number as f64),
        Value::Integer(number) => Some(*number as f64),
        Value::Number(number) | Value::Offset(number) | Value::Interval(number) => Some(*number),
        Value::Frequency(ppm) => Some(ppm / MILLION),
        Value::Age(seconds) => seconds.map(f64::from),
        Value::Reach(register) => Some(f64::from((register & 0xff).count_ones()) / 8.0),
        Value::Flag(yes) => Some(f64::from(u8::from(*yes))),
        Value::Text(_) | Value::Time(_) | Value::Words(_) | Value::Unknown => None,
    }
}
