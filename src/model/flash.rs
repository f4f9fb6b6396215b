//! The flash status word: why a peer's packets or the peer itself are not trusted.

use std::fmt;

/// The flash status word of an association (RFC 5905, appendix A.5.1.1, "peer->flash"): one bit per failed test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FlashWord(pub u32);

/// The names of the tests, from bit 0 up.
pub const FLASH_NAMES: [&str; 13] = [
    "pkt_dup",
    "pkt_bogus",
    "pkt_unsync",
    "pkt_denied",
    "pkt_auth",
    "pkt_stratum",
    "pkt_header",
    "pkt_autokey",
    "pkt_crypto",
    "peer_stratum",
    "peer_dist",
    "peer_loop",
    "peer_unreach",
];

impl FlashWord {
    /// The names of the failed tests; bits without a name are omitted.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0..).zip(FLASH_NAMES).filter(move |(bit, _)| self.0 >> bit & 1 != 0).map(|(_, name)| name)
    }

    /// Whether the peer is synchronised to the reporting daemon.
    pub fn is_loop(self) -> bool {
        self.0 & 0x0800 != 0
    }
}

/// The word in hexadecimal and as names: `00 ok`, `1200 peer_stratum, peer_unreach`.
impl fmt::Display for FlashWord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02x}", self.0)?;
        if self.0 == 0 {
            return formatter.write_str(" ok");
        }
        for (index, name) in self.names().enumerate() {
            formatter.write_str(if index == 0 { " " } else { ", " })?;
            formatter.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (word, text) in [
            (0, "00 ok"),
            (1, "01 pkt_dup"),
            (15, "0f pkt_dup, pkt_bogus, pkt_unsync, pkt_denied"),
            (0x1600, "1600 peer_stratum, peer_dist, peer_unreach"),
            (0x2000, "2000"),
        ] {
            assert_eq!(FlashWord(word).to_string(), text);
        }
        assert!(FlashWord(0x0800).is_loop() && !FlashWord(0xf7ff).is_loop());
    }
}
