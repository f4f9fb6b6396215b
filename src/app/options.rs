//! Options that several programs have, each declared once.
#![allow(rustdoc::broken_intra_doc_links, reason = "help texts write addresses in brackets")]

use crate::cli::context::{Compat, Context, dialect_of};
use crate::cli::hosts::{Gathered, HostsArgs};
use crate::cli::seconds;
use crate::client::choice::{DaemonChoice, daemon};
use crate::client::diagnosis::Detail;
use crate::net::host::AddressFamily;
use clap::Args;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The range of the timeout for a host.
const HOST_TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);

/// The default time limit for all name lookups.
const NAME_TIMEOUT: Duration = Duration::from_secs(2);

/// `-4` and `-6`; the last one applies.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub struct FamilyArgs {
    /// Use IPv4 only
    #[arg(short = '4', long, overrides_with_all = ["ipv4", "ipv6"])]
    ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, overrides_with_all = ["ipv4", "ipv6"])]
    ipv6: bool,
}

impl FamilyArgs {
    /// The address family to use.
    pub fn chosen(self) -> AddressFamily {
        AddressFamily::chosen(self.ipv4, self.ipv6)
    }
}

/// `--compat`.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub struct CompatArgs {
    /// Reproduce this release of the classic program exactly: 4.2.8p15, or none
    #[arg(long, value_name = "RELEASE", value_parser = |text: &str| dialect_of(text.as_ref()).map(Compat::from))]
    pub compat: Option<Compat>,
}

/// `--daemon`.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct DaemonArgs {
    /// Query only this daemon: `ntpd`, `chronyd`, `ntpd-rs`, `timesyncd`, or `chronyd:PATH` or `ntpd-rs:PATH` for a
    /// socket elsewhere [default: the one that disciplines the clock]
    #[cfg_attr(
        not(feature = "ntpd-rs"),
        arg(
            help = "Query only this daemon: `ntpd`, `chronyd`, `timesyncd`, or `chronyd:PATH` for a socket elsewhere \
                    [default: the one that disciplines the clock]"
        )
    )]
    #[arg(long, value_name = "NAME", value_parser = daemon)]
    daemon: Option<DaemonChoice>,
}

impl DaemonArgs {
    /// The daemon to query.
    pub fn chosen(&self) -> DaemonChoice {
        self.daemon.clone().unwrap_or_default()
    }
}

/// `--explain`.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub struct ExplainArgs {
    /// Explain each failure: its possible reasons, each with the command that confirms or excludes it
    #[arg(long)]
    explain: bool,
}

impl ExplainArgs {
    /// Whether it was given.
    pub fn is_given(self) -> bool {
        self.explain
    }

    /// How much to say about a failure.
    pub fn detail(self) -> Detail {
        Detail::wanted(self.explain)
    }
}

/// `--name-timeout`.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct NameTimeoutArgs {
    /// Time limit for all name lookups, in seconds [default: 2]
    #[arg(long, value_name = "SECONDS", value_parser = |text: &str| seconds::parse(text, seconds::ANY))]
    name_timeout: Option<Duration>,
}

impl NameTimeoutArgs {
    /// The time limit for all name lookups.
    pub fn limit(self) -> Duration {
        self.name_timeout.unwrap_or(NAME_TIMEOUT)
    }
}

/// `--timeout` of programs that query many hosts.
#[derive(Args, Clone, Copy, Debug)]
#[group(skip)]
pub struct HostTimeoutArgs {
    /// Timeout per host, in seconds
    #[arg(short, long, value_name = "SECONDS", default_value = "5", value_parser = |text: &str| seconds::parse(text, HOST_TIMEOUT))]
    pub timeout: Duration,
}

/// The order of results.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(skip)]
pub struct OrderArgs {
    /// Print the results of each host as soon as they are complete, in any order of the hosts
    #[arg(long)]
    pub unordered: bool,
}

/// The hosts to query: operands, files, networks.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct TargetArgs {
    /// Hosts to query: NAME, ADDRESS, NAME:PORT, [ADDRESS]:PORT, or a NETWORK such as 192.0.2.0/24
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Other sources of hosts.
    #[command(flatten)]
    pub files: HostsArgs,
}

impl TargetArgs {
    /// Whether none is given, not even a file.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && !self.files.names_files()
    }

    /// The hosts, as [`HostsArgs::gather`] returns them.
    pub fn gather(&self, context: &mut Context, called: &str) -> Option<Gathered> {
        self.files.gather(context, called, &self.hosts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::applet::APPLETS;
    use crate::app::ntpkit;
    use clap::{Arg, Command, FromArgMatches as _};
    use std::collections::BTreeMap;

    /// The options that some programs declare in their own way, because the original does.
    const OWN: [(&str, &str); 11] = [
        ("check_ntp_peer", "compat"),
        ("check_ntp_peer", "ipv4"),
        ("check_ntp_peer", "ipv6"),
        ("check_ntp_time", "compat"),
        ("check_ntp_time", "ipv4"),
        ("check_ntp_time", "ipv6"),
        ("check-config", "daemon"),
        ("diag", "explain"),
        // With its letter.
        ("fleet", "jobs"),
        ("ntpq", "compat"),
        ("ntpkit", "compat"),
    ];

    /// The options that are declared once.
    const SHARED: [&str; 9] =
        ["ipv4", "ipv6", "compat", "daemon", "explain", "name_timeout", "hosts_from", "jobs", "output"];

    /// What a script sees of an option.
    fn shape(option: &Arg) -> String {
        format!(
            "{:?} {:?} {:?} {:?}",
            option.get_short(),
            option.get_long(),
            option.get_value_names(),
            option.get_default_values()
        )
    }

    #[test]
    fn programs_with_the_same_option_declare_it_alike() {
        let mut shapes: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        let tools = ntpkit::command(APPLETS);
        let commands: Vec<Command> = APPLETS.iter().map(|applet| (applet.command)()).collect();
        for command in commands.iter().chain(tools.get_subcommands()) {
            for option in command.get_arguments() {
                let (program, id) = (command.get_name(), option.get_id().as_str());
                if SHARED.contains(&id) && !OWN.contains(&(program, id)) {
                    let alike = shapes.entry(id.to_owned()).or_default();
                    alike.entry(shape(option)).or_default().push(program.to_owned());
                }
            }
        }
        assert_eq!(shapes.len(), SHARED.len());
        for (option, shapes) in shapes {
            assert_eq!(shapes.len(), 1, "{option}: {shapes:#?}");
            assert!(shapes.into_values().all(|programs| programs.len() > 1), "{option}");
        }
    }

    #[test]
    fn the_last_address_family_applies() {
        for (words, expected) in [
            (&["x"][..], AddressFamily::Any),
            (&["x", "-4"], AddressFamily::Ipv4),
            (&["x", "-4", "-6"], AddressFamily::Ipv6),
            (&["x", "-6", "--ipv4", "-4"], AddressFamily::Ipv4),
        ] {
            let matches = FamilyArgs::augment_args(Command::new("x")).get_matches_from(words);
            assert_eq!(FamilyArgs::from_arg_matches(&matches).unwrap().chosen(), expected, "{words:?}");
        }
    }
}
