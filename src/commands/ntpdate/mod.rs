//! `ntpdate`: asks servers for the time, once, and sets the clock by the best answer.

mod args;
mod ask;
mod channel;
pub mod debian;
mod explain;
mod keys;
mod privileges;
mod servers;
mod set;
mod structured;
mod text;
mod verdict;

use crate::clock::Stopwatch;
use crate::clock::kernel::SystemClock;
use crate::clock::setting::SettableClock;
use crate::context::Context;
use crate::exit;
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::net::time_link::TimeLink;
use args::{Format, NtpdateArgs};
use ask::Authentication;
use channel::Channel;
use clap::Args;
use jiff::tz::TimeZone;
use std::path::Path;
use verdict::Verdict;

/// The status of a run that gave no time.
const FAILED: u8 = 1;
/// The status of wrong usage.
const USAGE: u8 = 2;
/// What the classic dialect says of itself.
const CLASSIC_BANNER: &str = "ntpdate 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)";

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtpdateArgs::augment_args(clap::Command::new("ntpdate"))
        .about("Set the clock once from NTP servers")
        .override_usage("ntpdate [OPTIONS] SERVER...")
}

/// Runs `ntpdate` and gives its exit status.
pub fn run(context: &mut Context) -> u8 {
    let status = run_on(context, &SystemClock);
    exit::conclude(&mut context.output, "ntpdate", status)
}

fn run_on(context: &mut Context, clock: &dyn SettableClock) -> u8 {
    let stopwatch = Stopwatch::start();
    let called = context.called.to_string_lossy().into_owned();
    let mut args = match NtpdateArgs::parse(&called, &context.arguments, context.dialect) {
        Ok(args) => args,
        Err(complaints) => return misused(context, &called, &complaints),
    };
    if let Some(dialect) = args.compat {
        context.dialect = dialect;
    }
    if args.help {
        context.output.result(command().render_help().to_string());
        return 0;
    }
    if args.version {
        context.output.result(super::version::version_line("ntpdate"));
        return 0;
    }
    if context.arguments.is_empty() {
        return misused(context, &called, "");
    }
    let name =
        Path::new(&called).file_name().map_or(called.clone(), |name| name.to_string_lossy().into_owned());
    let to_terminal = !args.syslog || args.debug > 0;
    let channel = Channel::open(&name, args.syslog, to_terminal, args.is_classic_form());
    let mut names: Vec<String> =
        args.servers.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if let Some(path) = args.step_tickers.take() {
        match debian::step_tickers(&path) {
            Ok(more) => names.extend(more),
            Err(text) => {
                channel.error(&mut context.output, &text);
                return FAILED;
            }
        }
    }
    if args.verbose || args.debug > 0 {
        let banner = if context.dialect.is_classic() {
            CLASSIC_BANNER.to_owned()
        } else {
            super::version::version_line("ntpdate").trim_end().to_owned()
        };
        channel.notice(&mut context.output, &banner);
    }
    let mut tries = args.retry;
    let mut opened = None;
    loop {
        let status = attempt(context, &args, clock, &names, &channel, &stopwatch, &mut opened);
        let time_left = servers::left(&args, &stopwatch).is_none_or(|left| left > args.wait);
        if status == 0 || tries == 0 || !time_left {
            return status;
        }
        tries -= 1;
        context.output.flush();
        std::thread::sleep(args.wait);
    }
}

/// What a run keeps for its further tries: once privileges are given up it could not have it again.
struct Opened {
    authentication: Authentication,
    link: TimeLink,
}

/// One whole run: names, keys, socket, questions, choice, clock.
fn attempt(
    context: &mut Context,
    args: &NtpdateArgs,
    clock: &dyn SettableClock,
    names: &[String],
    channel: &Channel,
    stopwatch: &Stopwatch,
    opened: &mut Option<Opened>,
) -> u8 {
    let left = || servers::left(args, stopwatch);
    let Some(addresses) = servers::resolve(context, args, names, channel, left()) else { return FAILED };
    if opened.is_none() {
        *opened = open(context, args, channel);
    }
    let Some(Opened { authentication, link }) = opened else { return FAILED };
    if !args.only_looks() {
        clock.hurry();
    }
    let servers = ask::ask(context, args, link, &addresses, authentication, channel, left());
    let slots = args.sample_count();
    let verdict = verdict::judge(servers, slots, context.dialect);
    tell(context, args, clock, &verdict, slots);
    conclude(context, args, clock, channel, &verdict)
}

/// The key, the sockets, and then no more privileges than are needed; none if the run ends here.
fn open(context: &mut Context, args: &NtpdateArgs, channel: &Channel) -> Option<Opened> {
    let authentication = authentication(context, args, channel)?;
    let port = if args.only_looks() || args.unprivileged { 0 } else { NTP_PORT };
    let family = args.family();
    let link = TimeLink::open(family != AddressFamily::Ipv6, family != AddressFamily::Ipv4, port)
        .map_err(|error| error.to_string());
    let link = link.and_then(|link| args.user.as_deref().map_or(Ok(()), privileges::drop_to).map(|()| link));
    match link {
        Ok(link) => Some(Opened { authentication, link }),
        Err(text) => {
            channel.error(&mut context.output, &text);
            None
        }
    }
}

/// The trace's second half, or the lines of a query.
fn tell(
    context: &mut Context,
    args: &NtpdateArgs,
    clock: &dyn SettableClock,
    verdict: &Verdict,
    slots: usize,
) {
    // 4.2.6 showed silent servers too.
    let silent_too = !context.dialect.is_classic();
    let shown = || verdict.servers.iter().filter(|server| silent_too || server.answered());
    if !args.is_classic_form() {
        return;
    }
    if args.debug > 0 {
        for server in &verdict.servers {
            if let Some(reason) = server.unfit {
                context.output.result(format!("{}: Server dropped: {reason}\n", server.name()));
            }
        }
        context.output.result("\n");
        let zone = TimeZone::system();
        for server in shown() {
            context.output.result(text::block(server, slots, clock.now(), &zone, context.dialect));
        }
    } else if args.query {
        for server in shown() {
            context.output.result(text::line(server, context.dialect));
        }
    } else if verdict.no_majority {
        for server in shown() {
            context.output.message(text::line(server, context.dialect));
        }
    }
}

/// Sets the clock by the chosen server, and tells the whole run where that is wanted.
fn conclude(
    context: &mut Context,
    args: &NtpdateArgs,
    clock: &dyn SettableClock,
    channel: &Channel,
    verdict: &Verdict,
) -> u8 {
    let (status, action, outcome) = match verdict.chosen() {
        Some(server) => {
            let filtered = server.candidate.filtered;
            let action = set::action(args, &filtered);
            match set::set(context, args, clock, channel, &server.name(), &filtered) {
                Ok(outcome) => (0, Some(action), Some(outcome)),
                Err(status) => (status, Some(action), None),
            }
        }
        None => {
            if verdict.no_majority {
                channel.error(&mut context.output, "no majority of the servers agrees about the time");
            }
            channel.error(&mut context.output, "no server suitable for synchronization found");
            (FAILED, None, None)
        }
    };
    let on_terminal = context.terminals.error && !args.syslog && !context.dialect.is_classic();
    if verdict.chosen.is_none() && (args.explain || on_terminal) {
        context.output.message(explain::explanation(verdict));
    }
    let run = structured::Run { verdict, action, outcome: outcome.as_ref(), dry: args.only_looks(), status };
    match args.format {
        Format::Classic => {}
        Format::Json => context.output.result(structured::json(&run)),
        Format::Openmetrics => context.output.result(structured::openmetrics(&run)),
    }
    status
}

/// The key to ask with; none if the run ends here.
fn authentication(context: &mut Context, args: &NtpdateArgs, channel: &Channel) -> Option<Authentication> {
    let Some(id) = args.key_id() else { return Some(Authentication::default()) };
    let reading = keys::read(&args.key_file);
    let path = args.key_file.display();
    if context.dialect.is_classic() && args.debug > 0 {
        for _ in 0..reading.cmac_rows {
            context.output.message("ssl_init.c:123:keytype_from_text():AES128CMAC:key\n");
        }
    }
    for message in &reading.messages {
        channel.error(&mut context.output, message);
    }
    if reading.rejected {
        channel.error(&mut context.output, &format!("no key file <{path}>, exiting"));
        return None;
    }
    if reading.exposed && !context.dialect.is_classic() {
        context.output.message(format!("ntpdate: warning: others may read or write the key file {path}\n"));
    }
    let key = u32::try_from(id).ok().and_then(|id| reading.keys.get(&id)).cloned();
    // The original goes on without authentication if the file lacks the key.
    if id == 0 || (key.is_none() && !context.dialect.is_classic()) {
        channel.error(&mut context.output, &format!("authentication key {id} unknown"));
        return None;
    }
    Some(Authentication { wanted: true, key_id: id, key })
}

fn misused(context: &mut Context, called: &str, complaints: &str) -> u8 {
    context.output.message(format!(
        "{complaints}usage: {called} [-46bBdqsuv] [-a key#] [-e delay] [-k file] [-p samples] [-o version#] \
         [-t timeo] server ...\n"
    ));
    USAGE
}

#[cfg(test)]
mod tests;
