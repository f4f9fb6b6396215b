//! Items about the daemon itself.

use super::peers::milliseconds;
use super::{extend, ipv4, words};
use crate::sim::system::SystemView;
use crate::sim::time::{NtpTime, short_format};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The state of the daemon.
pub(super) fn system(system: &SystemView<'_>) -> Vec<u8> {
    let peer = system.peer.map_or(IpAddr::from([0; 4]), |peer| peer.association().address);
    let mode = system.peer.map_or(0, |peer| peer.host_mode());
    let mut item = ipv4(peer).to_vec();
    item.extend([mode, system.leap(), system.stratum()]);
    item.extend(system.scenario.system.precision.to_be_bytes());
    item.extend(words([short_format(system.root_delay()), short_format(system.root_dispersion())]));
    item.extend(system.reference_id());
    item.extend(system.reference_time().0.to_be_bytes());
    // The poll interval is 16 s; authentication, monitoring, the clock discipline and statistics are enabled.
    item.extend([0, 0, 0, 4, 0xc6, 0, 0, 0]);
    let jitter = system.peer.map_or(0.0, |peer| peer.samples.jitter);
    item.extend(words([short_format(50.0), short_format(jitter)]));
    item.extend([0; 8]);
    item.extend(short_format(12.0).to_be_bytes());
    extend(&mut item, 4, &[peer]);
    item
}

/// Packet counters: times and the number of requests; the rest is zero.
pub(super) fn statistics(system: &SystemView<'_>) -> Vec<u8> {
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    words([system.uptime, system.uptime, 0, 0, requests, 0, 0, requests, 0, requests, 0])
}

/// I/O counters.
pub(super) fn input_output(system: &SystemView<'_>) -> Vec<u8> {
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    let mut item = system.uptime.to_be_bytes().to_vec();
    item.extend([0, 16, 0, 15, 0, 0, 0, 1]);
    item.extend(words([0, 0, requests, requests, 0, requests, requests]));
    item
}

/// The memory statistics for this many associations.
pub(super) fn memory(system: &SystemView<'_>, associations: usize) -> Vec<u8> {
    let count = u16::try_from(associations).unwrap_or(u16::MAX);
    let mut item = system.uptime.to_be_bytes().to_vec();
    item.extend((count + 1).to_be_bytes());
    item.extend(1_u16.to_be_bytes());
    item.extend(words([system.uptime, count.into(), 0]));
    item.extend((0..128_u16).map(|slot| u8::from(slot < count)));
    item
}

/// The loop filter.
pub(super) fn loop_filter(system: &SystemView<'_>) -> Vec<u8> {
    let offset = system.peer.map_or(0.0, |peer| peer.samples.offset);
    let mut item = milliseconds(offset).to_vec();
    item.extend(NtpTime::NEVER.plus_seconds(system.scenario.system.frequency).0.to_be_bytes());
    item.extend((-5_i32).to_be_bytes());
    item.extend(16_u32.to_be_bytes());
    item
}

/// Timer counters: one alarm per second.
pub(super) fn timer(system: &SystemView<'_>) -> Vec<u8> {
    words([system.uptime, system.uptime, 0, system.uptime / 16])
}

/// The restrictions: a default for each family and one for this machine.
pub(super) fn restrictions(system: &SystemView<'_>) -> Vec<Vec<u8>> {
    const KISS_OF_DEATH: u16 = 0x0800;
    const NO_MODIFY: u16 = 0x0100;
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    let any = (IpAddr::from([0; 4]), IpAddr::from([0; 4]));
    let here = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv4Addr::BROADCAST));
    let any6 = (IpAddr::from(Ipv6Addr::UNSPECIFIED), IpAddr::from(Ipv6Addr::UNSPECIFIED));
    [(any, 0, KISS_OF_DEATH | NO_MODIFY), (here, requests, 0), (any6, 0, KISS_OF_DEATH)]
        .into_iter()
        .filter(|((address, _), ..)| address.is_ipv4() || !system.scenario.without_ipv6)
        .map(|((address, mask), count, flags)| {
            let mut item = [ipv4(address), ipv4(mask)].concat();
            item.extend(u32::to_be_bytes(count));
            item.extend(u16::to_be_bytes(flags));
            item.extend([0; 2]);
            extend(&mut item, 4, &[address, mask]);
            item
        })
        .collect()
}

/// A list of this many clients, one in ten over IPv6 if the daemon supports it. The older form has no local address.
pub(super) fn clients(count: u32, with_local: bool, with_ipv6: bool) -> Vec<Vec<u8>> {
    let base = Ipv4Addr::new(10, 0, 0, 1).to_bits();
    (0..count)
        .map(|number| {
            let (address, local) = if with_ipv6 && number % 10 == 5 {
                let network = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0).to_bits();
                let address = Ipv6Addr::from_bits(network | u128::from(number));
                (IpAddr::from(address), IpAddr::from(Ipv6Addr::from_bits(network | 0x20)))
            } else {
                let address = Ipv4Addr::from_bits(base.wrapping_add(number));
                (IpAddr::from(address), IpAddr::from([192, 0, 2, 20]))
            };
            let mut item = words([64, number, 0x1f0, number + 1]);
            item.extend(ipv4(address));
            if with_local {
                item.extend(ipv4(local));
                item.extend([0; 4]);
            }
            item.extend([0, 123, 3, 4]);
            let addresses = [address, local];
            extend(&mut item, 4, if with_local { &addresses } else { std::slice::from_ref(&address) });
            item
        })
        .collect()
}

/// Key counters.
pub(super) fn authentication(system: &SystemView<'_>) -> Vec<u8> {
    words([system.uptime, 2, 15, 4, 1, 3, 2, 0, 0])
}

/// One trap receiver.
pub(super) fn traps(system: &SystemView<'_>) -> Vec<Vec<u8>> {
    const CONFIGURED: u32 = 5;
    let (local, receiver) = (IpAddr::from([192, 0, 2, 20]), IpAddr::from([192, 0, 2, 50]));
    let mut item = [ipv4(local), ipv4(receiver)].concat();
    item.extend(18_447_u16.to_be_bytes());
    item.extend(1_u16.to_be_bytes());
    item.extend(words([system.uptime, system.uptime, 0, CONFIGURED]));
    extend(&mut item, 0, &[local, receiver]);
    vec![item]
}

/// Mode 6 counters.
pub(super) fn control(system: &SystemView<'_>) -> Vec<u8> {
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    words([system.uptime, requests, 0, requests, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// The kernel discipline: disabled.
pub(super) fn kernel(system: &SystemView<'_>) -> Vec<u8> {
    const UNSYNCHRONIZED: u16 = 0x40;
    let frequency = NtpTime::NEVER.plus_seconds(system.scenario.system.frequency).0;
    let [_, _, a, b, c, d, _, _] = frequency.to_be_bytes();
    let mut item = words([0, u32::from_be_bytes([a, b, c, d]), 16_000_000, 16_000_000]);
    item.extend(UNSYNCHRONIZED.to_be_bytes());
    item.extend([0; 2]);
    item.extend(words([7, 1, 500 << 16, 0, 0, 0, 0, 0, 0, 0]));
    item
}

/// The addresses the daemon listens on.
pub(super) fn interfaces(system: &SystemView<'_>) -> Vec<Vec<u8>> {
    let requests = u32::try_from(system.requests).unwrap_or(u32::MAX);
    let all = Ipv6Addr::from_bits(u128::MAX);
    let rows: [(&str, IpAddr, IpAddr, IpAddr, u32, u32); 3] = [
        ("v4wildcard", [0; 4].into(), [255; 4].into(), [0; 4].into(), 0x89, 0),
        ("eth0", [192, 0, 2, 20].into(), [255, 255, 255, 0].into(), [192, 0, 2, 255].into(), 0x39, requests),
        ("lo", Ipv6Addr::LOCALHOST.into(), all.into(), Ipv6Addr::UNSPECIFIED.into(), 0x5, 0),
    ];
    (0_u32..)
        .zip(rows)
        .map(|(number, (name, address, mask, broadcast, flags, packets))| {
            let mut item = Vec::with_capacity(136);
            for address in [address, broadcast, mask] {
                let start = item.len();
                match address {
                    IpAddr::V4(address) => item.extend(address.octets()),
                    IpAddr::V6(address) => item.extend(address.octets()),
                }
                item.resize(start + 16, 0);
            }
            item.extend([u8::from(address.is_ipv6()), 0, 0, 0]);
            let start = item.len();
            item.extend(name.as_bytes());
            item.resize(start + 32, 0);
            item.extend(words([flags, 0, 0, packets, packets, 0, system.uptime, 0, number, number, 0]));
            item.extend([0, 2, u8::from(address.is_unspecified()), 1]);
            item.resize(136, 0);
            item
        })
        .collect()
}
