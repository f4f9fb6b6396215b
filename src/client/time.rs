//! Asks servers for the time only, one sample each.

use crate::clock::monotonic;
use crate::net::epoll::{Epoll, Waker};
use crate::net::many::Jobs;
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::Session;
use crate::session::drive::{Token, Watch, converse};
use crate::session::sntp::{Asking, Event, Server, SntpSession};
use std::net::SocketAddr;
use std::time::Duration;

/// Requests to one server are at least this far apart.
const INTERVAL: Duration = Duration::from_secs(2);

/// Asks all of these servers for the time in parallel, from an ephemeral port, until each has answered or time is up.
/// Where not all may be asked at once, the limit applies to each. Returns the servers in the same order.
pub fn ask_once(addresses: &[SocketAddr], limit: Duration, jobs: Jobs) -> Vec<Server> {
    let at_once = jobs.maximum();
    let asking = Asking { at_once, ..Asking::plain(1, limit, INTERVAL) };
    let begin = monotonic();
    let mut session = SntpSession::new(asking, addresses, seed(), begin);
    let mut bounded = Bounded { until: at_once.is_none().then(|| begin.saturating_add(limit)) };
    match Sockets::of_families(true, true, 0, false) {
        Ok(mut sockets) => speak(&mut sockets, &mut session, &mut bounded, None),
        Err(error) => session.fail(&error.into()),
    }
    session.into_servers()
}

/// Runs a session over these sockets until it is done. If this machine refuses what that takes, the session fails for that
/// reason. The waker, if any, ends the current wait, so that [`Watch::turned`] is called.
pub fn speak(
    sockets: &mut Sockets,
    session: &mut SntpSession,
    watch: &mut dyn Watch<SntpSession>,
    waker: Option<&Waker>,
) {
    let network = Epoll::new(None).and_then(|mut network| {
        waker.map_or(Ok(()), |waker| network.woken_by(waker))?;
        Ok(network)
    });
    match network.map(|network| converse(network, sockets, session, watch)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            if let Some(error) = error.system_error() {
                session.fail(error);
            }
        }
        Err(error) => session.fail(&error),
    }
}

/// Ends the requests when time is up.
struct Bounded {
    until: Option<Duration>,
}

impl Watch<SntpSession> for Bounded {
    fn event(&mut self, _: Token, _: &mut SntpSession, _: Event) {}

    fn turned(&mut self, session: &mut SntpSession) {
        if self.until.is_some_and(|until| monotonic() >= until) {
            session.give_up();
        } else if session.servers().iter().all(|server| server.complete) {
            session.stop();
        }
    }

    fn next_turn(&self, _: Duration) -> Option<Duration> {
        self.until
    }
}
