//! `ntpkit check-config`.

use crate::support::{Ran, Run};
use std::fs;
use std::process::{Command, Stdio};

const CLEAN: &str = "driftfile /var/lib/ntp/ntp.drift\n\
    pool a.example iburst\n\
    restrict default kod limited nomodify noquery\n\
    restrict 127.0.0.1\n\
    restrict ::1\n";

/// Checks this text on standard input.
fn check(text: &str, options: &[&str]) -> Ran {
    let words = ["check-config", "--daemon", "ntpd", "--elsewhere", "-"];
    Run::called("ntpkit", words.iter().chain(options)).input(text).run()
}

#[test]
fn the_status_says_how_bad_it_is() {
    let clean = check(CLEAN, &[]);
    assert_eq!((clean.status, clean.stdout.as_str(), clean.stderr.as_str()), (Some(0), "", ""));
    let warned = check(&format!("{CLEAN}tinker panic 0\n"), &[]);
    assert_eq!(warned.status, Some(1), "{warned:?}");
    assert!(warned.stdout.starts_with("-:6:14: warning: `tinker panic 0`: "), "{warned:?}");
    let wrong = check(&format!("{CLEAN}server b.example iburst perfer\n"), &[]);
    assert_eq!(wrong.status, Some(2));
    assert_eq!(
        wrong.stdout,
        "-:6:25: error: `server` has no option `perfer`: the daemon refuses the line or the whole file, or ignores it from there on; did you \
         mean `prefer`? [unknown-word]\n"
    );
}

#[test]
fn what_cannot_be_read_or_is_nobodys_is_a_failure() {
    let folder = tempfile::tempdir().expect("a directory");
    let odd = folder.path().join("odd");
    fs::write(&odd, CLEAN).expect("a file");
    for (path, problem) in [
        ("/nonexistent/ntp.conf", "No such file or directory"),
        (odd.to_str().expect("a path"), "the name does not say whose configuration it is"),
        ("/dev/zero", ""),
    ] {
        let ran = Run::called("ntpkit", ["check-config", path]).run();
        assert_eq!(ran.status, Some(2), "{ran:?}");
        assert!(ran.stderr.contains(path) && ran.stderr.contains(problem), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
    let root = folder.path().to_str().expect("a path");
    let ran = Run::called("ntpkit", ["check-config", "--root", root]).run();
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("no configuration found: looked for /etc/ntp.conf"), "{ran:?}");
}

#[test]
fn json_holds_the_same() {
    let ran = check(&format!("{CLEAN}mimpoll\u{1b} 3\n"), &["--format", "json"]);
    assert_eq!(ran.status, Some(2));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(json["schema"], "ntpkit.config-check.v1");
    let finding = &json["configurations"][0]["findings"][0];
    assert_eq!(
        (&finding["line"], &finding["column"], &finding["rule"], &finding["refused"]),
        (&6.into(), &1.into(), &"unknown-word".into(), &true.into())
    );
    assert!(!ran.stdout.contains('\u{1b}'));
}

/// The diff leads from one file to a clean one, and the program itself writes nothing.
#[test]
fn a_suggestion_can_be_applied() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("ntp.conf");
    let before = "server a.example perfer\nserver b.example minpoll3\nenable mode7\nlogconfig all\nbroadcastclient key\nserver c.example\nserver d.example";
    fs::write(&path, before).expect("a file");
    let words = ["check-config", "--elsewhere", "--suggest", path.to_str().expect("a path")];
    let ran = Run::called("ntpkit", words).run();
    assert_eq!(ran.status, Some(2));
    assert_eq!(fs::read_to_string(&path).expect("a file"), before);
    let Ok(mut tool) =
        Command::new("patch").args(["-s", path.to_str().expect("a path")]).stdin(Stdio::piped()).spawn()
    else {
        return; // not every machine has it
    };
    std::io::Write::write_all(&mut tool.stdin.take().expect("a pipe"), ran.stdout.as_bytes())
        .expect("a pipe");
    assert!(tool.wait().expect("a process").success());
    let after = Run::called("ntpkit", ["check-config", "--elsewhere", path.to_str().expect("a path")]).run();
    assert_eq!((after.status, after.stdout.as_str()), (Some(0), ""), "{after:?}");
}

/// Beneath another root, the usual places and the files that a configuration names are that root's.
#[test]
fn another_root_is_looked_at() {
    let folder = tempfile::tempdir().expect("a directory");
    let root = folder.path();
    for inner in ["etc/ntpsec", "etc/ntp", "var/lib/ntp"] {
        fs::create_dir_all(root.join(inner)).expect("a directory");
    }
    fs::write(root.join("etc/ntp.conf"), format!("{CLEAN}includefile /etc/ntp/more\n")).expect("a file");
    fs::write(root.join("etc/ntp/more"), "enable mode7\nincludefile /etc/ntp/more\n").expect("a file");
    let ran = Run::called("ntpkit", ["check-config", "--root", root.to_str().expect("a path")]).run();
    let shown: Vec<&str> =
        ran.stdout.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(shown, ["/etc/ntp/more:1:8", "/etc/ntp/more:2:13"], "{ran:?}");
    assert_eq!(ran.status, Some(2), "{ran:?}");
}

/// The files of ntpdate's start scripts are among the usual ones, also where there is no daemon.
#[test]
fn the_files_of_start_scripts_are_looked_at_beneath_another_root() {
    let folder = tempfile::tempdir().expect("a directory");
    let root = folder.path();
    for (path, text) in [
        ("etc/ntp/step-tickers", "# servers\nserver a.example\n"),
        ("etc/default/ntpdate", "NTPDATE_USE_NTP_CONF=no\nNTPSERVERS=\"a.example b.example\"\n"),
        ("etc/sysconfig/ntpdate", "OPTIONS = \"-p 2\"\nRETRY=2\n"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    let words = ["check-config", "--root", root.to_str().expect("a path")];
    let ran = Run::called("ntpkit", words).run();
    let beginnings = [
        "/etc/ntp/step-tickers:2:1: error: `server` is not a server: ",
        "/etc/default/ntpdate:2:1: warning: only two sources: ",
        "/etc/sysconfig/ntpdate:1:1: error: a space next to `=`: ",
        "/etc/sysconfig/ntpdate:2:1: warning: `RETRY` is not read by any script: ",
    ];
    assert_eq!((ran.status, ran.stdout.lines().count()), (Some(2), beginnings.len()), "{ran:?}");
    for (line, beginning) in ran.stdout.lines().zip(beginnings) {
        assert!(line.starts_with(beginning), "{line}");
    }
    let ran = Run::called("ntpkit", words.iter().chain(&["--suggest"])).run();
    assert!(ran.stdout.contains("-OPTIONS = \"-p 2\"\n+OPTIONS=\"-p 2\"\n"), "{ran:?}");
}
