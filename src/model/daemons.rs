//! Reports of daemons other than ntpd, for the health check and the peers tables.

pub mod variables;

use super::authentication::Mechanism;
use super::health::{Health, Reading, poll_of_exponent, seconds_between};
use super::{Milliseconds, NetworkAddress, Peer, ReferenceId, SourceAuthentication};
use crate::wire::AssociationId;
use crate::wire::chrony::{Address, KnownSource, SourceData, SourceState, Tracking};
use crate::wire::ntpd_rs::{Observation, Source};
use crate::wire::status::{PeerStatusWord, Selection};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::timesyncd::Timesyncd;
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const NTP_SERVER: &str = "NTP server";
/// Unanswered polls after which timesyncd's last reply is too old.
const STALE_POLLS: u64 = 8;
/// Unanswered polls after which ntpd-rs considers a source unreachable.
const UNREACHABLE_POLLS: u32 = 8;
/// Bits of a peer status word.
const CONFIGURED: u16 = 0x8000;
const AUTHENTICATION_ENABLED: u16 = 0x4000;
const AUTHENTIC: u16 = 0x2000;
const REACHABLE: u16 = 0x1000;
const CLIENT: i64 = 3;
const SYMMETRIC: i64 = 1;

/// Builds chronyd's health. `poll` is the poll exponent of the source that it follows.
pub fn chronyd(tracking: &Tracking, poll: Option<i16>) -> Health {
    let error = tracking.root_delay / 2.0 + tracking.root_dispersion + tracking.correction.abs();
    let reference = match tracking.address {
        Address::Ip(address) => Some(address.to_string().into_bytes()),
        _ => letters(tracking.reference_id),
    };
    Health {
        daemon: "chronyd",
        is_synchronized: tracking.leap < 3,
        is_restarting: false,
        source: NTP_SERVER,
        reference: reference.map(Reading::Known),
        stratum: Reading::Known(tracking.stratum.to_string().into_bytes()),
        maximum_error: Reading::Known(error.max(0.0) * 1000.0),
        poll_interval: poll.map_or(Reading::Unknown, |poll| poll_of_exponent(poll.into())),
        offset: Some(tracking.correction * 1000.0),
        jitter: Some(tracking.rms_offset * 1000.0),
        age: None,
        is_incomplete: false,
    }
}

/// How long ago chronyd last updated its clock, in seconds.
pub fn chronyd_age(tracking: &Tracking, now: Timestamp) -> Option<f64> {
    let age = now.as_second().saturating_sub(tracking.reference_time?);
    u32::try_from(age.max(0)).ok().map(f64::from)
}

/// How long ago ntpd-rs last heard from the source that it follows, in seconds.
pub fn ntpd_rs_age(observation: &Observation, now: Timestamp) -> Option<f64> {
    let followed = observation.sources.iter().find(|source| is_reference(observation, source))?;
    Some(seconds_between(followed.last_update.time()?, now.into()))
}

/// Whether chronyd follows this source.
pub fn is_followed(tracking: &Tracking, source: &SourceData) -> bool {
    if source.mode == SourceData::REFERENCE_CLOCK {
        return matches!(source.address, Address::Ip(IpAddr::V4(address)) if address.to_bits() == tracking.reference_id);
    }
    tracking.address != Address::None && source.address == tracking.address
}

/// The letters of a reference ID: all printable, up to its trailing zeros.
fn letters(reference_id: u32) -> Option<Vec<u8>> {
    let octets = reference_id.to_be_bytes();
    let length = octets.iter().position(|octet| *octet == 0).unwrap_or(octets.len());
    let (text, zeros) = octets.split_at_checked(length)?;
    let is_text =
        !text.is_empty() && text.iter().all(u8::is_ascii_graphic) && zeros.iter().all(|octet| *octet == 0);
    is_text.then(|| text.to_vec())
}

/// Builds the row of one of chronyd's sources.
pub fn chronyd_peer(index: u16, known: &KnownSource, now: Timestamp) -> Peer {
    let source = &known.data;
    let selection = match source.state {
        SourceState::SELECTED => Selection::SystemPeer,
        SourceState::COMBINED => Selection::Candidate,
        SourceState::SELECTABLE => Selection::Outlier,
        SourceState::FALSE_TICKER => Selection::FalseTicker,
        _ => Selection::Reject,
    };
    let is_clock = source.mode == SourceData::REFERENCE_CLOCK;
    let clock_letters = match source.address {
        Address::Ip(IpAddr::V4(address)) if is_clock => letters(address.to_bits()),
        _ => None,
    };
    let configured = known.name.clone().filter(|name| is_name(name));
    let (address, name) = match source.address {
        Address::Ip(_) if is_clock => (None, clock_letters.clone()),
        Address::Ip(address) => (NetworkAddress::parse(address.to_string().as_bytes()), configured),
        Address::Unresolved(number) => {
            (None, configured.or_else(|| Some(format!("ID#{number:010}").into_bytes())))
        }
        Address::None => (None, None),
    };
    let is_sampled = source.age.is_some();
    let measurement = known.measurement.as_ref().filter(|measurement| measurement.good > 0);
    let is_reachable = source.reach & 0xff != 0 || is_clock && is_sampled;
    let authentication =
        known.authentication.as_ref().map(SourceAuthentication::of_chronyd).unwrap_or_default();
    let is_nts = authentication.mechanism == Some(Mechanism::Nts);
    let is_secured = is_nts || authentication.mechanism == Some(Mechanism::SymmetricKey);
    let row = row(index, selection, i64::from(source.poll), is_reachable);
    Peer {
        status: secured(row.status, is_secured),
        nts_cookies: known.authentication.filter(|_| is_nts).map(|report| report.cookies.into()),
        authentication,
        source_address: address,
        source_host: name,
        reference_id: clock_letters.map(ReferenceId::Text).or_else(|| {
            measurement.map(|measurement| upstream(measurement.stratum.into(), measurement.reference_id))
        }),
        stratum: Some(if is_sampled || is_clock { source.stratum.into() } else { 16 }),
        host_mode: Some(if source.mode == 1 { SYMMETRIC } else { CLIENT }),
        reach: Some(u32::from(source.reach) & 0xff),
        receive_time: source.age.map(|age| before(now, age.into())),
        offset: is_sampled.then(|| quantity(-source.offset * 1000.0)).flatten(),
        delay: measurement.and_then(|measurement| quantity(measurement.delay * 1000.0)),
        jitter: known
            .statistics
            .filter(|statistics| statistics.samples > 0)
            .and_then(|statistics| quantity(statistics.deviation * 1000.0)),
        ..row
    }
}

/// Whether this is a host name rather than an address.
fn is_name(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| !text.is_empty() && text.parse::<IpAddr>().is_err())
}

/// The reference ID of a source: letters at stratum 1, otherwise an address.
fn upstream(stratum: u64, reference_id: u32) -> ReferenceId {
    match letters(reference_id) {
        Some(letters) if stratum <= 1 => ReferenceId::Text(letters),
        _ => ReferenceId::parse(Ipv4Addr::from(reference_id).to_string().as_bytes()),
    }
}

/// Builds ntpd-rs' health.
pub fn ntpd_rs(observation: &Observation) -> Health {
    let system = &observation.system;
    let followed = observation.sources.iter().find(|source| is_reference(observation, source));
    let address = followed.and_then(address_of).map(|address| address.to_string().into_bytes());
    let error = observation.root_dispersion().map(|dispersion| dispersion + system.root_delay / 2.0);
    let stratum = system.stratum.unwrap_or(16);
    let measured = followed.filter(|source| source.is_measured());
    Health {
        daemon: "ntpd-rs",
        is_synchronized: !matches!(system.leap_indicator.as_str(), "Unknown" | "") && stratum < 16,
        is_restarting: false,
        source: NTP_SERVER,
        reference: address.or_else(|| letters(system.reference_id)).map(Reading::Known),
        stratum: Reading::Known(stratum.to_string().into_bytes()),
        maximum_error: error.map_or(Reading::Unknown, |error| Reading::Known(error.max(0.0) * 1000.0)),
        poll_interval: followed.map_or(Reading::Unknown, |source| poll_of_exponent(source.poll_interval)),
        offset: measured.map(|source| source.offset * 1000.0),
        jitter: measured.map(|source| source.uncertainty * 1000.0),
        age: None,
        is_incomplete: false,
    }
}

/// Whether the daemon's reference ID is this source.
fn is_reference(observation: &Observation, source: &Source) -> bool {
    let Some(address) = address_of(source) else { return false };
    let identifier =
        NetworkAddress::parse(address.to_string().as_bytes()).map(|address| address.reference_id());
    observation.system.leap_indicator != "Unknown" && identifier == Some(observation.system.reference_id)
}

fn address_of(source: &Source) -> Option<IpAddr> {
    source.address.parse().ok().map(|address: SocketAddr| address.ip())
}

/// Builds the rows of ntpd-rs' sources. ntpd-rs does not report which of them are combined with the selected one.
pub fn ntpd_rs_peers(observation: &Observation) -> Vec<Peer> {
    let rows = observation.sources.iter().zip(1_u16..).map(|(source, index)| {
        let is_followed = is_reference(observation, source);
        let selection = if is_followed { Selection::SystemPeer } else { Selection::Reject };
        let measured = |value: f64| source.is_measured().then(|| quantity(value * 1000.0)).flatten();
        let address = address_of(source);
        let name = source.name.rsplit_once(':').map_or(source.name.as_str(), |(name, _)| name);
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let is_reachable = source.unanswered_polls < UNREACHABLE_POLLS && source.is_measured();
        let row = row(index, selection, source.poll_interval, is_reachable);
        let is_nts = source.nts_cookies.is_some_and(|cookies| cookies >= 0);
        let mechanism = if is_nts { Mechanism::Nts } else { Mechanism::None };
        Peer {
            status: secured(row.status, is_nts),
            authentication: SourceAuthentication {
                mechanism: Some(mechanism),
                ..SourceAuthentication::default()
            },
            source_address: address.and_then(|ip| NetworkAddress::parse(ip.to_string().as_bytes())),
            source_host: (is_name(name.as_bytes()) || address.is_none()).then(|| name.as_bytes().to_vec()),
            stratum: observation
                .system
                .stratum
                .filter(|_| is_followed)
                .map(|stratum| stratum.saturating_sub(1).into()),
            host_mode: Some(CLIENT),
            receive_time: source.last_update.time(),
            delay: measured(source.delay),
            offset: measured(source.offset),
            jitter: measured(source.uncertainty),
            nts_cookies: source.nts_cookies,
            ..row
        }
    });
    rows.collect()
}

/// Builds timesyncd's health. `kernel_synchronized`: whether the kernel considers its clock synchronised.
pub fn timesyncd(state: &Timesyncd, kernel_synchronized: bool, now: Timestamp) -> Health {
    let message = state.message.as_ref();
    let age = message.map(|message| microseconds(now).saturating_sub(message.destination));
    let is_fresh = age.is_some_and(|age| age < state.poll_interval.saturating_mul(STALE_POLLS));
    let is_usable = message.is_some_and(|message| message.leap < 3 && message.stratum < 16);
    let error = message.map(|message| {
        let offset = in_milliseconds(message.offset().unsigned_abs());
        in_milliseconds(message.root_delay) / 2.0
            + in_milliseconds(message.root_dispersion)
            + in_milliseconds(message.jitter)
            + in_milliseconds(message.delay().max(0).unsigned_abs()) / 2.0
            + offset
    });
    Health {
        daemon: "systemd-timesyncd",
        is_synchronized: kernel_synchronized && is_fresh && is_usable,
        is_restarting: false,
        source: NTP_SERVER,
        reference: state.server_address.map(|address| Reading::Known(address.to_string().into_bytes())),
        stratum: message.map_or(Reading::Unknown, |message| {
            Reading::Known(message.stratum.saturating_add(1).to_string().into_bytes())
        }),
        maximum_error: error.map_or(Reading::Unknown, Reading::Known),
        poll_interval: Reading::Known(in_milliseconds(state.poll_interval) / 1000.0),
        offset: message.map(|message| signed_milliseconds(message.offset())),
        jitter: message.map(|message| in_milliseconds(message.jitter)),
        age: age.map(|age| in_milliseconds(age) / 1000.0),
        is_incomplete: false,
    }
}

/// Builds the row of timesyncd's only server.
pub fn timesyncd_peer(state: &Timesyncd, is_synchronized: bool) -> Peer {
    let message = state.message.as_ref();
    let selection = if is_synchronized { Selection::SystemPeer } else { Selection::Reject };
    let poll = (state.poll_interval / 1_000_000).max(1).ilog2();
    Peer {
        source_address: state
            .server_address
            .and_then(|address| NetworkAddress::parse(address.to_string().as_bytes())),
        source_host: is_name(&state.server_name).then(|| state.server_name.clone()),
        reference_id: message
            .map(|message| upstream(message.stratum, u32::from_be_bytes(message.reference_id))),
        stratum: Some(message.map_or(16, |message| u32::try_from(message.stratum).unwrap_or(16))),
        host_mode: Some(CLIENT),
        receive_time: message.and_then(|message| {
            let destination = i64::try_from(message.destination).ok()?;
            Timestamp::from_microsecond(destination).ok().map(NtpTimestamp::from)
        }),
        delay: message.and_then(|message| quantity(signed_milliseconds(message.delay()))),
        offset: message.and_then(|message| quantity(signed_milliseconds(message.offset()))),
        jitter: message.and_then(|message| quantity(in_milliseconds(message.jitter))),
        ..row(1, selection, poll.into(), message.is_some())
    }
}

/// Builds a row with the common fields. Exponents below zero count as zero: the billboards have whole seconds.
fn row(index: u16, selection: Selection, poll: i64, is_reachable: bool) -> Peer {
    let poll = poll.clamp(0, 17);
    Peer {
        association: AssociationId(index),
        status: PeerStatusWord(CONFIGURED | (u16::from(is_reachable) * REACHABLE) | (selection as u16) << 8),
        host_poll: Some(poll),
        peer_poll: Some(poll),
        ..Peer::default()
    }
}

/// Adds whether a source is authenticated. Such a daemon counts a reply only once it has verified it.
fn secured(status: PeerStatusWord, is_secured: bool) -> PeerStatusWord {
    match (is_secured, status.is_reachable()) {
        (false, _) => status,
        (true, false) => PeerStatusWord(status.0 | AUTHENTICATION_ENABLED),
        (true, true) => PeerStatusWord(status.0 | AUTHENTICATION_ENABLED | AUTHENTIC),
    }
}

fn quantity(milliseconds: f64) -> Option<Milliseconds> {
    let bounded = milliseconds.clamp(-2e9, 2e9);
    Milliseconds::parse(format!("{bounded:.6}").as_bytes())
}

fn before(now: Timestamp, seconds: i64) -> NtpTimestamp {
    Timestamp::from_second(now.as_second().saturating_sub(seconds)).unwrap_or(now).into()
}

fn microseconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_microsecond()).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "a span of time needs no 64 bits")]
fn in_milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "a span of time needs no 64 bits")]
fn signed_milliseconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests;
