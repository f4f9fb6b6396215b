//! `listpeers`, `peers`, `dmpeers`, `showpeer`, `pstats`.

use super::{host, joined, leap, number, reference_id};
use crate::compat::Quirk;
use crate::model::mode7::{address, mode_name};
use crate::render::classic::date::date;
use crate::render::classic::fixed::{plain, signed};
use crate::render::classic::{HostNames, Style};
use crate::wire::mode7::peer::{
    CANDIDATE, PeerDetail, PeerEntry, PeerStatistics, PeerSummary, REFERENCE_CLOCK, SHORT_LIST, SYSTEM_PEER,
    flag_names,
};

/// The heading of the table of peers.
pub const HEADING: &str = "     remote           local      st poll reach  delay   offset    disp\n\
     =======================================================================\n";

/// The meaning of the character before a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Its mode (`peers`).
    Mode,
    /// Its selection (`dmpeers`).
    Selection,
}

/// The line of `listpeers`.
pub fn entry(peer: &PeerEntry, style: &Style<'_>) -> String {
    let remote = address(peer.address);
    let numeric = number(peer.address);
    let text = match (&style.names, host(peer.address, style)) {
        (HostNames::Numeric, _) => numeric,
        (HostNames::Named(_), name) if name == numeric => numeric,
        (HostNames::Named(_), name) if remote.reference_clock().is_some() => format!("{name} ({numeric})"),
        (HostNames::Named(_), name) if name.starts_with(&numeric) => name,
        (HostNames::Named(_), name) => format!("{name} ({numeric})"),
    };
    format!("{:<12} {text}\n", mode_name(peer.mode))
}

/// The character before a peer.
pub fn tally(peer: &PeerSummary, tally: Tally) -> char {
    match (tally, peer.mode) {
        _ if peer.flags & SYSTEM_PEER != 0 => '*',
        (Tally::Mode, 1) => '+',
        (Tally::Mode, 2) => '-',
        (Tally::Mode, 3) => '=',
        (Tally::Mode, 5) => '^',
        (Tally::Mode, 6) => '~',
        (Tally::Selection, _) if peer.flags & SHORT_LIST != 0 => '+',
        (Tally::Selection, _) if peer.flags & CANDIDATE != 0 => '.',
        _ => ' ',
    }
}

/// The line of `peers` and `dmpeers`.
pub fn summary(peer: &PeerSummary, kind: Tally, style: &Style<'_>) -> String {
    format!(
        "{}{:<15.15} {:<15.15} {:2} {:4}  {:3o} {:>7.7} {:>9.9} {:>7.7}\n",
        tally(peer, kind),
        host(peer.remote, style),
        number(peer.local),
        peer.stratum,
        peer.poll_seconds(),
        peer.reach,
        plain(peer.delay, 5),
        signed(peer.offset, 6, style.dialect),
        plain(peer.dispersion, 5),
    )
}

/// The paragraph of `showpeer`.
pub fn detail(peer: &PeerDetail, style: &Style<'_>) -> String {
    let time = |stamp| date(stamp, style.now, &style.time_zone);
    let timer = if style.dialect.keeps(Quirk::UNSIGNED_MODE7_NUMBERS) {
        peer.timer.to_string()
    } else {
        peer.timer.cast_signed().to_string()
    };
    let table = |label: &str, cells: Vec<String>| {
        let mut text = String::new();
        for (index, row) in cells.chunks(4).enumerate() {
            let label = if index == 0 { label } else { "" };
            text += &format!("{label:<14}");
            text += &row.iter().map(|cell| format!(" {cell:<8.8}")).collect::<String>();
            text.push('\n');
        }
        text
    };
    let lines = [
        format!("remote {}, local {}\n", number(peer.remote), number(peer.local)),
        format!(
            "hmode {}, pmode {}, stratum {}, precision {}\n",
            mode_name(peer.host_mode),
            mode_name(peer.peer_mode),
            peer.stratum,
            peer.precision
        ),
        format!(
            "leap {}, refid [{}], rootdistance {}, rootdispersion {}\n",
            leap(peer.leap),
            reference_id(peer.reference_id, peer.stratum, peer.flags & REFERENCE_CLOCK != 0),
            plain(peer.root_delay, 5),
            plain(peer.root_dispersion, 5)
        ),
        format!(
            "ppoll {}, hpoll {}, keyid {}, version {}, association {}\n",
            peer.peer_poll, peer.host_poll, peer.key_id, peer.version, peer.association
        ),
        format!(
            "reach {:03o}, unreach {}, flash 0x{:04x}, boffset {}, ttl/mode {}\n",
            peer.reach,
            peer.unreach,
            peer.flash,
            plain(peer.broadcast_offset, 5),
            peer.ttl
        ),
        format!("timer {timer}s, flags {}\n", joined(&flag_names(peer.flags.into()))),
        format!("reference time:      {}\n", time(peer.reference_time)),
        format!("originate timestamp: {}\n", time(peer.originate_time)),
        format!("receive timestamp:   {}\n", time(peer.receive_time)),
        format!("transmit timestamp:  {}\n", time(peer.transmit_time)),
        table("filter delay: ", peer.filter_delay.iter().map(|delay| plain(*delay, 5)).collect()),
        table(
            "filter offset:",
            peer.filter_offset.iter().map(|offset| signed(*offset, 6, style.dialect)).collect(),
        ),
        table("filter order: ", peer.filter_order.iter().map(ToString::to_string).collect()),
        format!(
            "offset {}, delay {}, error bound {}, filter error {}\n",
            signed(peer.offset, 6, style.dialect),
            plain(peer.delay, 5),
            plain(peer.dispersion, 5),
            plain(peer.selection_dispersion, 5)
        ),
    ];
    lines.concat()
}

/// The paragraph of `pstats`; the classic dialect separates the flags if another peer follows.
pub fn statistics(peer: &PeerStatistics, followed: bool, style: &Style<'_>) -> String {
    let next_send = if style.dialect.keeps(Quirk::UNSIGNED_MODE7_NUMBERS) {
        peer.next_send.to_string()
    } else {
        peer.next_send.cast_signed().to_string()
    };
    let gap = if followed { "\n" } else { "" };
    [
        format!("remote host:          {}\n", host(peer.remote, style)),
        format!("local interface:      {}\n", number(peer.local)),
        format!("time last received:   {}s\n", peer.received_ago),
        format!("time until next send: {next_send}s\n"),
        format!("reachability change:  {}s\n", peer.reachable_since),
        format!("packets sent:         {}\n", peer.sent),
        format!("packets received:     {}\n", peer.processed),
        format!("bad authentication:   {}\n", peer.bad_authentication),
        format!("bogus origin:         {}\n", peer.bogus_origin),
        format!("duplicate:            {}\n", peer.duplicate),
        format!("bad dispersion:       {}\n", peer.bad_dispersion),
        format!("bad reference time:   {}\n", peer.bad_reference_time),
        format!("candidate order:      {}\n{gap}", peer.candidate_order),
        match flag_names(peer.flags).as_slice() {
            // Unknown flags are not the same as none.
            [] if peer.flags != 0 => "flags:\t\n".to_owned(),
            names => format!("flags:\t {}\n", joined(names)),
        },
    ]
    .concat()
}
