//! Each broken situation is reported by the check for it, and by no other.

use super::super::facts::{Daemon, Here, Measured, Silence, SilenceKind, Source};
use super::*;
use crate::app::ntpkit::check_config::Summary;
use crate::app::ntpkit::leap;
use crate::clock::kernel::{KernelState, Status};
use crate::model::Peer;
use crate::net::presence::{Holders, Process};
use crate::wire::AssociationId;
use crate::wire::status::PeerStatusWord;
use crate::wire::variables::scan;
use std::time::Duration;

/// A source with this status word and variables.
fn source(address: &str, status: u16, more: &str) -> Source {
    let text = format!("srcadr={address}, srcport=123, hmode=3, stratum=1, refid=GPS, {more}");
    let peer = Peer::from_variables(AssociationId(1), PeerStatusWord(status), &scan(text.as_bytes()));
    Source { peer, answers: None }
}

const GOOD: &str = "reach=0xff, offset=0.1, jitter=0.2, flash=0x0";

fn healthy_daemon() -> Daemon {
    Daemon {
        name: "ntpd".into(),
        leap: Some(0),
        stratum: Some(2),
        reference: Some("192.0.2.1".into()),
        root_delay: Some(0.02),
        root_dispersion: Some(0.03),
        offset: Some(0.0001),
        frequency: Some(-12.0),
        uptime: Some(Duration::from_secs(9000)),
        sources: vec![
            source("192.0.2.1", 0x961a, GOOD),
            source("192.0.2.2", 0x941a, GOOD),
            source("192.0.2.3", 0x941a, GOOD),
            source("192.0.2.4", 0x941a, GOOD),
        ],
    }
}

fn list(fault: Option<&str>) -> leap::Summary {
    leap::Summary { file: "/l".into(), fault: fault.map(str::to_owned), announced: None }
}

fn process(name: &str, number: u32, may_set_clock: Option<bool>) -> Process {
    Process { number, name: name.into(), may_set_clock, is_elsewhere: false }
}

fn healthy() -> Facts {
    let here = Here {
        processes: vec![process("ntpd", 7, Some(true))],
        holders: Holders { processes: vec![(7, "ntpd".into())], users: vec![0] },
        kernel: Some(KernelState::default()),
        clock_source: Some("tsc".into()),
        hardware: Some(1),
        leap_list: Some(list(None)),
        configuration: Some(Summary { files: vec!["/etc/ntp.conf".into()], ..Summary::default() }),
        names: None,
    };
    Facts { here: Some(here), daemon: Some(healthy_daemon()), ..Facts::default() }
}

/// The checks whose state is not OK, with their verdicts.
fn problems(facts: &Facts) -> Vec<(&'static str, Verdict)> {
    CHECKS
        .iter()
        .filter_map(|check| Some((check.name, (check.judge)(facts)?)))
        .filter(|(_, verdict)| verdict.state != State::Ok)
        .collect()
}

/// Asserts that the fault is reported by this check only, with this state and these words, and with a fix.
fn only(facts: &Facts, name: &str, state: State, words: &str) {
    let found = problems(facts);
    let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, [name], "{found:?}");
    let verdict = &found[0].1;
    assert!(
        verdict.state == state && verdict.seen.contains(words) && !verdict.mend.is_empty(),
        "{verdict:?}"
    );
}

fn with_daemon(change: impl Fn(&mut Daemon)) -> Facts {
    let mut facts = healthy();
    facts.daemon.iter_mut().for_each(change);
    facts
}

fn with_here(change: impl Fn(&mut Here)) -> Facts {
    let mut facts = healthy();
    facts.here.iter_mut().for_each(change);
    facts
}

#[test]
fn a_healthy_host_has_no_problem() {
    assert_eq!(problems(&healthy()), []);
    let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
}

#[test]
fn several_daemons_and_none() {
    let two = with_here(|here| here.processes.push(process("chronyd", 8, Some(true))));
    only(&two, "daemons", State::Critical, "ntpd (process 7), chronyd (process 8)");
    let unseen =
        with_here(|here| here.processes = vec![process("ntpd", 7, None), process("chronyd", 8, None)]);
    only(&unseen, "daemons", State::Unknown, "not visible");
    let confined = with_here(|here| here.processes = vec![process("ntpd", 7, Some(false))]);
    only(&confined, "daemons", State::Warning, "ntpd (process 7) may not set the clock");
    let mut none = with_here(|here| {
        here.processes.clear();
        here.holders = Holders::default();
    });
    none.daemon = None;
    none.silence =
        Some(Silence { seen: "Connection refused".into(), kind: SilenceKind::Nothing, ..Silence::default() });
    only(&none, "daemons", State::Critical, "none replies (Connection refused)");
}

#[test]
fn the_ntp_port() {
    let taken = with_here(|here| here.holders.processes = vec![(9, "nc".into())]);
    only(&taken, "port", State::Critical, "held by nc (process 9), not by ntpd (process 7)");
    let other = with_here(|here| {
        here.processes = vec![process("chronyd", 7, Some(true))];
        here.holders.processes = vec![(9, "nc".into())];
    });
    only(&other, "port", State::Warning, "held by nc");
}

#[test]
fn silence() {
    for (kind, state, words) in [
        (SilenceKind::ServesTime, State::Warning, "ntpkit diag on that host"),
        (SilenceKind::Refuses, State::Warning, "ask less often"),
        (SilenceKind::Nothing, State::Critical, "UDP port 123"),
        (SilenceKind::NoAddress, State::Critical, "check the name"),
    ] {
        let silence = Silence { seen: "why".into(), kind, ..Silence::default() };
        let facts = Facts { silence: Some(silence), ..Facts::default() };
        only(&facts, "answer", state, "why");
        assert!(problems(&facts)[0].1.mend.contains(words));
    }
    let mut facts = healthy();
    facts.daemon = None;
    facts.silence =
        Some(Silence { seen: "no answer".into(), kind: SilenceKind::Nothing, ..Silence::default() });
    only(&facts, "answer", State::Critical, "no answer");
}

#[test]
fn the_reason_for_an_unsynchronised_daemon_is_reported() {
    let unsynchronized = |sources: Vec<Source>, uptime: u64| {
        let mut facts = healthy();
        let daemon = Daemon {
            leap: Some(3),
            stratum: Some(16),
            uptime: Some(Duration::from_secs(uptime)),
            sources,
            ..healthy_daemon()
        };
        facts.daemon = Some(daemon);
        let found = problems(&facts);
        let (_, verdict) = found.iter().find(|(name, _)| *name == "synchronized").unwrap().clone();
        assert_eq!(verdict.state, State::Critical);
        verdict
    };
    assert!(unsynchronized(Vec::new(), 9000).seen.contains("it has no sources"));
    let silent = || source("192.0.2.1", 0x8011, "reach=0, flash=0x1600");
    assert!(unsynchronized(vec![silent(), silent()], 9000).seen.contains("none of its 2 sources answers"));
    let young = unsynchronized(vec![silent()], 100);
    assert!(young.seen.contains("started 100 s ago") && young.mend.contains("200 s"), "{young:?}");
    let false_ones: Vec<Source> = (1..4).map(|n| source(&format!("192.0.2.{n}"), 0x911a, GOOD)).collect();
    assert!(
        unsynchronized(false_ones, 9000).seen.contains("3 of the 3 sources that answer are falsetickers")
    );
    let waiting = unsynchronized(vec![source("192.0.2.1", 0x901a, "reach=1, flash=0")], 9000);
    assert!(waiting.seen.contains("no source is selected yet") && waiting.mend.contains("wait 192 s"));
}

#[test]
fn the_clock() {
    let unsynchronized = KernelState { code: 5, status: Status::UNSYNCHRONIZED, ..KernelState::default() };
    only(
        &with_here(|here| here.kernel = Some(unsynchronized)),
        "kernel",
        State::Warning,
        "the kernel reports",
    );
    let mut chrony = with_here(|here| here.kernel = Some(unsynchronized));
    chrony.daemon.iter_mut().for_each(|daemon| daemon.name = "chronyd".into());
    assert!(problems(&chrony)[0].1.mend.contains("rtcsync"));
    only(&with_here(|here| here.kernel = None), "kernel", State::Unknown, "forbidden");
    let bound = |bound| with_daemon(move |daemon| daemon.root_dispersion = Some(bound));
    only(&bound(0.6), "error-bound", State::Warning, "610.000 ms");
    only(&bound(1.6), "error-bound", State::Critical, "1.610 s");
    only(&with_daemon(|daemon| daemon.offset = Some(-0.3)), "offset", State::Warning, "-300.000 ms");
    only(&with_daemon(|daemon| daemon.frequency = Some(-450.0)), "frequency", State::Warning, "-450.000 ppm");
    only(&with_daemon(|daemon| daemon.frequency = Some(500.0)), "frequency", State::Critical, "500.000 ppm");
    only(&with_daemon(|daemon| daemon.stratum = Some(11)), "stratum", State::Warning, "stratum 11");
    only(
        &with_daemon(|daemon| daemon.reference = Some("LOCAL(0)".into())),
        "stratum",
        State::Warning,
        "own local clock",
    );
    only(&with_daemon(|daemon| daemon.leap = Some(1)), "leap", State::Warning, "insertion of a leap second");
    let expired = with_here(|here| here.leap_list = Some(list(Some("the list expired"))));
    only(&expired, "leap", State::Warning, "/l: the list expired");
    let announced = Some("a second is inserted before 2027-01-01".to_owned());
    let whole = leap::Summary { announced, ..list(None) };
    let leap = with_here(|here| here.leap_list = Some(whole.clone()));
    assert_eq!(problems(&leap), [], "the list is right");
    let said = super::clock::leap(&leap).unwrap().seen;
    assert_eq!(said, "/l is intact and has not expired: a second is inserted before 2027-01-01");
    only(
        &with_here(|here| here.clock_source = Some("jiffies".into())),
        "clock-source",
        State::Warning,
        "jiffies",
    );
    only(&with_here(|here| here.hardware = Some(-3600)), "hardware-clock", State::Warning, "-3600 s");
    for (offset, uncertainty, is_wrong) in
        [(0.2, 0.01, true), (0.2, 0.1, false), (-0.2, 0.0, true), (0.1, 0.0, false)]
    {
        let clock = Measured { offset: Some(offset), uncertainty, ..Measured::default() };
        let facts = Facts { daemon: Some(healthy_daemon()), clock: Some(clock), ..Facts::default() };
        assert_eq!(!problems(&facts).is_empty(), is_wrong, "{offset} {uncertainty}");
    }
}

#[test]
fn the_sources() {
    let few = with_daemon(|daemon| daemon.sources.truncate(3));
    only(&few, "sources", State::Warning, "3 sources, 3 answering");
    let first = |more: &'static str, status| {
        with_daemon(move |daemon| daemon.sources[3] = source("192.0.2.4", status, more))
    };
    only(&first("reach=0, flash=0x1600", 0x8011), "reach", State::Warning, "192.0.2.4 has not answered");
    only(&first("reach=0x7c", 0x941a), "reach", State::Warning, "has stopped answering (reach 174)");
    only(&first("reach=0x55", 0x941a), "reach", State::Warning, "rate-limiting");
    only(&first("reach=0xdb", 0x941a), "reach", State::Warning, "loses packets");
    only(
        &first("reach=0xff, offset=120.5", 0x911a),
        "falsetickers",
        State::Warning,
        "192.0.2.4 at +120.500 ms; 192.0.2.1 at +0.100 ms is followed",
    );
    only(
        &first("reach=0, flash=0x1620", 0x8011),
        "tests",
        State::Warning,
        "192.0.2.4 is not synchronised itself",
    );
    only(&first("reach=0xff, flash=0x400", 0x9011), "tests", State::Warning, "more than 1.5 s from the root");
    only(&first("reach=0xff, flash=0x800", 0x9011), "tests", State::Warning, "is synchronised to this host");
    only(&first("reach=0xff", 0xd41a), "authentication", State::Critical, "192.0.2.4");
    // It answers without a MAC, and the daemon reaches others: no firewall is to blame.
    let mut wrong_key = first("reach=0", 0xc011);
    for source in wrong_key.daemon.iter_mut().flat_map(|daemon| &mut daemon.sources) {
        source.answers = (source.reach() == Some(0)).then_some(true);
    }
    only(&wrong_key, "authentication", State::Critical, "192.0.2.4");
    let authentic = first("reach=0xff", 0xf41a);
    assert_eq!(problems(&authentic), []);
    let missing = first("reach=0, mechanism=symmetric, keyid=7, keytype=0, keybits=0", 0xc011);
    only(&missing, "authentication", State::Critical, "192.0.2.4: the daemon has no key 7");
    let twice = with_daemon(|daemon| daemon.sources.push(source("192.0.2.4", 0x941a, GOOD)));
    only(&twice, "independence", State::Warning, "192.0.2.4 is listed twice");
    let same = with_daemon(|daemon| {
        for (number, entry) in daemon.sources.iter_mut().enumerate() {
            let status = entry.peer.status.0;
            let more = format!("{GOOD}, stratum=2, refid=198.51.100.1");
            *entry = source(&format!("192.0.2.{}", number + 1), status, &more);
        }
    });
    only(&same, "independence", State::Warning, "all 4 sources follow 198.51.100.1");
    let two = with_daemon(|daemon| {
        let more = format!("{GOOD}, reftime=0xee25b5a8.1f2e3d4c");
        daemon.sources[1] = source("192.0.2.2", 0x941a, &more);
        daemon.sources[3] = source("192.0.2.4", 0x941a, &more);
    });
    only(&two, "independence", State::Warning, "192.0.2.2 and 192.0.2.4 are the same server");
    let chain = with_daemon(|daemon| {
        daemon.sources[1] =
            source("192.0.2.2", 0x941a, &GOOD.replace("reach", "stratum=2, refid=192.0.2.1, reach"));
    });
    assert_eq!(problems(&chain), []);
    let said = super::sources::independence(&chain).unwrap().seen;
    assert_eq!(said, "one source follows another: 192.0.2.2 follows 192.0.2.1");
    let instants = with_daemon(|daemon| {
        for (number, at) in [(1, 1), (2, 3)] {
            let more = format!("{GOOD}, reftime=0xee25b5a8.1f2e3d4{number}");
            daemon.sources[at] = source(&format!("192.0.2.{}", at + 1), 0x941a, &more);
        }
    });
    assert_eq!(problems(&instants), []);
    for (more, words) in [
        ("reach=0x11, refid=RATE, stratum=0", "limits the rate"),
        ("reach=0, refid=DENY", "refuses this host"),
    ] {
        only(&first(more, 0x9011), "reach", State::Warning, words);
    }
    let jitter =
        with_daemon(|daemon| daemon.sources[0] = source("192.0.2.1", 0x961a, "reach=0xff, jitter=80"));
    only(&jitter, "jitter", State::Warning, "80.000 ms");
    let polled = with_daemon(|daemon| {
        daemon.sources[0] = source("192.0.2.1", 0x961a, "reach=0xff, jitter=0.25, hpoll=10");
    });
    let said = super::sources::jitter(&polled).unwrap().seen;
    assert_eq!(said, "jitter of 192.0.2.1: 0.250 ms, polled every 1024 s");
    let local =
        with_daemon(|daemon| daemon.sources.push(source("127.127.1.0", 0x8011, "reach=0, flash=0x1600")));
    assert_eq!(problems(&local), [], "the local clock is not polled while others answer");
    let blocked = with_daemon(|daemon| {
        daemon.sources[3] =
            Source { answers: Some(true), ..source("192.0.2.4", 0x8011, "reach=0, flash=0x1600") };
    });
    let names: Vec<&str> = problems(&blocked).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["reach", "port-123"]);
    let mut refused = blocked;
    let rules = ["notrust"].into();
    refused.here.as_mut().unwrap().configuration = Some(Summary { rules, ..Summary::default() });
    let found = problems(&refused);
    let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["reach"], "not the network's doing");
    assert!(found[0].1.seen.ends_with("; `restrict ... notrust' refuses replies without a key"), "{found:?}");
    let silent = &mut refused.daemon.as_mut().unwrap().sources[3];
    *silent = source("192.0.2.4", 0xc011, "reach=0, flash=0x1600");
    let found = problems(&refused);
    assert!(found.len() == 1 && !found[0].1.seen.contains("notrust"), "it has a key: {found:?}");
    assert!(found[0].1.mend.contains("firewalls"), "{found:?}");
}

#[test]
fn what_fails_in_nts_is_named() {
    let nts = |more: &str, status| {
        let text = format!("mechanism=nts, srchost=\"time.example\", {more}");
        with_daemon(move |daemon| daemon.sources[3] = source("192.0.2.4", status, &text))
    };
    for healthy in [
        "ntscookies=8",
        "ntscookies=8, keyattempts=0, keyage=90, ntsnaks=0",
        "ntscookies=7, keyattempts=1, keyage=9",
    ] {
        assert_eq!(problems(&nts(&format!("reach=0xff, {healthy}"), 0xf41a)), [], "{healthy}");
    }
    let name = "time.example (192.0.2.4)";
    let failing = nts("reach=0, ntscookies=0, keyattempts=2, ntsnaks=0", 0xc011);
    let words = format!("{name} has no NTS cookies: no key exchange has succeeded in 2 attempts");
    only(&failing, "authentication", State::Critical, &words);
    assert!(problems(&failing)[0].1.mend.contains("ntpkit nts time.example"));
    // NTPsec's and ntpd-rs report no more than the cookies.
    only(
        &nts("reach=0, ntscookies=0", 0xc011),
        "authentication",
        State::Critical,
        "no key exchange has succeeded",
    );
    let refused = nts("reach=0xff, ntscookies=8, keyattempts=0, keyage=9, ntsnaks=1", 0xf41a);
    only(&refused, "authentication", State::Warning, &format!("{name} rejects its NTS cookies (1 NTS NAK)"));
    let silent = nts("reach=0, ntscookies=7, keyattempts=0, keyage=9, ntsnaks=1", 0xc011);
    only(&silent, "authentication", State::Critical, "rejects its NTS cookies");
    let mut unanswered = nts("reach=0, ntscookies=8, keyattempts=0, keyage=9, ntsnaks=0", 0xc011);
    for source in unanswered.daemon.iter_mut().flat_map(|daemon| &mut daemon.sources) {
        source.answers = (source.reach() == Some(0)).then_some(true);
    }
    only(&unanswered, "authentication", State::Critical, &format!("{name} answers requests without NTS"));
    assert!(problems(&unanswered)[0].1.mend.contains("ntpkit nts --lengths time.example"));
    let late = nts("reach=0xff, ntscookies=3, keyattempts=4, keyage=9000, ntsnaks=0", 0xf41a);
    only(&late, "authentication", State::Warning, "4 NTS key exchanges since the last one that succeeded");
    let begun = nts("reach=0, ntscookies=0, keyattempts=0", 0xc011);
    let names: Vec<&str> = problems(&begun).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["reach"], "it has not tried yet");
}

#[test]
fn normal_registers_show_no_fault() {
    for reach in ["0xff", "0x1", "0x7", "0xfe", "0xbf", "0x7f", "0x3d"] {
        let text = format!("reach={reach}");
        let facts = with_daemon(|daemon| daemon.sources[3] = source("192.0.2.4", 0x941a, &text));
        assert_eq!(problems(&facts), [], "{reach}");
    }
}

#[test]
fn configuration_and_names() {
    let summary = |errors, warnings| Summary {
        files: vec!["/etc/ntp.conf".into()],
        errors,
        warnings,
        first: "/etc/ntp.conf:3: what".into(),
        ..Summary::default()
    };
    let with = |errors, warnings| with_here(move |here| here.configuration = Some(summary(errors, warnings)));
    only(&with(0, 2), "configuration", State::Warning, "2 warnings, first /etc/ntp.conf:3: what");
    only(&with(1, 2), "configuration", State::Critical, "1 error and 2 warnings");
    let names = |failed: usize| {
        with_here(move |here| {
            let failed = (0..failed).map(|n| (format!("n{n}.example"), "no such name".into())).collect();
            here.names = Some(super::super::facts::Names { asked: 2, failed, same: None });
        })
    };
    assert_eq!(problems(&names(0)), []);
    only(&names(1), "names", State::Warning, "n0.example: no such name");
    only(&names(2), "names", State::Critical, "n1.example");
    let same = Some(("a.example".to_owned(), "b.example".to_owned()));
    let names = with_here(|here| {
        here.names = Some(super::super::facts::Names { asked: 2, failed: vec![], same: same.clone() });
    });
    only(&names, "independence", State::Warning, "a.example and b.example are the same server");
}

#[test]
fn an_offset_that_rounds_to_nothing_is_not_negative() {
    for (seconds, expected) in [
        (-0.000_000_4, "+0.000 ms"),
        (-0.0, "+0.000 ms"),
        (-0.000_000_6, "-0.001 ms"),
        (0.116, "+116.000 ms"),
        (-1.5, "-1.500 s"),
    ] {
        assert_eq!(super::clock::signed(seconds), expected, "{seconds}");
    }
}
