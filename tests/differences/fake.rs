//! A server that answers whatever a test says, and remembers what it was asked.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A datagram and the time of its arrival.
type Arrival = (Instant, Vec<u8>);

pub struct Fake {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Arrival>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Answers each request with these datagrams.
    pub fn start(answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let (ends, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (ended, seen) = (Arc::clone(&ends), Arc::clone(&requests));
        let thread = std::thread::spawn(move || {
            let mut octets = [0; 2048];
            while !ended.load(Ordering::SeqCst) {
                let Ok((length, source)) = socket.recv_from(&mut octets) else { continue };
                let request = &octets[..length];
                seen.lock().unwrap().push((Instant::now(), request.to_vec()));
                for datagram in answer(request) {
                    // A client that has its answer may have closed its port.
                    let _ = socket.send_to(&datagram, source);
                }
            }
        });
        Self { address, requests, ends, thread: Some(thread) }
    }

    /// The requests since the last call.
    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.timed_requests().into_iter().map(|(_, request)| request).collect()
    }

    /// The requests since the last call, with the times of their arrival.
    pub fn timed_requests(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        assert!(ended || std::thread::panicking(), "the server has panicked");
    }
}
