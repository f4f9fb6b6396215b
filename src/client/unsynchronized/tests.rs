//! Tests of the reasons.

use super::*;
use crate::wire::AssociationId;
use crate::wire::status::PeerStatusWord;
use crate::wire::variables::scan;

/// A source with this selection, and variables.
fn source(number: u8, selection: Selection, more: &str) -> Peer {
    let status = PeerStatusWord(0x9000 | (selection as u16) << 8);
    let text = format!("srcadr=192.0.2.{number}, stratum=2, hpoll=6, {more}");
    Peer::from_variables(AssociationId(number.into()), status, &scan(text.as_bytes()))
}

fn reason(sources: &[Peer], uptime: Option<u64>) -> Reason {
    let sources: Vec<&Peer> = sources.iter().collect();
    let uptime = uptime.map(Duration::from_secs);
    Reason::of(&Evidence { daemon: "ntpd", uptime, sources: &sources })
}

#[test]
fn every_reason_has_its_words_and_a_next_step() {
    use Selection::{FalseTicker, Reject, SystemPeer};
    let silent = |number| source(number, Reject, "reach=0");
    let once = |number| source(number, Reject, "reach=1");
    let old = |number, selection| source(number, selection, "reach=0377");
    let local = || {
        let text = b"srcadr=127.127.1.0, stratum=10, reach=0";
        Peer::from_variables(AssociationId(9), PeerStatusWord(0x8000), &scan(text))
    };
    let high = Peer { stratum: Some(15), ..old(1, SystemPeer) };
    for (sources, uptime, words, next) in [
        (vec![], None, "it has no sources", "in ntp.conf: pool"),
        (vec![local()], None, "it has no source but its own local clock", "in ntp.conf: pool"),
        (
            vec![silent(1), silent(2)],
            Some(100),
            "none of its 2 sources has answered yet; it started 100 s ago",
            "wait 200 s: ntpstat --wait=200",
        ),
        (vec![silent(1)], Some(9000), "its only source does not answer", "ntpdate -q -u --explain 192.0.2.1"),
        (vec![silent(1), local()], None, "its only source does not answer", "ntpdate -q"),
        (
            vec![source(1, Reject, "reach=0377, stratum=16")],
            Some(9000),
            "192.0.2.1, the only source that answers, is not synchronised itself",
            "ntpstat 192.0.2.1",
        ),
        (
            vec![
                source(1, Reject, "reach=0377, flash=0x20"),
                source(2, Reject, "reach=0, flash=0x20"),
                silent(3),
            ],
            None,
            "the 2 sources that answer are not synchronised",
            "ntpstat",
        ),
        (
            vec![old(1, FalseTicker), old(2, FalseTicker), old(3, FalseTicker), silent(4)],
            Some(9000),
            "3 of the 3 sources that answer are falsetickers",
            "ntpq -pn",
        ),
        (
            vec![once(1), silent(2)],
            Some(9000),
            "no source is selected yet; 1 of 2 sources answer",
            "wait 192 s",
        ),
        (vec![old(1, Reject)], Some(250), "no source is selected yet", "wait 50 s"),
        (vec![old(1, Reject)], Some(9000), "1 source that answers is too far", "ntpkit ping 192.0.2.1"),
        (vec![high], Some(9000), "its source 192.0.2.1 has stratum 15", "ntptrace"),
        (
            vec![old(1, SystemPeer)],
            Some(9000),
            "it follows 192.0.2.1 but has not set the clock yet (leap alarm)",
            "ntpkit diag",
        ),
    ] {
        let found = reason(&sources, uptime);
        assert!(found.words().starts_with(words), "{}", found.words());
        assert!(found.next_step().starts_with(next), "{}", found.next_step());
        assert_eq!(found.explain(), format!("{}; next: {}", found.words(), found.next_step()));
    }
}

#[test]
fn other_daemons_have_their_own_files_and_no_register() {
    let of = |daemon| {
        let next = Reason::of(&Evidence { daemon, uptime: None, sources: &[] }).next_step();
        next.split(':').next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        ["ntpd", "chronyd", "ntpd-rs", "systemd-timesyncd"].map(of),
        ["in ntp.conf", "in chrony.conf", "in ntp.toml", "in timesyncd.conf"]
    );
    // ntpd-rs has no reachability register: the status word decides.
    let unreachable = Peer { status: PeerStatusWord(0x8000), ..source(1, Selection::Reject, "") };
    assert_eq!(reason(&[unreachable], None).kind(), "no_answer");
    let answering = source(1, Selection::Reject, "");
    let other = |daemon, peer: &Peer| Reason::of(&Evidence { daemon, uptime: None, sources: &[peer] });
    assert_eq!(other("chronyd", &answering).kind(), "too_distant");
    assert!(other("ntpd-rs", &answering).words().starts_with("1 source answers, but fewer than"));
    assert!(other("systemd-timesyncd", &answering).words().starts_with("the answer of 192.0.2.1 is too old"));
    assert_eq!(other("systemd-timesyncd", &Peer::default()).kind(), "no_sources");
    assert_eq!(other("ntpd-rs", &Peer::default()).kind(), "no_answer");
}

#[test]
fn hostile_numbers_are_bounded() {
    for poll in ["17", "99999", "-5", "2147483647"] {
        let peer = source(1, Selection::Reject, &format!("reach=1, hpoll={poll}, stratum=4294967295"));
        let peer = Peer { stratum: None, ..peer };
        let Reason::NotSelectedYet { wait, .. } = reason(&[peer], None) else { panic!("{poll}") };
        assert!(wait <= 3 << 17, "{wait}");
    }
    let strange = source(1, Selection::SystemPeer, "reach=1, stratum=4294967295");
    assert_eq!(reason(&[strange], Some(u64::MAX)).kind(), "stratum");
}

#[test]
fn other_daemons_are_young_for_a_shorter_time() {
    let silent = source(1, Selection::Reject, "reach=0");
    for (daemon, age, kind, next) in [
        ("ntpd", 70, "no_answer_yet", "wait 230 s"),
        ("chronyd", 60, "no_answer_yet", "wait 4 s"),
        ("chronyd", 70, "no_answer", "ntpdate -q -u"),
        ("ntpd-rs", 70, "no_answer", "ntpdate -q -u"),
        ("systemd-timesyncd", 70, "no_answer", "ntpdate -q -u"),
    ] {
        let uptime = Some(Duration::from_secs(age));
        let found = Reason::of(&Evidence { daemon, uptime, sources: &[&silent] });
        assert_eq!(found.kind(), kind, "{daemon} {age}");
        assert!(found.next_step().starts_with(next), "{daemon} {age}: {}", found.next_step());
    }
}
