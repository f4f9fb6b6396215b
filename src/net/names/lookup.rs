//! Queries to the system's resolver.

use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfo, AddrInfoHints, getaddrinfo, getnameinfo};
use nix::libc;

use super::canonical;
use super::{NameError, ResolverError};
use crate::net::host::AddressFamily;

/// A resolver that may block. Its results come from the network.
pub trait Lookup: Send + Sync + 'static {
    /// Returns the canonical name and the addresses of a host to contact, in order of preference: those of families in
    /// which this machine has an address.
    ///
    /// # Errors
    /// [`NameError::Resolver`].
    fn forward(&self, name: &str, family: AddressFamily) -> Result<Forward, NameError>;

    /// Returns all addresses of a name in the family.
    ///
    /// # Errors
    /// [`NameError::Resolver`].
    fn addresses(&self, name: &str, family: AddressFamily) -> Result<Vec<IpAddr>, NameError>;

    /// Returns the name of an address, if it has one.
    ///
    /// # Errors
    /// [`NameError::Resolver`] if that cannot be determined.
    fn reverse(&self, address: IpAddr) -> Result<Option<String>, NameError>;
}

/// The result of looking up a host name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forward {
    /// The canonical name, as reported by the resolver.
    pub canonical_name: Option<String>,
    /// The addresses; the port is meaningless, an IPv6 zone is not.
    pub addresses: Vec<SocketAddr>,
}

/// The system's own resolver, `getaddrinfo` and `getnameinfo`: the hosts file, DNS and any other configured source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn forward(&self, name: &str, family: AddressFamily) -> Result<Forward, NameError> {
        let with_name = if canonical::is_text(name) { libc::AI_CANONNAME } else { 0 };
        let found = address_info(name, family, libc::AI_ADDRCONFIG | with_name)?;
        let canonical_name = found.iter().find_map(|info| info.canonname.clone());
        Ok(Forward {
            canonical_name: canonical_name.or_else(|| Some(name.to_owned())),
            addresses: found.iter().map(|info| info.sockaddr).collect(),
        })
    }

    fn addresses(&self, name: &str, family: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        let found = address_info(name, family, 0)?;
        Ok(found.iter().map(|info| info.sockaddr.ip()).collect())
    }

    fn reverse(&self, address: IpAddr) -> Result<Option<String>, NameError> {
        let flags = libc::NI_NAMEREQD | libc::NI_NUMERICSERV | libc::NI_DGRAM;
        match getnameinfo(&SocketAddr::new(address, 0), flags) {
            Ok((name, _)) => Ok(Some(name)),
            Err(error) => match ResolverError::from(&error) {
                error if error.is_unknown() => Ok(None),
                error => Err(error.into()),
            },
        }
    }
}

/// The system's own resolver, returning every address of a name in order of preference, also of families in which this
/// machine has only a loopback address.
#[derive(Clone, Copy, Debug, Default)]
pub struct EveryAddress;

impl Lookup for EveryAddress {
    fn forward(&self, name: &str, family: AddressFamily) -> Result<Forward, NameError> {
        let found = address_info(name, family, 0)?;
        let addresses = found.iter().map(|info| info.sockaddr).collect();
        Ok(Forward { canonical_name: Some(name.to_owned()), addresses })
    }

    fn addresses(&self, name: &str, family: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        SystemLookup.addresses(name, family)
    }

    fn reverse(&self, address: IpAddr) -> Result<Option<String>, NameError> {
        SystemLookup.reverse(address)
    }
}

/// Parses a numeric address in any notation that the C library accepts (`127.1`, `fe80::1%eth0`), without blocking.
/// `None` if the text is not an address and has to be looked up as a name.
///
/// # Errors
/// [`NameError::Resolver`] if it is an address of the other family.
pub(super) fn numeric(name: &str, family: AddressFamily) -> Option<Result<SocketAddr, NameError>> {
    match address_info(name, family, libc::AI_NUMERICHOST) {
        Ok(found) => found.first().map(|info| Ok(info.sockaddr)),
        Err(error) if error.is_unknown() => {
            // Not every C library reports that it is an address of the other family.
            let is_address = family != AddressFamily::Any
                && numeric(name, AddressFamily::Any).is_some_and(|found| found.is_ok());
            is_address.then_some(Err(ResolverError::ADDRESS_FAMILY.into()))
        }
        Err(error) => Some(Err(error.into())),
    }
}

fn address_info(name: &str, family: AddressFamily, flags: i32) -> Result<Vec<AddrInfo>, ResolverError> {
    let hints = AddrInfoHints {
        flags,
        address: match family {
            AddressFamily::Any => libc::AF_UNSPEC,
            AddressFamily::Ipv4 => libc::AF_INET,
            AddressFamily::Ipv6 => libc::AF_INET6,
        },
        socktype: libc::SOCK_DGRAM,
        protocol: libc::IPPROTO_UDP,
    };
    let found = getaddrinfo(Some(name), None, Some(hints)).map_err(|error| ResolverError::from(&error))?;
    found.collect::<Result<_, _>>().map_err(|_| ResolverError::SYSTEM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, family: AddressFamily) -> Option<Result<String, String>> {
        let found = numeric(name, family)?;
        Some(found.map(|address| address.ip().to_string()).map_err(|error| error.to_string()))
    }

    #[test]
    fn numeric_addresses_need_no_lookup() {
        for (name, address) in [
            ("192.0.2.1", "192.0.2.1"),
            ("127.1", "127.0.0.1"),
            ("::1", "::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ] {
            assert_eq!(text(name, AddressFamily::Any), Some(Ok(address.to_owned())), "{name}");
        }
        for name in ["localhost", "", "192.0.2.256", "fe80::1%no-such-link", "nul\0byte", ":::"] {
            assert_eq!(text(name, AddressFamily::Any), None, "{name}");
        }
    }

    #[test]
    fn the_other_family_is_refused_with_the_systems_wording() {
        let refused = Some(Err("Address family for hostname not supported".to_owned()));
        assert_eq!(text("::1", AddressFamily::Ipv4), refused);
        assert_eq!(text("127.0.0.1", AddressFamily::Ipv6), refused);
        assert_eq!(text("127.0.0.1", AddressFamily::Ipv4), Some(Ok("127.0.0.1".to_owned())));
    }

    #[test]
    fn octets_that_are_not_text_are_not_a_name() {
        let error = SystemLookup.forward("nul\0byte", AddressFamily::Any).unwrap_err();
        assert_eq!(error.to_string(), "Name or service not known");
    }
}
