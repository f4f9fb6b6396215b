//! Tables with borders, for people.
//!
//! Text from the network is shown in printable ASCII, as in the classic layouts.

mod chronyd;
mod color;
mod fit;
mod lists;
mod records;

pub use self::chronyd::chronyd;
use self::fit::{Column, Content, left, name, right, tally as tally_column, wrapped};
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
use crate::text::date;
use crate::wire::mru::MruEntry;
use crate::wire::status::{PeerStatusWord, StatusWord};
use jiff::Timestamp;
use jiff::civil::DateTime;

/// Options for the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStyle {
    /// Columns of the terminal: wider tables lose columns, and their text is wrapped or truncated. `None` means
    /// unlimited.
    pub width: Option<u16>,
    /// Whether the tally is coloured.
    pub color: bool,
    /// Whether a line above the table names the daemon.
    pub caption: bool,
    /// Whether variables are shown as received.
    pub raw: bool,
}

/// Formats the table of a report; `None` for a failure, which has none.
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
    format!("{}{}{body}", lines(&host, style), lines(&title, style))
}

/// Wraps lines of text that are too wide.
fn lines(text: &str, style: TableStyle) -> String {
    let width = usize::from(style.width.unwrap_or(u16::MAX));
    text.lines()
        .flat_map(
            |line| if line.chars().count() > width { wrapped(line, width) } else { vec![line.to_owned()] },
        )
        .map(|line| line + "\n")
        .collect()
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

/// Draws what fits: all of it, or else the part that fits of the shorter second form.
fn draw(content: impl Fn(bool) -> Content, style: TableStyle) -> String {
    content(false).drawn_whole(style).unwrap_or_else(|| content(true).drawn(style))
}

/// Draws a table that has only one form.
fn draw_one(columns: &[Column], rows: impl Iterator<Item = Vec<String>>, style: TableStyle) -> String {
    Content::new(columns.to_vec(), rows).drawn(style)
}

fn peers(report: &PeersReport, style: TableStyle) -> String {
    let now = report.origin.time;
    let content = |compact| {
        let rows = report.peers.iter().map(|row| peer(row, report.columns, compact, now));
        Content::new(peer_columns(report.columns, compact), rows)
    };
    draw(content, style)
}

fn peer_columns(columns: PeerColumns, compact: bool) -> Vec<Column> {
    let mut headings = vec![tally_column(if compact { "" } else { TALLY }), name("Remote")];
    headings.extend(match columns {
        PeerColumns::Reference => vec![name("Refid").spare(4)],
        PeerColumns::Association => vec![name("Refid").spare(4), right("Assoc")],
        PeerColumns::Local => vec![name("Local").spare(4)],
    });
    headings.push(right("St"));
    headings.extend((!compact).then_some(left("Type")));
    headings.extend([
        right("When").spare(2),
        right("Poll").spare(1),
        right("Reach"),
        right("Delay\n[ms]").spare(5),
        right("Offset\n[ms]"),
        right(if columns == PeerColumns::Local { "Disp.\n[ms]" } else { "Jitter\n[ms]" }).spare(3),
    ]);
    headings
}

fn peer(row: &PeerRow, columns: PeerColumns, compact: bool, now: Timestamp) -> Vec<String> {
    let peer = &row.peer;
    let mut cells = vec![tally(peer.status, compact), escape(&row.name)];
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

/// Formats the register in octal, and how many of the last eight polls were answered.
fn reach_text(reach: u32) -> String {
    format!("{reach:03o} {}/8", (reach & 0xff).count_ones())
}

fn associations(report: &AssociationsReport, style: TableStyle) -> String {
    let content = |compact| {
        let columns = vec![
            right("Index").spare(5),
            right("Assoc"),
            tally_column(if compact { "" } else { TALLY }),
            left("Status").spare(2),
            left("Configured").spare(3),
            left("Reachable"),
            left("Authentic").spare(4),
            left("Last event").spare(6),
            right("Events").spare(1),
        ];
        Content::new(columns, report.associations.iter().map(|entry| association(entry, compact)))
    };
    draw(content, style)
}

fn association(association: &Association, compact: bool) -> Vec<String> {
    let status = association.status;
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    vec![
        association.index.to_string(),
        association.id.to_string(),
        tally(status, compact),
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
        name("Client"),
        right("Port").spare(2),
        right("Last"),
        right("Average").spare(4),
        right("Packets"),
        left("Mode").spare(5),
        right("Version").spare(1),
        left("Restrictions").spare(3),
    ];
    draw_one(&columns, report.entries.iter().map(|entry| client(entry, report)), style)
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

/// The line above a table of variables: what they are about, and the status.
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
    let now = report.origin.time;
    let content = |compact| {
        let columns = [left("Variable").whole(), left("Value"), left("Unit")];
        let rows = report.variables.iter().map(|entry| {
            let [name, value, unit] = variable(entry, now, style.raw);
            if compact {
                vec![name, format!("{value} {unit}").trim_end().to_owned()]
            } else {
                vec![name, value, unit]
            }
        });
        Content::new(columns.into_iter().take(if compact { 2 } else { 3 }).collect(), rows)
    };
    draw(content, style)
}

fn variable(variable: &ReportedVariable, now: Timestamp, raw: bool) -> [String; 3] {
    let value = match (&variable.value, &variable.raw) {
        (Some(value), _) if !raw => in_words(value, variable.raw.as_deref().unwrap_or_default(), now),
        (_, Some(received)) => escape(received),
        (_, None) => String::new(),
    };
    [
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
        Value::Integer(_) | Value::Real(_) => no_negative_zero(escape(received)),
        Value::Reals(numbers) => numbers
            .iter()
            .map(|number| no_negative_zero(format!("{number:.3}")))
            .collect::<Vec<_>>()
            .join(" "),
        Value::Text(octets) => escape(octets),
        Value::Time(stamp) if stamp.is_zero() => "never".to_owned(),
        Value::Time(stamp) => precise(date::utc(stamp.to_timestamp(now))),
        Value::Date(date) => format!("{} {:02}:{:02} UTC", date.date(), date.hour(), date.minute()),
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

/// Formats the tally character and, if there is room, its meaning.
fn tally(status: PeerStatusWord, compact: bool) -> String {
    let selection = status.selection();
    if compact {
        selection.tally().to_string()
    } else {
        format!("{} {}", selection.tally(), selection.name())
    }
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn milliseconds(value: Option<&Milliseconds>) -> String {
    or_dash(value.map(|value| no_negative_zero(fixed::offset(value.fixed_seconds(), 3, Dialect::Native))))
}

/// A time with microseconds.
fn precise(time: DateTime) -> String {
    format!("{} {} UTC", time.date(), date::precise_clock(time))
}

/// Formats a number; one that rounds to zero has no sign.
fn no_negative_zero(number: String) -> String {
    match number.strip_prefix('-') {
        Some(magnitude)
            if !magnitude.is_empty() && magnitude.chars().all(|letter| matches!(letter, '0' | '.')) =>
        {
            magnitude.to_owned()
        }
        _ => number,
    }
}

/// Formats seconds in the unit that leaves at least two digits.
fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
