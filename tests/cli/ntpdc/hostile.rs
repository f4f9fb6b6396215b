//! Servers that send what no daemon would.

use crate::support::Run;
use ntpkit::wire::mode7::{ErrorCode, Header, Implementation, Message, RequestCode};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that answers each request with what it was given for it.
struct Server {
    address: SocketAddr,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(answer: impl Fn(Header) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let thread = std::thread::spawn(move || {
            let mut request = [0; 2048];
            while !ended.load(Ordering::SeqCst) {
                let Ok((length, source)) = socket.recv_from(&mut request) else { continue };
                let Ok(message) = Message::parse(&request[..length]) else { continue };
                for packet in answer(message.header) {
                    // Who has its answer listens no more.
                    let _ = socket.send_to(&packet, source);
                }
            }
        });
        Self { address, ends, thread: Some(thread) }
    }

    /// What a command prints: in the default dialect, and in the classic.
    fn ask(&self, command: &str) -> [(Option<i32>, String, String); 2] {
        self.ask_within("timeout 2000", command)
    }

    fn ask_within(&self, timeout: &str, command: &str) -> [(Option<i32>, String, String); 2] {
        let words = ["-n", "-c", timeout, "-c", command, &self.address.to_string()].map(str::to_owned);
        [Run::called("ntpdc", &words), Run::called("ntpdc", &words).classic()].map(|run| {
            let ran = run.run();
            (ran.status, ran.stdout, ran.stderr)
        })
    }

    /// Expects these messages in both dialects, and no results. What is waited for is nothing.
    #[track_caller]
    fn refuses(&self, command: &str, reported: &str) {
        let [ours, classic] = self.ask_within("timeout 100", command);
        assert_eq!((ours.0, ours.1.as_str()), (Some(1), ""), "{ours:?}");
        let named = if reported.contains("timed out") { reported.to_owned() } else { named(reported) };
        assert!(ours.2.starts_with(&named), "{ours:?}");
        assert_eq!(classic, (Some(0), String::new(), reported.to_owned()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        assert!(ended || std::thread::panicking(), "the server has panicked");
    }
}

/// What the default dialect makes of the original's lines: each names the daemon.
fn named(reported: &str) -> String {
    reported.replace("***", "server=127.0.0.1 ***")
}

const SILENCE: &str = "127.0.0.1: timed out, nothing received\n***Request timed out\n";
const GAPS: &str = "127.0.0.1: timed out with incomplete data\n***Response from server was incomplete\n";

fn reply(request: Header, more: bool, sequence: u8, count: u16, size: u16) -> Header {
    Header { response: true, more, sequence, item_count: count, item_size: size, ..request }
}

/// An item of `listpeers` in its old form.
fn peer(last: u8) -> [u8; 8] {
    [10, 0, 0, last, 0, 123, 3, 1]
}

#[test]
fn items_that_cannot_be_are_no_answer() {
    let size_zero = |request| vec![reply(request, false, 0, 3, 0).encode(b"")];
    Server::start(size_zero).refuses("listpeers", SILENCE);
    let beyond_the_payload = |request| vec![reply(request, false, 0, 5, 8).encode(&peer(1))];
    Server::start(beyond_the_payload).refuses("listpeers", SILENCE);
    let another_size = |request| {
        vec![reply(request, true, 0, 1, 8).encode(&peer(1)), reply(request, false, 1, 1, 32).encode(&[0; 32])]
    };
    Server::start(another_size).refuses("listpeers", GAPS);
}

#[test]
fn a_reply_without_end_ends() {
    let server = Server::start(|request| {
        (0..128).map(|sequence| reply(request, true, sequence, 1, 8).encode(&peer(sequence))).collect()
    });
    server.refuses("listpeers", GAPS);
}

#[test]
fn what_comes_twice_or_in_disorder_counts_once_in_its_place() {
    let server = Server::start(|request| {
        let first = reply(request, true, 0, 1, 8).encode(&peer(1));
        let second = reply(request, true, 1, 1, 8).encode(&peer(2));
        let last = reply(request, false, 2, 1, 8).encode(&peer(3));
        vec![second.clone(), first.clone(), second, first, last.clone(), last]
    });
    for (status, out, err) in server.ask("listpeers") {
        let rows = "client       10.0.0.1\nclient       10.0.0.2\nclient       10.0.0.3\n";
        assert_eq!((status, out.as_str(), err.as_str()), (Some(0), rows, ""));
    }
}

#[test]
fn replies_without_a_request_are_ignored() {
    let unmatched = |request: Header| {
        vec![
            Header { implementation: Implementation(9), ..reply(request, false, 0, 1, 8) }.encode(&peer(1)),
            Header { request: RequestCode(77), ..reply(request, false, 0, 1, 8) }.encode(&peer(1)),
            Header { authenticated: true, ..reply(request, false, 0, 1, 8) }.encode(&peer(1)),
            Header { version: 0, ..reply(request, false, 0, 1, 8) }.encode(&peer(1)),
            Header { response: false, ..reply(request, false, 0, 1, 8) }.encode(&peer(1)),
            b"\x97\0\x03".to_vec(),
        ]
    };
    Server::start(unmatched).refuses("listpeers", SILENCE);
}

#[test]
fn refusals_are_reported_by_their_code() {
    for (code, reported) in [
        (1, "***Server implementation incompatible with our own\n"),
        (2, "***Server doesn't implement this request\n"),
        (
            3,
            "***Warning changing to older implementation\n\
             ***Warning changing the request packet size from 160 to 48\n\
             ***Server reports a format error in the received packet (shouldn't happen)\n",
        ),
        (4, "***Server reports data not found\n"),
        (7, "***Permission denied\n"),
        (9, "***Server returns unknown error code 9\n"),
    ] {
        let refusal = move |request| {
            vec![Header { error: ErrorCode(code), ..reply(request, false, 0, 0, 0) }.encode(b"")]
        };
        Server::start(refusal).refuses("sysinfo", reported);
    }
}

#[test]
fn items_of_unknown_size_are_reported() {
    let server = Server::start(|request| vec![reply(request, false, 0, 1, 400).encode(&[0; 400])]);
    let said = |missed| format!("***Incorrect item size returned by remote host (400 should be {missed})\n");
    for (command, ours, classic) in [
        ("listpeers", named(&said(32)), said(32) + &said(8)),
        ("sysinfo", named(&said(80)), said(80) + &said(56)),
        ("sysstats", named(&said(52)), said(52)),
        ("monlist", named(&said(72)), said(48)),
    ] {
        let [(_, _, default), (_, _, compat)] = server.ask(command);
        assert_eq!((default, compat), (ours, classic), "{command}");
    }
    // One that is too short is zeros for the original.
    let short = Server::start(|request| vec![reply(request, false, 0, 1, 7).encode(&[0; 7])]);
    let [ours, classic] = short.ask("listpeers");
    assert_eq!(
        (ours.0, ours.2.as_str()),
        (Some(1), named("***Incorrect item size returned by remote host (7 should be 32)\n").as_str())
    );
    assert_eq!(classic, (Some(0), "unspec       0.0.0.0\n".to_owned(), String::new()));
}

#[test]
fn no_items_or_too_many_are_reported() {
    let none = Server::start(|request| vec![reply(request, false, 0, 0, 0).encode(b"")]);
    for (status, (got, out, _)) in [1, 0].into_iter().zip(none.ask("sysinfo")) {
        assert_eq!((got, out.as_str()), (Some(status), "No data returned in response to query\n"));
    }
    let two = Server::start(|request| vec![reply(request, false, 0, 2, 80).encode(&[0; 160])]);
    for (status, (got, out, _)) in [1, 0].into_iter().zip(two.ask("sysinfo")) {
        assert_eq!((got, out.as_str()), (Some(status), "Expected one item in response, got 2\n"));
    }
}

/// With a version the original prints the heading alone; without one it reads the older table that it falls back
/// to by the size of that table's items.
#[test]
fn clients_in_the_classic_dialect() {
    let item: Vec<u8> =
        [&[0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 3, 192, 0, 2, 10, 0, 123, 3, 4][..], &[0; 24]]
            .concat();
    let server = Server::start(move |request| {
        let refusal = Header { error: ErrorCode::REQUEST, ..reply(request, false, 0, 0, 0) };
        match request.request {
            RequestCode::MON_LIST_1 => vec![refusal.encode(b"")],
            _ => vec![reply(request, false, 0, 1, 48).encode(&item)],
        }
    });
    let row = "192.0.2.10                  123         3    3  4         0         5         7\n";
    let [ours, classic] = server.ask("monlist");
    assert!(ours.1.ends_with(row) && classic.1.ends_with(row), "{ours:?} {classic:?}");
    let [ours, classic] = server.ask("monlist 2");
    assert!(ours.1.ends_with(row), "{ours:?}");
    let heading = "remote address          port local address      count m ver rstr avgint  lstint\n";
    assert_eq!((classic.0, classic.1), (Some(0), format!("{heading}{}\n", "=".repeat(79))));
}
