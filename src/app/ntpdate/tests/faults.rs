//! Failures and their messages.

use super::*;

#[test]
fn kernel_errors_are_explained() {
    for (error, more, said) in [
        (Errno::EPERM, &["--explain"][..], "\nSetting the clock needs root or the capability CAP_SYS_TIME"),
        (Errno::EINVAL, &["--explain", "-B"], "\nThe kernel slews at most about 2145 seconds"),
    ] {
        let done =
            set(3000.0, Dialect::Native, FakeClock { refusal: Some(error), ..FakeClock::default() }, more);
        assert!(done.status == 1 && done.messages.contains(said), "{}", done.messages);
    }
    let done = run_with(FakeClock::default(), Dialect::Native, &["-q", "--explain"]);
    assert!(
        done.messages.ends_with("]: no servers can be used, exiting\nNo server was named.\n"),
        "{}",
        done.messages
    );
}

#[test]
fn a_closed_port_is_distinguished_from_silence_and_not_waited_for() {
    let port = closed_port().to_string();
    let words = ["-t", "60", "--explain", "--port", port.as_str(), "127.0.0.1", "127.0.0.2"];
    let query = run_with(FakeClock::default(), Dialect::Native, &[&["-q"], &words[..]].concat());
    assert_eq!((query.status, query.results.as_str()), (1, ""));
    for host in ["127.0.0.1", "127.0.0.2"] {
        let line = format!("{host}: Server dropped: no data: Connection refused\n");
        assert_eq!(query.messages.matches(&line).count(), 1, "{}", query.messages);
    }
    assert!(
        query.messages.contains(
            "127.0.0.1, 127.0.0.2: no NTP daemon listens on that port there; next: ss -lunp 'sport = :"
        ),
        "{}",
        query.messages
    );
    let set = run_with(FakeClock::default(), Dialect::Native, &[&["-u"], &words[..]].concat());
    let line = "]: 127.0.0.2: Server dropped: no data: Connection refused\n";
    assert!(set.status == 1 && set.messages.contains(line), "{}", set.messages);
    let object =
        run_with(FakeClock::default(), Dialect::Native, &[&["-q", "--format", "json"], &words[..]].concat());
    let value: serde_json::Value = serde_json::from_str(&object.results).unwrap();
    assert_eq!(value["servers"][1]["fault"], "refused");
    for figure in ["stratum", "offset_s", "delay_s", "dispersion_s"] {
        assert_eq!(value["servers"][1][figure], serde_json::Value::Null, "{figure}");
    }
    let metrics = run_with(
        FakeClock::default(),
        Dialect::Native,
        &[&["-q", "--format", "openmetrics"], &words[..]].concat(),
    );
    assert!(!metrics.results.contains("offset_seconds{"), "{}", metrics.results);
    let passed = loopback::clock().now();
    assert!(passed < Duration::from_secs(1), "{passed:?}, with a timeout of 60 s");
}

#[test]
fn a_server_without_a_sample_has_no_figures() {
    let live = daemon(1, 0, campus(), 0.0);
    let port = live.local_address().port();
    let silent = daemon(2, port, Scenario { time_service: TimeService::Silent, ..campus() }, 0.0);
    let port = port.to_string();
    let words = ["-t", "1", "-p", "2", "--port", port.as_str(), "127.0.0.2", "127.0.0.1"];
    let query = run_with(FakeClock::default(), Dialect::Native, &[&["-q"], &words[..]].concat());
    assert_eq!(query.status, 0);
    assert!(query.results.starts_with("server 127.0.0.1, stratum 2, offset "), "{}", query.results);
    assert_eq!(query.messages, "127.0.0.2: Server dropped: no data: no answer\n");
    let object =
        run_with(FakeClock::default(), Dialect::Native, &[&["-q", "--format", "json"], &words[..]].concat());
    let object: serde_json::Value = serde_json::from_str(&object.results).unwrap();
    for place in 0..2 {
        assert_eq!(
            object["servers"][place]["authentic"],
            serde_json::Value::Null,
            "nothing was checked: {object}"
        );
    }
    let trace = run_with(FakeClock::default(), Dialect::Native, &[&["-d"], &words[..]].concat());
    assert!(!trace.results.contains("server 127.0.0.2, port "), "{}", trace.results);
    drop(silent);
    // One sample of two.
    let once = Scenario { time_service: TimeService::KissAfter(1, *b"RATE"), ..campus() };
    let limited = daemon(3, 0, once, 0.0);
    let port = limited.local_address().port().to_string();
    let words = ["-d", "-p", "2", "-t", "1", "--port", port.as_str(), "127.0.0.3"];
    for (dialect, lost) in [(Dialect::Native, "-         "), (Dialect::Classic, "0.00000   ")] {
        let limited = run_with(FakeClock::default(), dialect, &words).results;
        let delays = limited.lines().find(|line| line.starts_with("filter delay: "));
        assert!(delays.is_none_or(|line| line.contains(&format!(" {lost} ----"))), "{limited}");
    }
}
