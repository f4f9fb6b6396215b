//! A scripted UDP server: each request is answered with whatever a function makes of it.

use ntpkit::sim::Delivery;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the server looks whether it has been stopped.
const TICK: Duration = Duration::from_millis(20);

/// Runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server at a free port of the IPv4 loopback.
    pub fn start(answer: impl Fn(&[u8]) -> Vec<Delivery> + Send + 'static) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), answer)
    }

    /// Starts a server at this address.
    pub fn start_at(address: SocketAddr, answer: impl Fn(&[u8]) -> Vec<Delivery> + Send + 'static) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        let elsewhere = UdpSocket::bind((address.ip(), 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let (requests, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut due: BTreeMap<(Instant, usize), (SocketAddr, Delivery)> = BTreeMap::new();
            let mut number = 0;
            let mut request = [0; 2048];
            while !stopped.load(Ordering::Relaxed) {
                let now = Instant::now();
                while due.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
                    let (_, (client, delivery)) = due.pop_first().unwrap();
                    let from = if delivery.elsewhere { &elsewhere } else { &socket };
                    // The client may be gone.
                    let _ = from.send_to(&delivery.datagram, client);
                }
                let next =
                    due.first_key_value().map_or(TICK, |((at, _), _)| at.saturating_duration_since(now));
                socket.set_read_timeout(Some(next.clamp(Duration::from_micros(100), TICK))).unwrap();
                match socket.recv_from(&mut request) {
                    Ok((length, client)) => {
                        counted.fetch_add(1, Ordering::Relaxed);
                        for delivery in answer(&request[..length]) {
                            number += 1;
                            due.insert((Instant::now() + delivery.after, number), (client, delivery));
                        }
                    }
                    // Including notices that an earlier client is gone.
                    Err(error) => assert_ne!(error.kind(), ErrorKind::InvalidInput, "{error}"),
                }
            }
        });
        Self { address, requests, stop, thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of datagrams it has received.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        assert!(ended || std::thread::panicking(), "the server has panicked");
    }
}

/// Datagrams that leave at once, from the right port.
pub fn at_once(datagrams: impl IntoIterator<Item = Vec<u8>>) -> Vec<Delivery> {
    every(Duration::ZERO, datagrams)
}

/// Datagrams that leave one by one, with this pause before each.
pub fn every(pause: Duration, datagrams: impl IntoIterator<Item = Vec<u8>>) -> Vec<Delivery> {
    (1..)
        .zip(datagrams)
        .map(|(number, datagram)| Delivery { after: pause * number, datagram, elsewhere: false })
        .collect()
}
