//! Whole runs against daemons with scripted answers.

use super::*;
use crate::compat::Dialect;
use std::net::{SocketAddr, UdpSocket};
use std::thread::JoinHandle;
use std::time::Duration;

/// Replies, and the classic program's reaction: a line with the status word, the kind of reply, the exit status and the
/// variables; then the lines on its two streams.
const REPLIES: &str = include_str!("tests/replies.txt");

struct Recorded {
    word: u16,
    kind: String,
    status: u8,
    variables: String,
    results: String,
    messages: String,
}

fn recorded() -> Vec<Recorded> {
    let blocks = REPLIES.trim_end().split("\n\n").map(|block| {
        let (head, lines) = block.split_once('\n').unwrap_or((block, ""));
        let mut fields = head.splitn(5, ' ').skip(1);
        let mut next = || fields.next().unwrap_or_default();
        let of = |mark: &str| {
            lines.lines().filter_map(|line| line.strip_prefix(mark)).map(|line| format!("{line}\n")).collect()
        };
        Recorded {
            word: u16::from_str_radix(next().trim_start_matches("0x"), 16).unwrap(),
            kind: next().into(),
            status: next().parse().unwrap(),
            variables: next().into(),
            results: of("out "),
            messages: of("err "),
        }
    });
    blocks.collect()
}

/// A daemon that answers once, in one of these ways.
fn daemon(word: u16, kind: &str, variables: &str) -> (SocketAddr, JoinHandle<usize>) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let (kind, variables) = (kind.to_owned(), variables.to_owned());
    let answering = std::thread::spawn(move || {
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut request = [0; 1024];
        let (length, client) = socket.recv_from(&mut request).unwrap();
        let (first, second) = match kind.as_str() {
            "badop" => (0x16, 0x81),
            "error" => (0x16, 0xc2),
            "more" => (0x16, 0xa2),
            "v4" => (0x26, 0x82),
            _ => (0x16, 0x82),
        };
        let mut reply = vec![first, second];
        reply.extend(request.get(2..4).unwrap());
        reply.extend(word.to_be_bytes());
        reply.extend([0; 4]);
        reply.extend(u16::try_from(variables.len()).unwrap().to_be_bytes());
        reply.extend(variables.bytes());
        reply.resize(reply.len().next_multiple_of(4), 0);
        match kind.as_str() {
            "silent" => std::thread::sleep(Duration::from_millis(300)),
            "late" => {
                std::thread::sleep(Duration::from_millis(300));
                socket.send_to(&reply, client).unwrap();
            }
            _ => drop(socket.send_to(&reply, client).unwrap()),
        }
        length
    });
    (address, answering)
}

fn run_with(words: &[&str], dialect: Dialect) -> (u8, String, String) {
    let mut context = Context::recording("ntpstat", words, dialect);
    let status = match parse(&context.arguments) {
        Ok(args) => run_parsed(&mut context, &args),
        Err(error) => {
            context.output.message(wrong_usage("ntpstat", &error));
            USAGE
        }
    };
    let (results, messages) = context.output.into_texts();
    (status, results, messages)
}

fn asked(reply: &Recorded, dialect: Dialect) -> (u8, String, String) {
    let (address, answering) = daemon(reply.word, &reply.kind, &reply.variables);
    let answer = run_with(&["--timeout", "0.2", &address.to_string()], dialect);
    let length = answering.join().unwrap();
    assert!((12..=96).contains(&length), "a short question, {length} octets");
    answer
}

#[test]
fn the_classic_dialect_makes_of_every_reply_what_the_classic_program_did() {
    let replies = recorded();
    assert_eq!(replies.len(), 46);
    for reply in &replies {
        let expected = (reply.status, reply.results.clone(), reply.messages.clone());
        assert_eq!(asked(reply, Dialect::Classic), expected, "{:04x} {}", reply.word, reply.variables);
    }
}

#[test]
fn by_default_names_are_whole_and_numbers_are_numbers() {
    let mut mended = Vec::new();
    for reply in &recorded() {
        let (status, results, messages) = asked(reply, Dialect::Native);
        let more = messages.strip_prefix(&reply.messages).unwrap_or_else(|| panic!("{messages}"));
        assert!(more.lines().all(|line| line.starts_with("ntpstat: 127.0.0.1:")), "{messages}");
        let changed = results.lines().zip(reply.results.lines()).find(|(ours, classic)| ours != classic);
        if let Some((ours, classic)) = changed {
            mended.push((classic.trim_start().to_owned(), ours.to_owned(), status));
        } else {
            assert_eq!((status, results.len()), (reply.status, reply.results.len()), "{}", reply.variables);
        }
    }
    let mended: Vec<(&str, &str, u8)> =
        mended.iter().map(|(classic, ours, status)| (classic.as_str(), ours.as_str(), *status)).collect();
    assert_eq!(
        mended,
        [
            (
                "synchronised to unspecified at stratum 3 ",
                "synchronised to NTP server (203.21.84.4) at stratum 3 ",
                0
            ),
            ("polling server every 1024 s", "  time server re-starting", 1),
            ("polling server every 8 s", "poll interval unknown", 1),
            ("polling server every 8 s", "   polling server every 1024 s", 0),
            ("polling server every 1 s", "poll interval unreadable", 0),
            ("polling server every 256 s", "poll interval unreadable", 0),
            ("time correct to within -2 ms", "accuracy unreadable", 0),
        ]
    );
}

const GOOD: &str = "leap=0, stratum=2, rootdelay=3.000, rootdisp=1.000, refid=192.0.2.1, tc=6, offset=-0.25";

#[test]
fn limits_forms_and_the_plugin_line() {
    for (words, status, expected) in [
        (&["-m", "3"][..], 0, "   time correct to within 2 ms\n"),
        (&["-m", "2.0"], 1, "   time correct to within 2 ms (exceeded maximum of 2.0 ms)\n"),
        (&["--format", "json"], 0, "\"maximum_error_ms\":2.5,"),
        (&["--format", "json", "-m", "1"], 1, "\"ok\":false,"),
        (&["--format", "openmetrics"], 0, "\nntpkit_health_maximum_error_seconds{daemon=\"ntpd\"} 0.0025\n"),
        (&["--check"], 0, "NTP OK: synchronised to NTP server (192.0.2.1), offset -0.000250 s|offset="),
        (&["--check", "-w", "0.0001", "-c", "1"], 1, "NTP WARNING: "),
        (&["--check", "-c", ",0.002"], 2, "maximum error critical|"),
        (&["--wait", "5"], 0, "synchronised to NTP server (192.0.2.1) at stratum 2 \n"),
        (&["--wait=5"], 0, "synchronised to NTP server (192.0.2.1) at stratum 2 \n"),
    ] {
        let (address, answering) = daemon(0x0615, "good", GOOD);
        let host = address.to_string();
        let all: Vec<&str> = words.iter().copied().chain([host.as_str()]).collect();
        let (ended, results, _) = run_with(&all, Dialect::Native);
        drop(answering.join());
        assert_eq!(ended, status, "{words:?}: {results}");
        assert!(results.contains(expected), "{words:?}: {results}");
    }
}

#[test]
fn daemons_that_do_not_answer() {
    let (_, results, messages) = run_with(&["--daemon", "ntpd", "127.0.0.1:9"], Dialect::Native);
    let first = "Unable to talk to NTP daemon. Is it running?";
    let known = "127.0.0.1:9: ntpd: not listening (UDP port 9)";
    let cause = "127.0.0.1:9: no NTP daemon listens on that port there; next: ss -lunp 'sport = :9'";
    assert_eq!((results.as_str(), messages), ("", format!("{first}\nntpstat: {known}\nntpstat: {cause}\n")));
    let (status, results, _) = run_with(&["--check", "--daemon", "ntpd", "127.0.0.1:9"], Dialect::Native);
    assert_eq!((status, results), (3, format!("NTP UNKNOWN: {first}; {known}; {cause}\n")));
    let (status, results, messages) =
        run_with(&["--daemon", "ntpd-rs:/nowhere/observe", "--format", "json"], Dialect::Native);
    assert!(status == CANNOT_TELL && results.contains("\"synchronized\":null"), "{results}");
    assert!(
        messages.contains("ntpstat: ntpd-rs: /nowhere/observe: No such file or directory\n"),
        "{messages}"
    );
    let (status, _, messages) = run_with(&["--daemon", "chronyd", "127.0.0.1:9"], Dialect::Native);
    assert!(status == CANNOT_TELL && messages.contains("ntpstat: chronyd: not listening"), "{messages}");
    let (status, ..) = run_with(&["--daemon", "timesyncd", "time.example"], Dialect::Native);
    assert_eq!(status, CANNOT_TELL);
}

#[test]
fn wrong_usage_is_status_3_and_help_is_not() {
    for (words, expected) in [
        (&["-x"][..], "ntpstat: illegal option -- x\n"),
        (&["-m"], "ntpstat: a value is required for '--maxerror <MILLISECONDS>'"),
        (&["-m", "abc"], "ntpstat: invalid value 'abc' for '--maxerror <MILLISECONDS>'"),
        (&["-w", "1"], "ntpstat: the following required arguments were not provided"),
        (&["--daemon", "cron"], "ntpstat: invalid value 'cron' for '--daemon <NAME>'"),
        (&["--compat", "4.2.8p15", "a", "b"], "ntpstat: unexpected argument 'b' found\n"),
    ] {
        let (status, results, messages) = run_with(words, Dialect::Native);
        assert_eq!((status, results.as_str()), (USAGE, ""), "{words:?}");
        assert!(messages.starts_with(expected) && messages.contains("\nUsage: ntpstat "), "{messages}");
    }
    let (status, results, messages) = run_with(&["-h"], Dialect::Native);
    assert!(status == 0 && results.contains("Usage: ntpstat [OPTIONS] [HOST]") && messages.is_empty());
}
