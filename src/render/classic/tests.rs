//! Recorded output of 4.2.8p15, and how the default dialect differs.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::cooked::Subject;
use super::peers::{AddressFamily, PeerTable, PeersView, ServerColumn};
use super::report_tables::REPORTS;
use super::{HostNames, ReferenceIdForm, Rendered, Style, cooked, raw};
use crate::compat::Dialect;
use crate::model::Peer;
use crate::wire::AssociationId;
use crate::wire::status::{ClockStatusWord, PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan_as_original as scan;

fn style(dialect: Dialect, reference_ids: ReferenceIdForm) -> Style<'static> {
    Style {
        dialect,
        reference_ids,
        names: HostNames::Numeric,
        now: "2026-11-21T00:00:00Z".parse().expect("a time"),
        time_zone: TimeZone::UTC,
        units: false,
        width: None,
    }
}

/// Undoes the escapes of the recordings.
fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        octets.push(match character {
            '\\' => match characters.next().expect("an escape") {
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                'x' => {
                    let digits: String = characters.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).expect("two digits")
                }
                other => u8::try_from(other).expect("an escape"),
            },
            plain => u8::try_from(plain).expect("ASCII"),
        });
    }
    octets
}

/// Returns the text of a recorded line, after its mark and a blank.
fn recorded(line: &str) -> String {
    String::from_utf8(unescape(line.get(2..).unwrap_or_default())).expect("ASCII")
}

fn reply(command: &str, association: u16, status: u16, data: &[u8], style: &Style<'_>) -> Rendered {
    let association = AssociationId(association);
    if let Some(report) = REPORTS.iter().find(|report| report.name == command) {
        return report.render(association, status, &scan(data), style);
    }
    let (subject, word) = match (command, association) {
        ("cv", _) => (Subject::Clock, StatusWord::Clock(ClockStatusWord(status))),
        (_, AssociationId::SYSTEM) => (Subject::SystemOrPeer, StatusWord::System(SystemStatusWord(status))),
        _ => (Subject::SystemOrPeer, StatusWord::Peer(PeerStatusWord(status))),
    };
    match command {
        _ if data.is_empty() => {
            Rendered { output: cooked::empty_reply(association, subject), diagnostics: String::new() }
        }
        "raw" => Rendered { output: raw::reply(association, word, data), diagnostics: String::new() },
        _ => {
            let mut rendered = cooked::variables(&scan(data), subject, style);
            rendered.output.insert_str(0, &cooked::status_line(association, word));
            rendered
        }
    }
}

#[test]
fn recorded_replies() {
    let mut cases = 0;
    for case in include_str!("tests/replies.txt").split("\n= ").skip(1) {
        let (head, lines) = case.split_once('\n').expect("lines");
        let words: Vec<_> = head.split(' ').collect();
        let mut expected = Rendered::default();
        let mut data = Vec::new();
        for line in lines.lines() {
            match line.get(..1) {
                Some("<") => data = unescape(line.get(2..).unwrap_or_default()),
                Some(">") => expected.output.push_str(&(recorded(line) + "\n")),
                Some("|") => expected.output.push_str(&recorded(line)),
                Some("!") => expected.diagnostics.push_str(&(recorded(line) + "\n")),
                other => panic!("{other:?}"),
            }
        }
        let form = if words.len() > 3 { ReferenceIdForm::Hash } else { ReferenceIdForm::Address };
        let association = words[1].parse().expect("a number");
        let status = u16::from_str_radix(words[2], 16).expect("a number");
        let rendered = reply(words[0], association, status, &data, &style(Dialect::Classic, form));
        assert_eq!(rendered, expected, "{head} {}", data.escape_ascii());
        cases += 1;
    }
    assert!(cases > 180, "{cases}");
}

/// Returns the table for this command line, with the recorded peers.
fn table(command_line: &str, dialect: Dialect, now: jiff::Timestamp, peers: &[Peer]) -> String {
    let words: Vec<_> = command_line.split(' ').collect();
    let has = |word| words.contains(&word);
    let reference_ids = if has("hash") { ReferenceIdForm::Hash } else { ReferenceIdForm::Address };
    let command = words[0];
    let table = PeerTable {
        is_told_in_part: false,
        view: match command {
            "apeers" => PeersView::AssociationPeers,
            "peers" => PeersView::of_peers(reference_ids),
            "lopeers" => PeersView::OldPeers,
            _ => PeersView::Peers,
        },
        wide: has("-w"),
        version: if has("version=1") { 1 } else { 2 },
        family: match () {
            () if has("-4") => Some(AddressFamily::Inet),
            () if has("-6") => Some(AddressFamily::Inet6),
            () => None,
        },
        server: words.iter().find_map(|word| word.strip_prefix("host=")?.split_once(':')).map(
            |(width, host)| ServerColumn { width: width.parse().expect("a number"), host, is_numeric: true },
        ),
        style: Style { now, ..style(dialect, reference_ids) },
    };
    let shown = peers
        .iter()
        .filter(|peer| command.starts_with('l') || peer.status.is_configured() || peer.status.is_reachable());
    table.heading() + &shown.map(|peer| table.line(peer)).collect::<String>()
}

fn recorded_peers() -> (jiff::Timestamp, Vec<Peer>, Vec<(&'static str, String)>) {
    let (mut now, mut peers) = (jiff::Timestamp::UNIX_EPOCH, Vec::new());
    let mut tables: Vec<(&str, String)> = Vec::new();
    for line in include_str!("tests/peers.txt").lines() {
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        match mark {
            "#" => {}
            "now" => {
                let seconds = rest.parse().expect("a number");
                now = NtpTimestamp::new(seconds, 0)
                    .to_timestamp(style(Dialect::Classic, ReferenceIdForm::Address).now);
            }
            "<" => {
                let mut words = rest.splitn(3, ' ');
                let mut word = || words.next().expect("a word");
                let association = AssociationId(word().parse().expect("a number"));
                let status = PeerStatusWord(u16::from_str_radix(word(), 16).expect("a number"));
                let data = unescape(word());
                peers.push(Peer::from_variables(association, status, &scan(&data)));
            }
            "=" => tables.push((rest, String::new())),
            ">" => tables.last_mut().expect("a table").1.push_str(&(recorded(line) + "\n")),
            "|" => tables.last_mut().expect("a table").1.push_str(&recorded(line)),
            _ => panic!("{line}"),
        }
    }
    (now, peers, tables)
}

#[test]
fn recorded_tables() {
    let (now, peers, tables) = recorded_peers();
    assert_eq!((peers.len() > 100, tables.len()), (true, 14));
    for (command_line, expected) in tables {
        let text = table(command_line, Dialect::Classic, now, &peers);
        let difference = text.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
        assert_eq!(difference, None, "{command_line}");
        assert_eq!(text, expected, "{command_line}");
    }
    let complaints: String = peers.iter().map(PeerTable::diagnostics).collect();
    assert_eq!(complaints, "malformed srcadr=junk\n");
}

/// What the classic tables show incorrectly: negative delays, ages beyond 68 years, hashes of IPv6 addresses, and
/// numbers that lose a digit to the sign.
const FAULTS: [&str; 4] = ["4294967", " 95y ", " 0        ", "+123456"];

/// The default dialect has the same layout: apart from the faults, the tables differ only in the sign of offsets.
#[test]
fn unsigned_tables_lack_the_plus() {
    let (now, peers, tables) = recorded_peers();
    let mut pluses = 0;
    for (command_line, classic) in tables {
        let unsigned = table(command_line, Dialect::Native, now, &peers);
        for (ours, theirs) in unsigned.lines().zip(classic.lines()) {
            if FAULTS.iter().any(|fault| theirs.contains(fault)) {
                continue;
            }
            let expected = match theirs.rsplit_once('+') {
                Some((left, right)) if ours != theirs => {
                    pluses += 1;
                    format!("{left} {right}")
                }
                _ => theirs.to_owned(),
            };
            assert_eq!(ours, expected, "{command_line}");
        }
    }
    assert!(pluses > 20, "{pluses}");
}

#[test]
fn the_unsigned_dialect() {
    let now = style(Dialect::Native, ReferenceIdForm::Address).now;
    let peer =
        |text: &str| Peer::from_variables(AssociationId(7), PeerStatusWord(0x961a), &scan(text.as_bytes()));
    let line = |command_line, text: &str| {
        let text = table(command_line, Dialect::Native, now, &[peer(text)]);
        text.lines().skip(2).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        line(
            "lpeers",
            "srcadr=10.0.0.1, hmode=3, refid=GPS, stratum=1, delay=-1.5, offset=123456.789, jitter=-0.001"
        ),
        "*10.0.0.1        .GPS.            1 u    -    1    0   -1.500  123456.  -0.001"
    );
    assert_eq!(
        line(
            "lpeers",
            "srcadr=10.0.0.1, hmode=3, refid=10.0.0.9, stratum=2, delay=1, offset=0.025, dispersion=3"
        ),
        "*10.0.0.1        10.0.0.9         2 u    -    1    0    1.000    0.025   3.000"
    );
    assert_eq!(
        line("apeers", "srcadr=10.0.0.1, hmode=3, refid=2001:db8::1, stratum=2"),
        "*10.0.0.1        2001:db8::17       2 u    -    1    0    0.000    0.000   0.000"
    );
    // A peer of the other family is not mentioned.
    assert_eq!(line("lpeers -6 host=9:127.0.0.1", "srcadr=10.0.0.1"), "");

    let variables = |text: &str| {
        let style = style(Dialect::Native, ReferenceIdForm::Address);
        cooked::variables(&scan(text.as_bytes()), Subject::SystemOrPeer, &style).output
    };
    assert_eq!(variables("offset=0.5, frequency=+1, offset=-2"), "offset=0.5, frequency=+1, offset=-2\n");
    assert_eq!(
        variables("filtdelay=-0.5 1,filtoffset=-0.5 1 123456.7"),
        "filtdelay=    -0.50    1.00, filtoffset=   -0.50    1.00 123456.\n"
    );
}

#[test]
fn a_report_omits_missing_values() {
    let style = style(Dialect::Classic, ReferenceIdForm::Address);
    let rendered = reply("sysinfo", 0, 0x0615, b"stratum=2, peermode=x\x1b", &style);
    assert_eq!(
        rendered.output,
        "associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,\n\
         system peer:        0.0.0.0:0\n\
         system peer mode:   x?\n\
         stratum:            2\n\
         reference time:     (no time)\n"
    );
}

#[test]
fn names_reach_the_tables() {
    let name = |address: std::net::IpAddr| format!("host-of-{address}");
    let now = style(Dialect::Classic, ReferenceIdForm::Address).now;
    let table = PeerTable {
        is_told_in_part: false,
        view: PeersView::Peers,
        wide: false,
        version: 2,
        family: None,
        server: Some(ServerColumn { width: 9, host: "localhost", is_numeric: false }),
        style: Style {
            now,
            names: HostNames::Named(&name),
            ..style(Dialect::Classic, ReferenceIdForm::Address)
        },
    };
    let line = |text: &str| {
        table.line(&Peer::from_variables(AssociationId(7), PeerStatusWord(0x961a), &scan(text.as_bytes())))
    };
    assert_eq!(
        line("srcadr=10.0.0.1, dstadr=10.0.0.9, refid=10.0.0.8"),
        "host-of-1 *host-of-10.0.0. 10.0.0.8         0 u    -    1    0    0.000   +0.000   0.000\n"
    );
    assert_eq!(
        line("srcadr=127.127.1.1, dstadr=127.127.46.3"),
        "GPSD_JSON(3) *LOCAL(1)                         0 u    -    1    0    0.000   +0.000   0.000\n"
    );
    assert_eq!(
        line("srchost=\"\x1bx\""),
        "localhost *^[x                              0 ?    -    1    0    0.000   +0.000   0.000\n"
    );
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "leap",
        "reach",
        "refid",
        "reftime",
        "rec",
        "flash",
        "srcadr",
        "dstadr",
        "srchost",
        "srcport",
        "hmode",
        "hpoll",
        "ppoll",
        "stratum",
        "delay",
        "offset",
        "jitter",
        "dispersion",
        "filtdelay",
        "filtoffset",
        "peermode",
    ]);
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        "[-+0-9.:x\"a-f ]{0,40}".prop_map(String::into_bytes),
    ];
    let item = (name, value).prop_map(|(name, value)| [name.as_bytes(), b"=", &value, b","].concat());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2000),
        prop::collection::vec(item, 0..30).prop_map(|items| items.concat()),
    ]
}

proptest! {
    #[test]
    fn nothing_unprintable_comes_out(data in octets(), status: u16, classic: bool, hash: bool, wide: bool) {
        let dialect = if classic { Dialect::Classic } else { Dialect::Native };
        let form = if hash { ReferenceIdForm::Hash } else { ReferenceIdForm::Address };
        let style = style(dialect, form);
        let name = |_| String::from_utf8_lossy(&data).into_owned();
        let mut text = String::new();
        for names in [HostNames::Numeric, HostNames::Named(&name)] {
            let style = Style { names, ..style.clone() };
            for command in ["rv", "cv"].into_iter().chain(REPORTS.iter().map(|report| report.name)) {
                let rendered = reply(command, 7, status, &data, &style);
                text.push_str(&rendered.output);
                text.push_str(&rendered.diagnostics);
            }
            let peer = Peer::from_variables(AssociationId(7), PeerStatusWord(status), &scan(&data));
            text.push_str(&PeerTable::diagnostics(&peer));
            for view in [PeersView::Peers, PeersView::AssociationPeers, PeersView::OldPeers] {
                let server = Some(ServerColumn { width: 9, host: "h\x1bost", is_numeric: hash });
                let table =
                    PeerTable { view, wide, version: 1, family: None, server, is_told_in_part: false, style: style.clone() };
                text.push_str(&table.heading());
                text.push_str(&table.line(&peer));
            }
        }
        prop_assert!(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{text:?}");
    }

    #[test]
    fn raw_replies_hold_printable_text_and_blanks(data in prop::collection::vec(any::<u8>(), 0..500)) {
        prop_assert!(raw::data(&data).bytes().all(|byte| matches!(byte, b'\t'..=b'\x0c' | b' '..=b'~')));
    }
}

#[test]
fn a_missing_address_is_zero_only_in_the_classic_dialect() {
    let printed = |dialect| {
        reply("pstats", 7, 0x615, b"srcadr=1.2.3.4, timer=5", &style(dialect, ReferenceIdForm::Address))
            .output
    };
    let line = "local address:         0.0.0.0:0\n";
    assert!(printed(Dialect::Classic).contains(line), "{}", printed(Dialect::Classic));
    assert_eq!(printed(Dialect::Classic).replace(line, ""), printed(Dialect::Native));
}
