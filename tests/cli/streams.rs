//! Standard input, output and error, files and terminals.

use crate::support::{Run, daemon, host, on_a_terminal};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

const STRATUM: &str = "rv 0 stratum";

#[test]
fn results_go_to_a_file_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon("campus");
    let file = folder.path().join("out");
    let path = file.to_str().unwrap();
    for command in
        [format!("{STRATUM} > {path}"), format!("{STRATUM} >{path}"), format!("{STRATUM} > \"{path}\"")]
    {
        std::fs::write(&file, "what was there before, longer than what comes").unwrap();
        assert_eq!(Run::ntpq(["-c", &command]).of(&daemon).run().quiet_success(), "", "{command}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "stratum=2\n", "{command}");
    }
    assert_eq!(Run::ntpq(["-n", "-c", &format!("peers > {path}")]).of(&daemon).run().quiet_success(), "");
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 20);
}

#[test]
fn a_file_takes_results_after_as_many_arguments_as_there_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = daemon("campus");
    let file = folder.path().join("out");
    let path = file.display();
    for names in ["stratum leap", "stratum leap tc"] {
        let command = format!("rv 0 {names} > {path}");
        assert_eq!(Run::ntpq(["-c", &command]).of(&daemon).run().quiet_success(), "");
        let reported = std::fs::read_to_string(&file).unwrap();
        assert!(reported.starts_with("leap=00, stratum=2"), "{names}: {reported}");
        let ran = Run::ntpq(["-c", &command]).of(&daemon).classic().run();
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""));
        assert!(ran.stderr.lines().all(|line| line.starts_with("***Extra arg `")), "{ran}");
    }
}

#[test]
fn excess_arguments_are_ignored_and_reported() {
    let daemon = daemon("campus");
    let ran = Run::ntpq(["-c", "rv 0 leap stratum tc mintc > /dev/null"]).of(&daemon).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "leap=00, stratum=2, tc=6\n"));
    let extra = |word| format!("***Extra arg `{word}' ignored\n");
    assert_eq!(ran.stderr, extra("mintc") + &extra(">") + &extra("/dev/null"));
    let ran = Run::ntpq(["-c", "rv 0 leap stratum tc mintc > /dev/null"]).of(&daemon).classic().run();
    assert_eq!(ran.stderr, extra("mintc") + &extra(">"));
}

#[test]
fn a_file_that_cannot_be_written() {
    let daemon = daemon("campus");
    let ran = Run::ntpq(["-c", &format!("{STRATUM} >"), "-c", &format!("{STRATUM} > /nonexistent/x")])
        .of(&daemon)
        .run();
    let said = "***No file for redirect\n***Error opening /nonexistent/x: No such file or directory\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), said));
}

#[test]
fn the_empty_line_between_commands_follows_what_was_printed() {
    // It is written to where the results of the command before went, if they went anywhere still open.
    let daemon = daemon("campus");
    let print = |commands: &[&str]| {
        let words: Vec<&str> = commands.iter().flat_map(|&command| ["-c", command]).collect();
        Run::ntpq(words).of(&daemon).run().stdout
    };
    assert_eq!(print(&[STRATUM, STRATUM]), "stratum=2\n\nstratum=2\n");
    assert_eq!(print(&[STRATUM, "zzz", STRATUM]), "stratum=2\n\n\nstratum=2\n");
    assert_eq!(print(&["zzz", "peers -5", STRATUM]), "stratum=2\n");
    assert_eq!(print(&[STRATUM, "rv 0 leap > /dev/null", STRATUM]), "stratum=2\n\nstratum=2\n");
    assert_eq!(print(&[STRATUM, "rv 0 leap >", STRATUM]), "stratum=2\n\n\nstratum=2\n");
    assert_eq!(print(&[STRATUM, "rv 0 leap > /nonexistent/x", STRATUM]), "stratum=2\n\nstratum=2\n");
    assert_eq!(print(&["raw", "cooked"]), "Output set to raw\n\nOutput set to cooked\n");
    // The same holds for the hosts that follow.
    let hosts = [host(&daemon), host(&daemon)];
    let several = |commands: &[&str]| {
        let words = commands.iter().flat_map(|&command| ["-c", command]);
        Run::ntpq(words.chain(hosts.iter().map(String::as_str))).run().stdout.replace("server=127.0.0.1 ", "")
    };
    assert_eq!(several(&["zzz", STRATUM]), "stratum=2\n\n\nstratum=2\n");
    assert_eq!(several(&["zzz", "peers -5"]), "");
    assert_eq!(several(&["rv 0 leap > /dev/null", STRATUM]), "stratum=2\n\nstratum=2\n");
}

#[test]
fn commands_come_from_standard_input() {
    let daemon = daemon("campus");
    let ran = Run::ntpq(["-n"]).of(&daemon).input("rv 0 stratum\n\n  rv 0 leap\r\ntimeout").run();
    assert_eq!(ran.quiet_success(), "stratum=2\nleap=00\nprimary timeout 5000 ms\n");
    let ran = Run::ntpq(["-n"]).of(&daemon).input("rv 0 stratum\nquit\nrv 0 leap\n").run();
    assert_eq!(ran.quiet_success(), "stratum=2\n");
    assert_eq!(Run::ntpq(["-n"]).of(&daemon).run().quiet_success(), "");
}

#[test]
fn failed_commands_from_standard_input_count() {
    let daemon = daemon("campus");
    let input = "zzz\nrv 0 stratum\n";
    let ran = Run::ntpq(["-n"]).of(&daemon).input(input).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), "stratum=2\n"));
    assert_eq!(ran.stderr, "***Command `zzz' unknown\n");
    assert_eq!(Run::ntpq(["-n"]).of(&daemon).input(input).classic().run().status, Some(0));
}

#[test]
fn a_prompt_is_given_on_demand() {
    let daemon = daemon("campus");
    let ran = Run::ntpq(["-ni"]).of(&daemon).input("rv 0 stratum\n").run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "stratum=2\n"));
    assert_eq!(ran.stderr, "ntpq> ntpq> \n");
}

#[test]
fn any_octets_on_standard_input_are_tolerated() {
    let daemon = daemon("campus");
    let input = b"\xff\xfe\x00\x1b[31m\nrv 0 \xc3\x28\nrv 0 stratum\n\x00rv 0 stratum\n".to_vec();
    let ran = Run::ntpq(["-n"]).of(&daemon).input(input).run();
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.stdout, "stratum=2\n");
}

#[test]
fn without_a_host_there_is_nobody_to_ask() {
    let ran = Run::ntpq(["-n", "["]).input("rv\ntimeout\nhost\n").run();
    let said = "ntpq: [: bad hostname/address: Invalid argument\n***No host open, use `host' command\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), said));
    assert_eq!(ran.stdout, "primary timeout 5000 ms\nno current host\n");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let daemon = daemon("crowd");
    for words in [&["-pn"][..], &["-n", "-c", "mrl &1 &200", "-c", "peers", "-c", "rv"], &["-?"]] {
        let mut command = Run::ntpq(words).command();
        let mut child =
            command.arg(host(&daemon)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Nobody reads at all: the pipe closes here, before anything is printed or while it is.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_pipe_closed_after_the_first_line_ends_the_run() {
    let daemon = daemon("crowd");
    let mut command = Run::ntpq(["-n"]).command();
    let (rest, input) = std::io::pipe().unwrap();
    let mut child =
        command.arg(host(&daemon)).stdin(rest).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = input;
    std::io::Write::write_all(&mut input, b"rv 0 stratum\n").unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "stratum=3\n");
    drop(output);
    // The next result meets the closed pipe: the run ends, though the input does not.
    std::io::Write::write_all(&mut input, b"rv 0 stratum\n").unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    drop(input);
}

#[test]
fn a_full_disk_is_an_error() {
    let daemon = daemon("campus");
    for (called, words) in [("ntpq", &["-pn"][..]), ("ntpq", &["-?"]), ("ntpkit", &["--help"])] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = Run::called(called, words).command();
        if words == ["-pn"] {
            command.arg(host(&daemon));
        }
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{called} {words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, format!("{called}: write error: No space left on device\n"));
    }
    // A file that results are sent to, likewise.
    let ran = Run::ntpq(["-n", "-c", "peers > /dev/full"]).of(&daemon).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(ran.stderr, "ntpq: write error: No space left on device\n");
}

#[test]
fn colour_is_for_terminals() {
    let daemon = daemon("campus");
    let is_colored = |run: Run| on_a_terminal(&run.of(&daemon), "").0.contains("\x1b[");
    assert!(is_colored(Run::ntpq(["-pn"])));
    assert!(!is_colored(Run::ntpq(["-pn"]).environment("NO_COLOR", "1")));
    assert!(is_colored(Run::ntpq(["-pn"]).environment("NO_COLOR", "")));
    assert!(!is_colored(Run::ntpq(["-pn", "--color", "never"])));
    for dumb in ["", "dumb"] {
        assert!(!is_colored(Run::ntpq(["-pn"]).environment("TERM", dumb)), "TERM={dumb}");
    }
    assert!(is_colored(Run::ntpq(["-pn", "--color", "always"]).environment("NO_COLOR", "1")));

    let plain = Run::ntpq(["-pn"]).of(&daemon).run().quiet_success();
    let colored = Run::ntpq(["-pn", "--color", "always"]).of(&daemon).run().quiet_success();
    assert!(!plain.contains('\x1b'));
    // Nothing but the tally character has a colour, and only where it says something.
    let stripped: String = colored
        .split('\x1b')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').unwrap().1 })
        .collect();
    assert_eq!(stripped, plain);
    assert_eq!(colored.lines().filter(|line| line.contains('\x1b')).count(), 8, "{colored}");
}

#[test]
fn a_terminal_gets_a_prompt() {
    let daemon = daemon("campus");
    let (shown, status) = on_a_terminal(&Run::ntpq(["-n"]).of(&daemon), "rv 0 stratum\nquit\n");
    assert_eq!(status, Some(0), "{shown}");
    assert!(shown.contains("ntpq> ") && shown.contains("stratum=2\r\n"), "{shown:?}");
}

/// The trace of a conversation that goes on is there already.
#[test]
fn the_trace_is_written_as_it_comes() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let host = silent.local_addr().unwrap().to_string();
    for command in ["rv", "mrulist"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ntpkit"))
            .args(["ntpq", "-n", "-d", "-c", "timeout 600000", "-c", command, &host])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "Sending 12 octets"));
        assert_eq!(child.try_wait().unwrap(), None, "it still waits for an answer");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
