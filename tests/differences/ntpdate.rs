//! ntpdate, as a query alone: no test sets a clock.

use super::both;
use crate::support::{Run, daemon, scenario};
use ntpkit::sim::{Faults, NtpTime, Scenario, SimulatedDaemon};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A daemon on this address of the loopback whose clock is ahead by this many seconds.
fn ahead(last: u8, port: u16, scenario: Scenario, faults: Faults, seconds: f64) -> SimulatedDaemon {
    let clock = move || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        NtpTime((since.as_secs() + 2_208_988_800) << 32 | fraction).plus_seconds(seconds)
    };
    let address = SocketAddr::from(([127, 0, 0, last], port));
    SimulatedDaemon::start_with_clock(scenario, faults, address, clock).unwrap()
}

fn true_daemon() -> SimulatedDaemon {
    ahead(1, 0, scenario("campus"), Faults::default(), 0.0)
}

fn port_of(daemon: &SimulatedDaemon) -> String {
    daemon.local_address().port().to_string()
}

/// A query of the daemons at this port.
fn query(port: &str, words: &[&str]) -> Run {
    Run::called("ntpdate", [&["-q", "--port", port], words].concat())
}

#[test]
fn trace_in_turn() {
    let faults = Faults { delay: Duration::from_millis(60), ..Faults::default() };
    let one = ahead(1, 0, scenario("campus"), faults.clone(), 0.0);
    let port = port_of(&one);
    let _two = ahead(2, one.local_address().port(), scenario("campus"), faults, 0.0);
    let [classic, ours] = both(|| query(&port, &["-d", "-p", "1", "127.0.0.1", "127.0.0.2"]));
    let course = |text: &str| -> String {
        text.lines()
            .filter(|line| line.starts_with("transmit(") || line.starts_with("receive("))
            .map(|line| &line[..1])
            .collect()
    };
    assert_eq!((course(&classic.stdout).as_str(), course(&ours.stdout).as_str()), ("trtr", "ttrr"));
}

#[test]
fn lowest_stratum_wins() {
    let liar = ahead(1, 0, scenario("pulse"), Faults::default(), 1000.0);
    let port = port_of(&liar);
    let second = ahead(2, liar.local_address().port(), scenario("pulse"), Faults::default(), 1000.0);
    let honest = |last| ahead(last, liar.local_address().port(), scenario("campus"), Faults::default(), 0.0);
    let others = [honest(3), honest(4), honest(5)];
    let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
    let [classic, ours] = both(|| query(&port, &hosts));
    let offset = |text: &str| -> f64 {
        text.split(" offset ").last().unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    assert!(offset(&classic.stdout) > 900.0, "{classic}");
    assert!(offset(&ours.stdout).abs() < 100.0, "{ours}");
    drop((second, others));
}

#[test]
fn disagreement_unnoticed() {
    let one = true_daemon();
    let port = port_of(&one);
    let _two = ahead(2, one.local_address().port(), scenario("campus"), Faults::default(), 1000.0);
    let [classic, ours] = both(|| query(&port, &["127.0.0.1", "127.0.0.2"]));
    assert!(
        !classic.stderr.contains("disagree") && ours.stderr.contains("the two servers disagree"),
        "{ours}"
    );
}

#[test]
fn sources_unmentioned() {
    let [classic, ours] = both(|| Run::called("ntpdate-debian", ["--compat=none", "-Z"]));
    assert!(classic.stderr.contains("usage: ntpdate "), "{classic}");
    assert!(ours.stderr.contains("ntpdate-debian "), "{ours}");
}

#[test]
fn endless_timeout() {
    for ran in both(|| query("9", &["-t", "-1", "127.0.0.1"])) {
        assert_eq!(ran.status, Some(2), "{ran}");
    }
}

#[test]
fn unroutable_unnoticed() {
    // The kernel lets nobody send to this address without being asked to.
    let [classic, ours] = both(|| query("9", &["-v", "-p", "1", "-t", "0.4", "255.255.255.255"]));
    let line = "no route to 255.255.255.255, skipped";
    assert!(ours.to_string().contains(line) && !classic.to_string().contains(line), "{classic}{ours}");
}

#[test]
fn ntpdate_options() {
    let [classic, ours] = both(|| Run::called("ntpdate", ["--help"]));
    assert_eq!((classic.status, classic.stdout.as_str()), (Some(2), ""));
    assert!(ours.status == Some(0) && ours.stdout.contains("--port"), "{ours}");
}

#[test]
fn ntpdate_banner() {
    let one = daemon("campus");
    let port = port_of(&one);
    let [classic, ours] = both(|| query(&port, &["-v", "-p", "1", "127.0.0.1"]));
    assert!(classic.to_string().contains("ntpdate 4.2.8p15@1.3728-o"), "{classic}");
    assert!(ours.to_string().contains("@ntpkit-"), "{ours}");
}
