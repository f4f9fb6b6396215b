//! Bytes to values and back: the formats of NTP's packets, and nothing else.
//!
//! No clock, no socket, no randomness, and nothing here can panic, whatever the bytes are.

pub mod chrony;
pub mod control;
pub mod dbus;
pub mod ip_text;
pub mod mode7;
pub mod mru;
pub mod ntpd_rs;
pub mod nts;
pub mod number;
pub mod packet;
pub mod reader;
pub mod status;
pub mod timestamp;
pub mod timesyncd;
pub mod variables;

/// The identifier under which a daemon keeps an association (RFC 9327 section 2, "Association ID").
///
/// 0 names the daemon itself ("system").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssociationId(pub u16);

impl AssociationId {
    /// The daemon itself, not one of its associations.
    pub const SYSTEM: Self = Self(0);
}

impl std::fmt::Display for AssociationId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
