//! The target of a health check: the daemon and its addresses.

use super::failure::{Cause, Failure, Finding};
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Detail, explain_name};
use crate::model::health::Reader;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::names::{NameError, NameService};
use crate::wire::chrony;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// What to query, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// The daemon.
    pub daemon: DaemonChoice,
    /// A host; `None` for this machine.
    pub host: Option<String>,
    /// Which addresses to use.
    pub family: AddressFamily,
    /// How long it may take in total.
    pub timeout: Duration,
    /// How much to say about a failure.
    pub detail: Detail,
    /// How to interpret a mode 6 reply; the classic way queries only 127.0.0.1, and no other daemon.
    pub reader: Reader,
}

impl Question {
    pub(super) fn has_port(&self) -> bool {
        let host = self.host.as_ref().and_then(|host| host.parse().ok());
        host.is_some_and(|host: Host| host.has_port())
    }
}

/// Returns the addresses of the host, or of this machine.
///
/// # Errors
/// The host has none.
pub fn addresses(question: &Question, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let Some(name) = &question.host else {
        if question.reader == Reader::Classic {
            return Ok(vec![(Ipv4Addr::LOCALHOST, port).into()]);
        }
        return Ok(loopback(question.family, port));
    };
    let host: Host = name.parse().map_err(|error| Cause::IllFormed(name.clone(), error))?;
    let found = NameService::system(question.timeout)
        .forward(&host, question.family)
        .map_err(|error| unknown(name.clone(), error, question.detail))?;
    let mut addresses = found.addresses;
    if !host.has_port() {
        for address in &mut addresses {
            address.set_port(port);
        }
    }
    // One that answers is enough; a host with many addresses is not flooded.
    addresses.truncate(2);
    Ok(addresses)
}

/// The failure of a host without an address.
pub(super) fn unknown(name: String, error: NameError, detail: Detail) -> Failure {
    let explained = format!("{name}: {}", explain_name(&error, &name, detail));
    Failure::from(Cause::Unknown(name, error)).after(vec![Finding::Said(explained)])
}

/// Whether these are loopback addresses with the NTP port.
pub(super) fn is_this_machine(addresses: &[SocketAddr]) -> bool {
    let own = loopback(AddressFamily::Any, NTP_PORT);
    addresses.iter().all(|address| own.contains(address))
}

/// The addresses of chronyd's command port on these hosts.
pub(super) fn chronyd_addresses(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    addresses.iter().map(|address| SocketAddr::new(address.ip(), chrony::PORT)).collect()
}

/// This machine's loopback addresses.
fn loopback(family: AddressFamily, port: u16) -> Vec<SocketAddr> {
    let (four, six): (IpAddr, IpAddr) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    let addresses = match family {
        AddressFamily::Any => vec![four, six],
        AddressFamily::Ipv4 => vec![four],
        AddressFamily::Ipv6 => vec![six],
    };
    addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}
