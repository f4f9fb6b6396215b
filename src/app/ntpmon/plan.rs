//! How often a host is asked for what.

use crate::model::fleet::Way;
use std::time::Duration;

/// The shortest time between two measurements of a clock. Many servers limit how often they tell a client the time; their
/// daemons may be asked about themselves more often.
pub const MEASUREMENTS: Duration = Duration::from_secs(10);
/// How much earlier is early enough.
const SLACK: Duration = Duration::from_millis(500);

/// What to ask a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The time as well.
    Everything,
    /// The state of its daemon.
    WithoutTime,
    /// Nothing yet.
    Nothing,
}

/// What to ask a host now, given when its clock was measured last, and the protocol in which it answered.
pub fn plan(measured: Option<Duration>, way: Option<Way>, now: Duration) -> Plan {
    match (measured, way) {
        (None, _) => Plan::Everything,
        (Some(measured), _) if now + SLACK >= measured + MEASUREMENTS => Plan::Everything,
        (_, Some(Way::Control | Way::Chrony)) => Plan::WithoutTime,
        (_, Some(Way::Sntp) | None) => Plan::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_asked_for_politely() {
        let at = |measured: u64, way, now: u64| {
            plan(Some(Duration::from_secs(measured)), way, Duration::from_secs(now))
        };
        assert_eq!(plan(None, None, Duration::ZERO), Plan::Everything);
        assert_eq!(at(100, Some(Way::Control), 101), Plan::WithoutTime);
        assert_eq!(at(100, Some(Way::Chrony), 109), Plan::WithoutTime);
        for way in [None, Some(Way::Sntp)] {
            assert_eq!((at(100, way, 105), at(100, way, 110)), (Plan::Nothing, Plan::Everything));
        }
        assert_eq!(at(100, Some(Way::Control), 110), Plan::Everything);
    }
}
