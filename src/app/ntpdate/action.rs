//! Whether the clock is stepped or slewed.

use super::args::NtpdateArgs;

/// From this offset on the clock is stepped: half a second in 2^-16 s.
const STEP_THRESHOLD: i128 = 1 << 15;

/// What was, or would be, done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The clock is set at once.
    Step,
    /// The clock gains or loses slowly.
    Slew,
}

/// What the rule says: steps for half a second and more, unless an option says otherwise.
pub fn action(args: &NtpdateArgs, offset: i128) -> Action {
    // As the original does, which rounds down.
    let large = (offset >> 16).abs() >= STEP_THRESHOLD;
    if args.step || (large && !args.slew) { Action::Step } else { Action::Slew }
}
