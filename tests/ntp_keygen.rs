//! `ntp-keygen` and `ntpkit keys check` as programs.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "ntp_keygen/support.rs"]
mod support;
#[path = "ntp_keygen/symmetric.rs"]
mod symmetric;
