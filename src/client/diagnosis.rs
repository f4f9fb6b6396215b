//! What the silence of a daemon means, as far as it can be known.

use crate::wire::packet::TimePacket;

/// What is known of a daemon that gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It answers time requests, with this stratum, but no queries.
    ServesTimeOnly(u8),
    /// It answers time requests with a kiss-o'-death of this code.
    Kiss([u8; 4]),
    /// Nothing ever came back.
    Nothing,
    /// Something came back, but no answer to what was asked.
    Garbage(u32),
}

impl Diagnosis {
    /// What an answer to a question for the time tells.
    pub fn of_time(packet: &TimePacket) -> Self {
        if packet.stratum == 0 && REFUSALS.contains(&&packet.reference_id) {
            Self::Kiss(packet.reference_id)
        } else {
            Self::ServesTimeOnly(packet.stratum)
        }
    }
}

/// The kiss codes by which a server refuses a client. With others, such as `INIT` and `STEP`, it only says
/// that it is not synchronised (RFC 5905 section 7.4).
const REFUSALS: [&[u8; 4]; 3] = [b"DENY", b"RSTR", b"RATE"];

/// What a time-out can mean, as far as it is known.
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
