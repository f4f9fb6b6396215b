//! `--explain`: the possible reasons of a failure, from every program that asks hosts.

use crate::support::{Ran, Run, nobody};

/// The programs, each with a command line that asks a host once.
const ASKING: [&[&str]; 12] = [
    &["ntpq", "-c", "rv"],
    &["ntpdc", "-c", "sysinfo"],
    &["ntpdate", "-q", "-u"],
    &["ntpstat"],
    &["ntpstat", "--daemon", "ntpd"],
    &["ntp-wait", "-n", "1"],
    &["ntptrace"],
    &["ntpsweep", "-l"],
    &["ntpkit", "ping", "-c", "1"],
    &["ntpkit", "fleet"],
    &["check_ntp_time", "-H"],
    &["check_ntp_peer", "-H"],
];

/// The first possible reason if nothing listens.
const REASON: &str = "\n  - no time daemon runs: ntpkit diag\n";

/// Runs one of them with more options.
fn asked(words: &[&str], more: &[&str], host: &str) -> Ran {
    let (program, rest) = words.split_at(if words[0] == "ntpkit" { 2 } else { 1 });
    Run::called(words[0], [&program[1..], more, rest, &[host]].concat()).run()
}

#[test]
fn every_program_that_asks_hosts_lists_the_possible_reasons_of_a_failure() {
    let host = nobody();
    for words in ASKING {
        let name = words[usize::from(words[0] == "ntpkit")];
        let run = |more: &[&str]| asked(words, more, &host);
        let (brief, long) = (run(&[]), run(&["--explain"]));
        assert_eq!(brief.status, long.status, "{words:?}");
        let is_plugin = name.starts_with("check_");
        let (before, after) =
            if is_plugin { (&brief.stdout, &long.stdout) } else { (&brief.stderr, &long.stderr) };
        assert!(!before.contains("\n  - "), "{words:?}: {before}");
        assert!(after.contains(REASON), "{words:?}: {after}");
        assert!(
            after.contains(&format!("ss -lunp 'sport = :{}'", host.rsplit(':').next().expect("a port"))),
            "{after}"
        );
        // Scripts parse what is on standard output, and the first line of a plugin.
        if is_plugin {
            assert_eq!(before.lines().next(), after.lines().next(), "{words:?}");
        } else if name != "ping" {
            assert_eq!(brief.stdout, long.stdout, "{words:?}");
        }
    }
}

/// One name may stand for several addresses.
#[test]
fn the_address_that_was_asked_is_named_beside_the_name() {
    let nobody = nobody();
    let name = format!("localhost:{}", nobody.rsplit(':').next().expect("a port"));
    for words in ASKING {
        let ran = asked(words, &["--explain"], &name);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        let line = text
            .lines()
            .find(|line| line.contains("next: ss -lunp"))
            .unwrap_or_else(|| panic!("{words:?}: {text}"));
        assert!(line.contains("127.0.0.1") || line.contains("::1"), "{words:?}: {line}");
    }
}

#[test]
fn several_hosts_are_explained_each() {
    let hosts = [nobody(), nobody()];
    let ran = Run::called("ntpstat", ["--explain", &hosts[0], &hosts[1]]).run();
    assert_eq!(ran.stderr.matches(REASON).count(), 2, "{ran}");
    let ran = Run::called("ntpstat", ["--explain", "--format", "json", &hosts[0], &hosts[1]]).run();
    assert_eq!(ran.stdout.lines().count(), 2, "one object a host: {ran}");
    assert!(!ran.stdout.contains("  - "), "{ran}");
}

#[test]
fn the_plugin_explains_several_hosts_below_one_line() {
    let hosts = [nobody(), nobody()];
    let ran = Run::called("check_ntp_time", ["--explain", "-H", &hosts[0], "-H", &hosts[1]]).run();
    let (line, reasons) = ran.stdout.split_once('\n').expect("a line");
    for host in &hosts {
        let port = host.rsplit(':').next().expect("a port");
        assert!(line.contains(&format!("next: ss -lunp 'sport = :{port}'")), "{ran}");
    }
    assert!(reasons.lines().all(|reason| reason.starts_with("  - ") && !reason.contains("next:")), "{ran}");
    assert_eq!(ran.stdout.matches(REASON).count(), 1, "{ran}");
}

#[test]
fn the_dialect_explains_only_if_it_is_asked_to() {
    let host = nobody();
    for (program, command) in [("ntpq", "rv"), ("ntpdc", "sysinfo")] {
        let run =
            |words: &[&str]| Run::called(program, [words, &["-c", command, &host]].concat()).classic().run();
        let (plain, explained) = (run(&[]), run(&["--explain"]));
        assert!(!plain.stderr.is_empty() && !plain.stderr.contains("next: "), "{plain}");
        assert!(
            explained.stderr.starts_with(&plain.stderr) && explained.stderr.contains(REASON),
            "{explained}"
        );
    }
}
