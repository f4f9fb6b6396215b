//! Peers of daemons that do not speak mode 6, from their own protocols.

use crate::app::ntpstat::{Other, find_instead, may_be_instead, one};
use crate::client::choice::DaemonChoice;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::model::Peer;
use crate::net::host::NTP_PORT;
use crate::wire::chrony;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How long a conversation with one of them may take in all.
const LIMIT: Duration = Duration::from_secs(1);

/// Whose peers a billboard shows.
pub(super) enum PeerSource {
    /// The daemon's own, over mode 6.
    Control,
    /// These.
    Other(Vec<Peer>),
    /// Nobody's: why was told.
    Nobody,
}

impl Shell {
    /// Finds out whether another daemon is to be asked for its peers instead: the one that the user named, or
    /// on this machine the first that answers where nobody speaks mode 6. The classic knows of none of them.
    pub(super) fn peer_source(&mut self) -> PeerSource {
        let choice = self.settings.daemon.clone();
        if self.settings.dialect.keeps(Quirk::MODE6_ONLY) || choice == DaemonChoice::Ntpd {
            return PeerSource::Control;
        }
        if !self.ensure_open() {
            return PeerSource::Nobody;
        }
        let Some(address) = self.daemon().and_then(|daemon| daemon.address()) else {
            return PeerSource::Control;
        };
        let host = self.host_label();
        if choice == DaemonChoice::Auto {
            let host_itself = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            let is_local = host_itself.contains(&address.ip()) && address.port() == NTP_PORT;
            // Where nothing is to be seen of them, no question is spent on them.
            return match (is_local && may_be_instead()).then(|| find_instead(address, LIMIT)).flatten() {
                Some(other) => self.peers_of(other, &host),
                None => PeerSource::Control,
            };
        }
        let port = if address.port() == NTP_PORT { chrony::PORT } else { address.port() };
        match one(&choice, &[SocketAddr::new(address.ip(), port)], LIMIT, true) {
            Ok(other) => self.peers_of(other, &host),
            Err(reason) => {
                self.error(&format!("ntpq: {host}: {reason:#}\n"));
                PeerSource::Nobody
            }
        }
    }

    fn peers_of(&mut self, mut other: Other, host: &str) -> PeerSource {
        let name = other.name();
        let remark = other.remark();
        self.advise(host, &format!("the peers of {name}, from its own protocol{remark}"));
        PeerSource::Other(other.peers(LIMIT))
    }
}
