//! Presets of `ntpq` and `ntpdc`: `.ntprc`, `NTPQ_*` and `NTPDC_*`, and how the command line goes above them.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A home directory, and beside it the directory from which the program is called.
struct House {
    root: TempDir,
}

/// What came of a call.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    out: String,
    err: String,
    status: Option<i32>,
}

impl House {
    /// A house with this in its `.ntprc`.
    fn new(file: &str) -> Self {
        let house = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["home", "here"] {
            fs::create_dir(house.path(folder)).unwrap();
        }
        house.write("home/.ntprc", file);
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Calls `ntpq` with these variables, written `NAME=VALUE`, and these words.
    fn call(&self, variables: &[&str], words: &[&str]) -> Came {
        self.call_program("ntpq", variables, words)
    }

    /// Calls a program with these variables and words.
    fn call_program(&self, program: &str, variables: &[&str], words: &[&str]) -> Came {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        command.env_clear().env("HOME", self.path("home")).current_dir(self.path("here"));
        command.envs(variables.iter().map(|variable| variable.split_once('=').unwrap()));
        let output = command.arg(program).args(words).stdin(Stdio::null()).output().unwrap();
        let text = |octets| String::from_utf8(octets).unwrap();
        let err = text(output.stderr).replace(&self.root.path().display().to_string(), "ROOT");
        Came { out: text(output.stdout), err, status: output.status.code() }
    }

    /// What it prints when all goes well.
    #[track_caller]
    fn out(&self, variables: &[&str], words: &[&str]) -> String {
        let came = self.call(variables, words);
        assert_eq!((came.status, came.err.as_str()), (Some(0), ""), "{variables:?} {words:?}");
        came.out
    }
}

const CLASSIC: &str = "NTPKIT_COMPAT=4.2.8p15";
const NUMERIC: &str = "hostnames not being shown\n";
const NAMED: &str = "hostnames being shown\n";
const HASH: &str = "drefid value is hash\n";
const IPV4: &str = "drefid value is ipv4\n";

#[test]
fn each_source_overrides_the_one_before() {
    let house = House::new("numeric\nrefid = hash\n");
    let both = ["-c", "hostnames", "-c", "drefid"];
    assert_eq!(house.out(&[], &both), format!("{NUMERIC}\n{HASH}"));
    assert_eq!(house.out(&["NTPQ_REFID=ipv4"], &both), format!("{NUMERIC}\n{IPV4}"));
    assert_eq!(house.out(&["NTPQ=-r ipv4"], &["-c", "drefid"]), IPV4);
    assert_eq!(house.out(&["NTPQ_REFID=ipv4"], &["-r", "hash", "-c", "drefid"]), HASH);
    assert_eq!(house.out(&["NTPQ_NUMERIC=1"], &["-n", "-c", "hostnames"]), NUMERIC, "twice is no mistake");
    assert_eq!(house.out(&["NTPQ_REFID=hash"], &["--no-load-opts", "-c", "drefid"]), IPV4);
    assert_eq!(house.out(&[], &["--no-load-opts", "-c", "hostnames"]), NAMED);
}

#[test]
fn the_current_directory_counts_in_the_classic_alone() {
    let house = House::new("");
    house.write("here/.ntprc", "refid=hash\n");
    assert_eq!(house.out(&[], &["-c", "drefid"]), IPV4);
    assert_eq!(house.out(&[CLASSIC], &["-c", "drefid"]), HASH);
    assert_eq!(house.out(&[], &["--compat", "4.2.8p15", "-c", "drefid"]), HASH);
    assert_eq!(house.out(&[], &["--load-opts", ".ntprc", "-c", "drefid"]), HASH, "when asked for");
}

#[test]
fn sections_are_for_one_program() {
    let house = House::new("refid=hash\n[NTPDC]\nnumeric\n[NTPQ]\nset-debug-level=2\n");
    assert_eq!(
        house.out(&[], &["-c", "drefid", "-c", "hostnames", "-c", "debug"]),
        format!("{HASH}\n{NAMED}\ndebug level is 2\n")
    );
}

#[test]
fn commands_in_files_are_run_before_those_of_the_command_line() {
    let house = House::new("command = timeout\ncommand = \"delay\"\n");
    for compat in [&[][..], &[CLASSIC]] {
        assert_eq!(house.out(compat, &[]), "primary timeout 5000 ms\n\ndelay 20 ms\n");
        assert_eq!(
            house.out(compat, &["-c", "hostnames"]),
            "primary timeout 5000 ms\n\ndelay 20 ms\n\nhostnames being shown\n"
        );
    }
    // Whoever asks for a prompt gets one instead, but from the classic, which heeds no conflict of presets.
    assert_eq!(house.call(&[], &["-i", "127.0.0.1"]).err, "ntpq> \n");
    assert_eq!(house.out(&[CLASSIC], &["-i", "127.0.0.1"]), "primary timeout 5000 ms\n\ndelay 20 ms\n");
    let house = House::new("peers\n");
    assert_eq!(
        house.call(&[], &["127.0.0.1:9"]).err.lines().next(),
        Some("ntpq: 127.0.0.1: read: Connection refused")
    );
}

#[test]
fn a_file_that_is_named_stands_where_it_is_named() {
    let house = House::new("refid=ipv4\n");
    house.write("here/other", "refid=hash\n");
    for load in [&["--load-opts=other"][..], &["--load-opts", "other"], &["-<", "other"], &["-<other"]] {
        assert_eq!(house.out(&[], &[load, &["-c", "drefid"]].concat()), HASH);
        assert_eq!(house.out(&[], &[load, &["-r", "ipv4", "-c", "drefid"]].concat()), IPV4);
        assert_eq!(house.out(&[], &[&["-r", "ipv4"], load, &["-c", "drefid"]].concat()), HASH);
    }
    assert_eq!(house.out(&["NTPQ_LOAD_OPTS=other"], &["-c", "drefid"]), HASH);
    let came = house.call(&[CLASSIC], &["--load-opts=none", "-c", "drefid"]);
    assert_eq!(came.err, "ntpq error 2 (No such file or directory) calling stat for 'none'\n");
    assert_eq!((came.out.as_str(), came.status), ("", Some(1)));
    let came = house.call(&[], &["--load-opts=none", "-c", "drefid"]);
    assert_eq!((came.err.as_str(), came.status), ("ntpq: none: No such file or directory\n", Some(1)));
}

#[test]
fn options_are_saved_and_hold_from_then_on() {
    let house = House::new("wide\n");
    assert_eq!(house.out(&[], &["--save-opts", "-n", "-r", "hash"]), "");
    let saved = house.read("home/.ntprc");
    let lines: Vec<&str> = saved.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, ["numeric", "refid =             hash", "wide"]);
    assert_eq!(house.out(&[], &["-c", "hostnames", "-c", "drefid"]), format!("{NUMERIC}\n{HASH}"));

    assert_eq!(house.out(&[], &["->saved", "-c", " rv", "-c", "timeout"]), "");
    let mode = fs::metadata(house.path("here/saved")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "commands can hold passwords");
    assert!(
        house.read("here/saved").contains("\ncommand =           \" rv\"\ncommand =           timeout\n")
    );

    let came = house.call(&[], &["--save-opts=nowhere/x"]);
    let reported = "ntpq: cannot save options in nowhere/x: No such file or directory\n";
    assert_eq!((came.err.as_str(), came.status), (reported, Some(1)));
}

#[test]
fn a_file_of_presets_is_replaced_as_a_whole_and_keeps_what_others_have_there() {
    let house = House::new("");
    fs::write(house.path("home/.ntprc"), b"wide\n[NTPDC]\n# caf\xe9\nnumeric\n[NTPQ]\npeers\n[SNTP]\nx=1")
        .unwrap();
    fs::rename(house.path("home/.ntprc"), house.path("dotfile")).unwrap();
    fs::set_permissions(house.path("dotfile"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("../dotfile", house.path("home/.ntprc")).unwrap();
    assert_eq!(house.out(&[], &["--save-opts", "-n"]), "");
    assert!(house.path("home/.ntprc").is_symlink());
    let saved = fs::read(house.path("dotfile")).unwrap();
    let others = b"[NTPDC]\n# caf\xe9\nnumeric\n[SNTP]\nx=1";
    assert!(saved.ends_with(&others[..]), "{}", String::from_utf8_lossy(&saved));
    assert!(saved.windows(10).any(|part| part == b"\nnumeric\np"), "{}", String::from_utf8_lossy(&saved));
    assert_eq!(fs::metadata(house.path("dotfile")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(house.root.path()).unwrap().count(), 3, "nothing is left behind");

    // A link to nothing gets its file; what is not a file is left alone.
    std::os::unix::fs::symlink("later", house.path("here/link")).unwrap();
    assert_eq!(house.out(&[], &["--save-opts=link", "-n"]), "");
    assert!(house.path("here/link").is_symlink() && house.read("here/later").contains("numeric"));
    for (compat, reported, status) in [
        (&[][..], "ntpq: cannot save options in /dev/full: Invalid argument\n", 1),
        (&[CLASSIC], "ntpq warning:  cannot save options - /dev/full not regular file\n", 0),
    ] {
        let came = house.call(compat, &["--save-opts=/dev/full", "-n"]);
        assert_eq!((came.err.as_str(), came.status), (reported, Some(status)));
    }
}

#[test]
fn an_unreadable_file_is_reported() {
    let house = House::new("");
    fs::remove_file(house.path("home/.ntprc")).unwrap();
    assert_eq!(house.call(&[], &["-c", "drefid"]).err, "");
    fs::create_dir(house.path("home/.ntprc")).unwrap();
    let came = house.call(&[], &["-c", "drefid"]);
    let reported = "ntpq: ROOT/home/.ntprc: Is a directory: its options are ignored\n";
    assert_eq!((came.out.as_str(), came.err.as_str(), came.status), (IPV4, reported, Some(0)));
    assert_eq!(house.call(&[CLASSIC], &["-c", "drefid"]).err, "");
    assert_eq!(house.call(&[], &["--no-load-opts", "-c", "drefid"]).err, "");
    fs::remove_dir(house.path("home/.ntprc")).unwrap();
    std::os::unix::fs::symlink("/dev/null", house.path("home/.ntprc")).unwrap();
    assert_eq!(house.call(&[], &["-c", "drefid"]).err, "");
}

#[test]
fn a_mistake_is_reported_with_its_place() {
    let house = House::new("numeric\nrefid=bogus\n");
    let words = "ntpq error:  'bogus' does not match any refid keywords.\n";
    let came = house.call(&[], &["-c", "drefid"]);
    assert!(came.err.starts_with(&format!("ntpq: ROOT/home/.ntprc, line 2:\n{words}")), "{came:?}");
    assert_eq!((came.out.as_str(), came.status), ("", Some(1)));
    let came = house.call(&[CLASSIC], &["-c", "drefid"]);
    assert!(came.err.starts_with(words), "{came:?}");
    // What says nothing about daemons says it whatever the files hold.
    assert!(house.out(&[], &["--version"]).starts_with("ntpq 4.2.8p15"));
    assert!(house.out(&[], &["--help"]).contains("--save-opts"));
}

#[test]
fn long_help_goes_through_the_pager() {
    let house = House::new("");
    let plain = house.out(&[], &["--help"]);
    let first = plain.lines().next().unwrap();
    assert_eq!(house.out(&["PAGER=/usr/bin/head -n 1"], &["-!"]), format!("{first}\n"));
    assert_eq!(house.out(&["PAGER=/bin/cat"], &["--more-help"]), plain);
    assert_eq!(house.out(&["PAGER=false"], &["--more-help"]), "");
    // The pager has the signals' default actions, and never the privileges of sudo.
    let ignored = house.out(&["PAGER=/bin/grep SigIgn /proc/self/status"], &["--more-help"]);
    let mask = u64::from_str_radix(ignored.trim_start_matches("SigIgn:").trim(), 16).unwrap();
    assert_eq!(mask >> 12 & 1, 0, "SIGPIPE: {ignored}");
    for lender in ["SUDO_UID=1000", "DOAS_USER=alice"] {
        assert_eq!(house.out(&["PAGER=/bin/echo paged", lender], &["--more-help"]), plain);
    }
}

/// What a call of `ntpdc` in the classic dialect prints on either stream, and its status.
#[track_caller]
fn expect(house: &House, variables: &[&str], words: &[&str], expected: (&str, &str, i32)) {
    let came = house.call_program("ntpdc", &[variables, &[CLASSIC]].concat(), words);
    assert_eq!(
        (came.out.as_str(), came.err.as_str(), came.status),
        (expected.0, expected.1, Some(expected.2)),
        "{variables:?} {words:?}"
    );
}

const USAGE: &str = "ntpdc - vendor-specific NTPD control program - Ver. 4.2.8p15
Usage:  ntpdc [ -<flag> [<val>] | --<name>[{=| }<val>] ]... [ host ...]
Try 'ntpdc --help' for more information.
";

/// What the original says.
#[test]
fn mistakes_in_the_command_line_of_ntpdc() {
    let house = House::new("");
    for (words, said) in [
        (&["-l", "-c", "timeout"][..], "ntpdc error:  the 'listpeers' and 'command' options conflict"),
        (&["-c", "timeout", "-p"], "ntpdc error:  the 'peers' and 'command' options conflict"),
        (&["-s", "-c", "timeout"], "ntpdc error:  the 'showpeers' and 'command' options conflict"),
        (&["-i", "-c", "timeout"], "ntpdc error:  the 'interactive' and 'command' options conflict"),
        (&["-l", "-i"], "ntpdc error:  the 'interactive' and 'listpeers' options conflict"),
        (&["-i", "-p"], "ntpdc error:  the 'interactive' and 'peers' options conflict"),
        (&["-s", "-i"], "ntpdc error:  the 'interactive' and 'showpeers' options conflict"),
        (&["-6", "-4"], "ntpdc error:  the 'ipv4' and 'ipv6' options conflict"),
        (&["-nn"], "ntpdc error:  only one numeric option allowed"),
        (&["-D", "x"], "ntpdc error:  'x' is not a recognizable number."),
        (&["-z"], "ntpdc: illegal option -- z"),
        (&["--bogus"], "ntpdc: illegal option -- bogus"),
        (&["--p"], "ntpdc: invalid option name: p"),
        (&["--c", "timeout"], "ntpdc: invalid option name: c"),
        (&["--numeric=1"], "ntpdc: The 'numeric' option cannot have an argument."),
        (&["--command"], "ntpdc: The 'command' option requires an argument."),
        (
            &["--ip"],
            "ntpdc: ambiguous option name: ip (matches 2 options)\n  The following options match:\n  --ipv4\n  --ipv6",
        ),
    ] {
        expect(&house, &[], words, ("", &format!("{said}\n{USAGE}"), 1));
    }
    let said = "ntpdc error 2 (No such file or directory) calling stat for '-c'\n";
    expect(&house, &[], &["--load-opts", "-c", "timeout"], ("", said, 1));
}

/// What the original prints.
#[test]
fn options_of_ntpdc_about_itself() {
    let house = House::new("");
    for (words, level) in
        [(&["-d", "-D", "2"][..], 2), (&["-D", "1", "-d"], 2), (&["-D0x2"], 2), (&["--set-deb", "1"], 1)]
    {
        let words = [words, &["-c", "debug"]].concat();
        expect(&house, &[], &words, (&format!("debug level is {level}\n"), "", 0));
    }
    // The host is opened although no command asks for it.
    let came = house.call_program("ntpdc", &[CLASSIC], &["-ddd", "-c", "debug"]);
    assert!(came.out.starts_with("Opening host ") && came.out.ends_with("\ndebug level is 3\n"), "{came:?}");
    let opened = "Opening host 127.0.0.1\ndebug level is 3\n";
    expect(&house, &[], &["-D3", "-c", "debug", "127.0.0.1"], (opened, "", 0));
}

/// What the original prints, and leaves in files.
#[test]
fn presets_of_ntpdc() {
    let both = ["-c", "hostnames", "-c", "debug"];
    let print = |names, level| format!("{names}debug level is {level}\n");
    for (file, variables, names, level) in [
        ("numeric\n", &[][..], NUMERIC, 0),
        ("[NTPQ]\nnumeric\n", &[], NAMED, 0),
        ("[ntpdc]\nnumeric\n", &[], NAMED, 0),
        ("set-debug-level=2\n[NTPQ]\nset-debug-level=1\n[NTPDC]\nnumeric\n", &[], NUMERIC, 2),
        ("debug-level\nset-debug-level=2\n", &[], NAMED, 2),
        ("", &["NTPDC_NUMERIC=1"], NUMERIC, 0),
        ("", &["NTPQ_NUMERIC=1"], NAMED, 0),
        ("", &["NTPDC_SET_DEBUG_LEVEL=2"], NAMED, 2),
        ("", &["NTPDC=-n -D 2"], NUMERIC, 2),
        ("", &["NTPDC=-n --bogus -D 2"], NUMERIC, 0),
    ] {
        expect(&House::new(file), variables, &both, (&print(names, level), "", 0));
    }
    // Presets conflict with nothing.
    let refused = "ntpdc: read: Connection refused\n";
    let here = "127.0.0.1:9";
    expect(&House::new("peers\n"), &[], &["-c", "timeout", here], ("primary timeout 5000 ms\n", refused, 0));
    expect(&House::new("command=timeout\n"), &[], &["-p", here], ("primary timeout 5000 ms\n", refused, 0));
    expect(&House::new("command=timeout\n"), &[], &["-i", here], ("primary timeout 5000 ms\n", "", 0));

    let house = House::new("");
    expect(
        &house,
        &[],
        &["->saved", "-d", "-d", "-D", "1", "-D", "2", "-c", "timeout", "-c", " x y"],
        ("", "", 0),
    );
    let saved = house.read("here/saved");
    let (heading, rest) = saved.split_at(saved.find("#\n").unwrap());
    let title =
        "#  ntpdc - vendor-specific NTPD control program - Ver. 4.2.8p15\n#  preset/initialization file\n#  ";
    assert!(heading.starts_with(title), "{heading}");
    assert_eq!(
        rest,
        "#\ncommand =           timeout\ncommand =            x y\ndebug-level\nset-debug-level =   2\n"
    );
}

#[test]
fn values_stay_the_octets_that_they_are() {
    use std::os::unix::ffi::OsStrExt as _;
    let house = House::new("");
    let odd = std::ffi::OsStr::from_bytes(b"k\xe9");
    let word = |before: &str| {
        let mut word = std::ffi::OsString::from(before);
        word.push(odd);
        word
    };
    let run = |words: &[std::ffi::OsString]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        command.env_clear().env("HOME", house.path("home")).current_dir(house.path("here"));
        command.arg("ntpq").args(words).stdin(Stdio::null()).output().unwrap()
    };
    // Saved under that name, with a value of that kind, and read again.
    let saved = run(&[word("->"), word("--comm=timeout > ")]);
    assert!(saved.status.success(), "{saved:?}");
    let text = fs::read(house.path("here").join(odd)).unwrap();
    assert!(text.windows(13).any(|part| part == b"timeout > k\xe9\n"), "{}", String::from_utf8_lossy(&text));
    fs::rename(house.path("here").join(odd), house.path("home/.ntprc")).unwrap();
    assert!(run(&[]).status.success());
    assert_eq!(fs::read_to_string(house.path("here").join(odd)).unwrap(), "primary timeout 5000 ms\n");
    // From the command line, abbreviated and not, and from the environment.
    for words in [vec![word("-ctimeout > ")], vec!["--comm".into(), word("timeout > ")]] {
        fs::remove_file(house.path("here").join(odd)).unwrap();
        assert!(run(&[vec!["--no-load-opts".into()], words].concat()).status.success());
        assert!(house.path("here").join(odd).exists());
    }
}
