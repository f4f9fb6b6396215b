//! ntpkit: the tools an NTP operator reaches for, in one binary.
//!
//! The flow goes one way: `argv -> app -> client -> session -> model -> render -> stdout`.
//!
//! | module | what it is | may use |
//! |---|---|---|
//! | [`wire`] | bytes <-> values: mode 6, mode 7, NTP packets, status words, variables; pure, never panics | nothing of the crate |
//! | [`compat`] | what differs from the original programs, decided once from the dialect | nothing of the crate |
//! | [`auth`] | key files, message digests, verification in constant time | wire |
//! | [`autokey`] | Autokey's keys, certificates and identity schemes, in files | nothing of the crate |
//! | [`config`] | configuration files of time daemons: parsers and rules, without I/O | auth |
//! | [`model`] | what NTP is about: associations, peers, system and clock variables | wire |
//! | [`render`] | values -> bytes: classic columns, table, JSON, OpenMetrics | wire, model, compat |
//! | [`session`] | conversations without I/O: datagrams and instants in, actions out | wire, auth |
//! | [`clock`] | the clocks of this machine, and the kernel's discipline of them | nothing of the crate |
//! | [`net`] | sockets, name service with deadlines, the loop that drives sessions | wire, session, clock |
//! | [`client`] | a conversation with one daemon, and what its silence means | wire, auth, model, session, clock, net, cli |
//! | [`sim`] | a simulated ntpd that can misbehave: the demo and the tests | wire, auth, model |
//! | [`cli`] | the kit of a command-line program, without NTP: options, presets, prompt, pager, output, files | compat, net |
//! | [`console`] | the command shell of ntpq and ntpdc, which knows neither | all of the above |
//! | [`app`] | the applets, and how a call finds its own | all of the above |
//!
//! `tests/architecture` enforces these rules.
//!
//! # What is API
//!
//! The product is the program. The library exists for its tests, fuzz targets and benchmarks, and follows no versioning
//! rules. Those who use it nevertheless will find [`wire`], [`auth`] and [`session`] the most stable: they do no I/O, know
//! no dialect, and name things as the RFCs do. Everything else may change with any release.

pub mod app;
pub mod auth;
#[cfg(feature = "autokey")]
pub mod autokey;
pub mod cli;
pub mod client;
pub mod clock;
pub mod compat;
pub mod config;
pub mod console;
pub mod model;
pub mod net;
pub mod render;
pub mod session;
pub mod sim;
pub mod wire;
