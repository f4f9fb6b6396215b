//! Questions to single NTP servers, any number of them side by side, each through a socket of its own.

use super::stamps::{self, Note, ntp_now, receive};
use crate::clock::Stopwatch;
use crate::session::nts::probe::Probe;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rand::TryRng;
use rand::rngs::SysRng;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;

/// Datagrams taken in before time is looked at again.
const BURST: usize = 64;

/// A question, to whom, and what came in its way.
#[derive(Debug)]
pub struct Asked {
    /// The server.
    pub server: SocketAddr,
    /// The question.
    pub probe: Probe,
    /// Why a request could not arrive.
    pub error: Option<io::Error>,
}

/// Asks all of these servers at once, until each question is answered or given up.
pub fn ask_all(questions: impl IntoIterator<Item = (SocketAddr, Probe)>) -> Vec<Asked> {
    let clock = Stopwatch::start();
    let mut sockets = Vec::new();
    let mut all = Vec::new();
    for (server, mut probe) in questions {
        let opened = open(server);
        if opened.is_err() {
            probe.give_up();
        }
        let (socket, error) = opened.map_or_else(|error| (None, Some(error)), |socket| (Some(socket), None));
        sockets.push(socket);
        all.push(Asked { server, probe, error });
    }
    loop {
        for (asked, socket) in all.iter_mut().zip(&sockets) {
            if let Some(socket) = socket {
                asked.turn(socket, clock.elapsed());
            }
        }
        let now = clock.elapsed();
        let waiting = || all.iter().zip(&sockets).filter(|(asked, _)| !asked.probe.is_done(now));
        let Some(soonest) = waiting().filter_map(|(asked, _)| asked.probe.poll_timeout()).min() else {
            return all;
        };
        let sockets = waiting().filter_map(|(_, socket)| socket.as_ref());
        let mut descriptors: Vec<PollFd> =
            sockets.map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
        let left = soonest.saturating_sub(now).as_micros().div_ceil(1000);
        // An interrupted wait is a short one.
        let _ = poll(&mut descriptors, PollTimeout::from(u16::try_from(left).unwrap_or(u16::MAX)));
    }
}

impl Asked {
    fn turn(&mut self, socket: &UdpSocket, now: Duration) {
        for _ in 0..BURST {
            match stamps::note(socket) {
                Some(Note::Departure { left, .. }) => self.probe.departed(left),
                Some(Note::Unreachable { error, .. }) => self.error = Some(error.into()),
                None => break,
            }
        }
        for _ in 0..BURST {
            let Some((datagram, _, arrived)) = receive(socket) else { break };
            self.probe.handle_datagram(&datagram, arrived);
        }
        if let Some(request) = self.probe.poll_transmit(now, &mut random) {
            self.probe.departed(ntp_now());
            if let Err(error) = socket.send(&request) {
                // A full buffer is a loss like any other.
                if error.kind() != io::ErrorKind::WouldBlock {
                    self.error = Some(error);
                }
            }
        }
    }
}

/// A socket from which nobody else is heard.
fn open(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    stamps::ask_for(&socket);
    Ok(socket)
}

/// Numbers that nobody can guess.
fn random(octets: &mut [u8]) {
    if SysRng.try_fill_bytes(octets).is_err() {
        // Without the system's randomness the clock's fraction is at least not constant.
        for (octet, time) in octets.iter_mut().zip(ntp_now().to_be_bytes().into_iter().cycle()) {
            *octet = time;
        }
    }
}
