//! `ntptime`: reads and changes the kernel's clock discipline.

mod args;
mod classic;
mod limits;
mod structured;

use crate::app::common::watching;
use crate::cli::context::Context;
use crate::cli::exit;
use crate::cli::format::Format;
use crate::cli::output::reason;
use crate::cli::watch;
use crate::clock::kernel::{Adjustment, KernelClock, KernelState, Modes, Status, SystemClock};
use crate::compat::Quirk;
use args::NtptimeArgs;
use clap::Args;
use nix::errno::Errno;
use std::io;
use std::time::Duration;

/// The status for a usage error.
const USAGE: u8 = exit::NTPTIME.usage;
/// The number of readings for the line about their cost.
const READINGS: usize = 20;

/// The options, for the parser, the manual page and the completions.
pub fn command() -> clap::Command {
    NtptimeArgs::augment_args(clap::Command::new("ntptime"))
        .about("Read and change the kernel's clock discipline")
        .override_usage("ntptime [OPTIONS]")
        .args_override_self(true)
}

/// Runs `ntptime` and returns its exit status.
pub fn run(context: &mut Context) -> u8 {
    let status = run_on(context, &SystemClock);
    exit::conclude(&mut context.output, "ntptime", status, exit::NTPTIME.unwritten)
}

fn run_on(context: &mut Context, clock: &dyn KernelClock) -> u8 {
    let called = context.called.to_string_lossy().into_owned();
    let (args, matches) = match NtptimeArgs::parse(&called, &context.arguments, context.dialect) {
        Ok(parsed) => parsed,
        Err(problems) => return misused(context, &problems.to_string()),
    };
    context.choose(args.compat.compat);
    if args.help {
        context.output.result(command().render_help().to_string());
        return 0;
    }
    if args.version {
        context.output.result(crate::cli::version::version_line("ntptime"));
        return 0;
    }
    if let (Some(word), false) = (args.operands.first(), context.dialect.keeps(Quirk::SILENT_MISUSE)) {
        let word = word.display();
        return misused(context, &format!("ntptime: unexpected argument '{word}' found\n"));
    }
    if args.summary || args.debug || !args.operands.is_empty() {
        return misused(context, "");
    }
    let change = match args.adjustment(&matches, context.dialect) {
        Ok(change) => change,
        Err(wrong) if !context.dialect.keeps(Quirk::SILENT_MISUSE) => {
            return misused(context, &format!("ntptime: {wrong}\n"));
        }
        Err(_) => return misused(context, ""),
    };
    if !context.dialect.keeps(Quirk::CLIPPED_VALUES)
        && let Ok(state) = clock.read()
        && let Err(wrong) = limits::check(&change, &state)
    {
        return misused(context, &format!("ntptime: {wrong}\n"));
    }
    args.output.begin(&mut context.output, args.format.chosen());
    match args.watch {
        Some(interval) => repeat(context, args, change, interval),
        None => print(context, clock, &args, &change),
    }
}

/// Makes a change and prints the state.
fn print(context: &mut Context, clock: &dyn KernelClock, args: &NtptimeArgs, change: &Adjustment) -> u8 {
    match args.format.chosen() {
        Format::Plain | Format::Table | Format::Dot => print_classic(context, clock, args, change),
        Format::Json | Format::Openmetrics => print_structured(context, clock, args.format.chosen(), change),
    }
}

/// Prints the state again and again.
fn repeat(context: &mut Context, args: NtptimeArgs, change: Adjustment, interval: Duration) -> u8 {
    let settings = watching(interval, args.format.chosen().is_for_programs());
    // A change is made once; what follows only looks on.
    let mut change = change;
    let run = move |context: &mut Context| print(context, &SystemClock, &args, &std::mem::take(&mut change));
    watch::run(context, settings, Box::new(run))
}

/// The classic order: the cost, the time before the change, the change, the state after it.
fn print_classic(
    context: &mut Context,
    clock: &dyn KernelClock,
    args: &NtptimeArgs,
    change: &Adjustment,
) -> u8 {
    if clock.read().is_err_and(|error| is(&error, Errno::ENOSYS)) {
        return unavailable(context);
    }
    let zone = crate::clock::zone::local();
    if args.cost {
        let read = |_| clock.read().map(|state| state.subseconds);
        let fractions: Vec<i64> = if context.dialect.keeps(Quirk::UNREADABLE_IS_0) {
            (0..READINGS).map(|reading| read(reading).unwrap_or(0)).collect()
        } else {
            (0..READINGS).filter_map(|reading| read(reading).ok()).collect()
        };
        if !fractions.is_empty() {
            context.output.result(classic::cost(&fractions));
        }
    }
    let before = clock.read();
    let status = match &before {
        Ok(state) => {
            context.output.result(classic::time(state, args.raw, &zone));
            0
        }
        Err(error) => refused(context, "ntp_gettime", error),
    };
    let after = if change.modes.is_empty() { clock.read() } else { clock.adjust(change) };
    match after {
        Ok(state) => {
            context.output.result(classic::adjustment(&state));
            status | passed_over(context, change, &state)
        }
        Err(error) => status | refused_change(context, &error, change, before.is_ok()),
    }
}

fn print_structured(
    context: &mut Context,
    clock: &dyn KernelClock,
    format: Format,
    change: &Adjustment,
) -> u8 {
    let state: io::Result<KernelState> = clock.adjust(change);
    match state {
        Ok(state) => {
            context.output.result(match format {
                Format::Openmetrics => structured::openmetrics(&state),
                _ => structured::json(&state),
            });
            passed_over(context, change, &state)
        }
        Err(error) if is(&error, Errno::ENOSYS) => unavailable(context),
        Err(error) => refused_change(context, &error, change, clock.read().is_ok()),
    }
}

/// Reports that the kernel ignored an offset without an error: it slews by an offset only while PLL is set.
fn passed_over(context: &mut Context, change: &Adjustment, state: &KernelState) -> u8 {
    let asked = change.modes.0 & Modes::OFFSET.0 != 0;
    if !asked || state.status.contains(Status::PHASE_LOCKED) || context.dialect.keeps(Quirk::CLIPPED_VALUES) {
        return 0;
    }
    context
        .output
        .message("ntptime: -o had no effect: the kernel takes offsets only with PLL among its status bits\n");
    1
}

fn is(error: &io::Error, number: Errno) -> bool {
    error.raw_os_error() == Some(number as i32)
}

/// Reports that the kernel refused a change, or even reading where that is not allowed.
fn refused_change(context: &mut Context, error: &io::Error, change: &Adjustment, is_readable: bool) -> u8 {
    let is_classic = context.dialect.keeps(Quirk::KERNEL_REFUSAL_IS_OK);
    let is_forbidden = is(error, Errno::EPERM);
    if is_forbidden && (is_classic || is_readable && !change.modes.is_empty()) {
        context.output.message("Must be root to set kernel values\n");
    }
    let status = refused(context, "ntp_adjtime", error);
    if is_forbidden && is_readable && !is_classic && !change.modes.is_empty() {
        context.output.message(
            "ntptime: next: run it with sudo; in a container, give it CAP_SYS_TIME (--cap-add SYS_TIME)\n",
        );
    }
    if is_forbidden && !is_readable && !is_classic {
        context.output.message(
            "ntptime: even reading is forbidden here: the seccomp profile of a container does that\n",
        );
    }
    status
}

/// Reports that the kernel has no clock discipline. To the classic program that is a result.
fn unavailable(context: &mut Context) -> u8 {
    const NONE: &str = "NTP user interface routines are not configured in this kernel.\n";
    if context.dialect.keeps(Quirk::KERNEL_REFUSAL_IS_OK) {
        context.output.result(NONE);
        return 0;
    }
    context.output.message(format!("ntptime: {NONE}"));
    context.output.message("ntptime: or they are hidden: the seccomp profile of a container can do that\n");
    1
}

/// Reports that the kernel refused; the classic program's status does not reflect it.
fn refused(context: &mut Context, call: &str, error: &io::Error) -> u8 {
    context.output.message(format!("{call}() call fails: {}\n", reason(error)));
    u8::from(!context.dialect.keeps(Quirk::KERNEL_REFUSAL_IS_OK))
}

/// Prints the problem and the classic summary of the options, corrected where it is wrong.
fn misused(context: &mut Context, problem: &str) -> u8 {
    let called = context.called.to_string_lossy().into_owned();
    let [cost, offset, status, constant] = if context.dialect.keeps(Quirk::STALE_SUMMARY) {
        ["(us)", "(ms)", "", "(0 .. 6)"]
    } else {
        ["(us, or ns with NANO)", "(us, or ns with NANO)", " (0 .. 255)", "(0 .. 6, or 0 .. 10 with NANO)"]
    };
    context.output.message(format!(
        "{problem}usage: {called} [-MNT:cde:f:hm:o:rs:t:]\n\n\
         -M\t\tswitch to microsecond mode\n\
         -N\t\tswitch to nanosecond mode\n\
         -T tai_offset\tset TAI offset\n\
         -c\t\tdisplay the time taken to call ntp_gettime {cost}\n\
         -e esterror\testimate of the error (us)\n\
         -f frequency\tFrequency error (-500 .. 500) (ppm)\n\
         -h\t\tdisplay this help info\n\
         -m maxerror\tmax possible error (us)\n\
         -o offset\tcurrent offset {offset}\n\
         -r\t\tprint the unix and NTP time raw\n\
         -s status\tSet the status bits{status}\n\
         -t timeconstant\tlog2 of PLL time constant {constant}\n"
    ));
    USAGE
}

#[cfg(test)]
mod tests;
