//! The possible reasons of a silence, each with the command that confirms or excludes it.

use super::{Diagnosis, UNSYNCHRONIZED};
use crate::net::host::{Host, NTP_PORT};
use crate::net::names::{NameError, ResolverError};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A cause and the next step, and what else is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The cause and the next step, in one line.
    pub line: String,
    /// The possible reasons, if they are wanted, each in one line.
    pub reasons: Vec<String>,
}

impl Explanation {
    /// The same, with something before the line.
    #[must_use]
    pub fn after(self, before: impl fmt::Display) -> Self {
        Self { line: format!("{before}{}", self.line), ..self }
    }
}

impl From<String> for Explanation {
    fn from(line: String) -> Self {
        Self { line, reasons: Vec::new() }
    }
}

/// Formats it as a line, with each reason on a line below.
impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line)?;
        self.reasons.iter().try_for_each(|reason| write!(formatter, "{BULLET}{reason}"))
    }
}

/// What precedes each reason below an explanation.
const BULLET: &str = "\n  - ";

/// How much an explanation says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The cause and the next step, in one line.
    #[default]
    Line,
    /// Also a line for each possible reason.
    Reasons,
}

impl Detail {
    /// Every reason if `--explain` was given.
    pub fn wanted(explain: bool) -> Self {
        if explain { Self::Reasons } else { Self::Line }
    }

    /// The reasons, if they are wanted.
    pub fn list(self, reasons: impl FnOnce() -> Vec<String>) -> Vec<String> {
        match self {
            Self::Line => Vec::new(),
            Self::Reasons => reasons(),
        }
    }

    /// The reasons below their line, each on its own; nothing if they are not wanted.
    pub fn below(self, reasons: impl FnOnce() -> Vec<String>) -> String {
        Explanation { line: String::new(), reasons: self.list(reasons) }.to_string()
    }
}

impl Diagnosis {
    /// The possible reasons, the most likely first. `address` is the one that was asked.
    pub fn reasons(self, address: Option<SocketAddr>) -> Vec<String> {
        let ip = address.map(|address| address.ip());
        let port = address.map_or(NTP_PORT, |address| address.port());
        let target = ip.map_or("HOST".to_owned(), |ip| ip.to_string());
        let there = if ip.is_some_and(|ip| ip.is_loopback()) { "" } else { "on that host: " };
        let listed = |reasons: &[(&str, &str)]| -> Vec<String> {
            let whole = |text: &str| {
                text.replace("THERE", there).replace("TARGET", &target).replace("PORT", &port.to_string())
            };
            reasons.iter().map(|(reason, command)| format!("{reason}: {}", whole(command))).collect()
        };
        match self {
            Self::ServesTimeOnly(0 | UNSYNCHRONIZED..) => {
                let mut reasons =
                    listed(&[("its daemon has just started, or has no usable source", "THEREntpkit diag")]);
                reasons.extend(listed(TIME_ONLY));
                reasons
            }
            Self::ServesTimeOnly(_) => listed(TIME_ONLY),
            Self::Kiss(code) if code == *b"RATE" => listed(&[
                (
                    "this client, or others behind the same address, ask too often",
                    "tcpdump -ni any udp port PORT and host TARGET",
                ),
                (
                    "what the server counts for this address, and its limits",
                    "THEREntpq -c 'mrulist resall=0x0'; grep discard /etc/ntp.conf",
                ),
            ]),
            Self::Kiss(_) => listed(&[
                ("a `restrict' line or an access list excludes this address", "THEREntpkit check-config"),
                ("requests leave this machine from another address than expected", "ip route get TARGET"),
            ]),
            Self::NotListening => listed(&[
                ("no time daemon runs", "THEREntpkit diag"),
                (
                    "it listens on other addresses, or on one address family only",
                    "THEREss -lunp 'sport = :PORT'",
                ),
                (
                    "chronyd without `allow', systemd-timesyncd and clients of other kinds serve no time",
                    "THEREntpkit check-config",
                ),
                ("a firewall rejects the port", "THEREnft list ruleset"),
            ]),
            Self::Unreachable(_) => listed(&[
                ("this machine has no route to it", "ip route get TARGET"),
                ("the interface is down, or has no address of that family", "ip -brief address"),
                (
                    "a router reports that the host is down, or that the way to it is closed",
                    "tracepath -n TARGET",
                ),
            ]),
            Self::Forbidden => listed(&[
                ("an output rule of the firewall rejects it", "nft list ruleset"),
                (
                    "the unit that runs this program may not reach that address",
                    "systemctl show -p IPAddressDeny -p RestrictAddressFamilies UNIT",
                ),
                ("a security policy forbids it", "ausearch -m avc -ts recent"),
            ]),
            Self::Local(_) => listed(&[
                ("a limit of this process", "ulimit -a"),
                ("a limit of this machine", "sysctl fs.file-nr; free -m"),
            ]),
            Self::Nothing => listed(&[
                ("the host is down, or the address is another's", "ping -c 3 TARGET"),
                ("a firewall of this machine drops it", "nft list ruleset"),
                (
                    "a firewall on the way or there drops it, if no request arrives",
                    "THEREtcpdump -ni any udp port PORT",
                ),
                (
                    "only packets from port 123 are dropped, or only those from other ports",
                    "ntpdate -q TARGET; ntpdate -q -u TARGET",
                ),
                (
                    "its ntp.conf has `restrict ... ignore', or `noserve' or `notrust' for this client",
                    "THEREntpkit check-config",
                ),
            ]),
            Self::Garbage(_) => listed(&[
                (
                    "the replies come from another address or port than was asked",
                    "tcpdump -vni any host TARGET and udp port PORT",
                ),
                ("another program listens on that port", "THEREss -lunp 'sport = :PORT'"),
            ]),
        }
    }
}

/// The reasons of a daemon that serves time and answers no queries.
const TIME_ONLY: &[(&str, &str)] = &[
    ("ntpd's `restrict ... noquery' applies to this client", "THEREntpkit check-config"),
    (
        "only one of ::1 and 127.0.0.1, or of IPv6 and IPv4, is permitted",
        "ntpq -4 -c rv HOST; ntpq -6 -c rv HOST",
    ),
    (
        "it is chronyd, which answers over its own protocol if `cmdallow' permits it",
        "ntpq --daemon chronyd TARGET",
    ),
    ("it can be queried on its own machine only, or is no daemon that can", "THEREntpkit diag"),
];

/// The possible reasons why a name has no address.
pub fn reasons_of_name(error: &NameError, name: &str) -> Vec<String> {
    let host: Option<Host> = name.parse().ok();
    let name = host.as_ref().map_or(name, Host::name);
    let reasons: &[(&str, &str)] = match error {
        // An address needs no name service.
        _ if name.is_empty() || name.parse::<IpAddr>().is_ok() => &[],
        NameError::Resolver(ResolverError::ADDRESS_FAMILY) => {
            &[("it has only addresses of the other family", "getent ahosts NAME")]
        }
        NameError::Resolver(error) if !error.is_of_the_service() => &[
            ("the name is misspelt", "getent ahosts NAME"),
            ("a domain of the search list is missing", "grep search /etc/resolv.conf"),
            ("the name is known in another source only", "grep ^hosts: /etc/nsswitch.conf"),
        ],
        NameError::TimedOut | NameError::Resolver(_) => &[
            ("the network is down", "ip route; ip -brief address"),
            ("no name server is configured, or a wrong one", "cat /etc/resolv.conf"),
            ("the name server does not answer", "resolvectl query NAME"),
        ],
    };
    reasons.iter().map(|(reason, command)| format!("{reason}: {}", command.replace("NAME", name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Diagnosis; 11] = [
        Diagnosis::ServesTimeOnly(2),
        Diagnosis::ServesTimeOnly(16),
        Diagnosis::Kiss(*b"RATE"),
        Diagnosis::Kiss(*b"DENY"),
        Diagnosis::NotListening,
        Diagnosis::Unreachable(113),
        Diagnosis::Forbidden,
        Diagnosis::Local(24),
        Diagnosis::Nothing,
        Diagnosis::Garbage(1),
        Diagnosis::Garbage(7),
    ];

    #[test]
    fn each_reason_has_a_command_for_the_machine_that_can_tell() {
        let (far, here) = ("192.0.2.1:123".parse().ok(), "127.0.0.1:123".parse().ok());
        for diagnosis in ALL {
            let reasons = diagnosis.reasons(far);
            assert!(reasons.len() > 1, "{diagnosis:?}");
            for reason in &reasons {
                let (_, command) = reason.split_once(": ").unwrap();
                assert!(!command.is_empty() && !reason.contains('\n'), "{reason}");
                assert!(!["THERE", "TARGET", "PORT"].iter().any(|word| reason.contains(word)), "{reason}");
            }
            assert!(!diagnosis.reasons(here).concat().contains("on that host"), "{diagnosis:?}");
        }
        assert!(
            Diagnosis::NotListening.reasons(far).concat().contains("on that host: ss -lunp 'sport = :123'")
        );
    }

    #[test]
    fn reasons_of_a_name_are_those_of_the_error() {
        let of = |error| reasons_of_name(&error, "time.example:123").join("\n");
        assert!(of(NameError::TimedOut).contains("resolvectl query time.example"));
        assert!(of(NameError::Resolver(ResolverError::AGAIN)).contains("the network is down"));
        assert!(
            of(NameError::Resolver(ResolverError::NO_NAME)).contains("misspelt: getent ahosts time.example")
        );
        assert!(of(NameError::Resolver(ResolverError::ADDRESS_FAMILY)).contains("other family"));
        for no_name in ["", "192.0.2.1", "::1", "[::1]:123"] {
            assert_eq!(reasons_of_name(&NameError::TimedOut, no_name), Vec::<String>::new());
        }
    }

    #[test]
    fn reasons_are_listed_below_the_line_only_if_they_are_wanted() {
        let reasons = || vec!["one: a".to_owned(), "two: b".to_owned()];
        assert_eq!(Detail::wanted(false).below(reasons), "");
        assert_eq!(Detail::wanted(true).below(reasons), "\n  - one: a\n  - two: b");
    }
}
