//! Mode 7: replies of ntpd's private protocol, as ntpdc reads them.

use crate::case::{DATAGRAMS, FORMS, check_output, ensure, in_parallel};
use crate::server::{Server, at_once, every};
use crate::support::Run;
use ntpkit::sim::Delivery;
use ntpkit::wire::mode7::{ErrorCode, Header, Implementation, Message, RequestCode};
use std::time::Duration;

/// What the server does, the commands, its answer, and what is reported if that is certain.
type Row = (&'static str, &'static [&'static str], fn(Header) -> Vec<Delivery>, Option<&'static str>);

const SILENCE: Option<&str> = Some("timed out, nothing received");
const INCOMPLETE: Option<&str> = Some("***Response from server was incomplete");
const SIZE: Option<&str> = Some("***Incorrect item size returned by remote host");
/// The commands with every form of output.
const ALL: &[&str] = &[
    "peers", "dmpeers", "sysinfo", "sysstats", "iostats", "loopinfo", "kerninfo", "monlist", "reslist",
    "ifstats",
];
const PEERS: &[&str] = &["peers", "monlist", "reslist", "ifstats"];

/// One case a line.
#[rustfmt::skip]
const CASES: [Row; 22] = [
    ("items of no size", PEERS, |request| one(request, 3, 0, b""), SILENCE),
    ("more items than the payload has", PEERS, |request| one(request, 500, 72, &[0; 72]), SILENCE),
    ("items x size above 65535", PEERS, |request| one(request, 4095, 4095, &[0xff; 400]), SILENCE),
    ("one item, larger than any", ALL, |request| one(request, 1, 480, &[0xff; 480]), SIZE),
    ("one item of one octet", PEERS, |request| one(request, 1, 1, &[0xff; 4]), SIZE),
    ("packets that never end", PEERS, |request| packets(request, (0..128).map(|sequence| (sequence, true))), INCOMPLETE),
    ("the last packet twice, and none before it", PEERS, |request| packets(request, [(5, false), (5, false)]), INCOMPLETE),
    ("two last packets: the list has shrunk", PEERS, |request| packets(request, [(0, true), (2, false), (1, false)]), None),
    ("the same packet again and again", PEERS, trickle, INCOMPLETE),
    ("a reply to another request", PEERS, |request| at_once([Header { request: RequestCode(99), ..reply(request) }.encode(&[0; 72])]), SILENCE),
    ("a reply of another implementation", PEERS, |request| at_once([Header { implementation: Implementation(77), ..reply(request) }.encode(&[0; 72])]), SILENCE),
    ("a request instead of a reply", PEERS, |request| at_once([Header { response: false, ..reply(request) }.encode(&[0; 72])]), SILENCE),
    ("no octets at all", PEERS, |_| at_once([Vec::new()]), SILENCE),
    ("7 octets", PEERS, |request| at_once([reply(request).encode(b"")[..7].to_vec()]), SILENCE),
    ("an error that is not defined", PEERS, |request| at_once([Header { error: ErrorCode(15), item_count: 0, ..reply(request) }.encode(b"")]), Some("***Server returns unknown error code 15")),
    ("an error with items", PEERS, |request| at_once([Header { error: ErrorCode(4), ..reply(request) }.encode(&[0xff; 72])]), Some("***Server reports data not found")),
    ("all octets set, in items of the right size", ALL, |request| sized(request, 0xff), None),
    ("all octets zero, in items of the right size", ALL, |request| sized(request, 0), None),
    ("all octets ESC, in items of the right size", ALL, |request| sized(request, 0x1b), None),
    ("all octets CSI, in items of the right size", ALL, |request| sized(request, 0x9b), None),
    ("all octets a high bit alone, in items of the right size", ALL, |request| sized(request, 0x80), None),
    ("as many items as fit, all alike", PEERS, |request| full(request, 0x7f), None),
];

#[test]
fn mode_7() {
    in_parallel(&CASES, |&(name, commands, answer, reported)| {
        for (form, is_classic) in FORMS {
            let server = Server::start(move |request| match Message::parse(request) {
                Ok(message) => answer(message.header),
                Err(_) => Vec::new(),
            });
            let host = server.address().to_string();
            // The original waits for each in turn.
            let commands = if is_classic { &commands[..1] } else { commands };
            let words = ["-n", "--format", form, "-c", patience(reported)].into_iter();
            let words =
                words.chain(commands.iter().flat_map(|command| ["-c", command])).chain([host.as_str()]);
            let run = Run::called("ntpdc", words);
            let ran = if is_classic { run.classic() } else { run }.run();
            let about = format!("{name} ({form}{})", if is_classic { ", 4.2.8p15" } else { "" });
            check_output(&about, form, &ran)?;
            ensure(server.requests() < 3 * DATAGRAMS, || format!("{about}: {} requests", server.requests()))?;
            if let (Some(error), false) = (reported, is_classic) {
                let met = ran.status == Some(1) && ran.stderr.contains(error);
                ensure(met, || format!("{about}: {ran}"))?;
            }
        }
        Ok(())
    });
}

/// Where an answer is certain, a busy machine may take its time; silence is not worth waiting for.
fn patience(reported: Option<&str>) -> &'static str {
    match reported {
        None | SILENCE => "timeout 60",
        INCOMPLETE => "timeout 250",
        Some(_) => "timeout 5000",
    }
}

fn reply(request: Header) -> Header {
    Header { response: true, more: false, sequence: 0, item_count: 1, item_size: 72, ..request }
}

fn one(request: Header, item_count: u16, item_size: u16, items: &[u8]) -> Vec<Delivery> {
    at_once([Header { item_count, item_size, ..reply(request) }.encode(items)])
}

/// Packets with these sequence numbers, and whether more follow.
fn packets(request: Header, all: impl IntoIterator<Item = (u8, bool)>) -> Vec<Delivery> {
    let header = reply(request);
    at_once(all.into_iter().map(|(sequence, more)| Header { sequence, more, ..header }.encode(&[0; 72])))
}

fn trickle(request: Header) -> Vec<Delivery> {
    every(Duration::from_millis(10), vec![Header { more: true, ..reply(request) }.encode(&[0; 72]); 40])
}

/// The size of the items in the reply to a request; ntpd's own.
fn size(request: RequestCode) -> u16 {
    match request {
        RequestCode::PEER_LIST => 32,
        RequestCode::PEER_LIST_SUM | RequestCode::MON_LIST_1 | RequestCode::MON_LIST => 72,
        RequestCode::PEER_INFO => 280,
        RequestCode::PEER_STATS => 120,
        RequestCode::SYS_INFO => 80,
        RequestCode::SYS_STATS | RequestCode::IO_STATS => 52,
        RequestCode::LOOP_INFO => 24,
        RequestCode::KERNEL_INFO => 60,
        RequestCode::RESTRICTIONS => 56,
        RequestCode::INTERFACE_STATS => 136,
        _ => 64,
    }
}

fn sized(request: Header, octet: u8) -> Vec<Delivery> {
    let item_size = size(request.request);
    one(request, 1, item_size, &vec![octet; usize::from(item_size)])
}

fn full(request: Header, octet: u8) -> Vec<Delivery> {
    let item_size = size(request.request);
    let item_count = 500 / item_size;
    one(request, item_count, item_size, &vec![octet; usize::from(item_size * item_count)])
}
