//! Setting the clock.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::text;
use crate::cli::context::Context;
use crate::cli::output::reason;
use crate::clock::kernel::Status;
use crate::clock::setting::SettableClock;
use crate::compat::Quirk;
use jiff::tz::TimeZone;
use std::fs;
use std::path::{Path, PathBuf};

/// From this offset on the clock is stepped: half a second in 2^-16 s.
const STEP_THRESHOLD: i128 = 1 << 15;
/// A slew goes beyond its aim by half of the offset, at most by this: 62.5 ms in microseconds.
const MOST_OVERSHOOT: i64 = 62_500;
/// A second in nanoseconds.
const SECOND: i128 = 1_000_000_000;
/// The hardware clock's devices.
const HARDWARE_CLOCKS: [&str; 2] = ["/dev/rtc0", "/dev/rtc"];
/// Whether the hardware clock shows the local time.
const ADJUSTMENT_FILE: &str = "/etc/adjtime";

/// What was, or would be, done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The clock is set at once.
    Step,
    /// The clock gains or loses slowly.
    Slew,
}

/// What the kernel made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What is still to be slewed away, in microseconds.
    pub slewing_microseconds: Option<i64>,
    /// Whether the clock was stepped and shows it.
    pub stepped: bool,
    /// Whether the hardware clock was set.
    pub hardware_clock_set: bool,
}

/// What the rule says: steps for half a second and more, unless an option says otherwise.
pub fn action(args: &NtpdateArgs, offset: i128) -> Action {
    // As the original does, which rounds down.
    let large = (offset >> 16).abs() >= STEP_THRESHOLD;
    if args.step || (large && !args.slew) { Action::Step } else { Action::Slew }
}

/// Sets the clock, or says why not; a dry run only says what would be done.
///
/// # Errors
/// The exit status of a refusal, after its message.
pub fn set(
    context: &mut Context,
    args: &NtpdateArgs,
    clock: &dyn SettableClock,
    channel: &Channel,
    server: &str,
    offset: i128,
) -> Result<Outcome, u8> {
    let action = action(args, offset);
    let shown = text::offset(offset, context.dialect);
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
        let text = format!("offset {shown} sec is more than --max-step {most} allows, clock not set");
        channel.error(&mut context.output, &text);
        return Err(1);
    }
    if args.only_looks() {
        channel.notice(&mut context.output, &done);
        return Ok(outcome);
    }
    if !context.dialect.keeps(Quirk::NO_DAEMON_WARNING) {
        warn_of_daemon(context, args, clock, channel);
    }
    match action {
        Action::Step => match clock.step(nanoseconds) {
            Ok(()) => outcome.stepped = true,
            Err(error) => {
                channel.error(&mut context.output, &format!("step-systime: {}", reason(&error)));
                return Err(u8::from(!context.dialect.keeps(Quirk::FAILED_STEP_IS_OK)));
            }
        },
        Action::Slew => match slew_microseconds(nanoseconds) {
            // The original does not trouble the kernel with whole seconds: most often with none at all.
            whole if whole % 1_000_000 == 0 && context.dialect.keeps(Quirk::WHOLE_SECOND_SLEWS_SKIPPED) => {}
            microseconds => match clock.slew(microseconds) {
                Ok(taken) => outcome.slewing_microseconds = Some(taken),
                Err(error) => {
                    let text = format!("Can't adjust the time of day: {}", reason(&error));
                    channel.error(&mut context.output, &text);
                    return Err(1);
                }
            },
        },
    }
    channel.notice(&mut context.output, &done);
    if args.rtc && action == Action::Step {
        match set_hardware_clock(clock) {
            Ok(()) => outcome.hardware_clock_set = true,
            Err(text) => {
                channel.error(&mut context.output, &format!("cannot set the hardware clock: {text}"));
                return Err(1);
            }
        }
    }
    Ok(outcome)
}

/// What is to be slewed away for an offset: it goes beyond its aim.
fn slew_microseconds(nanoseconds: i128) -> i64 {
    let microseconds = i64::try_from(nanoseconds / 1000).unwrap_or(i64::MAX);
    microseconds.saturating_add((microseconds / 2).clamp(-MOST_OVERSHOOT, MOST_OVERSHOOT))
}

/// Two that set one clock spoil each other's work. A run from port 123 would not have come here with that port
/// taken.
fn warn_of_daemon(context: &mut Context, args: &NtpdateArgs, clock: &dyn SettableClock, channel: &Channel) {
    let disciplined = clock.kernel_state().is_ok_and(|state| {
        state.status.contains(Status::PHASE_LOCKED) && !state.status.contains(Status::UNSYNCHRONIZED)
    });
    if disciplined {
        let text = "the kernel's clock is already being disciplined: is a time daemon running here?";
        channel.warning(&mut context.output, text);
    } else if args.unprivileged && clock.is_port_taken() {
        let text = "port 123 is taken: is a time daemon running here?";
        channel.warning(&mut context.output, text);
    }
}

fn set_hardware_clock(clock: &dyn SettableClock) -> Result<(), String> {
    let device = HARDWARE_CLOCKS.iter().map(Path::new).find(|device| device.exists());
    let device: PathBuf = device.ok_or("there is no /dev/rtc0")?.to_owned();
    let local = fs::read_to_string(ADJUSTMENT_FILE).is_ok_and(|text| is_local(&text));
    let zone = if local { TimeZone::system() } else { TimeZone::UTC };
    let time = clock.now().to_zoned(zone).datetime();
    clock.set_hardware(&device, time).map_err(|error| format!("{}: {}", device.display(), reason(&error)))
}

/// What the third line of `/etc/adjtime` says.
fn is_local(text: &str) -> bool {
    text.lines().nth(2).is_some_and(|line| line.trim() == "LOCAL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slew_goes_beyond_its_aim() {
        for (offset, slewed) in [(0, 0), (100, 150), (-100, -150), (400_000, 462_500), (-400_000, -462_500)] {
            assert_eq!(slew_microseconds(offset * 1000), slewed);
        }
    }
}
