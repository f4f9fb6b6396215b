//! Where the hosts to query come from: the command line, lists, inventories, service discovery, networks.
//!
//! Files are untrusted: their size and the number of hosts they expand to are limited, and an invalid line is reported
//! and skipped.

#[cfg(feature = "inventories")]
mod ansible;
mod contents;
#[cfg_attr(not(feature = "inventories"), path = "without_inventories.rs")]
mod form;
#[cfg(feature = "inventories")]
mod ini;
#[cfg(feature = "inventories")]
mod inventory;
mod jobs;
#[cfg(feature = "inventories")]
mod json;
mod list;
mod name;
mod network;
#[cfg(feature = "inventories")]
mod service;
#[cfg(feature = "inventories")]
pub(crate) mod value;
#[cfg(feature = "inventories")]
pub(crate) mod yaml;

pub use form::HostsFormat;
pub use jobs::JobsArgs;

use crate::cli::context::{Context, Terminals};
use crate::cli::files::{read_finite, read_standard_input};
use crate::cli::group::Group;
use crate::cli::output::{Output, reason};
use crate::cli::prompt;
use crate::compact;
use crate::net::host::Host;
use clap::{ArgAction, Args};
use contents::{Contents, Entry, Fault, HOST_LIMIT};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The largest hosts file accepted, in bytes.
const FILE_LIMIT: u64 = 32 << 20;
/// The most addresses that all networks together may expand to.
const ADDRESS_LIMIT: usize = 1 << 16;
/// The number of network addresses queried without confirmation.
const UNCONFIRMED: usize = 256;
/// The most errors printed per file.
const COMPLAINT_LIMIT: usize = 20;
/// The error if no named host is valid.
pub const NONE_LEFT: &str = "no host left to query";

/// Files of hosts.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct HostFilesArgs {
    /// Also query the hosts listed in FILE (`-`: standard input); repeatable
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub hosts_from: Vec<PathBuf>,
    /// Format of these files; detected from the content by default
    #[arg(long, value_name = "FORM", value_enum)]
    pub hosts_format: Option<HostsFormat>,
    /// Query the hosts in these files on this port, overriding any port in the files
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub hosts_port: Option<u16>,
}

/// Options of the programs that query any number of hosts.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct HostsArgs {
    /// Files of hosts.
    #[command(flatten)]
    pub files: Group<HostFilesArgs>,
    /// How many of them at once.
    #[command(flatten)]
    pub jobs: Group<JobsArgs>,
    /// Query all addresses of large networks without confirmation
    #[arg(long)]
    pub yes: bool,
}

/// The hosts that a command line names.
#[derive(Debug)]
pub struct Gathered {
    /// The hosts in the order of the operands and then of the files; empty only if the command line names none.
    pub names: Vec<String>,
    /// Whether all operands and all lines of the files were valid. The others have been reported.
    pub is_whole: bool,
}

/// Collects hosts from all sources.
#[derive(Debug)]
pub struct Gathering<'a> {
    args: &'a HostsArgs,
    hosts: usize,
    addresses: usize,
    problems: Vec<String>,
}

impl Gathered {
    /// Keeps only the first mention of each host.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        let mut seen = BTreeSet::new();
        self.names.retain(|name| seen.insert(name.clone()));
        self
    }
}

impl<'a> Gathering<'a> {
    /// Starts with no hosts.
    pub fn new(args: &'a HostsArgs) -> Self {
        Self { args, hosts: 0, addresses: 0, problems: Vec::new() }
    }

    /// The hosts that an operand stands for: itself, or the addresses of a network.
    pub fn operand(&mut self, text: &str) -> Vec<String> {
        let Some(network) = network::parse(text) else { return vec![text.to_owned()] };
        let addresses = network.and_then(|network| self.addresses_of(&network, None));
        addresses.unwrap_or_else(|reason| {
            self.add_problem(&format!("{text}: {reason}"));
            Vec::new()
        })
    }

    /// The hosts of all files, without duplicates.
    pub fn listed(&mut self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut hosts = Vec::new();
        for path in &self.args.files.hosts_from {
            let shown =
                if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
            match read(path)
                .and_then(|octets| form::read(&octets, self.args.files.hosts_format.unwrap_or_default()))
            {
                Ok(contents) => {
                    for host in self.hosts_of(&shown, contents) {
                        if seen.insert(host.clone()) {
                            hosts.push(host);
                        }
                    }
                }
                Err(reason) => self.add_problem(&format!("{shown}: {reason}")),
            }
        }
        hosts
    }

    fn hosts_of(&mut self, shown: &str, contents: Contents) -> Vec<String> {
        let mut faults = contents.faults;
        let mut hosts = Vec::new();
        let port = self.args.files.hosts_port;
        for Entry { line, text } in contents.entries {
            if self.hosts >= HOST_LIMIT {
                faults.push(Fault {
                    line,
                    reason: format!("more than {HOST_LIMIT} hosts; the rest are skipped"),
                });
                break;
            }
            let found = match network::parse(&text) {
                Some(network) => network.and_then(|network| self.addresses_of(&network, port)),
                None => name::host(&text).map(|host| {
                    self.hosts += 1;
                    vec![self.with_port(&host)]
                }),
            };
            match found {
                Ok(found) => hosts.extend(found),
                Err(reason) => {
                    faults.push(Fault { line, reason: format!("'{}': {reason}", name::shown(&text)) });
                }
            }
        }
        compact::sort_by_key(&mut faults, |fault| fault.line);
        for Fault { line, reason } in faults.iter().take(COMPLAINT_LIMIT) {
            let place = if *line == 0 { String::new() } else { format!(":{line}") };
            self.add_problem(&format!("{shown}{place}: {reason}"));
        }
        if let Some(more) = faults.len().checked_sub(COMPLAINT_LIMIT).filter(|more| *more > 0) {
            self.add_problem(&format!("{shown}: {more} more errors"));
        }
        hosts
    }

    fn with_port(&self, host: &Host) -> String {
        match self.args.files.hosts_port {
            Some(port) => host.at_port(port).to_string(),
            None => host.to_string(),
        }
    }

    fn addresses_of(&mut self, network: &network::Network, port: Option<u16>) -> Result<Vec<String>, String> {
        let left = ADDRESS_LIMIT.saturating_sub(self.addresses);
        let found = network.hosts(left, port).ok_or_else(|| {
            let most =
                if self.addresses == 0 { "a network may have" } else { "all networks together may have" };
            format!("too large: {most} at most {ADDRESS_LIMIT} addresses")
        })?;
        self.addresses += found.len();
        self.hosts += found.len();
        Ok(found)
    }

    fn add_problem(&mut self, text: &str) {
        self.problems.push(text.to_owned());
    }

    /// The errors so far, one text per file, line or operand.
    pub fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    /// Reports the errors under the program's name and asks for confirmation if needed. Returns whether there were no
    /// errors.
    ///
    /// # Errors
    /// Not confirmed.
    pub fn finish(mut self, context: &mut Context, called: &str) -> Result<bool, String> {
        let problems = self.take_problems();
        for problem in &problems {
            context.output.message(format!("{called}: {problem}\n"));
        }
        self.confirm(called, &mut context.output, context.terminals)?;
        Ok(problems.is_empty())
    }

    /// Asks for confirmation at a terminal before querying this many addresses, if needed.
    ///
    /// # Errors
    /// Not confirmed.
    pub fn confirm(&self, called: &str, output: &mut Output, terminals: Terminals) -> Result<(), String> {
        let count = self.addresses;
        if count <= UNCONFIRMED || self.args.yes {
            return Ok(());
        }
        if !(terminals.input && terminals.error) {
            return Err(format!("networks with {count} addresses need confirmation or --yes"));
        }
        let answer = prompt::ask(&format!("{called}: query {count} addresses? [y/N] "), output, None);
        match answer.trim_ascii() {
            b"y" | b"Y" | b"yes" => Ok(()),
            _ => Err("cancelled, no host was queried".into()),
        }
    }
}

impl HostsArgs {
    /// The hosts of the operands and of the files, networks expanded. Returns `None` if hosts are named but none is
    /// left, or the user does not confirm. Errors are reported under the program's name.
    pub fn gather(&self, context: &mut Context, called: &str, operands: &[String]) -> Option<Gathered> {
        let mut gathering = Gathering::new(self);
        let mut names: Vec<String> = operands.iter().flat_map(|word| gathering.operand(word)).collect();
        names.extend(gathering.listed());
        let names_hosts = !operands.is_empty() || self.names_files();
        let reason = match gathering.finish(context, called) {
            Ok(_) if names_hosts && names.is_empty() => NONE_LEFT.to_owned(),
            Ok(is_whole) => return Some(Gathered { names, is_whole }),
            Err(reason) => reason,
        };
        context.output.message(format!("{called}: {reason}\n"));
        None
    }

    /// Whether any hosts file is given.
    pub fn names_files(&self) -> bool {
        !self.files.hosts_from.is_empty()
    }

    /// Whether standard input is one of the files, and so not available for anything else.
    pub fn take_standard_input(&self) -> bool {
        self.files.hosts_from.iter().any(|path| is_standard_input(path))
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let octets =
        if is_standard_input(path) { read_standard_input(FILE_LIMIT) } else { read_finite(path, FILE_LIMIT) };
    octets.map_err(|error| reason(&error))
}

/// Reads a hosts file as `--hosts-from` and `--hosts-format` do, without limits on what it expands to: returns the
/// texts of its entries and the number of faulty ones. For fuzzing.
pub fn scan(octets: &[u8], format: HostsFormat) -> Option<(Vec<String>, usize)> {
    let contents = form::read(octets, format).ok()?;
    let faults = contents.faults.len();
    Some((contents.entries.into_iter().map(|entry| entry.text).collect(), faults))
}

#[cfg(test)]
#[cfg(feature = "inventories")]
mod tests;
