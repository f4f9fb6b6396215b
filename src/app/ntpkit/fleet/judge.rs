//! Applies the thresholds of the command line to a host.

use super::args::FleetArgs;
use crate::cli::plugin::{Range, State, Thresholds};
use crate::model::fleet::{Cause, Host, Severity};

/// The severity of a state; `None` if all is well.
fn severity(state: State) -> Option<Severity> {
    match state {
        State::Ok => None,
        State::Warning => Some(Severity::Warning),
        State::Critical => Some(Severity::Critical),
        State::Unknown => Some(Severity::Unknown),
    }
}

/// The exit status.
pub fn state(severity: Option<Severity>) -> State {
    match severity {
        None => State::Ok,
        Some(Severity::Unknown) => State::Unknown,
        Some(Severity::Warning) => State::Warning,
        Some(Severity::Critical) => State::Critical,
    }
}

/// Records which figures of a host that replied are outside their ranges.
pub fn judge(host: &mut Host, args: &FleetArgs) {
    if !host.is_answered() {
        return;
    }
    let warning = |range: &Option<Range>| Thresholds { warning: range.clone(), critical: None };
    let is_synchronized = host.is_synchronized() == Some(true);
    let figures = [
        (Cause::Offset, "offset", host.time.map(|time| time.offset.abs()), args.offset(), true),
        // An unsynchronised host has no error bound to judge.
        (Cause::Bound, "error bound", host.bound(), warning(&args.bound), is_synchronized),
        (Cause::Stratum, "stratum", host.stratum().map(f64::from), warning(&args.stratum), true),
        (Cause::Sources, "sources", host.own.usable_sources.map(f64::from), warning(&args.sources), true),
    ];
    for (cause, name, value, thresholds, counts) in figures {
        match severity(thresholds.judge(value)).filter(|_| counts) {
            Some(Severity::Unknown) => host.note(Cause::Unmeasured, Severity::Unknown, name),
            Some(severity) => host.note(cause, severity, ""),
            None => {}
        }
    }
}
