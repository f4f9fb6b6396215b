//! Which conversations count as young: the others are mostly waiting, and keep nobody from starting.

use crate::session::drive::Token;
use std::time::Duration;

/// A conversation during which the loop had nothing to do for this long is mostly waiting: further ones may start, while
/// there are descriptors. A busy loop starts none, so that replies do not pile up.
const YOUTH: Duration = Duration::from_millis(60);
/// The same for one that has lasted this long, however busy the loop is.
const BUSY_YOUTH: Duration = Duration::from_millis(600);

/// A young conversation.
pub(super) struct Young {
    pub(super) begun: Duration,
    /// How long the loop had been idle by then.
    pub(super) idle: Duration,
    pub(super) token: Token,
}

impl Young {
    /// How much longer it counts as young, if the loop is idle from now on.
    pub(super) fn left(&self, now: Duration, idle: Duration) -> Duration {
        let by_idleness = (self.idle + YOUTH).saturating_sub(idle);
        by_idleness.min((self.begun + BUSY_YOUTH).saturating_sub(now))
    }

    /// Whether it has been overtaken: one that began this much later has received something. `heard` is when the latest
    /// of those began.
    pub(super) fn is_overtaken(&self, heard: Duration) -> bool {
        self.begun + YOUTH <= heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn youth_ends_by_idleness_by_age_or_by_being_overtaken() {
        let young = Young { begun: MS(1000), idle: MS(100), token: Token::of_number(1) };
        assert_eq!(young.left(MS(1010), MS(110)), MS(50));
        assert_eq!(young.left(MS(1500), MS(160)), MS(0));
        assert_eq!(young.left(MS(1590), MS(100)), MS(10));
        assert!(!young.is_overtaken(MS(0)) && !young.is_overtaken(MS(1059)));
        assert!(young.is_overtaken(MS(1060)));
    }
}
