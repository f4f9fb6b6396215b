//! Asks servers for the time only.

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
    let session = SntpSession::new(asking, addresses, seed(), begin);
    run(session, 1, at_once.is_none().then(|| begin.saturating_add(limit)))
}

/// Runs a session from an ephemeral port until each server has answered this often or is not asked any more, or until a
/// deadline. Returns the servers in their order.
pub fn run(mut session: SntpSession, answers: usize, until: Option<Duration>) -> Vec<Server> {
    match Sockets::of_families(true, true, 0, false) {
        Ok(mut sockets) => speak(&mut sockets, &mut session, &mut Bounded { answers, until }, None),
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

/// Ends the requests when enough is known, or time is up.
struct Bounded {
    answers: usize,
    until: Option<Duration>,
}

impl Watch<SntpSession> for Bounded {
    fn event(&mut self, _: Token, _: &mut SntpSession, _: Event) {}

    fn turned(&mut self, session: &mut SntpSession) {
        let answered = |server: &Server| server.exchanges.iter().filter(|exchange| exchange.answered).count();
        let enough = |server: &Server| server.complete || answered(server) >= self.answers;
        if self.until.is_some_and(|until| monotonic() >= until) {
            session.give_up();
        } else if session.servers().iter().all(enough) {
            session.stop();
        }
    }

    fn next_turn(&self, _: Duration) -> Option<Duration> {
        self.until
    }
}
