//! What chronyd alone reports: `ntpkit_chrony_*`. What it has in common with ntpd is in `ntpkit_system_*`.

use super::exposition::{Exposition, Family, Labels, counter, gauge};
use crate::wire::chrony::{Activity, ServerStatistics, Tracking};

const LAST_OFFSET: Family =
    gauge("ntpkit_chrony_last_offset_seconds: What the last update estimated the clock to be slow by.");
const RESIDUAL: Family = gauge(
    "ntpkit_chrony_residual_frequency_ratio: The frequency that the source asks for minus the one in use.",
);
const SKEW: Family = gauge("ntpkit_chrony_skew_ratio: How uncertain the frequency is.");
const UPDATE_INTERVAL: Family = gauge("ntpkit_chrony_update_interval_seconds: Between the last two updates.");
pub(super) const SOURCES: Family = gauge("ntpkit_chrony_sources: Sources by what is done with them.");
pub(super) const RECEIVED: Family = counter("ntpkit_chrony_received_packets: NTP packets received.");
pub(super) const DROPPED: Family =
    counter("ntpkit_chrony_dropped_packets: NTP packets dropped because their clients sent too many.");

/// Adds what a chronyd reports.
pub fn add_chrony(
    exposition: &mut Exposition,
    host: &str,
    tracking: &Tracking,
    activity: Option<&Activity>,
    statistics: Option<&ServerStatistics>,
) {
    let labels = Labels::new("host", host.as_bytes());
    if tracking.leap < 3 {
        exposition.add(&LAST_OFFSET, &labels, tracking.last_offset);
        exposition.add(&RESIDUAL, &labels, tracking.residual_frequency / 1e6);
        exposition.add(&SKEW, &labels, tracking.skew / 1e6);
        exposition.add(&UPDATE_INTERVAL, &labels, tracking.update_interval);
    }
    if let Some(activity) = activity {
        for (state, count) in [
            ("online", activity.online),
            ("offline", activity.offline),
            ("burst_online", activity.burst_online),
            ("burst_offline", activity.burst_offline),
            ("unresolved", activity.unresolved),
        ] {
            exposition.add(&SOURCES, &labels.with("state", state.as_bytes()), f64::from(count));
        }
    }
    if let Some(statistics) = statistics {
        #[expect(clippy::cast_precision_loss, reason = "samples are doubles")]
        for (family, count) in [(&RECEIVED, statistics.received), (&DROPPED, statistics.dropped)] {
            exposition.add(family, &labels, count as f64);
        }
    }
}
