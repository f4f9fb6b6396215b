//! `ntpsweep`: prints a line for each host with its stratum, offset, and platform; and its peers, if requested.

mod args;
mod classic;
mod row;
mod shown;
mod sweep;

use crate::app::scripts::Script;
use crate::cli::context::Context;
use crate::cli::exit::{self, INTERRUPTED};
use crate::cli::files::read_finite;
use crate::cli::format::Format;
use crate::cli::output::reason;
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::with_address;
use crate::compat::Quirk;
use crate::net::confine::Tcp;
use crate::net::host::{AddressFamily, Host, HostError, NTP_PORT};
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use crate::wire::ip_text::ip_text;
use args::{NtpsweepArgs, ORIGINAL, ORIGINAL_USAGE};
use clap::Args;
use std::net::SocketAddr;
use sweep::{Extent, NoAddress, Node, sweep};

/// The status if a host reported nothing.
const INCOMPLETE: u8 = 1;
/// The status for a usage error or an output error.
const USAGE: u8 = exit::TOOL.usage;
/// The same status of the original.
const USAGE_OF_ORIGINAL: u8 = 1;
/// The largest host file of the original, in bytes.
const FILE_LIMIT: u64 = 32 << 20;

const SCRIPT: Script = Script {
    name: "ntpsweep",
    command,
    original: ORIGINAL,
    original_usage: ORIGINAL_USAGE,
    usage: "Usage: ntpsweep [OPTION]... [-l HOSTS] [HOSTFILE]\n",
};

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpsweepArgs::augment_args(clap::Command::new("ntpsweep"))
        .about("List hosts with their strata, offsets and programs")
        .override_usage("ntpsweep [OPTIONS] [-l HOSTS]... [HOSTFILE]")
}

/// Runs `ntpsweep` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    SCRIPT.run(context, usage_status, run_parsed)
}

fn usage_status(context: &Context) -> u8 {
    if context.dialect.keeps(Quirk::SWEEP_ENDS_WITH_0) { USAGE_OF_ORIGINAL } else { USAGE }
}

fn run_parsed(context: &mut Context, args: &NtpsweepArgs) -> u8 {
    if context.dialect.keeps(Quirk::SWEEP_BY_MODE6) {
        return as_original(context, args);
    }
    let files = [args.from.files.hosts_from.as_slice(), args.host_file.as_slice(), args.files.as_slice()];
    let mut from = args.from.clone();
    // --host means this host only.
    from.files.hosts_from = if args.host.is_some() { Vec::new() } else { files.concat() };
    let words = args.host.iter().chain(&args.host_list).flat_map(|list| list.split(','));
    let words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.is_empty() && !from.names_files() {
        context
            .output
            .message(format!("ntpsweep: no hosts; name them with -l, or a file of them\n{}", SCRIPT.usage));
        return USAGE;
    }
    let Some(hosts) = from.gather(context, "ntpsweep", &words) else { return INCOMPLETE };
    DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &hosts.names);
    sweep_over(context, args, &hosts.names, !hosts.is_whole)
}

/// Queries all hosts and prints the results.
fn sweep_over(context: &mut Context, args: &NtpsweepArgs, hosts: &[String], mut failed: bool) -> u8 {
    let names = NameService::system(args.patience.names.limit());
    let interrupt = Interrupt::watch().ok();
    let levels = match usize::try_from(args.maxlevel) {
        _ if !args.peers => Some(0),
        Ok(0) => None,
        levels => Some(levels.unwrap_or(0)),
    };
    let extent = Extent { levels, patience: args.patience.timeout, jobs: args.from.jobs.chosen() };
    let hosts = resolve(hosts, &names);
    if interrupt.as_ref().is_some_and(Interrupt::is_pending) {
        // No host has been queried.
        return INTERRUPTED;
    }
    let nodes = sweep(hosts, extent, interrupt.as_ref());
    let texts = names_of(&nodes, &names, args.numeric);
    let shown = shown::Shown { nodes: &nodes, names: &texts, strip: &args.strip, peers: args.peers };
    match args.format.chosen() {
        Format::Json => context.output.result(shown.json()),
        _ => {
            context.output.result(row::HEADING);
            for place in
                (0..nodes.len()).filter(|place| nodes.get(*place).is_some_and(|node| node.level == 0))
            {
                context.output.quoting_result(shown.rows(place));
            }
        }
    }
    for (node, name) in nodes.iter().zip(&texts).filter(|(node, _)| node.level == 0) {
        if let Some(reason) = node.reason(args.explain.detail()) {
            failed = true;
            let host = with_address(name, node.address);
            context.output.message(format!("ntpsweep: {host}: {reason}\n"));
        }
    }
    if interrupt.is_some_and(|interrupt| interrupt.is_pending()) {
        return INTERRUPTED;
    }
    if failed { INCOMPLETE } else { 0 }
}

/// Looks up all hosts at the same time.
fn resolve(hosts: &[String], names: &NameService) -> Vec<Node> {
    let parsed: Vec<_> = hosts.iter().map(|host| host.parse::<Host>()).collect();
    for host in parsed.iter().flatten() {
        names.begin_forward(host, AddressFamily::Any);
    }
    let node = |(text, host): (&String, &Result<Host, HostError>)| {
        let (address, fault) = match host.as_ref().map(|host| names.forward(host, AddressFamily::Any)) {
            Ok(Ok(found)) => (found.addresses.first().copied(), None),
            Ok(Err(error)) => (None, Some(NoAddress::Unknown(text.clone(), error))),
            Err(error) => (None, Some(NoAddress::Malformed(*error))),
        };
        Node { given: Some(text.clone()), address, level: 0, answer: None, fault, peers: Vec::new() }
    };
    hosts.iter().zip(&parsed).map(node).collect()
}

/// The displayed names: as given, except that addresses are looked up.
fn names_of(nodes: &[Node], names: &NameService, numeric: bool) -> Vec<String> {
    let is_name = |node: &Node| {
        node.given.as_ref().is_some_and(|given| {
            given.parse::<Host>().is_ok_and(|host| host.name().parse::<std::net::IpAddr>().is_err())
        })
    };
    let looked_up = || nodes.iter().filter(|node| !numeric && !is_name(node)).filter_map(|node| node.address);
    names.start_round();
    for address in looked_up() {
        names.begin_reverse(address.ip());
    }
    let text = |node: &Node| match (node.address, &node.given) {
        (_, Some(given)) if is_name(node) => given.clone(),
        (Some(address), _) => {
            let text = if numeric { ip_text(address.ip()) } else { names.host_text(address.ip()) };
            match address {
                _ if address.port() == NTP_PORT => text,
                SocketAddr::V6(_) if text.contains(':') => format!("[{text}]:{}", address.port()),
                _ => format!("{text}:{}", address.port()),
            }
        }
        (None, given) => given.clone().unwrap_or_default(),
    };
    nodes.iter().map(text).collect()
}

/// What the Perl script does with the command line.
fn as_original(context: &mut Context, args: &NtpsweepArgs) -> u8 {
    if args.files.len() != 1 && args.host.is_none() && args.host_list.is_empty() {
        context.output.message(ORIGINAL_USAGE);
        return USAGE_OF_ORIGINAL;
    }
    let mut hosts = Vec::new();
    match (&args.host, args.files.first().filter(|file| !file.as_os_str().is_empty())) {
        (Some(host), _) => hosts.push(host.clone()),
        (None, Some(file)) => match read_finite(file, FILE_LIMIT) {
            Ok(octets) => {
                let text = String::from_utf8_lossy(&octets).into_owned();
                let is_host = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
                hosts.extend(text.split('\n').filter(is_host).map(str::to_owned));
            }
            Err(error) => {
                let (file, words) = (file.display(), reason(&error));
                context.output.message(format!("ntpsweep: FATAL: unable to read {file}: {words}\n"));
                return error.raw_os_error().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
            }
        },
        (None, None) => {}
    }
    if args.host.is_none() {
        hosts.extend(args.host_list.iter().cloned());
    }
    classic::run(context, args, &hosts);
    0
}
