//! Items about associations and reference clocks. Fields that ntpd sends in host order are little-endian.

use super::{extend, ipv4, is_clock, words};
use crate::sim::peer::PeerView;
use crate::sim::scenario::{Association, Kind, Selection};
use crate::sim::time::{NtpTime, short_format};
use crate::sim::variables::four_octets;
use std::net::Ipv4Addr;

/// The flag of a reference clock.
const REFERENCE_CLOCK: u8 = 0x08;
/// The flag of an association whose packets are authenticated.
const AUTHENTICATED: u8 = 0x20;

/// An association's entry in the list of peers.
pub(super) fn list_entry(peer: &PeerView<'_>) -> Vec<u8> {
    let mut item = ipv4(peer.association().address).to_vec();
    item.extend([0, 123, peer.host_mode(), flags(peer.association())]);
    extend(&mut item, 4, &[peer.association().address]);
    item
}

/// Its row in the table of peers.
pub(super) fn summary(peer: &PeerView<'_>) -> Vec<u8> {
    let association = peer.association();
    let (local, remote) = (association.local_address, association.address);
    let mut item = [ipv4(local), ipv4(remote)].concat();
    item.extend([0, 123, association.stratum]);
    item.extend(association.host_poll.to_be_bytes());
    item.extend(association.peer_poll.to_be_bytes());
    item.extend([association.reach, flags(association), peer.host_mode()]);
    item.extend(short_format(peer.samples.delay).to_be_bytes());
    item.extend(milliseconds(peer.samples.offset));
    item.extend(short_format(peer.samples.dispersion).to_be_bytes());
    extend(&mut item, 4, &[local, remote]);
    item
}

/// Its full information.
pub(super) fn detail(peer: &PeerView<'_>) -> Vec<u8> {
    let association = peer.association();
    let samples = &peer.samples;
    let (local, remote) = (association.local_address, association.address);
    let mut item = [ipv4(local), ipv4(remote)].concat();
    item.extend([0, 123, flags(association), association.leap, peer.host_mode(), peer.peer_mode()]);
    item.push(association.stratum);
    for log in [association.peer_poll, association.host_poll, association.precision] {
        item.extend(log.to_be_bytes());
    }
    item.extend([4, 0, association.reach, 0, 0, association.time_to_live]);
    item.extend(association.flash.to_le_bytes());
    item.extend(association.id.0.to_be_bytes());
    item.extend(association.key_id.to_le_bytes());
    item.extend([0; 4]);
    item.extend(reference_id(association));
    item.extend(words([
        samples.timer,
        short_format(association.root_delay),
        short_format(association.root_dispersion),
    ]));
    for time in [peer.reference_time(), NtpTime::NEVER, samples.received, samples.sent] {
        item.extend(time.0.to_be_bytes());
    }
    item.extend(samples.stages.iter().flat_map(|stage| short_format(stage.delay).to_be_bytes()));
    item.extend(samples.stages.iter().flat_map(|stage| milliseconds(stage.offset)));
    item.extend(0..8_u8);
    item.extend(words([short_format(samples.delay), short_format(samples.dispersion)]));
    item.extend(milliseconds(samples.offset));
    item.extend(short_format(samples.jitter).to_be_bytes());
    item.extend([0; 32]);
    extend(&mut item, 4, &[local, remote]);
    item
}

/// Its counters.
pub(super) fn statistics(peer: &PeerView<'_>) -> Vec<u8> {
    let association = peer.association();
    let (local, remote) = (association.local_address, association.address);
    let heard = association.reach.count_ones();
    let mut item = [ipv4(local), ipv4(remote)].concat();
    item.extend([0, 123, 0, flags(association)]);
    let received_ago = if association.reach == 0 { 0 } else { peer.seconds_since_received() };
    item.extend(words([peer.polls(), received_ago, peer.samples.timer, received_ago, peer.polls(), 0]));
    item.extend(words([heard, 0, 0, 0, 0, 0, 0, 8 - heard, 0, 0]));
    item.extend([association.selection as u8, 0, 0, 0]);
    extend(&mut item, 4, &[local, remote]);
    item
}

/// The state of a reference clock that has been running for this many seconds.
pub(super) fn clock(peer: &PeerView<'_>, running: u32) -> Option<Vec<u8>> {
    let association = peer.association();
    let Kind::ReferenceClock(clock) = &association.kind else { return None };
    let mut item = ipv4(association.address).to_vec();
    item.extend([clock.driver, clock.flags, clock.event.code, clock.event.count]);
    item.extend(words([peer.polls(), clock.no_reply, clock.bad_format, clock.bad_data, running]));
    item.extend(milliseconds(clock.fudge_time1));
    item.extend(milliseconds(clock.fudge_time2));
    item.extend(u32::from(clock.stratum).to_be_bytes());
    item.extend(reference_id(association));
    Some(item)
}

/// A driver's debugging information: the number of polls, the last offset and its time.
pub(super) fn clock_bug(peer: &PeerView<'_>) -> Option<Vec<u8>> {
    let association = peer.association();
    if !is_clock(association) {
        return None;
    }
    let mut item = ipv4(association.address).to_vec();
    item.extend([1, 2, 0, 0]);
    // The second time is a difference.
    item.extend(words([0b10, peer.polls()]));
    item.resize(12 + 16 * 4, 0);
    item.extend(peer.samples.received.0.to_be_bytes());
    item.extend(milliseconds(peer.samples.offset));
    item.resize(332, 0);
    Some(item)
}

/// Seconds with 32 bits of fraction.
pub(super) fn milliseconds(value: f64) -> [u8; 8] {
    NtpTime::NEVER.plus_seconds(value / 1000.0).0.to_be_bytes()
}

fn reference_id(association: &Association) -> [u8; 4] {
    let id = &association.reference_id;
    id.parse::<Ipv4Addr>().map_or_else(|_| four_octets(id), |address| address.octets())
}

fn flags(association: &Association) -> u8 {
    let selected = match association.selection {
        Selection::SystemPeer | Selection::PulsePerSecond => 0x82,
        Selection::Candidate | Selection::Backup => 0x80,
        Selection::Outlier => 0x40,
        Selection::Rejected | Selection::Falseticker | Selection::Excess => 0,
    };
    let clock = if is_clock(association) { REFERENCE_CLOCK } else { 0 };
    let key = if association.key_id == 0 { 0 } else { AUTHENTICATED };
    selected | clock | key | u8::from(association.configured)
}
