//! Tables with borders, for people.
//!
//! Text from the network is shown in printable ASCII, as in the classic layouts.

mod color;

use self::color::tint;
use crate::dialect::Dialect;
use crate::model::report::{
    AssociationsReport, Origin, PeerColumns, PeerRow, PeersReport, Report, ReportedVariable, VariablesReport,
};
use crate::model::variable::{Unit, Value, unit};
use crate::model::{Association, Milliseconds};
use crate::render::classic::escape::escape;
use crate::render::classic::fixed;
use crate::render::text;
use crate::wire::status::{PeerStatusWord, StatusWord};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use jiff::Timestamp;

/// What the tables depend on besides the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStyle {
    /// Columns of the terminal: wider tables are wrapped. Without, nothing is.
    pub width: Option<u16>,
    /// The tally is coloured.
    pub color: bool,
    /// A line above the table tells which daemon it is about.
    pub caption: bool,
    /// Variables are shown as received.
    pub raw: bool,
}

/// The table of a report; nothing for a failure, which has none.
pub fn render(report: &Report, style: TableStyle) -> String {
    let (title, body) = match report {
        Report::Peers(report) => (String::new(), peers(report, style)),
        Report::Associations(report) => (String::new(), associations(report, style)),
        Report::Variables(report) => (status(report), variables(report, style)),
        Report::Failure(_) => return String::new(),
    };
    let host = if style.caption { caption(report.origin()) } else { String::new() };
    format!("{host}{title}{body}")
}

fn caption(origin: &Origin) -> String {
    let host = escape(origin.label().as_bytes());
    match origin.address.map(|address| address.ip().to_string()) {
        Some(address) if address != origin.host => format!("{host} ({address})\n"),
        _ => format!("{host}\n"),
    }
}

/// A column: its heading and whether it holds numbers.
type Column = (&'static str, CellAlignment);

const fn left(heading: &'static str) -> Column {
    (heading, CellAlignment::Left)
}

const fn right(heading: &'static str) -> Column {
    (heading, CellAlignment::Right)
}

fn peers(report: &PeersReport, style: TableStyle) -> String {
    let mut columns = vec![left("Selection"), left("Remote")];
    columns.extend(match report.columns {
        PeerColumns::Reference => vec![left("Refid")],
        PeerColumns::Association => vec![left("Refid"), right("Assoc")],
        PeerColumns::Local => vec![left("Local")],
    });
    columns.extend([
        right("St"),
        left("Type"),
        right("When"),
        right("Poll"),
        right("Reach"),
        right("Delay\n[ms]"),
        right("Offset\n[ms]"),
        right(if report.columns == PeerColumns::Local { "Dispersion\n[ms]" } else { "Jitter\n[ms]" }),
    ]);
    let now = report.origin.time;
    draw(&columns, report.peers.iter().map(|row| peer(row, report.columns, now)), style)
}

fn peer(row: &PeerRow, columns: PeerColumns, now: Timestamp) -> Vec<String> {
    let peer = &row.peer;
    let refid = || match peer.reference_id.as_ref().and_then(text::reference_id) {
        _ if peer.flash.is_some_and(crate::model::FlashWord::is_loop) => "(loop)".to_owned(),
        Some(("code", code)) => format!(".{}.", escape(&code)),
        Some((_, value)) => escape(&value),
        None => String::new(),
    };
    let mut cells = vec![tally(peer.status), escape(&row.name)];
    cells.extend(match columns {
        PeerColumns::Reference => vec![refid()],
        PeerColumns::Association => vec![refid(), peer.association.to_string()],
        PeerColumns::Local => vec![or_dash(text::address(peer.destination_address.as_ref()))],
    });
    let reach = peer.reach.zip(row.reach_count());
    cells.extend([
        or_dash(peer.stratum),
        or_dash(text::association_type(peer).map(|kind| kind.replace('_', " "))),
        or_dash(row.age_seconds(now).map(duration)),
        or_dash(row.poll_seconds().map(|seconds| duration(seconds.into()))),
        or_dash(reach.map(|(reach, count)| format!("{reach:03o} {count}/8"))),
        milliseconds(peer.delay.as_ref()),
        milliseconds(peer.offset.as_ref()),
        milliseconds(match columns {
            PeerColumns::Local => peer.dispersion.as_ref(),
            PeerColumns::Reference | PeerColumns::Association => peer.jitter.as_ref(),
        }),
    ]);
    cells
}

fn associations(report: &AssociationsReport, style: TableStyle) -> String {
    let columns = [
        right("Index"),
        right("Assoc"),
        left("Selection"),
        left("Status"),
        left("Configured"),
        left("Reachable"),
        left("Authentic"),
        left("Last event"),
        right("Events"),
    ];
    draw(&columns, report.associations.iter().map(association), style)
}

fn association(association: &Association) -> Vec<String> {
    let status = association.status;
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    vec![
        association.index.to_string(),
        association.id.to_string(),
        tally(status),
        format!("{:04x}", status.0),
        yes_or_no(status.is_configured()),
        if status.is_broadcast() { "-".to_owned() } else { yes_or_no(status.is_reachable()) },
        if status.is_authentication_enabled() { yes_or_no(status.is_authentic()) } else { "-".to_owned() },
        or_dash(Some(status.event_name()).filter(|name| !name.is_empty())),
        status.event_count().to_string(),
    ]
}

/// The line above a table of variables: whose they are, and their status.
fn status(report: &VariablesReport) -> String {
    let whose = match report.status {
        StatusWord::System(_) => "System".to_owned(),
        StatusWord::Peer(_) => format!("Association {}", report.association),
        StatusWord::Clock(_) => format!("Reference clock of association {}", report.association),
    };
    let description = report.status.description();
    format!("{whose}: {} (status {:04x})\n", description.trim_start_matches(", "), report.status.bits())
}

fn variables(report: &VariablesReport, style: TableStyle) -> String {
    let columns = [left("Variable"), left("Value"), left("Unit")];
    let now = report.origin.time;
    draw(&columns, report.variables.iter().map(|entry| variable(entry, now, style.raw)), style)
}

fn variable(variable: &ReportedVariable, now: Timestamp, raw: bool) -> Vec<String> {
    let value = match (&variable.value, &variable.raw) {
        (Some(value), _) if !raw => in_words(value, variable.raw.as_deref().unwrap_or_default(), now),
        (_, Some(received)) => escape(received),
        (_, None) => String::new(),
    };
    vec![escape(&variable.name), value, unit(&variable.name).map_or(String::new(), |unit| symbol(unit).to_owned())]
}

fn symbol(unit: Unit) -> &'static str {
    match unit {
        Unit::Log2Seconds => "log2 s",
        other => other.symbol(),
    }
}

fn in_words(value: &Value, received: &[u8], now: Timestamp) -> String {
    match value {
        Value::Integer(_) | Value::Real(_) => escape(received),
        Value::Reals(numbers) => {
            numbers.iter().map(|number| format!("{number:.3}")).collect::<Vec<_>>().join(" ")
        }
        Value::Text(octets) => escape(octets),
        Value::Time(stamp) if stamp.is_zero() => "never".to_owned(),
        Value::Time(stamp) => stamp.to_timestamp(now).strftime("%Y-%m-%d %H:%M:%S.%6f UTC").to_string(),
        Value::Date(date) => date.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Value::Leap(leap) => {
            let words = ["none", "add a second", "delete a second", "not synchronised"];
            format!("{leap:02b} {}", words.get(usize::from(*leap)).copied().unwrap_or_default())
        }
        Value::Reach(reach) => format!("{reach:03o} {}/8", (reach & 0xff).count_ones()),
        Value::Flash(flash) => flash.to_string(),
        Value::Address(address) => address.to_string(),
        Value::ReferenceId(id) => text::reference_id(id).map_or(String::new(), |(_, text)| escape(&text)),
    }
}

/// The tally character and what it means.
fn tally(status: PeerStatusWord) -> String {
    let selection = status.selection();
    format!("{} {}", selection.tally(), selection.name())
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn milliseconds(value: Option<&Milliseconds>) -> String {
    or_dash(value.map(|value| fixed::offset(value.fixed_seconds(), 3, Dialect::Unsigned)))
}

/// Seconds in the unit that leaves two digits at least.
fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

fn draw(columns: &[Column], rows: impl Iterator<Item = Vec<String>>, style: TableStyle) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(columns.iter().map(|(heading, _)| *heading).collect::<Vec<_>>());
    table.add_rows(rows);
    for (column, (heading, alignment)) in table.column_iter_mut().zip(columns) {
        column.set_cell_alignment(*alignment);
        // The colour of a row is told by this cell, which therefore stays whole.
        if *heading == "Selection" {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    if let Some(width) = style.width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    let tally = columns.iter().position(|(heading, _)| *heading == "Selection").filter(|_| style.color);
    table.lines().fold(String::new(), |text, line| {
        let line = tally.and_then(|column| tint(&line, column)).unwrap_or(line);
        text + line.trim_end() + "\n"
    })
}

#[cfg(test)]
mod tests;
