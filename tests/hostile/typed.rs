//! What a terminal would obey on the command line and in the environment, such as a host name from another program's output:
//! every message that quotes it escapes it.

use std::process::{Command, Output, Stdio};

/// A name with ESC, C1 in UTF-8, a bidirectional control, CR, BEL and DEL.
const NAME: &str = "a\u{1b}[31m\u{9b}\u{202e}\r\u{7}\u{7f}b";

/// Command lines in which `NAME` stands for it.
const CALLS: [&str; 47] = [
    "ntpq NAME",
    "ntpq -c NAME 127.0.0.1",
    "ntpq -c host|NAME",
    "ntpq -c keytype|NAME",
    "ntpq -c rv|&1|>|NAME/x 127.0.0.1",
    "ntpq -k NAME -a 1 127.0.0.1",
    "ntpq --NAME",
    "ntpq --format NAME",
    "ntpq --compat NAME",
    "ntpq --daemon NAME",
    "ntpq --hosts-from NAME",
    "ntpq -p --output NAME/x 127.0.0.1",
    "ntpdc NAME",
    "ntpdc -c NAME 127.0.0.1",
    "ntpdate -q NAME",
    "ntpdate -d NAME",
    "ntpdate -q --format json NAME",
    "ntpdate -a 1 -k NAME -q 127.0.0.1",
    "ntpdate --NAME",
    "ntpdate-debian --NAME",
    "ntpstat NAME",
    "ntpstat --NAME",
    "ntp-wait -n 1 NAME",
    "ntptime NAME",
    "ntptime -f NAME",
    "ntp-keygen --NAME",
    "ntp-keygen -c NAME",
    "ntp-keygen -S NAME",
    "ntptrace NAME",
    "ntpsweep -l NAME",
    "ntpmon NAME",
    "check_ntp_time -H NAME",
    "check_ntp_time -H 127.0.0.1 -w NAME",
    "check_ntp_peer -H NAME",
    "fleet NAME",
    "fleet --hosts-from NAME",
    "ping -c 1 NAME",
    "diag NAME",
    "diag --explain NAME",
    "exposure NAME",
    "nts NAME",
    "check-config NAME",
    "leap NAME",
    "keys check NAME",
    "install --dir NAME/x",
    "exporter --web.listen-address NAME",
    "NAME",
];

fn run(call: &str, folder: &std::path::Path, environment: &[(&str, &str)]) -> Output {
    let word = |word: &str| word.replace('|', " ").replace("NAME", NAME);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
    command.args(call.split(' ').map(word)).env_clear().envs(environment.iter().copied());
    command.current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn assert_harmless(about: &str, output: &Output) {
    for octets in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(octets).unwrap();
        // The classic ntp-wait moves the cursor back by itself.
        let hostile = text.chars().find(|&letter| {
            letter == '\u{202e}' || letter.is_control() && !matches!(letter, '\n' | '\t' | '\u{8}')
        });
        assert_eq!(hostile, None, "{about}: {text:?}");
    }
}

#[test]
fn typed_text_is_escaped_where_it_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let mut quoted = 0;
    for call in CALLS {
        for environment in [&[][..], &[("NTPKIT_COMPAT", "4.2.8p15")]] {
            let output = run(call, folder.path(), environment);
            assert_harmless(&format!("{call} {environment:?}"), &output);
            let printed = [output.stdout, output.stderr].concat();
            quoted += usize::from(String::from_utf8(printed).unwrap().contains("\\x1b[31m"));
        }
    }
    assert!(quoted > CALLS.len(), "{quoted}");
}

#[test]
fn the_environment_is_escaped_where_it_is_quoted() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["NTPKIT_COMPAT", "NTPRC", "HOME", "TZ", "LANG", "TERM", "NTPKIT_FORMAT"] {
        for call in ["ntpq -c version", "ntpdate -q 127.0.0.1 --port 9 -t 0.2", "ntpmon 127.0.0.1:9"] {
            assert_harmless(&format!("{name}: {call}"), &run(call, folder.path(), &[(name, NAME)]));
        }
    }
}
