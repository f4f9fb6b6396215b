//! Servers with keys of their own, some of which join while the round is under way.

use super::{NtsPart, Server, SntpSession, forget};
use std::net::SocketAddr;
use std::time::Duration;

impl SntpSession {
    /// Sets the NTS state of the servers, in order; `None` leaves a server as it is. A reply that NTS does not prove
    /// never counts, whatever the dialect.
    #[must_use]
    pub fn with_nts(mut self, parts: impl IntoIterator<Item = Option<NtsPart>>) -> Self {
        for (server, part) in self.servers.iter_mut().zip(parts) {
            server.nts = part.map(Box::new);
        }
        self
    }

    /// Sets whether more servers may be added; until then the round does not end by itself.
    pub fn expect_more(&mut self, expects_more: bool) {
        self.expects_more = expects_more;
    }

    /// Adds a server that uses NTS, to be asked from now on. A server that is already asked without NTS at this address is
    /// asked again with it, and what it replied before does not count; one with NTS only gains the votes.
    pub fn add_nts(&mut self, address: SocketAddr, voter: usize, part: NtsPart, now: Duration) {
        self.next_voter = self.next_voter.max(voter.saturating_add(1));
        let known = self.place_of(address);
        let Some((place, server)) = known.and_then(|place| Some((place, self.servers.get_mut(place)?)))
        else {
            let mut server = Server::new(address, now, vec![voter]);
            server.nts = Some(Box::new(part));
            self.add(server);
            return;
        };
        server.voters.push(voter);
        if server.is_nts() {
            return;
        }
        let voters = std::mem::take(&mut server.voters);
        // The two requests are no closer than two to one server.
        let soonest = server.sent_at.saturating_add(self.asking.interval);
        let due = if server.sent > 0 { soonest.max(now) } else { now };
        let scheduled = server.scheduled;
        forget(&mut self.cookies, server.cookie, place);
        *server = Server { scheduled, nts: Some(Box::new(part)), ..Server::new(address, due, voters) };
        self.reschedule(place);
    }
}
