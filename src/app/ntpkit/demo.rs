//! `ntpkit demo`: demonstrates the applets on simulated daemons, on the loopback interface and without privileges.

use crate::cli::context::Context;
use crate::cli::output::Output;
use crate::cli::presets;
use crate::sim::{Faults, Scenario, SimulatedDaemon};
use std::ffi::OsString;
use std::io::Read;
use std::time::Duration;

/// The options of `ntpkit demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Scenarios to show [default: all]
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// List the scenarios and exit
    #[arg(long)]
    pub list: bool,
    /// Only start the daemons, print their addresses, and serve until standard input ends
    #[arg(long, conflicts_with = "list")]
    pub serve: bool,
}

/// What is shown for a scenario: the applet and its arguments; `HOST` stands for the daemon's address.
const SHOWN: &[(&str, &[&[&str]])] = &[
    (
        "campus",
        &[
            &["ntpq", "-pn", "HOST"],
            &["ntpq", "-n", "-c", "associations", "HOST"],
            &["ntpq", "-n", "-c", "rv", "HOST"],
            &["ntpq", "-n", "-c", "rv &1", "-c", "pstats &1", "HOST"],
            &["ntpq", "-n", "-c", "rv 0 stratum,offset,leap", "HOST"],
            &["ntpq", "-n", "--compat", "4.2.8p15", "-p", "HOST"],
            &["ntpq", "-n", "--format", "table", "-p", "HOST"],
        ],
    ),
    ("ntpsec", &[&["ntpq", "-pn", "HOST"], &["ntpq", "-n", "--format", "json", "-c", "rv", "HOST"]]),
    ("young", &[&["ntpq", "-pn", "HOST"], &["ntpq", "-n", "--format", "openmetrics", "-p", "HOST"]]),
];

/// What is shown for scenarios not in the list above.
const OTHERWISE: &[&[&str]] = &[&["ntpq", "-pn", "HOST"]];

/// Runs the demonstration and returns its exit status.
pub fn run(context: &mut Context, args: &DemoArgs) -> u8 {
    let all = crate::sim::demo();
    if args.list {
        for scenario in &all {
            context.output.result(format!("{:10} {}\n", scenario.name, scenario.description));
        }
        return 0;
    }
    if let Some(unknown) =
        args.scenarios.iter().find(|&name| all.iter().all(|scenario| scenario.name != *name))
    {
        context
            .output
            .message(format!("ntpkit: no such scenario: {unknown}; `ntpkit demo --list' lists them\n"));
        return 1;
    }
    let chosen: Vec<Scenario> = all
        .into_iter()
        .filter(|scenario| args.scenarios.is_empty() || args.scenarios.contains(&scenario.name))
        .collect();
    let shown = if args.serve { serve(context, chosen) } else { show_all(context, chosen) };
    match shown {
        Ok(status) => status,
        Err(error) => {
            let reason = crate::cli::output::reason(&error);
            context.output.message(format!("ntpkit: cannot start the simulated daemon: {reason}\n"));
            1
        }
    }
}

/// Starts all daemons and waits until standard input ends.
fn serve(context: &mut Context, scenarios: Vec<Scenario>) -> std::io::Result<u8> {
    let mut daemons = Vec::new();
    for scenario in scenarios {
        let name = scenario.name.clone();
        let daemon = SimulatedDaemon::start_on_loopback(scenario, Faults::default())?;
        context.output.result(format!("{name:10} {}\n", daemon.local_address()));
        daemons.push(daemon);
    }
    context.output.flush();
    let mut end = [0; 512];
    let mut input = std::io::stdin().lock();
    while input.read(&mut end)? > 0 {}
    Ok(0)
}

fn show_all(context: &mut Context, scenarios: Vec<Scenario>) -> std::io::Result<u8> {
    for scenario in scenarios {
        let (name, description) = (scenario.name.clone(), scenario.description.clone());
        // The simulated network loses and reorders some packets: the output must not be affected.
        let faults = Faults { loss: 0.05, jitter: Duration::from_millis(2), seed: 1, ..Faults::default() };
        let daemon = SimulatedDaemon::start_on_loopback(scenario, faults)?;
        context.output.result(format!("--- {name}: {description}\n"));
        let shown = SHOWN.iter().find(|(known, _)| *known == name).map_or(OTHERWISE, |(_, shown)| shown);
        for words in shown {
            let host = daemon.local_address().to_string();
            let words: Vec<String> = words.iter().map(|word| word.replace("HOST", &host)).collect();
            show(context, &words);
            if context.output.is_closed() {
                return Ok(0);
            }
        }
    }
    Ok(0)
}

/// Shows a command line, its output, and its status: failures are part of the demonstration.
fn show(context: &mut Context, words: &[String]) {
    let line: Vec<String> = words
        .iter()
        .map(|word| if word.contains([' ', '&', '>', '|']) { format!("'{word}'") } else { word.clone() })
        .collect();
    context.output.result(format!("\n$ {}\n", line.join(" ")));
    let Some((applet, words)) =
        words.split_first().and_then(|(name, rest)| Some((context.applet(name.as_ref())?, rest)))
    else {
        return;
    };
    // The user's presets would change the output.
    let has_presets = (applet.command)().get_arguments().any(|option| option.get_id() == presets::LOAD_NOT);
    let unsteered = has_presets.then(|| OsString::from("--no-load-opts")).into_iter();
    let mut call = Context {
        applets: context.applets,
        called: applet.name.into(),
        arguments: unsteered.chain(words.iter().map(OsString::from)).collect(),
        dialect: context.dialect,
        layout: context.layout,
        no_color: context.no_color,
        terminals: context.terminals,
        output: Output::record(),
    };
    let status = (applet.run)(&mut call);
    context.output.play(call.output.into_pieces());
    context.output.result(if status == 0 { String::new() } else { format!("(exit status {status})\n") });
    context.output.flush();
}
