//! The servers' addresses.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::numbers;
use crate::cli::context::Context;
use crate::compat::{Dialect, Quirk};
use crate::net::host::{AddressFamily, Host};
use crate::net::names::{EveryAddress, Lookup, NameError, NameService, ResolverError};
use crate::net::signals::block_all;
use crate::net::sockets::is_reachable;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

/// How long the resolver is waited for, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the name of an address is waited for.
const REVERSE_PATIENCE: Duration = Duration::from_secs(1);

/// The most addresses of one name that are asked, where several are named.
const MAX_OF_ONE_NAME: usize = 8;
/// The most addresses of the only name.
const MAX_OF_THE_NAME: usize = 64;

/// The name or address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What is looked up.
    pub text: String,
    /// What is said of it: where it stands, if it is a word of a file that may be none of this program's.
    pub shown: String,
    /// Whether it is to be asked with Network Time Security.
    pub nts: bool,
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self { shown: text.clone(), text, nts: false }
    }
}

/// An address to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where to.
    pub address: SocketAddr,
    /// Whose vote it shares: the numbers of the names that led to it. The addresses of the only name have a vote each.
    pub voters: Vec<usize>,
}

/// The targets found so far.
#[derive(Debug, Default)]
struct Targets {
    found: Vec<Target>,
    /// Whether each address has a vote of its own.
    single: bool,
}

impl Targets {
    /// Whether this is an address that was found before; the name of this number leads to it too.
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

/// Why there is nobody to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nobody {
    /// Names that no name server could be asked about.
    pub unanswered: Vec<String>,
    /// Names that the name service does not know.
    pub unknown: Vec<String>,
    /// What has no address of the wanted family.
    pub wrong_family: Vec<String>,
    /// Addresses to which no way leads.
    pub unroutable: Vec<String>,
}

/// Looks all names up and gives the addresses to ask.
///
/// # Errors
/// Why there are none, after the messages about it.
pub fn resolve(
    context: &mut Context,
    args: &NtpdateArgs,
    names: &[Name],
    channel: &Channel,
    left: Option<Duration>,
) -> Result<Vec<Target>, Nobody> {
    let family = args.family();
    // Some of the time is for asking those that are found.
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
            context.output.result(format!("Looking for host {shown} and service ntp\n"));
        }
        match service.forward(&host_of(name, args.port), family) {
            Ok(host) => {
                if args.debug > 0
                    && let Some(first) = host.addresses.first()
                {
                    tell_name(context, *first);
                }
                let mut unroutable = Vec::new();
                let mut routable = 0;
                for address in host.addresses.into_iter().take(most) {
                    // Under two names a server has no more than one vote, and no more questions.
                    if !context.dialect.keeps(Quirk::DUPLICATE_SERVERS) && targets.is_known(address, number) {
                        routable += 1;
                    } else if is_reachable(address) {
                        routable += 1;
                        targets.add(address, number);
                    } else {
                        unroutable.push(numbers::address(address));
                    }
                }
                // Of hosts with addresses of both families one is often enough.
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
                        // The original lacks the line end, and gives the other servers up.
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

/// The host that a word names, at its own port or else at this one.
fn host_of(text: &str, port: u16) -> Host {
    let host = text.parse().unwrap_or_else(|_| Host::named(text));
    if host.has_port() { host } else { host.at_port(port) }
}

/// The resolver's answer; none in time is none for now.
fn explained(error: NameError) -> ResolverError {
    match error {
        NameError::Resolver(error) => error,
        NameError::TimedOut => ResolverError::AGAIN,
    }
}

/// Tells what an address is called, and whether the name leads back to it.
fn tell_name(context: &mut Context, address: SocketAddr) {
    let shown = numbers::address(address);
    let found = match reverse(address.ip()) {
        None => shown,
        Some((name, Ok(true))) => {
            context.output.result(format!("{shown} reversed to {name}\n"));
            name
        }
        Some((name, leads_back)) => {
            context.output.result(format!("{shown} reversed to {name}\n"));
            if let Err(error) = leads_back {
                let reason = explained(error);
                context.output.result(format!("{name} forward check lookup fail: {reason}\n"));
            }
            format!("{shown} ({name})")
        }
    };
    context.output.message(format!("host found : {found}\n"));
}

/// The name of an address, and whether the name's addresses contain it; none if that takes too long.
fn reverse(address: IpAddr) -> Option<(String, Result<bool, NameError>)> {
    let (sender, receiver) = mpsc::channel();
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
    // Nobody waits for a resolver that does not answer: its thread ends with the process.
    thread.spawn(move || sender.send(work()).ok()).ok()?;
    receiver.recv_timeout(REVERSE_PATIENCE).ok()?
}

/// How many addresses of a name are asked at most; `single` if it is the only name.
fn most_addresses(single: bool, dialect: Dialect) -> usize {
    match single {
        _ if dialect.keeps(Quirk::EVERY_ADDRESS_VOTES) => usize::MAX,
        true => MAX_OF_THE_NAME,
        false => MAX_OF_ONE_NAME,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_of_a_name_are_asked_in_the_classic_dialect_alone() {
        assert_eq!([true, false].map(|single| most_addresses(single, Dialect::Classic)), [usize::MAX; 2]);
        assert_eq!(most_addresses(false, Dialect::Native), 8);
        assert!((8..1000).contains(&most_addresses(true, Dialect::Native)));
    }

    #[test]
    fn a_target_shares_the_votes_of_the_names_that_lead_to_it() {
        let address = |host: u8| SocketAddr::from(([192, 0, 2, host], 123));
        let mut targets = Targets::default();
        for (host, name) in [(1, 0), (2, 0), (1, 1), (1, 1), (3, 2)] {
            if !targets.is_known(address(host), name) {
                targets.add(address(host), name);
            }
        }
        let voters: Vec<&[usize]> = targets.found.iter().map(|target| target.voters.as_slice()).collect();
        assert_eq!(voters, [&[0, 1][..], &[0], &[2]]);
        // The addresses of the only name vote by themselves.
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
