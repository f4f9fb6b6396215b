//! ntpkit: the tools of an NTP operator, in one binary.
//!
//! Data flows in one direction: `argv -> app -> client -> session -> model -> render -> stdout`.
//!
//! | module | purpose | may use |
//! |---|---|---|
//! | [`compact`] | sorts, channels and tables that exist once in the program, not once for each type | nothing in the crate |
//! | [`text`] | text for terminals and logs, escaped | nothing in the crate |
//! | [`wire`] | bytes <-> values: mode 6, mode 7, NTP packets, status words, variables; pure, never panics | nothing in the crate |
//! | [`compat`] | differences from 4.2.8p15, decided once from the dialect | nothing in the crate |
//! | [`auth`] | key files, message digests, verification in constant time | wire |
//! | [`autokey`] | Autokey's keys, certificates and identity schemes, in files | compact |
//! | [`config`] | configuration files of time daemons: parsers and rules, without I/O | compact, auth |
//! | [`model`] | NTP's data: associations, peers, system and clock variables | compact, wire |
//! | [`render`] | values -> bytes: classic columns, table, JSON, OpenMetrics | text, wire, model, compat |
//! | [`session`] | conversations without I/O: datagrams and instants in, actions out | wire, auth |
//! | [`clock`] | this machine's clocks, and the kernel's clock discipline | nothing in the crate |
//! | [`net`] | sockets, name lookups with deadlines, the loop that drives sessions | compact, wire, session, clock |
//! | [`client`] | a conversation with one daemon, and what its silence means | compact, text, wire, auth, model, session, clock, net, cli |
//! | [`sim`] | a simulated, possibly misbehaving ntpd for the demo and the tests | compact, wire, auth, model |
//! | [`cli`] | command-line infrastructure independent of NTP: options, presets, prompt, pager, output, files | compact, text, compat, net |
//! | [`console`] | the command shell shared by ntpq and ntpdc | all of the above |
//! | [`app`] | the applets, and their selection by name | all of the above |
//!
//! `tests/architecture` enforces these rules.
//!
//! # What is API
//!
//! The product is the program. The library exists for its tests, fuzz targets and benchmarks, and follows no versioning
//! rules. If you use it nevertheless, [`wire`], [`auth`] and [`session`] are the most stable: they do no I/O, are
//! independent of the dialect, and name things as the RFCs do. Everything else may change with any release.

pub mod app;
pub mod auth;
#[cfg(feature = "autokey")]
pub mod autokey;
pub mod cli;
pub mod client;
pub mod clock;
pub mod compact;
pub mod compat;
#[cfg(feature = "diagnosis")]
pub mod config;
pub mod console;
pub mod model;
pub mod net;
pub mod render;
pub mod session;
pub mod sim;
pub mod text;
pub mod wire;
