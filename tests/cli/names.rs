//! The names under which the binary is called, and `ntpkit` itself.

use crate::support::{Run, daemon};
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const BINARY: &str = env!("CARGO_BIN_EXE_ntpkit");

/// Standard output of a program called by a path, in a folder.
fn call(folder: &Path, program: &str, words: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(program);
    command.current_dir(folder).args(words).env_remove("NTPKIT_COMPAT");
    let output = loop {
        match command.output() {
            // A copy cannot be called while the child of another test still has it open for writing, between fork and exec.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            output => break output.unwrap(),
        }
    };
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn links_named_like_the_applet() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ntpq", "ntpq.real", "ntpq-4.2.8", "ntpq_"] {
        let link = folder.path().join(name);
        symlink(BINARY, &link).unwrap();
        let absolute = call(Path::new("/"), link.to_str().unwrap(), &["-c", "timeout"]);
        assert_eq!(absolute, ("primary timeout 5000 ms\n".to_owned(), Some(0)), "{name}");
        let relative = call(folder.path(), &format!("./{name}"), &["-c", "timeout"]);
        assert_eq!(relative, absolute);
    }
}

#[test]
fn any_other_name_is_ntpkit() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ntpkit", "ntpkit-0.9", "ntpqx", "ntp"] {
        symlink(BINARY, folder.path().join(name)).unwrap();
        let program = format!("./{name}");
        let (help, status) = call(folder.path(), &program, &["--help"]);
        assert_eq!(status, Some(0));
        assert!(help.contains("Usage: ntpkit") && help.contains("  ntpq "), "{help}");
        let as_applet = call(folder.path(), &program, &["ntpq", "-c", "timeout"]);
        assert_eq!(as_applet, ("primary timeout 5000 ms\n".to_owned(), Some(0)));
    }
}

#[test]
fn the_name_stands_in_messages() {
    for (called, said) in [("/opt/bin/ntpq.real", "/opt/bin/ntpq.real"), ("ntpq", "ntpq")] {
        let ran = Run::called(called, ["-p", "[x"]).run();
        assert_eq!(ran.stderr, format!("{said}: [x: bad hostname/address: Invalid argument\n"));
    }
}

#[test]
fn ntpkit_alone_says_what_there_is() {
    let bare = Run::called("ntpkit", [""; 0]).run();
    let help = Run::called("ntpkit", ["--help"]).run();
    assert_eq!(bare.stdout, help.stdout);
    assert_eq!((bare.status, help.status), (Some(0), Some(0)));
    for applet in ntpkit::app::applet::APPLETS {
        let row = help.stdout.lines().find(|line| line.trim_start().starts_with(applet.name));
        assert!(row.is_some_and(|row| row.ends_with(applet.purpose)), "{help}");
    }
    let version = Run::called("ntpkit", ["--version"]).run().quiet_success();
    assert_eq!(version, format!("ntpkit {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn ntpkit_does_not_guess() {
    let ran = Run::called("ntpkit", ["ntpx"]).run();
    let said = "ntpkit: no such applet or command: ntpx; `ntpkit --help' lists them\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(2), "", said));
    let ran = Run::called("ntpkit", ["--bogus"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("'--bogus'"), "{ran}");
}

/// 1 is a finding of these commands: a script must not take a typing error or a full disk for one.
#[test]
fn wrong_usage_and_full_disks_are_no_findings() {
    for (words, status) in [
        (&["check-config", "--bogus"][..], 2),
        (&["leap", "--bogus"], 2),
        (&["leap", "--check", "--bogus"], 3),
        (&["keys", "check"], 2),
        (&["install", "--bogus"], 2),
    ] {
        let ran = Run::called("ntpkit", words).run();
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(status), ""), "{words:?}: {ran:?}");
        assert!(!ran.stderr.is_empty());
    }
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/leap-seconds.list");
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    for (words, status) in [
        (&["leap", list][..], 2),
        (&["leap", "--check", list], 3),
        (&["check-config", "--daemon", "ntpd", sources], 2),
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = Run::called("ntpkit", words).command().stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "ntpkit: write error: No space left on device\n");
    }
}

#[test]
fn help_is_for_whatever_has_a_name() {
    for (words, usage) in [
        (&["help", "install"][..], "Usage: ntpkit install [OPTIONS]\n"),
        (&["help", "demo"], "Usage: ntpkit demo [OPTIONS] [SCENARIO]...\n"),
        (&["help", "keys"], "Usage: ntpkit keys <COMMAND>\n"),
        (&["help", "keys", "check"], "Usage: ntpkit keys check [OPTIONS] <FILE>...\n"),
        (&["help", "ntpdate-debian"], "Usage: ntpdate-debian [OPTIONS] [SERVER]...\n"),
        (&["ntpdate-debian", "--help"], "Usage: ntpdate-debian [OPTIONS] [SERVER]...\n"),
    ] {
        let help = Run::called("ntpkit", words).run().quiet_success();
        assert!(help.contains(usage), "{words:?}: {help}");
    }
    let ran = Run::called("ntpkit", ["help", "ntpx"]).run();
    assert_eq!(ran.stderr, "ntpkit: no such applet or command: ntpx; `ntpkit --help' lists them\n");
}

#[test]
fn the_dialect_comes_from_the_environment_or_an_option() {
    let daemon = daemon("campus");
    let row = |run: Run| run.of(&daemon).run().quiet_success().lines().nth(2).unwrap().contains("+0.075");
    assert!(!row(Run::ntpq(["-np"])));
    assert!(row(Run::ntpq(["-np"]).environment("NTPKIT_COMPAT", "4.2.8p15")));
    assert!(row(Run::ntpq(["-np", "--compat", "4.2.8p15"])));
    assert!(row(Run::called("ntpkit", ["--compat", "4.2.8p15", "ntpq", "-np"])));
    assert!(!row(Run::ntpq(["-np", "--compat", "none"]).environment("NTPKIT_COMPAT", "4.2.8p15")));
    assert!(!row(Run::ntpq(["-np"]).environment("NTPKIT_COMPAT", "")));
}

#[test]
fn an_unknown_dialect_is_refused() {
    let ran = Run::ntpq(["-c", "timeout"]).environment("NTPKIT_COMPAT", "4.2.6").run();
    let said = "ntpq: NTPKIT_COMPAT: unknown release '4.2.6': 4.2.8p15, ntpsec, or none\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(1), "", said));
}

#[test]
fn install_makes_links_that_work_and_removes_them() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ntpkit");
    std::fs::copy(BINARY, &program).unwrap();
    let links = folder.path().join("links");
    std::fs::create_dir(&links).unwrap();
    let install = |words: &[&str]| {
        let words: Vec<&str> = [&["install", "--dir", links.to_str().unwrap()], words].concat();
        call(folder.path(), "./ntpkit", &words)
    };
    let links_found = links.canonicalize().unwrap();
    let link = links_found.join("ntpq");
    let each = |tell: &dyn Fn(&str) -> Option<&'static str>| -> String {
        let rows =
            ntpkit::app::applet::APPLETS.iter().filter_map(|applet| Some((applet.name, tell(applet.name)?)));
        rows.map(|(name, what)| format!("{}: {what}\n", links_found.join(name).display())).collect()
    };

    assert_eq!(install(&[]), (each(&|_| Some("made")), Some(0)));
    assert_eq!(call(&links, "./ntpq", &["-c", "timeout"]).0, "primary timeout 5000 ms\n");
    assert_eq!(install(&[]), (each(&|_| Some("links to the program, unchanged")), Some(0)));
    assert_eq!(install(&["--uninstall"]), (each(&|_| Some("removed")), Some(0)));
    assert!(link.symlink_metadata().is_err());

    std::fs::write(&link, "somebody else's").unwrap();
    assert_eq!(install(&[]), (String::new(), Some(1)));
    assert_eq!(std::fs::read(&link).unwrap(), b"somebody else's");
    assert_eq!(
        install(&["--uninstall"]),
        (each(&|name| (name == "ntpq").then_some("does not link to the program, kept")), Some(0))
    );
    assert_eq!(
        install(&["--force"]),
        (each(&|name| Some(if name == "ntpq" { "replaced" } else { "made" })), Some(0))
    );
    assert_eq!(call(&links, "./ntpq", &["-c", "timeout"]).1, Some(0));
}

#[test]
fn install_says_what_is_wrong() {
    let ran = Run::called("ntpkit", ["install", "--dir", "/nonexistent/folder"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("ntpkit: ") && ran.stderr.contains("/nonexistent/folder"), "{ran}");
}

#[test]
fn the_demonstration_shows_command_lines_and_what_they_print() {
    let ran = Run::called("ntpkit", ["demo", "campus"]).run();
    let shown = ran.quiet_success();
    let lines: Vec<&str> = shown.lines().filter(|line| line.starts_with("$ ")).collect();
    assert!(lines.len() >= 5, "{shown}");
    assert!(lines.iter().all(|line| line.starts_with("$ ntpq ") && line.contains(" 127.0.0.1:")), "{shown}");
    assert!(shown.contains("\n*192.0.2.11      .GPS.            1 u"), "{shown}");
    assert!(shown.contains("\nassocid=") || shown.contains("\nassocid=0 status=0615"), "{shown}");
}

#[test]
fn the_demonstration_knows_its_scenarios() {
    let list = Run::called("ntpkit", ["demo", "--list"]).run().quiet_success();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["campus", "ntpsec", "pulse", "young", "restless", "crowd"]);
    let ran = Run::called("ntpkit", ["demo", "nowhere"]).run();
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains(": nowhere;"), "{ran}");
}

#[test]
fn the_demonstration_serves_until_its_input_ends() {
    let ran = Run::called("ntpkit", ["demo", "--serve", "young", "pulse"]).input("whatever\n").run();
    let served = ran.quiet_success();
    assert_eq!(served.lines().count(), 2, "{served}");
    assert!(served.lines().all(|line| line.contains(" 127.0.0.1:")), "{served}");
}
