//! Questions to several addresses at the same time: the first answer counts.

use crate::clock::Stopwatch;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// Room for any datagram that is an answer.
const DATAGRAM: usize = 2048;
/// Datagrams that are taken from one socket before the others have their turn.
const BURST: usize = 16;

/// Sockets through which questions are asked, one after the other.
#[derive(Debug)]
pub struct Inquiry {
    sockets: Vec<UdpSocket>,
    fault: Option<io::Error>,
    clock: Stopwatch,
}

impl Inquiry {
    /// Sends the request to all of these.
    pub fn send(addresses: &[SocketAddr], request: &[u8]) -> Self {
        let mut inquiry = Self { sockets: Vec::new(), fault: None, clock: Stopwatch::start() };
        for &address in addresses {
            inquiry.add(address);
        }
        inquiry.repeat(request);
        inquiry
    }

    /// Asks one more address, by this request.
    pub fn send_also(&mut self, address: SocketAddr, request: &[u8]) {
        if self.add(address)
            && let Some(socket) = self.sockets.last()
            && let Err(error) = socket.send(request)
        {
            self.sockets.pop();
            self.note(error);
        }
    }

    /// Asks something else of those that have not refused; its time begins now.
    pub fn ask(&mut self, request: &[u8]) {
        self.clock = Stopwatch::start();
        self.repeat(request);
    }

    /// Sends another request to those that have not refused.
    pub fn repeat(&mut self, request: &[u8]) {
        let mut fault = None;
        self.sockets.retain(|socket| match socket.send(request) {
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

    /// Waits for a datagram that `read` makes something of, until so much time has passed since the question
    /// was asked. A datagram that it makes nothing of neither ends nor prolongs the wait. The socket of the
    /// answer is the first from then on.
    pub fn wait<T>(&mut self, until: Duration, read: &mut dyn FnMut(&[u8]) -> Option<T>) -> Option<T> {
        let mut buffer = [0; DATAGRAM];
        loop {
            let left = until.saturating_sub(self.clock.elapsed());
            if self.sockets.is_empty() {
                return None;
            }
            if let Err(error) = self.wait_for_any(left) {
                self.note(error);
                return None;
            }
            let mut index = 0;
            while let Some(socket) = self.sockets.get(index) {
                match receive(socket, &mut buffer, read) {
                    Ok(Some(answer)) => {
                        self.sockets.swap(0, index);
                        return Some(answer);
                    }
                    Ok(None) => index += 1,
                    Err(error) => {
                        self.sockets.remove(index);
                        self.note(error);
                    }
                }
            }
            if left.is_zero() {
                return None;
            }
        }
    }

    /// Goes on with the first socket alone.
    pub fn settle(&mut self) {
        self.sockets.truncate(1);
    }

    /// How long ago the question was asked.
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

    fn add(&mut self, address: SocketAddr) -> bool {
        match open(address) {
            Ok(socket) => self.sockets.push(socket),
            Err(error) => {
                self.note(error);
                return false;
            }
        }
        true
    }

    fn wait_for_any(&mut self, limit: Duration) -> io::Result<()> {
        wait_for(self.sockets.iter().map(UdpSocket::as_fd), limit)
    }

    fn note(&mut self, error: io::Error) {
        let is_refusal = |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
        if self.fault.as_ref().is_none_or(|known| !is_refusal(known)) {
            self.fault = Some(error);
        }
    }
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

/// Waits until something arrives at one of these, but no longer than this.
pub(super) fn wait_for<'a>(
    descriptors: impl IntoIterator<Item = BorrowedFd<'a>>,
    limit: Duration,
) -> io::Result<()> {
    let mut descriptors: Vec<PollFd> =
        descriptors.into_iter().map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN)).collect();
    match ppoll(&mut descriptors, Some(TimeSpec::from_duration(limit)), None) {
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
        assert_eq!(inquiry.wait(Duration::from_secs(5), &mut read), Some(1));
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
