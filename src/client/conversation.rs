//! How a conversation over mode 6 is led.

use crate::net;
use crate::session::control::Config;
use crate::wire::control::DEFAULT_VERSION;
use std::time::Duration;

/// A conversation that waits at most this long, for a reply and in all. With `probe`, a silent host is also asked for the time.
pub fn config(limit: Duration, probe: bool) -> Config {
    Config {
        version: DEFAULT_VERSION,
        first_sequence: net::random(),
        silence: limit,
        patience: limit,
        probe: probe.then(net::random),
    }
}
