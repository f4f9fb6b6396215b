//! `ntpkit chrony`: chronyd's reports, of one or many hosts.

mod args;
mod shown;

pub use args::ChronyArgs;

use crate::cli::context::Context;
use crate::cli::exit::{Ending, TOOL};
use crate::cli::hosts::Gathered;
use crate::cli::output::reason;
use crate::client::choice::DaemonChoice;
use crate::client::chronyd::{Inquiry, Lack, Outcome, Place, ReportJob};
use crate::net::confine::Tcp;
use crate::net::epoll::Epoll;
use crate::net::interrupt::Interrupt;
use crate::net::many::{Finish, Jobs, Limits, Names, run as run_all};
use crate::net::names::{DEFAULT_PATIENCE, NameService};
use shown::Shown;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Sockets of each conversation: one for each of a host's addresses, mostly two.
const SOCKETS: usize = 2;

/// Runs `ntpkit chrony`.
pub fn run(context: &mut Context, args: &ChronyArgs) -> Ending {
    let failed = Ending::Status(TOOL.failed);
    if let Err(misuse) = args.check() {
        context.output.message(format!("ntpkit chrony: {misuse}\n"));
        return Ending::Status(TOOL.usage);
    }
    args.output.begin(&mut context.output, args.format.chosen());
    let Some(hosts) = args.targets.gather(context, "ntpkit chrony") else { return failed };
    let Gathered { names, is_whole } = hosts.distinct();
    let mut places: Vec<Place> = names.into_iter().map(place).collect();
    if places.is_empty() {
        places.push(Place::Here);
    }
    if places.iter().filter(|place| matches!(place, Place::Socket(_))).count() > 1 {
        context.output.message("ntpkit chrony: only one Unix socket can be queried at a time\n");
        return Ending::Status(TOOL.usage);
    }
    let socket = places.iter().find_map(|place| match place {
        Place::Socket(path) => Some(path.clone()),
        _ => None,
    });
    DaemonChoice::Chronyd(socket).confine(&context.output, Tcp::ToNameServers, [""; 0]);
    let (outcomes, finish) = match ask(context, args.inquiry(), args.targets.files.jobs.chosen(), &places) {
        Ok(asked) => asked,
        Err(error) => {
            context.output.message(format!("ntpkit chrony: {}\n", reason(&error)));
            return failed;
        }
    };
    if finish == Finish::Stopped {
        // The reader is gone.
        return Ending::Status(0);
    }
    Shown::new(args, &outcomes).print(context);
    if finish == Finish::Interrupted {
        return Ending::Interrupted;
    }
    let is_whole = is_whole && outcomes.iter().all(|outcome| outcome.lack.is_none());
    if is_whole { Ending::Status(0) } else { failed }
}

fn place(name: String) -> Place {
    if name.starts_with('/') { Place::Socket(name.into()) } else { Place::Host(name) }
}

/// Asks all places at the same time. Those that an interrupt left without an outcome are among the results.
fn ask(
    context: &Context,
    inquiry: Inquiry,
    jobs: Jobs,
    places: &[Place],
) -> io::Result<(Vec<Outcome>, Finish)> {
    let interrupt = Interrupt::watch().ok();
    let mut network = Epoll::new(interrupt.as_ref())?;
    let service = Names::new(Arc::new(NameService::system(DEFAULT_PATIENCE)), network.waker()?);
    let limits = Limits { in_order: false, ..Limits::chosen(jobs, SOCKETS) };
    let reports = places.iter().map(|place| ReportJob::new(place.clone(), inquiry));
    let mut found: Vec<Option<Outcome>> = places.iter().map(|_| None).collect();
    let output = &context.output;
    let finish = run_all(network, service, limits, reports, &mut |at, outcome: Outcome| {
        if let Some(slot) = found.get_mut(at) {
            *slot = Some(outcome);
        }
        if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let unasked = |place: &Place| Outcome::lost(place.clone(), Lack::Interrupted);
    Ok((
        found.into_iter().zip(places).map(|(one, place)| one.unwrap_or_else(|| unasked(place))).collect(),
        finish,
    ))
}
