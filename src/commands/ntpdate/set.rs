//! Setting the clock.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::text;
use crate::clock::kernel::Status;
use crate::clock::setting::SettableClock;
use crate::context::Context;
use crate::model::selection::Filtered;
use crate::output::reason;
use jiff::tz::TimeZone;
use std::fs;
use std::path::{Path, PathBuf};

/// From this offset on the clock is stepped: half a second in 2^-16 s.
const STEP_THRESHOLD: i64 = 1 << 15;
/// A slew goes beyond its aim by half of the offset, at most by this: 62.5 ms in microseconds.
const MOST_OVERSHOOT: i64 = 62_500;
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
pub fn action(args: &NtpdateArgs, filtered: &Filtered) -> Action {
    let large = filtered.short_offset().abs() >= STEP_THRESHOLD;
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
    filtered: &Filtered,
) -> Result<Outcome, u8> {
    let action = action(args, filtered);
    let shown = text::offset(filtered.offset, context.dialect);
    let verb = match action {
        Action::Step => "step",
        Action::Slew => "adjust",
    };
    let done = format!("{verb} time server {server} offset {shown} sec");
    let nanoseconds = (i128::from(filtered.offset) * 1_000_000_000) >> 32;
    let mut outcome = Outcome::default();
    if let Some(most) = args.max_step
        && action == Action::Step
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
    if !context.dialect.is_classic() {
        warn_of_daemon(context, args, clock);
    }
    match action {
        Action::Step => match clock.step(nanoseconds) {
            Ok(()) => outcome.stepped = true,
            Err(error) => {
                channel.error(&mut context.output, &format!("step-systime: {}", reason(&error)));
                return Err(u8::from(!context.dialect.is_classic()));
            }
        },
        Action::Slew => {
            let microseconds = i64::try_from(nanoseconds / 1000).unwrap_or(i64::MAX);
            let overshoot = (microseconds / 2).clamp(-MOST_OVERSHOOT, MOST_OVERSHOOT);
            match clock.slew(microseconds.saturating_add(overshoot)) {
                Ok(taken) => outcome.slewing_microseconds = Some(taken),
                Err(error) => {
                    let text = format!("Can't adjust the time of day: {}", reason(&error));
                    channel.error(&mut context.output, &text);
                    return Err(1);
                }
            }
        }
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

/// Two that set one clock spoil each other's work. A run from port 123 would not have come here with that port
/// taken.
fn warn_of_daemon(context: &mut Context, args: &NtpdateArgs, clock: &dyn SettableClock) {
    let disciplined = clock.kernel_state().is_ok_and(|state| {
        state.status.contains(Status::PHASE_LOCKED) && !state.status.contains(Status::UNSYNCHRONIZED)
    });
    if disciplined {
        context.output.message(
            "ntpdate: the kernel's clock is already being disciplined: is a time daemon running here?\n",
        );
    } else if args.unprivileged && clock.is_port_taken() {
        context.output.message("ntpdate: port 123 is taken: is a time daemon running here?\n");
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
