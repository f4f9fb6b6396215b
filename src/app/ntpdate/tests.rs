//! Whole runs on a fake clock against simulated daemons.

mod dialects;
mod faults;
mod loopback;
mod trust;

use self::loopback::{Server, closed_port};
use super::*;
use crate::clock::kernel::{KernelState, Status};
use crate::clock::watch::Watch;
use crate::compat::Dialect;
use crate::net::epoll::Waker;
use crate::net::sockets::Sockets;
use crate::session::drive;
use crate::session::sntp::SntpSession;
use crate::sim::{Scenario, TimeService, demo};
use jiff::Timestamp;
use jiff::civil::DateTime;
use nix::errno::Errno;
use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

/// A fake clock that records what it is asked to do.
#[derive(Default)]
struct FakeClock {
    log: RefCell<Vec<String>>,
    refusal: Option<Errno>,
    disciplined: bool,
    port_taken: bool,
    daemon: Option<&'static str>,
    /// The number of tries during which somebody else also sets the clock.
    overtaken: Cell<u32>,
}

impl FakeClock {
    fn note(&self, text: String) -> io::Result<()> {
        self.log.borrow_mut().push(text);
        self.refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
    }
}

impl SettableClock for FakeClock {
    fn now(&self) -> Timestamp {
        loopback::clock().stamp().to_timestamp(Timestamp::UNIX_EPOCH)
    }

    fn watch(&self) -> Watch {
        let left = self.overtaken.get();
        self.overtaken.set(left.saturating_sub(1));
        Watch::asking(move || left > 0)
    }

    fn step(&self, nanoseconds: i128) -> io::Result<()> {
        // On a busy machine an answer may be late by more than a tenth of a second.
        let seconds = (nanoseconds + 500_000_000).div_euclid(1_000_000_000);
        self.note(format!("step {seconds}"))
    }

    fn slew(&self, microseconds: i64) -> io::Result<i64> {
        self.note(format!("slew {microseconds}"))?;
        Ok(microseconds)
    }

    fn hurry(&self) {}

    fn is_port_taken(&self) -> bool {
        self.port_taken
    }

    fn kernel_state(&self) -> io::Result<KernelState> {
        let status = if self.disciplined { Status::PHASE_LOCKED } else { Status::UNSYNCHRONIZED };
        Ok(KernelState { status, ..KernelState::default() })
    }

    fn set_hardware(&self, _: &Path, time: DateTime) -> io::Result<()> {
        self.note(format!("hardware {}", time.year()))
    }
}

impl Surroundings for FakeClock {
    fn clock(&self) -> &dyn SettableClock {
        self
    }

    fn daemon(&self) -> Option<String> {
        self.daemon.map(str::to_owned)
    }

    fn elapsed(&self) -> Duration {
        loopback::clock().now()
    }

    fn pause(&self, length: Duration) {
        loopback::clock().advance(length);
    }

    fn converse(
        &self,
        _: &mut Sockets,
        session: &mut SntpSession,
        watch: &mut dyn drive::Watch<SntpSession>,
        _: Option<&Waker>,
    ) {
        loopback::speak(session, watch);
    }
}

fn campus() -> Scenario {
    demo().into_iter().find(|scenario| scenario.name == "campus").unwrap()
}

/// A daemon on this loopback address whose clock is off by this many seconds.
fn daemon(host: u8, port: u16, scenario: Scenario, offset: f64) -> Server {
    Server::daemon(host, port, scenario, offset)
}

struct Done {
    status: u8,
    results: String,
    messages: String,
    log: Vec<String>,
}

fn run_with(clock: FakeClock, dialect: Dialect, words: &[&str]) -> Done {
    let mut context = Context::recording("ntpdate", words, dialect);
    let status = run_on(&mut context, &Program::PLAIN, &clock);
    let (results, messages) = context.output.into_texts();
    Done { status, results, messages, log: clock.log.into_inner() }
}

/// A run that sets the clock, from any port, with a single server this far off.
fn set(offset: f64, dialect: Dialect, clock: FakeClock, more: &[&str]) -> Done {
    let server = daemon(1, 0, campus(), offset);
    let port = server.local_address().port().to_string();
    let words = [&["-u", "-p", "1"], more, &["--port", port.as_str(), "127.0.0.1"]].concat();
    run_with(clock, dialect, &words)
}

#[test]
fn small_offsets_are_slewed_and_large_ones_stepped() {
    for (offset, more, expected, said) in [
        (100.0, &[][..], "step 100", "step time server 127.0.0.1 offset "),
        (-5000.0, &[], "step -5000", "step time server 127.0.0.1 offset -"),
        (0.2, &[], "slew", "adjust time server 127.0.0.1 offset 0."),
        (0.1, &[], "slew", "adjust"),
        (-0.1, &[], "slew", "adjust time server 127.0.0.1 offset -"),
        (0.2, &["-b"], "step 0", "step time server"),
        (100.0, &["-B"], "slew", "adjust time server"),
        (1e9, &[], "step 1000000000", "step time server"),
    ] {
        let done = set(offset, Dialect::Native, FakeClock::default(), more);
        assert_eq!((done.status, done.log.len()), (0, 1), "{offset} {}", done.messages);
        assert!(done.results.contains(said), "{}", done.results);
        let (_, reported) = done.results.split_once(" offset ").unwrap();
        let reported: f64 = reported.strip_suffix(" sec\n").unwrap().parse().unwrap();
        match done.log[0].strip_prefix("slew ") {
            Some(microseconds) => {
                assert_eq!(expected, "slew");
                // Overshoots by half as much again, but at most 62.5 ms; the printed values and both halves are
                // rounded.
                let beyond = (reported / 2.0).clamp(-0.0625, 0.0625);
                let error = microseconds.parse::<f64>().unwrap() - (reported + beyond) * 1e6;
                assert!(error.abs() <= 3.0, "{reported} {microseconds}");
            }
            None => assert_eq!(done.log[0], expected),
        }
    }
}

#[test]
fn a_refused_step_is_a_failure_except_in_the_classic_dialect() {
    for (dialect, status) in [(Dialect::Native, 1), (Dialect::Classic, 0)] {
        let refusing = FakeClock { refusal: Some(Errno::EPERM), ..FakeClock::default() };
        let done = set(100.0, dialect, refusing, &[]);
        assert_eq!((done.status, done.results.as_str()), (status, ""));
        assert!(done.messages.ends_with("]: step-systime: Operation not permitted\n"), "{}", done.messages);
        let refusing = FakeClock { refusal: Some(Errno::EPERM), ..FakeClock::default() };
        let done = set(0.1, dialect, refusing, &[]);
        assert_eq!((done.status, done.results.as_str()), (1, ""));
        let message = "]: Can't adjust the time of day: Operation not permitted\n";
        assert!(done.messages.ends_with(message), "{}", done.messages);
    }
}

#[test]
fn a_query_leaves_the_clock_alone() {
    for more in ["-q", "-d", "-bq"] {
        let done = set(100.0, Dialect::Native, FakeClock::default(), &[more]);
        assert_eq!((done.status, done.log), (0, vec![]));
        assert!(done.results.contains("]: step time server 127.0.0.1 offset "), "{}", done.results);
    }
}

#[test]
fn max_step_prevents_large_steps() {
    let done = set(100.0, Dialect::Native, FakeClock::default(), &["--max-step", "50"]);
    assert_eq!((done.status, done.log, done.results.as_str()), (1, vec![], ""));
    assert!(done.messages.contains("exceeds --max-step 50"), "{}", done.messages);
    let done = set(10.0, Dialect::Native, FakeClock::default(), &["--max-step", "50"]);
    assert_eq!((done.status, done.log), (0, vec!["step 10".to_owned()]));
}

#[test]
fn a_disciplined_clock_is_set_with_a_warning() {
    for (disciplined, port_taken) in [(true, false), (false, true)] {
        for (dialect, warned) in [(Dialect::Native, true), (Dialect::Classic, false)] {
            let clock = FakeClock { disciplined, port_taken, ..FakeClock::default() };
            let done = set(10.0, dialect, clock, &[]);
            assert_eq!((done.status, done.log.len()), (0, 1));
            assert_eq!(done.messages.contains("is a time daemon running?"), warned, "{}", done.messages);
        }
    }
    for (dialect, warned) in [(Dialect::Native, true), (Dialect::Classic, false)] {
        let clock = FakeClock { daemon: Some("chronyd (process 7)"), ..FakeClock::default() };
        let done = set(10.0, dialect, clock, &[]);
        let said = "]: chronyd (process 7) may also set the clock";
        assert_eq!((done.status, done.messages.contains(said)), (0, warned), "{}", done.messages);
    }
}

/// Servers with these offsets on one port; the options precede their addresses.
fn several(offsets: &[f64], dialect: Dialect, more: &[&str]) -> Done {
    let first = daemon(1, 0, campus(), offsets[0]);
    let port = first.local_address().port();
    let others: Vec<Server> =
        (2..).zip(&offsets[1..]).map(|(host, offset)| daemon(host, port, campus(), *offset)).collect();
    let port = port.to_string();
    let names: Vec<String> = (1..=offsets.len()).map(|host| format!("127.0.0.{host}")).collect();
    let mut words = vec!["-u", "-p", "1", "--port", port.as_str()];
    words.extend(more);
    words.extend(names.iter().map(String::as_str));
    let done = run_with(FakeClock::default(), dialect, &words);
    drop(others);
    done
}

#[test]
fn the_majority_sets_the_clock() {
    let done = several(&[1000.0, 10.0, 10.0], Dialect::Native, &[]);
    assert_eq!((done.status, done.log), (0, vec!["step 10".to_owned()]));
    let done = several(&[1000.0, 10.0, 10.0], Dialect::Native, &["-d"]);
    assert!(done.results.contains("127.0.0.1: Server dropped: falseticker\n"), "{}", done.results);
}

#[test]
fn without_a_majority_nothing_is_set_and_all_offsets_are_shown() {
    let done = several(&[1000.0, 10.0, -70.0], Dialect::Native, &["--explain"]);
    assert_eq!((done.status, done.log, done.results.as_str()), (1, vec![], ""));
    for host in 1..=3 {
        assert!(
            done.messages.contains(&format!("server 127.0.0.{host}, stratum 2, offset ")),
            "{}",
            done.messages
        );
    }
    assert!(done.messages.contains("]: no server suitable for synchronization found\n"));
    assert!(done.messages.ends_with("or only those that you trust.\n"));
    // The original trusts the one with the least delay.
    let done = several(&[1000.0, 10.0, -70.0], Dialect::Classic, &[]);
    assert_eq!((done.status, done.log.len()), (0, 1));
}

#[test]
fn silent_and_unsynchronised_servers_are_explained() {
    let silent = Scenario { time_service: TimeService::Silent, ..campus() };
    let young = demo().into_iter().find(|scenario| scenario.name == "young").unwrap();
    for (scenario, reason, hint) in [
        (silent, "no data: no answer", "a firewall blocks that UDP port"),
        (young, "strata too high", "wait about 5 minutes"),
        (
            Scenario { time_service: TimeService::Kiss(*b"RATE"), ..campus() },
            "no data: it limits the request rate (RATE)",
            "less often",
        ),
        (
            Scenario { time_service: TimeService::Kiss(*b"DENY"), ..campus() },
            "strata too high",
            "kiss-o'-death DENY",
        ),
    ] {
        let server = daemon(1, 0, scenario, 0.0);
        let port = server.local_address().port().to_string();
        let words = ["-d", "-p", "1", "-t", "1", "--explain", "--port", port.as_str(), "127.0.0.1"];
        let done = run_with(FakeClock::default(), Dialect::Native, &words);
        assert_eq!(done.status, 1);
        let dropped = format!("127.0.0.1: Server dropped: {reason}\n");
        assert!(done.results.contains(&dropped), "{reason}: {}", done.results);
        assert!(done.messages.contains(hint), "{hint}: {}", done.messages);
    }
}

#[test]
fn json_contains_the_whole_run() {
    let done = set(10.0, Dialect::Native, FakeClock::default(), &["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&done.results).unwrap();
    assert_eq!(value["schema"], "ntpkit.ntpdate.v1");
    assert_eq!(value["action"], "step");
    assert_eq!(value["kernel"]["stepped"], true);
    assert_eq!(value["chosen"], "127.0.0.1");
    assert!((value["offset_s"].as_f64().unwrap() - 10.0).abs() < 0.5);
    assert_eq!(value["servers"][0]["samples"].as_array().unwrap().len(), 1);
    let done = run_with(
        FakeClock::default(),
        Dialect::Native,
        &["-q", "-t", "1", "--format", "openmetrics", "--port", "9", "127.0.0.1"],
    );
    assert_eq!(done.status, 1);
    assert!(done.results.contains("\nntpkit_ntpdate_success 0\n"), "{}", done.results);
    assert!(done.results.ends_with("# EOF\n"));
}

#[test]
fn a_retry_may_succeed() {
    let silent = Scenario { time_service: TimeService::Silent, ..campus() };
    let server = daemon(1, 0, silent, 0.0);
    let port = server.local_address().port().to_string();
    let words = ["-q", "-t", "1", "--retry", "1", "--wait", "0.1", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!(done.status, 1);
    assert_eq!(done.messages.matches("no server suitable for synchronization found").count(), 2);
    assert_eq!(server.datagrams(), 2);
}

#[test]
fn several_tries_produce_one_object() {
    let silent = Scenario { time_service: TimeService::Silent, ..campus() };
    let server = daemon(1, 0, silent, 0.0);
    let port = server.local_address().port().to_string();
    let more = ["--retry", "1", "--wait", "0", "--format", "json", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &[&["-q", "-t", "1"][..], &more].concat());
    let value: serde_json::Value = serde_json::from_str(&done.results).unwrap();
    assert_eq!(value["servers"][0]["dropped"], "no_data");
    assert_eq!(server.datagrams(), 2);
}

#[test]
fn a_run_without_servers_produces_an_object() {
    for words in [&["-q", "-4", "::1"][..], &["-q", "-a", "1", "-k", "/nonexistent", "127.0.0.1"]] {
        let words = [&["--format", "json", "--explain"], words].concat();
        let done = run_with(FakeClock::default(), Dialect::Native, &words);
        assert_eq!(done.messages.contains("::1: it has no address of the family"), words.contains(&"::1"));
        assert!(!done.messages.contains("/etc/resolv.conf"), "{}", done.messages);
        let value: serde_json::Value = serde_json::from_str(&done.results).unwrap();
        assert_eq!((done.status, &value["exit_status"]), (1, &1.into()));
        assert_eq!(value["servers"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_server_that_refuses_is_not_queried_again() {
    let refusing = Scenario { time_service: TimeService::Kiss(*b"DENY"), ..campus() };
    let server = daemon(1, 0, refusing, 0.0);
    let port = server.local_address().port().to_string();
    let words = ["-u", "-t", "1", "--retry", "2", "--wait", "0", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!((done.status, done.log), (1, vec![]));
    assert_eq!(server.datagrams(), 1);
}

#[test]
fn a_server_named_twice_has_one_vote() {
    let server = daemon(1, 0, campus(), 10.0);
    let port = server.local_address().port().to_string();
    let words = ["-q", "--port", port.as_str(), "127.0.0.1", "127.1", "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!((done.status, server.datagrams()), (0, 1));
    assert_eq!(done.results.matches("server 127.0.0.1, ").count(), 1, "{}", done.results);
}

#[test]
fn a_deadline_ends_everything() {
    let words = ["-q", "-t", "60", "--deadline", "0.5", "--retry", "100", "--port", "9", "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!(done.status, 1);
    // The server's own 60 s timeout and the hundred retries are cut short.
    assert_eq!(loopback::clock().now(), Duration::from_millis(500));
}

#[test]
fn a_missing_key_is_an_error_except_in_the_classic_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    std::fs::write(&path, "1 MD5 secret\n").unwrap();
    let path = path.to_str().unwrap();
    let done = set(0.0, Dialect::Native, FakeClock::default(), &["-q", "-a", "9", "-k", path]);
    assert_eq!(done.status, 1);
    assert!(done.messages.ends_with("]: authentication key 9 unknown\n"), "{}", done.messages);
    let done = set(0.0, Dialect::Classic, FakeClock::default(), &["-q", "-a", "9", "-k", path]);
    assert_eq!(done.status, 1);
    assert!(
        done.messages.ends_with("]: no server suitable for synchronization found\n"),
        "{}",
        done.messages
    );
}
