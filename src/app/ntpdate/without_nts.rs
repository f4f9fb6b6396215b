//! In place of Network Time Security in a build without it: no name wants it.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::servers::{Name, Target};
use crate::cli::context::Context;
use crate::clock::setting::SettableClock;
use crate::session::sntp::Server;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// No server that is asked with NTS.
#[derive(Debug, Default)]
pub struct Nts;

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with NTS")]
impl Nts {
    /// There is nothing to read.
    pub fn open(
        _: &mut Context,
        _: &NtpdateArgs,
        _: &[Name],
        _: &Channel,
        _: &dyn SettableClock,
    ) -> Option<Self> {
        Some(Self)
    }

    /// There is none to add.
    pub fn add_targets(
        &mut self,
        _: &mut Context,
        _: &NtpdateArgs,
        _: &[Name],
        _: &Channel,
        _: Option<Duration>,
        _: &mut Vec<Target>,
    ) {
    }

    /// There is nothing to take back.
    pub fn take_back(
        &mut self,
        _: &mut Context,
        _: &Channel,
        _: &dyn SettableClock,
        _: &mut Vec<Server>,
    ) -> bool {
        false
    }

    /// There is nothing to keep.
    pub fn save(&self, _: &mut Context, _: &NtpdateArgs, _: &Channel) {}

    /// There is nothing to say.
    pub fn json(&self, _: SocketAddr) -> Value {
        Value::Null
    }

    /// Nobody failed.
    pub fn failures_json(&self) -> Value {
        json!([])
    }
}

/// There is nothing to trace.
pub fn trace(_: &[u8], _: &str) -> String {
    String::new()
}

/// No name is marked.
pub fn mark(_: &NtpdateArgs, _: &mut [Name]) {}
