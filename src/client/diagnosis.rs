//! What a daemon's silence means, as far as it can be determined, and what to do about it: the same words in every applet.

mod reasons;

pub use reasons::{Detail, Explanation, reasons_of_name};

use crate::cli::output::reason;
use crate::net::host::{Host, NTP_PORT};
use crate::net::names::{NameError, ResolverError};
use crate::session::Silence;
use crate::session::look::Seen;
use crate::session::sntp::{Fault, Server};
use crate::wire::packet::TimePacket;
use nix::errno::Errno;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

/// The stratum of a server that is not synchronised; it sends this or 0 (RFC 5905 section 7.3).
const UNSYNCHRONIZED: u8 = 16;

/// What is known about a daemon that did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// It answers time requests, at this stratum, but no queries.
    ServesTimeOnly(u8),
    /// It answers time requests with a kiss-o'-death with this code.
    Kiss([u8; 4]),
    /// Its host reports that nothing listens on the port.
    NotListening,
    /// The request could not be delivered: the system's error number.
    Unreachable(i32),
    /// This machine does not let the request out.
    Forbidden,
    /// This machine refused a socket or another resource: the system's error number.
    Local(i32),
    /// Nothing was received.
    Nothing,
    /// This many datagrams were received, but no reply to the request.
    Garbage(u32),
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The daemon's state over mode 6 or 7, and then the time.
    Control,
    /// The same, and its state over chronyd's protocol.
    State,
    /// The time alone.
    Time,
}

impl Diagnosis {
    /// Derives a diagnosis from the reply to a time request.
    pub fn of_time(packet: &TimePacket) -> Self {
        let is_unsynchronized = packet.stratum == 0 || packet.stratum >= UNSYNCHRONIZED;
        if is_unsynchronized && REFUSALS.contains(&&packet.reference_id) {
            Self::Kiss(packet.reference_id)
        } else {
            Self::ServesTimeOnly(packet.stratum)
        }
    }

    /// Derives a diagnosis from a conversation that ended without an answer; `None` if there was no time to find out more.
    pub fn of_silence(silence: &Silence) -> Option<Self> {
        match (&silence.time, silence.unreachable) {
            (Some(packet), _) => Some(Self::of_time(packet)),
            _ if silence.unmatched > 0 => Some(Self::Garbage(silence.unmatched)),
            (None, Some(number)) => Some(Self::Unreachable(number)),
            (None, None) => silence.was_probed.then_some(Self::Nothing),
        }
    }

    /// Derives a diagnosis from a system error of sending or receiving, if it is about the network.
    pub fn of_error(error: &io::Error) -> Option<Self> {
        match error.kind() {
            ErrorKind::ConnectionRefused => Some(Self::NotListening),
            _ => match Errno::from_raw(error.raw_os_error()?) {
                Errno::EPERM => Some(Self::Forbidden),
                errno if ON_THE_WAY.contains(&errno) => Some(Self::Unreachable(errno as i32)),
                _ => None,
            },
        }
    }

    /// Derives a diagnosis from a server that was asked for the time and gave none.
    pub fn of_server(server: &Server) -> Self {
        match (&server.reply, server.fault) {
            (Some(reply), _) if server.wants_to_be_left_alone() => Self::Kiss(reply.reference_id),
            _ if server.rate_limited => Self::Kiss(*b"RATE"),
            _ if server.refused => Self::Kiss(*b"DENY"),
            (Some(reply), _) => Self::of_time(reply),
            (None, Some(fault)) => Self::of_fault(fault),
            (None, None) => Self::Nothing,
        }
    }

    /// Derives a diagnosis from a look that found out nothing about the daemon's state.
    pub fn of_seen(seen: &Seen) -> Self {
        let time = seen.time.as_ref();
        if let Some(server) = time.filter(|time| time.reply.is_some() || time.wants_to_be_left_alone()) {
            return Self::of_server(server);
        }
        match &seen.fault {
            _ if seen.heard > 0 => Self::Garbage(seen.heard),
            Some(error) => Self::of_error(error).unwrap_or(Self::Nothing),
            None => Self::Nothing,
        }
    }

    /// Derives a diagnosis from a time request that could not arrive.
    pub fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::Refused => Self::NotListening,
            Fault::Unreachable(number) if number == Errno::EPERM as i32 => Self::Forbidden,
            Fault::Unreachable(number) => Self::Unreachable(number),
            Fault::Local(number) => Self::Local(number),
        }
    }

    /// What two conversations with one daemon reveal together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Garbage(count), Self::Garbage(more)) => Self::Garbage(count.saturating_add(more)),
            (Self::Nothing, other)
            | (Self::Garbage(_), other @ (Self::ServesTimeOnly(_) | Self::Kiss(_))) => other,
            (this, _) => this,
        }
    }

    /// Describes the cause.
    pub fn cause(self, asked: Asked) -> String {
        match self {
            Self::ServesTimeOnly(stratum) => {
                let state = match stratum {
                    0 | UNSYNCHRONIZED.. => "it serves time but answers no queries, and is not synchronised",
                    _ => "it serves time but answers no queries",
                };
                let why = match asked {
                    Asked::Control => {
                        "ntpd's `restrict ... noquery' drops them; chrony and OpenNTPD do not speak this protocol (for \
                         chrony: ntpq --daemon chronyd)"
                    }
                    Asked::State | Asked::Time => {
                        "ntpd's `restrict ... noquery', chronyd without `cmdallow', or a daemon that can be queried only on \
                         its own machine"
                    }
                };
                format!("{state}: {why}")
            }
            Self::Kiss(code) => format!("it refuses this client (kiss-o'-death {})", letters(code)),
            Self::NotListening => "no NTP daemon listens on that port there".into(),
            Self::Unreachable(number) => {
                format!("it cannot be reached: {}", reason(&io::Error::from_raw_os_error(number)))
            }
            Self::Forbidden => "this machine does not let the request out: a firewall or a security policy".into(),
            Self::Local(number) => format!("this machine: {}", reason(&io::Error::from_raw_os_error(number))),
            Self::Nothing if asked == Asked::Time => {
                "no answer: a firewall blocks that UDP port, there is no such machine, or `restrict ignore', `noserve' or \
                 `notrust' in its ntp.conf"
                    .into()
            }
            Self::Nothing => {
                "no reply, not even to a time request: no NTP daemon, a firewall, or ntpd's `restrict ... ignore'"
                    .into()
            }
            Self::Garbage(1) => "a datagram was received, but it is not a reply to the request".into(),
            Self::Garbage(count) => {
                format!("{count} datagrams were received, but none of them is a reply to the request")
            }
        }
    }

    /// The next step, a command if possible, to find the reason or to remove it. `address` is the one that was asked.
    pub fn next_step(self, address: Option<SocketAddr>) -> String {
        let ip = address.map(|address| address.ip());
        let is_here = ip.is_some_and(|ip| ip.is_loopback());
        let port = address.map_or(NTP_PORT, |address| address.port());
        let there = if is_here { "" } else { "on that host: " };
        let target = ip.map_or("HOST".to_owned(), |ip| ip.to_string());
        match self {
            Self::ServesTimeOnly(_) | Self::Nothing if is_here => "ntpkit diag".into(),
            Self::ServesTimeOnly(_) => {
                "ntpkit diag on that host, or in its ntp.conf: restrict ADDRESS nomodify notrap".into()
            }
            Self::Kiss(code) if code == *b"RATE" => {
                format!("wait a few minutes, and ask less often: ntpdate -q -u {target}")
            }
            Self::Kiss(_) => "ask its operator, or use another server".into(),
            Self::NotListening => format!("{there}ss -lunp 'sport = :{port}'"),
            Self::Unreachable(_) => format!("ip route get {target}"),
            Self::Forbidden => "nft list ruleset".into(),
            Self::Local(_) => "ulimit -a".into(),
            Self::Nothing => format!("{there}tcpdump -ni any udp port {port}"),
            Self::Garbage(_) => format!("tcpdump -vni any host {target} and udp port {port}"),
        }
    }

    /// The cause and the next step in one line; below it the possible reasons, if they are wanted.
    pub fn explain(self, asked: Asked, address: Option<SocketAddr>, detail: Detail) -> String {
        self.explanation(asked, address, detail).to_string()
    }

    /// The cause, the next step and, if wanted, the possible reasons. `address` is the one that was asked.
    pub fn explanation(self, asked: Asked, address: Option<SocketAddr>, detail: Detail) -> Explanation {
        Explanation {
            line: format!("{}; next: {}", self.cause(asked), self.next_step(address)),
            reasons: detail.list(|| self.reasons(address)),
        }
    }
}

/// Whether a host is given by its name, rather than by its address.
pub fn is_name(host: &str) -> bool {
    host.parse().is_ok_and(|host: Host| host.name().parse::<IpAddr>().is_err())
}

/// A host with the address that was asked; only the host if that is its address.
pub fn with_address(host: &str, address: Option<SocketAddr>) -> String {
    match address.filter(|_| is_name(host)) {
        Some(address) => format!("{host} ({})", address.ip()),
        None => host.to_owned(),
    }
}

/// The code without its padding.
fn letters(code: [u8; 4]) -> String {
    String::from_utf8_lossy(&code).trim_end_matches('\0').to_owned()
}

/// The errors of the path to a server, rather than of this program.
const ON_THE_WAY: [Errno; 8] = [
    Errno::EHOSTUNREACH,
    Errno::ENETUNREACH,
    Errno::EHOSTDOWN,
    Errno::ENETDOWN,
    Errno::ENONET,
    Errno::EACCES,
    Errno::EADDRNOTAVAIL,
    Errno::EAFNOSUPPORT,
];

/// Returns why a name has no address, and the next step; below that the possible reasons, if they are wanted.
pub fn explain_name(error: &NameError, name: &str, detail: Detail) -> String {
    explanation_of_name(error, name, detail).to_string()
}

/// Why a name has no address, and the possible reasons, if they are wanted.
pub fn explanation_of_name(error: &NameError, name: &str, detail: Detail) -> Explanation {
    let reasons = detail.list(|| reasons_of_name(error, name));
    Explanation { line: explain_name_in_line(*error, name), reasons }
}

fn explain_name_in_line(error: NameError, name: &str) -> String {
    let cause = match error {
        NameError::TimedOut => NO_NAME_SERVER,
        NameError::Resolver(error) if error.is_of_the_service() => NO_NAME_SERVER,
        // The cause is the next step as well.
        NameError::Resolver(ResolverError::ADDRESS_FAMILY) => return WRONG_FAMILY.to_owned(),
        NameError::Resolver(_) => UNKNOWN_NAME,
    };
    let host: Option<Host> = name.parse().ok();
    if name.is_empty() {
        return "no host is named".to_owned();
    }
    format!("{cause} next: getent ahosts {}", host.as_ref().map_or(name, Host::name))
}

/// No name server answered.
pub const NO_NAME_SERVER: &str = "no name server answered: is the network up, and does /etc/resolv.conf name a name server that \
                                  answers? Addresses need none.";
/// The name does not exist.
pub const UNKNOWN_NAME: &str = "the name service does not know it; check the spelling.";
/// It has only addresses of the other family.
pub const WRONG_FAMILY: &str = "it has no address of the family selected by -4 or -6.";

/// The kiss codes by which a server refuses a client. Other codes, such as `INIT` and `STEP`, only mean that it is not
/// synchronised (RFC 5905 section 7.4).
const REFUSALS: [&[u8; 4]; 3] = [b"DENY", b"RSTR", b"RATE"];

#[cfg(test)]
mod tests;
