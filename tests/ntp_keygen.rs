//! `ntp-keygen` and `ntpkit keys check` as programs.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[cfg(feature = "autokey")]
#[path = "ntp_keygen/autokey.rs"]
mod autokey;
#[cfg(feature = "autokey")]
#[path = "ntp_keygen/exports.rs"]
mod exports;
#[cfg(feature = "autokey")]
#[path = "ntp_keygen/openssl.rs"]
mod openssl;
#[path = "ntp_keygen/support.rs"]
mod support;
#[path = "ntp_keygen/symmetric.rs"]
mod symmetric;
