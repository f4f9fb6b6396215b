//! Conversations with one daemon.

pub mod daemon;
