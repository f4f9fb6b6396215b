//! `ntptrace`: follows a clock to its source, that one to its own source, and so on to a primary server.

mod args;
mod classic;
mod error;
mod shown;
mod structured;
mod trace;

use crate::app::scripts::Script;
use crate::cli::context::Context;
use crate::cli::exit::{self, INTERRUPTED};
use crate::client::diagnosis::explain_name;
use crate::client::hops::{QuerySettings, ask};
use crate::compat::Quirk;
use crate::net::host::{Host, NTP_PORT};
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use crate::wire::ip_text::ip_text;
use crate::wire::status::Selection;
use args::{Format, NtptraceArgs, ORIGINAL, ORIGINAL_USAGE};
use clap::Args;
use shown::Shown;
use std::net::SocketAddr;
use trace::{End, Trace};

/// The status of a trace that did not reach a primary server.
const INCOMPLETE: u8 = 1;
/// The status for a usage error or an output error.
const USAGE: u8 = exit::TOOL.usage;
/// The same status of the original.
const USAGE_OF_ORIGINAL: u8 = 1;
/// The most sources followed per host.
const MAX_SOURCES: usize = 16;

const SCRIPT: Script = Script {
    name: "ntptrace",
    command,
    original: ORIGINAL,
    original_usage: ORIGINAL_USAGE,
    usage: "Usage: ntptrace [OPTION]... [HOST]\n",
};

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtptraceArgs::augment_args(clap::Command::new("ntptrace"))
        .about("Follow a clock to its sources")
        .override_usage("ntptrace [OPTIONS] [HOST]")
}

/// Runs `ntptrace` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    SCRIPT.run(context, usage_status, run_parsed)
}

fn usage_status(context: &Context) -> u8 {
    if context.dialect.keeps(Quirk::TRACE_ENDS_WITH_0) { USAGE_OF_ORIGINAL } else { USAGE }
}

fn run_parsed(context: &mut Context, args: &NtptraceArgs) -> u8 {
    if context.dialect.keeps(Quirk::TRACE_BY_MODE6) {
        classic::run(context, args);
        return 0;
    }
    if let [_, second, ..] = args.hosts.as_slice() {
        context.output.message(format!("ntptrace: '{second}': a trace begins with one host\n"));
        return USAGE;
    }
    follow(context, args)
}

/// Traces and prints the results.
fn follow(context: &mut Context, args: &NtptraceArgs) -> u8 {
    let host_text = args.host();
    let names = NameService::system(args.patience.names.name_timeout);
    let found = match host_text.parse::<Host>() {
        Ok(host) => names
            .forward(&host, args.family())
            .map_err(|error| format!("{error}; {}", explain_name(&error, host.name()))),
        Err(error) => Err(error.to_string()),
    };
    let addresses = match found {
        Ok(found) => found.addresses,
        Err(reason) => {
            context.output.message(format!("ntptrace: {host_text}: {reason}\n"));
            return INCOMPLETE;
        }
    };
    let interrupt = Interrupt::watch().ok();
    let least = if args.all { Selection::Candidate } else { Selection::SystemPeer };
    let settings = QuerySettings { patience: args.patience.timeout, least, most_sources: MAX_SOURCES };
    let most = usize::try_from(args.max_hosts).ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
    let trace =
        Trace::follow(&addresses, most, &mut |addresses| ask(addresses, settings, interrupt.as_ref()));
    let shown_names = shown_names(&trace, &names, args.numeric);
    let errors = error::beginnings(&trace);
    let shown = Shown { trace: &trace, names: &shown_names, errors: &errors };
    let is_complete = matches!(trace.end_of_chain(), Some(End::Root | End::Limit));
    context.output.result(match args.format.chosen() {
        Format::Json => structured::json(&shown, host_text, is_complete),
        Format::Dot => shown.dot(),
        _ if args.all => shown.tree(),
        _ => shown.chain(),
    });
    if let Some(problem) = shown.problem().filter(|_| args.format.chosen() != Format::Plain || !args.all) {
        context.output.message(format!("ntptrace: {problem}\n"));
    }
    if interrupt.is_some_and(|interrupt| interrupt.is_pending()) {
        return INTERRUPTED;
    }
    if is_complete { 0 } else { INCOMPLETE }
}

/// The names of all hosts, looked up together.
fn shown_names(trace: &Trace, names: &NameService, numeric: bool) -> Vec<String> {
    let addresses = || trace.nodes.iter().map(|node| node.address);
    if !numeric {
        names.start_round();
        for address in addresses() {
            names.begin_reverse(address.ip());
        }
    }
    let name = |address: SocketAddr| {
        let text = if numeric { ip_text(address.ip()) } else { names.host_text(address.ip()) };
        match address {
            _ if address.port() == NTP_PORT => text,
            SocketAddr::V6(_) if text.contains(':') => format!("[{text}]:{}", address.port()),
            _ => format!("{text}:{}", address.port()),
        }
    };
    addresses().map(name).collect()
}
