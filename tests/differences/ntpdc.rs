//! ntpdc: mode 7.

use super::fake::Fake;
use crate::support::{Ran, Run};
use ntpkit::wire::mode7::{ErrorCode, Header, Message, RequestCode};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What both dialects print after these commands with a key, and the requests that they send.
fn with_key(fake: &Fake, commands: &[&str]) -> [(Ran, Vec<Vec<u8>>); 2] {
    let key = ["timeout 300", "keyid 1", "passwd secret"];
    let words: Vec<String> =
        key.iter().chain(commands).flat_map(|line| ["-c".to_owned(), (*line).to_owned()]).collect();
    [true, false].map(|classic| {
        let words =
            ["-n".to_owned()].into_iter().chain(words.iter().cloned()).chain([fake.address.to_string()]);
        let run = Run::called("ntpdc", words);
        let ran = if classic { run.classic() } else { run }.run();
        (ran, fake.requests())
    })
}

/// Answers every request of mode 7 with this.
fn answering(answer: impl Fn(Header) -> Option<Vec<u8>> + Send + 'static) -> Fake {
    Fake::start(move |request| {
        let Ok(message) = Message::parse(request) else { return Vec::new() };
        let empty =
            Header { response: true, more: false, authenticated: false, sequence: 0, ..message.header };
        answer(Header { item_count: 0, item_size: 0, ..empty }).into_iter().collect()
    })
}

/// Answers every request with these items.
fn items(size: u16, items: Vec<u8>) -> Fake {
    let item_count = u16::try_from(items.len()).unwrap() / size;
    answering(move |header| Some(Header { item_count, item_size: size, ..header }.encode(&items)))
}

/// Refuses every request with this code.
fn refusing(error: ErrorCode) -> Fake {
    answering(move |header| Some(Header { error, ..header }.encode(b"")))
}

/// The header of a request.
fn header_of(request: &[u8]) -> Header {
    Message::parse(request).unwrap().header
}

#[test]
fn short_own_keys() {
    let fake = refusing(ErrorCode::OKAY);
    for command in ["requestkey 5", "controlkey 5"] {
        let [(_, classic), (_, ours)] = with_key(&fake, &[command]);
        assert_eq!((header_of(&classic[0]).item_size, header_of(&ours[0]).item_size), (4, 8), "{command}");
    }
}

#[test]
fn mixed_families() {
    let fake = refusing(ErrorCode::OKAY);
    let [(_, classic), (ran, ours)] = with_key(&fake, &["restrict 192.0.2.1 ffff:: noquery"]);
    assert!(!classic.is_empty() && ours.is_empty(), "{ran}");
    assert_eq!(ran.status, Some(1));
}

#[test]
fn hex_flags_without_prefix() {
    let fake = refusing(ErrorCode::OKAY);
    let [(refused, classic), (ran, ours)] = with_key(&fake, &["fudge 127.127.1.0 flags 0x3"]);
    assert!(classic.is_empty() && !refused.stderr.is_empty() | !refused.stdout.is_empty(), "{refused}");
    assert_eq!(ours.len(), 1, "{ran}");
}

#[test]
fn gives_up_early() {
    let fake = refusing(ErrorCode::IMPLEMENTATION);
    let [(ran, classic), (_, ours)] = with_key(&fake, &["ifstats"]);
    assert_eq!((classic.len(), ran.stderr.as_str()), (1, ""));
    assert!(ours.len() > 1, "{ours:?}");
}

#[test]
fn short_items_padded() {
    let fake = items(24, vec![0; 24]);
    let [(classic, _), (ours, _)] = with_key(&fake, &["sysstats"]);
    assert!(classic.stdout.contains("time since restart"), "{classic}");
    assert!(ours.stdout.is_empty() && ours.stderr.contains("Incorrect item size"), "{ours}");
}

#[test]
fn first_trap_repeated() {
    let mut traps = vec![0; 2 * 28];
    traps[4..8].copy_from_slice(&[192, 0, 2, 1]);
    traps[32..36].copy_from_slice(&[192, 0, 2, 2]);
    let fake = items(28, traps);
    let [(classic, _), (ours, _)] = with_key(&fake, &["traps"]);
    assert_eq!(classic.stdout.matches("192.0.2.1").count(), 2, "{classic}");
    assert!(ours.stdout.contains("192.0.2.1") && ours.stdout.contains("192.0.2.2"), "{ours}");
}

#[test]
fn clocks_eight_apart() {
    let fake = refusing(ErrorCode::NO_DATA);
    let [(_, classic), (_, ours)] = with_key(&fake, &["clockstat 127.127.1.0 127.127.20.0"]);
    // Two items of four octets: of the second, eight octets behind the first, the daemon reads zeros.
    assert_eq!(classic[0][4..16], [0, 2, 0, 4, 127, 127, 1, 0, 0, 0, 0, 0]);
    assert_eq!(ours[0][4..16], [0, 2, 0, 4, 127, 127, 1, 0, 127, 127, 20, 0]);
}

#[test]
fn binary_clock_ids() {
    // A clock of stratum 3 whose reference identifier is 192.0.2.11.
    let mut clock = vec![0; 52];
    clock[..5].copy_from_slice(&[127, 127, 1, 0, 5]);
    clock[44..52].copy_from_slice(&[0, 0, 0, 3, 192, 0, 2, 11]);
    let fake = items(52, clock);
    let [(classic, _), (ours, _)] = with_key(&fake, &["clockstat 127.127.1.0"]);
    assert!(ours.stdout.contains("192.0.2.11") && !classic.stdout.contains("192.0.2.11"), "{classic}{ours}");
}

#[test]
fn resent_change_unchecked() {
    // The reply to the first sending is lost; to the second the daemon says that there is no such server any more.
    let [classic, ours] = [true, false].map(|classic| {
        let changes = AtomicUsize::new(0);
        let fake = answering(move |header| match header.request {
            RequestCode::UNCONFIG if changes.fetch_add(1, Ordering::SeqCst) == 0 => None,
            RequestCode::UNCONFIG => Some(Header { error: ErrorCode::NO_DATA, ..header }.encode(b"")),
            _ => Some(Header { item_count: 1, item_size: 32, ..header }.encode(&[0; 32])),
        });
        let words =
            ["-n", "-c", "timeout 1000", "-c", "keyid 1", "-c", "passwd secret", "-c", "unconfig 192.0.2.11"];
        let run =
            Run::called("ntpdc", words.map(str::to_owned).into_iter().chain([fake.address.to_string()]));
        if classic { run.classic() } else { run }.run()
    });
    assert!(classic.stderr.contains("***") && !classic.stdout.contains("done!"), "{classic}");
    assert!(ours.stdout.contains("done!"), "{ours}");
}
