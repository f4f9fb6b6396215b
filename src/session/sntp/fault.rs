//! Requests that cannot arrive, and who is not waited for because of that.

use super::{SntpSession, same_address};
use crate::wire::packet::TimePacket;
use std::io;
use std::net::SocketAddr;

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
    /// Word that a request to this address cannot arrive, with as much of the request as the word quotes.
    ///
    /// A server that never answered is not asked again, if the word repeats the request's random number, as its sender
    /// must have seen it. Where answers have to be authentic such word changes nothing, for anybody on the way can send
    /// it; nor did the original ever heed it.
    pub fn unreachable(&mut self, address: SocketAddr, request: &[u8], error: &io::Error) {
        let begin = request.len().checked_sub(self.request_length);
        let quoted =
            begin.and_then(|begin| request.get(begin..)).and_then(|request| TimePacket::parse(request).ok());
        let mut servers = self.servers.iter_mut().filter(|server| !server.complete && server.sent > 0);
        let Some(server) = servers.find(|server| same_address(server.address, address)) else { return };
        server.fault = Some(Fault::from(error));
        let proved = quoted.is_some_and(|packet| server.cookie == Some(packet.transmit_timestamp));
        let heeded = !self.asking.as_original && !self.asking.authenticate && !server.is_group();
        if proved && heeded && server.reply.is_none() {
            server.complete = true;
        }
    }
}
