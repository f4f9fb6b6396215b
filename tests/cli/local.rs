//! Commands that ask nobody.

use crate::support::{Run, Transcript, daemon};
use insta::assert_snapshot;

#[test]
fn settings() {
    let commands = [
        "timeout",
        "timeout 100",
        "timeout",
        "timeout x",
        "delay",
        "delay 5",
        "delay",
        "delay -7",
        "delay",
        "delay x",
        "delay +9",
        "delay",
        "hostnames",
        "hostnames no",
        "hostnames",
        "hostnames x",
        "drefid",
        "drefid hash",
        "drefid",
        "drefid x",
        "debug",
        "debug more",
        "debug more",
        "debug less",
        "debug no",
        "debug less",
        "debug more",
        "debug x",
        "ntpversion",
        "ntpversion 5",
        "ntpversion 3",
        "ntpversion",
        "raw",
        "cooked",
        "version",
    ];
    let words: Vec<&str> = commands.iter().flat_map(|&command| ["-c", command]).collect();
    // Nobody is asked: that nobody listens at the address does no harm.
    let (mut unsigned, mut classic) = (Transcript::default(), Transcript::default());
    unsigned.add(Run::ntpq(&words));
    classic.add(Run::ntpq(&words).classic());
    assert_snapshot!("settings", unsigned);
    assert_snapshot!("settings_classic", classic);
}

#[test]
fn every_command_is_explained() {
    let mut transcript = Transcript::default();
    for command in ntpkit::app::ntpq::COMMANDS {
        transcript.add(Run::ntpq(["-c", &format!("help {}", command.name)]));
    }
    transcript.add(Run::ntpq(["-c", "help", "-c", "?", "-c", "help zzz", "-c", "help re", "-c", "? pe"]));
    assert_snapshot!("help_of_commands", transcript);
}

#[test]
fn help_and_version() {
    let mut transcript = Transcript::default();
    for option in ["-?", "--help", "--version", "--version=c"] {
        transcript.add(Run::ntpq([option]));
    }
    assert_snapshot!("help_and_version", transcript);
}

#[test]
fn ill_used_commands() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &["-c", "zzz"],
            &["-c", "r"],
            &["-c", ""],
            &["-c", "   "],
            &["-c", "rv 99"],
            &["-c", "rv 70000"],
            &["-c", "rv -1", "-c", "rv abc", "-c", "rv 4294967296"],
            &["-c", "rv &99 stratum", "-c", "rv &x", "-c", "rv &0 stratum"],
            &["-c", "rv 0 nonsense"],
            &["-c", "rv 0 a b c d e"],
            &["-c", "rv 0 \"stratum\"", "-c", "\"rv\" 0 stratum", "-c", "rv \"0"],
            &["-c", "ntpversion", "-c", "rv 0 stratum offset leap 4 5"],
            &["-c", "quit", "-c", "rv 0 stratum"],
            &["-c", "rv 0 stratum", "-c", "exit now", "-c", "rv 0 stratum"],
        ],
    );
    assert_snapshot!("ill_used_commands", unsigned);
    assert_snapshot!("ill_used_commands_classic", classic);
}

#[test]
fn a_command_line_has_an_end() {
    let daemon = daemon("campus");
    let longest = format!("rv 0 {}stratum", ",".repeat(511 - "rv 0 stratum".len()));
    assert_eq!(longest.len(), 511);
    assert_eq!(Run::ntpq(["-c", &longest]).of(&daemon).run().quiet_success(), "stratum=2\n");
    let ran = Run::ntpq(["-c", &(longest.clone() + " ")]).of(&daemon).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert_eq!(ran.stderr, format!("***Line `{longest} ' is too big\n"));
}
