//! ntpkit: the tools an NTP operator reaches for, in one binary.
//!
//! The flow goes one way: `argv -> applet -> commands -> session -> model -> render -> stdout`.
//!
//! | module | what it is | may use |
//! |---|---|---|
//! | [`wire`] | bytes <-> values: mode 6, NTP packets, status words, variables; pure, never panics | nothing of the crate |
//! | [`dialect`] | which of the two ways of speaking the output takes, and whose tables it has | nothing of the crate |
//! | [`auth`] | key files, message digests, verification in constant time | wire |
//! | [`autokey`] | Autokey's keys, certificates and identity schemes, in files | nothing of the crate |
//! | [`model`] | what NTP is about: associations, peers, system and clock variables | wire |
//! | [`render`] | values -> bytes: classic columns, table, JSON, OpenMetrics | wire, model, dialect |
//! | [`session`] | conversations without I/O: datagrams and instants in, actions out | wire, auth |
//! | [`clock`] | the clocks of this machine, and the kernel's discipline of them | nothing of the crate |
//! | [`net`] | sockets, name service with deadlines, the loop that drives sessions | wire, session, clock |
//! | [`files`] | files that appear whole or not at all | nothing of the crate |
//! | [`sim`] | a simulated ntpd that can misbehave: the demo and the tests | wire, auth, model |
//! | [`output`] | standard output and standard error, and what became of them | nothing of the crate |
//! | [`context`] | what an applet is given to work with | dialect, output |
//! | [`exit`] | what happened -> exit status | dialect, output |
//! | [`commands`] | the applets | all of the above, applet |
//! | [`applet`] | the list of the applets, and how a call finds its own | all of the above |
//!
//! `tests/architecture.rs` holds these rules.

pub mod applet;
pub mod auth;
#[cfg(feature = "autokey")]
pub mod autokey;
pub mod clock;
pub mod commands;
pub mod context;
pub mod dialect;
pub mod exit;
pub mod files;
pub mod model;
pub mod net;
pub mod output;
pub mod render;
pub mod session;
pub mod sim;
pub mod wire;
