//! Peers of daemons that do not speak mode 6, from their own protocols.

use crate::client::choice::DaemonChoice;
use crate::client::daemon::OTHER_LIMIT;
use crate::client::others::{Other, at};
use crate::compat::Quirk;
use crate::console::Shell;
use crate::model::Peer;

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
        let choice = &self.settings.daemon;
        let looks_around = *choice == DaemonChoice::Auto && !self.settings.dialect.keeps(Quirk::MODE6_ONLY);
        if !looks_around && !choice.is_other() {
            return PeerSource::Control;
        }
        if !self.ensure_open() {
            return PeerSource::Nobody;
        }
        let host = self.host_label();
        let Some(daemon) = self.daemon() else { return PeerSource::Control };
        let choice = daemon.choice().clone();
        // The note above the table says so.
        daemon.take_found();
        let Some(address) = daemon.address().filter(|_| choice.is_other()) else {
            return PeerSource::Control;
        };
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
