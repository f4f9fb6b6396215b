//! When to act on which server, and how many servers are asked at once.

use super::{Server, SntpSession};
use std::collections::BTreeSet;
use std::time::Duration;

/// The servers to act on, and those whose turn has not come.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// When to act next on each server that is asked or may be, and is not complete.
    due: BTreeSet<(Duration, usize)>,
    /// The servers that wait until others are complete, by index.
    waiting: BTreeSet<usize>,
    /// The maximum number of servers asked at once.
    at_once: Option<usize>,
}

impl Schedule {
    pub(super) fn new(at_once: Option<usize>) -> Self {
        Self { at_once, ..Self::default() }
    }

    /// The server to act on next, and when.
    pub(super) fn first(&self) -> Option<(Duration, usize)> {
        self.due.first().copied()
    }

    /// Whether all servers are complete.
    pub(super) fn is_empty(&self) -> bool {
        self.due.is_empty() && self.waiting.is_empty()
    }

    fn has_room(&self) -> bool {
        self.at_once.is_none_or(|most| self.due.len() < most)
    }
}

impl SntpSession {
    pub(super) fn add(&mut self, server: Server) -> usize {
        let place = self.servers.len();
        self.places.entry((server.address.ip(), server.address.port())).or_default().push(place);
        self.servers.push(server);
        self.reschedule(place);
        place
    }

    /// Moves a server whose time changed, or that is complete, to its place in the schedule. The turn of one that is
    /// complete passes to the next that waits.
    pub(super) fn reschedule(&mut self, place: usize) {
        let mut next = Some(place);
        while let Some(place) = next.take() {
            let Some(server) = self.servers.get_mut(place) else { return };
            let wanted = (!server.complete).then_some(server.due);
            if server.scheduled == wanted {
                self.schedule.waiting.remove(&place);
            } else if server.scheduled.is_none() && !self.schedule.has_room() {
                self.schedule.waiting.insert(place);
                return;
            } else {
                self.schedule.waiting.remove(&place);
                if let Some(before) = std::mem::replace(&mut server.scheduled, wanted) {
                    self.schedule.due.remove(&(before, place));
                }
                self.schedule.due.extend(wanted.map(|due| (due, place)));
            }
            if self.schedule.has_room() {
                next = self.schedule.waiting.pop_first();
            }
        }
    }

    /// Completes all servers.
    pub(super) fn complete_all(&mut self) {
        for server in &mut self.servers {
            (server.complete, server.scheduled) = (true, None);
        }
        self.schedule.due.clear();
        self.schedule.waiting.clear();
    }
}
