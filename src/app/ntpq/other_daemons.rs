//! Peers of daemons without mode 6, through their own protocols.

use crate::client::choice::DaemonChoice;
use crate::client::daemon::PeersOfOther;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::model::Peer;

/// The source of the peers in a billboard.
pub(super) enum PeerSource {
    /// The daemon, over mode 6.
    Control,
    /// These peers.
    Other(Vec<Peer>),
    /// None: the reason was reported.
    Nobody,
}

impl Shell {
    /// Determines whether another daemon is to be queried for its peers instead: the one chosen by the user, or on this
    /// machine the first that replies if no daemon speaks mode 6. The classic program knows none of them.
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
        if daemon.address().is_none() || !choice.is_other() {
            return PeerSource::Control;
        }
        match daemon.peers_of_other() {
            Some(Ok(PeersOfOther { daemon, remark, peers })) => {
                self.advise(&host, &format!("the peers of {daemon}, from its own protocol{remark}"));
                PeerSource::Other(peers)
            }
            Some(Err(reason)) => {
                self.error(&format!("ntpq: {host}: {reason:#}\n"));
                PeerSource::Nobody
            }
            None => PeerSource::Nobody,
        }
    }
}
