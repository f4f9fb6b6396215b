//! Setting the clock.

use super::action::{Action, action};
use super::args::NtpdateArgs;
use super::channel::Channel;
use super::{explain, hardware, numbers};
use crate::cli::context::Context;
use crate::cli::output::reason;
use crate::clock::kernel::Status;
use crate::clock::setting::SettableClock;
use crate::clock::watch::Watch;
use crate::compat::{Dialect, Quirk};
use crate::net::presence;

/// A slew overshoots its target by half of the offset, but at most by this: 62.5 ms in microseconds.
const MAX_OVERSHOOT: i64 = 62_500;
/// Nanoseconds per second.
const SECOND: i128 = 1_000_000_000;

/// The result of setting the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The amount still to be slewed, in microseconds.
    pub slewing_microseconds: Option<i64>,
    /// Whether the clock was stepped and a reading confirmed it.
    pub stepped: bool,
    /// Whether the hardware clock was set.
    pub hardware_clock_set: bool,
}

/// Sets the clock.
pub struct Setter<'a> {
    /// The command line.
    pub args: &'a NtpdateArgs,
    /// The clock.
    pub clock: &'a dyn SettableClock,
    /// Where messages go.
    pub channel: &'a Channel,
    /// Started before the first request.
    pub watch: &'a Watch,
    /// Finds a daemon that may set the clock, and describes it.
    pub daemon: &'a dyn Fn() -> Option<String>,
}

impl Setter<'_> {
    /// Whether somebody else has set the clock since the first request, which is reported. The original would apply the
    /// offset a second time.
    pub fn is_overtaken(&self, context: &mut Context) -> bool {
        let overtaken = self.watch.was_set();
        if overtaken {
            let text = "another program set the clock during the measurement; its offset is unknown";
            self.channel.error(&mut context.output, text);
        }
        overtaken
    }

    /// Sets the clock, or reports why not; a dry run only reports what would be done.
    ///
    /// # Errors
    /// The exit status of a failure, after its message.
    pub fn set(&self, context: &mut Context, server: &str, offset: i128) -> Result<Outcome, u8> {
        let Self { args, clock, channel, .. } = *self;
        let action = action(args, offset);
        let shown = numbers::offset(offset, context.dialect);
        let verb = match action {
            Action::Step => "step",
            Action::Slew => "adjust",
        };
        let done = format!("{verb} time server {server} offset {shown} sec");
        let nanoseconds = (offset * SECOND) >> 32;
        let mut outcome = Outcome::default();
        if let Some(most) = args.max_step
            && nanoseconds.unsigned_abs() > most.as_nanos()
        {
            let most = most.as_secs_f64();
            let text = format!("offset {shown} sec exceeds --max-step {most}, clock not set");
            channel.error(&mut context.output, &text);
            explain::print(context, args, || explain::beyond_limit().to_owned());
            return Err(1);
        }
        if args.only_looks() {
            channel.notice(&mut context.output, &done);
            return Ok(outcome);
        }
        if self.is_overtaken(context) {
            return Err(1);
        }
        if !context.dialect.keeps(Quirk::NO_DAEMON_WARNING) {
            self.warn_of_daemon(context);
        }
        match action {
            Action::Step => match clock.step(nanoseconds) {
                Ok(()) => outcome.stepped = true,
                Err(error) => {
                    channel.error(&mut context.output, &format!("step-systime: {}", reason(&error)));
                    explain::print(context, args, || explain::not_set(&error, action));
                    return Err(u8::from(!context.dialect.keeps(Quirk::FAILED_STEP_IS_OK)));
                }
            },
            Action::Slew => match slew_microseconds(nanoseconds) {
                microseconds if is_skipped(microseconds, context.dialect) => {}
                microseconds => match clock.slew(microseconds) {
                    Ok(taken) => outcome.slewing_microseconds = Some(taken),
                    Err(error) => {
                        let text = format!("Can't adjust the time of day: {}", reason(&error));
                        channel.error(&mut context.output, &text);
                        explain::print(context, args, || explain::not_set(&error, action));
                        return Err(1);
                    }
                },
            },
        }
        channel.notice(&mut context.output, &done);
        if args.rtc {
            // The amount being slewed is not yet in the clock.
            let ahead = if action == Action::Slew { nanoseconds } else { 0 };
            match hardware::set(clock, ahead) {
                Ok(()) => outcome.hardware_clock_set = true,
                Err(error) => {
                    channel.error(&mut context.output, &format!("cannot set the hardware clock: {error:#}"));
                    return Err(1);
                }
            }
        }
        Ok(outcome)
    }

    /// Two programs that set the clock undo each other's corrections.
    fn warn_of_daemon(&self, context: &mut Context) {
        let disciplined = || {
            self.clock.kernel_state().is_ok_and(|state| {
                state.status.contains(Status::PHASE_LOCKED) && !state.status.contains(Status::UNSYNCHRONIZED)
            })
        };
        let text = if let Some(daemon) = (self.daemon)() {
            format!("{daemon} may also set the clock; only one program should do so")
        } else if disciplined() {
            "the kernel clock is already being disciplined; is a time daemon running?".to_owned()
        } else if self.args.unprivileged && self.clock.is_port_taken() {
            // A run on port 123 would have failed earlier if that port was in use.
            "port 123 is in use; is a time daemon running?".to_owned()
        } else {
            return;
        };
        self.channel.warning(&mut context.output, &text);
    }
}

/// The first daemon on this machine that may set the clock.
pub fn daemon() -> Option<String> {
    let found = presence::processes().into_iter().find(|process| process.may_set_clock != Some(false))?;
    Some(format!("{} (process {})", found.name, found.number))
}

/// The amount to slew for an offset, including the overshoot.
fn slew_microseconds(nanoseconds: i128) -> i64 {
    let microseconds = i64::try_from(nanoseconds / 1000).unwrap_or(i64::MAX);
    microseconds.saturating_add((microseconds / 2).clamp(-MAX_OVERSHOOT, MAX_OVERSHOOT))
}

/// Whether this slew is skipped: the original does not pass whole seconds to the kernel; usually that means an offset
/// of zero.
fn is_skipped(microseconds: i64, dialect: Dialect) -> bool {
    microseconds % 1_000_000 == 0 && dialect.keeps(Quirk::WHOLE_SECOND_SLEWS_SKIPPED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_are_slewed_except_in_the_classic_dialect() {
        for (microseconds, skipped) in [(0, true), (-2_000_000, true), (2_000_001, false)] {
            assert_eq!(is_skipped(microseconds, Dialect::Classic), skipped);
            assert!(!is_skipped(microseconds, Dialect::Native));
        }
    }

    #[test]
    fn a_slew_overshoots_its_target() {
        for (offset, slewed) in [(0, 0), (100, 150), (-100, -150), (400_000, 462_500), (-400_000, -462_500)] {
            assert_eq!(slew_microseconds(offset * 1000), slewed);
        }
    }
}
