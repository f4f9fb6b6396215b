//! Network Time Security (RFC 8915): the records of the key exchange, and the extension fields of NTP packets.

pub mod extension;
pub mod record;

/// The TCP port of the key exchange (RFC 8915 section 7.1).
pub const KEY_EXCHANGE_PORT: u16 = 4460;
/// The name of the key exchange in ALPN (RFC 8915 section 4).
pub const ALPN: &[u8] = b"ntske/1";
/// The label with which TLS exports the keys (RFC 8915 section 4.2).
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-network-time-security";
/// The protocol ID of `NTPv4` (RFC 8915 section 7.7).
pub const PROTOCOL_NTPV4: u16 = 0;
/// The kiss code of a server that cannot use the cookie (RFC 8915 section 5.7).
pub const NAK: [u8; 4] = *b"NTSN";
