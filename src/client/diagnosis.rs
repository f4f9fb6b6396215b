//! What a daemon's silence means, as far as it can be determined.

use crate::wire::packet::TimePacket;

/// What is known about a daemon that did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It answers time requests, at this stratum, but no queries.
    ServesTimeOnly(u8),
    /// It answers time requests with a kiss-o'-death with this code.
    Kiss([u8; 4]),
    /// Nothing was received.
    Nothing,
    /// This many datagrams were received, but no reply to the request.
    Garbage(u32),
}

impl Diagnosis {
    /// Derives a diagnosis from the reply to a time request.
    pub fn of_time(packet: &TimePacket) -> Self {
        if packet.stratum == 0 && REFUSALS.contains(&&packet.reference_id) {
            Self::Kiss(packet.reference_id)
        } else {
            Self::ServesTimeOnly(packet.stratum)
        }
    }

    /// What two conversations with one daemon tell together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Garbage(count), Self::Garbage(more)) => Self::Garbage(count.saturating_add(more)),
            (Self::Nothing, other)
            | (Self::Garbage(_), other @ (Self::ServesTimeOnly(_) | Self::Kiss(_))) => other,
            (this, _) => this,
        }
    }
}

/// What is known after a conversation in which this time packet and so many datagrams came that answer nothing, and in which
/// the daemon may have been asked for the time.
pub fn of_silence(time: Option<&TimePacket>, unmatched: u32, was_probed: bool) -> Option<Diagnosis> {
    match time {
        Some(packet) => Some(Diagnosis::of_time(packet)),
        None if unmatched > 0 => Some(Diagnosis::Garbage(unmatched)),
        None => was_probed.then_some(Diagnosis::Nothing),
    }
}

/// The kiss codes by which a server refuses a client. Other codes, such as `INIT` and `STEP`, only mean that it is not
/// synchronised (RFC 5905 section 7.4).
const REFUSALS: [&[u8; 4]; 3] = [b"DENY", b"RSTR", b"RATE"];

/// Explains what a timeout can mean.
pub fn explain(diagnosis: Diagnosis) -> String {
    match diagnosis {
        Diagnosis::ServesTimeOnly(_) => {
            "it serves time but answers no queries: ntpd's `restrict ... noquery' drops them; chrony and \
             OpenNTPD do not speak this protocol (for chrony: ntpq --daemon chronyd)"
                .into()
        }
        Diagnosis::Kiss(code) => format!(
            "it refuses this client (kiss-o'-death {})",
            String::from_utf8_lossy(&code).trim_end_matches('\0')
        ),
        Diagnosis::Nothing => {
            "no reply, not even to a time request: no NTP daemon, a firewall, or ntpd's `restrict ... ignore'"
                .into()
        }
        Diagnosis::Garbage(count) => {
            format!("{count} datagrams were received, but none of them is a reply to the request")
        }
    }
}
