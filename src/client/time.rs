//! Asking servers for the time alone, once each.

use crate::clock::monotonic;
use crate::net::epoll::Epoll;
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::Session;
use crate::session::drive::{Token, Watch, converse};
use crate::session::sntp::{Asking, Event, Server, SntpSession};
use std::net::SocketAddr;
use std::time::Duration;

/// A second request goes to a server that has not answered for so long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks all of these servers at once for the time, from an ephemeral port, until each has answered or the time is over.
/// The servers come back in their order.
pub fn ask_once(addresses: &[SocketAddr], limit: Duration) -> Vec<Server> {
    let asking = Asking::plain(1, PATIENCE, PATIENCE);
    let begin = monotonic();
    let mut session = SntpSession::new(asking, addresses, seed(), begin);
    let mut bounded = Bounded { until: begin.saturating_add(limit) };
    if let Ok(mut sockets) = Sockets::of_families(true, true, 0, false) {
        // What the sockets' faults leave unanswered is lost like anything else.
        let _ = Epoll::new(None).map(|network| converse(network, &mut sockets, &mut session, &mut bounded));
    }
    session.into_servers()
}

/// Ends the questions when the time is over.
struct Bounded {
    until: Duration,
}

impl Watch<SntpSession> for Bounded {
    fn event(&mut self, _: Token, _: &mut SntpSession, _: Event) {}

    fn turned(&mut self, session: &mut SntpSession) {
        if monotonic() >= self.until {
            session.give_up();
        } else if session.servers().iter().all(|server| server.complete) {
            session.stop();
        }
    }

    fn next_turn(&self, _: Duration) -> Option<Duration> {
        Some(self.until)
    }
}
