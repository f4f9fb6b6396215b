//! Conversations with one daemon.

pub mod choice;
pub mod daemon;
pub mod diagnosis;
pub mod failure;
pub mod system_error;
#[cfg(feature = "nts")]
pub mod nts;
