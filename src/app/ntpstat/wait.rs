//! Waiting until the clock is synchronised: `ntpstat --wait`, and the applet `ntp-wait`.

use super::args::NtpWaitArgs;
use super::problem::{findings, summary};
use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::pager;
use crate::client::choice::DaemonChoice;
use crate::client::health::{Failure, Question, ask};
use crate::client::why::why;
use crate::clock::Stopwatch;
use crate::compat::Quirk;
use crate::model::health::{Health, Reader};
use crate::net::confine::Tcp;
use crate::net::host::AddressFamily;
use clap::{Args, FromArgMatches};
use std::ffi::OsString;
use std::time::Duration;

/// The polling interval of `--wait`.
const INTERVAL: Duration = Duration::from_secs(1);
/// The interval of reports that it is still waiting, if nothing has changed.
const REMINDER: Duration = Duration::from_secs(30);
/// The timeout of `ntp-wait` for one answer.
const ANSWER: Duration = Duration::from_secs(1);
/// The signs of its progress indicator.
const SIGNS: [&str; 4] = ["*", "+", ":", "."];
const USAGE: u8 = exit::NTP_WAIT.usage;

/// Waits until a daemon reports that its clock is synchronised, but at most this long. Reports progress, and returns
/// the last answer.
///
/// # Errors
/// The last poll failed.
pub fn until_synchronized(
    context: &mut Context,
    question: &Question,
    limit: Duration,
) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let mut said: Option<(Waiting, Duration)> = None;
    loop {
        let answer = ask(question);
        let state = match &answer {
            Ok(health) if health.is_synchronized => return answer,
            Ok(health) => Waiting::of(question, health),
            Err(failure) => Waiting::plain(summary(failure)),
        };
        let elapsed = clock.elapsed();
        let is_news = said
            .as_ref()
            .is_none_or(|(known, at)| known.key != state.key || elapsed.saturating_sub(*at) >= REMINDER);
        if is_news {
            context.output.message(format!(
                "ntpstat: waiting since {} s: {}\n",
                elapsed.as_secs(),
                state.text
            ));
            said = Some((state, elapsed));
        }
        let left = limit.saturating_sub(clock.elapsed());
        if left.is_zero() {
            return answer;
        }
        std::thread::sleep(left.min(INTERVAL));
    }
}

/// What is waited for: in words, and as a key that stays the same while only numbers change.
#[derive(Default)]
struct Waiting {
    key: String,
    text: String,
}

impl Waiting {
    fn plain(text: String) -> Self {
        Self { key: text.clone(), text }
    }

    /// Why this daemon is not synchronised.
    fn of(question: &Question, health: &Health) -> Self {
        let state = if health.is_restarting { "has just started" } else { "is unsynchronised" };
        let state = format!("{} {state}", health.daemon);
        match why(question, health) {
            Some(reason) => Self {
                key: format!("{state}: {}", reason.kind()),
                text: format!("{state}: {}", reason.explain()),
            },
            None => Self::plain(state),
        }
    }
}

/// The options of `ntp-wait`, for the parser, the manual page and the completions.
pub fn wait_command() -> clap::Command {
    NtpWaitArgs::augment_args(clap::Command::new("ntp-wait"))
        .about("Wait until the clock is synchronised")
        .override_usage("ntp-wait [OPTIONS] [HOST]")
}

/// Runs `ntp-wait` and returns its exit status: 0 when the clock is synchronised, 1 when it is not in time, 2 for a
/// usage error.
pub fn run(context: &mut Context) -> u8 {
    let words = std::iter::once(OsString::from("ntp-wait")).chain(context.arguments.iter().cloned());
    let parsed = wait_command()
        .try_get_matches_from(words)
        .and_then(|matches| NtpWaitArgs::from_arg_matches(&matches));
    let status = match parsed {
        Ok(args) if args.help => {
            context.output.result(wait_command().render_help().to_string());
            0
        }
        Ok(args) if args.more_help => {
            pager::page(&mut context.output, &wait_command().render_help().to_string());
            0
        }
        Ok(args) if args.version => {
            context.output.result(crate::cli::version::version_line("ntp-wait"));
            0
        }
        Ok(args) => wait(context, &args),
        Err(error) => {
            let line = error.to_string();
            let line = line.lines().next().unwrap_or("").trim_start_matches("error: ");
            let called = context.called.to_string_lossy().into_owned();
            context
                .output
                .message(format!("{called}: {line}\nUsage: {called} [-n TRIES] [-s SECONDS] [-v] [HOST]\n"));
            USAGE
        }
    };
    super::finish(context, "ntp-wait", status, exit::NTP_WAIT.unwritten)
}

fn wait(context: &mut Context, args: &NtpWaitArgs) -> u8 {
    if let Some(host) = &args.host {
        args.daemon.chosen().confine(&context.output, Tcp::ToNameServers, [host]);
    }
    let is_brief = context.dialect.keeps(Quirk::WAIT_ENDS_WITHOUT_DAEMON);
    let question = Question {
        daemon: match &args.daemon.chosen() {
            DaemonChoice::Auto if is_brief => DaemonChoice::Ntpd,
            daemon => daemon.clone(),
        },
        host: args.host.clone(),
        family: AddressFamily::Any,
        timeout: ANSWER,
        detail: args.explain.detail(),
        reader: Reader::Strict,
    };
    let show = |context: &mut Context, text: &str| {
        if args.verbose {
            context.output.result(text);
            context.output.flush();
        }
    };
    show(context, "Waiting for ntpd to synchronize...  ");
    let (mut state, mut reasons) = (Waiting::default(), Vec::new());
    for attempt in 1..=args.tries {
        let answer = ask(&question);
        reasons = answer.as_ref().err().map(findings).unwrap_or_default();
        let now = match answer {
            Ok(health) if health.is_synchronized => {
                show(context, "\u{8}OK!\n");
                return 0;
            }
            Err(_) if is_brief => {
                context.output.result("\u{8}Leap status not available\n");
                return 1;
            }
            Ok(health) if is_brief => Waiting::plain(format!("{} is unsynchronised", health.daemon)),
            Ok(health) => Waiting::of(&question, &health),
            Err(failure) => Waiting::plain(format!("no daemon answers: {}", summary(&failure))),
        };
        // A missing daemon does not end the wait, since it may start later during boot, but it is reported.
        if now.key != state.key && !args.verbose && !is_brief {
            context.output.message(format!("ntp-wait: waiting: {}\n", now.text));
        }
        state = now;
        let sign = SIGNS.get(usize::try_from(attempt % 4).unwrap_or(0)).copied().unwrap_or(".");
        show(context, &format!("\u{8}{sign}"));
        if attempt < args.tries {
            std::thread::sleep(args.sleep);
        }
    }
    show(context, "\u{8}No!\n");
    if is_brief {
        show(context, "ntpd did not synchronize.\n");
    } else {
        context.output.message(format!(
            "ntp-wait: not synchronised after {} {}: {}\n",
            args.tries,
            if args.tries == 1 { "try" } else { "tries" },
            state.text
        ));
        for reason in reasons {
            context.output.message(format!("ntp-wait: {reason}\n"));
        }
    }
    1
}
