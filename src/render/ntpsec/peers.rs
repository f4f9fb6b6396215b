//! NTPsec's peers billboards: numbers with four decimals if the daemon sends six, and names that use the columns beyond
//! 80.

use super::super::classic::Style;
use super::super::classic::escape::escape;
use super::super::classic::peers::{PeersView, ServerColumn};
use super::super::units::with_unit;
use crate::model::variable::Unit;
use crate::model::{Milliseconds, NetworkAddress, Peer, ReferenceId};
use crate::wire::timestamp::NtpTimestamp;

/// The width of the column `refid` or `local`.
const REFERENCE_WIDTH: usize = 15;
/// How much of it the column `assid` takes.
const ASSOCIATION_WIDTH: usize = 7;
/// The number of columns in total.
const LINE_WIDTH: usize = 79;
/// The width of the column `remote` in lines of up to 80 columns.
const NAME_WIDTH: usize = 15;
/// The largest number of additional columns.
const MAX_SLACK: usize = 24;

/// A table of peers, written row by row.
#[derive(Clone, Debug)]
pub struct PeerTable<'a> {
    /// The kind of table.
    pub view: PeersView,
    /// Whether long names get a line of their own (`-w`).
    pub wide: bool,
    /// The NTP version in the program's requests: 1 changes the tally codes.
    pub version: u8,
    /// Columns per line.
    pub width: u16,
    /// The first column, if there is one.
    pub server: Option<ServerColumn<'a>>,
    /// Everything else.
    pub style: Style<'a>,
}

impl PeerTable<'_> {
    /// The heading and the line below it.
    pub fn heading(&self) -> String {
        let (second, last) = match self.view {
            PeersView::Peers => ("       refid      ", "jitter"),
            PeersView::AssociationPeers => ("   refid   assid  ", "jitter"),
            PeersView::OldPeers => ("       local      ", "  disp"),
        };
        let (server, underline) = match self.server {
            None => (String::new(), 0),
            Some(ServerColumn { width, .. }) => (format!("{:width$} ", "server"), width + 1),
        };
        let name_width = self.name_width();
        format!(
            "{server}{:name_width$}{second}st t when poll reach   delay   offset   {last}\n{}\n",
            "     remote    ",
            "=".repeat(underline + LINE_WIDTH + name_width - NAME_WIDTH)
        )
    }

    /// Formats the row of a peer; two lines for a long name in a wide table.
    pub fn line(&self, peer: &Peer) -> String {
        let server = self.server.map_or_else(String::new, |server| {
            let host = keep_end(escape(server.host.as_bytes()), server.width);
            format!("{host:0$} ", server.width)
        });
        let width = self.name_width();
        let tally = peer.status.tally(self.version);
        let remote = self.remote(peer);
        let remote = if self.wide && remote.len() > width {
            format!("{tally}{remote}\n{:1$}", "", width + 2)
        } else {
            format!("{tally}{remote:width$.width$} ")
        };
        let reference = self.reference(peer);
        let shown = keep_end(reference.clone(), REFERENCE_WIDTH);
        let reference = if self.view == PeersView::AssociationPeers {
            let width = REFERENCE_WIDTH - ASSOCIATION_WIDTH;
            let shown = if reference.len() >= width { "..." } else { &shown };
            format!("{shown:0$} {1:<6}", width, peer.association.0)
        } else {
            format!("{shown:REFERENCE_WIDTH$}")
        };
        format!("{server}{remote}{reference}{}\n", self.numbers(peer))
    }

    fn name_width(&self) -> usize {
        NAME_WIDTH + usize::from(self.width).saturating_sub(LINE_WIDTH + 1).min(MAX_SLACK)
    }

    /// Reference clocks, and peers without an address so far, use the daemon's name for them.
    fn remote(&self, peer: &Peer) -> String {
        let is_host =
            |address: &&NetworkAddress| !address.is_unspecified() && address.reference_clock().is_none();
        match (peer.source_address.as_ref().filter(is_host), &peer.source_host) {
            (Some(address), _) => self.style.names.host(address),
            (None, Some(name)) => escape(name),
            (None, None) => peer.source_address.map_or_else(String::new, |address| address.to_string()),
        }
    }

    /// As received; if it is not an address, between points.
    fn reference(&self, peer: &Peer) -> String {
        let text = if self.view == PeersView::OldPeers {
            peer.destination_address.map_or_else(String::new, |address| address.to_string())
        } else {
            match &peer.reference_id {
                None => String::new(),
                Some(ReferenceId::Text(text) | ReferenceId::Unreadable(text)) => escape(text),
                Some(ReferenceId::Clock(clock)) => format!("127.127.{}.{}", clock.kind, clock.unit),
                Some(ReferenceId::Address(address)) => address.to_string(),
            }
        };
        if text.contains(['.', ':']) { text } else { format!(".{text}.") }
    }

    fn numbers(&self, peer: &Peer) -> String {
        let spread = match self.view {
            PeersView::OldPeers => &peer.dispersion,
            _ if peer.jitter.is_none() => &peer.dispersion,
            _ => &peer.jitter,
        };
        // Four decimals are shown if the daemon sends six.
        let has_six = |delay: &Milliseconds| {
            delay.text().split_once('.').is_some_and(|(_, decimals)| decimals.len() == 6)
        };
        let decimals = if peer.delay.as_ref().is_some_and(has_six) { 4 } else { 3 };
        let number = |quantity: &Option<Milliseconds>| match quantity {
            None => format!("{:>8}", "."),
            Some(quantity) => self
                .style
                .units
                .then(|| with_unit(quantity.text(), Unit::Milliseconds, Some(8)))
                .flatten()
                .unwrap_or_else(|| scaled(quantity.value(), decimals)),
        };
        format!(
            " {:2} {} {:>4.4} {:>4.4}  {:3o} {} {} {}",
            peer.stratum.unwrap_or(20),
            kind(peer),
            self.age(peer),
            interval(1_i64 << (peer.host_poll.unwrap_or(0).min(peer.peer_poll.unwrap_or(0)) & 31)),
            peer.reach.unwrap_or(0),
            number(&peer.delay),
            number(&peer.offset),
            number(spread),
        )
    }

    fn age(&self, peer: &Peer) -> String {
        let heard = peer.receive_time.or(peer.reference_time).filter(|stamp| stamp.seconds() != 0);
        let now = NtpTimestamp::from(self.style.now);
        let age = heard.map_or(0, |heard| now.since(heard) >> 32);
        interval(age)
    }
}

/// The column `t`: the type of association; for one secured by NTS, the number of cookies.
fn kind(peer: &Peer) -> char {
    let source = peer.source_address.map(|address| address.to_string()).unwrap_or_default();
    let is_multicast = source.starts_with("224.");
    let is_clock = peer.source_host.as_ref().is_some_and(|name| name.contains(&b'('));
    match peer.host_mode {
        Some(1) => 's',
        Some(2) => 'S',
        Some(3) if is_clock => 'l',
        Some(3) if peer.reference_id == Some(ReferenceId::Text(b"POOL".to_vec())) => 'p',
        Some(3) if is_multicast => 'a',
        Some(3) => match peer.nts_cookies {
            Some(cookies @ 0..) => {
                u32::try_from(cookies).ok().and_then(|c| char::from_digit(c, 10)).unwrap_or('9')
            }
            _ => 'u',
        },
        Some(5) if is_multicast => 'M',
        Some(5) => 'B',
        Some(6) => 'b',
        _ => '?',
    }
}

/// Formats an interval in its natural unit. Minutes and hours are not rounded before comparison.
fn interval(seconds: i64) -> String {
    let minutes = seconds.saturating_add(29);
    let hours = minutes.saturating_add(29 * 60);
    match seconds {
        ..=0 => "-".to_owned(),
        1..=2048 => seconds.to_string(),
        _ if minutes <= 300 * 60 => format!("{}m", minutes / 60),
        _ if hours <= 96 * 3600 => format!("{}h", hours / 3600),
        _ => format!("{}d", hours.saturating_add(11 * 3600) / 86_400),
    }
}

/// Formats a number in eight columns, with this many decimals or as many as fit.
fn scaled(value: f64, decimals: i32) -> String {
    // The sign takes a column.
    let room = i32::from(value < 0.0);
    let limit = |fewer: i32| 10_f64.powi(7 - decimals + fewer - room);
    let fewer = (0..decimals).find(|fewer| value.abs() < limit(*fewer));
    let decimals = fewer.map_or(0, |fewer| decimals - fewer);
    let decimals = usize::try_from(decimals).unwrap_or(0);
    if decimals == 0 { format!("{:8.0}", value.trunc()) } else { format!("{value:8.decimals$}") }
}

/// Returns the end of a text that is too long, after a hyphen.
fn keep_end(text: String, width: usize) -> String {
    match text.len().checked_sub(width).filter(|excess| *excess > 0) {
        Some(excess) => format!("-{}", text.get(excess + 1..).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::Dialect;
    use crate::render::classic::{HostNames, ReferenceIdForm};
    use crate::wire::AssociationId;
    use crate::wire::status::PeerStatusWord;
    use crate::wire::variables::scan;

    const UNICAST: &str = "srcadr=192.0.2.15, dstadr=2001:db8:0:1:2:3:4:21, hmode=3, stratum=2, ppoll=4, hpoll=10, refid=127.127.1.1, \
        reach=0xff, rec=0xeeaaf070.f2a93104, delay=119.948200, offset=-60.015600, jitter=0.003200, dispersion=15937.500000, \
        ntscookies=-1";

    fn table(view: PeersView) -> PeerTable<'static> {
        let style = Style {
            dialect: Dialect::Native,
            reference_ids: ReferenceIdForm::Address,
            names: HostNames::Numeric,
            now: NtpTimestamp(0xeeaa_f079_12a9_3104).to_timestamp("2026-11-20T00:00:00Z".parse().unwrap()),
            time_zone: jiff::tz::TimeZone::UTC,
            units: false,
            width: None,
        };
        PeerTable { view, wide: false, version: 2, width: 80, server: None, style }
    }

    fn line(table: &PeerTable<'_>, status: u16, text: &str) -> String {
        let scan = scan(text.as_bytes());
        table.line(&Peer::from_variables(AssociationId(17771), PeerStatusWord(status), &scan))
    }

    #[test]
    fn the_three_tables() {
        for (view, expected) in [
            (
                PeersView::Peers,
                "-192.0.2.15      127.127.1.1      2 u    8   16  377 119.9482 -60.0156   0.0032\n",
            ),
            (
                PeersView::AssociationPeers,
                "-192.0.2.15      ...      17771   2 u    8   16  377 119.9482 -60.0156   0.0032\n",
            ),
            (
                PeersView::OldPeers,
                "-192.0.2.15      -8:0:1:2:3:4:21  2 u    8   16  377 119.9482 -60.0156 15937.50\n",
            ),
        ] {
            let table = table(view);
            assert_eq!(line(&table, 0xb314, UNICAST), expected);
            let heading = table.heading();
            assert_eq!(heading.lines().map(str::len).collect::<Vec<_>>(), [79, 79], "{heading}");
        }
    }

    #[test]
    fn three_decimals_stay_three() {
        let text = UNICAST.replace("119.948200", "119.948").replace("-60.015600", "-1234.5678");
        let expected = "-192.0.2.15      127.127.1.1      2 u    8   16  377  119.948 -1234.57    0.003\n";
        assert_eq!(line(&table(PeersView::Peers), 0xb314, &text), expected);
    }

    #[test]
    fn missing_values_are_a_point_or_nothing() {
        let expected = " 192.0.2.16      .INIT.          20 ?    -    1    0        .        .        .\n";
        assert_eq!(line(&table(PeersView::Peers), 0, "srcadr=192.0.2.16, refid=INIT"), expected);
        let clock = "srcadr=127.127.28.0, srchost=\"SHM(0)\", hmode=3, refid=NMEA, jitter=1";
        let expected = " SHM(0)          .NMEA.          20 l    -    1    0        .        .    1.000\n";
        assert_eq!(line(&table(PeersView::Peers), 0, clock), expected);
    }

    #[test]
    fn kinds() {
        let kind_of = |text: &str| line(&table(PeersView::Peers), 0, text).chars().nth(36);
        for (text, letter) in [
            ("hmode=3, ntscookies=8", '8'),
            ("hmode=3, ntscookies=-1", 'u'),
            ("hmode=3, refid=POOL", 'p'),
            ("hmode=3, srcadr=224.0.1.1", 'a'),
            ("hmode=5, srcadr=224.0.1.1", 'M'),
            ("hmode=5, srcadr=192.0.2.255", 'B'),
            ("hmode=6", 'b'),
            ("hmode=1", 's'),
            ("hmode=2", 'S'),
        ] {
            assert_eq!(kind_of(text), Some(letter), "{text}");
        }
    }

    #[test]
    fn a_wide_line_has_room_for_names_and_several_hosts_have_a_column() {
        let wide = PeerTable { width: 200, ..table(PeersView::Peers) };
        let address = UNICAST.replace("192.0.2.15", "2001:db8:1111:2222:3333:4444:5555:6666");
        assert!(line(&wide, 0x600, &address).starts_with("*2001:db8:1111:2222:3333:4444:5555:6666  127."));
        assert!(wide.heading().ends_with(&format!("\n{}\n", "=".repeat(103))));
        let narrow = PeerTable { wide: true, ..table(PeersView::Peers) };
        assert!(
            line(&narrow, 0x600, &address)
                .starts_with("*2001:db8:1111:2222:3333:4444:5555:6666\n                 127.")
        );
        let server = Some(ServerColumn { width: 10, host: "192.0.2.20", is_numeric: true });
        let several = PeerTable { server, ..table(PeersView::Peers) };
        assert!(several.heading().starts_with("server          remote   "));
        assert!(line(&several, 0x600, UNICAST).starts_with("192.0.2.20 *192.0.2.15 "));
    }

    #[test]
    fn ages_are_short() {
        for (seconds, text) in [
            (-1, "-"),
            (2048, "2048"),
            (2049, "34m"),
            (17_971, "300m"),
            (18_000, "5h"),
            (343_000, "95h"),
            (900_000, "10d"),
        ] {
            assert_eq!(interval(seconds), text, "{seconds}");
        }
    }
}
