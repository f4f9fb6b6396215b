//! TAI minus UTC according to this machine's daemon, over mode 6.

use crate::client::daemon::Daemon;
use crate::net;
use crate::session::control::{Config, Request};
use crate::wire::AssociationId;
use crate::wire::control::{DEFAULT_VERSION, Opcode};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long to wait for the daemon.
const SILENCE: Duration = Duration::from_millis(500);
/// The NTP port.
const PORT: u16 = 123;

/// TAI minus UTC according to the daemon; `None` if there is no reply or it does not know.
pub fn tai_offset() -> Option<i32> {
    let config = Config {
        version: DEFAULT_VERSION,
        first_sequence: net::random(),
        silence: SILENCE,
        patience: 2 * SILENCE,
        probe: None,
    };
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses = addresses.map(|address| SocketAddr::new(address, PORT)).into();
    let mut daemon = Daemon::new("localhost".into(), addresses, config);
    daemon.open().ok()?;
    let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new());
    let answers = daemon.ask_all(&[request], &mut |_, _| None, &mut |_, _| {});
    let reply = answers.into_iter().next()?.ok()?;
    tai_in(&reply.data)
}

/// The variable `tai`; 0 means unknown.
fn tai_in(data: &[u8]) -> Option<i32> {
    String::from_utf8_lossy(data)
        .split(',')
        .find_map(|variable| variable.trim().strip_prefix("tai=")?.trim().parse().ok())
        .filter(|offset| *offset != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tai_is_parsed_from_the_variables() {
        assert_eq!(tai_in(b"version=\"ntpd\", leap=00,\r\n tai=37, leapsec=201701010000"), Some(37));
        assert_eq!(tai_in(b"mintai=3, tai=0"), None);
        assert_eq!(tai_in(b"tai=x"), None);
    }
}
