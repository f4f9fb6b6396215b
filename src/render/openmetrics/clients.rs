//! Samples about the list of recent clients.

use super::exposition::{Exposition, Family, Labels, gauge};
use crate::model::mru::MruReport;
use std::collections::BTreeMap;

const CLIENTS: Family = gauge("ntpkit_clients: Addresses that the daemon heard of and still knows.");
const PACKETS: Family = gauge("ntpkit_clients_packets: Packets received from these addresses.");
const LIMITED: Family = gauge("ntpkit_clients_limited: Addresses whose packets came too fast.");
const COMPLETE: Family = gauge("ntpkit_clients_complete: Whether the list was read to its end.");

#[derive(Default)]
struct Sum {
    addresses: f64,
    packets: f64,
    limited: f64,
}

pub(super) fn clients(exposition: &mut Exposition, report: &MruReport, host: &Labels) {
    let too_fast = report.numbering.limited() | report.numbering.kiss_of_death();
    let mut sums: BTreeMap<(u8, u8), Sum> = BTreeMap::new();
    for entry in &report.entries {
        let sum = sums.entry((entry.mode(), entry.version())).or_default();
        sum.addresses += 1.0;
        sum.packets += f64::from(entry.count);
        sum.limited += f64::from(u8::from(entry.restrictions & too_fast != 0));
    }
    for ((mode, version), sum) in sums {
        let labels =
            host.with("mode", mode.to_string().as_bytes()).with("version", version.to_string().as_bytes());
        exposition.add(&CLIENTS, &labels, sum.addresses);
        exposition.add(&PACKETS, &labels, sum.packets);
        exposition.add(&LIMITED, &labels, sum.limited);
    }
    exposition.add(&COMPLETE, host, f64::from(u8::from(report.fault.is_none())));
}
