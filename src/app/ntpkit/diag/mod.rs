//! `ntpkit diag`: finds out what is wrong with the time on this machine or other hosts, and how to fix it.

mod ask;
mod checks;
mod facts;
mod here;
mod shown;

use crate::app::options::FamilyArgs;
use crate::cli::context::Context;
use crate::cli::format::{Format, FormatArgs, OfFindings};
use crate::cli::hosts::{Gathered, HostsArgs};
use crate::cli::plugin::{Misuse, State};
use crate::cli::seconds;
use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::{Detail, explain_name};
use crate::net::beside::{both, map};
use crate::net::confine::Tcp;
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::many::{Jobs, Limits};
use crate::net::names::NameService;
use checks::{CHECKS, Check, Verdict};
use facts::{Facts, Silence, SilenceKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The range of the query timeout.
const PATIENCE: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(60);

/// The default number of hosts examined at once.
const AT_ONCE: usize = 64;
/// The descriptors of each: the sockets of two conversations, and their epoll instances.
const DESCRIPTORS: usize = 6;

/// The options of `ntpkit diag`.
#[derive(Clone, Debug, clap::Args)]
pub struct DiagArgs {
    /// Hosts to examine from outside: NAME, NAME:PORT, ADDRESS, or a NETWORK such as 192.0.2.0/28 [default: this machine]
    #[arg(value_name = "HOST")]
    pub hosts: Vec<String>,
    /// Other sources of hosts.
    #[command(flatten)]
    pub more_hosts: HostsArgs,
    /// The address family.
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Timeout for each query, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = |text: &str| seconds::parse(text, PATIENCE))]
    pub timeout: Duration,
    /// Explain a check, or all of them with `all`, without examining anything
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["hosts", "hosts_from"])]
    pub explain: Option<String>,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFindings>,
}

/// A host with its verdicts.
pub struct Examined {
    /// Its name; `None` for this machine.
    pub host: Option<String>,
    /// The checks that applied.
    pub verdicts: Vec<(&'static Check, Verdict)>,
}

impl Examined {
    /// The worst state.
    fn state(&self) -> State {
        self.verdicts.iter().map(|(_, verdict)| verdict.state).fold(State::Ok, State::or_worse)
    }
}

/// Runs `ntpkit diag` and returns its exit status: 0 if all is well, 1 for warnings, 2 for failures, 3 if something
/// cannot be determined.
pub fn run(context: &mut Context, args: &DiagArgs) -> u8 {
    if let Some(name) = &args.explain {
        return match explained(name) {
            Ok(text) => {
                context.output.result(text);
                0
            }
            Err(Misuse(text)) => {
                context.output.message(format!("ntpkit: {text}\n"));
                State::Unknown as u8
            }
        };
    }
    let Some(gathered) = args.more_hosts.gather(context, "ntpkit diag", &args.hosts) else {
        return State::Unknown as u8;
    };
    let Gathered { names, is_whole } = gathered.distinct();
    if !names.is_empty() {
        DaemonChoice::Auto.confine(&context.output, Tcp::ToNameServers, &names);
    }
    let examined: Vec<Examined> = if names.is_empty() && is_whole {
        vec![examine(None, &this_machine(args))]
    } else {
        map(&names, threads(args.more_hosts.jobs.chosen()), |host| {
            examine(Some(host.clone()), &elsewhere(host, args))
        })
    };
    context.output.result(match args.format.chosen() {
        Format::Json => shown::json(&examined),
        _ => shown::text(&examined),
    });
    let initial = if is_whole { State::Ok } else { State::Unknown };
    examined.iter().map(Examined::state).fold(initial, State::or_worse) as u8
}

/// The number of hosts to examine at once, each on a thread: limited by descriptors.
fn threads(jobs: Jobs) -> usize {
    let most = jobs.maximum().unwrap_or(AT_ONCE);
    Limits::chosen(Jobs::AtMost(most), DESCRIPTORS).conversations
}

fn explained(name: &str) -> Result<String, Misuse> {
    if name == "all" {
        return Ok(CHECKS.iter().map(shown::explanation).collect::<Vec<_>>().join("\n"));
    }
    let check = CHECKS.iter().find(|check| check.name == name);
    check.map(shown::explanation).ok_or_else(|| {
        let names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
        Misuse(format!("no such check: {name}; the checks are {}", names.join(", ")))
    })
}

fn examine(host: Option<String>, facts: &Facts) -> Examined {
    let verdicts = CHECKS.iter().filter_map(|check| Some((check, (check.judge)(facts)?))).collect();
    Examined { host, verdicts }
}

/// All facts about this machine.
fn this_machine(args: &DiagArgs) -> Facts {
    let own = |ip: IpAddr| SocketAddr::new(ip, NTP_PORT);
    let (four, six) = (own(Ipv4Addr::LOCALHOST.into()), own(Ipv6Addr::LOCALHOST.into()));
    let addresses = match args.family.chosen() {
        AddressFamily::Ipv4 => vec![four],
        AddressFamily::Ipv6 => vec![six],
        AddressFamily::Any => vec![four, six],
    };
    // The names in the configuration are looked up while the daemon is queried.
    let (here, daemon) =
        both(|| here::look(args.timeout), || ask::daemon("localhost", &addresses, args.timeout, true));
    let mut facts = of_daemon(daemon, args);
    facts.here = Some(here.unwrap_or_default());
    facts
}

fn of_daemon(daemon: Result<facts::Daemon, Silence>, args: &DiagArgs) -> Facts {
    match daemon {
        Ok(mut daemon) => {
            ask::probe(&mut daemon, args.timeout, args.more_hosts.jobs.chosen());
            Facts { daemon: Some(daemon), ..Facts::default() }
        }
        Err(silence) => Facts { silence: Some(silence), ..Facts::default() },
    }
}

/// What can be observed of another host.
fn elsewhere(name: &str, args: &DiagArgs) -> Facts {
    let family = args.family.chosen();
    let silent = |seen: String, next| Facts {
        silence: Some(Silence { seen, kind: SilenceKind::NoAddress, next, ..Silence::default() }),
        ..Facts::default()
    };
    let host: Host = match name.parse() {
        Ok(host) => host,
        Err(error) => return silent(error.to_string(), None),
    };
    let found = match NameService::system(args.timeout).forward(&host, family) {
        Ok(found) => found,
        Err(error) => {
            return silent(error.to_string(), Some(explain_name(&error, host.name(), Detail::Line)));
        }
    };
    // One address that replies is enough; a host with many addresses is not flooded.
    let addresses: Vec<SocketAddr> = found.addresses.into_iter().take(2).collect();
    // Measuring its clock also shows whether it serves time, so a rate-limiting host is not asked twice.
    let (clock, daemon) = both(
        || addresses.first().map(|&address| ask::measure(address, args.timeout)),
        || ask::daemon(&found.name, &addresses, args.timeout, false),
    );
    let clock = clock.flatten();
    let daemon = daemon.map(|daemon| Facts { daemon: Some(daemon), ..Facts::default() });
    let diagnosis = clock.as_ref().and_then(|clock| clock.diagnosis);
    let facts = daemon.unwrap_or_else(|silence| Facts {
        silence: Some(silence.explained_by(diagnosis, addresses.first().copied())),
        ..Facts::default()
    });
    Facts { clock, ..facts }
}
