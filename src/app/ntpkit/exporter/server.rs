//! Connections: their number, their timeouts, and HTTP over them.

use super::io::{Connection, Timers};
use super::log::Level;
use super::reply::Reply;
use super::route::{Exporter, respond};
use crate::cli::output::reason;
use crate::clock::monotonic;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, spawn_local, yield_now};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// The maximum number of connections.
const MAX_CONNECTIONS: usize = 256;
/// The timeout for the head of a request, and for an idle connection.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// The maximum size of a request's head in octets.
const HEAD_LIMIT: usize = 16 << 10;
/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 64;
/// The pause if the system cannot accept a connection: others have to be closed first.
const RESPITE: Duration = Duration::from_millis(100);

/// The time for answers in progress when the exporter stops.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// The open connections.
#[derive(Default)]
pub struct Connections {
    all: RefCell<BTreeMap<u64, Known>>,
    next: Cell<u64>,
    /// Becomes true when the exporter stops.
    stop: watch::Sender<bool>,
    /// Notified when the last one has closed.
    emptied: Notify,
}

struct Known {
    task: AbortHandle,
    source: IpAddr,
    /// Since when it has been waiting for its client; `None` while a request is answered.
    waits: Rc<Cell<Option<Duration>>>,
}

impl Connections {
    /// Makes room for another connection by closing one that waits for its client; returns whether there is room. Of the
    /// source that has most of those, the one that has waited longest is closed, so that a source displaces only its own.
    fn make_room(&self) -> bool {
        let mut all = self.all.borrow_mut();
        if all.len() < MAX_CONNECTIONS {
            return true;
        }
        let waiting =
            || all.iter().filter_map(|(number, known)| Some((known.source, known.waits.get()?, *number)));
        let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for (source, ..) in waiting() {
            *counts.entry(source).or_default() += 1;
        }
        let rank = |(source, since, number): &(IpAddr, Duration, u64)| {
            (Reverse(counts.get(source)), *since, *number)
        };
        let Some((.., number)) = waiting().min_by_key(rank) else { return false };
        if let Some(known) = all.remove(&number) {
            known.task.abort();
        }
        true
    }

    /// Serves another connection.
    fn add(
        self: &Rc<Self>,
        serve: impl Future<Output = ()> + 'static,
        source: IpAddr,
        waits: Rc<Cell<Option<Duration>>>,
    ) {
        let number = self.next.replace(self.next.get().wrapping_add(1));
        let connections = Rc::clone(self);
        let task = spawn_local(async move {
            serve.await;
            let mut all = connections.all.borrow_mut();
            all.remove(&number);
            if all.is_empty() {
                connections.emptied.notify_one();
            }
        });
        let task = task.abort_handle();
        if !task.is_finished() {
            self.all.borrow_mut().insert(number, Known { task, source, waits });
        }
    }

    /// Closes idle connections and the others once they have been answered, or after some seconds. No more may be added.
    pub async fn close(&self) {
        self.stop.send_replace(true);
        let closed = async {
            while !self.all.borrow().is_empty() {
                self.emptied.notified().await;
            }
        };
        drop(timeout(STOP_PATIENCE, closed).await);
    }
}

/// What connections are counted by: the address, or the IPv6 network that a single client may have.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !0 << 64).into(),
        four @ IpAddr::V4(_) => four,
    }
}

/// Accepts connections until the task is aborted.
pub async fn serve(listener: TcpListener, connections: Rc<Connections>, exporter: Rc<Exporter>) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                if !connections.make_room() {
                    // All connections are busy; this one would only wait.
                    drop(stream);
                    continue;
                }
                // Answers are short, and nothing follows.
                drop(stream.set_nodelay(true));
                let waits = Rc::new(Cell::new(Some(monotonic())));
                let stop = connections.stop.subscribe();
                let served = accept(stream, Rc::clone(&waits), stop, Rc::clone(&exporter));
                connections.add(served, source(address.ip()), waits);
                // It reads the request, if that has arrived, before others can displace it.
                yield_now().await;
            }
            Err(error) => {
                let cause = reason(&error);
                exporter.log.write(Level::Warn, "Cannot accept a connection", &[("err", &cause)]);
                sleep(RESPITE).await;
            }
        }
    }
}

async fn accept(
    stream: TcpStream,
    waits: Rc<Cell<Option<Duration>>>,
    stop: watch::Receiver<bool>,
    exporter: Rc<Exporter>,
) {
    match exporter.web().tls.clone() {
        None => speak(stream, waits, stop, exporter).await,
        Some(tls) => match timeout(HEAD_PATIENCE, TlsAcceptor::from(tls).accept(stream)).await {
            Ok(Ok(stream)) => speak(stream, waits, stop, exporter).await,
            Ok(Err(error)) => {
                exporter.log.write(Level::Debug, "TLS handshake failed", &[("err", &error.to_string())]);
            }
            Err(_) => exporter.log.write(Level::Debug, "TLS handshake failed", &[("err", "too slow")]),
        },
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + 'static>(
    stream: S,
    waits: Rc<Cell<Option<Duration>>>,
    mut stop: watch::Receiver<bool>,
    exporter: Rc<Exporter>,
) {
    let log = Rc::clone(&exporter);
    let service = service_fn(move |request| {
        let (waits, exporter) = (Rc::clone(&waits), Rc::clone(&exporter));
        async move {
            waits.set(None);
            let response = respond(&exporter, request).await;
            waits.set(Some(monotonic()));
            Ok::<hyper::Response<Reply>, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(Timers)
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(HEAD_LIMIT)
        .max_headers(MAX_HEADERS)
        .half_close(true)
        .serve_connection(Connection::new(stream), service);
    let mut connection = pin!(connection);
    // The sender is gone only when the exporter has stopped.
    let mut stops = pin!(async move { drop(stop.wait_for(|stopped| *stopped).await) });
    let mut is_stopping = false;
    let served = poll_fn(|context| {
        if !is_stopping && stops.as_mut().poll(context).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(context)
    });
    if let Err(error) = served.await {
        log.log.write(Level::Debug, "Connection failed", &[("err", &error.to_string())]);
    }
}
