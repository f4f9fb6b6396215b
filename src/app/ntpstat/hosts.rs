//! Several hosts: their sources and their results.

use super::args::{Format, NtpstatArgs};
use super::{CANNOT_TELL, USAGE, ask_one, classic, misuse, problem, question, structured};
use crate::app::common::watching;
use crate::cli::context::Context;
use crate::cli::exit::INTERRUPTED;
use crate::cli::hosts::Gathered;
use crate::cli::output::reason;
use crate::cli::watch;
use crate::client::health::{Why, ask_all};
use crate::client::why::why;
use crate::compat::Quirk;
use crate::model::health::{Health, Reader};
use crate::net::confine::Tcp;
use crate::net::many::Finish;
use std::ops::ControlFlow;

/// The hosts to query, none for this machine.
pub(super) struct Hosts(Gathered);

/// Collects the hosts of the command line and of the hosts files.
///
/// # Errors
/// The exit status if no host is left; the reason has been reported.
pub(super) fn gather(context: &mut Context, args: &NtpstatArgs) -> Result<Hosts, u8> {
    let called = context.called.to_string_lossy().into_owned();
    let mut misused = |reason: String| {
        context.output.message(misuse(&called, &reason));
        Err(USAGE)
    };
    if let (Some(extra), true) = (args.targets.hosts.get(1), context.dialect.keeps(Quirk::LENIENT_HEALTH)) {
        return misused(format!("unexpected argument '{extra}' found"));
    }
    let is_one = args.targets.hosts.len() <= 1 && !args.targets.files.names_files();
    if !is_one && (args.check || args.wait.is_some()) {
        let option = if args.check { "--check" } else { "--wait" };
        return misused(format!("{option} takes one host"));
    }
    if is_one {
        return Ok(Hosts(Gathered { names: args.targets.hosts.clone(), is_whole: true }));
    }
    args.targets.gather(context, &called).map(Hosts).ok_or(CANNOT_TELL)
}

impl Hosts {
    /// Gives up what the question does not need; without a host it is about this machine, where nothing is given up.
    pub(super) fn confine(&self, context: &Context, args: &NtpstatArgs) {
        if !self.0.names.is_empty() {
            args.daemon.chosen().confine(&context.output, Tcp::ToNameServers, &self.0.names);
        }
    }

    /// Queries them, once or repeatedly.
    pub(super) fn ask(self, context: &mut Context, args: &NtpstatArgs) -> u8 {
        let Some(interval) = args.watch else { return self.ask_once(context, args) };
        let (args, is_for_programs) = (args.clone(), args.format.chosen().is_for_programs());
        let run = move |context: &mut Context| self.ask_once(context, &args);
        watch::run(context, watching(interval, is_for_programs), Box::new(run))
    }

    fn ask_once(&self, context: &mut Context, args: &NtpstatArgs) -> u8 {
        match self.0.names.as_slice() {
            [] => ask_one(context, args, None),
            [host] if !args.targets.files.names_files() => ask_one(context, args, Some(host.clone())),
            hosts => self.ask_all(context, args, hosts),
        }
    }

    /// Queries all in parallel. The status is that of the worst.
    fn ask_all(&self, context: &mut Context, args: &NtpstatArgs, hosts: &[String]) -> u8 {
        let questions =
            hosts.iter().map(|host| question(args, context.dialect, Some(host.clone()))).collect();
        let limit = args.maximum_error.as_ref();
        let mut status = if self.0.is_whole { 0 } else { CANNOT_TELL };
        let mut known: Vec<(&str, Option<Health>)> = Vec::new();
        let output = &mut context.output;
        // OpenMetrics has no place for reasons.
        let why: Option<Why> = Some(why as Why).filter(|_| args.format.chosen() != Format::Openmetrics);
        let jobs = args.targets.files.jobs.chosen();
        let finish = ask_all(questions, why, jobs, &mut |at, answer| {
            let host = hosts.get(at).map_or("", String::as_str);
            let own = answer.as_ref().map_or(CANNOT_TELL, |(health, _)| classic::status(health, limit));
            status = status.max(own);
            match (&answer, args.format.chosen()) {
                (Ok((health, _)), Format::Plain | Format::Table | Format::Dot) => {
                    output.result(format!("{host}: {}", classic::lines(health, limit)));
                }
                (Ok((health, reason)), Format::Json) => {
                    output.result(structured::json(Some(host), health, reason.as_ref(), own == 0));
                }
                (Err(failure), Format::Json) => output.result(structured::failed_json(Some(host), failure)),
                (_, Format::Openmetrics) | (Err(_), Format::Plain | Format::Table | Format::Dot) => {}
            }
            output.flush();
            match &answer {
                Err(failure) => {
                    output.message(format!("ntpstat: {host}: {}", problem::message(failure, Reader::Strict)));
                }
                Ok((_, Some(reason))) if args.format.chosen() != Format::Json => {
                    output.message(format!("ntpstat: {host}: not synchronised: {}\n", reason.explain()));
                }
                Ok(_) => {}
            }
            if args.format.chosen() == Format::Openmetrics {
                known.push((host, answer.ok().map(|(health, _)| health)));
            }
            if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if args.format.chosen() == Format::Openmetrics {
            let known = known.iter().map(|(host, health)| (Some(*host), health.as_ref()));
            output.result(structured::openmetrics(known));
        }
        match finish {
            Ok(Finish::Interrupted) => INTERRUPTED,
            Ok(_) => status,
            Err(error) => {
                output.message(format!("ntpstat: {}\n", reason(&error)));
                CANNOT_TELL
            }
        }
    }
}
