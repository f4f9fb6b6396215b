//! Mode 3: time requests and their replies.

use super::scenario::{Flavour, Scenario, TimeService};
use super::system::SystemView;
use super::time::short_format;
use crate::auth::Key;
use crate::auth::control::seal;
use crate::wire::packet::{HEADER_LENGTH, Mode, TimePacket};

/// The length of a key identifier in octets.
const KEY_ID_LENGTH: usize = 4;
/// The shortest and the longest authenticator, including the key identifier. Anything longer is an extension field.
const AUTHENTICATOR: std::ops::RangeInclusive<usize> = 8..=24;
/// Seconds between the arrival of a request and the departure of the reply.
const PROCESSING_TIME: f64 = 0.000_012;

/// A time request and its authentication.
pub(super) struct Request {
    packet: TimePacket,
    proof: Proof,
}

/// The authentication of a request.
enum Proof {
    /// None.
    None,
    /// Authentic under this key.
    Good(Key),
    /// An authenticator that does not verify.
    Bad,
}

/// Parses a request; `None` if ntpd would not answer it.
pub(super) fn read(request: &[u8], scenario: &Scenario) -> Option<Request> {
    let packet = TimePacket::parse(request).ok()?;
    let (header, tail) = request.split_at_checked(HEADER_LENGTH)?;
    let highest = if scenario.flavour == Flavour::Classic { 7 } else { 4 };
    if !(1..=highest).contains(&packet.version) {
        return None;
    }
    let proof = proof(header, tail, &scenario.keys)?;
    match (&proof, scenario.flavour, scenario.time_service) {
        (Proof::Bad, Flavour::Ntpsec, _) | (Proof::None, _, TimeService::OnlyAuthenticated) => None,
        _ => Some(Request { packet, proof }),
    }
}

/// Answers the request with this number, counted from 1.
pub(super) fn answer(request: &Request, system: &SystemView<'_>, number: u64) -> Option<Vec<u8>> {
    let kiss = match system.scenario.time_service {
        TimeService::Answer | TimeService::OnlyAuthenticated => None,
        TimeService::Kiss(code) => Some(code),
        TimeService::KissAfter(count, code) => (number > count).then_some(code),
        TimeService::Silent => return None,
    };
    let packet =
        kiss.map_or_else(|| time(request.packet, system), |code| kiss_of_death(request.packet, code));
    let mut reply = packet.to_bytes();
    match &request.proof {
        Proof::None => {}
        Proof::Good(key) => reply = seal(key, reply),
        // A crypto-NAK (RFC 5905 section 9.2): only the zero key identifier.
        Proof::Bad => reply.extend([0; KEY_ID_LENGTH]),
    }
    Some(reply)
}

/// `None` if it is not an authenticator.
fn proof(header: &[u8], tail: &[u8], keys: &[Key]) -> Option<Proof> {
    if tail.is_empty() {
        return Some(Proof::None);
    }
    if !AUTHENTICATOR.contains(&tail.len()) || !tail.len().is_multiple_of(KEY_ID_LENGTH) {
        return None;
    }
    let (id, code) = tail.split_first_chunk()?;
    let id = u32::from_be_bytes(*id);
    let key = keys.iter().find(|key| key.id() == id && key.verify(header, code));
    Some(key.map_or(Proof::Bad, |key| Proof::Good(key.clone())))
}

fn time(asked: TimePacket, system: &SystemView<'_>) -> TimePacket {
    let scenario = system.scenario;
    TimePacket {
        leap: system.leap(),
        version: asked.version,
        mode: Mode::SERVER,
        stratum: if system.stratum() >= 16 { 0 } else { system.stratum() },
        poll: if scenario.flavour == Flavour::Classic { asked.poll.max(3) } else { asked.poll },
        precision: scenario.system.precision,
        root_delay: short_format(system.root_delay()),
        root_dispersion: short_format(system.root_dispersion()),
        reference_id: system.reference_id(),
        reference_timestamp: system.reference_time().0,
        origin_timestamp: asked.transmit_timestamp,
        receive_timestamp: system.now.0,
        transmit_timestamp: system.now.plus_seconds(PROCESSING_TIME).0,
    }
}

/// A kiss-o'-death (RFC 5905 section 7.4) with timestamps as in 4.2.8p15: all copied from the request.
fn kiss_of_death(asked: TimePacket, code: [u8; 4]) -> TimePacket {
    TimePacket {
        leap: 3,
        mode: Mode::SERVER,
        stratum: 0,
        poll: asked.poll.max(8),
        precision: 0,
        root_delay: 0,
        root_dispersion: 0,
        reference_id: code,
        reference_timestamp: 0,
        origin_timestamp: asked.transmit_timestamp,
        receive_timestamp: asked.transmit_timestamp,
        transmit_timestamp: asked.transmit_timestamp,
        ..asked
    }
}
