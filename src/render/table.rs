//! Tables with borders, for people.
//!
//! Text from the network is shown in printable ASCII, as in the classic layouts.

mod color;
mod lists;
mod records;

use self::color::tint;
use crate::compat::Dialect;
use crate::model::Origin;
use crate::model::mru::{MruReport, average_interval, last_interval, network_address};
use crate::model::report::{
    AssociationsReport, PeerColumns, PeerRow, PeersReport, Report, ReportedVariable, VariablesReport,
};
use crate::model::variable::{Unit, Value, unit};
use crate::model::{Association, FlashWord, Milliseconds, Peer, ReferenceId};
use crate::render::classic::escape::escape;
use crate::render::classic::fixed;
use crate::render::text;
use crate::wire::mru::MruEntry;
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
    /// A line above the table names the daemon.
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
        Report::Mru(report) => (String::new(), clients(report, style)),
        Report::Records(report) => (String::new(), records::records(report, style)),
        Report::VariableList(report) => (String::new(), lists::variable_list(report, style)),
        Report::Interfaces(report) => (String::new(), lists::interfaces(report, style)),
        Report::Restrictions(report) => (String::new(), lists::restrictions(report, style)),
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

/// The heading of the tally.
const TALLY: &str = "Selection";

/// A column: its heading and whether it holds numbers.
type Column = (&'static str, CellAlignment);

const fn left(heading: &'static str) -> Column {
    (heading, CellAlignment::Left)
}

const fn right(heading: &'static str) -> Column {
    (heading, CellAlignment::Right)
}

/// Where the whole table is too wide, one without the columns that can be missed best.
fn peers(report: &PeersReport, style: TableStyle) -> String {
    let now = report.origin.time;
    let table = |compact| {
        let rows = report.peers.iter().map(|row| peer(row, report.columns, compact, now));
        let layout = if compact { Layout::Compact } else { Layout::Whole };
        draw(&peer_columns(report.columns, compact), rows, layout, style)
    };
    let whole = table(false);
    if fits(&whole, style) { whole } else { table(true) }
}

fn peer_columns(columns: PeerColumns, compact: bool) -> Vec<Column> {
    let mut headings = vec![left(TALLY), left("Remote")];
    headings.extend(match columns {
        PeerColumns::Reference => vec![left("Refid")],
        PeerColumns::Association => vec![left("Refid"), right("Assoc")],
        PeerColumns::Local => vec![left("Local")],
    });
    headings.push(right("St"));
    headings.extend((!compact).then_some(left("Type")));
    headings.extend([
        right("When"),
        right("Poll"),
        right("Reach"),
        right("Delay\n[ms]"),
        right("Offset\n[ms]"),
        right(if columns == PeerColumns::Local { "Dispersion\n[ms]" } else { "Jitter\n[ms]" }),
    ]);
    headings
}

fn peer(row: &PeerRow, columns: PeerColumns, compact: bool, now: Timestamp) -> Vec<String> {
    let peer = &row.peer;
    let mut cells = vec![tally(peer.status), escape(&row.name)];
    cells.extend(match columns {
        PeerColumns::Reference => vec![reference(peer, columns)],
        PeerColumns::Association => vec![reference(peer, columns), peer.association.to_string()],
        PeerColumns::Local => vec![or_dash(text::address(peer.destination_address.as_ref()))],
    });
    cells.push(or_dash(peer.stratum));
    cells
        .extend((!compact).then(|| or_dash(text::association_type(peer).map(|kind| kind.replace('_', " ")))));
    cells.extend([
        or_dash(row.age_seconds(now).map(duration)),
        or_dash(row.poll_seconds().map(|seconds| duration(seconds.into()))),
        or_dash(peer.reach.map(|reach| if compact { format!("{reach:03o}") } else { reach_text(reach) })),
        milliseconds(peer.delay.as_ref()),
        milliseconds(peer.offset.as_ref()),
        milliseconds(match columns {
            PeerColumns::Local => peer.dispersion.as_ref(),
            PeerColumns::Reference | PeerColumns::Association => peer.jitter.as_ref(),
        }),
    ]);
    cells
}

fn reference(peer: &Peer, columns: PeerColumns) -> String {
    if peer.flash.is_some_and(FlashWord::is_loop) {
        return "(loop)".to_owned();
    }
    let Some(id) = &peer.reference_id else { return String::new() };
    match (id, text::reference_id(id)) {
        (ReferenceId::Address(address), _) if columns == PeerColumns::Association => {
            format!("{:08x}", address.reference_id())
        }
        (ReferenceId::Text(_), Some((_, code))) => format!(".{}.", escape(&code)),
        (_, value) => value.map_or(String::new(), |(_, value)| escape(&value)),
    }
}

/// The register in octal, and how many of the last eight polls were answered.
fn reach_text(reach: u32) -> String {
    format!("{reach:03o} {}/8", (reach & 0xff).count_ones())
}

fn associations(report: &AssociationsReport, style: TableStyle) -> String {
    let columns = [
        right("Index"),
        right("Assoc"),
        left(TALLY),
        left("Status"),
        left("Configured"),
        left("Reachable"),
        left("Authentic"),
        left("Last event"),
        right("Events"),
    ];
    draw(&columns, report.associations.iter().map(association), Layout::Whole, style)
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

fn clients(report: &MruReport, style: TableStyle) -> String {
    let columns = [
        left("Client"),
        right("Port"),
        right("Last"),
        right("Average"),
        right("Packets"),
        left("Mode"),
        right("Version"),
        left("Restrictions"),
    ];
    draw(&columns, report.entries.iter().map(|entry| client(entry, report)), Layout::Whole, style)
}

fn client(entry: &MruEntry, report: &MruReport) -> Vec<String> {
    let modes = ["-", "active", "passive", "client", "server", "broadcast", "control", "private"];
    let name = report.names.get(&entry.address).map(|name| escape(name.as_bytes()));
    vec![
        name.unwrap_or_else(|| network_address(entry).to_string()),
        entry.port.to_string(),
        duration(last_interval(entry, report.now)),
        duration(average_interval(entry)),
        entry.count.to_string(),
        modes.get(usize::from(entry.mode())).copied().unwrap_or_default().to_owned(),
        entry.version().to_string(),
        report.numbering.names(entry.restrictions).join(" "),
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
    let rows = report.variables.iter().map(|entry| variable(entry, now, style.raw));
    draw(&columns, rows, Layout::Whole, style)
}

fn variable(variable: &ReportedVariable, now: Timestamp, raw: bool) -> Vec<String> {
    let value = match (&variable.value, &variable.raw) {
        (Some(value), _) if !raw => in_words(value, variable.raw.as_deref().unwrap_or_default(), now),
        (_, Some(received)) => escape(received),
        (_, None) => String::new(),
    };
    vec![
        escape(&variable.name),
        value,
        unit(&variable.name).map_or(String::new(), |unit| symbol(unit).to_owned()),
    ]
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
        Value::Reach(reach) => reach_text(*reach),
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
    or_dash(value.map(|value| fixed::offset(value.fixed_seconds(), 3, Dialect::Native)))
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

/// How tight a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// With blanks around the cells.
    Whole,
    /// Without.
    Compact,
}

fn fits(table: &str, style: TableStyle) -> bool {
    style.width.is_none_or(|width| table.lines().all(|line| line.chars().count() <= usize::from(width)))
}

/// Draws a table. Where it would be too wide, text is wrapped, but neither numbers nor the tally: the colour
/// of a row is told by that cell.
fn draw(
    columns: &[Column],
    rows: impl Iterator<Item = Vec<String>>,
    layout: Layout,
    style: TableStyle,
) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(heading, _)| *heading).collect::<Vec<_>>());
    table.add_rows(rows);
    for (column, (heading, alignment)) in table.column_iter_mut().zip(columns) {
        column.set_cell_alignment(*alignment);
        if *alignment == CellAlignment::Right || *heading == TALLY {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if layout == Layout::Compact {
            column.set_padding((0, 0));
        }
    }
    if let Some(width) = style.width
        && !fits(&table.to_string(), style)
    {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    let tally = columns.iter().position(|(heading, _)| *heading == TALLY).filter(|_| style.color);
    table.lines().fold(String::new(), |text, line| {
        let line = tally.and_then(|column| tint(&line, column)).unwrap_or(line);
        text + line.trim_end() + "\n"
    })
}

#[cfg(test)]
mod tests;
