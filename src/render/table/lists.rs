//! Tables of variable lists, interfaces and restrictions.

use super::{Layout, TableStyle, draw, duration, left, or_dash, right};
use crate::model::report::{InterfacesReport, RestrictionsReport, VariableListReport};
use crate::model::{Interface, Restriction};
use crate::render::classic::escape::escape;

pub(super) fn variable_list(report: &VariableListReport, style: TableStyle) -> String {
    let rows = report
        .entries
        .iter()
        .map(|(name, value)| vec![escape(name), escape(value.as_deref().unwrap_or_default())]);
    draw(&[left("Variable"), left("Value")], rows, Layout::Whole, style)
}

pub(super) fn interfaces(report: &InterfacesReport, style: TableStyle) -> String {
    let columns = [
        right("#"),
        left("Interface"),
        left("Address"),
        left("Broadcast"),
        left("Enabled"),
        right("Flags"),
        right("TTL"),
        right("Groups"),
        right("Received"),
        right("Sent"),
        right("Failed"),
        right("Peers"),
        right("Uptime"),
    ];
    let rows = report.interfaces.iter().map(|(index, row)| interface(*index, row));
    draw(&columns, rows, Layout::Whole, style)
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
    let columns = [right("Hits"), left("Network"), left("Restrictions")];
    draw(&columns, report.restrictions.iter().map(|(_, row)| restriction(row)), Layout::Whole, style)
}

fn restriction(row: &Restriction) -> Vec<String> {
    let network = match (row.address, row.prefix_length(), row.mask) {
        (Some(address), Some(length), _) => format!("{address}/{length}"),
        (Some(address), None, Some(mask)) => format!("{address} {mask}"),
        (address, ..) => or_dash(address),
    };
    vec![or_dash(row.hits), network, or_dash(row.flags.as_deref().map(escape))]
}
