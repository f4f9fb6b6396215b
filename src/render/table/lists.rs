//! Tables of variable lists, interfaces and restrictions.

use super::fit::{left, name, right};
use super::{TableStyle, draw_one, duration, or_dash};
use crate::model::report::{InterfacesReport, RestrictionsReport, VariableListReport};
use crate::model::{Interface, Restriction};
use crate::render::classic::escape::escape;

pub(super) fn variable_list(report: &VariableListReport, style: TableStyle) -> String {
    let rows = report
        .entries
        .iter()
        .map(|(name, value)| vec![escape(name), escape(value.as_deref().unwrap_or_default())]);
    draw_one(&[left("Variable").whole(), left("Value")], rows, style)
}

pub(super) fn interfaces(report: &InterfacesReport, style: TableStyle) -> String {
    let columns = [
        right("#").spare(5),
        name("Interface"),
        name("Address"),
        name("Broadcast").spare(4),
        left("Enabled").spare(6),
        right("Flags").spare(1),
        right("TTL").spare(2),
        right("Groups").spare(3),
        right("Received").spare(10),
        right("Sent").spare(11),
        right("Failed").spare(9),
        right("Peers").spare(7),
        right("Uptime").spare(8),
    ];
    let rows = report.interfaces.iter().map(|(index, row)| interface(*index, row));
    draw_one(&columns, rows, style)
}

fn interface(index: u32, row: &Interface) -> Vec<String> {
    vec![
        index.to_string(),
        or_dash(row.name.as_deref().map(escape)),
        or_dash(row.address),
        or_dash(row.broadcast.flatten()),
        or_dash(row.enabled.map(|enabled| if enabled { "yes" } else { "no" })),
        or_dash(row.flags.map(|flags| format!("{flags:x}"))),
        or_dash(row.time_to_live),
        or_dash(row.multicast_groups),
        or_dash(row.received),
        or_dash(row.sent),
        or_dash(row.send_failures),
        or_dash(row.peers),
        or_dash(row.uptime.map(|seconds| duration(seconds.into()))),
    ]
}

pub(super) fn restrictions(report: &RestrictionsReport, style: TableStyle) -> String {
    let columns = [right("Hits").spare(1), name("Network"), left("Restrictions")];
    draw_one(&columns, report.restrictions.iter().map(|(_, row)| restriction(row)), style)
}

fn restriction(row: &Restriction) -> Vec<String> {
    let network = match (row.address, row.prefix_length(), row.mask) {
        (Some(address), Some(length), _) => format!("{address}/{length}"),
        (Some(address), None, Some(mask)) => format!("{address} {mask}"),
        (address, ..) => or_dash(address),
    };
    vec![or_dash(row.hits), network, or_dash(row.flags.as_deref().map(escape))]
}
