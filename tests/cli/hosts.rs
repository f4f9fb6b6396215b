//! Which hosts are asked, and what happens with several of them.

use crate::support::{Run, Transcript, daemon, host, mute, nobody, scenario, still, still_at};
use insta::assert_snapshot;
use ntpkit::sim::{Faults, Scenario};
use std::net::Ipv6Addr;

/// The ports of these hosts are not a part of what is expected.
fn without_ports(text: &str, hosts: &[&str]) -> String {
    hosts.iter().zip(1..).fold(text.to_owned(), |text, (host, number)| {
        let port = host.rsplit(':').next().unwrap();
        text.replace(&format!(":{port}"), &format!(":PORT{number}"))
    })
}

#[test]
fn every_form_of_a_host() {
    let daemon = daemon("young");
    let port = daemon.local_address().port();
    for host in [format!("127.0.0.1:{port}"), format!("[127.0.0.1]:{port}"), format!("localhost:{port}")] {
        let ran = Run::ntpq(["-4", "-c", "rv 0 stratum", &host]).run();
        assert_eq!(ran.quiet_success(), "stratum=16\n", "{host}");
    }
}

#[test]
fn more_hosts_than_descriptors() {
    let (daemon, (_socket, silent)) = (daemon("young"), mute());
    let host = host(&daemon);
    let mut command = std::process::Command::new("sh");
    command.env_remove("NTPKIT_COMPAT");
    command.args(["-c", "ulimit -n 60; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit"), "ntpq"]);
    command.args(["-c", "timeout 1000", "-c", "rv 0 stratum"]).arg(&silent);
    // What they say waits for the first, which says nothing.
    let output = command.args(std::iter::repeat_n(&host, 150)).output().unwrap();
    let reported = String::from_utf8(output.stderr).unwrap();
    assert!(!reported.contains("Too many open files"), "{reported}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches("stratum=16").count(), 150, "{reported}");
}

#[test]
fn silent_hosts_are_waited_for_at_the_same_time() {
    let (socket, silent) = mute();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    let words = ["-c", "timeout 60000", "-c", "rv 0 stratum"];
    let hosts = std::iter::repeat_n(silent.as_str(), 300);
    let run = Run::ntpq(words.into_iter().chain(hosts));
    let mut child = run.command().stdout(std::process::Stdio::null()).spawn().unwrap();
    // Nobody has been given up yet.
    let mut asking = std::collections::HashSet::new();
    while asking.len() < 300 {
        asking.insert(socket.recv_from(&mut [0; 512]).unwrap().1);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_name_with_several_addresses_is_asked_at_the_one_that_answers() {
    // Where the name stands for ::1 as well, nobody listens there.
    let daemon = daemon("young");
    let host = format!("localhost:{}", daemon.local_address().port());
    assert_eq!(Run::ntpq(["-c", "rv 0 stratum", &host]).run().quiet_success(), "stratum=16\n");
}

#[test]
fn an_ipv6_address() {
    let bound = still_at(scenario("young"), Faults::default(), (Ipv6Addr::LOCALHOST, 0).into());
    let Ok(daemon) = bound else {
        // This machine has none.
        let ran = Run::ntpq(["-c", "rv 0 stratum", "[::1]:20123"]).run();
        assert_eq!(ran.status, Some(1), "{ran}");
        return;
    };
    let host = host(&daemon);
    assert!(host.starts_with("[::1]:"));
    assert_eq!(Run::ntpq(["-c", "rv 0 stratum", &host]).run().quiet_success(), "stratum=16\n");
    assert_eq!(Run::ntpq(["-6", "-c", "rv 0 stratum", &host]).run().quiet_success(), "stratum=16\n");
    let other_family = Run::ntpq(["-4", "-c", "rv 0 stratum", &host]).run();
    assert_eq!((other_family.status, other_family.stdout.as_str()), (Some(1), ""));
}

#[test]
fn a_family_among_the_operands_applies_to_those_that_follow() {
    let daemon = daemon("young");
    let host = host(&daemon);
    let ran = Run::ntpq(["-c", "rv 0 stratum", "--", "-4", &host, "-6", &host]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "server=127.0.0.1 stratum=16\n"), "{ran}");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(
        lines.len() == 2 && lines[1].ends_with("no address of the family selected by -4 or -6."),
        "{ran}"
    );
}

#[test]
fn brackets_must_close() {
    let ran = Run::ntpq(["-p", "[127.0.0.1"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(ran.stderr, "ntpq: [127.0.0.1: bad hostname/address: Invalid argument\n");
    let ran = Run::ntpq(["-p", "[127.0.0.1"]).classic().run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""));
    assert_eq!(ran.stderr, "ntpq: bad hostname/address: Invalid argument\n");
}

#[test]
fn a_port_where_nobody_listens() {
    let nobody = nobody();
    let ran = Run::ntpq(["-pn", &nobody]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    let port = nobody.rsplit(':').next().unwrap();
    let expected = format!(
        "ntpq: 127.0.0.1: read: Connection refused\n\
         ntpq: 127.0.0.1: no NTP daemon listens on that port there; next: ss -lunp 'sport = :{port}'\n"
    );
    assert_eq!(ran.stderr, expected);
    let ran = Run::ntpq(["-pn", &nobody]).classic().run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), "ntpq: read: Connection refused\n"));
}

#[test]
fn several_hosts_in_their_order() {
    let daemons = ["pulse", "young"].map(daemon);
    let hosts: Vec<String> = daemons.iter().map(host).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let mut transcripts = [Transcript::default(), Transcript::default()];
    for commands in [
        &["-n", "-p"][..],
        &["-n", "-w", "-c", "apeers", "-c", "opeers"],
        &["-n", "-c", "rv 0 stratum", "-c", "rv 99", "-c", "zzz", "-c", "as"],
        &["-n", "-c", "drefid hash", "-c", "peers"],
        &["-n", "-c", "drefid", "-c", "drefid hash"],
        &["-n", "-c", "raw", "-c", "rv 0 stratum", "-c", "cooked"],
        &["-n", "-c", "rv 0 stratum", "-c", "quit", "-c", "rv 0 stratum"],
        &["-n", "-c", "pstats &1"],
    ] {
        for (transcript, classic) in transcripts.iter_mut().zip([false, true]) {
            let run = Run::ntpq(commands.iter().chain(&hosts));
            let run = if classic { run.classic() } else { run };
            let line = without_ports(&run.to_string(), &hosts);
            let mut ran = run.run();
            ran.stdout = without_ports(&ran.stdout, &hosts);
            ran.stderr = without_ports(&ran.stderr, &hosts);
            transcript.note(&line, &ran);
        }
    }
    let [unsigned, classic] = transcripts;
    assert_snapshot!("several_hosts", unsigned);
    assert_snapshot!("several_hosts_classic", classic);
}

#[test]
fn a_dead_host_among_living_ones() {
    let (young, pulse) = (daemon("young"), daemon("pulse"));
    let nobody = nobody();
    let port = nobody.rsplit(':').next().unwrap();
    let (young, pulse) = (host(&young), host(&pulse));
    let ran = Run::ntpq(["-c", "rv 0 stratum", &young, &nobody, "[", &pulse]).run();
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.stdout, "server=127.0.0.1 stratum=16\n\n\nserver=127.0.0.1 stratum=1\n");
    // Two of them may be on one host: the port tells them apart.
    assert_eq!(
        ran.stderr,
        format!(
            "ntpq: {nobody}: read: Connection refused\n\
             ntpq: {nobody}: no NTP daemon listens on that port there; next: ss -lunp 'sport = :{port}'\n\
             ntpq: [: bad hostname/address: Invalid argument\n"
        )
    );
}

#[test]
fn silent_hosts_are_waited_for_in_parallel() {
    let hosts: Vec<_> = (0..8).map(|_| mute()).collect();
    let living = daemon("young");
    let mut words = vec!["-c".to_owned(), "timeout 400".into(), "-c".into(), "rv 0 stratum".into()];
    words.extend(hosts.iter().map(|(_, host)| host.clone()));
    words.push(host(&living));
    let begun = std::time::Instant::now();
    let ran = Run::ntpq(&words).run();
    // One after the other they would take eight times as long as one, 800 ms.
    assert!(begun.elapsed().as_millis() < 6400, "{:?}", begun.elapsed());
    assert_eq!(ran.status, Some(1));
    assert!(ran.stdout.ends_with("server=127.0.0.1 stratum=16\n"), "{ran}");
    assert_eq!(ran.stderr.matches("timed out, nothing received").count(), 8, "{ran}");
}

#[test]
fn the_command_host_changes_the_one_that_is_asked() {
    let (young, pulse) = (daemon("young"), daemon("pulse"));
    let (young, pulse) = (host(&young), host(&pulse));
    let change = format!("host {pulse}");
    let ran =
        Run::ntpq(["-n", "-c", "host", "-c", "rv 0 stratum", "-c", &change, "-c", "rv 0 stratum", &young])
            .run();
    let stdout = ran.quiet_success();
    let expected = "current host is 127.0.0.1\n\nstratum=16\n\ncurrent host set to 127.0.0.1\n\nstratum=1\n";
    assert_eq!(stdout, expected);

    let ran = Run::ntpq(["-n", "-c", "host [x", "-c", "host -7 x", "-c", "rv 0 stratum", &young]).run();
    assert_eq!(ran.status, Some(1));
    let remains = "current host remains 127.0.0.1\n";
    assert_eq!(ran.stdout, format!("{remains}\n{remains}\nstratum=16\n"));
    assert_eq!(ran.stderr, "ntpq: [x: bad hostname/address: Invalid argument\n");
}

#[test]
fn a_changed_host_forgets_the_associations_of_the_former() {
    let (young, pulse) = (daemon("young"), daemon("pulse"));
    let change = format!("host {}", host(&pulse));
    let ran = Run::ntpq(["-n", "-c", "as", "-c", &change, "-c", "passociations", "-c", "rv &1 reach"])
        .of(&young)
        .run();
    let stdout = ran.quiet_success();
    assert!(stdout.ends_with("\n\nNo association ID's in list\n\nreach=377\n"), "{stdout}");
}

#[test]
fn a_host_can_be_chosen_where_there_was_none() {
    let daemon = daemon("young");
    let input = format!("host {}\nrv 0 stratum\n", host(&daemon));
    let ran = Run::ntpq(["-n", "["]).input(input).run();
    assert_eq!(ran.stdout, "current host set to 127.0.0.1\nstratum=16\n");
    assert_eq!(ran.stderr, "ntpq: [: bad hostname/address: Invalid argument\n");
}

/// As the original: of several hosts, the one that has none is named.
#[test]
fn a_host_without_associations_is_named_among_others() {
    let empty = Scenario::default();
    let daemons = [still(empty, Faults::default()), daemon("pulse")];
    let hosts: Vec<String> = daemons.iter().map(host).collect();
    let nobody = format!("server={} No association ID's returned\n", hosts[0].rsplit_once(':').unwrap().0);
    for command in ["peers", "as", "las", "lpeers", "opeers", "apeers"] {
        for classic in [false, true] {
            let run = Run::ntpq(["-n", "-c", command].into_iter().chain(hosts.iter().map(String::as_str)));
            let ran = if classic { run.classic() } else { run }.run();
            assert!(ran.stdout.starts_with(&nobody), "{command}: {}", ran.stdout);
            let alone = Run::ntpq(["-n", "-c", command, &hosts[0]]).run();
            assert_eq!(alone.stdout, "No association ID's returned\n", "{command}");
        }
    }
}

#[test]
fn hosts_of_files_and_of_standard_input() {
    let (one, two) = (daemon("young"), daemon("young"));
    let hosts = [host(&one), host(&two)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hosts");
    let file = path.to_str().unwrap();
    let ask = ["-c", "rv 0 stratum", "--hosts-from"];
    let answers = |text: &str| text.matches("stratum=16").count();

    std::fs::write(&path, format!("# daemons\n{}\nno host\n{}\n", hosts[0], hosts[1])).unwrap();
    let ran = Run::ntpq(ask.iter().chain([&file])).run();
    assert_eq!((ran.status, answers(&ran.stdout)), (Some(1), 2), "{ran}");
    assert_eq!(ran.stderr, format!("ntpq: {file}:3: 'no host': more than one word\n"));
    let ran = Run::ntpq(ask.iter().chain([&file])).classic().run();
    assert_eq!((ran.status, answers(&ran.stdout)), (Some(0), 2), "{ran}");

    let targets = format!("[{{\"targets\": [\"{}\", \"{}\"]}}]", hosts[0], hosts[1]);
    let ran = Run::ntpq(ask.iter().chain([&"-"])).input(targets).run();
    assert_eq!(answers(&ran.quiet_success()), 2);
    let ran = Run::ntpq(ask.iter().chain([&"-", &hosts[0].as_str()])).input("").run();
    assert_eq!(ran.quiet_success(), "stratum=16\n");

    let ran = Run::ntpq(["--hosts-from", "-"]).input("localhost\n").run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stderr.contains("give the commands with -c"), "{ran}");
    let ran = Run::ntpq(ask.iter().chain([&"-"])).input("# nobody\n").run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), "ntpq: no host left to query\n"), "{ran}");
}

#[test]
fn a_network_stands_for_its_hosts() {
    let daemon = daemon("young");
    let port = daemon.local_address().port().to_string();
    let ran = Run::ntpq(["-n", "-c", "rv 0 stratum", "--hosts-from", "-", "--hosts-port", &port])
        .input("127.0.0.1\n")
        .run();
    assert_eq!(ran.quiet_success(), "stratum=16\n");
    let ran = Run::ntpq(["-c", "rv", "10.0.0.0/16"]).run();
    assert_eq!(ran.status, Some(1), "{ran}");
    assert_eq!(ran.stderr, "ntpq: networks with 65534 addresses need confirmation or --yes\n");
    let ran = Run::ntpq(["-c", "rv", "--yes", "10.0.0.0/8"]).run();
    assert!(ran.stderr.starts_with("ntpq: 10.0.0.0/8: too large"), "{ran}");
}

#[test]
fn every_program_reports_hosts_that_are_not_left() {
    let programs: [(&str, &[&str], i32); 9] = [
        ("ntpmon", &["ntpmon"], 1),
        ("ntpstat", &["ntpstat"], 2),
        ("ntpsweep", &["ntpsweep"], 1),
        ("ntpkit chrony", &["ntpkit", "chrony", "tracking"], 1),
        ("ntpkit diag", &["ntpkit", "diag"], 3),
        ("ntpkit exposure", &["ntpkit", "exposure"], 3),
        ("ntpkit fleet", &["ntpkit", "fleet"], 3),
        ("ntpkit nts", &["ntpkit", "nts"], 2),
        ("ntpkit ping", &["ntpkit", "ping"], 2),
    ];
    for (program, words, status) in programs {
        let run = |more: &[&str], input: &str| {
            let ran = Run::called(words[0], words[1..].iter().chain(more)).input(input).run();
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(status), ""), "{program}: {ran}");
            ran.stderr
        };
        let nobody = run(&["--hosts-from", "-"], "# nobody\na b\n");
        let expected = format!(
            "{program}: standard input:2: 'a b': more than one word\n{program}: no host left to query\n"
        );
        assert_eq!(nobody, expected);
        if program == "ntpkit exposure" {
            continue;
        }
        let many = run(&["--hosts-from", "-"], "192.0.2.0/23\n");
        assert_eq!(many, format!("{program}: networks with 510 addresses need confirmation or --yes\n"));
    }
}

/// What is complete is printed, and a silent host is not waited for before.
#[test]
fn unordered_results_do_not_wait_for_the_host_before_them() {
    use std::io::{BufRead as _, BufReader};
    let scenario = Scenario { mode7_clients: Some(0), ..scenario("campus") };
    let (daemon, (_socket, silent)) = (still(scenario, Faults::default()), mute());
    let host = host(&daemon);
    for (called, words) in [
        ("ntpq", &["-n", "-c", "timeout 60000", "-c", "rv 0 stratum"][..]),
        ("ntpq", &["-n", "--format", "json", "-c", "timeout 60000", "-c", "rv 0 stratum"]),
        ("ntpq", &["-c", "timeout 60000", "-c", "peers"]),
        ("ntpdc", &["-n", "-c", "timeout 60000", "-c", "sysinfo"]),
    ] {
        let words = words.iter().copied().chain(["--unordered", &silent, &host]);
        let mut child =
            Run::called(called, words).command().stdout(std::process::Stdio::piped()).spawn().unwrap();
        // This would come after a minute, or not at all.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| !line.unwrap().is_empty()), "{called}");
        assert!(child.try_wait().unwrap().is_none(), "{called}: nothing was waited for");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// The examinations ask each host of a list and of a network once, and a line that is no host is a failure, not the end.
#[test]
fn examinations_of_listed_hosts() {
    let closed = nobody();
    let port = closed.rsplit(':').next().unwrap();
    let networks = format!("127.0.0.0/30\n127.0.0.1 # again\n127.0.0.3:{port}\na b\n");
    let words = ["--hosts-from", "-", "--hosts-format", "list", "--hosts-port", port, "--yes"];
    for (command, fault) in [
        (&["ping", "-c", "1", "--interval", "2"][..], "no NTP daemon listens on that port there"),
        (&["diag"], "no NTP daemon listens on that port there"),
        (&["nts", "--timeout", "5"], "Connection refused"),
    ] {
        let ran = Run::called("ntpkit", command.iter().chain(&words)).input(networks.clone()).run();
        assert!(ran.stderr.contains("standard input:4: 'a b': more than one word\n"), "{ran}");
        for number in 1..=3 {
            let place = format!("127.0.0.{number}:{port}");
            let mentions = ran.stdout.lines().filter(|line| line.trim_end_matches(':').starts_with(&place));
            assert_eq!(mentions.count(), 1, "{place}: {ran}");
        }
        assert_eq!(ran.stdout.matches(fault).count(), 3, "{ran}");
        assert_ne!(ran.status, Some(0), "{ran}");
    }
    let ran = Run::called("ntpkit", ["nts", "--check", "--hosts-from", "-"])
        .input(format!("{closed}\na b\n"))
        .run();
    assert_eq!(ran.status, Some(2), "{ran}");
}

/// Runs with few descriptors, and with numbers instead of names: then there is one loop for all hosts.
fn with_few_descriptors(words: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new("sh");
    command.env_remove("NTPKIT_COMPAT");
    command.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ntpkit")]);
    command.args(words).output().unwrap()
}

#[test]
fn one_loop_asks_more_hosts_than_there_are_descriptors() {
    let (daemon, (_socket, silent)) = (daemon("young"), mute());
    let host = host(&daemon);
    let mut words =
        vec!["ntpq", "-n", "-c", "timeout 1000", "-c", "rv 0 stratum", "-c", "as", silent.as_str()];
    words.extend(std::iter::repeat_n(host.as_str(), 150));
    let output = with_few_descriptors(&words);
    let reported = String::from_utf8(output.stderr).unwrap();
    assert!(!reported.contains("Too many open files"), "{reported}");
    assert_eq!(reported.matches("timed out, nothing received").count(), 2, "{reported}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches("stratum=16").count(), 150, "{reported}");
}

#[test]
fn one_loop_prints_what_threads_print() {
    let (campus, young, (_socket, silent)) = (daemon("campus"), daemon("young"), mute());
    let hosts = [host(&campus), nobody(), silent, host(&young), "nowhere.invalid".to_owned()];
    let commands = [
        &["-c", "timeout 300", "-p"][..],
        &["-c", "timeout 300", "-c", "rv", "-c", "rv &1", "-c", "sysinfo", "-c", "nonsense"],
        &["-c", "timeout 300", "-c", "as", "-c", "timeout", "-c", "rv 0 version", "-c", "apeers"],
        &["--format", "json", "-c", "timeout 300", "-c", "peers", "-c", "rv &2 offset"],
        &["--format", "openmetrics", "-c", "timeout 300", "-c", "rv", "-c", "sysinfo"],
        &["--compat", "4.2.8p15", "-c", "timeout 100", "-c", "lpeers", "-c", "clocklist"],
    ];
    for commands in commands {
        // A log of what goes over the network keeps threads.
        let with_log = ["-n", "-d", "-l", "/dev/null"];
        let ran = |options: &[&str]| {
            let hosts = hosts.iter().map(String::as_str);
            Run::ntpq(options.iter().copied().chain(commands.iter().copied()).chain(hosts)).run()
        };
        let (one, other) = (ran(&["-n"]), ran(&with_log));
        // Reports say when they were made, and reckon from then.
        let without = |text: &str, key: &str| -> String {
            let mut parts = text.split(key);
            let first = parts.next().unwrap().to_owned();
            parts.fold(first, |text, part| text + part.split_once(',').unwrap().1)
        };
        let without_times = |text: &str| without(&without(text, "\"time\":\""), "\"when_s\":");
        assert_eq!(without_times(&one.stdout), without_times(&other.stdout), "{commands:?}");
        assert_eq!(one.stderr, other.stderr, "{commands:?}");
        assert_eq!(one.status, other.status, "{commands:?}");
    }
}

#[test]
fn one_loop_asks_over_mode_7() {
    let with_mode7 = Scenario { mode7_clients: Some(3), ..scenario("campus") };
    let (campus, (_socket, silent)) = (still(with_mode7, Faults::default()), mute());
    let host = host(&campus);
    let words = ["ntpdc", "-n", "-c", "timeout 500", "-c", "sysinfo", "-c", "peers", &host, &silent, &host];
    let output = with_few_descriptors(&words);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("system peer mode").count(), 2, "{text}");
    assert_eq!(String::from_utf8(output.stderr).unwrap().matches("***Request timed out").count(), 2);
}
