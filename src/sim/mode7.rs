//! Mode 7 of the simulated daemon: all read requests and, with the request key, adding and removing associations. Other
//! changes are accepted and have no effect.

mod peers;
mod tables;

use super::peer::PeerView;
use super::scenario::{Association, Kind, Scenario};
use super::system::SystemView;
use super::time::NtpTime;
use crate::auth::Key;
use crate::wire::mode7::{DATA_LIMIT, ErrorCode, Header, Implementation, Message, RequestCode};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The lengths of a timestamp and of a key identifier in octets.
const TIMESTAMP: usize = 8;
const KEY_ID: usize = 4;
/// The maximum difference between a request's timestamp and the daemon's clock, in seconds.
const TOLERANCE: f64 = 10.0;

/// Items of one size, or a refusal.
pub(super) type Answer = Result<Vec<Vec<u8>>, ErrorCode>;

/// A snapshot of the daemon.
pub(super) struct View<'a> {
    /// The associations, youngest first.
    pub(super) peers: Vec<PeerView<'a>>,
    pub(super) system: SystemView<'a>,
    /// The number of clients.
    pub(super) clients: u32,
}

/// Whether a request must be authenticated.
pub(super) fn needs_key(request: RequestCode) -> bool {
    matches!(request, RequestCode::INTERFACE_STATS | RequestCode::INTERFACE_RELOAD) || changes(request)
}

/// Whether a request is for a change.
pub(super) fn changes(request: RequestCode) -> bool {
    matches!(
        request,
        RequestCode::CONFIG
            | RequestCode::UNCONFIG
            | RequestCode::SET_SYS_FLAG
            | RequestCode::CLEAR_SYS_FLAG
            | RequestCode::ADD_RESTRICT
            | RequestCode::SUB_RESTRICT
            | RequestCode::REMOVE_RESTRICT
            | RequestCode::RESET_STATS
            | RequestCode::RESET_PEER
            | RequestCode::REREAD_KEYS
            | RequestCode::TRUST_KEY
            | RequestCode::UNTRUST_KEY
            | RequestCode::ADD_TRAP
            | RequestCode::CLEAR_TRAP
            | RequestCode::REQUEST_KEY
            | RequestCode::CONTROL_KEY
            | RequestCode::SET_CLOCK_FUDGE
    )
}

/// Answers a request.
pub(super) fn packets(header: Header, answer: Answer) -> Vec<Vec<u8>> {
    let reply = Header { response: true, authenticated: false, item_count: 0, item_size: 0, ..header };
    let items = match answer {
        Ok(items) => items,
        Err(error) => return vec![Header { error, ..reply }.encode(b"")],
    };
    let size = items.first().map_or(0, Vec::len);
    let in_packet = DATA_LIMIT.checked_div(size).unwrap_or(1).max(1);
    let chunks: Vec<&[Vec<u8>]> =
        if items.is_empty() { vec![&[]] } else { items.chunks(in_packet).take(128).collect() };
    let last = chunks.len() - 1;
    chunks
        .iter()
        .enumerate()
        .map(|(at, chunk)| {
            let header = Header {
                more: at < last,
                sequence: u8::try_from(at).unwrap_or(u8::MAX),
                item_count: u16::try_from(chunk.len()).unwrap_or(u16::MAX),
                item_size: u16::try_from(size).unwrap_or(u16::MAX),
                ..reply
            };
            header.encode(&chunk.concat())
        })
        .collect()
}

/// Whether a request carries a valid and recent authenticator under this key.
pub(super) fn is_authentic(key: Option<&Key>, request: &[u8], now: NtpTime) -> bool {
    let Some(key) = key else { return false };
    let tail = KEY_ID + key.key_type().mac_length();
    let Some((message, tail)) = request.len().checked_sub(tail).and_then(|at| request.split_at_checked(at))
    else {
        return false;
    };
    let Some((id, mac)) = tail.split_first_chunk::<KEY_ID>() else { return false };
    let Some(stamp) = message.last_chunk::<TIMESTAMP>() else { return false };
    let age = now.seconds_since(NtpTime(u64::from_be_bytes(*stamp)));
    u32::from_be_bytes(*id) == key.id() && key.verify(message, mac) && age.abs() <= TOLERANCE
}

/// Applies a change.
pub(super) fn change(scenario: &mut Scenario, message: &Message<'_>) -> Answer {
    match message.header.request {
        RequestCode::CONFIG => {
            let address = named(message, 4, CONFIGURED_MARK).into_iter().next().ok_or(ErrorCode::FORMAT)?;
            if scenario.associations.iter().any(|association| association.address == address) {
                return Err(ErrorCode::NO_DATA);
            }
            let last = scenario.associations.iter().map(|association| association.id.0).max();
            let id = last.unwrap_or(0).wrapping_add(1).max(1);
            scenario.associations.push(Association::unreachable(id, address));
        }
        RequestCode::UNCONFIG | RequestCode::RESET_PEER => {
            for address in named(message, 0, 4) {
                let known = |association: &Association| association.address == address;
                if !scenario.associations.iter().any(known) {
                    return Err(ErrorCode::NO_DATA);
                }
                if message.header.request == RequestCode::UNCONFIG {
                    scenario.associations.retain(|association| !known(association));
                }
            }
        }
        _ => {}
    }
    Ok(Vec::new())
}

/// The offset of the IPv6 flag in the item that describes a new association.
const CONFIGURED_MARK: usize = 144;

/// The addresses at the start of a request's items; an IPv6 address stands `pad` octets after its flag.
fn named(message: &Message<'_>, pad: usize, mark: usize) -> Vec<IpAddr> {
    let size = usize::from(message.header.item_size).max(1);
    let address = |item: &[u8]| {
        let is_ipv6 = item.get(mark..mark + 4).is_some_and(|mark| mark != [0; 4]);
        let ipv6 = item.get(mark + 4 + pad..).and_then(<[u8]>::first_chunk::<16>);
        match ipv6 {
            Some(ipv6) if is_ipv6 => Some(IpAddr::from(Ipv6Addr::from(*ipv6))),
            _ => item.first_chunk::<4>().map(|octets| IpAddr::from(Ipv4Addr::from(*octets))),
        }
    };
    message.items.chunks(size).filter_map(address).collect()
}

/// Answers a read request.
pub(super) fn read(view: &View<'_>, message: &Message<'_>) -> Answer {
    let View { system, .. } = view;
    let asked_for = |item: &dyn Fn(&PeerView<'_>) -> Vec<u8>| {
        let found = named(message, 4, 8).into_iter().map(|address| {
            let peer = view.peers.iter().find(|peer| peer.association().address == address);
            peer.map(item).ok_or(ErrorCode::NO_DATA)
        });
        found.collect()
    };
    let clocks = |item: &dyn Fn(&PeerView<'_>) -> Option<Vec<u8>>| {
        let found = named(message, 0, usize::MAX >> 1).into_iter().map(|address| {
            let peer = view.peers.iter().find(|peer| peer.association().address == address);
            peer.and_then(item).ok_or(ErrorCode::NO_DATA)
        });
        found.collect()
    };
    Ok(match message.header.request {
        RequestCode::PEER_LIST => view.peers.iter().map(peers::list_entry).collect(),
        RequestCode::PEER_LIST_SUM => view.peers.iter().map(peers::summary).collect(),
        RequestCode::PEER_INFO => return asked_for(&peers::detail),
        RequestCode::PEER_STATS => return asked_for(&peers::statistics),
        RequestCode::SYS_INFO => vec![tables::system(system)],
        RequestCode::SYS_STATS => vec![tables::statistics(system)],
        RequestCode::IO_STATS => vec![tables::input_output(system)],
        RequestCode::MEM_STATS => vec![tables::memory(system, view.peers.len())],
        RequestCode::LOOP_INFO => vec![tables::loop_filter(system)],
        RequestCode::TIMER_STATS => vec![tables::timer(system)],
        RequestCode::RESTRICTIONS => tables::restrictions(system),
        // Added after IPv6.
        RequestCode::MON_LIST_1 if system.scenario.without_ipv6 => return Err(ErrorCode::REQUEST),
        RequestCode::MON_LIST | RequestCode::MON_LIST_1 if view.clients == 0 => {
            return Err(ErrorCode::NO_DATA);
        }
        RequestCode::MON_LIST => tables::clients(view.clients, false, !system.scenario.without_ipv6),
        RequestCode::MON_LIST_1 => tables::clients(view.clients, true, !system.scenario.without_ipv6),
        RequestCode::AUTH_INFO => vec![tables::authentication(system)],
        RequestCode::TRAPS => tables::traps(system),
        RequestCode::CONTROL_STATS => vec![tables::control(system)],
        RequestCode::CLOCK_INFO => return clocks(&|peer| peers::clock(peer, system.uptime)),
        RequestCode::KERNEL_INFO => vec![tables::kernel(system)],
        RequestCode::CLOCK_BUG_INFO => return clocks(&peers::clock_bug),
        RequestCode::INTERFACE_STATS | RequestCode::INTERFACE_RELOAD => tables::interfaces(system),
        _ => return Err(ErrorCode::REQUEST),
    })
}

/// The items of a daemon without IPv6: without the flag and what follows it.
pub(super) fn without_ipv6(request: RequestCode, items: &mut [Vec<u8>]) {
    let mark = match request {
        RequestCode::PEER_LIST => 8,
        RequestCode::PEER_LIST_SUM => 32,
        RequestCode::PEER_INFO => 240,
        RequestCode::PEER_STATS => 80,
        RequestCode::SYS_INFO => 56,
        RequestCode::RESTRICTIONS => 16,
        RequestCode::MON_LIST => 24,
        RequestCode::TRAPS => 28,
        RequestCode::SYS_STATS => 40,
        _ => return,
    };
    for item in items {
        item.truncate(mark);
    }
}

/// The implementation number a daemon answers to.
pub(super) fn implementation(scenario: &Scenario) -> Implementation {
    if scenario.without_ipv6 { Implementation::OLD } else { Implementation::CURRENT }
}

fn is_clock(association: &Association) -> bool {
    matches!(association.kind, Kind::ReferenceClock(_))
}

/// Appends numbers in network order.
fn words<const N: usize>(words: [u32; N]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn ipv4(address: IpAddr) -> [u8; 4] {
    match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => [0; 4],
    }
}

/// Ends an item with the IPv6 flag, padding and the IPv6 addresses.
fn extend(item: &mut Vec<u8>, pad: usize, addresses: &[IpAddr]) {
    let is_ipv6 = addresses.last().is_some_and(IpAddr::is_ipv6);
    item.extend([u8::from(is_ipv6), 0, 0, 0]);
    item.resize(item.len() + pad, 0);
    for address in addresses {
        item.extend(match address {
            IpAddr::V4(_) => [0; 16],
            IpAddr::V6(address) => address.octets(),
        });
    }
}
