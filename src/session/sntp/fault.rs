//! Requests that cannot arrive, and who is not waited for because of that.

use super::{Event, SntpSession, same_address};
use crate::session::{PathError, Unreachable};
use std::io;

/// Why a request could not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing listens there at this port.
    Refused,
    /// No way leads there, or this machine may not send there: the kernel's error by its number.
    Unreachable(i32),
}

impl From<&io::Error> for Fault {
    fn from(error: &io::Error) -> Self {
        match error.raw_os_error() {
            _ if error.kind() == io::ErrorKind::ConnectionRefused => Self::Refused,
            number => Self::Unreachable(number.unwrap_or(0)),
        }
    }
}

impl SntpSession {
    /// Word that a request cannot arrive, with as much of the request as the word quotes.
    ///
    /// A server that never answered is not asked again, if the word repeats the request's random number, as its sender
    /// must have seen it. Where answers have to be authentic such word changes nothing, for anybody on the way can send
    /// it; nor did the original ever heed it.
    pub(super) fn note_unreachable(&mut self, word: &Unreachable<'_>) {
        let Some(address) = word.to else { return };
        let error = word.error.error();
        if !matches!(word.error, PathError::Read(_)) {
            self.events.push_back(Event::Unsent(address, error.raw_os_error().unwrap_or(0)));
        }
        let quoted: Vec<u64> = self.numbers_in(word.payload).collect();
        let places = self.places.get(&(address.ip(), address.port())).into_iter().flatten();
        let asked = |place: &usize| {
            let server = self.servers.get(*place);
            server.is_some_and(|server| {
                !server.complete && server.sent > 0 && same_address(server.address, address)
            })
        };
        let Some(place) = places.copied().find(asked) else { return };
        let Some(server) = self.servers.get_mut(place) else { return };
        server.fault = Some(Fault::from(error));
        let proved = server.cookie.is_some_and(|number| quoted.contains(&number));
        let wants_proof = self.asking.authenticate || server.is_nts();
        let heeded = !self.asking.rules.errors_are_ignored && !wants_proof && !server.is_group();
        if proved && heeded && server.reply.is_none() {
            server.complete = true;
            self.reschedule(place);
        }
    }
}
