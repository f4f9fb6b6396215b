//! Hostile servers: a table with a case a line, named by CVE where it has one. In each form of output a case asserts the
//! outcome, that nothing a terminal obeys is printed, and that the conversation ends after a bounded number of datagrams.
//!
//! The list of the CVEs with their tests is in `docs/security.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what is missing here is a failed test"
)]

#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with other tests")]
mod support;

#[cfg(test)]
#[path = "../../src/render/openmetrics/checker.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod checker;

#[cfg(test)]
mod case;
#[cfg(test)]
mod control;
#[cfg(test)]
mod index;
#[cfg(test)]
mod load;
#[cfg(test)]
mod private;
#[cfg(test)]
mod server;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod speaker;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod time;
#[cfg(test)]
mod typed;
#[cfg(test)]
mod values;
