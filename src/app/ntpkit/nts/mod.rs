//! `ntpkit nts`: examines a server's Network Time Security layer by layer.

mod args;
mod check;
mod examine;
mod layers;
mod lengths;
mod structured;
mod text;

pub use args::NtsArgs;

use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::format::Format;
use crate::cli::hosts::Gathered;
use crate::cli::output::reason;
use crate::cli::plugin::State;
use crate::client::admission::Admission;
use crate::client::choice::DaemonChoice;
#[cfg(feature = "exporter")]
use crate::client::nts::Failure;
use crate::client::nts::{Obtained, Plan};
use crate::clock;
use crate::net::confine::Tcp;
use crate::net::host::Host;
use crate::net::key_exchange::{RootsFrom, roots};
use crate::net::probe::Asked;
#[cfg(feature = "exporter")]
use crate::render::openmetrics::exposition::Exposition;
#[cfg(feature = "exporter")]
use crate::session::nts::Layer;
use crate::session::nts::Terms;
use examine::examine;
use layers::{DaysLeft, Layers, Verdict};
use lengths::Lengths;
#[cfg(feature = "exporter")]
use std::io;
#[cfg(feature = "exporter")]
use std::net::IpAddr;
use std::time::Duration;

/// Attempts before a request counts as unanswered.
const TRIES: usize = 3;
/// The timeout for a reply; servers that limit their rate reply at most every two seconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// The status if a layer failed.
const FAILED: u8 = exit::TOOL.failed;
/// The status for a usage error.
const USAGE: u8 = exit::TOOL.usage;
/// The status of a plugin if the state cannot be determined.
const UNKNOWN: u8 = State::Unknown as u8;

/// The results for one host.
pub struct Examined {
    /// The key exchange.
    pub obtained: Obtained,
    /// The exchange of NTP packets; `None` if there were no keys.
    pub asked: Option<Asked>,
    /// Whether a plain request is answered; checked only if an authenticated one is not.
    pub plain: Option<Asked>,
    /// Which request lengths get through.
    pub lengths: Option<Lengths>,
}

/// Runs `ntpkit nts` and returns its exit status.
pub fn run(context: &mut Context, args: &NtsArgs) -> u8 {
    args.output.begin(&mut context.output, args.format.chosen());
    let problem = |context: &mut Context, text: &str| {
        context.output.message(format!("ntpkit nts: {text}\n"));
        if args.check { UNKNOWN } else { USAGE }
    };
    let Some(gathered) = args.more_hosts.gather(context, "ntpkit nts", &args.hosts) else {
        return if args.check { UNKNOWN } else { USAGE };
    };
    let Gathered { names, is_whole } = gathered.distinct();
    let mut hosts = Vec::new();
    for name in &names {
        match name.parse::<Host>() {
            Ok(host) => hosts.push(host),
            Err(error) => return problem(context, &format!("{name}: {error}")),
        }
    }
    let (store, from) = match roots(args.ca.as_deref()) {
        Ok(roots) => roots,
        Err(error) => {
            let file = args.ca.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
            return problem(context, &format!("{file}{error}"));
        }
    };
    if from == RootsFrom::BuiltIn {
        context
            .output
            .message("ntpkit nts: this system has no certificate authorities: using the built-in ones\n");
    }
    DaemonChoice::Auto.confine(&context.output, Tcp::Anywhere, [""; 0]);
    let now = clock::now().as_second();
    let mut terms = Terms::new(store, now);
    if let Some(algorithm) = args.aead {
        terms.algorithms = vec![algorithm.into()];
    }
    terms.disbelieve_clock = args.nts_trust_time;
    if args.nts_trust_time {
        context.output.message(
            "ntpkit nts: warning: --nts-trust-time: this machine's clock is not trusted, and certificates that are valid at another \
             time are\n",
        );
    }
    let plan = Plan {
        family: args.family(),
        admission: Admission::all(),
        key_exchange_port: args.ke_port,
        ntp_port: args.port,
        name_patience: Duration::from_secs(args.timeout),
        patience: Duration::from_secs(args.timeout),
        jobs: args.more_hosts.jobs.chosen(),
        terms,
    };
    let mut examined = match examine(&hosts, &plan) {
        Ok(examined) => examined,
        Err(error) => return problem(context, &reason(&error)),
    };
    if args.lengths {
        for host in &mut examined {
            host.lengths = lengths::measure(host);
        }
    }
    let days = DaysLeft { warning: args.warning, failure: args.check.then_some(args.critical) };
    let layers: Vec<Layers> = examined.iter().map(|host| Layers::of(host, &plan.terms, now, days)).collect();
    if args.check {
        let (state, line) = check::line(&layers, args);
        context.output.result(line);
        // What is critical outranks hosts that are unknown.
        return if is_whole || state >= State::Critical as u8 { state } else { UNKNOWN };
    }
    context.output.result(match args.format.chosen() {
        Format::Plain | Format::Table | Format::Dot => text::all(&layers),
        Format::Json => structured::json(&layers, &plan.terms, now),
        Format::Openmetrics => structured::openmetrics(&layers),
    });
    u8::from(!is_whole || layers.iter().any(|host| host.verdict() == Verdict::Fail)) * FAILED
}

/// Why a host was not examined for an exporter.
#[cfg(feature = "exporter")]
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Its addresses, of which this is the first, may not be asked.
    #[error("{0} may not be asked")]
    Forbidden(IpAddr),
    /// The system gives no socket.
    #[error(transparent)]
    Socket(#[from] io::Error),
}

/// Examines one host for an exporter: adds its samples, and gives the word for the first layer that failed.
///
/// # Errors
/// [`ProbeError`].
#[cfg(feature = "exporter")]
pub fn probe(
    exposition: &mut Exposition,
    host: &Host,
    plan: &Plan,
) -> Result<Option<&'static str>, ProbeError> {
    let examined = examine(std::slice::from_ref(host), plan)?;
    let outcome = examined.first().map(|host| &host.obtained.outcome);
    if let Some(Err(Failure::Forbidden(address, Layer::Name))) = outcome {
        return Err(ProbeError::Forbidden(*address));
    }
    let days = DaysLeft { warning: 0, failure: None };
    let layers: Vec<Layers> =
        examined.iter().map(|host| Layers::of(host, &plan.terms, plan.terms.now, days)).collect();
    structured::add(exposition, &layers);
    Ok(layers.first().and_then(Layers::failed).map(|step| step.layer.word()))
}
