//! Asking a group: whoever answers a request to a multicast address is a server from then on.

use super::{Event, Server, SntpSession};
use std::net::SocketAddr;

/// The most servers that requests to groups may find.
const MOST_FOUND: usize = 64;

/// What a server has to do with a multicast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing, or it is a group of which nobody has answered yet.
    #[default]
    None,
    /// It is a group of which somebody has answered: it is not asked again.
    Answered,
    /// It has answered a group, and is to be asked itself.
    FoundNow,
}

impl SntpSession {
    /// Whoever repeats the time stamp of a request to a group is a server. Its place, if this answer is already one
    /// to be taken in: the original only learns from it whom to ask, at once; here such an answer is as good as any
    /// other, and others of the group may answer as long as one server is waited for.
    pub(super) fn found_by_multicast(&mut self, from: SocketAddr, origin: u64) -> Option<usize> {
        let found = self.servers.len().saturating_sub(self.named);
        let mut groups = self.servers.iter_mut().filter(|server| server.is_group());
        let group = groups.find(|group| {
            let scoped = group.address.port() == from.port() && group.address.is_ipv4() == from.is_ipv4();
            scoped && group.cookie == Some(origin) && !(group.complete && group.part == Part::None)
        });
        let Some(group) = group.filter(|_| found < MOST_FOUND) else {
            self.events.push_back(Event::NotFound);
            return None;
        };
        group.part = Part::Answered;
        // Anybody on the way may answer under many addresses: without proof all of them are one voice.
        let voters = if self.asking.authenticate {
            self.next_voter += 1;
            vec![self.next_voter - 1]
        } else {
            group.voters.clone()
        };
        let mut server = Server::new(from, group.sent_at, voters);
        if self.asking.as_original {
            group.due = group.sent_at;
            server.part = Part::FoundNow;
            self.servers.push(server);
            return None;
        }
        (server.cookie, server.last_sent) = (group.cookie, group.last_sent);
        (server.sent, server.sent_at) = (1, group.sent_at);
        self.servers.push(server);
        self.servers.len().checked_sub(1)
    }
}
