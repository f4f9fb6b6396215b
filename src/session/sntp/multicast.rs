//! Asking a group: whoever answers a request to a multicast address is a server from then on.

use super::server::Part;
use super::{Event, Server, SntpSession};
use std::net::SocketAddr;

/// The most servers that requests to groups may find.
const MAX_FOUND: usize = 64;

impl SntpSession {
    /// Whoever repeats the timestamp of a request to a group is a server. Its place, if this answer is already one
    /// to be taken in: the original only learns from it whom to ask, at once; here such an answer is as good as any
    /// other, and others of the group may answer as long as one server is waited for.
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
        // Anybody on the way may answer under many addresses: without proof all of them are one voice.
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
