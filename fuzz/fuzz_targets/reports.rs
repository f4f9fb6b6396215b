//! Reports of arbitrary values, each in every structured form: tables (but for their borders) and JSON are printable ASCII, each line of JSON is an object,
//! and the metrics keep the rules of OpenMetrics.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use ntpkit::model::mru::{MruReport, RestrictionNumbering};
use ntpkit::model::ordered_list::rows;
use ntpkit::model::records::{FieldValue, RecordsReport, Subject, counter, gauge, label, plain};
use ntpkit::model::report::{
    AssociationsReport, FailureReport, Fault, FaultCause, InterfacesReport, PeerColumns, PeerRow,
    PeersReport, Report, ReportedVariable, RestrictionsReport, VariableListReport, VariablesReport,
};
use ntpkit::model::{Association, Origin, Peer};
use ntpkit::render::table::TableStyle;
use ntpkit::render::{json, openmetrics, table};
use ntpkit::wire::AssociationId;
use ntpkit::wire::mru::{Dropped, MruEntry, Score};
use ntpkit::wire::status::{ClockStatusWord, PeerStatusWord, StatusWord, SystemStatusWord};
use ntpkit::wire::timestamp::NtpTimestamp;
use ntpkit::wire::variables::scan;

static RECORDS: Subject = Subject {
    schema: "ntpkit.fuzz.v1",
    list: Some("rows"),
    fields: &[
        label("name | name"),
        plain("text | text"),
        gauge("number | number | ntpkit_fuzz_number: A number."),
        counter("count | count | ntpkit_fuzz_count: A count."),
        plain("time | time"),
        plain("list | list"),
    ],
};

/// How many kinds of reports [`Input::report`] makes.
const KINDS: u8 = 11;

fuzz_target!(|input: (u8, u16, u16, &[u8])| {
    let (kind, id, status, octets) = input;
    let length = octets.first().map_or(0, |first| usize::from(*first)).min(octets.len());
    let (name, text) = octets.split_at(length);
    let input = Input { id, status, name, text };
    // All of them in one exposition, or one of them in every form.
    let Some(report) = input.report(kind) else {
        let reports: Vec<Report> = (0..KINDS).filter_map(|kind| input.report(kind)).collect();
        return is_exposition(&reports);
    };
    let objects = json::line(&report);
    printable(&objects, "\n");
    for line in objects.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object()),
            "{line}"
        );
    }
    let width = [None, Some(status % 200)][usize::from(id >> 3 & 1)];
    let style = TableStyle { width, color: false, caption: id & 2 == 2, raw: id & 4 == 4 };
    let borders: String = ('\u{2500}'..='\u{257f}').chain(['\n', '\u{2026}']).collect();
    printable(&table::render(&report, style), &borders);
    is_exposition(&[report]);
});

/// Of what the reports are made.
struct Input<'a> {
    id: u16,
    status: u16,
    name: &'a [u8],
    text: &'a [u8],
}

impl Input<'_> {
    /// The report of this kind; `None` if there is no such kind, or the text is no list of associations.
    fn report(&self, kind: u8) -> Option<Report> {
        let Self { id, status, name, text } = *self;
        let origin = Origin {
            host: String::from_utf8_lossy(name).into_owned(),
            address: (id & 1 == 1).then(|| ([127, 0, 0, 1], id).into()),
            time: jiff::Timestamp::UNIX_EPOCH,
            authentic: [None, Some(false), Some(true)][usize::from(id) % 3],
        };
        let variables = scan(text);
        let peer = Peer::from_variables(AssociationId(id), PeerStatusWord(status), &variables);
        let peer = PeerRow { peer, name: name.to_vec() };
        let of_variables = |origin, status, peer| {
            Report::Variables(Box::new(VariablesReport {
                origin,
                name: "variables",
                association: AssociationId(id),
                status,
                variables: ReportedVariable::list(&variables),
                peer,
            }))
        };
        let columns = [PeerColumns::Reference, PeerColumns::Association, PeerColumns::Local];
        Some(match kind {
            0 => Report::Peers(PeersReport {
                origin,
                columns: columns[usize::from(status) % 3],
                peers: vec![peer.clone(), peer],
                missing: Vec::new(),
            }),
            1 => of_variables(origin, StatusWord::System(SystemStatusWord(status)), None),
            2 => of_variables(origin, StatusWord::Peer(PeerStatusWord(status)), Some(peer)),
            3 => of_variables(origin, StatusWord::Clock(ClockStatusWord(status)), None),
            4 => Report::Interfaces(InterfacesReport { origin, interfaces: rows(&variables) }),
            5 => Report::Restrictions(RestrictionsReport { origin, restrictions: rows(&variables) }),
            6 => Report::VariableList(VariableListReport {
                origin,
                entries: vec![(name.to_vec(), Some(text.to_vec())), (text.to_vec(), None)],
            }),
            7 => {
                Report::Records(RecordsReport { origin, subject: &RECORDS, records: records(id, name, text) })
            }
            8 => Report::Mru(Box::new(clients(origin, id, name, text))),
            9 => Report::Failure(FailureReport {
                origin,
                command: Some("peers"),
                association: Some(AssociationId(id)),
                fault: Fault {
                    cause: FaultCause::TimedOut,
                    message: String::from_utf8_lossy(text).into_owned(),
                },
            }),
            10 => Report::Associations(AssociationsReport {
                origin,
                associations: Association::list(text).ok()?,
            }),
            _ => return None,
        })
    }
}

/// The metrics of these reports keep the rules of OpenMetrics.
fn is_exposition(reports: &[Report]) {
    let exposition = openmetrics::exposition(reports);
    assert!(exposition.ends_with("# EOF\n") && !exposition.contains("\n\n"));
    for line in exposition.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.starts_with("# ") || line.starts_with("ntpkit_"), "{line:?}");
    }
}

/// Records with fields of every kind.
fn records(id: u16, name: &[u8], text: &[u8]) -> Vec<Vec<FieldValue>> {
    let octets = *text.first_chunk::<8>().unwrap_or(&[0xff; 8]);
    let row = |last| {
        vec![
            FieldValue::Text(name.to_vec()),
            FieldValue::Text(text.to_vec()),
            FieldValue::Real(f64::from_be_bytes(octets), usize::from(id % 9)),
            FieldValue::Integer(i64::from_be_bytes(octets)),
            FieldValue::Time(NtpTimestamp(u64::from_be_bytes(octets))),
            last,
        ]
    };
    vec![
        row(FieldValue::Reals(vec![f64::from_be_bytes(octets); 3], 3)),
        row(FieldValue::Words(vec!["a", "b"])),
        row(FieldValue::Flag(id & 1 == 1)),
        row(FieldValue::Absent),
    ]
}

fn clients(origin: Origin, id: u16, name: &[u8], text: &[u8]) -> MruReport {
    let octets = *text.first_chunk::<16>().unwrap_or(&[0xff; 16]);
    let stamp = u64::from_be_bytes(*text.last_chunk().unwrap_or(&[1; 8]));
    let address = match id & 1 {
        0 => std::net::Ipv6Addr::from(octets).into(),
        _ => std::net::Ipv4Addr::from_bits(u128::from_be_bytes(octets) as u32).into(),
    };
    let entry = MruEntry {
        last: NtpTimestamp(stamp),
        first: NtpTimestamp(stamp.rotate_left(9)),
        count: u32::from(id) << 16,
        scope: u32::from(id),
        port: id,
        restrictions: id,
        address,
        mode_version: name.first().copied().unwrap_or(0x23),
        score: Score::of_thousandths(u32::from(id)),
        dropped: Dropped::of(u32::from(id)),
    };
    MruReport {
        origin,
        entries: vec![entry],
        names: BTreeMap::from([(address, String::from_utf8_lossy(name).into_owned())]),
        now: NtpTimestamp(stamp.rotate_left(3)),
        numbering: RestrictionNumbering::Current,
        updates: 4,
        fault: Some(String::from_utf8_lossy(text).into_owned()),
        streamed: None,
    }
}

/// Nothing but printable ASCII and these.
fn printable(text: &str, besides: &str) {
    let is_harmless = |letter: char| (' '..='~').contains(&letter) || besides.contains(letter);
    assert!(text.chars().all(is_harmless), "{text:?}");
}
