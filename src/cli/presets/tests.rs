//! The options in effect after combining presets and the command line.

use super::*;
use clap::Command;

const PROGRAM_INFO: ProgramInfo = ProgramInfo {
    name: "ntpq",
    title: "ntpq - title",
    operands: " [ host ...]",
    long_options: &["command", "debug-level", "interactive", "ipv4", "ipv6", "numeric", "old-rv", "refid"],
    prohibitive: &[],
};

fn command() -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let valued = |id: &'static str, name: &'static str| Arg::new(id).long(name);
    Command::new("ntpq")
        .disable_help_flag(true)
        .arg(flag("ipv4").conflicts_with("ipv6"))
        .arg(flag("ipv6"))
        .arg(valued("command", "command").short('c').action(ArgAction::Append))
        .arg(Arg::new("debug_level").long("debug-level").action(ArgAction::Count))
        .arg(flag("interactive").conflicts_with("command"))
        .arg(flag("numeric").short('n'))
        .arg(valued("refid", "refid").value_parser(["hash", "ipv4"]))
        .arg(flag("help"))
        .arg(valued(LOAD, "load-opts").action(ArgAction::Append))
        .arg(Arg::new(LOAD_NOT).long("no-load-opts").action(ArgAction::SetTrue))
        .arg(valued(SAVE, "save-opts").num_args(0..=1).require_equals(true).default_missing_value(""))
        .arg(Arg::new("host").action(ArgAction::Append))
}

/// The effective options as words, or the error message.
fn effective(dialect: Dialect, home: &Path, variables: &[(&str, &str)], typed: &[&str]) -> String {
    let command = command();
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let environment = variables.chain([("HOME".into(), home.into())]);
    let presets = Presets::new(&command, &PROGRAM_INFO, dialect, environment);
    let typed = command.clone().try_get_matches_from([&["ntpq"], typed].concat()).unwrap();
    let held = presets.gather(presets.default_files(&typed), &typed).and_then(|options| {
        let options = options.unwrap_or_default();
        presets.parse(&options, &typed)?;
        Ok(options)
    });
    match held {
        Ok(options) => {
            let words: Vec<String> =
                options.iter().map(|option| option.word().into_string().unwrap()).collect();
            words.join(" ")
        }
        Err(error) => presets.explain(OsStr::new("ntpq"), &error),
    }
}

fn with_file(dialect: Dialect, text: &str, variables: &[(&str, &str)], typed: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(FILE_NAME), text).unwrap();
    effective(dialect, home.path(), variables, typed).replace(&home.path().display().to_string(), "HOME")
}

#[test]
fn file_lines_are_read_as_options() {
    let cases = [
        ("numeric\n", "--numeric"),
        ("num\n", "--numeric"),
        ("Numeric\n", "--numeric"),
        ("n\n", "--numeric"),
        ("debug_level\ndebug-level\n", "--debug-level --debug-level"),
        ("refid hash\n", "--refid=hash"),
        ("refid: hash\n", "--refid=hash"),
        ("  refid = \"hash\"\n", "--refid=hash"),
        ("refid='hash'\n", "--refid=hash"),
        ("refid=hash\nrefid=ipv4\n", "--refid=ipv4"),
        ("command = \"rv \\\"0\\\"\"\n", "--command=rv \"0\""),
        ("bogus=1\n\n# numeric\n;numeric\n--numeric\nno-numeric\nnumeric=no\n", ""),
        ("help\nload-opts=/etc/passwd\n", ""),
        ("numeric\n[NTPDC]\nipv4\n[NTPQ] # ours\nrefid=hash\n", "--numeric --refid=hash"),
        ("[ntpq]\nnumeric\n", ""),
        ("<?program ntpq>\nnumeric\n", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(with_file(Dialect::Native, text, &[], &[]), expected, "{text:?}");
        assert_eq!(with_file(Dialect::Classic, text, &[], &[]), expected, "{text:?}");
    }
}

#[test]
fn lines_that_the_classic_program_reads_differently() {
    for (text, ours, classic) in [
        ("numeric", "--numeric", ""),
        ("numeric # comment\n", "--numeric", ""),
        ("numeric\r\n", "--numeric", "--numeric"),
        ("ipv4\nipv6\n", "--ipv6", "--ipv4 --ipv6"),
        ("interactive\ncommand=rv\n", "--command=rv", "--interactive --command=rv"),
    ] {
        assert_eq!(with_file(Dialect::Native, text, &[], &[]), ours, "{text:?}");
        assert_eq!(with_file(Dialect::Classic, text, &[], &[]), classic, "{text:?}");
    }
    let reported = with_file(Dialect::Classic, "refid = hash  \n", &[], &[]);
    assert!(reported.starts_with("ntpq error:  invalid value 'hash  ' for refid"), "{reported}");
}

#[test]
fn the_stronger_overrides_the_weaker() {
    let file = "refid=hash\nnumeric\ncommand=peers\n";
    let held =
        |variables: &[(&str, &str)], typed: &[&str]| with_file(Dialect::Native, file, variables, typed);
    assert_eq!(held(&[("NTPQ_REFID", "ipv4")], &[]), "--numeric --command=peers --refid=ipv4");
    assert_eq!(held(&[("NTPQ", "--refid ipv4 'host'")], &[]), "--numeric --command=peers --refid=ipv4");
    assert_eq!(held(&[("NTPQ_NUMERIC", "")], &["--refid=ipv4"]), "--command=peers --numeric --refid=ipv4");
    assert_eq!(held(&[], &["--no-load-opts"]), "");
    assert_eq!(held(&[("NTPQ_IPV4", "1")], &["--no-load-opts"]), "");
    assert_eq!(held(&[], &["-c", "rv"]), "--refid=hash --numeric --command=peers --command=rv");
    assert_eq!(held(&[], &["--interactive"]), "--refid=hash --numeric --interactive");
    assert_eq!(held(&[("NTPQ_HELP", "1"), ("NTPQ_SAVE_OPTS", "/x"), ("NTPQ", "/usr/bin/ntpq -z")], &[]), {
        "--refid=hash --numeric --command=peers"
    });
}

#[test]
fn a_named_file_takes_effect_at_its_position() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("other");
    std::fs::write(&file, "refid=hash\n").unwrap();
    let load = format!("--load-opts={}", file.display());
    let held = |typed: &[&str]| effective(Dialect::Native, home.path(), &[], typed);
    assert_eq!(held(&[&load]), "--refid=hash");
    assert_eq!(held(&[&load, "--refid=ipv4"]), "--refid=ipv4");
    assert_eq!(held(&["--refid=ipv4", &load]), "--refid=hash");
    assert_eq!(held(&["--no-load-opts", &load]), "--no-load-opts --refid=hash");
    let variable = [("NTPQ_LOAD_OPTS", file.to_str().unwrap())];
    assert_eq!(effective(Dialect::Native, home.path(), &variable, &[]), "--refid=hash");
    assert_eq!(held(&["--load-opts=/nonexistent/x"]), "ntpq: /nonexistent/x: No such file or directory\n");
    assert_eq!(
        effective(Dialect::Classic, home.path(), &[], &["--load-opts=/nonexistent/x"]),
        "ntpq error 2 (No such file or directory) calling stat for '/nonexistent/x'\n"
    );
}

#[test]
fn a_wrong_value_is_reported_with_its_place() {
    let reported = with_file(Dialect::Native, "\nrefid=bogus\n", &[], &[]);
    assert!(
        reported.starts_with("ntpq: HOME/.ntprc, line 2:\nntpq error:  invalid value 'bogus'"),
        "{reported}"
    );
    let reported = with_file(Dialect::Native, "", &[("NTPQ_REFID", "x")], &[]);
    assert!(
        reported.starts_with("ntpq: environment variable NTPQ_REFID:\nntpq error:  invalid value 'x'"),
        "{reported}"
    );
    let reported = with_file(Dialect::Native, "", &[("NTPQ", "-z")], &[]);
    assert!(
        reported.starts_with("ntpq: environment variable NTPQ:\nntpq: illegal option -- z"),
        "{reported}"
    );
    assert_eq!(with_file(Dialect::Classic, "", &[("NTPQ", "-z")], &[]), "");
    assert_eq!(with_file(Dialect::Classic, "", &[("NTPQ", "--numeric -z --ipv4")], &[]), "--numeric");
}

#[test]
fn saved_options_are_read_back() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE_NAME);
    std::fs::write(&file, "numeric\n[NTPDC]\nipv6\n[NTPQ]\nrefid=hash\n").unwrap();
    let command = command();
    let environment = [("HOME".into(), home.path().into())].into_iter();
    let presets = Presets::new(&command, &PROGRAM_INFO, Dialect::Native, environment);
    let words = ["ntpq", "--save-opts", "-c", " rv", "-c", "peers", "--debug-level", "--debug-level"];
    let typed = command.clone().try_get_matches_from(words).unwrap();
    let options = presets.gather(presets.default_files(&typed), &typed).unwrap().unwrap();
    presets.save(&options, Some(Path::new("")), "DATE").unwrap();
    let expected = "#  ntpq - title\n#  preset/initialization file\n#  DATE\n#\ncommand =           \" rv\"\n\
        command =           peers\ndebug-level\ndebug-level\nnumeric\nrefid =             hash\n[NTPDC]\nipv6\n";
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    assert_eq!(
        effective(Dialect::Native, home.path(), &[], &[]),
        "--command= rv --command=peers --debug-level --debug-level --numeric --refid=hash"
    );
    let nowhere = presets.save(&options, Some(Path::new("/nonexistent/x")), "DATE").unwrap_err();
    assert_eq!(nowhere, "ntpq: cannot save options in /nonexistent/x: No such file or directory\n");
}

#[test]
fn the_largest_file_is_read_quickly_and_a_larger_one_is_refused() {
    let most = usize::try_from(file::LARGEST).unwrap();
    for line in ["numeric\n", "debug-level\n", "command=x\n"] {
        let text = line.repeat(most / line.len());
        let begun = std::time::Instant::now();
        let held = with_file(Dialect::Native, &text, &[], &["--refid=hash"]);
        assert!(held.ends_with(" --refid=hash"), "{}", held.len());
        // A quadratic algorithm took minutes.
        assert!(begun.elapsed().as_secs() < 60, "{line:?}: {:?}", begun.elapsed());
    }
    let wrong = "command=x\n".repeat(most / 10 - 2) + "refid=bogus\ncommand=x";
    let reported = with_file(Dialect::Native, &wrong, &[], &[]);
    assert!(reported.starts_with("ntpq: HOME/.ntprc, line 26213:\n"), "{}", reported.lines().next().unwrap());
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("large"), vec![b'\n'; most + 1]).unwrap();
    let load = format!("--load-opts={}", home.path().join("large").display());
    let reported = effective(Dialect::Native, home.path(), &[], &[&load]);
    assert!(reported.ends_with("File too large\n"), "{reported}");
}
