//! What was taken of NTPsec's `ntpq`: its tables, and its options.

use crate::support::{Run, daemon, still};
use insta::assert_snapshot;
use ntpkit::sim::{Clients, Faults, Flavour, Scenario, SimulatedDaemon};

/// What each of these prints; the ages of peers, and how long and how much memory it took, are blotted out.
fn reported(daemon: &SimulatedDaemon, lines: &[&[&str]]) -> String {
    let mut text = String::new();
    for words in lines {
        let run = Run::ntpq([&["--compat", "ntpsec"], *words].concat()).of(daemon);
        text += &format!("{run}\n");
        for line in run.run().to_string().lines() {
            text += &if line.starts_with("# ") { blot_numbers(line) } else { blot_age(line) };
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// The column `when` of a row.
fn blot_age(line: &str) -> String {
    let Some(stratum) = line.len().checked_sub(46) else { return line.to_owned() };
    let is_row = line.get(stratum..stratum + 2).is_some_and(|text| text.trim().parse::<u8>().is_ok());
    match (line.get(..stratum + 5), line.get(stratum + 9..)) {
        (Some(before), Some(after)) if is_row => format!("{before}WHEN{after}"),
        _ => line.to_owned(),
    }
}

/// Numbers with a point, and those of megabytes.
fn blot_numbers(line: &str) -> String {
    let is_memory = line.contains("megabytes");
    let blotted = line.split(' ').map(|word| match word.parse::<f64>() {
        Ok(_) if is_memory || word.contains('.') => "N",
        _ => word,
    });
    blotted.collect::<Vec<_>>().join(" ")
}

#[test]
fn clients_with_scores_and_drops() {
    let clients = |flavour| {
        let clients = Clients { count: 12, ..Clients::default() };
        still(Scenario { clients, flavour, ..Scenario::default() }, Faults::default())
    };
    let lines: &[&[&str]] = &[&["-n", "-c", "mrulist sort=addr", "-c", "mrulist mincount=8 sort=-score"]];
    let ntpsec = reported(&clients(Flavour::Ntpsec), lines);
    let classic = reported(&clients(Flavour::Classic), lines);
    assert_snapshot!("ntpsec_mrulist", format!("{ntpsec}{classic}"));
}

#[test]
fn billboards() {
    let lines: &[&[&str]] = &[
        &["-n", "-p", "-c", "apeers", "-c", "opeers"],
        &["-nu", "-W", "92", "-c", "lpeers"],
        &["-n", "-c", "as"],
    ];
    assert_snapshot!(
        "ntpsec_peers",
        reported(&daemon("ntpsec"), lines) + &reported(&daemon("campus"), lines)
    );
}

#[test]
fn units_and_widths_of_the_classic_layouts() {
    let campus = daemon("campus");
    let run = |words: &[&str]| Run::ntpq(words).of(&campus).run();
    let [plain, units, wide] =
        [&["-n", "-p"][..], &["-nup"], &["-n", "-W", "100", "-p"]].map(|words| run(words).stdout);
    let line = |text: &str| text.lines().nth(2).unwrap_or_default().to_owned();
    assert_eq!([line(&plain).len(), line(&units).len(), line(&wide).len()], [78, 78, 98]);
    assert!(line(&units).ends_with('s') && !line(&plain).ends_with('s'), "{units}");
    assert_eq!(
        plain.lines().map(str::len).max().unwrap_or(0) + 20,
        wide.lines().map(str::len).max().unwrap_or(0)
    );

    let rv = run(&["-u", "-W", "120", "-c", "rv 0 offset,frequency,stratum,tc"]).stdout;
    assert!(rv.contains("us,") || rv.contains("ms,"), "{rv}");
    assert!(rv.contains("stratum=2") && rv.contains("tc="), "{rv}");
    assert!(run(&["-W", "120", "-c", "rv"]).stdout.lines().any(|line| line.len() > 80));
    assert!(run(&["-u", "-c", "sysinfo"]).stdout.lines().any(|line| line.ends_with("ms")));
    let wrong = run(&["-W", "5", "-p"]);
    assert_eq!(wrong.status, Some(1), "{wrong}");
}

#[test]
fn a_log_file_receives_the_packet_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let file = path.to_str().unwrap();
    let campus = daemon("campus");
    for _ in 0..2 {
        let ran = Run::ntpq(["-n", "-d", "-l", file, "-c", "rv 0 stratum"]).of(&campus).run();
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    }
    let log = std::fs::read_to_string(&path).unwrap();
    assert_eq!(log.lines().filter(|line| line.starts_with("Sending ")).count(), 2, "{log}");
    let ran = Run::ntpq(["-l", "/nonexistent/log", "-c", "rv"]).of(&campus).run();
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(1), "ntpq: /nonexistent/log: No such file or directory\n")
    );
}
