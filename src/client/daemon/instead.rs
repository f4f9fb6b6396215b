//! Daemons without mode 6: the one the user chose, or the one that answers if no daemon speaks mode 6.

use super::{Daemon, QueryError, no_address};
use crate::client::choice::DaemonChoice;
use crate::client::health::{find_instead, may_be_instead};
use crate::client::others;
use crate::client::view::View;
use crate::model::Peer;
use crate::net::host::NTP_PORT;
use crate::session::chrony::survey::{Extent, Patience};
use crate::session::control::{Reply, Request};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Finds a daemon that answers in its own protocol if mode 6 is not spoken.
pub type Finder = fn(SocketAddr) -> Option<DaemonChoice>;

/// Finds such a daemon on this machine, for its NTP port.
pub fn find(address: SocketAddr) -> Option<DaemonChoice> {
    let is_local = is_this_machine(address.ip()) && address.port() == NTP_PORT;
    // Daemons without any trace on this machine are not queried.
    let found = (is_local && may_be_instead()).then(|| find_instead(address, Patience::USUAL.each)).flatten();
    found.map(|other| other.choice())
}

/// Whether [`find`] looks for a daemon at one of these addresses.
pub fn may_be_found(addresses: &[SocketAddr]) -> bool {
    addresses.iter().any(|address| is_this_machine(address.ip()) && address.port() == NTP_PORT)
}

/// Whether this is a loopback address.
fn is_this_machine(address: IpAddr) -> bool {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&address)
}

impl Daemon {
    /// Queries a daemon that does not speak mode 6, through its own protocol, from now on.
    #[must_use]
    pub fn through(mut self, other: DaemonChoice) -> Self {
        self.other = other;
        self
    }

    /// Looks for another daemon before the first question, if none was named.
    #[must_use]
    pub fn or_instead(mut self, finder: Finder) -> Self {
        self.finder = (self.other == DaemonChoice::Auto).then_some(finder);
        self
    }

    /// The daemon to query.
    pub fn choice(&mut self) -> &DaemonChoice {
        if let Some(address) = self.address()
            && let Some(finder) = self.finder.take()
            && let Some(found) = finder(address)
        {
            self.other = found.clone();
            self.found = Some(found);
        }
        &self.other
    }

    /// The daemon found because mode 6 is not spoken; returned once.
    pub fn take_found(&mut self) -> Option<DaemonChoice> {
        self.found.take()
    }

    pub(super) fn ask_other(&mut self, requests: &[Request]) -> Vec<Result<Reply, QueryError>> {
        if let Err(error) = self.open() {
            return vec![Err(error); requests.len()];
        }
        let Some(view) = self.view_of_other() else {
            return vec![Err(QueryError::Interrupted); requests.len()];
        };
        let answer = |request: &Request| match &view {
            Err(error) => Err(error.clone()),
            Ok(view) => match view.answer(request) {
                Some(outcome) => outcome.map_err(QueryError::Failed),
                None => Err(QueryError::NeedsMode6(self.other.clone())),
            },
        };
        requests.iter().map(answer).collect()
    }

    /// The report of the other daemon, read anew; `None` at the end of a tape.
    pub fn view_of_other(&mut self) -> Option<Result<Arc<View>, QueryError>> {
        let refused = |reason: String| QueryError::Open(io::Error::other(reason).into());
        if self.replay.is_some() {
            let whole = Extent { tracking: true, sources: true, statistics: true };
            return self.replay_chronyd(whole).map(|view| view.map_err(|reason| refused(reason.to_string())));
        }
        let Some(address) = self.address() else { return Some(Err(no_address())) };
        let view = others::at(&self.other, address).and_then(|mut other| other.view());
        Some(view.map(Arc::new).map_err(|reason| refused(format!("{reason:#}"))))
    }

    /// The peers of the other daemon, from its own protocol; `None` at the end of a tape.
    pub fn peers_of_other(&mut self) -> Option<anyhow::Result<PeersOfOther>> {
        if self.replay.is_some() {
            let extent = Extent { tracking: true, sources: true, statistics: false };
            let view = self.replay_chronyd(extent)?;
            return Some(view.map_err(anyhow::Error::from).map(|view| PeersOfOther {
                daemon: "chronyd",
                remark: "",
                peers: view.peers().to_vec(),
            }));
        }
        let address = self.address()?;
        Some(others::at(&self.other, address).and_then(|mut other| {
            Ok(PeersOfOther { daemon: other.name(), remark: other.remark(), peers: other.peers()? })
        }))
    }
}

/// The peers of a daemon that does not speak mode 6.
#[derive(Debug)]
pub struct PeersOfOther {
    /// The name of the daemon.
    pub daemon: &'static str,
    /// A note on the figures.
    pub remark: &'static str,
    /// Its peers.
    pub peers: Vec<Peer>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::ntpd_rs::tests::Served;
    use crate::session::control::Config;
    use crate::wire::AssociationId;
    use crate::wire::control::Opcode;
    use std::time::Duration;

    thread_local! {
        /// The daemon found in tests.
        static THERE: std::cell::RefCell<Option<DaemonChoice>> = const { std::cell::RefCell::new(None) };
    }

    fn found(_: SocketAddr) -> Option<DaemonChoice> {
        THERE.with(|there| there.borrow().clone())
    }

    /// A daemon at a silent address, with a short timeout.
    fn silent() -> (std::net::UdpSocket, Daemon) {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let moment = Duration::from_millis(20);
        let config = Config { version: 2, first_sequence: 1, silence: moment, patience: moment, probe: None };
        let address = socket.local_addr().unwrap();
        (socket, Daemon::new("here".to_owned(), vec![address], config))
    }

    fn ask(daemon: &mut Daemon, opcode: Opcode) -> Result<Reply, QueryError> {
        let request = Request::open(opcode, AssociationId::SYSTEM, Vec::new());
        daemon.ask_all(&[request], &mut |_, _| None, &mut |_, _| {}).remove(0)
    }

    #[test]
    fn another_daemon_answers_every_question_where_nobody_speaks_mode_6() {
        let served = Served::new();
        THERE.set(Some(DaemonChoice::NtpdRs(Some(served.path.clone()))));
        let (socket, daemon) = silent();
        let mut daemon = daemon.through(DaemonChoice::Auto).or_instead(found);
        for opcode in [Opcode::READ_VARIABLES, Opcode::READ_STATUS, Opcode::READ_VARIABLES] {
            assert!(!ask(&mut daemon, opcode).unwrap().data.is_empty());
        }
        assert!(matches!(ask(&mut daemon, Opcode::READ_MRU), Err(QueryError::NeedsMode6(_))));
        assert!(daemon.take_found().is_some() && daemon.take_found().is_none(), "it is reported once");
        assert_eq!(served.asked(), 4, "each question reads the report as it is now");
        socket.set_nonblocking(true).unwrap();
        assert!(socket.recv(&mut [0; 64]).is_err(), "nothing was asked over mode 6");
    }

    #[test]
    fn nobody_is_looked_for_if_a_daemon_is_named_or_none_is_wanted() {
        THERE.set(Some(DaemonChoice::Timesyncd));
        let (_socket, daemon) = silent();
        assert_eq!(*daemon.through(DaemonChoice::Ntpd).or_instead(found).choice(), DaemonChoice::Ntpd);
        let (_socket, daemon) = silent();
        assert_eq!(*daemon.through(DaemonChoice::Auto).choice(), DaemonChoice::Auto);
        THERE.set(None);
        let (_socket, daemon) = silent();
        let mut daemon = daemon.through(DaemonChoice::Auto).or_instead(found);
        assert!(ask(&mut daemon, Opcode::READ_VARIABLES).is_err() && daemon.take_found().is_none());
        // At another port no other daemon is looked for.
        assert_eq!(find((Ipv4Addr::LOCALHOST, 12_345).into()), None);
        assert_eq!(find((Ipv4Addr::new(192, 0, 2, 1), NTP_PORT).into()), None);
    }
}
