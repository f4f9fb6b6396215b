//! Requests to a group: any host that answers a request to a multicast address becomes a server.

use super::server::Part;
use super::{Event, Server, SntpSession};
use std::net::SocketAddr;

/// Maximum number of servers that groups may find.
const MAX_FOUND: usize = 64;

impl SntpSession {
    /// Adds a server that repeats the timestamp of a request to a group. Returns its index if this reply already
    /// counts: 4.2.8p15 only learns from it whom to ask, at once; here such a reply is as good as any other, and
    /// further members of the group may answer within the timeout.
    pub(super) fn found_by_multicast(&mut self, from: SocketAddr, origin: u64) -> Option<usize> {
        let found = self.servers.len().saturating_sub(self.named);
        let group_at = self.cookies.get(&origin).copied().filter(|&place| {
            self.servers.get(place).is_some_and(|group| {
                group.is_group()
                    && group.address.port() == from.port()
                    && group.address.is_ipv4() == from.is_ipv4()
                    && !(group.complete && group.part == Part::None)
            })
        });
        let Some(group_at) = group_at.filter(|_| found < MAX_FOUND) else {
            self.events.push_back(Event::NotFound);
            return None;
        };
        let group = self.servers.get_mut(group_at)?;
        group.part = Part::Answered;
        // Anybody on the path may answer from many addresses: without authentication, they all share one vote.
        let voters = if self.asking.authenticate {
            self.next_voter += 1;
            vec![self.next_voter - 1]
        } else {
            group.voters.clone()
        };
        let mut server = Server::new(from, group.sent_at, voters);
        if self.asking.rules.groups_are_asked_anew {
            group.due = group.sent_at;
            server.part = Part::FoundNow;
            self.reschedule(group_at);
            self.add(server);
            return None;
        }
        (server.cookie, server.last_sent) = (group.cookie, group.last_sent);
        (server.sent, server.sent_at) = (1, group.sent_at);
        Some(self.add(server))
    }
}
