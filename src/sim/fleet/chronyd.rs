//! Replies in chronyd's protocol: the state of the clock and four sources.

use super::{NtpTime, ROOT, ROOT_DELAY, ROOT_DISPERSION};
use crate::wire::number::power_of_two;
use std::net::Ipv4Addr;

/// The length of a request's header in octets.
const REQUEST_HEADER: usize = 20;
/// The number of sources.
const SOURCES: u32 = 4;
/// The layout of a reply without data, and the status of one who may not ask that.
const NO_DATA: u16 = 1;
const UNAUTHORIZED: u16 = 2;
/// Seconds from 1900 to 1970.
const UNIX_EPOCH: u32 = 2_208_988_800;

/// The reply of a host whose clock is ahead by this offset, in seconds.
pub(super) fn answer(offset: f64, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
    let header = request.get(..REQUEST_HEADER)?;
    let (6, 1) = (*header.first()?, *header.get(1)?) else { return None };
    let command = header.get(4..6)?;
    let sequence = header.get(8..12)?;
    let mut status = 0;
    let (layout, data) = match u16::from_be_bytes(command.try_into().ok()?) {
        14 => (2_u16, SOURCES.to_be_bytes().to_vec()),
        15 => {
            let index = u32::from_be_bytes(request.get(REQUEST_HEADER..REQUEST_HEADER + 4)?.try_into().ok()?);
            (3, source(index).filter(|_| index < SOURCES)?)
        }
        33 => (5, tracking(offset, now)),
        // What a daemon shows to root alone.
        _ => {
            status = UNAUTHORIZED;
            (NO_DATA, Vec::new())
        }
    };
    let mut reply = vec![6, 2, 0, 0];
    reply.extend(command);
    reply.extend(layout.to_be_bytes());
    reply.extend(status.to_be_bytes());
    reply.extend([0; 6]);
    reply.extend(sequence);
    reply.extend([0; 8]);
    reply.extend(data);
    Some(reply)
}

fn tracking(offset: f64, now: NtpTime) -> Vec<u8> {
    let mut data = ROOT.octets().to_vec();
    data.extend(address(ROOT));
    data.extend([0, 2, 0, 0]);
    data.extend(0_u32.to_be_bytes());
    data.extend(now.whole_seconds().wrapping_sub(UNIX_EPOCH).to_be_bytes());
    data.extend([0; 4]);
    // Positive if the clock is behind.
    let figures =
        [-offset, 0.0, 1e-5, 12.395, 0.0, 0.001, ROOT_DELAY / 1000.0, ROOT_DISPERSION / 1000.0, 64.0];
    data.extend(figures.into_iter().flat_map(float));
    data
}

fn source(index: u32) -> Option<Vec<u8>> {
    let ip = Ipv4Addr::from_bits(ROOT.to_bits().checked_add(index)?);
    let mut data = address(ip).to_vec();
    // Poll, stratum, state (selected, or combined with it), mode, flags, reachability.
    let state = if index == 0 { 0 } else { 4 };
    for word in [6_u16, 1, state, 0, 0, 0xff] {
        data.extend(word.to_be_bytes());
    }
    data.extend(15_u32.to_be_bytes());
    data.extend([1e-5, 1e-5, 1e-4].into_iter().flat_map(float));
    Some(data)
}

fn address(ip: Ipv4Addr) -> [u8; 20] {
    let [a, b, c, d] = ip.octets();
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
}

/// Encodes a number in the protocol's format: 7 bits of exponent, 25 of coefficient.
#[expect(clippy::cast_possible_truncation, reason = "within 25 bits")]
fn float(value: f64) -> [u8; 4] {
    if value == 0.0 {
        return [0; 4];
    }
    // The coefficient has 24 bits and a sign.
    let exponent = (value.abs().log2().floor() as i32 + 2).clamp(-64, 63);
    let coefficient = (value * power_of_two(25 - exponent)).round() as i32;
    (exponent << 25 | coefficient & 0x1ff_ffff).to_be_bytes()
}
