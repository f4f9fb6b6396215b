//! What a hostile daemon says reaches no terminal as it came.

use crate::support::{Ran, Run, scenario, still};
use ntpkit::sim::{Association, Faults, Overrides, Scenario};

/// Nothing but printable ASCII and the ends of lines may come out, and no run may end but by itself.
#[track_caller]
pub fn assert_harmless(ran: &Ran) {
    assert_harmless_but_for(b"", ran);
}

#[track_caller]
fn assert_harmless_but_for(borne: &[u8], ran: &Ran) {
    assert!(matches!(ran.status, Some(0 | 1)), "{ran}");
    let harmless = |octet: u8| octet == b'\n' || borne.contains(&octet) || (b' '..=b'~').contains(&octet);
    for text in [ran.octets.as_slice(), ran.stderr.as_bytes()] {
        let found = text.iter().position(|&octet| !harmless(octet));
        let about =
            found.map(|at| text[at.saturating_sub(40)..(at + 20).min(text.len())].escape_ascii().to_string());
        assert_eq!(about, None);
    }
    assert!(!ran.stderr.contains("panicked"), "{ran}");
}

fn values() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = [
        &b"\x1b[31mred\x1b[0m"[..],
        b"\"\x1b]0;title\x07\"",
        b"\x9b31m",
        "\u{9b}31m \u{202e}gnp.exe".as_bytes(),
        b"1\nassid=7, offset=3",
        b"\"two\r\nlines\"",
        b"1\r2\r\n",
        b"\"never closed",
        b"a\"b\"c\"",
        b"nul\0nul",
        b"\0",
        b"\xff\xfe\xc3\x28",
        b"",
        b"    ",
        b",=,=,,==",
        b"=",
        b"%s%n%08x",
        b"$(reboot) `reboot`",
        b"\t\x0b\x0c\x08\x7f\x01",
        b"1e308",
        b"-1e-308",
        b"nan",
        b"inf",
        b"-0",
        b"--1",
        b"18446744073709551616",
        b"-9223372036854775809",
        b"0xffffffff.ffffffff",
        b"0x.",
        b"[::1",
        b"[2001:db8::1%lo]:65536",
        b"1.2.3.4.5",
        b"127.127.255.255",
        b"999.1.1.1",
        b" 1 2 3 4 5 6 7 8 9 10 11 12",
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    values.push(vec![b'x'; 3000]);
    values.push(vec![b'9'; 10_000]);
    values.push([&b"0x"[..], &[b'f'; 500]].concat());
    values.push([&b"0."[..], &[b'1'; 10_000]].concat());
    values.push(vec![0x1b; 400]);
    values
}

/// All variables of an association that anything is made of.
const PEER: [&str; 30] = [
    "srcadr",
    "srcport",
    "srchost",
    "dstadr",
    "dstport",
    "leap",
    "stratum",
    "precision",
    "rootdelay",
    "rootdisp",
    "refid",
    "reftime",
    "rec",
    "xmt",
    "reach",
    "unreach",
    "hmode",
    "pmode",
    "hpoll",
    "ppoll",
    "headway",
    "flash",
    "keyid",
    "offset",
    "delay",
    "dispersion",
    "jitter",
    "filtdelay",
    "filtoffset",
    "filtdisp",
];
const SYSTEM: [&str; 12] = [
    "version",
    "processor",
    "system",
    "leap",
    "stratum",
    "precision",
    "refid",
    "reftime",
    "clock",
    "peer",
    "offset",
    "frequency",
];
const CLOCK: [&str; 8] = ["device", "timecode", "poll", "noreply", "fudgetime1", "stratum", "refid", "flags"];
const STATISTICS: [&str; 6] = ["timerec", "timer", "timereach", "sent", "received", "candidate"];

/// A scenario in which all these variables say this.
fn saying(value: &[u8], names: &[&str]) -> Scenario {
    let campus = scenario("campus");
    let overrides = names.iter().fold(Overrides::none(), |all, name| all.with(name, value));
    let one = |at: usize| Association { overrides: overrides.clone(), ..campus.associations[at].clone() };
    Scenario {
        associations: vec![one(0), one(10), one(15), one(17)],
        system: ntpkit::sim::System { overrides: overrides.clone(), ..campus.system.clone() },
        ..campus.clone()
    }
}

const COMMANDS: [&str; 14] = [
    "peers",
    "apeers",
    "lopeers",
    "as",
    "rv",
    "mrl &1 &4",
    "cv",
    "cl &4",
    "pstats &1",
    "pstats &4",
    "raw",
    "rv",
    "mrv &1 &4",
    "cv",
];

fn run_all(scenario: Scenario, options: &[&str]) {
    let daemon = still(scenario, Faults::default());
    let words: Vec<&str> =
        options.iter().copied().chain(COMMANDS.iter().flat_map(|command| ["-c", command])).collect();
    assert_harmless(&Run::ntpq(&words).of(&daemon).run());
    // Blanks that move the cursor pass, where replies are printed raw.
    assert_harmless_but_for(b"\t\x0b\x0c", &Run::ntpq(&words).of(&daemon).classic().run());
}

#[test]
fn all_variables_at_once() {
    let names = [&PEER[..], &SYSTEM, &CLOCK, &STATISTICS].concat();
    for value in values() {
        run_all(saying(&value, &names), &["-nw"]);
    }
}

#[test]
fn one_variable_at_a_time() {
    // Where all are bad the scan may stop at the first.
    for name in [
        "srcadr",
        "srchost",
        "dstadr",
        "refid",
        "reftime",
        "flash",
        "offset",
        "filtdelay",
        "timecode",
        "version",
    ] {
        for value in [&b"\"\x1b[31m\x9b\x07\r\n\""[..], b"\x1b\x9b\0\x07 x", b"1\x1b2"] {
            run_all(saying(value, &[name]), &["-n"]);
        }
    }
}

#[test]
fn names_of_variables() {
    let hostile = ["\u{1b}[31m", "a\u{7}b", "a\tb", "\"", "a b", "\u{9b}", "\r"];
    let campus = scenario("campus");
    for name in hostile {
        let overrides = Overrides::none().with(name, "1").with("behind", "2");
        let system = ntpkit::sim::System { overrides, ..campus.system.clone() };
        run_all(Scenario { system, ..campus.clone() }, &["-n"]);
    }
}

#[test]
fn an_overlong_value_leaves_the_other_rows_alone() {
    let mut crowd = ntpkit::sim::crowd(3);
    crowd.associations[1].overrides = Overrides::none().with("srchost", vec![b'x'; 15_000]);
    let daemon = still(crowd, Faults::default());
    let ran = Run::ntpq(["-pn"]).of(&daemon).run();
    assert_harmless(&ran);
    let rows = |address: &str| {
        ran.stdout.lines().any(|line| line.get(1..).is_some_and(|row| row.starts_with(address)))
    };
    assert!(rows("198.18.0.0 ") && rows("198.18.0.2 "), "{ran}");
}
