//! Completion of words on the command line.

use crate::app::ntpdc::NTPDC;
use crate::app::ntpq::NTPQ;
use crate::compat::Dialect;
use crate::console::completion::{Vocabulary, complete, wants_file};
use crate::console::program::Program;
use crate::wire::AssociationId;

fn texts(before: &str) -> (usize, Vec<String>) {
    texts_of(&NTPQ, before)
}

fn texts_of(program: &Program, before: &str) -> (usize, Vec<String>) {
    let vocabulary = Vocabulary {
        dialect: Dialect::Native,
        associations: vec![AssociationId(4711), AssociationId(4712), AssociationId(50)],
        seen: vec!["offset".into(), "odd_name".into()],
        peers: ["192.0.2.11", "192.0.2.12", "2001:db8::11"].map(|ip| ip.parse().unwrap()).to_vec(),
    };
    let (start, candidates) = complete(program, before, &vocabulary);
    (start, candidates.into_iter().map(|candidate| candidate.text).collect())
}

#[test]
fn arguments_of_mode_7_are_completed() {
    let texts = |before| texts_of(&NTPDC, before).1;
    assert_eq!(texts("showp"), ["showpeer "]);
    assert_eq!(texts("showpeer 2"), ["2001:db8::11"]);
    assert_eq!(texts("showpeer 192.0.2.11 192.0.2.1"), ["192.0.2.11", "192.0.2.12"]);
    assert_eq!(texts("unconfig -6 2"), ["2001:db8::11"]);
    assert_eq!(texts("pstats -"), ["-4", "-6"]);
    assert_eq!(texts("peers -"), ["-4", "-6"]);
    assert_eq!(texts("addserver host i"), ["iburst"]);
    assert_eq!(texts("addserver host 5 4 prefer m"), ["minpoll", "maxpoll"]);
    assert_eq!(texts("restrict -6 host mask noq"), ["noquery"]);
    assert_eq!(texts("restrict host mask noquery kod nom"), ["nomodify"]);
    assert_eq!(texts("enable auth bclient mon"), ["monitor"]);
    assert_eq!(texts("fudge 127.127.1.0 ti"), ["time1", "time2"]);
    assert_eq!(texts("fudge 127.127.1.0 time1 "), Vec::<String>::new());
    assert_eq!(texts("reset io al"), ["allpeers"]);
    assert_eq!(texts("loopinfo on"), ["oneline"]);
    assert_eq!(texts("help lo"), ["loopinfo "]);
}

#[test]
fn commands_are_completed() {
    assert_eq!(texts("pee"), (0, vec!["peers ".into()]));
    assert_eq!(texts("help hostn"), (5, vec!["hostnames ".into()]));
    assert_eq!(texts("raw"), (0, vec!["raw".into()]));
    assert!(texts("").1.contains(&"rv".to_owned()));
    assert_eq!(texts("zzz "), (4, vec![]));
}

#[test]
fn associations_are_completed() {
    assert_eq!(texts("rv 47"), (3, vec!["4711".into(), "4712".into()]));
    assert_eq!(texts("rv &"), (3, vec!["&1".into(), "&2".into(), "&3".into()]));
    assert_eq!(texts("pstats &3"), (7, vec!["&3".into()]));
    assert_eq!(texts("mrv 50 "), (7, vec!["0".into(), "4711".into(), "4712".into(), "50".into()]));
}

#[test]
fn variables_are_completed_by_whose_they_are() {
    assert_eq!(texts("rv 0 roo"), (5, vec!["rootdelay".into(), "rootdisp".into()]));
    assert_eq!(texts("rv &1 filtd"), (6, vec!["filtdelay".into(), "filtdisp".into()]));
    assert_eq!(texts("cv 50 timec"), (6, vec!["timecode".into()]));
    assert_eq!(texts("rv 0 leap,stra"), (10, vec!["stratum".into()]));
    assert_eq!(texts("rv 0 leap odd"), (10, vec!["odd_name".into()]));
    assert_eq!(texts("rv 0 off"), (5, vec!["offset".into()]), "known and seen");
    assert_eq!(texts("rv 0 leap=o"), (5, vec![]));
}

#[test]
fn choices_are_completed() {
    assert_eq!(texts("hostnames y"), (10, vec!["yes".into()]));
    assert_eq!(texts("peers -"), (6, vec!["-4".into(), "-6".into()]));
    assert_eq!(texts("debug "), (6, vec!["no".into(), "more".into(), "less".into()]));
    assert_eq!(texts("keytype AES"), (8, vec!["AES128CMAC".into()]));
    assert_eq!(texts("host example"), (5, vec![]));
}

#[test]
fn files_follow_the_sign_for_them() {
    let ntpq = &NTPQ;
    assert!(wants_file(ntpq, "peers > ", Dialect::Native));
    assert!(wants_file(ntpq, "peers > fi", Dialect::Native));
    assert!(wants_file(ntpq, "peers >fi", Dialect::Native));
    assert!(wants_file(ntpq, "config-from-file /etc/n", Dialect::Native));
    assert!(!wants_file(ntpq, "peers ", Dialect::Native));
    assert!(!wants_file(ntpq, ":config > x", Dialect::Native));
}
