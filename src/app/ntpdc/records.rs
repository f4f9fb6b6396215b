//! What the forms other than the classic one are made of.

mod counters;
mod lists;
mod subjects;

use crate::console::Shell;
use crate::model::mode7::mode_name;
use crate::model::records::{Datum, RecordsReport, Subject};
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

fn address(ip: IpAddr) -> Datum {
    if ip.is_unspecified() { Datum::Absent } else { Datum::text(ip.to_string()) }
}

fn real(fixed: i64, decimals: usize) -> Datum {
    Datum::Real(seconds(fixed), decimals)
}

/// Text where primary servers have text, an address elsewhere.
fn reference_id(id: [u8; 4], stratum: u8, is_clock: bool) -> Datum {
    if stratum > 1 && !is_clock && !id.iter().all(|octet| octet.is_ascii_uppercase() || *octet == 0) {
        return Datum::text(IpAddr::from(id).to_string());
    }
    Datum::Text(id.split(|&octet| octet == 0).next().unwrap_or_default().to_vec())
}

/// A report about something: records, each with the values of the subject's fields.
fn report(subject: &'static Subject, origin: Origin, records: Vec<Vec<Datum>>) -> Report {
    Report::Records(RecordsReport { origin, subject, records })
}

/// What a host is called: its name, if it has one and names are wanted.
fn name(shell: &Shell, ip: IpAddr) -> Datum {
    let address = crate::model::mode7::address(ip);
    Datum::text(shell.with_style(|style| style.names.host(&address)))
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
                Datum::text(mode_name(peer.mode)),
                Datum::text(selection),
                Datum::integer(peer.stratum),
                Datum::integer(peer.poll_seconds()),
                Datum::integer(peer.reach),
                real(peer.delay, 5),
                real(peer.offset, 6),
                real(peer.dispersion, 5),
                Datum::Words(flag_names(peer.flags.into())),
            ]
        })
        .collect();
    report(&subjects::PEERS, origin, records)
}

pub(super) fn peer_details(peers: &[PeerDetail], shell: &Shell, origin: Origin) -> Report {
    let reals = |numbers: &[i64], decimals| {
        Datum::Reals(numbers.iter().map(|number| seconds(*number)).collect(), decimals)
    };
    let records = peers
        .iter()
        .map(|peer| {
            vec![
                name(shell, peer.remote),
                address(peer.remote),
                address(peer.local),
                Datum::text(mode_name(peer.host_mode)),
                Datum::text(mode_name(peer.peer_mode)),
                Datum::integer(peer.association),
                Datum::integer(peer.stratum),
                Datum::integer(peer.precision),
                Datum::integer(peer.leap & 3),
                reference_id(peer.reference_id, peer.stratum, peer.flags & REFERENCE_CLOCK != 0),
                real(peer.root_delay, 5),
                real(peer.root_dispersion, 5),
                Datum::integer(peer.peer_poll),
                Datum::integer(peer.host_poll),
                Datum::integer(peer.key_id),
                Datum::integer(peer.version),
                Datum::integer(peer.reach),
                Datum::integer(peer.unreach),
                Datum::text(format!("0x{:04x}", peer.flash)),
                real(peer.broadcast_offset, 5),
                Datum::integer(peer.ttl),
                Datum::integer(peer.timer.cast_signed()),
                Datum::Words(flag_names(peer.flags.into())),
                Datum::Time(peer.reference_time),
                Datum::Time(peer.originate_time),
                Datum::Time(peer.receive_time),
                Datum::Time(peer.transmit_time),
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
        Datum::text(mode_name(info.peer_mode)),
        Datum::integer(info.leap & 3),
        Datum::integer(info.stratum),
        Datum::integer(info.precision),
        real(info.root_delay, 5),
        real(info.root_dispersion, 5),
        reference_id(info.reference_id, info.stratum, false),
        Datum::Time(info.reference_time),
        Datum::Words(info.flag_names()),
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
        Datum::integer(info.poll_adjust),
        Datum::integer(info.watchdog),
    ]];
    report(&subjects::LOOP_FILTER, origin, records)
}

pub(super) fn kernel(info: &KernelInfo, origin: Origin) -> Report {
    let micro = |value: u32| Datum::Real(f64::from(value) * 1e-6, 6);
    let ppm = |value: i32| real(short(value), 3);
    // Without a pulse signal these have no meaning.
    let pulse = |datum: Datum| if info.shift == 0 { Datum::Absent } else { datum };
    let interval = 1_i64.checked_shl(info.shift.into()).unwrap_or(0);
    let records = vec![vec![
        Datum::Real(f64::from(info.offset) * info.tick(), 9),
        ppm(info.frequency),
        micro(info.maximum_error),
        micro(info.estimated_error),
        Datum::text(format!("0x{:04x}", info.status)),
        Datum::Words(info.status_names()),
        Datum::integer(info.constant),
        micro(info.precision),
        ppm(info.tolerance),
        pulse(ppm(info.pps_frequency)),
        pulse(ppm(info.pps_stability)),
        pulse(Datum::Real(f64::from(info.pps_jitter) * info.tick(), 9)),
        pulse(Datum::Integer(interval)),
        pulse(Datum::integer(info.calibration_cycles)),
        pulse(Datum::integer(info.jitter_exceeded)),
        pulse(Datum::integer(info.stability_exceeded)),
        pulse(Datum::integer(info.calibration_errors)),
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
    let record = values.map(|value| Datum::Integer(i64::try_from(value).unwrap_or(i64::MAX))).collect();
    report(subject, origin, vec![record])
}

pub(super) fn restrictions(rules: &[Restriction], from: Implementation, origin: Origin) -> Report {
    let records = rules
        .iter()
        .map(|rule| {
            vec![
                Datum::text(rule.address.to_string()),
                Datum::text(rule.mask.to_string()),
                Datum::integer(rule.count),
                Datum::Words(rule.flag_names(from)),
            ]
        })
        .collect();
    report(&lists::RESTRICTIONS, origin, records)
}

pub(super) fn clients(clients: &[Client], form: ClientForm, shell: &Shell, origin: Origin) -> Report {
    let records = clients
        .iter()
        .map(|client| {
            let average = Datum::integer(client.average_interval);
            let (average, first) = match form {
                ClientForm::Ages => (Datum::Absent, average),
                ClientForm::Local | ClientForm::Plain => (average, Datum::Absent),
            };
            vec![
                name(shell, client.address),
                address(client.address),
                Datum::integer(client.port),
                client.local.map_or(Datum::Absent, address),
                Datum::integer(client.count),
                Datum::integer(client.mode),
                Datum::integer(client.version),
                Datum::text(format!("0x{:x}", client.restrictions)),
                average,
                first,
                Datum::integer(client.last_interval),
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
                Datum::integer(interface.number),
                Datum::Text(interface.name.clone()),
                Datum::text(interface.address.to_string()),
                Datum::text(interface.mask.to_string()),
                address(interface.broadcast),
                Datum::Flag(!interface.ignored),
                Datum::text(format!("0x{:03x}", interface.flags)),
                Datum::integer(interface.ttl),
                Datum::integer(interface.multicast_groups),
                Datum::integer(interface.received),
                Datum::integer(interface.sent),
                Datum::integer(interface.not_sent),
                Datum::integer(interface.scope),
                Datum::integer(interface.peers),
                Datum::integer(interface.uptime),
            ]
        })
        .collect();
    report(&lists::INTERFACES, origin, records)
}
