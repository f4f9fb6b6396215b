//! The queried hosts: operands, names, and changes of the current host.

use super::settings::Settings;
use super::{Flow, Shell};
use crate::client::daemon::{Correspondence, Daemon, QueryError, find};
use crate::client::diagnosis::{Asked, explain_name};
use crate::compat::{Dialect, Quirk};
use crate::net;
use crate::net::host::{AddressFamily, Host, HostError};
use crate::net::names::{NameError, NameService, ResolvedHost, ReverseName};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The target of commands.
pub enum Target {
    /// No host.
    None,
    /// A host that is looked up when the first command needs it.
    Lazy(String),
    /// A daemon.
    Open(Box<Daemon>),
}

/// What is known of the operands before any of them is queried.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// Whether there are several, so that lines and messages name the host.
    pub several: bool,
    /// The address family selected by the options.
    pub family: AddressFamily,
    /// The results of the lookups, shared by all hosts.
    pub found: Arc<FoundHosts>,
}

/// The results of looking up all operands.
#[derive(Debug, Default)]
pub struct FoundHosts {
    /// The canonical names and addresses of the hosts that were found.
    pub known: Vec<(String, SocketAddr)>,
    /// The operands that were not found.
    pub unknown: Vec<String>,
    columns: [Column; NamesShown::COUNT],
}

/// A column of hosts.
#[derive(Debug, Default)]
struct Column {
    width: OnceLock<usize>,
    /// Whether the lookup of its names has been started.
    is_begun: AtomicBool,
}

/// How a column of hosts shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamesShown {
    /// By the names of the operands.
    Operands,
    /// By names that resolve back to the address, otherwise by address.
    Confirmed,
    /// By the names of the operands; an address by its name, if it has one.
    AnyOrOperands,
    /// By address.
    Addresses,
}

impl NamesShown {
    const ALL: [Self; 4] = [Self::Operands, Self::Confirmed, Self::AnyOrOperands, Self::Addresses];
    const COUNT: usize = Self::ALL.len();
}

impl FoundHosts {
    /// The hosts that were found and those that were not.
    pub fn new(known: Vec<(String, SocketAddr)>, unknown: Vec<String>) -> Self {
        Self { known, unknown, ..Self::default() }
    }

    /// The width of a column that shows all hosts this way. It is computed only once, and is 0 as long as names are
    /// missing for which this service does not wait.
    pub fn width(&self, shown: NamesShown, names: &NameService) -> usize {
        let Some(column) = self.columns.get(shown as usize) else { return 0 };
        if let Some(width) = column.width.get() {
            return *width;
        }
        if !column.is_begun.swap(true, Ordering::Relaxed) {
            self.begin_names(shown, names);
        }
        if names.waits() || !self.needs_names(shown) {
            return *column.width.get_or_init(|| self.compute_width(shown, names));
        }
        names.fall_behind();
        0
    }

    /// Waits for the widths of the columns that were needed.
    pub fn wait_for_widths(&self, names: &NameService) {
        for (shown, column) in NamesShown::ALL.into_iter().zip(&self.columns) {
            if column.is_begun.load(Ordering::Relaxed) {
                self.width(shown, names);
            }
        }
    }

    fn needs_names(&self, shown: NamesShown) -> bool {
        self.known.iter().any(|host| needs_name(shown, host))
    }

    fn begin_names(&self, shown: NamesShown, names: &NameService) {
        for host in self.known.iter().filter(|host| needs_name(shown, host)) {
            names.begin_reverse(host.1.ip());
        }
    }

    fn compute_width(&self, shown: NamesShown, names: &NameService) -> usize {
        let width = |host: &(String, SocketAddr)| {
            let (name, ip) = (&host.0, host.1.ip());
            match shown {
                NamesShown::AnyOrOperands if is_number(host) => match names.reverse(ip) {
                    Some(ReverseName::Confirmed(name) | ReverseName::Unconfirmed(name)) => name.len(),
                    None => name.len(),
                },
                NamesShown::Operands | NamesShown::AnyOrOperands => name.len(),
                NamesShown::Confirmed => names.host_text(ip).len(),
                NamesShown::Addresses => ip.to_string().len(),
            }
        };
        self.known.iter().map(width).max().unwrap_or(0)
    }
}

/// Whether a column shows this host by a name that must be looked up.
fn needs_name(shown: NamesShown, host: &(String, SocketAddr)) -> bool {
    match shown {
        NamesShown::Operands | NamesShown::Addresses => false,
        NamesShown::Confirmed => true,
        NamesShown::AnyOrOperands => is_number(host),
    }
}

/// Whether a host is named by its address.
fn is_number((name, address): &(String, SocketAddr)) -> bool {
    *name == address.ip().to_string()
}

/// Looks up a host named by an operand or by the command `host`.
///
/// # Errors
/// Why it has no address.
pub fn resolve(names: &NameService, name: &str, family: AddressFamily) -> Result<ResolvedHost, NoHost> {
    let host: Host = name.parse()?;
    Ok(names.forward(&host, family)?)
}

/// Why a host cannot be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHost {
    /// Not a valid host name.
    #[error(transparent)]
    IllFormed(#[from] HostError),
    /// No address was found.
    #[error(transparent)]
    Unknown(#[from] NameError),
}

impl NoHost {
    /// The line about this host. The classic line omits its name.
    pub fn line(self, called: &str, name: &str, dialect: Dialect) -> String {
        match (dialect.keeps(Quirk::ERRORS_WITHOUT_HOST), self) {
            (true, Self::IllFormed(error)) => format!("{called}: {error}\n"),
            (true, Self::Unknown(NameError::Resolver(error))) => format!("{error}\n"),
            (_, error) => format!("{called}: {name}: {error}\n"),
        }
    }
}

/// The address of a host named by an argument, if it has one.
pub fn address(names: &NameService, name: &str, family: AddressFamily) -> Option<IpAddr> {
    let host: Host = name.parse().ok()?;
    names.forward(&host, family).ok()?.addresses.first().map(SocketAddr::ip)
}

/// The addresses of a host to try in turn; in the classic dialect only the first.
fn addresses_to_try(mut addresses: Vec<SocketAddr>, dialect: Dialect) -> Vec<SocketAddr> {
    if dialect.keeps(Quirk::ONE_ADDRESS) {
        addresses.truncate(1);
    }
    addresses
}

/// A daemon to query under these settings.
pub fn daemon(found: ResolvedHost, settings: &Settings) -> Daemon {
    let daemon = Daemon::new(
        found.name,
        addresses_to_try(found.addresses, settings.dialect),
        settings.session(net::random(), net::random()),
    );
    let daemon = daemon.through(settings.daemon.clone());
    if settings.dialect.keeps(Quirk::MODE6_ONLY) { daemon } else { daemon.or_instead(find) }
}

/// A conversation with a daemon under these settings.
pub fn correspondence(found: ResolvedHost, settings: &Settings) -> Correspondence {
    let addresses = addresses_to_try(found.addresses, settings.dialect);
    Correspondence::open(found.name, addresses, settings.session(net::random(), net::random()))
}

impl Shell {
    /// Makes this host the current one; reports why if that fails.
    pub(crate) fn set_host(&mut self, name: &str) -> bool {
        self.change_host(name, None)
    }

    pub(crate) fn change_host(&mut self, name: &str, family: Option<u8>) -> bool {
        let family = match family {
            Some(4) => AddressFamily::Ipv4,
            Some(_) => AddressFamily::Ipv6,
            None => self.hosts.family,
        };
        name.clone_into(&mut self.reporting.wanted);
        match resolve(&self.names, name, family) {
            Ok(found) => self.adopt(daemon(found, &self.settings)),
            Err(error) => {
                self.report_no_host(name, error);
                false
            }
        }
    }

    /// Reports that a host has no address, and what to do.
    pub(crate) fn report_no_host(&mut self, name: &str, error: NoHost) {
        self.error(&error.line(&self.called, name, self.settings.dialect));
        if name.is_empty() || !self.settings.gives_hints() {
            return;
        }
        if let NoHost::Unknown(error) = error {
            self.advise(name, &explain_name(&error, name, self.settings.detail));
        }
    }

    /// Opens a daemon and makes it the current one.
    pub(crate) fn adopt(&mut self, mut daemon: Daemon) -> bool {
        if self.settings.debug > 2
            && let Some(address) = daemon.address()
        {
            let family = match address {
                _ if !self.settings.program.traces_family => "",
                SocketAddr::V4(_) => " (AF_INET)",
                SocketAddr::V6(_) => " (AF_INET6)",
            };
            self.note(&format!("Opening host {}{family}\n", daemon.name()));
        }
        match daemon.open() {
            Ok(()) => {
                daemon.set_interrupt(self.interrupt.clone());
                self.associations.clear();
                self.peers.clear();
                self.target = Target::Open(Box::new(daemon));
                true
            }
            Err(error) => {
                self.report_unopened(&daemon, &error);
                false
            }
        }
    }

    /// Reports why there is no socket, after which the classic program gives up.
    fn report_unopened(&mut self, daemon: &Daemon, error: &QueryError) {
        let QueryError::Open(reason) = error else { return };
        let called = self.called.clone();
        if self.settings.dialect.keeps(Quirk::FAILED_OPEN_ABORTS) {
            self.error(&format!("{called}: connect: {reason}\n"));
            self.flow = Flow::Aborted;
        } else {
            let host = if self.hosts.several { daemon.name_with_port() } else { daemon.name().to_owned() };
            self.error(&format!("{called}: {host}: {reason}\n"));
            if let Some(diagnosis) = error.diagnosis() {
                self.advise(
                    &host,
                    &diagnosis.explain(Asked::Control, daemon.address(), self.settings.detail),
                );
            }
        }
    }

    /// Applies changed settings to the current daemon.
    pub(crate) fn apply_settings(&mut self) {
        let config = self.settings.session(net::random(), net::random());
        if let Some(daemon) = self.daemon() {
            daemon.configure(config);
            daemon.retry_after_silence();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classic_dialect_tries_only_the_first_address() {
        let addresses =
            vec![SocketAddr::from(([192, 0, 2, 1], 123)), SocketAddr::from(([192, 0, 2, 2], 123))];
        assert_eq!(addresses_to_try(addresses.clone(), Dialect::Classic), addresses[..1]);
        assert_eq!(addresses_to_try(addresses.clone(), Dialect::Native), addresses);
    }
}
