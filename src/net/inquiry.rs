//! One question to several addresses at the same time: the first answer counts.

use crate::clock::Stopwatch;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// Room for any datagram that is an answer.
const DATAGRAM: usize = 2048;
/// Datagrams that are taken from one socket before the others have their turn.
const BURST: usize = 16;

/// A question under way.
#[derive(Debug)]
pub struct Inquiry {
    sockets: Vec<(SocketAddr, UdpSocket)>,
    fault: Option<io::Error>,
    clock: Stopwatch,
}

impl Inquiry {
    /// Sends the request to all of these.
    pub fn send(addresses: &[SocketAddr], request: &[u8]) -> Self {
        let mut inquiry = Self { sockets: Vec::new(), fault: None, clock: Stopwatch::start() };
        for &address in addresses {
            match open(address) {
                Ok(socket) => inquiry.sockets.push((address, socket)),
                Err(error) => inquiry.note(error),
            }
        }
        inquiry.repeat(request);
        inquiry
    }

    /// Sends another request to those that have not refused.
    pub fn repeat(&mut self, request: &[u8]) {
        let mut fault = None;
        self.sockets.retain(|(_, socket)| match socket.send(request) {
            Ok(_) => true,
            Err(error) if is_transient(&error) => true,
            Err(error) => {
                fault = Some(error);
                false
            }
        });
        if let Some(fault) = fault {
            self.note(fault);
        }
    }

    /// Waits for a datagram that `read` makes something of, until so much time has passed since the first
    /// sending. A datagram that it makes nothing of neither ends nor prolongs the wait.
    pub fn wait<T>(
        &mut self,
        until: Duration,
        read: &mut dyn FnMut(&[u8]) -> Option<T>,
    ) -> Option<(SocketAddr, T)> {
        let mut buffer = [0; DATAGRAM];
        loop {
            let left = until.saturating_sub(self.clock.elapsed());
            if left.is_zero() || self.sockets.is_empty() {
                return None;
            }
            if let Err(error) = wait_for(self.sockets.iter().map(|(_, socket)| socket.as_fd()), left) {
                self.note(error);
                return None;
            }
            let mut index = 0;
            while let Some((address, socket)) = self.sockets.get(index) {
                match receive(socket, &mut buffer, read) {
                    Ok(Some(answer)) => return Some((*address, answer)),
                    Ok(None) => index += 1,
                    Err(error) => {
                        self.sockets.remove(index);
                        self.note(error);
                    }
                }
            }
        }
    }

    /// How long ago the first sending was.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Whether somebody may still answer.
    pub fn is_open(&self) -> bool {
        !self.sockets.is_empty()
    }

    /// What went wrong, where it is worth more than that nobody listens.
    pub fn fault(&self) -> Option<&io::Error> {
        self.fault.as_ref()
    }

    fn note(&mut self, error: io::Error) {
        let is_refusal = |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
        if self.fault.as_ref().is_none_or(|known| !is_refusal(known)) {
            self.fault = Some(error);
        }
    }
}

/// Waits until something arrives at one of these, but no longer than this; a little late rather than early.
pub(super) fn wait_for<'a>(
    descriptors: impl IntoIterator<Item = BorrowedFd<'a>>,
    limit: Duration,
) -> io::Result<()> {
    let milliseconds = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    let mut descriptors: Vec<PollFd> =
        descriptors.into_iter().map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN)).collect();
    match poll(&mut descriptors, PollTimeout::from(milliseconds)) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A socket that hears of this address alone.
fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn receive<T>(
    socket: &UdpSocket,
    buffer: &mut [u8],
    read: &mut dyn FnMut(&[u8]) -> Option<T>,
) -> io::Result<Option<T>> {
    for _ in 0..BURST {
        match socket.recv(buffer) {
            Ok(length) => {
                if let Some(answer) = buffer.get(..length).and_then(&mut *read) {
                    return Ok(Some(answer));
                }
            }
            Err(error) if is_transient(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[test]
    fn the_first_answer_counts_and_noise_does_not() {
        let ((silent, first), (speaking, second)) = (server(), server());
        let mut inquiry = Inquiry::send(&[first, second], b"how are you?");
        let mut buffer = [0; 64];
        let (length, client) = speaking.recv_from(&mut buffer).unwrap();
        assert_eq!(buffer.get(..length).unwrap(), b"how are you?");
        speaking.send_to(b"noise", client).unwrap();
        speaking.send_to(b"fine", client).unwrap();
        let mut read = |datagram: &[u8]| (datagram == b"fine").then_some(1);
        assert_eq!(inquiry.wait(Duration::from_secs(5), &mut read), Some((second, 1)));
        drop(silent);
    }

    #[test]
    fn a_refusal_is_known_at_once_and_silence_at_the_deadline() {
        let closed = server().1;
        let mut inquiry = Inquiry::send(&[closed], b"hello?");
        let clock = Stopwatch::start();
        assert_eq!(inquiry.wait(Duration::from_secs(9), &mut |_| Some(())), None);
        assert!(!inquiry.is_open() && clock.elapsed() < Duration::from_secs(5));
        assert_eq!(inquiry.fault().unwrap().kind(), ErrorKind::ConnectionRefused);

        let (_socket, silent) = server();
        let mut inquiry = Inquiry::send(&[silent], b"hello?");
        assert_eq!(inquiry.wait(Duration::from_millis(20), &mut |_| Some(())), None);
        assert!(inquiry.is_open() && inquiry.fault().is_none());
    }
}
