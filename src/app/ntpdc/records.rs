//! The data of formats other than the classic one.

mod counters;
mod lists;
mod subjects;

use crate::console::Shell;
use crate::model::mode7::mode_name;
use crate::model::records::{FieldValue, RecordsReport, Subject};
use crate::model::{Origin, Report};
use crate::wire::mode7::Implementation;
use crate::wire::mode7::counters::CounterTable;
use crate::wire::mode7::fields::{seconds, short};
use crate::wire::mode7::lists::{Client, ClientForm, Interface, Restriction};
use crate::wire::mode7::peer::{
    CANDIDATE, PeerDetail, PeerSummary, REFERENCE_CLOCK, SHORT_LIST, SYSTEM_PEER, flag_names,
};
use crate::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};
pub use counters::{INPUT_OUTPUT, SYSTEM_STATISTICS};
use std::net::IpAddr;

fn address(ip: IpAddr) -> FieldValue {
    if ip.is_unspecified() { FieldValue::Absent } else { FieldValue::text(ip.to_string()) }
}

fn real(fixed: i64, decimals: usize) -> FieldValue {
    FieldValue::Real(seconds(fixed), decimals)
}

/// Text where primary servers have text, otherwise an address.
fn reference_id(id: [u8; 4], stratum: u8, is_clock: bool) -> FieldValue {
    if stratum > 1 && !is_clock && !id.iter().all(|octet| octet.is_ascii_uppercase() || *octet == 0) {
        return FieldValue::text(IpAddr::from(id).to_string());
    }
    FieldValue::Text(id.split(|&octet| octet == 0).next().unwrap_or_default().to_vec())
}

/// A report: records, each with the values of the subject's fields.
fn report(subject: &'static Subject, origin: Origin, records: Vec<Vec<FieldValue>>) -> Report {
    Report::Records(RecordsReport { origin, subject, records })
}

/// How a host is shown: by name, if it has one and names are wanted.
fn name(shell: &Shell, ip: IpAddr) -> FieldValue {
    let address = crate::model::mode7::address(ip);
    FieldValue::text(shell.with_style(|style| style.names.host(&address)))
}

pub(super) fn peers(peers: &[PeerSummary], shell: &Shell, origin: Origin) -> Report {
    let records = peers
        .iter()
        .map(|peer| {
            let selection = match peer.flags {
                flags if flags & SYSTEM_PEER != 0 => "system_peer",
                flags if flags & SHORT_LIST != 0 => "shortlist",
                flags if flags & CANDIDATE != 0 => "candidate",
                _ => "none",
            };
            vec![
                name(shell, peer.remote),
                address(peer.remote),
                address(peer.local),
                FieldValue::text(mode_name(peer.mode)),
                FieldValue::text(selection),
                FieldValue::integer(peer.stratum),
                FieldValue::integer(peer.poll_seconds()),
                FieldValue::integer(peer.reach),
                real(peer.delay, 5),
                real(peer.offset, 6),
                real(peer.dispersion, 5),
                FieldValue::Words(flag_names(peer.flags.into())),
            ]
        })
        .collect();
    report(&subjects::PEERS, origin, records)
}

pub(super) fn peer_details(peers: &[PeerDetail], shell: &Shell, origin: Origin) -> Report {
    let reals = |numbers: &[i64], decimals| {
        FieldValue::Reals(numbers.iter().map(|number| seconds(*number)).collect(), decimals)
    };
    let records = peers
        .iter()
        .map(|peer| {
            vec![
                name(shell, peer.remote),
                address(peer.remote),
                address(peer.local),
                FieldValue::text(mode_name(peer.host_mode)),
                FieldValue::text(mode_name(peer.peer_mode)),
                FieldValue::integer(peer.association),
                FieldValue::integer(peer.stratum),
                FieldValue::integer(peer.precision),
                FieldValue::integer(peer.leap & 3),
                reference_id(peer.reference_id, peer.stratum, peer.flags & REFERENCE_CLOCK != 0),
                real(peer.root_delay, 5),
                real(peer.root_dispersion, 5),
                FieldValue::integer(peer.peer_poll),
                FieldValue::integer(peer.host_poll),
                FieldValue::integer(peer.key_id),
                FieldValue::integer(peer.version),
                FieldValue::integer(peer.reach),
                FieldValue::integer(peer.unreach),
                FieldValue::text(format!("0x{:04x}", peer.flash)),
                real(peer.broadcast_offset, 5),
                FieldValue::integer(peer.ttl),
                FieldValue::integer(peer.timer.cast_signed()),
                FieldValue::Words(flag_names(peer.flags.into())),
                FieldValue::Time(peer.reference_time),
                FieldValue::Time(peer.originate_time),
                FieldValue::Time(peer.receive_time),
                FieldValue::Time(peer.transmit_time),
                reals(&peer.filter_delay, 5),
                reals(&peer.filter_offset, 6),
                real(peer.offset, 6),
                real(peer.delay, 5),
                real(peer.dispersion, 5),
                real(peer.selection_dispersion, 5),
            ]
        })
        .collect();
    report(&subjects::PEER_DETAILS, origin, records)
}

pub(super) fn system(info: &SystemInfo, origin: Origin) -> Report {
    let records = vec![vec![
        address(info.peer),
        FieldValue::text(mode_name(info.peer_mode)),
        FieldValue::integer(info.leap & 3),
        FieldValue::integer(info.stratum),
        FieldValue::integer(info.precision),
        real(info.root_delay, 5),
        real(info.root_dispersion, 5),
        reference_id(info.reference_id, info.stratum, false),
        FieldValue::Time(info.reference_time),
        FieldValue::Words(info.flag_names()),
        real(info.jitter, 6),
        real(info.stability, 3),
        real(info.broadcast_delay, 6),
        real(info.authentication_delay, 6),
    ]];
    report(&subjects::SYSTEM, origin, records)
}

pub(super) fn loop_filter(info: &LoopInfo, origin: Origin) -> Report {
    let records = vec![vec![
        real(info.offset, 6),
        real(info.frequency, 3),
        FieldValue::integer(info.poll_adjust),
        FieldValue::integer(info.watchdog),
    ]];
    report(&subjects::LOOP_FILTER, origin, records)
}

pub(super) fn kernel(info: &KernelInfo, origin: Origin) -> Report {
    let micro = |value: u32| FieldValue::Real(f64::from(value) * 1e-6, 6);
    let ppm = |value: i32| real(short(value), 3);
    // Without a pulse signal these are meaningless.
    let pulse = |value: FieldValue| if info.shift == 0 { FieldValue::Absent } else { value };
    let interval = 1_i64.checked_shl(info.shift.into()).unwrap_or(0);
    let records = vec![vec![
        FieldValue::Real(f64::from(info.offset) * info.tick(), 9),
        ppm(info.frequency),
        micro(info.maximum_error),
        micro(info.estimated_error),
        FieldValue::text(format!("0x{:04x}", info.status)),
        FieldValue::Words(info.status_names()),
        FieldValue::integer(info.constant),
        micro(info.precision),
        ppm(info.tolerance),
        pulse(ppm(info.pps_frequency)),
        pulse(ppm(info.pps_stability)),
        pulse(FieldValue::Real(f64::from(info.pps_jitter) * info.tick(), 9)),
        pulse(FieldValue::Integer(interval)),
        pulse(FieldValue::integer(info.calibration_cycles)),
        pulse(FieldValue::integer(info.jitter_exceeded)),
        pulse(FieldValue::integer(info.stability_exceeded)),
        pulse(FieldValue::integer(info.calibration_errors)),
    ]];
    report(&subjects::KERNEL, origin, records)
}

pub(super) fn counters(
    subject: &'static Subject,
    table: &CounterTable,
    item: &[u8],
    origin: Origin,
) -> Report {
    let values = table.counters.iter().map(|counter| counter.value(item));
    let record = values.map(|value| FieldValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))).collect();
    report(subject, origin, vec![record])
}

pub(super) fn restrictions(rules: &[Restriction], from: Implementation, origin: Origin) -> Report {
    let records = rules
        .iter()
        .map(|rule| {
            vec![
                FieldValue::text(rule.address.to_string()),
                FieldValue::text(rule.mask.to_string()),
                FieldValue::integer(rule.count),
                FieldValue::Words(rule.flag_names(from)),
            ]
        })
        .collect();
    report(&lists::RESTRICTIONS, origin, records)
}

pub(super) fn clients(clients: &[Client], form: ClientForm, shell: &Shell, origin: Origin) -> Report {
    let records = clients
        .iter()
        .map(|client| {
            let average = FieldValue::integer(client.average_interval);
            let (average, first) = match form {
                ClientForm::Ages => (FieldValue::Absent, average),
                ClientForm::Local | ClientForm::Plain => (average, FieldValue::Absent),
            };
            vec![
                name(shell, client.address),
                address(client.address),
                FieldValue::integer(client.port),
                client.local.map_or(FieldValue::Absent, address),
                FieldValue::integer(client.count),
                FieldValue::integer(client.mode),
                FieldValue::integer(client.version),
                FieldValue::text(format!("0x{:x}", client.restrictions)),
                average,
                first,
                FieldValue::integer(client.last_interval),
            ]
        })
        .collect();
    report(&lists::CLIENTS, origin, records)
}

pub(super) fn interfaces(interfaces: &[Interface], origin: Origin) -> Report {
    let records = interfaces
        .iter()
        .map(|interface| {
            vec![
                FieldValue::integer(interface.number),
                FieldValue::Text(interface.name.clone()),
                FieldValue::text(interface.address.to_string()),
                FieldValue::text(interface.mask.to_string()),
                address(interface.broadcast),
                FieldValue::Flag(!interface.ignored),
                FieldValue::text(format!("0x{:03x}", interface.flags)),
                FieldValue::integer(interface.ttl),
                FieldValue::integer(interface.multicast_groups),
                FieldValue::integer(interface.received),
                FieldValue::integer(interface.sent),
                FieldValue::integer(interface.not_sent),
                FieldValue::integer(interface.scope),
                FieldValue::integer(interface.peers),
                FieldValue::integer(interface.uptime),
            ]
        })
        .collect();
    report(&lists::INTERFACES, origin, records)
}
