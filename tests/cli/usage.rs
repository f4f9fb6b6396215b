//! The command line and its mistakes.

use crate::support::{Run, Transcript, daemon};
use insta::assert_snapshot;

#[test]
fn mistakes() {
    let lines: &[&[&str]] = &[
        &["-z"],
        &["--bogus"],
        &["--n"],
        &["-n", "-n"],
        &["-nn"],
        &["-i", "-p"],
        &["-i", "-c", "rv"],
        &["-4", "-6"],
        &["-6p4"],
        &["-c"],
        &["--command"],
        &["-D", "x"],
        &["-r", "x", "-p"],
        &["-r", "", "-p"],
        &["-r", "2", "-p"],
        &["--numeric=yes"],
        &["--compat", "4.2.6"],
        &["--format", "xml"],
        &["--color", "perhaps"],
        &["--name-timeout", "-1"],
    ];
    let (mut unsigned, mut classic) = (Transcript::default(), Transcript::default());
    for words in lines {
        for (transcript, run) in
            [(&mut unsigned, Run::ntpq(*words)), (&mut classic, Run::ntpq(*words).classic())]
        {
            let line = run.to_string();
            let ran = run.run();
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "{line}");
            transcript.note(&line, &ran);
        }
    }
    // The dialects differ in nothing but the line that chooses one.
    let same = classic.to_string().replace("NTPKIT_COMPAT=4.2.8p15 ", "");
    assert_eq!(same, unsigned.to_string());
    assert_snapshot!("mistakes", unsigned);
}

#[test]
fn options_may_be_joined_and_abbreviated() {
    let daemon = daemon("young");
    let print = |words: &[&str]| Run::ntpq(words).of(&daemon).run().quiet_success();
    let peers = print(&["-n", "-p"]);
    for words in [
        &["-np"][..],
        &["-pn"],
        &["--numeric", "--peers"],
        &["--num", "--pee"],
        &["-n", "-cpeers"],
        &["-ncpeers"],
        &["-n", "--command=peers"],
        &["-n", "--comm", "peers"],
        &["-nc", "peers", "--"],
        &["-4", "-np"],
        &["-D", "0", "-np"],
        &["--compat", "none", "-np"],
        &["--compat=", "-np"],
    ] {
        assert_eq!(print(words), peers, "{words:?}");
    }
    assert_eq!(print(&["-np", "-r", "h"]), print(&["-np", "--refid=0"]));
    assert_eq!(print(&["-np", "-r", "1"]), peers);
}

#[test]
fn the_order_of_commands_is_kept() {
    let daemon = daemon("young");
    let print = |words: &[&str]| Run::ntpq(words).of(&daemon).run().quiet_success();
    let (peers, stratum) = (print(&["-np"]), print(&["-c", "rv 0 stratum"]));
    assert_eq!(print(&["-n", "-c", "rv 0 stratum", "-p"]), format!("{stratum}\n{peers}"));
    assert_eq!(print(&["-n", "-p", "-c", "rv 0 stratum"]), format!("{peers}\n{stratum}"));
}

#[test]
fn options_end_at_the_first_operand() {
    let daemon = daemon("young");
    let host = crate::support::host(&daemon);
    // The look-up of a host named `-p` has no good end, be there a name server or not.
    let ran = Run::ntpq(["--name-timeout", "0.2", "-nc", "rv 0 stratum", &host, "-p"]).classic().run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), "server=127.0.0.1 stratum=16\n"), "{ran}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
}

#[test]
fn a_dash_from_a_web_page_is_wrong_usage_in_every_applet() {
    for applet in ntpkit::app::applet::APPLETS {
        for classic in [false, true] {
            let run = Run::called(applet.name, ["–d", "127.0.0.1"]);
            let ran = if classic { run.classic() } else { run }.run();
            assert_eq!(
                (ran.status, ran.stdout.as_str()),
                (Some(applet.usage_status.into()), ""),
                "{}",
                applet.name
            );
            let line = format!(
                "{}: '–d' begins with U+2013 (en dash), not with a hyphen; did you mean '-d'?\n",
                applet.name
            );
            assert_eq!(ran.stderr, line);
        }
    }
}

#[test]
fn an_option_behind_the_host_is_wrong_usage_but_in_the_classic_dialect() {
    let daemon = daemon("campus");
    let host = crate::support::host(&daemon);
    let ran = Run::ntpq(["-n", &host, "-p"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(ran.stderr, format!("ntpq: '-p' comes after '{host}': options must come first\n"));
    let ran = Run::called("ntpdate", [&host, "-q"]).run();
    assert_eq!(ran.status, Some(2), "{}", ran.stderr);
    let ran = Run::ntpq(["-n", "-c", "version", &host, "-p"]).classic().run();
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let ran = Run::ntpq(["-n", "-c", "rv 0 stratum", "-4", &host, "-4"]).run();
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
}
