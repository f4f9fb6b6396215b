//! Resolving the servers' addresses.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::numbers;
use crate::cli::context::Context;
use crate::compact::channel;
use crate::compat::{Dialect, Quirk};
use crate::net::host::{AddressFamily, Host};
use crate::net::names::{EveryAddress, Lookup, NameError, NameService, ResolverError};
use crate::net::signals::block_all;
use crate::net::sockets::is_reachable;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The default time limit for the resolver.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time limit for a reverse lookup.
const REVERSE_PATIENCE: Duration = Duration::from_secs(1);

/// The most addresses queried per name if several names are given.
const MAX_PER_NAME: usize = 8;
/// The most addresses queried if only one name is given.
const MAX_OF_ONLY_NAME: usize = 64;

/// The name or address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The text to look up.
    pub text: String,
    /// How messages refer to it: by its place, if it is a word from a file that may belong to something else.
    pub shown: String,
    /// Whether it is queried with Network Time Security.
    pub nts: bool,
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self { shown: text.clone(), text, nts: false }
    }
}

/// An address to query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address.
    pub address: SocketAddr,
    /// The names that led to it, by number, whose votes it shares. The addresses of the only name have one vote each.
    pub voters: Vec<usize>,
}

/// The targets found so far.
#[derive(Debug, Default)]
struct Targets {
    found: Vec<Target>,
    /// Whether each address has its own vote.
    single: bool,
}

impl Targets {
    /// Whether this address was found before; if so, the name with this number now leads to it too.
    fn is_known(&mut self, address: SocketAddr, name: usize) -> bool {
        let known = self.found.iter_mut().find(|target| target.address == address);
        if let Some(target) = known {
            if !target.voters.contains(&name) && !self.single {
                target.voters.push(name);
            }
            return true;
        }
        false
    }

    fn add(&mut self, address: SocketAddr, name: usize) {
        let voter = if self.single { self.found.len() } else { name };
        self.found.push(Target { address, voters: vec![voter] });
    }
}

/// Why there is no server to query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nobody {
    /// Names that no name server could be asked about.
    pub unanswered: Vec<String>,
    /// Names that do not exist.
    pub unknown: Vec<String>,
    /// Names and addresses without an address of the requested family.
    pub wrong_family: Vec<String>,
    /// Addresses without a route.
    pub unroutable: Vec<String>,
}

/// Looks up all names and returns the addresses to query.
///
/// # Errors
/// Why there are none, after messages about it.
pub fn resolve(
    context: &mut Context,
    args: &NtpdateArgs,
    names: &[Name],
    channel: &Channel,
    left: Option<Duration>,
) -> Result<Vec<Target>, Nobody> {
    let family = args.family();
    // Part of the time is reserved for querying the servers that are found.
    let service = NameService::new(EveryAddress, left.map_or(PATIENCE, |left| (left / 2).min(PATIENCE)));
    let plain = || names.iter().enumerate().filter(|(_, name)| !name.nts);
    for (_, name) in plain() {
        service.begin_forward(&host_of(&name.text, args.port), family);
    }
    let mut targets = Targets { found: Vec::new(), single: names.len() == 1 };
    let mut nobody = Nobody::default();
    let most = most_addresses(targets.single, context.dialect);
    let mut no_name_server = Vec::new();
    for (number, Name { text: name, shown, .. }) in plain() {
        if args.debug > 0 {
            let line = format!("Looking for host {shown} and service ntp\n");
            context.output.quoting_result(line);
        }
        match service.forward(&host_of(name, args.port), family) {
            Ok(host) => {
                if args.debug > 0
                    && let Some(first) = host.addresses.first()
                {
                    print_name(context, *first);
                }
                let mut unroutable = Vec::new();
                let mut routable = 0;
                for address in host.addresses.into_iter().take(most) {
                    // A server with two names has only one vote and is queried only once.
                    if !context.dialect.keeps(Quirk::DUPLICATE_SERVERS) && targets.is_known(address, number) {
                        routable += 1;
                    } else if is_reachable(address) {
                        routable += 1;
                        targets.add(address, number);
                    } else {
                        unroutable.push(numbers::address(address));
                    }
                }
                // For hosts with addresses of both families, one address is often enough.
                if (args.verbose || routable == 0) && !context.dialect.keeps(Quirk::UNROUTABLE_UNNOTICED) {
                    for address in &unroutable {
                        channel.error(&mut context.output, &format!("no route to {address}, skipped"));
                    }
                }
                nobody.unroutable.extend(unroutable);
            }
            Err(error) => {
                let reason = explained(error);
                let number = reason.0;
                if reason.is_of_the_service() {
                    nobody.unanswered.push(shown.clone());
                    let text = format!("name server cannot be used: {reason} ({number})");
                    if context.dialect.keeps(Quirk::NAME_FAILURE_ABORTS) {
                        // The original omits the line end and gives up on the other servers.
                        context.output.message(format!("Exiting, {text}"));
                        channel.error(&mut context.output, &text);
                        return Err(nobody);
                    }
                    no_name_server.push((text, format!("Error resolving {shown}: {reason} ({number})\n")));
                    continue;
                }
                let kind = if reason == ResolverError::ADDRESS_FAMILY {
                    &mut nobody.wrong_family
                } else {
                    &mut nobody.unknown
                };
                kind.push(shown.clone());
                context.output.message(format!("Error resolving {shown}: {reason} ({number})\n"));
                channel.error(&mut context.output, &format!("Can't find host {shown}: {reason} ({number})"));
            }
        }
    }
    if targets.found.is_empty() && plain().count() == names.len() {
        if let Some((text, _)) = no_name_server.first() {
            context.output.message(format!("Exiting, {text}\n"));
            channel.error(&mut context.output, text);
        } else {
            channel.error(&mut context.output, "no servers can be used, exiting");
        }
        return Err(nobody);
    }
    for (_, line) in no_name_server {
        context.output.message(line);
    }
    Ok(targets.found)
}

/// The host that a word names, with its own port or this default.
fn host_of(text: &str, port: u16) -> Host {
    let host = text.parse().unwrap_or_else(|_| Host::named(text));
    if host.has_port() { host } else { host.at_port(port) }
}

/// The resolver's error; a timeout counts as a temporary failure.
fn explained(error: NameError) -> ResolverError {
    match error {
        NameError::Resolver(error) => error,
        NameError::TimedOut => ResolverError::AGAIN,
    }
}

/// Prints the name of an address, and whether the name resolves back to it.
fn print_name(context: &mut Context, address: SocketAddr) {
    let shown = numbers::address(address);
    let found = match reverse(address.ip()) {
        None => shown,
        Some((name, Ok(true))) => {
            context.output.quoting_result(format!("{shown} reversed to {name}\n"));
            name
        }
        Some((name, leads_back)) => {
            context.output.quoting_result(format!("{shown} reversed to {name}\n"));
            if let Err(error) = leads_back {
                let reason = explained(error);
                let line = format!("{name} forward check lookup fail: {reason}\n");
                context.output.quoting_result(line);
            }
            format!("{shown} ({name})")
        }
    };
    context.output.message(format!("host found : {found}\n"));
}

/// The name of an address, and whether the name's addresses include it; `None` if that takes too long.
fn reverse(address: IpAddr) -> Option<(String, Result<bool, NameError>)> {
    let (sender, receiver) = channel();
    let work = move || {
        block_all();
        let name = EveryAddress.reverse(address).ok().flatten()?;
        if !name.bytes().all(|octet| octet.is_ascii_graphic()) {
            return None;
        }
        let family = if address.is_ipv4() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 };
        let back = EveryAddress.addresses(&name, family).map(|addresses| addresses.contains(&address));
        Some((name, back))
    };
    let thread = std::thread::Builder::new().name("reverse".to_owned());
    // A resolver that does not answer is not waited for: its thread ends with the process.
    thread.spawn(move || sender.send(work()).ok()).ok()?;
    receiver.recv_timeout(REVERSE_PATIENCE).ok()?
}

/// The most addresses queried per name; `single` if it is the only name.
fn most_addresses(single: bool, dialect: Dialect) -> usize {
    match single {
        _ if dialect.keeps(Quirk::EVERY_ADDRESS_VOTES) => usize::MAX,
        true => MAX_OF_ONLY_NAME,
        false => MAX_PER_NAME,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_classic_dialect_queries_all_addresses_of_a_name() {
        assert_eq!([true, false].map(|single| most_addresses(single, Dialect::Classic)), [usize::MAX; 2]);
        assert_eq!(most_addresses(false, Dialect::Native), 8);
        assert!((8..1000).contains(&most_addresses(true, Dialect::Native)));
    }

    #[test]
    fn a_target_shares_the_votes_of_its_names() {
        let address = |host: u8| SocketAddr::from(([192, 0, 2, host], 123));
        let mut targets = Targets::default();
        for (host, name) in [(1, 0), (2, 0), (1, 1), (1, 1), (3, 2)] {
            if !targets.is_known(address(host), name) {
                targets.add(address(host), name);
            }
        }
        let voters: Vec<&[usize]> = targets.found.iter().map(|target| target.voters.as_slice()).collect();
        assert_eq!(voters, [&[0, 1][..], &[0], &[2]]);
        // The addresses of the only name vote independently.
        let mut targets = Targets { single: true, ..Targets::default() };
        for host in [1, 2, 1] {
            if !targets.is_known(address(host), 0) {
                targets.add(address(host), 0);
            }
        }
        let voters: Vec<&[usize]> = targets.found.iter().map(|target| target.voters.as_slice()).collect();
        assert_eq!(voters, [&[0][..], &[1]]);
    }
}
