//! Hosts by name or by number.

use std::fmt;
use std::net::IpAddr;

use super::escape::escape;
use crate::model::NetworkAddress;
use crate::wire::ip_text::ip_text;

/// How to show hosts.
#[derive(Clone, Copy, Default)]
pub enum HostNames<'a> {
    /// By number (`-n`).
    #[default]
    Numeric,
    /// As a name, if this function finds one, otherwise numerically. It is not called for reference clocks and the
    /// unspecified address.
    Named(&'a dyn Fn(IpAddr) -> String),
}

impl HostNames<'_> {
    /// Formats a host.
    pub fn host(&self, address: &NetworkAddress) -> String {
        match self.name(address) {
            Some(Name::Clock(name) | Name::Host(name)) => name,
            None => address.to_string(),
        }
    }

    /// Formats a host and its port; a reference clock's name has none.
    pub fn host_and_port(&self, address: &NetworkAddress) -> String {
        match self.name(address) {
            Some(Name::Clock(name)) => name,
            Some(Name::Host(name)) => format!("{name}:{}", address.0.port()),
            None => address.with_port(),
        }
    }

    /// Formats a host for a column of this width, keeping the beginning of a name or the end of an address.
    pub fn host_column(&self, address: &NetworkAddress, width: usize) -> String {
        match self.name(address) {
            Some(Name::Clock(name)) => name,
            Some(Name::Host(name)) => name.chars().take(width).collect(),
            None => keep_end(&address.to_string(), width),
        }
    }

    fn name(&self, address: &NetworkAddress) -> Option<Name> {
        match self {
            Self::Numeric => None,
            Self::Named(_) if address.is_unspecified() => None,
            Self::Named(name) => Some(match address.reference_clock() {
                Some(clock) => Name::Clock(clock.to_string()),
                None => {
                    let text = name(address.ip());
                    // Without a name it is shown numerically, including the scope.
                    let is_number = text == ip_text(address.ip());
                    Name::Host(if is_number { address.to_string() } else { escape(text.as_bytes()) })
                }
            }),
        }
    }
}

impl fmt::Debug for HostNames<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Numeric => "Numeric",
            Self::Named(_) => "Named",
        })
    }
}

enum Name {
    Clock(String),
    Host(String),
}

/// Returns the text, or if it is longer than the width, `_` and its end.
pub(super) fn keep_end(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width || width <= 1 {
        return text.to_owned();
    }
    std::iter::once('_').chain(text.chars().skip(length + 1 - width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> NetworkAddress {
        NetworkAddress::parse(text.as_bytes()).expect("an address")
    }

    #[test]
    fn numbers() {
        let names = HostNames::Numeric;
        assert_eq!(names.host(&address("127.127.1.0")), "127.127.1.0");
        assert_eq!(names.host_and_port(&address("2001:db8::1")), "[2001:db8::1]:123");
        assert_eq!(names.host_column(&address("2001:db8::1234"), 10), "_db8::1234");
        assert_eq!(names.host_column(&address("2001:db8::1234"), 14), "2001:db8::1234");
    }

    /// An address without a name keeps its scope, and its beginning if the column is too narrow.
    #[test]
    fn addresses_without_a_name() {
        let names = HostNames::Named(&crate::wire::ip_text::ip_text);
        assert_eq!(names.host(&address("fe80::1%2")), "fe80::1%2");
        assert_eq!(names.host_column(&address("2001:db8::1234"), 10), "2001:db8::");
    }

    #[test]
    fn names() {
        let name = |address: IpAddr| format!("host\x1b-{address}");
        let names = HostNames::Named(&name);
        assert_eq!(names.host(&address("127.127.1.0")), "LOCAL(0)");
        assert_eq!(names.host_and_port(&address("127.127.1.0")), "LOCAL(0)");
        assert_eq!(names.host(&address("0.0.0.0")), "0.0.0.0");
        assert_eq!(names.host_and_port(&address("::")), "[::]:123");
        assert_eq!(names.host(&address("10.0.0.1")), "host^[-10.0.0.1");
        assert_eq!(names.host_and_port(&address("10.0.0.1:5")), "host^[-10.0.0.1:5");
        assert_eq!(names.host_column(&address("10.0.0.1"), 6), "host^[");
    }
}
