//! The clock: its quality as reported by the daemon, the kernel and the hardware.

use super::super::facts::{Facts, SilenceKind};
use super::Verdict;
use crate::app::ntpkit::leap::Summary;
use crate::clock::kernel::Status;

/// One part per million in the kernel's units.
const KERNEL_PPM: f64 = 65_536.0;
/// The step threshold of the daemons (RFC 5905, figure 29), in seconds.
const STEP: f64 = 0.128;
/// The largest frequency correction, in parts per million.
const FASTEST: f64 = 500.0;
/// The kernel's state for an unsynchronised clock.
const NOT_SYNCHRONIZED: i32 = 5;

/// Whether the kernel considers its clock synchronised.
pub fn kernel(facts: &Facts) -> Option<Verdict> {
    let here = facts.here.as_ref()?;
    let Some(kernel) = &here.kernel else {
        return Some(Verdict::unknown(
            "reading the kernel's clock is forbidden here",
            "run this outside the container",
        ));
    };
    let is_synchronized = kernel.code != NOT_SYNCHRONIZED && !kernel.status.contains(Status::UNSYNCHRONIZED);
    // A daemon that may not set the clock is reported by another check.
    let may_set = here.processes.is_empty()
        || here.processes.iter().any(|process| process.may_set_clock != Some(false));
    let daemon = facts.daemon.as_ref().filter(|_| may_set);
    match (is_synchronized, daemon) {
        (true, _) => Some(Verdict::ok("the kernel's clock is synchronised")),
        (false, Some(daemon)) if daemon.is_synchronized() => Some(Verdict::warn(
            format!("{} is synchronised, but the kernel reports that its clock is not", daemon.name),
            "programs that ask the kernel distrust the time, and the hardware clock is not set",
            if daemon.name == "chronyd" {
                "in chrony.conf: rtcsync"
            } else {
                "let the daemon set the clock: CAP_SYS_TIME, and no `disable kernel' or `disable ntp'"
            },
        )),
        (false, _) => None,
    }
}

/// The error bound.
pub fn error_bound(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref().filter(|daemon| daemon.is_synchronized())?;
    let bound = daemon.bound()?;
    let seen = format!("the clock is wrong by at most {}", span(bound));
    let mend = "choose sources that are nearer, or closer to their reference clock";
    Some(if bound > 1.5 {
        Verdict::fail(seen, "beyond 1.5 s other hosts do not follow it", mend)
    } else if bound > 0.5 {
        Verdict::warn(seen, "timestamps of different hosts cannot be compared", mend)
    } else {
        Verdict::ok(seen)
    })
}

/// The offset.
pub fn offset(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref().filter(|daemon| daemon.is_synchronized())?;
    let offset = daemon.offset?;
    let seen = format!("the clock is off by {}", signed(offset));
    Some(if offset.abs() > STEP {
        Verdict::warn(
            seen,
            "the daemon steps the clock if this lasts",
            "wait a few minutes; if it lasts, see the checks daemons and jitter",
        )
    } else {
        Verdict::ok(seen)
    })
}

/// The frequency correction, by the kernel or the daemon.
#[expect(clippy::cast_precision_loss, reason = "at most 500 ppm in units of 2^-16")]
pub fn frequency(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref()?;
    let kernel = facts.here.as_ref().and_then(|here| here.kernel);
    let frequency = match (daemon.frequency, kernel) {
        (Some(frequency), _) => frequency,
        (None, Some(kernel)) => kernel.frequency as f64 / KERNEL_PPM,
        (None, None) => return None,
    };
    let seen = format!("the clock frequency is corrected by {frequency:.3} ppm");
    let mend = "check the clock source and the hardware; remove the drift file and restart the daemon if it is from another machine";
    Some(if frequency.abs() >= FASTEST - 1.0 {
        Verdict::fail(seen, "this is the limit of 500 ppm: the clock will drift away", mend)
    } else if frequency.abs() > 400.0 {
        Verdict::warn(seen, "beyond 500 ppm the clock cannot be disciplined", mend)
    } else {
        Verdict::ok(seen)
    })
}

/// The stratum, and the local clock.
pub fn stratum(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref().filter(|daemon| daemon.is_synchronized())?;
    let stratum = daemon.stratum?;
    let reference = daemon.reference.as_deref().unwrap_or_default();
    let is_local =
        ["LOCL", "LOCAL", "LOCAL(0)", "127.127.1."].iter().any(|local| reference.starts_with(local));
    let mend = "see the check reach: the intended servers are not followed";
    (is_local || stratum >= 10).then(|| {
        if is_local {
            Verdict::warn(
                format!("it follows its own local clock ({reference}, stratum {stratum})"),
                "nothing disciplines that clock, yet the host appears synchronised to others",
                mend,
            )
        } else {
            Verdict::warn(format!("stratum {stratum}"), "it follows a clock of last resort", mend)
        }
    })
}

/// Leap seconds.
pub fn leap(facts: &Facts) -> Option<Verdict> {
    let announced = facts.daemon.as_ref().and_then(|daemon| daemon.leap).filter(|leap| [1, 2].contains(leap));
    if let Some(leap) = announced {
        let what = if leap == 1 { "insertion" } else { "deletion" };
        return Some(Verdict::warn(
            format!("the {what} of a leap second at the end of this month is announced"),
            "a false announcement makes the clock wrong by a second",
            "compare with the leap-seconds list: ntpkit leap",
        ));
    }
    let Summary { file, fault, announced } = facts.here.as_ref()?.leap_list.as_ref()?;
    Some(match fault {
        None => {
            let next = announced.as_ref().map_or(String::new(), |next| format!(": {next}"));
            Verdict::ok(format!("{file} is intact and has not expired{next}"))
        }
        Some(fault) => Verdict::warn(
            format!("{file}: {fault}"),
            "daemons then learn of leap seconds only from their sources",
            "update the package tzdata, or download the list again",
        ),
    })
}

/// The kernel's clock source.
pub fn clock_source(facts: &Facts) -> Option<Verdict> {
    let source = facts.here.as_ref()?.clock_source.as_deref()?;
    let seen = format!("the kernel's clock source is {source}");
    let why = match source {
        "jiffies" | "refined-jiffies" | "pit" => {
            "it is coarse: offsets of a few milliseconds are meaningless"
        }
        "acpi_pm" | "hpet" => {
            "it is slow to read; the kernel falls back to it if the CPU's counter is unstable"
        }
        _ => return Some(Verdict::ok(seen)),
    };
    let mend = "see dmesg | grep -i clocksource; in a virtual machine use kvm-clock or the host's tsc";
    Some(Verdict::warn(seen, why, mend))
}

/// The hardware clock.
pub fn hardware(facts: &Facts) -> Option<Verdict> {
    let difference = facts.here.as_ref()?.hardware?;
    let seen = format!("the hardware clock differs from the clock by {difference} s");
    Some(if difference.unsigned_abs() > 60 {
        Verdict::warn(
            seen,
            "the machine boots with the wrong time",
            "hwclock --systohc, once the clock is right",
        )
    } else {
        Verdict::ok(seen)
    })
}

/// The measured clock of another host.
pub fn measured(facts: &Facts) -> Option<Verdict> {
    let clock = facts.clock.as_ref()?;
    let Some(offset) = clock.offset else {
        // Other checks report a silent or unsynchronised daemon.
        let has_time = match (&facts.daemon, &facts.silence) {
            (Some(daemon), _) => daemon.is_synchronized(),
            (None, silence) => {
                silence.as_ref().is_some_and(|silence| silence.kind == SilenceKind::ServesTime)
            }
        };
        if !has_time {
            return None;
        }
        return Some(Verdict::warn(
            format!("its clock cannot be measured: {}", clock.fault),
            "what it reports about itself could not be verified",
            "allow clients there: no noserve, ignore or limited for this address",
        ));
    };
    let seen = format!(
        "its clock differs from this machine's by {}, plus or minus {}",
        signed(offset),
        span(clock.uncertainty)
    );
    Some(if offset.abs() > STEP + clock.uncertainty {
        Verdict::warn(
            seen,
            "one of the two is wrong",
            "ntpkit diag on this machine, then compare with a third",
        )
    } else {
        Verdict::ok(seen)
    })
}

/// Formats a duration in a suitable unit.
fn span(seconds: f64) -> String {
    if seconds.abs() < 1.0 { format!("{:.3} ms", seconds * 1000.0) } else { format!("{seconds:.3} s") }
}

/// Formats an offset with its sign; what rounds to nothing is not negative.
pub fn signed(seconds: f64) -> String {
    let (value, unit) = if seconds.abs() < 1.0 { (seconds * 1000.0, "ms") } else { (seconds, "s") };
    let value = if value.abs() < 0.0005 { 0.0 } else { value };
    format!("{value:+.3} {unit}")
}
