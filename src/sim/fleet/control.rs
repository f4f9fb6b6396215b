//! Mode 6 replies: the variables of the daemon, its four associations, and their variables.

use super::{Member, NtpTime, ROOT, ROOT_DELAY, ROOT_DISPERSION};
use crate::wire::control::{ErrorCode, Header, Message, Opcode};
use std::net::Ipv4Addr;

/// The first association.
const FIRST: u16 = 0x4001;
/// The status words of the associations of a synchronised host: the system peer, two candidates, one outlier.
const GOOD: [u16; 4] = [0x961a, 0x941a, 0x941a, 0x931a];
const UNREACHABLE: u16 = 0x8011;

/// The reply of a host.
pub(super) fn answer(member: &Member, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
    let asked = Message::parse(request).ok()?.header;
    let synchronized = member.is_synchronized();
    let words = if synchronized { GOOD } else { [UNREACHABLE; 4] };
    let number = asked.association.0;
    let of_peer = number.checked_sub(FIRST).and_then(|at| words.get(usize::from(at)).map(|word| (at, *word)));
    let system = if synchronized { 0x0615 } else { 0xc016 };
    let (status, data) = match (asked.opcode, of_peer) {
        (Opcode::READ_STATUS, _) if number == 0 => {
            let list = (FIRST..).zip(words).flat_map(|(id, word)| [id, word].map(u16::to_be_bytes).concat());
            (system, list.collect())
        }
        (Opcode::READ_VARIABLES, _) if number == 0 => (system, variables(member, now).into_bytes()),
        (Opcode::READ_VARIABLES, Some((at, word))) => (word, peer(member, at).into_bytes()),
        _ => {
            let status = u16::from(ErrorCode::UNKNOWN_ASSOCIATION.0) << 8;
            return Some(Header { response: true, error: true, status, ..asked }.encode(b""));
        }
    };
    Some(Header { response: true, status, ..asked }.encode(&data))
}

fn variables(member: &Member, now: NtpTime) -> String {
    let synchronized = member.is_synchronized();
    let (leap, stratum) = if synchronized { (0, 2) } else { (3, 16) };
    let refid = if synchronized { ROOT.to_string() } else { "INIT".to_owned() };
    let offset = member.reported_offset();
    let here = now.plus_seconds(member.offset);
    format!(
        "version=\"ntpd 4.2.8p15@1.3728-o\", processor=\"x86_64\", system=\"Linux/6.1.0\", leap={leap}, \
         stratum={stratum}, precision=-24, rootdelay={ROOT_DELAY:.3}, rootdisp={ROOT_DISPERSION:.3}, refid={refid}, \
         reftime={}, clock={here}, peer={}, tc=6, mintc=3, offset={offset:.6}, frequency=-12.395, sys_jitter=0.042, \
         clk_jitter=0.126, clk_wander=0.002",
        here.plus_seconds(-super::AGE),
        if synchronized { FIRST } else { 0 },
    )
}

fn peer(member: &Member, at: u16) -> String {
    let (stratum, reach) = if member.is_synchronized() { (1, 0xff) } else { (16, 0) };
    let source = Ipv4Addr::from_bits(ROOT.to_bits() + u32::from(at));
    let here = Ipv4Addr::from_bits(0x7f00_0000 | member.number);
    format!(
        "srcadr={source}, srcport=123, dstadr={here}, dstport=123, leap=0, stratum={stratum}, precision=-24, \
         rootdelay=0.412, rootdisp=10.147, refid=GPS, reach=0x{reach:x}, hmode=3, pmode=4, hpoll=6, ppoll=6, flash=0x0, \
         offset={:.3}, delay=0.333, dispersion=1.436, jitter=0.042",
        member.reported_offset(),
    )
}
