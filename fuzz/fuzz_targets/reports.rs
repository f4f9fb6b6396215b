//! Reports of arbitrary values in every structured form: tables (but for their borders) and JSON are printable ASCII, each line of JSON is an object,
//! and the metrics keep the rules of OpenMetrics.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use ntpkit::model::mru::{MruReport, RestrictionNumbering};
use ntpkit::model::ordered_list::rows;
use ntpkit::model::records::{FieldValue, RecordsReport, Subject, counter, gauge, label, plain};
use ntpkit::model::report::{
    AssociationsReport, FailureReport, Fault, FaultCause, InterfacesReport, PeerColumns, PeerRow, PeersReport,
    Report, ReportedVariable, RestrictionsReport, VariableListReport, VariablesReport,
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
        label("name", "name"),
        plain("text", "text"),
        gauge("number", "number", "ntpkit_fuzz_number", "", "A number."),
        counter("count", "count", "ntpkit_fuzz_count", "A count."),
        plain("time", "time"),
        plain("list", "list"),
    ],
};

fuzz_target!(|input: (u16, u16, &[u8])| {
    let (id, status, octets) = input;
    let length = octets.first().map_or(0, |first| usize::from(*first)).min(octets.len());
    let (name, text) = octets.split_at(length);
    let origin = Origin {
        host: String::from_utf8_lossy(name).into_owned(),
        address: (id & 1 == 1).then(|| ([127, 0, 0, 1], id).into()),
        time: jiff::Timestamp::UNIX_EPOCH,
        authentic: [None, Some(false), Some(true)][usize::from(id) % 3],
    };
    let variables = scan(text);
    let peer = Peer::from_variables(AssociationId(id), PeerStatusWord(status), &variables);
    let peer = PeerRow { peer, name: name.to_vec() };
    let of_variables = |status, peer| {
        Report::Variables(Box::new(VariablesReport {
            origin: origin.clone(),
            name: "variables",
            association: AssociationId(id),
            status,
            variables: ReportedVariable::list(&variables),
            peer,
        }))
    };
    let message = String::from_utf8_lossy(text).into_owned();
    let mut reports = vec![
        Report::Peers(PeersReport {
            origin: origin.clone(),
            columns: [PeerColumns::Reference, PeerColumns::Association, PeerColumns::Local][usize::from(status) % 3],
            peers: vec![peer.clone(), peer.clone()],
            missing: Vec::new(),
        }),
        of_variables(StatusWord::System(SystemStatusWord(status)), None),
        of_variables(StatusWord::Peer(PeerStatusWord(status)), Some(peer)),
        of_variables(StatusWord::Clock(ClockStatusWord(status)), None),
        Report::Interfaces(InterfacesReport { origin: origin.clone(), interfaces: rows(&variables) }),
        Report::Restrictions(RestrictionsReport { origin: origin.clone(), restrictions: rows(&variables) }),
        Report::VariableList(VariableListReport {
            origin: origin.clone(),
            entries: vec![(name.to_vec(), Some(text.to_vec())), (text.to_vec(), None)],
        }),
        Report::Records(RecordsReport { origin: origin.clone(), subject: &RECORDS, records: records(id, name, text) }),
        Report::Mru(Box::new(clients(origin.clone(), id, name, text))),
        Report::Failure(FailureReport {
            origin: origin.clone(),
            command: Some("peers"),
            association: Some(AssociationId(id)),
            fault: Fault { cause: FaultCause::TimedOut, message },
        }),
    ];
    if let Ok(associations) = Association::list(text) {
        reports.push(Report::Associations(AssociationsReport { origin, associations }));
    }
    for report in &reports {
        let objects = json::line(report);
        printable(&objects, "\n");
        for line in objects.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object()), "{line}");
        }
        for width in [None, Some(status % 200)] {
            let style = TableStyle { width, color: false, caption: id & 2 == 2, raw: id & 4 == 4 };
            let borders: String = ('\u{2500}'..='\u{257f}').chain(['\n', '\u{2026}']).collect();
            printable(&table::render(report, style), &borders);
        }
    }
    let exposition = openmetrics::exposition(&reports);
    assert!(exposition.ends_with("# EOF\n") && !exposition.contains("\n\n"));
    for line in exposition.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.starts_with("# ") || line.starts_with("ntpkit_"), "{line:?}");
    }
});

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
