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

fn said_first(name: &str, value: &[u8]) -> Scenario {
    let campus = scenario("campus");
    let overrides = Overrides::none().with(name, value);
    Scenario { system: ntpkit::sim::System { overrides, ..campus.system.clone() }, ..campus }
}

/// The text of a receiver's clock spans lines.
#[test]
fn quotes_hold_line_breaks() {
    let daemon = still(said_first("version", b"\"ntpd\r\n4.2.8\""), Faults::default());
    let ran = Run::ntpq(["-c", "rv"]).of(&daemon).run();
    let out = ran.quiet_success();
    assert!(out.contains("version=\"ntpd^M^J4.2.8\"") && out.contains("stratum=2"), "{out}");
    let out = Run::ntpq(["--format", "json", "-c", "rv"]).of(&daemon).run().quiet_success();
    let object: serde_json::Value = serde_json::from_str(&out.replace("PORT", "0")).unwrap();
    assert_eq!(object["variables"]["version"], "ntpd\r\n4.2.8");
    assert_eq!(object["variables"]["stratum"], 2);
    let ran = Run::ntpq(["-c", "rv"]).of(&daemon).classic().run();
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.stderr.starts_with("nextvar: no closing quote, stop: ") && !ran.stdout.contains("stratum"),
        "{ran}"
    );
}

#[test]
fn what_cannot_be_read_shows_in_every_form() {
    let daemon = still(said_first("version", b"\"ntpd"), Faults::default());
    for format in ["classic", "table", "json", "openmetrics"] {
        let ran = Run::ntpq(["--format", format, "-c", "rv"]).of(&daemon).run();
        assert_eq!(ran.status, Some(1), "{ran}");
        let reported = "part of the reply cannot be read: no closing quote: 'version=\"ntpd";
        assert!(ran.stderr.starts_with("ntpq: 127.0.0.1: ") && ran.stderr.contains(reported), "{ran}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
        match format {
            "json" => {
                let objects: Vec<serde_json::Value> = ran
                    .stdout
                    .lines()
                    .map(|line| serde_json::from_str(&line.replace("PORT", "0")).unwrap())
                    .collect();
                assert_eq!(objects[1]["schema"], "ntpkit.error.v1");
                assert_eq!(objects[1]["error"], "malformed");
            }
            "openmetrics" => {
                let failed =
                    ran.stdout.lines().find(|line| line.starts_with("ntpkit_failed_queries{")).unwrap();
                assert!(failed.ends_with(" 1"), "{failed}");
            }
            _ => {}
        }
    }
    let ran = Run::ntpq(["-c", "rv"]).of(&daemon).classic().run();
    assert!(ran.status == Some(0) && ran.stderr.starts_with("nextvar: no closing quote, stop: "), "{ran}");
    let campus = scenario("campus");
    let mut peers = campus.clone();
    peers.associations[0].overrides = Overrides::none().with("srchost", b"\"never".to_vec());
    let daemon = still(peers, Faults::default());
    let ran = Run::ntpq(["-pn"]).of(&daemon).run();
    assert!(ran.status == Some(1) && ran.stderr.contains("association "), "{ran}");
    let ran = Run::ntpq(["-n", "--format", "json", "-p"]).of(&daemon).run();
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(1), 2), "{ran}");
}

/// An octet, and its escape as text.
#[test]
fn no_key_comes_twice() {
    let campus = scenario("campus");
    let overrides = Overrides::none().with("\\xe9", "2").with("a\\b", "3");
    let daemon = still(
        Scenario { system: ntpkit::sim::System { overrides, ..campus.system.clone() }, ..campus },
        Faults::default(),
    );
    let out = Run::ntpq(["--format", "json", "-c", "rv"]).of(&daemon).run().quiet_success();
    assert!(out.contains(r#""\\\\xe9":2"#) && out.contains(r#""a\\\\b":3"#), "{out}");
}
