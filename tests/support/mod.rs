//! What the tests of the binary share: daemons that stand still in time, runs of the program, transcripts.

mod run;
mod terminal;
mod transcript;

pub use run::{Ran, Run};
pub use terminal::on_a_terminal;
pub use transcript::Transcript;

use ntpkit::sim::{Faults, NtpTime, Scenario, SimulatedDaemon};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

/// The moment at which the daemons stand still: 2026-09-01 12:00:00.25 UTC.
pub const STILL: NtpTime = NtpTime(0xee41_2bc0_4000_0000);

/// A scenario of the demonstration.
pub fn scenario(name: &str) -> Scenario {
    let found = ntpkit::sim::demo().into_iter().find(|scenario| scenario.name == name);
    found.unwrap_or_else(|| panic!("there is no scenario {name}"))
}

/// A daemon on which nothing goes wrong and no time goes by.
pub fn daemon(name: &str) -> SimulatedDaemon {
    still(scenario(name), Faults::default())
}

/// A daemon for which no time goes by.
pub fn still(scenario: Scenario, faults: Faults) -> SimulatedDaemon {
    still_at(scenario, faults, (Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// A daemon at this address for which no time goes by.
pub fn still_at(scenario: Scenario, faults: Faults, address: SocketAddr) -> std::io::Result<SimulatedDaemon> {
    SimulatedDaemon::start_with_clock(scenario, faults, address, || STILL)
}

/// Runs a test for each of these numbers, several at a time: most of the time goes into waiting for lost replies.
pub fn for_each_seed(seeds: std::ops::Range<u64>, test: impl Fn(u64) + Sync) {
    const AT_ONCE: usize = 32;
    let next = std::sync::atomic::AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    test(seed);
                }
            });
        }
    });
}

/// How a daemon is named on the command line.
pub fn host(daemon: &SimulatedDaemon) -> String {
    daemon.local_address().to_string()
}

/// An address that takes in whatever comes and never answers, for as long as the socket lives.
pub fn mute() -> (UdpSocket, String) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

/// An address at which nobody listens: a port that was free a moment ago. It is taken from below the range
/// from which the system hands out ports, so that no other test gets it meanwhile.
pub fn nobody() -> String {
    (20_000..30_000_u16)
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .find(|address| UdpSocket::bind(address).is_ok())
        .unwrap()
        .to_string()
}
