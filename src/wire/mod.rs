//! Encoding and decoding of NTP's packet formats, and nothing else.
//!
//! No clocks, no sockets, no randomness, and nothing here can panic, whatever the input.

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

/// The ID of an association at a daemon (RFC 9327 section 2, "Association ID").
///
/// 0 is the daemon itself ("system").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssociationId(pub u16);

impl AssociationId {
    /// The daemon itself rather than one of its associations.
    pub const SYSTEM: Self = Self(0);
}

impl std::fmt::Display for AssociationId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
