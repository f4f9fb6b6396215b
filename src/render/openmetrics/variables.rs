//! Samples from variables.

use super::exposition::{Exposition, Family, Labels, counter, gauge, info, state_set};
use super::peers;
use crate::model::ReferenceId;
use crate::model::report::VariablesReport;
use crate::model::variable::{Unit, Value, unit};
use crate::render::text;
use crate::wire::status::StatusWord;

const SYSTEM: Family = info("ntpkit_system", "What the daemon is, and what it is synchronised to.");
const LEAP: Family = state_set("ntpkit_system_leap", "The leap indicator.");
const LEAP_STATES: [&str; 4] = ["none", "add_second", "delete_second", "unsynchronised"];
const REFERENCE_TIME: Family =
    gauge("ntpkit_system_reference_timestamp_seconds", "seconds", "When the clock was last set, Unix time.");
const CLOCK: Family = info("ntpkit_clock", "What the reference clock is.");

/// Variables of the daemon whose values are gauges.
static SYSTEM_GAUGES: &[(&str, Family)] = &[
    ("offset", gauge("ntpkit_system_offset_seconds", "seconds", "Combined offset of the clock.")),
    ("frequency", gauge("ntpkit_system_frequency_ratio", "ratio", "Frequency correction of the clock.")),
    ("sys_jitter", gauge("ntpkit_system_jitter_seconds", "seconds", "Combined jitter.")),
    ("clk_jitter", gauge("ntpkit_system_clock_jitter_seconds", "seconds", "Jitter of the clock.")),
    ("clk_wander", gauge("ntpkit_system_clock_wander_ratio", "ratio", "Frequency wander of the clock.")),
    ("stratum", gauge("ntpkit_system_stratum", "", "Stratum of the daemon; 16 if it is not synchronised.")),
    ("rootdelay", gauge("ntpkit_system_root_delay_seconds", "seconds", "Delay to the primary clock.")),
    (
        "rootdisp",
        gauge("ntpkit_system_root_dispersion_seconds", "seconds", "Dispersion to the primary clock."),
    ),
    ("precision", gauge("ntpkit_system_precision_seconds", "seconds", "Precision of the clock.")),
    (
        "tc",
        gauge("ntpkit_system_time_constant_seconds", "seconds", "Time constant: the poll interval in use."),
    ),
    ("tai", gauge("ntpkit_system_tai_offset_seconds", "seconds", "From UTC to TAI.")),
    ("ss_uptime", gauge("ntpkit_system_uptime_seconds", "seconds", "Time since the daemon started.")),
    ("mru_depth", gauge("ntpkit_system_mru_entries", "", "Clients remembered.")),
    ("koffset", gauge("ntpkit_kernel_offset_seconds", "seconds", "Offset of the kernel's loop.")),
    ("kfreq", gauge("ntpkit_kernel_frequency_ratio", "ratio", "Frequency of the kernel's loop.")),
    ("kmaxerr", gauge("ntpkit_kernel_maximum_error_seconds", "seconds", "The kernel's maximum error.")),
    ("kesterr", gauge("ntpkit_kernel_estimated_error_seconds", "seconds", "The kernel's estimated error.")),
];

/// Variables of the daemon whose values are counts since they were reset.
static SYSTEM_COUNTERS: &[(&str, Family)] = &[
    ("ss_received", counter("ntpkit_system_received_packets", "Packets received.")),
    ("ss_thisver", counter("ntpkit_system_current_version_packets", "Packets of the current version.")),
    ("ss_oldver", counter("ntpkit_system_old_version_packets", "Packets of older versions.")),
    ("ss_badformat", counter("ntpkit_system_bad_format_packets", "Packets of a bad length or format.")),
    ("ss_badauth", counter("ntpkit_system_bad_authentication_packets", "Packets that were not authentic.")),
    ("ss_declined", counter("ntpkit_system_declined_packets", "Packets declined.")),
    ("ss_restricted", counter("ntpkit_system_restricted_packets", "Packets that restrictions refused.")),
    ("ss_limited", counter("ntpkit_system_rate_limited_packets", "Packets that came too often.")),
    ("ss_kodsent", counter("ntpkit_system_kiss_packets", "Kiss-o'-death packets sent.")),
    ("ss_processed", counter("ntpkit_system_processed_packets", "Packets processed for time.")),
    ("io_received", counter("ntpkit_io_received_packets", "Packets received on all sockets.")),
    ("io_sent", counter("ntpkit_io_sent_packets", "Packets sent on all sockets.")),
    ("io_sendfailed", counter("ntpkit_io_send_failures", "Packets that could not be sent.")),
    ("io_dropped", counter("ntpkit_io_dropped_packets", "Packets dropped for want of buffers.")),
    ("io_ignored", counter("ntpkit_io_ignored_packets", "Packets ignored.")),
];

/// Variables of an association beyond those of the billboards.
static PEER_GAUGES: &[(&str, Family)] = &[
    (
        "rootdelay",
        gauge("ntpkit_peer_root_delay_seconds", "seconds", "The peer's delay to the primary clock."),
    ),
    (
        "rootdisp",
        gauge(
            "ntpkit_peer_root_dispersion_seconds",
            "seconds",
            "The peer's dispersion to the primary clock.",
        ),
    ),
    ("precision", gauge("ntpkit_peer_precision_seconds", "seconds", "Precision of the peer's clock.")),
    ("unreach", gauge("ntpkit_peer_unanswered_polls", "", "Polls without an answer, in a row.")),
];

/// Counts of an association.
static PEER_COUNTERS: &[(&str, Family)] = &[
    ("sent", counter("ntpkit_peer_sent_packets", "Packets sent to the peer.")),
    ("received", counter("ntpkit_peer_received_packets", "Packets received from the peer.")),
    ("badauth", counter("ntpkit_peer_bad_authentication_packets", "Packets that were not authentic.")),
    ("bogusorg", counter("ntpkit_peer_bogus_origin_packets", "Packets with a bogus origin time stamp.")),
    ("oldpkt", counter("ntpkit_peer_duplicate_packets", "Duplicates of earlier packets.")),
];

/// Variables of a reference clock.
static CLOCK_GAUGES: &[(&str, Family)] = &[
    ("stratum", gauge("ntpkit_clock_stratum", "", "Stratum that the clock claims.")),
    ("fudgetime1", gauge("ntpkit_clock_fudge_time1_seconds", "seconds", "First fudge of the clock.")),
    ("fudgetime2", gauge("ntpkit_clock_fudge_time2_seconds", "seconds", "Second fudge of the clock.")),
];

/// Counts of a reference clock.
static CLOCK_COUNTERS: &[(&str, Family)] = &[
    ("poll", counter("ntpkit_clock_polls", "Polls of the clock.")),
    ("noreply", counter("ntpkit_clock_missing_replies", "Polls without a reply.")),
    ("badformat", counter("ntpkit_clock_bad_format_replies", "Replies of a bad format.")),
    ("baddata", counter("ntpkit_clock_bad_data_replies", "Replies with bad data.")),
];

pub(super) fn variables(exposition: &mut Exposition, report: &VariablesReport, host: &Labels) {
    match report.status {
        StatusWord::System(_) => {
            add(exposition, report, SYSTEM_GAUGES, host);
            add(exposition, report, SYSTEM_COUNTERS, host);
            system(exposition, report, host);
        }
        StatusWord::Peer(_) => {
            let name = report.peer.as_ref().map(|row| row.name.as_slice());
            let labels = peers::labels(host, name, report.association);
            if let Some(row) = &report.peer {
                peers::peer(exposition, row, report.origin.time, host);
            }
            add(exposition, report, PEER_GAUGES, &labels);
            add(exposition, report, PEER_COUNTERS, &labels);
        }
        StatusWord::Clock(_) => {
            let labels = peers::labels(host, None, report.association);
            add(exposition, report, CLOCK_GAUGES, &labels);
            add(exposition, report, CLOCK_COUNTERS, &labels);
            if let Some(device) = octets(report, "device") {
                let refid = octets(report, "refid");
                let identity = labels.with("device", &device).with_known("refid", refid.as_deref());
                exposition.add(&CLOCK, &identity, 1.0);
            }
        }
    }
}

fn system(exposition: &mut Exposition, report: &VariablesReport, host: &Labels) {
    if let Some(Value::Leap(leap)) = report.value("leap") {
        let present = LEAP_STATES.get(usize::from(*leap)).copied().unwrap_or_default();
        exposition.add_state(&LEAP, host, LEAP_STATES, present);
    }
    if let Some(Value::Time(stamp)) = report.value("reftime")
        && !stamp.is_zero()
    {
        let time = stamp.to_timestamp(report.origin.time);
        exposition.add(&REFERENCE_TIME, host, time.as_duration().as_secs_f64());
    }
    let names = ["version", "processor", "system", "refid", "peer"];
    let values: Vec<_> = names.iter().map(|name| (name, octets(report, name))).collect();
    if values.iter().any(|(_, value)| value.is_some()) {
        let labels = values.iter().fold(host.clone(), |labels, (name, value)| {
            let label = if **name == "peer" { "peer_association" } else { **name };
            labels.with_known(label, value.as_deref())
        });
        exposition.add(&SYSTEM, &labels, 1.0);
    }
}

fn add(exposition: &mut Exposition, report: &VariablesReport, families: &[(&str, Family)], labels: &Labels) {
    for (name, family) in families {
        if let Some(number) = report.value(name).and_then(Value::number) {
            exposition.add(family, labels, to_base_unit(name, number));
        }
    }
}

/// The number in seconds or as a ratio, where the variable has a unit.
fn to_base_unit(name: &str, number: f64) -> f64 {
    match unit(name.as_bytes()) {
        Some(Unit::Milliseconds) => number / 1e3,
        Some(Unit::PartsPerMillion) => number / 1e6,
        Some(Unit::Log2Seconds) => number.exp2(),
        Some(Unit::Kibibytes) => number * 1024.0,
        Some(Unit::Seconds) | None => number,
    }
}

/// The value as text, where it is one that identifies.
fn octets(report: &VariablesReport, name: &str) -> Option<Vec<u8>> {
    match report.value(name)? {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string().into_bytes()),
        Value::ReferenceId(id) => reference_id(id),
        _ => None,
    }
}

fn reference_id(id: &ReferenceId) -> Option<Vec<u8>> {
    text::reference_id(id).map(|(_, value)| value)
}
