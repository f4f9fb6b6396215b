//! Samples about interfaces and restrictions.

use super::exposition::{Exposition, Family, Labels, counter, gauge};
use crate::model::report::{InterfacesReport, RestrictionsReport};

const ENABLED: Family =
    gauge("ntpkit_interface_enabled: Whether the daemon takes packets from the interface.");
const PEERS: Family = gauge("ntpkit_interface_peers: Associations that use the interface.");
const UPTIME: Family = gauge("ntpkit_interface_uptime_seconds: For how long the interface is known.");
const RECEIVED: Family = counter("ntpkit_interface_received_packets: Packets received on the interface.");
const SENT: Family = counter("ntpkit_interface_sent_packets: Packets sent from the interface.");
const SEND_FAILURES: Family = counter("ntpkit_interface_send_failures: Packets that could not be sent.");

const HITS: Family = counter("ntpkit_restriction_hits: Packets that the restriction was used for.");

pub(super) fn interfaces(exposition: &mut Exposition, report: &InterfacesReport, host: &Labels) {
    for (_, row) in &report.interfaces {
        let Some(address) = row.address else { continue };
        let labels =
            host.with_known("interface", row.name.as_deref()).with("address", address.to_string().as_bytes());
        exposition.add_known(&ENABLED, &labels, row.enabled.map(|enabled| f64::from(u8::from(enabled))));
        exposition.add_known(&PEERS, &labels, row.peers.map(f64::from));
        exposition.add_known(&UPTIME, &labels, row.uptime.map(f64::from));
        exposition.add_known(&RECEIVED, &labels, row.received.map(f64::from));
        exposition.add_known(&SENT, &labels, row.sent.map(f64::from));
        exposition.add_known(&SEND_FAILURES, &labels, row.send_failures.map(f64::from));
    }
}

pub(super) fn restrictions(exposition: &mut Exposition, report: &RestrictionsReport, host: &Labels) {
    for (_, row) in &report.restrictions {
        let (Some(address), Some(mask)) = (row.address, row.mask) else { continue };
        let network = match row.prefix_length() {
            Some(length) => format!("{address}/{length}"),
            None => format!("{address} {mask}"),
        };
        // An address can have several restrictions, for different kinds of packets.
        let flags = row.flags.as_deref().unwrap_or_default();
        let labels = host.with("network", network.as_bytes()).with("flags", flags);
        #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits do not matter")]
        let hits = row.hits.map(|hits| hits as f64);
        exposition.add_known(&HITS, &labels, hits);
    }
}
