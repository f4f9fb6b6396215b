//! Peers of daemons that do not speak mode 6, from their own protocols.

use crate::client::choice::DaemonChoice;
use crate::client::daemon::OTHER_LIMIT;
use crate::client::health::{find_instead, may_be_instead};
use crate::client::others::{Other, at};
use crate::compat::Quirk;
use crate::console::Shell;
use crate::model::Peer;
use crate::net::host::NTP_PORT;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
        let looks_around = choice == DaemonChoice::Auto && !self.settings.dialect.keeps(Quirk::MODE6_ONLY);
        if !looks_around && !choice.is_other() {
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
            let is_local = is_this_machine(address.ip()) && address.port() == NTP_PORT;
            // Where nothing is to be seen of them, no question is spent on them.
            return match (is_local && may_be_instead()).then(|| find_instead(address, OTHER_LIMIT)).flatten()
            {
                Some(other) => self.peers_of(other, &host),
                None => PeerSource::Control,
            };
        }
        match at(&choice, address, OTHER_LIMIT) {
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
        PeerSource::Other(other.peers(OTHER_LIMIT))
    }
}

/// Whether this is one of the addresses by which a machine calls itself.
fn is_this_machine(address: IpAddr) -> bool {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&address)
}
