//! Whole files and their findings.

use super::super::surroundings::Elsewhere;
use super::*;

fn found(daemon: Daemon, text: &str) -> Vec<String> {
    let mut findings = check(daemon, "ntp.conf", text.as_bytes(), &Elsewhere);
    findings.sort_by(|one, other| one.place.cmp(&other.place));
    findings
        .iter()
        .map(|finding| {
            format!("{}:{} {} {}", finding.place.line, finding.place.column, finding.rule.id(), finding.what)
        })
        .collect()
}

/// A configuration without findings.
const CLEAN: &str = "driftfile /var/lib/ntp/ntp.drift\n\
    pool a.example iburst\n\
    restrict default kod limited nomodify noquery nopeer\n\
    restrict source nomodify noquery\n\
    restrict 127.0.0.1\n\
    restrict ::1\n";

fn rules(text: &str) -> Vec<&'static str> {
    let findings = check(Daemon::Classic, "ntp.conf", format!("{CLEAN}{text}").as_bytes(), &Elsewhere);
    findings.iter().map(|finding| finding.rule.id()).collect()
}

#[test]
fn a_clean_configuration_has_no_findings() {
    assert_eq!(rules(""), [""; 0]);
    assert_eq!(rules("# restrict nosuch\n\n   \n"), [""; 0]);
}

#[test]
fn misspelt_words_are_reported_with_their_place() {
    let shown = found(Daemon::Classic, &format!("{CLEAN}server b.example iburst perfer\nmimpoll 3\n"));
    assert_eq!(
        shown,
        ["7:25 unknown-word `server` has no option `perfer`", "8:1 unknown-word unknown command `mimpoll`"]
    );
}

/// Each rule of practice finds its fault, and no other rule does.
#[test]
fn each_rule_finds_its_fault() {
    for (text, rule) in [
        ("server b.example\n", "no-iburst"),
        ("server b.example iburst minpoll 2\n", "poll-range"),
        ("server b.example iburst minpoll 11\n", "poll-range"),
        ("server b.example iburst version 9\n", "value-range"),
        ("pool a.example iburst\n", "duplicate-source"),
        ("server time.google.com iburst\n", "smear-mix"),
        ("server b.example iburst autokey\n", "autokey"),
        ("server 127.127.1.0\n", "local-stratum"),
        ("server 127.127.1.0\nfudge 127.127.1.0 stratum 3\n", "local-stratum"),
        ("restrict 10.0.0.0 mask 255.0.255.0 noquery\n", "bad-mask"),
        ("restrict 10.0.0.1 mask 255.0.0.0 noquery\n", "bad-mask"),
        ("restrict 10.0.0.0 mask nonsense noquery\n", "bad-mask"),
        ("restrict 10.0.0.0 mask 255.0.0.0 kod noquery\n", "kod-alone"),
        ("restrict default limited nomodify noquery notrust\n", "notrust"),
        ("restrict default limited nomodify\n", "query-open"),
        ("enable mode7\n", "mode7"),
        ("disable monitor\n", "monitor-off"),
        ("tinker panic 0\n", "panic-off"),
        ("logconfig all\n", "log-all"),
        ("crypto pw x\n", "autokey"),
        ("driftfile /x 3.5\n", "obsolete"),
        ("leapsmearinterval 3600\n", "not-built"),
        ("dr\u{ef}ftfile /x\n", "not-ascii"),
    ] {
        assert!(rules(text).contains(&rule), "{text}: {:?}", rules(text));
    }
    for text in [
        "server 127.127.1.0\nfudge 127.127.1.0 stratum 10\n",
        "server b.example iburst key 3\nkeys /k\ntrustedkey (1 ... 5)\n",
    ] {
        assert_eq!(rules(text), [""; 0], "{text}");
    }
}

#[test]
fn a_local_clock_that_is_named_twice_is_reported_once() {
    let twice = "server 127.127.1.0\nserver 127.127.1.0 prefer\n";
    assert_eq!(rules(twice), ["local-stratum"]);
    assert_eq!(rules(&format!("{twice}fudge 127.127.1.0 stratum 3\n")), ["local-stratum"]);
    assert_eq!(rules("server 127.127.1.0\nserver 127.127.1.1\n"), ["local-stratum", "local-stratum"]);
}

#[test]
fn keys_must_exist_and_be_trusted() {
    assert_eq!(rules("server b.example iburst key 3\n"), ["no-keys-file", "key-untrusted"]);
    assert_eq!(rules("keys /k\ntrustedkey 1 (5 ... 7)\ncontrolkey 3\n"), ["key-untrusted"]);
    assert_eq!(rules("keys /k\ntrustedkey (5 ... 7) 9\ncontrolkey 8\n"), ["key-untrusted"]);
}

#[test]
fn restrictions_are_checked_together() {
    let rules = |text: &str| {
        let all = format!("driftfile /d\npool a.example iburst\n{text}");
        let findings = check(Daemon::Classic, "ntp.conf", all.as_bytes(), &Elsewhere);
        findings.iter().map(|finding| finding.rule.id()).collect::<Vec<_>>()
    };
    assert_eq!(rules(""), ["query-open"]);
    assert_eq!(rules("restrict default nomodify noquery\nrestrict 127.0.0.1\n"), ["no-loopback"]);
    assert_eq!(
        rules("restrict -4 default noquery\nrestrict -6 default noquery\nrestrict localhost\n"),
        [""; 0]
    );
    assert_eq!(rules("restrict -4 default noquery\nrestrict 127.0.0.1\n"), ["query-open"]);
    assert_eq!(
        rules("restrict default noquery nopeer\nrestrict 127.0.0.0/8\nrestrict ::1\n"),
        ["nopeer-pool"]
    );
    assert_eq!(rules("restrict default ignore\nrestrict 127.0.0.1\nrestrict ::1\n"), ["ignore-default"]);
}

#[test]
fn hostile_files_are_checked_in_bounded_time() {
    let hostile = [
        "server a.example iburst\n".repeat(20_000),
        "x".repeat(1 << 20),
        format!("server {}", "a ".repeat(50_000)),
        "\"".repeat(1 << 20),
        "(".repeat(1 << 20),
        format!("trustedkey {}", "(1 ... 65535) ".repeat(10_000)),
    ];
    for text in hostile {
        assert!(
            super::super::check(super::super::Language::Ntpd, "f", text.as_bytes(), &Elsewhere).len()
                <= MAX_FINDINGS
        );
    }
}

/// A system with two files that include each other, and a directory that is not writable.
struct Circle;

impl Surroundings for Circle {
    fn read(&self, path: &str) -> Result<Vec<u8>, Unreadable> {
        match path {
            "/a" => Ok(b"includefile /b\nenable mode7\n".to_vec()),
            "/b" => Ok(b"includefile /a\n".to_vec()),
            "/keys" => Ok(b"1 SHA1 abcdefghijklmnopqrst\n".to_vec()),
            _ => Err(Unreadable::Because("not there".into())),
        }
    }

    fn list(&self, _folder: &str, _ending: &str) -> Result<Vec<String>, Unreadable> {
        Err(Unreadable::NotLooked)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        (path == "/keys").then_some(0o644)
    }

    fn why_not_writable(&self, folder: &str) -> Option<String> {
        Some(format!("{folder} is full of holes"))
    }
}

#[test]
fn files_of_the_system_are_checked() {
    let text = format!("{CLEAN}includefile /a\nincludefile /c\nkeys /keys\ntrustedkey 1 2\ncontrolkey 2\n");
    let findings = check(Daemon::Classic, "ntp.conf", text.as_bytes(), &Circle);
    let shown: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}:{} {}", finding.place.file, finding.place.line, finding.rule.id()))
        .collect();
    assert_eq!(
        shown,
        [
            "/b:1 include-loop",
            "ntp.conf:8 unreadable",
            "/a:2 mode7",
            "ntp.conf:1 drift-folder",
            "ntp.conf:9 keys-open",
            "ntp.conf:11 key-unknown"
        ]
    );
}
