//! Kernel notices about datagrams: when they arrived and left, as NTP timestamps, and which of them cannot be
//! delivered.

use crate::clock::now;
use crate::wire::timestamp::NtpTimestamp;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, SO_EE_ORIGIN_LOCAL, sock_extended_err};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, TimestampingFlag, recvmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};

/// Maximum size of a valid reply; a longer datagram is truncated, and not a reply.
const DATAGRAM: usize = 2048;

/// Room for the headers that the kernel returns with a datagram: Ethernet with two tags, IPv6, UDP, and some to spare.
const HEADERS: usize = 256;

/// The origins of errors about a datagram's delivery.
const WAYS: [u8; 3] = [SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, SO_EE_ORIGIN_LOCAL];

/// A kernel notice about a datagram sent earlier.
#[derive(Debug)]
pub(super) enum Note {
    /// It has left.
    Departure {
        /// The datagram, preceded by its headers.
        datagram: Vec<u8>,
        /// When the network driver took it, an NTP timestamp.
        left: u64,
    },
    /// It cannot be delivered.
    Unreachable {
        /// The destination.
        address: SocketAddr,
        /// As much of the datagram as the notice quotes.
        datagram: Vec<u8>,
        /// The cause.
        error: Errno,
        /// Whether it may pass: no route to the network or the host right now.
        is_hint: bool,
    },
}

/// Enables kernel notices about arrivals, departures and delivery errors.
pub(super) fn ask_for(socket: &impl AsFd, is_ipv4: bool) {
    ask_for_errors(socket, is_ipv4);
    // Without kernel timestamps, the times of reading and sending are used.
    let _ = setsockopt(socket, sockopt::ReceiveTimestampns, &true);
    let departures =
        TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE | TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE;
    let _ = setsockopt(socket, sockopt::Timestamping, &departures);
}

/// Enables kernel notices about delivery errors.
pub(super) fn ask_for_errors(socket: &impl AsFd, is_ipv4: bool) {
    let _ = if is_ipv4 {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)
    };
}

/// Receives a datagram; returns it with its source, and when it arrived as an NTP timestamp.
pub(super) fn receive(socket: &UdpSocket) -> Option<(Vec<u8>, SocketAddr, u64)> {
    let mut buffer = vec![0; DATAGRAM];
    // A socket with departure timestamps may get its arrivals in that form too.
    let mut control = cmsg_space!(TimeSpec, [TimeSpec; 3]);
    loop {
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let message = match recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut control),
            MsgFlags::MSG_DONTWAIT,
        ) {
            Ok(message) => message,
            // An earlier request could not be delivered; this does not affect the other servers.
            Err(Errno::EINTR | Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH) => continue,
            Err(_) => return None,
        };
        let read = ntp_now();
        let stamped = message.cmsgs().ok().into_iter().flatten().find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => Some(time),
            _ => None,
        });
        let arrived = stamped.map_or(read, |time| ntp_time(&time));
        let (length, from) = (message.bytes, message.address.as_ref().and_then(socket_address));
        let Some(from) = from else { continue };
        buffer.truncate(length);
        return Some((buffer, from, arrived));
    }
}

/// Returns the kernel's next notice, if any.
///
/// Notices come from the error queue. The datagram itself identifies the request: counting would go wrong after a
/// failure.
pub(super) fn note(socket: &UdpSocket) -> Option<Note> {
    let mut buffer = vec![0; HEADERS + DATAGRAM];
    loop {
        let mut control = cmsg_space!(TimeSpec, [TimeSpec; 3], sock_extended_err, nix::libc::sockaddr_in6);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let message =
            match recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags) {
                Ok(message) => message,
                Err(Errno::EINTR) => continue,
                Err(_) => return None,
            };
        let address = message.address.as_ref().and_then(socket_address);
        let (mut left, mut fault) = (None, None);
        for control in message.cmsgs().ok().into_iter().flatten() {
            match control {
                ControlMessageOwned::ScmTimestampsns(times) => left = Some(times.system),
                ControlMessageOwned::Ipv4RecvErr(error, _) | ControlMessageOwned::Ipv6RecvErr(error, _) => {
                    fault = unreachable(&error);
                }
                _ => {}
            }
        }
        let length = message.bytes;
        buffer.truncate(length);
        // A notice of an error has a timestamp, too.
        match (fault, left, address) {
            (Some((error, is_hint)), _, Some(address)) => {
                return Some(Note::Unreachable { address, datagram: buffer, error, is_hint });
            }
            (None, Some(left), _) => {
                return Some(Note::Departure { datagram: buffer, left: ntp_time(&left) });
            }
            _ => buffer.resize(HEADERS + DATAGRAM, 0),
        }
    }
}

/// Returns why a datagram cannot be delivered, if this error is about that, and whether that is only a hint. Without being
/// asked for notices, the kernel reports only the other errors of a connected socket.
fn unreachable(error: &sock_extended_err) -> Option<(Errno, bool)> {
    let number = i32::try_from(error.ee_errno).ok()?;
    let is_hint = match (error.ee_origin, error.ee_type, error.ee_code) {
        // Destination unreachable: network, host, source route failed, and the two for a type of service (RFC 1122).
        (SO_EE_ORIGIN_ICMP, 3, code) => matches!(code, 0 | 1 | 5 | 11 | 12),
        // Destination unreachable: no route, beyond scope, address (RFC 4443 section 3.1).
        (SO_EE_ORIGIN_ICMP6, 1, code) => matches!(code, 0 | 2 | 3),
        (SO_EE_ORIGIN_ICMP | SO_EE_ORIGIN_ICMP6, ..) => true,
        _ => false,
    };
    WAYS.contains(&error.ee_origin).then(|| (Errno::from_raw(number), is_hint))
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(address) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4((*address).into()));
    }
    address.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into()))
}

/// The current time.
pub(super) fn ntp_now() -> u64 {
    NtpTimestamp::from(now()).0
}

fn ntp_time(time: &TimeSpec) -> u64 {
    let nanoseconds = i32::try_from(time.tv_nsec()).unwrap_or(0);
    jiff::Timestamp::new(time.tv_sec(), nanoseconds).map_or(0, |time| NtpTimestamp::from(time).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::time::Duration;

    /// Receives the next datagram; a busy machine may take a while.
    fn next(socket: &UdpSocket) -> (Vec<u8>, SocketAddr, u64) {
        poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], PollTimeout::from(10_000_u16)).unwrap();
        receive(socket).unwrap()
    }

    #[test]
    fn the_kernel_reports_when_a_datagram_arrived() {
        let socket = &UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        ask_for(socket, true);
        let target = SocketAddr::from(([127, 0, 0, 1], socket.local_addr().unwrap().port()));
        // A kernel starts timestamping a while after the machine's first socket asks for it.
        let reported = (0..1000).any(|_| {
            UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"first", target).unwrap();
            let sent = ntp_now();
            std::thread::sleep(Duration::from_millis(5));
            receive(socket).is_some_and(|(_, _, arrived)| arrived <= sent)
        });
        assert!(reported, "no datagram was stamped when it arrived");
        let before = ntp_now();
        for word in [b"one".as_slice(), b"two", b"three"] {
            UdpSocket::bind("127.0.0.1:0").unwrap().send_to(word, target).unwrap();
        }
        let after_sending = ntp_now();
        // Long after the arrival: only the kernel can know.
        std::thread::sleep(Duration::from_millis(20));
        for word in [b"one".as_slice(), b"two", b"three"] {
            let (datagram, from, arrived) = next(socket);
            assert_eq!(datagram, word);
            assert_eq!(from.ip(), target.ip());
            assert!((before..=after_sending).contains(&arrived), "{before} {arrived} {after_sending}");
        }
        assert!(receive(socket).is_none());
    }

    #[test]
    fn the_kernel_reports_when_a_datagram_left() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        ask_for(&socket, true);
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = other.local_addr().unwrap();
        assert!(note(&socket).is_none());
        let before = ntp_now();
        for word in [b"one".as_slice(), b"two"] {
            socket.send_to(word, target).unwrap();
        }
        let after_sending = ntp_now();
        // Long after the departure: only the kernel can know.
        std::thread::sleep(Duration::from_millis(20));
        for word in [b"one".as_slice(), b"two"] {
            let Some(Note::Departure { datagram, left }) = note(&socket) else { panic!("no note") };
            assert!(datagram.ends_with(word), "{datagram:?}");
            assert!((before..=after_sending).contains(&left), "{before} {left} {after_sending}");
        }
        assert!(note(&socket).is_none());
        // Replies are not affected.
        other.send_to(b"answer", socket.local_addr().unwrap()).unwrap();
        assert_eq!(next(&socket).0, b"answer");
    }

    #[test]
    fn the_kernel_reports_a_closed_port() {
        for any in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(any) else { continue };
            socket.set_nonblocking(true).unwrap();
            ask_for(&socket, any.starts_with("127"));
            let target = UdpSocket::bind(any).unwrap().local_addr().unwrap();
            socket.send_to(b"question", target).unwrap();
            let mut notes = Vec::new();
            while notes.len() < 2 {
                // An error ends the wait too, whatever is being polled for.
                poll(&mut [PollFd::new(socket.as_fd(), PollFlags::empty())], PollTimeout::from(10_000_u16))
                    .unwrap();
                notes.extend(note(&socket));
            }
            let about = notes.iter().find_map(|note| match note {
                Note::Unreachable { address, datagram, error, .. } => {
                    Some((*address, datagram.as_slice(), *error))
                }
                Note::Departure { .. } => None,
            });
            assert_eq!(about, Some((target, b"question".as_slice(), Errno::ECONNREFUSED)), "{any}");
        }
    }
}
