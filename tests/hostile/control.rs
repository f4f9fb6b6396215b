//! Mode 6: packets, fragments, association lists.

use crate::case::{Case, Expected, run_all};
use crate::server::{at_once, every};
use Expected::{Fails, Shows};
use ntpkit::sim::Delivery;
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::{DATA_LIMIT, Header, Message, Opcode};
use std::time::Duration;

const TIMED_OUT: Expected = Fails("***Request timed out");
const INCOMPLETE: Expected = Fails("***Response from server was incomplete");
const BAD: Expected = Fails("part of the reply cannot be read: the name is too long: ");
const TOO_LARGE: Expected = Fails("***Buffer size exceeded for returned data");

/// One case a line.
#[rustfmt::skip]
const CASES: [Case; 44] = [
    case("no octets at all", "rv", short::<0>, TIMED_OUT),
    case("1 octet", "rv", short::<1>, TIMED_OUT),
    case("2 octets", "rv", short::<2>, TIMED_OUT),
    case("3 octets", "rv", short::<3>, TIMED_OUT),
    case("4 octets", "rv", short::<4>, TIMED_OUT),
    case("5 octets", "rv", short::<5>, TIMED_OUT),
    case("6 octets", "rv", short::<6>, TIMED_OUT),
    case("7 octets", "rv", short::<7>, TIMED_OUT),
    case("8 octets", "rv", short::<8>, TIMED_OUT),
    case("9 octets", "rv", short::<9>, TIMED_OUT),
    case("10 octets", "rv", short::<10>, TIMED_OUT),
    case("11 octets", "rv", short::<11>, TIMED_OUT),
    case("a header without data", "rv", |request| one(request, b""), Shows("")),
    case("a count above the payload", "rv", |request| counting(request, 400), Fails("***")),
    case("a count of 65535", "rv", |request| counting(request, 65535), Fails("***")),
    case("a count of 0 before data", "rv", |request| counting(request, 0), Shows("")),
    case("469 octets of data in one packet", "rv", |request| one(request, &[b'x'; DATA_LIMIT + 1]), BAD),
    case("1400 octets of data in one packet", "rv", |request| one(request, &[b'x'; 1400]), BAD),
    case("a length that is no multiple of four", "rv", unaligned, Fails("***")),
    case("the last offset there is", "rv", |request| at_offset(request, 65535, b"stratum=2"), TOO_LARGE),
    case("an offset that runs past 65535", "rv", |request| at_offset(request, 65300, &[b'x'; 400]), TOO_LARGE),
    case("CVE-2015-8158: fragments that never end", "rv", endless, TOO_LARGE),
    case("CVE-2015-8158: the same fragment again and again", "rv", repeated, INCOMPLETE),
    case("CVE-2015-8158: empty fragments that promise more", "rv", promises, INCOMPLETE),
    case("CVE-2015-8158: near-valid replies, one every 20 ms", "rv", nagging, TIMED_OUT),
    case("a flood of near-valid replies before the true one", "rv", flood, Shows("stratum=7")),
    case("two replies in one sequence, with gaps in both", "rv", mixed, INCOMPLETE),
    case("a fragment inside another", "rv", overlapping, INCOMPLETE),
    case("two last fragments", "rv", |request| parts(request, &[(0, "stratum=7", false), (4, "leap=1", false)]), Shows("stratum=7")),
    case("refusal code 0", "rv", refused::<0>, Fails("***Server returned an unspecified error")),
    case("refusal code 8, which is not defined", "rv", refused::<8>, Fails("***Server returns unknown error code 8")),
    case("refusal code 255", "rv", refused::<255>, Fails("***Server returns unknown error code 255")),
    case("a refusal that claims data", "rv", refused_with_data, Fails("***Server disallowed request")),
    case("an association list of 3 octets", "peers", |request| list(request, b"\x80\x01\x96"), Fails("***")),
    case("an association list of 2 octets", "as", |request| list(request, b"\x80\x01"), Fails("***")),
    case("an empty association list", "peers", |request| list(request, b""), Shows("No association ID's returned")),
    case("an association list with duplicates", "peers", |request| list(request, &b"\x80\x01\x96\x1a".repeat(3)), Shows("time.example")),
    case("an association list with identifier 0", "peers", |request| list(request, b"\0\0\x96\x1a"), Shows("")),
    case("an association list as long as a reply may be", "as", full_list, Shows("3744  3744  961a")),
    case("an association list of 65535 entries: more than a reply may have", "as", endless_list, TOO_LARGE),
    case("an answer about another association", "rv 7", other_association, TIMED_OUT),
    case("the version of another protocol", "rv", |request| changed(request, |packet| packet[0] = 0x3e), TIMED_OUT),
    case("a request instead of a reply", "rv", |request| changed(request, |packet| packet[1] &= 0x7f), TIMED_OUT),
    case("the true reply from another port", "rv", elsewhere, TIMED_OUT),
];

#[test]
fn mode_6() {
    run_all(&CASES, &|command| {
        ["-n", "-c", "timeout 150", "-c", command].into_iter().map(str::to_owned).collect()
    });
}

const fn case(
    name: &'static str,
    command: &'static str,
    answer: crate::case::Answer,
    expected: Expected,
) -> Case {
    Case { name, command, answer, expected }
}

/// The header of the reply to a mode 6 request.
pub fn reply_to(request: &[u8]) -> Option<Header> {
    let header = Message::parse(request).ok()?.header;
    Some(Header { response: true, status: 0x0615, ..header })
}

/// One packet with this data.
pub fn one(request: &[u8], data: &[u8]) -> Vec<Delivery> {
    at_once(reply_to(request).map(|header| header.encode(data)))
}

fn short<const LENGTH: usize>(request: &[u8]) -> Vec<Delivery> {
    changed(request, |packet| packet.truncate(LENGTH))
}

fn changed(request: &[u8], change: fn(&mut Vec<u8>)) -> Vec<Delivery> {
    let mut sent = one(request, b"stratum=7");
    for delivery in &mut sent {
        change(&mut delivery.datagram);
    }
    sent
}

fn counting(request: &[u8], count: u16) -> Vec<Delivery> {
    let mut sent = one(request, b"stratum=7");
    for delivery in &mut sent {
        delivery.datagram[10..12].copy_from_slice(&count.to_be_bytes());
    }
    sent
}

fn unaligned(request: &[u8]) -> Vec<Delivery> {
    changed(request, |packet| packet.truncate(12 + 9))
}

fn at_offset(request: &[u8], offset: u16, data: &[u8]) -> Vec<Delivery> {
    at_once(reply_to(request).map(|header| Header { offset, ..header }.encode(data)))
}

/// Fragments: offset, data, whether more follow.
fn parts(request: &[u8], parts: &[(u16, &str, bool)]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    at_once(
        parts.iter().map(|&(offset, data, more)| Header { offset, more, ..header }.encode(data.as_bytes())),
    )
}

fn endless(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    at_once((0..200).map(|number: u16| {
        Header { more: true, offset: number.wrapping_mul(468), ..header }.encode(&[b'x'; DATA_LIMIT])
    }))
}

fn repeated(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    let packet = Header { more: true, ..header }.encode(b"stratum=7, ");
    every(Duration::from_millis(20), vec![packet; 60])
}

fn promises(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    every(Duration::from_millis(20), vec![Header { more: true, ..header }.encode(b""); 60])
}

fn nagging(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    let near = Header { sequence: header.sequence.wrapping_add(1), ..header }.encode(b"stratum=7");
    every(Duration::from_millis(20), vec![near; 60])
}

fn flood(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    let near = (1..100).map(|more| Header { sequence: header.sequence.wrapping_add(more), ..header });
    let opcode = Opcode(header.opcode.0 ^ 1);
    let wrong = [Header { opcode, ..header }, Header { response: false, ..header }];
    at_once(near.chain(wrong).map(|header| header.encode(b"stratum=6")).chain([header.encode(b"stratum=7")]))
}

fn mixed(request: &[u8]) -> Vec<Delivery> {
    parts(request, &[(0, "stratum=7, ", true), (40, "leap=00, ", true), (100, "tc=6", false)])
}

fn overlapping(request: &[u8]) -> Vec<Delivery> {
    parts(request, &[(0, "stratum=7, leap=00", true), (4, "tum=8", true), (16, "01, tc=6", false)])
}

fn refused<const CODE: u16>(request: &[u8]) -> Vec<Delivery> {
    at_once(reply_to(request).map(|header| Header { error: true, status: CODE << 8, ..header }.encode(b"")))
}

fn refused_with_data(request: &[u8]) -> Vec<Delivery> {
    let refusal = reply_to(request).map(|header| Header { error: true, more: true, status: 0x100, ..header });
    at_once(refusal.map(|header| {
        let mut packet = header.encode(b"");
        packet[10..12].copy_from_slice(&400_u16.to_be_bytes());
        packet
    }))
}

/// A daemon with this list of associations.
fn list(request: &[u8], octets: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    match header.opcode {
        Opcode::READ_STATUS => fragments(header, octets),
        _ => one(request, b"srcadr=192.0.2.11, srchost=\"time.example\", stratum=1, offset=0.5"),
    }
}

/// All fragments of a reply.
pub fn fragments(header: Header, octets: &[u8]) -> Vec<Delivery> {
    if octets.is_empty() {
        return at_once([header.encode(b"")]);
    }
    let count = octets.len().div_ceil(DATA_LIMIT);
    at_once(octets.chunks(DATA_LIMIT).enumerate().map(|(number, data)| {
        let offset = u16::try_from((number * DATA_LIMIT) & 0xffff).unwrap_or_default();
        Header { offset, more: number + 1 < count, ..header }.encode(data)
    }))
}

fn entries(count: u16) -> Vec<u8> {
    (1..=count).flat_map(|id| [id.to_be_bytes(), [0x96, 0x1a]].concat()).collect()
}

fn full_list(request: &[u8]) -> Vec<Delivery> {
    list(request, &entries(32 * 468 / 4))
}

/// As many fragments of it as it takes to exceed what a reader keeps.
fn endless_list(request: &[u8]) -> Vec<Delivery> {
    let mut sent = list(request, &entries(5000));
    for delivery in &mut sent {
        delivery.datagram[1] |= 0x20;
    }
    sent
}

fn other_association(request: &[u8]) -> Vec<Delivery> {
    let header = reply_to(request).map(|header| Header { association: AssociationId(8), ..header });
    at_once(header.map(|header| header.encode(b"stratum=7")))
}

fn elsewhere(request: &[u8]) -> Vec<Delivery> {
    let mut sent = one(request, b"stratum=7");
    for delivery in &mut sent {
        delivery.elsewhere = true;
    }
    sent
}
