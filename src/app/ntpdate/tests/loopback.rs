//! A loopback in memory, of the thread that tests: servers at its addresses, and a clock that waits for nobody.

use crate::session::drive::{Watch, converse};
use crate::session::memory::{MemoryNetwork, Place, VirtualClock, Weather};
use crate::session::sntp::SntpSession;
use crate::sim::{Daemon, NtpTime, Scenario};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// How long a datagram takes there.
const DELAY: Duration = Duration::from_millis(1);

/// What answers at an address, at a time of day.
type Answer = dyn FnMut(&[u8], NtpTime) -> Vec<Vec<u8>>;

struct Loopback {
    clock: VirtualClock,
    network: RefCell<MemoryNetwork>,
    servers: Rc<RefCell<HashMap<SocketAddr, Box<Answer>>>>,
    next_port: Cell<u16>,
}

thread_local! {
    static LOOPBACK: Loopback = Loopback::new();
}

impl Loopback {
    fn new() -> Self {
        let mut network = MemoryNetwork::new(Weather { delay: DELAY, ..Weather::default() });
        let servers: Rc<RefCell<HashMap<SocketAddr, Box<Answer>>>> = Rc::default();
        let (there, clock) = (Rc::clone(&servers), network.clock());
        let time = clock.clone();
        network.answer_with(move |address, request, _| {
            let now = NtpTime(time.stamp().0);
            there.borrow_mut().get_mut(&address).map_or(Vec::new(), |answer| answer(request, now))
        });
        Self { clock, network: RefCell::new(network), servers, next_port: Cell::new(10_000) }
    }
}

/// The clock of the loopback.
pub fn clock() -> VirtualClock {
    LOOPBACK.with(|loopback| loopback.clock.clone())
}

/// Lets questions speak to whoever is there.
pub fn speak(session: &mut SntpSession, watch: &mut dyn Watch<SntpSession>) {
    LOOPBACK.with(|loopback| {
        let mut network = loopback.network.borrow_mut();
        converse(&mut *network, &mut Place::at(([127, 0, 0, 1], 0)), session, watch).unwrap();
    });
}

/// A port at which nobody listens.
pub fn closed_port() -> u16 {
    let port = free_port();
    LOOPBACK.with(|loopback| {
        for host in 1..=2 {
            loopback.network.borrow_mut().refuse(([127, 0, 0, host], port).into());
        }
    });
    port
}

fn free_port() -> u16 {
    LOOPBACK.with(|loopback| loopback.next_port.replace(loopback.next_port.get() + 1))
}

/// A server, until it is dropped.
pub struct Server {
    address: SocketAddr,
    datagrams: Rc<Cell<u64>>,
    served: Rc<Cell<u64>>,
}

impl Server {
    /// One that answers like this; at port 0, it takes a free one.
    pub fn start(address: SocketAddr, answer: impl FnMut(&[u8], NtpTime) -> Vec<Vec<u8>> + 'static) -> Self {
        Self::counting(address, Rc::default(), answer)
    }

    /// A simulated daemon whose clock is off by this many seconds.
    pub fn daemon(host: u8, port: u16, scenario: Scenario, offset: f64) -> Self {
        let mut daemon = Daemon::new(scenario, NtpTime(clock().stamp().0).plus_seconds(offset));
        let served = Rc::new(Cell::new(0));
        let count = Rc::clone(&served);
        let answer = move |request: &[u8], now: NtpTime| {
            let answers = daemon.answer(request, now.plus_seconds(offset));
            count.set(daemon.time_requests());
            answers
        };
        Self::counting(([127, 0, 0, host], port).into(), served, answer)
    }

    fn counting(
        mut address: SocketAddr,
        served: Rc<Cell<u64>>,
        mut answer: impl FnMut(&[u8], NtpTime) -> Vec<Vec<u8>> + 'static,
    ) -> Self {
        if address.port() == 0 {
            address.set_port(free_port());
        }
        let datagrams = Rc::new(Cell::new(0));
        let count = Rc::clone(&datagrams);
        let answer = move |request: &[u8], now: NtpTime| {
            count.set(count.get() + 1);
            answer(request, now)
        };
        let taken = LOOPBACK.with(|loopback| loopback.servers.borrow_mut().insert(address, Box::new(answer)));
        assert!(taken.is_none(), "{address} is taken");
        Self { address, datagrams, served }
    }

    /// Where it listens.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Datagrams received so far, whatever they held.
    pub fn datagrams(&self) -> u64 {
        self.datagrams.get()
    }

    /// Requests for the time so far that a simulated daemon took for such.
    pub fn time_requests(&self) -> u64 {
        self.served.get()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        LOOPBACK.with(|loopback| loopback.servers.borrow_mut().remove(&self.address));
    }
}
