//! A simulated daemon on its own socket. The only part of the simulation that reads a clock.

use super::daemon::Daemon;
use super::faults::{Delivery, FaultInjector, Faults};
use super::scenario::Scenario;
use super::time::NtpTime;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The maximum number of replies waiting to be sent; further ones are lost.
const QUEUE_LIMIT: usize = 4096;
/// The longest sleep, in case the wake-up datagram is lost.
const LONGEST_WAIT: Duration = Duration::from_millis(250);
/// Seconds from 1900 to 1970.
const UNIX_EPOCH_IN_NTP: u64 = 2_208_988_800;

/// A running simulated daemon, stopped on drop.
#[derive(Debug)]
pub struct SimulatedDaemon {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    received: AtomicU64,
    control: AtomicU64,
    time: AtomicU64,
}

impl SimulatedDaemon {
    /// Starts a daemon at this address on the system's clock; port 0 selects any free port.
    ///
    /// # Errors
    /// The socket cannot be opened or bound.
    pub fn start(scenario: Scenario, faults: Faults, bind: SocketAddr) -> io::Result<Self> {
        Self::start_with_clock(scenario, faults, bind, system_time)
    }

    /// Starts a daemon at a free port of the IPv4 loopback.
    ///
    /// # Errors
    /// As [`SimulatedDaemon::start`].
    pub fn start_on_loopback(scenario: Scenario, faults: Faults) -> io::Result<Self> {
        Self::start(scenario, faults, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
    }

    /// Starts a daemon on this clock.
    ///
    /// # Errors
    /// As [`SimulatedDaemon::start`].
    pub fn start_with_clock(
        scenario: Scenario,
        faults: Faults,
        bind: SocketAddr,
        clock: impl Fn() -> NtpTime + Send + 'static,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind(bind)?;
        // A datagram with a bad checksum makes the socket readable, but there is nothing to read.
        socket.set_read_timeout(Some(LONGEST_WAIT))?;
        let elsewhere = UdpSocket::bind(SocketAddr::new(bind.ip(), 0))?;
        let address = socket.local_addr()?;
        let shared = Arc::new(Shared::default());
        let server = Server {
            daemon: Daemon::new(scenario, clock()),
            mischiefs: FaultInjector::new(faults),
            socket,
            elsewhere,
            waiting: BTreeMap::new(),
            count: 0,
            shared: Arc::clone(&shared),
        };
        let thread = std::thread::Builder::new()
            .name("simulated-ntpd".to_owned())
            .spawn(move || server.run(&clock))?;
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// The address it listens on.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// The number of datagrams received so far, valid or not.
    pub fn datagrams(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }

    /// The number of valid mode 6 requests so far.
    pub fn control_requests(&self) -> u64 {
        self.shared.control.load(Ordering::Relaxed)
    }

    /// The number of valid time requests so far.
    pub fn time_requests(&self) -> u64 {
        self.shared.time.load(Ordering::Relaxed)
    }
}

impl Drop for SimulatedDaemon {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // An empty datagram ends the wait at once; if it is lost, the wait still ends after a while.
        let target = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        if let Ok(socket) = UdpSocket::bind(SocketAddr::new(target, 0)) {
            let _ = socket.send_to(&[], SocketAddr::new(target, self.address.port()));
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Server {
    daemon: Daemon,
    mischiefs: FaultInjector,
    socket: UdpSocket,
    elsewhere: UdpSocket,
    /// Ordered by departure, then by arrival.
    waiting: BTreeMap<(Instant, u64), (SocketAddr, Delivery)>,
    count: u64,
    shared: Arc<Shared>,
}

impl Server {
    fn run(mut self, clock: &impl Fn() -> NtpTime) {
        let mut buffer = [0; 2048];
        while !self.shared.stop.load(Ordering::Relaxed) {
            let wait = self.send_what_is_due();
            if !self.is_readable_within(wait) {
                continue;
            }
            // An error here is an ICMP message about an earlier reply.
            let Ok((length, source)) = self.socket.recv_from(&mut buffer) else { continue };
            if self.shared.stop.load(Ordering::Relaxed) {
                return;
            }
            self.shared.received.fetch_add(1, Ordering::Relaxed);
            // A delayed request is answered as of its arrival, and the reply leaves correspondingly later.
            let late = self.mischiefs.way_here();
            let arrival = clock().plus_seconds(late.as_secs_f64());
            let replies = self.daemon.answer_to(buffer.get(..length).unwrap_or(&[]), source, arrival);
            self.shared.control.store(self.daemon.control_requests(), Ordering::Relaxed);
            self.shared.time.store(self.daemon.time_requests(), Ordering::Relaxed);
            self.enqueue(source, replies, late);
        }
    }

    fn enqueue(&mut self, target: SocketAddr, replies: Vec<Vec<u8>>, late: Duration) {
        let now = Instant::now();
        for delivery in self.mischiefs.deliveries(replies) {
            if self.waiting.len() >= QUEUE_LIMIT {
                return;
            }
            self.count += 1;
            // A reply that is due after the end of time never leaves.
            if let Some(due) = now.checked_add(late.saturating_add(delivery.after)) {
                self.waiting.insert((due, self.count), (target, delivery));
            }
        }
    }

    /// Waits for a datagram. A socket's own timeout is only as precise as the kernel's ticks, some milliseconds.
    fn is_readable_within(&self, wait: Duration) -> bool {
        let mut descriptors = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        ppoll(&mut descriptors, Some(TimeSpec::from(wait)), None).is_ok_and(|ready| ready > 0)
    }

    /// The time until there is something to do.
    fn send_what_is_due(&mut self) -> Duration {
        while let Some(entry) = self.waiting.first_entry() {
            let wait = entry.key().0.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                return wait.min(LONGEST_WAIT);
            }
            let (target, delivery) = entry.remove();
            let socket = if delivery.elsewhere { &self.elsewhere } else { &self.socket };
            // The client may be gone.
            let _ = socket.send_to(&delivery.datagram, target);
        }
        LONGEST_WAIT
    }
}

pub(super) fn system_time() -> NtpTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    NtpTime((since.as_secs() + UNIX_EPOCH_IN_NTP) << 32 | fraction)
}
