//! The simulated daemon's side of mode 7: the lists, the state of the daemon, and with the request key the coming
//! and going of servers.

use super::peer::PeerView;
use super::scenario::{Association, Scenario, Selection};
use super::system::SystemView;
use super::time::{NtpTime, short_format};
use crate::auth::Key;
use crate::wire::private::{DATA_LIMIT, ErrorCode, Header, Message, RequestCode};
use std::net::{IpAddr, Ipv4Addr};

/// Octets of a time stamp, and of a key's identifier.
const TIMESTAMP: usize = 8;
const KEY_ID: usize = 4;
/// How far the time stamp of a request may be from the daemon's clock, in seconds.
const TOLERANCE: f64 = 10.0;

/// Items of one size, or a refusal.
pub(super) type Answer = Result<Vec<Vec<u8>>, ErrorCode>;

/// The packets that answer a request.
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

/// Whether a request carries the authenticator of this key, made just now.
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

/// Lets a request for change take effect.
pub(super) fn change(scenario: &mut Scenario, message: &Message<'_>) -> Answer {
    match message.header.request {
        RequestCode::CONFIG => {
            let item = message.items.first_chunk::<4>().ok_or(ErrorCode::FORMAT)?;
            let last = scenario.associations.iter().map(|association| association.id.0).max();
            let id = last.unwrap_or(0).wrapping_add(1).max(1);
            scenario.associations.push(Association::unreachable(id, Ipv4Addr::from(*item).into()));
        }
        RequestCode::UNCONFIG => {
            let size = usize::from(message.header.item_size).max(1);
            for item in message.items.chunks(size) {
                let address = item.first_chunk::<4>().ok_or(ErrorCode::FORMAT)?;
                let address = IpAddr::from(Ipv4Addr::from(*address));
                let before = scenario.associations.len();
                scenario.associations.retain(|association| association.address != address);
                if scenario.associations.len() == before {
                    return Err(ErrorCode::NO_DATA);
                }
            }
        }
        RequestCode::REREAD_KEYS => {}
        _ => return Err(ErrorCode::REQUEST),
    }
    Ok(Vec::new())
}

/// What an association adds to the list of peers.
pub(super) fn list_entry(peer: &PeerView<'_>) -> Vec<u8> {
    let mut item = ipv4(peer.association().address).to_vec();
    item.extend([0, 123, peer.host_mode(), flags(peer.association())]);
    extend(&mut item, &[peer.association().address]);
    item
}

/// What it adds to the table of peers.
pub(super) fn summary(peer: &PeerView<'_>) -> Vec<u8> {
    let association = peer.association();
    let (local, remote) = (association.local_address, association.address);
    let mut item = [ipv4(local), ipv4(remote)].concat();
    item.extend([0, 123, association.stratum]);
    item.extend(association.host_poll.to_be_bytes());
    item.extend(association.peer_poll.to_be_bytes());
    item.extend([association.reach, flags(association), peer.host_mode()]);
    item.extend(short_format(peer.samples.delay).to_be_bytes());
    let offset = NtpTime::NEVER.plus_seconds(peer.samples.offset / 1000.0).0;
    item.extend(offset.to_be_bytes());
    item.extend(short_format(peer.samples.dispersion).to_be_bytes());
    extend(&mut item, &[local, remote]);
    item
}

/// The state of the daemon.
pub(super) fn system(system: &SystemView<'_>) -> Vec<u8> {
    let peer = system.peer.map_or(IpAddr::from([0; 4]), |peer| peer.association().address);
    let mode = system.peer.map_or(0, |peer| peer.host_mode());
    let mut item = ipv4(peer).to_vec();
    item.extend([mode, system.leap(), system.stratum()]);
    item.extend(system.scenario.system.precision.to_be_bytes());
    item.extend(short_format(system.root_delay()).to_be_bytes());
    item.extend(short_format(system.root_dispersion()).to_be_bytes());
    item.extend(system.reference_id());
    item.extend(system.reference_time().0.to_be_bytes());
    item.extend([0, 0, 0, 4, 0xc6, 0, 0, 0]);
    item.extend([0; 20]);
    extend(&mut item, &[peer]);
    item
}

/// What became of packets: the times and the count of requests, all else zero.
pub(super) fn statistics(system: &SystemView<'_>) -> Vec<u8> {
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    let fields = [system.uptime, system.uptime, 0, 0, requests, 0, 0, requests, 0, requests, 0, 0, 0];
    fields.iter().flat_map(|field| field.to_be_bytes()).collect()
}

/// So many clients that were heard.
pub(super) fn clients(count: u32) -> Vec<Vec<u8>> {
    let base = Ipv4Addr::new(10, 0, 0, 1).to_bits();
    (0..count)
        .map(|number| {
            let address = IpAddr::from(Ipv4Addr::from_bits(base.wrapping_add(number)));
            let local = IpAddr::from([192, 0, 2, 20]);
            let mut item: Vec<u8> =
                [64, number, 0x1f0, number + 1].iter().flat_map(|field: &u32| field.to_be_bytes()).collect();
            item.extend([ipv4(address), ipv4(local), [0; 4]].concat());
            item.extend([0, 123, 3, 4]);
            extend(&mut item, &[address, local]);
            item
        })
        .collect()
}

fn flags(association: &Association) -> u8 {
    let selected = match association.selection {
        Selection::SystemPeer | Selection::PulsePerSecond => 0x82,
        Selection::Candidate | Selection::Backup => 0x80,
        Selection::Outlier => 0x40,
        Selection::Rejected | Selection::Falseticker | Selection::Excess => 0,
    };
    selected | u8::from(association.configured)
}

fn ipv4(address: IpAddr) -> [u8; 4] {
    match address {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => [0; 4],
    }
}

/// Ends an item with the mark and the IPv6 addresses.
fn extend(item: &mut Vec<u8>, addresses: &[IpAddr]) {
    let is_ipv6 = addresses.last().is_some_and(IpAddr::is_ipv6);
    item.extend([u8::from(is_ipv6), 0, 0, 0, 0, 0, 0, 0]);
    for address in addresses {
        item.extend(match address {
            IpAddr::V4(_) => [0; 16],
            IpAddr::V6(address) => address.octets(),
        });
    }
}
