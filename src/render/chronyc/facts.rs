//! The values of a report with their names, for the formats that are the same for all reports: tables and JSON.

use super::number::{age, date, interval, offset};
use crate::model::NetworkAddress;
use crate::model::chronyd::{
    Report, address_text, authentication, clock_letters, leap, letters, log2_seconds, mode, packet_mode,
    selection_state, stamp, state,
};
use crate::wire::chrony::{
    Address, Authentication, Client, Measurement, Selection, SelectionOptions, ServerStatistics, SourceData,
    SourceStatistics, Time, Tracking,
};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Words, a name or an address.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A whole number, possibly negative.
    Integer(i64),
    /// A number without unit.
    Number(f64),
    /// A time with a sign, seconds.
    Offset(f64),
    /// A time without a sign, seconds.
    Interval(f64),
    /// A frequency, parts per million.
    Frequency(f64),
    /// Seconds since something happened.
    Age(Option<u32>),
    /// Eight polls, the latest in bit 0.
    Reach(u16),
    /// An instant.
    Time(Time),
    /// Yes or no.
    Flag(bool),
    /// Some of several words.
    Words(Vec<&'static str>),
    /// Not known.
    Unknown,
}

/// A value with its names. Without a key it is not in the JSON, without a heading not in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its key in JSON, with the unit.
    pub key: &'static str,
    /// Its name in a table.
    pub heading: &'static str,
    /// The value.
    pub value: Value,
}

fn fact(key: &'static str, heading: &'static str, value: Value) -> Fact {
    Fact { key, heading, value }
}

fn text(words: impl Into<String>) -> Value {
    Value::Text(words.into())
}

fn count(number: impl Into<u64>) -> Value {
    Value::Count(number.into())
}

fn known(number: Option<u64>) -> Value {
    number.map_or(Value::Unknown, Value::Count)
}

impl Value {
    /// The text in a table.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(words) => words.clone(),
            Self::Count(number) => number.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Offset(seconds) => offset(*seconds).trim_start().to_owned(),
            Self::Interval(seconds) => interval(*seconds).trim_start().to_owned(),
            Self::Frequency(ppm) => format!("{ppm:.3} ppm"),
            Self::Age(seconds) => age(*seconds).trim_start().to_owned(),
            Self::Reach(register) => format!("{:03o} {}/8", register, (register & 0xff).count_ones()),
            Self::Time(time) => date(*time),
            Self::Flag(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Words(words) if words.is_empty() => "-".to_owned(),
            Self::Words(words) => words.join(" "),
            Self::Unknown => "-".to_owned(),
        }
    }

    /// The value in JSON.
    pub fn json(&self) -> Json {
        match self {
            Self::Text(words) => json!(words),
            Self::Count(number) => json!(number),
            Self::Integer(number) => json!(number),
            Self::Number(number)
            | Self::Offset(number)
            | Self::Interval(number)
            | Self::Frequency(number) => json!(number),
            Self::Age(seconds) => json!(seconds),
            Self::Reach(register) => json!(register),
            Self::Time(time) => {
                let stamp = i32::try_from(time.nanoseconds)
                    .ok()
                    .and_then(|nanoseconds| Timestamp::new(time.seconds, nanoseconds).ok());
                json!(stamp.filter(|_| time.seconds != 0).map(|stamp| stamp.to_string()))
            }
            Self::Flag(yes) => json!(yes),
            Self::Words(words) => json!(words),
            Self::Unknown => Json::Null,
        }
    }
}

/// The name, address and reference ID of a source.
fn identity(address: &Address, name: Naming<'_>) -> Vec<Fact> {
    let known = match address {
        Address::Ip(_) => text(address_text(address)),
        _ => Value::Unknown,
    };
    vec![fact("name", "Name", text(name(address))), fact("address", "", known)]
}

/// The same of a source that may be a reference clock, with these letters.
fn identity_or_clock(address: &Address, letters_of: Option<u32>, name: Naming<'_>) -> Vec<Fact> {
    match letters_of {
        Some(id) => vec![fact("name", "Name", text(letters(id))), fact("address", "", Value::Unknown)],
        None => identity(address, name),
    }
}

/// The names of addresses.
type Naming<'a> = &'a dyn Fn(&Address) -> String;

/// The records of a report: one for each source or client, or a single one.
pub fn records(report: &Report, all: bool, name: Naming<'_>) -> Vec<Vec<Fact>> {
    let is_listed = |address: &Address| all || !matches!(address, Address::Unresolved(_));
    match report {
        Report::Tracking(report) => vec![tracking(report, name)],
        Report::Sources(rows) => {
            rows.iter().filter(|row| is_listed(&row.address)).map(|row| source(row, name)).collect()
        }
        Report::SourceStatistics(rows) => {
            rows.iter().filter(|row| is_listed(&row.address)).map(|row| statistics(row, name)).collect()
        }
        Report::Selection(rows) => {
            rows.iter().filter(|row| is_listed(&row.address)).map(|row| selection(row, name)).collect()
        }
        Report::Authentication(rows) => rows
            .iter()
            .filter(|(address, _)| is_listed(address))
            .map(|(address, row)| authenticated(address, row, name))
            .collect(),
        Report::Measurements(rows) => rows.iter().map(measurement).collect(),
        Report::ServerStatistics(counted) => vec![server(counted)],
        Report::Activity(activity) => vec![vec![
            fact("online", "Online", count(activity.online)),
            fact("offline", "Offline", count(activity.offline)),
            fact("burst_online", "In a burst, then online", count(activity.burst_online)),
            fact("burst_offline", "In a burst, then offline", count(activity.burst_offline)),
            fact("unresolved", "Without an address", count(activity.unresolved)),
        ]],
        Report::Clients(clients) => clients.iter().map(|row| client(row, name)).collect(),
        Report::RealTimeClock(clock) => vec![vec![
            fact("reference_time", "Reference time (UTC)", Value::Time(clock.reference_time)),
            fact("samples", "Samples", count(clock.samples)),
            fact("runs", "Runs", count(clock.runs)),
            fact("span_s", "Span", Value::Age(Some(clock.span))),
            fact("offset_s", "Ahead by", Value::Offset(clock.offset)),
            fact("gain_ppm", "Gains", Value::Frequency(clock.gain)),
        ]],
    }
}

fn statistics(row: &SourceStatistics, name: Naming<'_>) -> Vec<Fact> {
    let clock = (row.address == Address::None).then_some(row.reference_id);
    let only = |value: Value| if row.samples > 0 { value } else { Value::Unknown };
    let mut facts = identity_or_clock(&row.address, clock, name);
    facts.extend([
        fact("samples", "Samples", count(row.samples)),
        fact("runs", "Runs", count(row.runs)),
        fact("span_s", "Span", Value::Age(Some(row.span))),
        fact("residual_frequency_ppm", "Frequency", only(Value::Frequency(row.residual_frequency))),
        fact("skew_ppm", "Skew", only(Value::Frequency(row.skew))),
        fact("offset_s", "Offset", only(Value::Offset(row.offset))),
        fact("offset_error_s", "", only(Value::Interval(row.offset_error))),
        fact("deviation_s", "Std dev", only(Value::Interval(row.deviation))),
    ]);
    facts
}

fn selection(row: &Selection, name: Naming<'_>) -> Vec<Fact> {
    let clock = (row.address == Address::None).then_some(row.reference_id);
    let mut facts = vec![fact("state", "State", text(selection_state(row.state)))];
    facts.extend(identity_or_clock(&row.address, clock, name));
    let [low, high] = row.interval;
    facts.extend([
        fact("authenticated", "Auth", Value::Flag(row.is_authenticated)),
        fact("configured_options", "Configured", options(row.configured)),
        fact("effective_options", "Effective", options(row.effective)),
        fact("age_s", "Last", Value::Age(row.age)),
        fact("score", "Score", Value::Number(row.score)),
        fact("offset_low_s", "From", Value::Offset(low)),
        fact("offset_high_s", "To", Value::Offset(high)),
        fact("leap", "Leap", leap_fact(row.leap.into())),
    ]);
    facts
}

fn authenticated(address: &Address, row: &Authentication, name: Naming<'_>) -> Vec<Fact> {
    let mut facts = identity(address, name);
    facts.extend([
        fact("mechanism", "Mechanism", text(authentication(row.mode).1)),
        fact("key_id", "Key", count(row.key_id)),
        fact("key_type", "Type", count(row.key_type)),
        fact("key_bits", "Bits", count(row.key_length)),
        fact("age_s", "Last", Value::Age(row.age)),
        fact("attempts", "Attempts", count(row.attempts)),
        fact("refusals", "NAKs", count(row.refusals)),
        fact("cookies", "Cookies", count(row.cookies)),
        fact("cookie_length", "Length", count(row.cookie_length)),
    ]);
    facts
}

fn server(counted: &ServerStatistics) -> Vec<Fact> {
    let [daemon_in, daemon_out, kernel_in, kernel_out, hardware_in, hardware_out] =
        counted.stamps.map_or([None; 6], |stamps| stamps.map(Some));
    let rows = [
        ("received", "NTP packets received", Some(counted.received)),
        ("dropped", "NTP packets dropped", Some(counted.dropped)),
        ("commands", "Commands received", Some(counted.commands)),
        ("dropped_commands", "Commands dropped", Some(counted.dropped_commands)),
        ("dropped_records", "Client records dropped", Some(counted.dropped_records)),
        ("key_establishments", "NTS key establishments", counted.key_establishments),
        ("dropped_key_establishments", "NTS ones dropped", counted.dropped_key_establishments),
        ("authenticated", "NTP packets authenticated", counted.authenticated),
        ("interleaved", "NTP packets interleaved", counted.interleaved),
        ("timestamps", "Timestamps held", counted.time_stamps),
        ("timestamp_span_s", "Timestamp span [s]", counted.time_stamp_span),
        ("daemon_receive_timestamps", "Receive stamps, daemon", daemon_in),
        ("daemon_transmit_timestamps", "Transmit stamps, daemon", daemon_out),
        ("kernel_receive_timestamps", "Receive stamps, kernel", kernel_in),
        ("kernel_transmit_timestamps", "Transmit stamps, kernel", kernel_out),
        ("hardware_receive_timestamps", "Receive stamps, hardware", hardware_in),
        ("hardware_transmit_timestamps", "Transmit stamps, hardware", hardware_out),
    ];
    rows.into_iter().map(|(key, heading, number)| fact(key, heading, known(number))).collect()
}

fn client(client: &Client, name: Naming<'_>) -> Vec<Fact> {
    let log2 = |exponent: i8| match exponent {
        i8::MAX => Value::Unknown,
        exponent => Value::Integer(exponent.into()),
    };
    let mut facts = identity(&client.address, name);
    facts.extend([
        fact("ntp_packets", "NTP", count(client.ntp.received)),
        fact("ntp_dropped", "Dropped", count(client.ntp.dropped)),
        fact("ntp_interval_log2s", "Interval [log2 s]", log2(client.ntp.interval)),
        fact("ntp_limited_interval_log2s", "", log2(client.limited_interval)),
        fact("ntp_age_s", "Last", Value::Age(client.ntp.age)),
        fact("nts_ke_connections", "NTS-KE", count(client.key_establishment.received)),
        fact("nts_ke_dropped", "", count(client.key_establishment.dropped)),
        fact("nts_ke_interval_log2s", "", log2(client.key_establishment.interval)),
        fact("nts_ke_age_s", "", Value::Age(client.key_establishment.age)),
        fact("commands", "Commands", count(client.command.received)),
        fact("commands_dropped", "", count(client.command.dropped)),
        fact("command_interval_log2s", "", log2(client.command.interval)),
        fact("command_age_s", "", Value::Age(client.command.age)),
    ]);
    facts
}

fn options(options: SelectionOptions) -> Value {
    let names = SelectionOptions::NAMES.into_iter().enumerate();
    Value::Words(names.filter(|(bit, _)| options.has(*bit)).map(|(_, (_, name))| name).collect())
}

fn leap_fact(status: u16) -> Value {
    text(leap(status).1.to_lowercase())
}

fn reference_id(id: u32) -> Value {
    text(format!("{id:08X}"))
}

fn tracking(tracking: &Tracking, name: Naming<'_>) -> Vec<Fact> {
    let clock = (tracking.address == Address::None).then_some(tracking.reference_id);
    let time = tracking.reference_time.map_or(Value::Unknown, |seconds| {
        Value::Time(Time { seconds, nanoseconds: tracking.reference_nanoseconds })
    });
    let mut facts = vec![fact("refid", "Reference ID", reference_id(tracking.reference_id))];
    facts.extend(identity_or_clock(&tracking.address, clock, name));
    facts.extend([
        fact("stratum", "Stratum", count(tracking.stratum)),
        fact("reference_time", "Reference time (UTC)", time),
        fact("correction_s", "System time behind by", Value::Offset(tracking.correction)),
        fact("last_offset_s", "Last offset", Value::Offset(-tracking.last_offset)),
        fact("rms_offset_s", "RMS offset", Value::Interval(tracking.rms_offset)),
        fact("frequency_ppm", "Frequency, fast by", Value::Frequency(-tracking.frequency)),
        fact("residual_frequency_ppm", "Residual frequency", Value::Frequency(-tracking.residual_frequency)),
        fact("skew_ppm", "Skew", Value::Frequency(tracking.skew)),
        fact("root_delay_s", "Root delay", Value::Interval(tracking.root_delay)),
        fact("root_dispersion_s", "Root dispersion", Value::Interval(tracking.root_dispersion)),
        fact("update_interval_s", "Update interval", Value::Interval(tracking.update_interval)),
        fact("leap", "Leap status", leap_fact(tracking.leap)),
    ]);
    facts
}

fn source(source: &SourceData, name: Naming<'_>) -> Vec<Fact> {
    let (tally, words) = state(source.state);
    let only = |value: Value| if source.age.is_some() { value } else { Value::Unknown };
    let mut facts = vec![
        fact("mode", "Mode", text(mode(source.mode).1)),
        fact("state", "State", text(words)),
        fact("tally", "", text(tally)),
    ];
    facts.extend(identity_or_clock(&source.address, clock_letters(source), name));
    facts.extend([
        fact("stratum", "St", count(source.stratum)),
        fact("poll_log2s", "Poll", Value::Integer(source.poll.into())),
        fact("reach", "Reach", Value::Reach(source.reach)),
        fact("age_s", "Last", Value::Age(source.age)),
        fact("offset_s", "Offset", only(Value::Offset(source.offset))),
        fact("measured_offset_s", "Measured", only(Value::Offset(source.measured_offset))),
        fact("error_s", "Error", only(Value::Interval(source.error))),
    ]);
    facts
}

fn measurement(row: &Measurement) -> Vec<Fact> {
    let refid_of = |address: &Address| match address {
        Address::Ip(ip) => reference_id(NetworkAddress(SocketAddr::new(*ip, 0)).reference_id()),
        _ => Value::Unknown,
    };
    let tests: String = (0..10).map(|test| if row.passed(test) { '1' } else { '0' }).collect();
    let stamps = row.stamps.map_or([None; 4], |stamps| stamps.map(|count| Some(u64::from(count))));
    let [kernel_sent, kernel_received, hardware_sent, hardware_received] = stamps.map(known);
    let letters = Some(letters(row.reference_id)).filter(|text| row.stratum <= 1 && !text.is_empty());
    vec![
        fact("remote_address", "Remote address", text(address_text(&row.remote))),
        fact("remote_refid", "", refid_of(&row.remote)),
        fact("remote_port", "Remote port", count(row.port)),
        fact("local_address", "Local address", text(address_text(&row.local))),
        fact("leap", "Leap status", leap_fact(row.leap.into())),
        fact("version", "Version", count(row.version)),
        fact("mode", "Mode", text(packet_mode(row.mode).to_lowercase())),
        fact("stratum", "Stratum", count(row.stratum)),
        fact("poll_log2s", "", Value::Integer(row.poll.into())),
        fact("poll_s", "Poll interval", Value::Interval(log2_seconds(row.poll))),
        fact("precision_s", "Precision", Value::Interval(log2_seconds(row.precision))),
        fact("root_delay_s", "Root delay", Value::Interval(row.root_delay)),
        fact("root_dispersion_s", "Root dispersion", Value::Interval(row.root_dispersion)),
        fact("refid", "Reference ID", reference_id(row.reference_id)),
        fact("refid_letters", "Reference letters", letters.map_or(Value::Unknown, Value::Text)),
        fact("reference_time", "Reference time (UTC)", Value::Time(row.reference_time)),
        fact("offset_s", "Offset", Value::Offset(row.offset)),
        fact("delay_s", "Delay", Value::Interval(row.delay)),
        fact("dispersion_s", "Dispersion", Value::Interval(row.dispersion)),
        fact("response_time_s", "Response time", Value::Interval(row.response_time)),
        fact("jitter_asymmetry", "Jitter asymmetry", Value::Number(row.asymmetry)),
        fact("tests", "NTP tests", text(tests)),
        fact("interleaved", "Interleaved", Value::Flag(row.is_interleaved())),
        fact("authenticated", "Authenticated", Value::Flag(row.is_authenticated())),
        fact("transmit_timestamps_by", "Transmit stamps by", text(stamp(row.transmit_stamp).to_lowercase())),
        fact("receive_timestamps_by", "Receive stamps by", text(stamp(row.receive_stamp).to_lowercase())),
        fact("sent", "Sent", count(row.sent)),
        fact("received", "Received", count(row.received)),
        fact("valid", "Valid", count(row.valid)),
        fact("good", "Good", count(row.good)),
        fact("kernel_transmit_timestamps", "Kernel stamps, sent", kernel_sent),
        fact("kernel_receive_timestamps", "Kernel stamps, received", kernel_received),
        fact("hardware_transmit_timestamps", "Hardware stamps, sent", hardware_sent),
        fact("hardware_receive_timestamps", "Hardware stamps, received", hardware_received),
    ]
}
