//! The signals that end the exporter.

use crate::net::signals::is_ignored;
use nix::sys::signal::Signal;
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal as Arrivals, SignalKind, signal};

/// Waits for SIGTERM and SIGINT. One that was ignored when the exporter was started, as SIGINT is in a background job of a
/// script, stays ignored.
pub struct EndSignals(Vec<(Signal, Arrivals)>);

impl EndSignals {
    /// Starts catching them.
    ///
    /// # Errors
    /// The system refused.
    pub fn catch() -> io::Result<Self> {
        let signals = [Signal::SIGTERM, Signal::SIGINT];
        let caught = signals.into_iter().filter(|signal| !is_ignored(*signal));
        let caught = caught.map(|number| Ok((number, signal(SignalKind::from_raw(number as i32))?)));
        Ok(Self(caught.collect::<io::Result<_>>()?))
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, arrivals) in &mut self.0 {
                if arrivals.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}
