//! Where a report comes from.

use jiff::Timestamp;
use std::net::SocketAddr;

/// The port of NTP, which goes without saying.
const NTP_PORT: u16 = 123;

/// Which daemon was asked, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The daemon's name: the canonical one if it was looked up, else the address, or what the user wrote.
    pub host: String,
    /// The address that was asked, if there is one.
    pub address: Option<SocketAddr>,
    /// When the report was made; determines the era of timestamps and ages.
    pub time: Timestamp,
    /// Whether all answers behind the report were verified with the key of the questions; nothing if no question
    /// had one.
    pub authentic: Option<bool>,
}

impl Origin {
    /// The name, and the port where it is not that of NTP: distinguishes the daemons of one run.
    pub fn label(&self) -> String {
        match self.address.map(|address| address.port()) {
            None | Some(NTP_PORT) => self.host.clone(),
            Some(port) if self.host.contains(':') => format!("[{}]:{port}", self.host),
            Some(port) => format!("{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_its_own_is_part_of_the_label() {
        let label = |host: &str, address: &str| {
            let address = address.parse().ok();
            Origin { host: host.into(), address, time: Timestamp::UNIX_EPOCH, authentic: None }.label()
        };
        assert_eq!(label("time.example", "192.0.2.1:123"), "time.example");
        assert_eq!(label("time.example", "192.0.2.1:1123"), "time.example:1123");
        assert_eq!(label("::1", "[::1]:1123"), "[::1]:1123");
        assert_eq!(label("nowhere", ""), "nowhere");
    }
}
