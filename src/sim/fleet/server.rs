//! A fleet on two sockets, for NTP and for chronyd's protocol, which receive datagrams to any address of 127.0.0.0/8.

use super::super::server::system_time;
use super::super::time::NtpTime;
use super::{Rule, answer, chronyd_answer, number_of};
use nix::cmsg_space;
use nix::libc::{in_addr, in_pktinfo};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
use std::collections::VecDeque;
use std::collections::btree_map::{BTreeMap, Entry};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The maximum number of replies waiting to be sent; further ones are lost.
const QUEUE_LIMIT: usize = 1 << 18;
/// The size of the receive buffer in octets.
const ROOM: usize = 1 << 26;
/// The longest sleep.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
/// The maximum number of datagrams received between two rounds of sending.
const BURST: usize = 64;
/// Room for the largest request.
const DATAGRAM: usize = 2048;

/// A running fleet, stopped on drop.
#[derive(Debug)]
pub struct SimulatedFleet {
    port: u16,
    chrony_port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    received: AtomicU64,
    most_waiting: AtomicU64,
}

impl SimulatedFleet {
    /// Starts a fleet at free ports, whose replies leave this long after the requests arrive.
    ///
    /// # Errors
    /// The sockets cannot be opened.
    pub fn start(rule: Rule, round_trip: Duration) -> io::Result<Self> {
        let sockets = [open()?, open()?];
        let [port, chrony_port] = [sockets[0].local_addr()?.port(), sockets[1].local_addr()?.port()];
        let shared = Arc::new(Shared::default());
        let work = Work {
            rule,
            half: round_trip.as_secs_f64() / 2.0,
            sockets,
            waiting: VecDeque::new(),
            waiting_hosts: BTreeMap::new(),
            shared: Arc::clone(&shared),
        };
        let thread =
            std::thread::Builder::new().name("simulated-fleet".to_owned()).spawn(move || work.run())?;
        Ok(Self { port, chrony_port, shared, thread: Some(thread) })
    }

    /// The port for time requests and mode 6.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port for chronyd's protocol.
    pub fn chrony_port(&self) -> u16 {
        self.chrony_port
    }

    /// The number of datagrams received, valid or not.
    pub fn received(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }

    /// The maximum number of hosts with a request to answer at the same time.
    pub fn most_waiting(&self) -> u64 {
        self.shared.most_waiting.load(Ordering::Relaxed)
    }
}

impl Drop for SimulatedFleet {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic in the thread has already been reported.
            let _ = thread.join();
        }
    }
}

fn open() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    if setsockopt(&socket, sockopt::RcvBufForce, &ROOM).is_err() {
        // Without the privilege to exceed the system's limit, up to that limit.
        let _ = setsockopt(&socket, sockopt::RcvBuf, &ROOM);
    }
    Ok(socket)
}

struct Work {
    rule: Rule,
    /// Half of the round-trip time, in seconds.
    half: f64,
    sockets: [UdpSocket; 2],
    waiting: VecDeque<Answer>,
    /// How many of these are from each host.
    waiting_hosts: BTreeMap<Ipv4Addr, usize>,
    shared: Arc<Shared>,
}

struct Answer {
    due: NtpTime,
    socket: usize,
    from: Ipv4Addr,
    to: SockaddrIn,
    datagram: Vec<u8>,
}

impl Work {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            let wait = self.send_what_is_due();
            let [one, other] = &self.sockets;
            let mut ready =
                [PollFd::new(one.as_fd(), PollFlags::POLLIN), PollFd::new(other.as_fd(), PollFlags::POLLIN)];
            // An interrupted wait is harmless.
            let _ = ppoll(&mut ready, Some(TimeSpec::from(wait)), None);
            for socket in 0..self.sockets.len() {
                for _ in 0..BURST {
                    if !self.take(socket) {
                        break;
                    }
                }
            }
        }
    }

    /// Receives a datagram; returns whether there was one.
    fn take(&mut self, socket: usize) -> bool {
        let Some(descriptor) = self.sockets.get(socket).map(AsRawFd::as_raw_fd) else { return false };
        let mut buffer = [0; DATAGRAM];
        let mut control = cmsg_space!(in_pktinfo);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let Ok(message) =
            recvmsg::<SockaddrIn>(descriptor, &mut slices, Some(&mut control), MsgFlags::MSG_DONTWAIT)
        else {
            return false;
        };
        self.shared.received.fetch_add(1, Ordering::Relaxed);
        let asked = message.cmsgs().ok().into_iter().flatten().find_map(|control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()))
            }
            _ => None,
        });
        let (Some(from), Some(to), length) = (asked, message.address, message.bytes) else { return true };
        if !from.is_loopback() || self.waiting.len() >= QUEUE_LIMIT {
            return true;
        }
        let request = buffer.get(..length).unwrap_or_default();
        // Half of the round trip is over.
        let arrival = system_time().plus_seconds(self.half);
        let number = number_of(from);
        let datagram = if socket == 0 {
            answer(self.rule, number, request, arrival)
        } else {
            chronyd_answer(self.rule, number, request, arrival)
        };
        if let Some(datagram) = datagram {
            let due = arrival.plus_seconds(self.half);
            self.waiting.push_back(Answer { due, socket, from, to, datagram });
            *self.waiting_hosts.entry(from).or_default() += 1;
            let hosts = u64::try_from(self.waiting_hosts.len()).unwrap_or(u64::MAX);
            self.shared.most_waiting.fetch_max(hosts, Ordering::Relaxed);
        }
        true
    }

    /// The time until there is something to do.
    fn send_what_is_due(&mut self) -> Duration {
        while let Some(answer) = self.waiting.front() {
            let left = answer.due.seconds_since(system_time());
            if left > 0.0 {
                return Duration::from_secs_f64(left).min(LONGEST_WAIT);
            }
            if let Some(socket) = self.sockets.get(answer.socket) {
                let source = in_addr { s_addr: u32::from_ne_bytes(answer.from.octets()) };
                let info = in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: source };
                let control = [ControlMessage::Ipv4PacketInfo(&info)];
                let slices = [IoSlice::new(&answer.datagram)];
                // The client may be gone.
                let _ = sendmsg(socket.as_raw_fd(), &slices, &control, MsgFlags::empty(), Some(&answer.to));
            }
            if let Entry::Occupied(mut count) = self.waiting_hosts.entry(answer.from) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
            self.waiting.pop_front();
        }
        LONGEST_WAIT
    }
}
