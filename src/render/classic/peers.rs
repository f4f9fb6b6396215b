//! The peers billboards.

use std::borrow::Cow;
use std::net::IpAddr;

use super::escape::{escape, malformed_line};
use super::interval::interval;
use super::names::keep_end;
use super::{ReferenceIdForm, Style, fixed};
use crate::compat::{Dialect, Quirk};
use crate::model::variable::Unit;
use crate::model::{FlashWord, Milliseconds, NetworkAddress, Peer, ReferenceId};
use crate::render::units::with_unit;
use crate::wire::timestamp::NtpTimestamp;

const UNDERLINE_LENGTH: usize = 78;

/// The width of the columns `remote`, and `refid` or `local`.
const NAME_WIDTH: usize = 15;

/// How much the column `remote` may grow: enough for the longest address.
const MAX_SLACK: usize = 24;

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeersView {
    /// `lpeers`, and `peers` with reference IDs as addresses: with reference ID and jitter.
    Peers,
    /// `apeers`, and `peers` with reference IDs as hashes: the same with association IDs, and always with reference IDs
    /// as hashes.
    AssociationPeers,
    /// `opeers`, `lopeers`: with local address and dispersion.
    OldPeers,
}

impl PeersView {
    /// The kind of table for the command `peers`.
    pub fn of_peers(reference_ids: ReferenceIdForm) -> Self {
        match reference_ids {
            ReferenceIdForm::Address => Self::Peers,
            ReferenceIdForm::Hash => Self::AssociationPeers,
        }
    }
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFamily {
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
}

/// The first column, if more than one daemon is queried.
#[derive(Clone, Copy, Debug)]
pub struct ServerColumn<'a> {
    /// The width: that of the longest host name.
    pub width: usize,
    /// The queried daemon.
    pub host: &'a str,
    /// Whether that is an address, which is truncated at the front.
    pub is_numeric: bool,
}

/// A table of peers, written row by row.
#[derive(Clone, Debug)]
pub struct PeerTable<'a> {
    /// The kind of table.
    pub view: PeersView,
    /// Whether long names get a line of their own (`-w`).
    pub wide: bool,
    /// The NTP version in the program's requests: 1 changes the tally codes.
    pub version: u8,
    /// Shows only peers with addresses of this family.
    pub family: Option<AddressFamily>,
    /// The first column, if there is one.
    pub server: Option<ServerColumn<'a>>,
    /// Whether the daemon reports only some of the columns; the others are shown as dashes instead of zeros.
    pub is_told_in_part: bool,
    /// Everything else.
    pub style: Style<'a>,
}

impl PeerTable<'_> {
    /// The heading and the line below it.
    pub fn heading(&self) -> String {
        let columns = match self.view {
            PeersView::Peers => {
                "     remote           refid      st t when poll reach   delay   offset  jitter"
            }
            PeersView::AssociationPeers => {
                "     remote       refid   assid  st t when poll reach   delay   offset  jitter"
            }
            PeersView::OldPeers => {
                "     remote           local      st t when poll reach   delay   offset    disp"
            }
        };
        let (server, underline) = match self.server {
            None => (String::new(), UNDERLINE_LENGTH),
            Some(ServerColumn { width, .. }) => {
                let title = if self.view == PeersView::OldPeers { "server" } else { "server (local)" };
                (format!("{title:width$.width$} "), UNDERLINE_LENGTH + width + 1)
            }
        };
        let (remote, others) = columns.split_at_checked(NAME_WIDTH).unwrap_or((columns, ""));
        let width = self.name_width();
        format!("{server}{remote:width$}{others}\n{}\n", "=".repeat(underline + width - NAME_WIDTH))
    }

    /// Formats the row of a peer: two lines for a long name in a wide table, nothing if the address family excludes it.
    /// (The classic dialect writes the server column all the same.)
    pub fn line(&self, peer: &Peer) -> String {
        let server = self.server.map(|server| self.server_column(&server, peer)).unwrap_or_default();
        if !self.shows(peer) {
            return if self.style.dialect.keeps(Quirk::SERVER_OF_HIDDEN_ROWS) {
                server
            } else {
                String::new()
            };
        }
        let tally = peer.status.tally(self.version);
        let remote = self.remote(peer);
        let width = self.name_width();
        let remote = if self.wide && remote.len() > width {
            let indent = self.server.map_or(0, |server| server.width + 1) + 1 + width + 1;
            format!("{tally}{remote}\n{:indent$}", "")
        } else {
            format!("{tally}{remote:width$.width$} ")
        };
        let (reference, length) = self.reference(peer);
        let reference = if self.view == PeersView::AssociationPeers {
            const REFERENCE_WIDTH: usize = 9;
            format!("{reference}{:1$}{2:<6}", "", REFERENCE_WIDTH.saturating_sub(length), peer.association.0)
        } else {
            format!("{reference}{:1$}", "", NAME_WIDTH.saturating_sub(length))
        };
        format!("{server}{remote}{reference}{}\n", self.numbers(peer))
    }

    /// The lines on standard error about invalid variables of this peer.
    pub fn diagnostics(peer: &Peer) -> String {
        let mut lines = String::new();
        for (name, value) in &peer.malformed_addresses {
            malformed_line(&mut lines, name, value);
        }
        lines
    }

    /// The width of the column `remote`, including the columns beyond 80 that the user asked for.
    fn name_width(&self) -> usize {
        let slack = self.style.width.map_or(0, |width| usize::from(width).saturating_sub(80));
        NAME_WIDTH + slack.min(MAX_SLACK)
    }

    fn shows(&self, peer: &Peer) -> bool {
        let address = peer.source_address.as_ref().map(NetworkAddress::ip);
        match self.family {
            None => true,
            Some(AddressFamily::Inet) => matches!(address, Some(IpAddr::V4(_))),
            Some(AddressFamily::Inet6) => matches!(address, Some(IpAddr::V6(_))),
        }
    }

    fn server_column(&self, server: &ServerColumn<'_>, peer: &Peer) -> String {
        let width = server.width;
        let text = match &peer.destination_address {
            Some(address) if self.view != PeersView::OldPeers => self.style.names.host_column(address, width),
            _ if server.is_numeric => keep_end(&escape(server.host.as_bytes()), width),
            _ => escape(server.host.as_bytes()),
        };
        format!("{text:width$} ")
    }

    fn remote(&self, peer: &Peer) -> String {
        match &peer.source_host {
            Some(name) if self.view != PeersView::OldPeers => escape(name),
            _ => self.style.names.host(&peer.source_address.unwrap_or(NetworkAddress::NONE)),
        }
    }

    /// The text of the column `refid` or `local`, and its length for padding, counted in the octets received.
    fn reference(&self, peer: &Peer) -> (String, usize) {
        if self.view == PeersView::OldPeers {
            let local = peer.destination_address.map(|address| keep_end(&address.to_string(), NAME_WIDTH));
            return measured(local.unwrap_or_default());
        }
        if peer.flash.is_some_and(FlashWord::is_loop) {
            return measured("(loop)".to_owned());
        }
        match &peer.reference_id {
            None if self.is_told_in_part => measured("-".to_owned()),
            None | Some(ReferenceId::Unreadable(_)) => measured(String::new()),
            Some(ReferenceId::Text(text)) if text.is_empty() => measured(String::new()),
            Some(ReferenceId::Text(text)) => (format!(".{}.", escape(text)), text.len() + 2),
            Some(ReferenceId::Clock(clock)) => measured(clock.to_string()),
            Some(ReferenceId::Address(address)) if address.is_unspecified() => measured("0.0.0.0".to_owned()),
            Some(ReferenceId::Address(address)) => measured(match address.ip() {
                IpAddr::V4(ipv4) if self.shows_hashes() => {
                    format!("{:x}", ipv4.to_bits())
                }
                IpAddr::V6(_) if self.shows_hashes() && self.style.dialect.keeps(Quirk::IPV6_HASH_IS_0) => {
                    "0".to_owned()
                }
                _ => address.to_string(),
            }),
        }
    }

    fn shows_hashes(&self) -> bool {
        self.view == PeersView::AssociationPeers || self.style.reference_ids == ReferenceIdForm::Hash
    }

    fn numbers(&self, peer: &Peer) -> String {
        let dialect = self.style.dialect;
        let reported = |is_known: bool, text: String| {
            if is_known || !self.is_told_in_part { text } else { "-".to_owned() }
        };
        let fixed =
            |quantity: &Option<Milliseconds>| quantity.as_ref().map_or(0, Milliseconds::fixed_seconds);
        let shown = |quantity: &Option<Milliseconds>, plain: &dyn Fn(i64, u32, Dialect) -> String| {
            let text = quantity.as_ref().filter(|_| self.style.units);
            let with_unit = text.and_then(|quantity| with_unit(quantity.text(), Unit::Milliseconds, Some(7)));
            reported(quantity.is_some(), with_unit.unwrap_or_else(|| plain(fixed(quantity), 3, dialect)))
        };
        let spread = match self.view {
            PeersView::OldPeers => &peer.dispersion,
            _ if peer.jitter.is_none() => &peer.dispersion,
            _ => &peer.jitter,
        };
        format!(
            " {:>2} {} {:>4.4} {:>4.4}  {:>3}  {:>7.7} {:>8.7} {:>7.7}",
            reported(peer.stratum.is_some(), peer.stratum.unwrap_or(0).to_string()),
            kind(peer),
            age(peer, self.style.now, dialect),
            poll_interval(peer),
            reported(peer.reach.is_some(), format!("{:o}", peer.reach.unwrap_or(0))),
            shown(&peer.delay, &fixed::interval),
            shown(&peer.offset, &fixed::offset),
            shown(spread, &fixed::interval),
        )
    }
}

fn measured(text: String) -> (String, usize) {
    let length = text.len();
    (text, length)
}

/// How long ago the peer was last heard from.
///
/// The classic program subtracts within an era, so after the end of an era (2036) anything before it seems to be in the
/// future.
fn age(peer: &Peer, now: jiff::Timestamp, dialect: Dialect) -> Cow<'static, str> {
    let Some(last) = peer.last_heard() else {
        return "-".into();
    };
    let now = NtpTimestamp::from(now).seconds();
    interval(if dialect.keeps(Quirk::WHEN_AS_DIFFERENCE) {
        i64::from(now) - i64::from(last.seconds())
    } else {
        now.wrapping_sub(last.seconds()).cast_signed().into()
    })
}

/// The smaller of the two poll intervals; the exponent wraps at 32 bits, and 2^31 counts as negative.
fn poll_interval(peer: &Peer) -> Cow<'static, str> {
    let exponent = peer.host_poll.unwrap_or(0).min(peer.peer_poll.unwrap_or(0)) & 31;
    interval((1_u32 << exponent).cast_signed().into())
}

/// The column `t`: the type of association, from the mode or else the local address.
pub(in crate::render) fn kind(peer: &Peer) -> char {
    let source = peer.source_address;
    let is_multicast = source.is_some_and(|address| address.is_multicast());
    match peer.host_mode {
        Some(1) => 's',
        Some(2) => 'S',
        Some(3) if source.is_some_and(|address| address.reference_clock().is_some()) => 'l',
        Some(3) if source.is_none_or(|address| address.is_unspecified()) => 'p',
        Some(3) if is_multicast => 'a',
        Some(3) => 'u',
        Some(5) if is_multicast => 'M',
        Some(5) => 'B',
        Some(6) => 'b',
        _ => peer.destination_address.map_or('?', |address| match address.ip() {
            ip if ip.is_multicast() => 'm',
            IpAddr::V4(ip) => match ip.octets() {
                [_, _, _, 255] => 'b',
                [127, 0, 0, 1] => 'l',
                [0, 0, 0, 0..32] => '-',
                _ => 'u',
            },
            IpAddr::V6(_) => 'u',
        }),
    }
}
