//! The decision whether the clock is stepped or slewed.

use super::args::NtpdateArgs;

/// The smallest offset at which the clock is stepped: half a second in units of 2^-16 s.
const STEP_THRESHOLD: i128 = 1 << 15;

/// What was done, or would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The clock is set immediately.
    Step,
    /// The clock is adjusted gradually.
    Slew,
}

/// The action for an offset: a step from half a second, unless an option overrides it.
pub fn action(args: &NtpdateArgs, offset: i128) -> Action {
    // Rounded down, like the original.
    let large = (offset >> 16).abs() >= STEP_THRESHOLD;
    if args.step || (large && !args.slew) { Action::Step } else { Action::Slew }
}
