//! Requests that cannot arrive, and servers that are not waited for because of that.

use super::{Event, SntpSession, same_address};
use crate::session::{PathError, Session as _, Unreachable};
use std::io;

/// Why a request could not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The port is closed.
    Refused,
    /// There is no route, or sending is forbidden; the kernel's error number.
    Unreachable(i32),
    /// This machine refused a socket or another resource; the kernel's error number.
    Local(i32),
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
    /// Ends the session because this machine refused what it needs: that is the fault of no server.
    pub fn fail(&mut self, error: &io::Error) {
        let fault = Fault::Local(error.raw_os_error().unwrap_or(0));
        for server in self.servers.iter_mut().filter(|server| server.reply.is_none()) {
            server.fault = Some(fault);
        }
        self.give_up();
    }

    /// Processes a notice that a request cannot arrive.
    ///
    /// A server that has never answered is not asked again, if the notice quotes the request's random number, which
    /// proves that its sender saw the request. If replies must be authentic, such a notice changes nothing, because
    /// anybody on the path can send it; 4.2.8p15 ignores it, too.
    pub(super) fn note_unreachable(&mut self, notice: &Unreachable<'_>) {
        let Some(address) = notice.to else { return };
        let error = notice.error.error();
        if !matches!(notice.error, PathError::Read(_)) {
            self.events.push_back(Event::Unsent(address, error.raw_os_error().unwrap_or(0)));
        }
        let quoted: Vec<u64> = self.numbers_in(notice.payload).collect();
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
        let obeyed = !self.asking.rules.errors_are_ignored && !wants_proof && !server.is_group();
        if proved && obeyed && server.reply.is_none() {
            server.complete = true;
            self.reschedule(place);
        }
    }
}
