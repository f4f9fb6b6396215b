//! Replacement for Network Time Security in a build without it: no name uses it.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::servers::{Name, Target};
use crate::cli::context::Context;
use crate::clock::setting::SettableClock;
use crate::net::epoll::Waker;
use crate::session::sntp::{NtsPart, Server, SntpSession};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// No server uses NTS.
#[derive(Debug, Default)]
pub struct Nts;

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with NTS")]
impl Nts {
    /// Does nothing.
    pub fn open(
        _: &mut Context,
        _: &NtpdateArgs,
        _: &[Name],
        _: &Channel,
        _: &dyn SettableClock,
    ) -> Option<Self> {
        Some(Self)
    }

    /// Adds nothing.
    pub fn begin(
        &mut self,
        _: &mut Context,
        _: &NtpdateArgs,
        _: &[Name],
        _: &Channel,
        _: Option<Duration>,
        _: &mut Vec<Target>,
    ) {
    }

    /// No key exchange is under way.
    pub fn pending(&self) -> usize {
        0
    }

    /// There is nothing to wait for.
    pub fn waker(&self) -> Option<Waker> {
        None
    }

    /// Adds nothing.
    pub fn join(
        &mut self,
        _: &mut Context,
        _: &NtpdateArgs,
        _: &Channel,
        _: &[SocketAddr],
        _: (&mut SntpSession, Duration),
    ) {
    }

    /// There is nothing to give up.
    pub fn give_up(&mut self, _: &mut Context, _: &Channel) {}

    /// Leaves the order as it is.
    pub fn sort(&self, _: &mut [Server]) {}

    /// Returns nothing.
    pub fn take_back(
        &mut self,
        _: &mut Context,
        _: &Channel,
        _: &dyn SettableClock,
        _: &mut Vec<Server>,
    ) -> bool {
        false
    }

    /// Saves nothing.
    pub fn save(&self, _: &mut Context, _: &NtpdateArgs, _: &Channel) {}

    /// Nothing to report.
    pub fn json(&self, _: SocketAddr) -> Value {
        Value::Null
    }

    /// No server has keys.
    pub fn part(&self, _: &NtpdateArgs, _: SocketAddr) -> Option<NtsPart> {
        None
    }

    /// No failures.
    pub fn failures_json(&self) -> Value {
        json!([])
    }
}

/// No trace.
pub fn trace(_: &[u8], _: &str) -> String {
    String::new()
}

/// There is no such file.
pub fn keeps_cookies(_: &NtpdateArgs) -> bool {
    false
}

/// Marks no name.
pub fn mark(_: &NtpdateArgs, _: &mut [Name]) {}
