//! Conversations with one daemon.

pub mod admission;
pub mod associations;
pub mod candidate;
pub mod choice;
pub mod chronyd;
pub mod clients;
pub mod conversation;
pub mod daemon;
pub mod diagnosis;
pub mod exposure;
pub mod failure;
pub mod health;
pub mod hop;
pub mod hops;
pub mod look;
#[cfg(feature = "nts")]
pub mod nts;
pub mod others;
pub mod probe;
pub mod survey;
pub mod system_error;
pub mod time;
pub mod unsynchronized;
pub mod view;
pub mod why;
