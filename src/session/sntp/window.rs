//! A window that limits the number of replies in flight.
//!
//! All servers are queried through one socket, whose buffer cannot hold the replies of thousands at once.

use super::server::Server;
use std::collections::VecDeque;
use std::time::Duration;

/// The maximum number of recent unanswered requests.
const WINDOW: usize = 256;
/// The age after which a request no longer counts.
const YOUTH: Duration = Duration::from_millis(100);

/// The recent requests, oldest first.
#[derive(Debug, Default)]
pub(super) struct Window {
    young: VecDeque<(Duration, usize)>,
    is_full: bool,
}

impl Window {
    /// Records a request to the server with this index.
    pub(super) fn add(&mut self, place: usize, now: Duration) {
        self.young.push_back((now, place));
    }

    /// Whether there is room for another request.
    pub(super) fn has_room(&mut self, servers: &[Server], now: Duration) -> bool {
        while self.young.front().is_some_and(|(sent, _)| sent.saturating_add(YOUTH) <= now) {
            self.young.pop_front();
        }
        if self.young.len() >= WINDOW {
            self.young
                .retain(|&(sent, place)| servers.get(place).is_some_and(|server| server.waits_since(sent)));
        }
        self.is_full = self.young.len() >= WINDOW;
        !self.is_full
    }

    /// When there is room again even if nothing arrives; `None` if there is room now.
    pub(super) fn opens_at(&self) -> Option<Duration> {
        self.young.front().filter(|_| self.is_full).map(|(sent, _)| sent.saturating_add(YOUTH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session as _;
    use crate::session::sntp::{Asking, SntpSession};
    use std::net::SocketAddr;

    const SERVERS: u16 = 1000;

    fn session() -> SntpSession {
        let addresses: Vec<SocketAddr> = (1..=SERVERS).map(|port| ([192, 0, 2, 1], port).into()).collect();
        let second = Duration::from_secs(1);
        SntpSession::new(Asking::plain(1, second, second * 2), &addresses, [7; 32], Duration::ZERO)
    }

    /// The number of requests in flight at this instant.
    fn asked(session: &mut SntpSession, now: Duration) -> usize {
        std::iter::from_fn(|| session.poll_transmit(now)).count()
    }

    #[test]
    fn so_many_are_asked_at_once_and_the_next_ones_a_moment_later() {
        let mut session = session();
        assert_eq!(asked(&mut session, Duration::ZERO), WINDOW);
        assert_eq!(session.poll_timeout(), Some(YOUTH), "nobody spins until then");
        assert_eq!(asked(&mut session, YOUTH / 2), 0);
        assert_eq!(asked(&mut session, YOUTH), WINDOW);
        assert_eq!(asked(&mut session, YOUTH * 2) + asked(&mut session, YOUTH * 3), 1000 - 2 * WINDOW);
        assert_eq!(
            session.poll_timeout(),
            Some(Duration::from_secs(1)),
            "all are asked: the first is given up"
        );
    }
}
