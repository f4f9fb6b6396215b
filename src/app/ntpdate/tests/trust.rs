//! No falseticker sets the clock.

use super::*;
use crate::auth::KeyFile;
use crate::sim::Flavour;
use crate::wire::packet::{Mode, TimePacket};

/// A lie: a modification of an honest answer.
type Lie = fn(&mut TimePacket);

/// A server that lies.
fn liar(host: u8, port: u16, lie: Lie) -> Server {
    Server::start(([127, 0, 0, host], port).into(), move |request, now| {
        let Ok(asked) = TimePacket::parse(request) else { return Vec::new() };
        let mut answer = TimePacket {
            mode: Mode::SERVER,
            leap: 0,
            stratum: 1,
            precision: -20,
            root_delay: 0,
            root_dispersion: 0,
            reference_timestamp: now.0.wrapping_sub(10 << 32),
            origin_timestamp: asked.transmit_timestamp,
            receive_timestamp: now.0,
            transmit_timestamp: now.0,
            ..asked
        };
        lie(&mut answer);
        vec![answer.to_bytes()]
    })
}

/// Shifts the server's clock.
fn shift(answer: &mut TimePacket, seconds: i64) {
    for stamp in
        [&mut answer.reference_timestamp, &mut answer.receive_timestamp, &mut answer.transmit_timestamp]
    {
        *stamp = stamp.wrapping_add_signed(seconds << 32);
    }
}

fn honest(_: &mut TimePacket) {}

fn an_hour_ahead(answer: &mut TimePacket) {
    shift(answer, 3600);
}

/// Seconds behind, yet in every majority if its own error bound counts, and with the least delay.
fn boundless(answer: &mut TimePacket) {
    shift(answer, -50_000);
    answer.root_dispersion = 65_535 << 16;
    answer.receive_timestamp = answer.receive_timestamp.wrapping_sub(1 << 25);
}

/// 1.3 s ahead, and just short of too uncertain.
fn nearly(answer: &mut TimePacket) {
    shift(answer, 1);
    answer.root_dispersion = 91_750;
    let ahead = 3 << 30;
    answer.transmit_timestamp += ahead;
    answer.receive_timestamp += ahead - (1 << 25);
}

/// Runs against loopback servers with these lies, on one port.
fn run_against(lies: &[Lie], dialect: Dialect, more: &[&str]) -> Done {
    let first = liar(1, 0, lies[0]);
    let port = first.local_address().port();
    let others: Vec<_> = (2..).zip(&lies[1..]).map(|(host, lie)| liar(host, port, *lie)).collect();
    let port = port.to_string();
    let names: Vec<String> = (1..=lies.len()).map(|host| format!("127.0.0.{host}")).collect();
    let mut words = vec!["-u", "-p", "1", "-t", "20", "--port", port.as_str()];
    words.extend(more);
    words.extend(names.iter().map(String::as_str));
    let done = run_with(FakeClock::default(), dialect, &words);
    drop((first, others));
    done
}

#[test]
fn one_liar_does_not_set_the_clock_whatever_its_error_bound() {
    for lie in [boundless as Lie, nearly, an_hour_ahead] {
        for more in [&[][..], &["--quick"]] {
            let done = run_against(&[honest, lie, honest, honest, honest], Dialect::Native, more);
            assert_eq!((done.status, done.log.len()), (0, 1), "{}", done.messages);
            assert!(done.log[0].starts_with("slew "), "{:?}", done.log);
        }
    }
}

#[test]
fn a_too_uncertain_server_is_dropped_even_if_it_is_the_only_one() {
    let uncertain: Lie = |answer| answer.root_dispersion = 2 << 16;
    let done = run_against(&[uncertain], Dialect::Native, &["-d"]);
    assert_eq!(done.status, 1);
    let reason = "127.0.0.1: Server dropped: server is too uncertain of the time\n";
    assert!(done.results.contains(reason), "{}", done.results);
    let done = run_against(&[uncertain], Dialect::Native, &[]);
    assert_eq!((done.status, done.log), (1, vec![]));
    // The original does not check it.
    let done = run_against(&[uncertain], Dialect::Classic, &[]);
    assert_eq!(done.status, 0);
}

#[test]
fn two_servers_that_disagree_are_reported() {
    for (lies, reported) in [([honest as Lie, an_hour_ahead], true), ([honest, honest], false)] {
        for more in [&["-q"][..], &[]] {
            let done = run_against(&lies, Dialect::Native, more);
            assert_eq!((done.status, done.messages.contains("the two servers disagree")), (0, reported));
        }
    }
    let done = run_against(&[honest, an_hour_ahead], Dialect::Classic, &["-q"]);
    assert_eq!((done.status, done.messages.as_str()), (0, ""));
}

#[test]
fn a_query_reports_dropped_servers() {
    let done = run_against(&[honest, an_hour_ahead, honest], Dialect::Native, &["-q"]);
    assert_eq!(done.status, 0);
    assert_eq!(done.messages, "127.0.0.2: Server dropped: falseticker\n");
    assert_eq!(done.results.matches(", stratum 1, ").count(), 3, "{}", done.results);
    let done = run_against(&[honest, an_hour_ahead, honest], Dialect::Classic, &["-q"]);
    assert_eq!(done.messages, "");
}

#[test]
fn stratum_sixteen_is_too_high() {
    let lie: Lie = |answer| answer.stratum = 16;
    let done = run_against(&[lie], Dialect::Native, &["-d"]);
    assert!(done.results.contains("127.0.0.1: Server dropped: strata too high\n"), "{}", done.results);
    assert!(done.results.contains("\nstratum 16, "), "{}", done.results);
    let done = run_against(&[lie], Dialect::Classic, &["-d", "-t", "1"]);
    assert!(done.results.contains("127.0.0.1: Server dropped: no data\n"), "{}", done.results);
}

#[test]
fn inconsistent_timestamps_are_explained() {
    for (lie, said) in [
        ((|answer| answer.receive_timestamp = 0) as Lie, "lack the receive timestamp"),
        (|answer| answer.receive_timestamp += 1 << 40, "sent before received"),
        (|answer| answer.receive_timestamp -= 179 << 32, "further apart than the whole exchange took"),
    ] {
        let done = run_against(&[lie], Dialect::Native, &["-t", "1", "--explain"]);
        assert_eq!((done.status, done.log), (1, vec![]));
        assert!(done.messages.contains(said), "{said}: {}", done.messages);
        for (_, other) in done.messages.match_indices("sent before received") {
            assert_eq!(said, other);
        }
    }
}

#[test]
fn offsets_are_consistent_and_an_impossible_time_is_refused() {
    // Half an hour before 1970.
    let lie: Lie = |answer| {
        for stamp in
            [&mut answer.reference_timestamp, &mut answer.receive_timestamp, &mut answer.transmit_timestamp]
        {
            *stamp = (2_208_988_800 - 1800) << 32;
        }
    };
    let done = run_against(&[lie], Dialect::Native, &["-d"]);
    assert_eq!(done.status, 1);
    let reason = "127.0.0.1: Server dropped: its time is before this program was written\n";
    assert!(done.results.contains(reason), "{}", done.results);
    let done = run_against(&[lie], Dialect::Native, &[]);
    assert_eq!((done.status, done.log), (1, vec![]));
    let reported = |text: &str| {
        text.split(['\n', ','])
            .filter_map(|part| part.split_once("offset ")?.1.split('.').next()?.parse::<i64>().ok())
            .collect::<Vec<_>>()
    };
    let done = run_against(&[lie], Dialect::Classic, &["-q"]);
    let offsets = reported(&done.results);
    assert_eq!(offsets.len(), 2, "{}", done.results);
    assert!(offsets[0] < 0 && offsets[0].abs_diff(offsets[1]) <= 1, "{offsets:?}");
}

#[test]
fn max_step_prevents_large_slews() {
    let done = run_against(&[an_hour_ahead], Dialect::Native, &["-B", "--max-step", "60"]);
    assert_eq!((done.status, done.log), (1, vec![]));
    assert!(done.messages.contains("exceeds --max-step 60"), "{}", done.messages);
}

#[test]
fn a_clock_set_by_another_program_meanwhile_is_left_alone() {
    for dialect in [Dialect::Native, Dialect::Classic] {
        let done = set(100.0, dialect, FakeClock { overtaken: 9.into(), ..FakeClock::default() }, &[]);
        assert_eq!((done.status, done.log, done.results.as_str()), (1, vec![], ""));
        assert!(done.messages.contains("]: another program set the clock"), "{}", done.messages);
    }
    // The output of a query would be based on two different clocks.
    let overtaken = || FakeClock { overtaken: 1.into(), ..FakeClock::default() };
    for dialect in [Dialect::Native, Dialect::Classic] {
        let done = set(100.0, dialect, overtaken(), &["-q"]);
        assert_eq!((done.status, done.results.as_str()), (1, ""));
    }
    // A retry measures again.
    let done = set(100.0, Dialect::Native, overtaken(), &["--retry", "1", "--wait", "0"]);
    assert_eq!((done.status, done.log), (0, vec!["step 100".to_owned()]));
}

#[test]
fn pauses_grow_while_a_server_limits_the_rate() {
    let limited = Scenario { time_service: TimeService::Kiss(*b"RATE"), ..campus() };
    let server = daemon(1, 0, limited, 0.0);
    let port = server.local_address().port().to_string();
    let words =
        ["-q", "--retry", "9", "--wait", "0", "--deadline", "9", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    // After 4 s, but not 8 s later, because the deadline has passed by then.
    assert_eq!((done.status, server.datagrams()), (1, 2));
    assert_eq!(loopback::clock().now().as_secs(), 4);
}

#[test]
fn a_run_ends_when_every_server_refuses() {
    let refusing = Scenario { time_service: TimeService::Kiss(*b"RSTR"), ..campus() };
    let server = daemon(1, 0, refusing, 0.0);
    let port = server.local_address().port().to_string();
    let words = ["-q", "--retry", "99", "--wait", "3600", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!((done.status, server.datagrams()), (1, 1));
    assert!(done.messages.ends_with("]: every server denies service; no retry\n"));
}

#[test]
fn only_authentic_answers_set_the_clock() {
    const OURS: &str =
        "1 MD5 secretmd5key\n2 SHA1 sha1asciikey\n3 AES128CMAC cmacasciikey\n4 SHA256 another\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    std::fs::write(&path, OURS).unwrap();
    let path = path.to_str().unwrap();
    // The daemon has not key 4, and another secret for key 3.
    let theirs = KeyFile::parse(b"1 MD5 secretmd5key\n2 SHA1 sha1asciikey\n3 AES128CMAC other\n");
    let keys: Vec<_> = theirs.keys().cloned().collect();
    let strict = TimeService::OnlyAuthenticated;
    let refused = "127.0.0.1: Server dropped: Server is untrusted\n";
    for (flavour, time_service, key, said) in [
        (Flavour::Classic, TimeService::Answer, "1", Ok(())),
        (Flavour::Classic, strict, "2", Ok(())),
        (Flavour::Ntpsec, TimeService::Answer, "2", Ok(())),
        (Flavour::Classic, TimeService::Answer, "3", Err(refused)),
        (Flavour::Classic, TimeService::Answer, "4", Err(refused)),
        (Flavour::Ntpsec, TimeService::Answer, "3", Err("127.0.0.1: Server dropped: no data: no answer\n")),
    ] {
        let scenario = Scenario { flavour, time_service, keys: keys.clone(), ..campus() };
        let server = daemon(1, 0, scenario, 10.0);
        let port = server.local_address().port().to_string();
        // An authentic answer is waited for to the end.
        let patience = if said.is_err() { "1" } else { "20" };
        let common = ["-t", patience, "-p", "1", "-a", key, "-k", path, "--port", port.as_str(), "127.0.0.1"];
        let run = |more: &[&str]| run_with(FakeClock::default(), Dialect::Native, &[more, &common].concat());
        let (done, reported) = (run(&["-u"]), run(&["-d"]));
        // Only root has port 123.
        let object: serde_json::Value = serde_json::from_str(&run(&["-u", "--format=json"]).results).unwrap();
        let authentic = match said {
            Ok(()) => Some(true),
            Err(reason) if reason == refused => Some(false),
            Err(_) => None,
        };
        assert_eq!(object["servers"][0]["authentic"], serde_json::json!(authentic), "key {key}: {object}");
        match said {
            Ok(()) => {
                assert_eq!((done.status, done.log), (0, vec!["step 10".to_owned()]), "{}", done.messages);
                assert!(
                    reported.results.contains("receive: authentication passed\n"),
                    "{}",
                    reported.results
                );
            }
            Err(reason) => {
                assert_eq!((done.status, done.log), (1, vec![]), "{}", done.messages);
                assert!(reported.results.contains(reason), "{}", reported.results);
            }
        }
    }
    // Who must be asked with a key does not answer without.
    let scenario = Scenario { time_service: strict, keys, ..campus() };
    let server = daemon(1, 0, scenario, 10.0);
    let port = server.local_address().port().to_string();
    let words = ["-u", "-t", "1", "-p", "1", "--port", port.as_str(), "127.0.0.1"];
    let done = run_with(FakeClock::default(), Dialect::Native, &words);
    assert_eq!((done.status, done.log, server.time_requests()), (1, vec![], 0));
}
