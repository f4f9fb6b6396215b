//! The origin of a report.

use jiff::Timestamp;
use std::net::SocketAddr;

/// The NTP port, which is implied.
const NTP_PORT: u16 = 123;

/// The daemon that was queried, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The daemon's name: the canonical one if it was looked up, otherwise the address, or what the user typed.
    pub host: String,
    /// The address that was used, if any.
    pub address: Option<SocketAddr>,
    /// The time of the report; determines the era of timestamps and ages.
    pub time: Timestamp,
    /// Whether all replies behind the report were verified with the key of the requests; `None` if no request was
    /// authenticated.
    pub authentic: Option<bool>,
}

impl Origin {
    /// The name, and the port unless it is 123: distinguishes the daemons of one run.
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
    fn an_unusual_port_is_part_of_the_label() {
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
