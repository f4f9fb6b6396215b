//! Measures how long `ntpdate` takes and how far off it is, with servers at several distances. Prints figures, no verdict.
//!
//!     cargo bench --bench ntpdate
//!     cargo bench --bench ntpdate -- --runs 50 --reference /usr/sbin/ntpdate
//!
//! The servers are simulated and use this machine's clock, so every offset is an error. No run sets a clock.
//! A reference program can only query port 123, so with one the servers listen there, which needs privileges.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "prints figures, or why there are none, for a person"
)]

use clap::Parser;
use ntpkit::sim::{Faults, Scenario, SimulatedDaemon, demo};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The command line.
#[derive(Parser)]
struct Options {
    /// Runs per case; slow cases get half or a fifth of them
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Another ntpdate to run alternately with ours, on the same servers
    #[arg(long, value_name = "PROGRAM")]
    reference: Option<PathBuf>,
    /// Run only the cases whose name contains this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// A network path to the servers.
struct Net {
    name: &'static str,
    faults: Faults,
}

/// A program under measurement, with its arguments before the servers.
struct Side {
    name: &'static str,
    program: PathBuf,
    words: Vec<String>,
}

/// The result of one run.
struct Run {
    wall: Duration,
    /// In seconds; `None` if no server was selected.
    offset: Option<f64>,
    status: Option<i32>,
}

fn main() {
    // Without `--bench` this runs as a test, and there are no tests here.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let options = Options::parse();
    println!(
        "{:34} {:10} {:>9} {:>17} {:>13} {:>8} {:>8} status",
        "case", "program", "median ms", "min-max", "|offset| us", "p90", "max"
    );
    for net in nets() {
        for servers in [1_u8, 4, 8] {
            let case = format!("-q, {servers} servers, {}", net.name);
            measure(&options, &case, &net.faults, servers, &["-q"], options.runs);
        }
    }
    let far = Faults { both_ways: true, delay: HALF_ROUND_TRIP, ..Faults::default() };
    for more in [&["-q"][..], &["-q", "--quick"]] {
        let case = format!("{}, one of 8 dead, 20 ms", more.join(" "));
        measure_with_dead(&options, &case, &far, more, options.runs.div_ceil(2));
    }
    measure(&options, "-d, 1 server, 20 ms", &far, 1, &["-d"], options.runs.div_ceil(5));
}

/// The one-way delay.
const HALF_ROUND_TRIP: Duration = Duration::from_millis(10);
/// The maximum jitter of the unsteady path.
const JITTER: Duration = Duration::from_millis(50);
/// The port that a reference program queries.
const NTP_PORT: u16 = 123;

fn nets() -> [Net; 3] {
    let near = Faults { both_ways: true, ..Faults::default() };
    let far = Faults { delay: HALF_ROUND_TRIP, ..near.clone() };
    // Every second datagram is late in each direction, so a quarter of the exchanges have hardly any error.
    let unsteady = Faults { jitter: JITTER, punctual: 0.5, ..far.clone() };
    [
        Net { name: "0 ms", faults: near },
        Net { name: "20 ms", faults: far },
        Net { name: "20 ms and jitter", faults: unsteady },
    ]
}

fn measure(options: &Options, case: &str, faults: &Faults, servers: u8, words: &[&str], runs: usize) {
    if !case.contains(&options.only) {
        return;
    }
    let daemons = start(options, faults, servers);
    let names: Vec<String> = daemons.iter().map(|daemon| daemon.local_address().ip().to_string()).collect();
    compare(options, case, &daemons, words, &names, runs);
}

/// Measures with eight addresses, the last of which does not answer.
fn measure_with_dead(options: &Options, case: &str, faults: &Faults, words: &[&str], runs: usize) {
    if !case.contains(&options.only) {
        return;
    }
    let daemons = start(options, faults, 7);
    let mut names: Vec<String> =
        daemons.iter().map(|daemon| daemon.local_address().ip().to_string()).collect();
    names.push("127.0.9.99".to_owned());
    compare(options, case, &daemons, words, &names, runs);
}

/// Starts servers on one port, each with its own address.
fn start(options: &Options, faults: &Faults, servers: u8) -> Vec<SimulatedDaemon> {
    let scenario: Scenario = demo().into_iter().next().expect("a scenario");
    let mut port = if options.reference.is_some() { NTP_PORT } else { 0 };
    (1..=servers)
        .map(|host| {
            let faults = Faults { seed: host.into(), ..faults.clone() };
            let address = SocketAddr::from(([127, 0, 9, host], port));
            let daemon = SimulatedDaemon::start(scenario.clone(), faults, address).expect("a server");
            port = daemon.local_address().port();
            daemon
        })
        .collect()
}

/// Runs the programs alternately and prints a line for each.
fn compare(
    options: &Options,
    case: &str,
    daemons: &[SimulatedDaemon],
    words: &[&str],
    names: &[String],
    runs: usize,
) {
    let port = daemons.first().map_or(NTP_PORT, |daemon| daemon.local_address().port());
    let words = words.iter().map(|word| (*word).to_owned());
    let ours = ["ntpdate", "--port", &port.to_string()].map(str::to_owned).into_iter();
    let mut sides = vec![Side {
        name: "ours",
        program: env!("CARGO_BIN_EXE_ntpkit").into(),
        words: ours.chain(words.clone()).collect(),
    }];
    if let Some(program) = &options.reference {
        let known = words.filter(|word| !word.starts_with("--"));
        sides.push(Side { name: "reference", program: program.clone(), words: known.collect() });
    }
    let mut done: Vec<Vec<Run>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in 0..runs {
        for (side, done) in sides.iter().zip(&mut done) {
            done.push(run(side, names));
        }
    }
    for (side, done) in sides.iter().zip(&done) {
        println!("{}", line(case, side.name, done));
    }
}

fn run(side: &Side, names: &[String]) -> Run {
    let begin = Instant::now();
    let output = Command::new(&side.program)
        .args(&side.words)
        .args(names)
        .env("LC_ALL", "C")
        .env_remove("NTPKIT_COMPAT")
        .output()
        .expect("the program");
    let wall = begin.elapsed();
    let text = String::from_utf8_lossy(&output.stdout);
    let offset = text.rsplit_once(" time server ").and_then(|(_, rest)| rest.split(' ').nth(2)?.parse().ok());
    Run { wall, offset, status: output.status.code() }
}

fn line(case: &str, name: &str, runs: &[Run]) -> String {
    let mut walls: Vec<f64> = runs.iter().map(|run| run.wall.as_secs_f64() * 1e3).collect();
    walls.sort_by(f64::total_cmp);
    let mut errors: Vec<f64> =
        runs.iter().filter_map(|run| run.offset).map(|offset: f64| offset.abs() * 1e6).collect();
    errors.sort_by(f64::total_cmp);
    let statuses: BTreeSet<Option<i32>> = runs.iter().map(|run| run.status).collect();
    let statuses: Vec<String> = statuses
        .iter()
        .map(|status| status.map_or_else(|| "killed".to_owned(), |code| code.to_string()))
        .collect();
    let span = format!("{:.1}-{:.1}", part(&walls, 0, 1), part(&walls, 1, 1));
    format!(
        "{case:34} {name:10} {:9.1} {span:>17} {:13.0} {:8.0} {:8.0} {}",
        part(&walls, 1, 2),
        part(&errors, 1, 2),
        part(&errors, 9, 10),
        part(&errors, 1, 1),
        statuses.join(",")
    )
}

/// Returns the `share / of` quantile of the sorted values; NaN if there are none.
fn part(sorted: &[f64], share: usize, of: usize) -> f64 {
    let place = (sorted.len() * share / of).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
