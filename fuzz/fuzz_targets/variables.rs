//! The text of replies: whatever it contains, every layout and dialect prints it as whole lines of printable ASCII (a raw
//! reply keeps its white space).
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::compat::Dialect;
use ntpkit::model::{Association, Peer};
use ntpkit::render::classic::cooked::Subject;
use ntpkit::render::classic::peers::{PeerTable, PeersView};
use ntpkit::render::classic::{HostNames, ReferenceIdForm, Style, associations, cooked, raw, report_tables};
use ntpkit::wire::AssociationId;
use ntpkit::wire::status::{PeerStatusWord, StatusWord};
use ntpkit::wire::variables::scan;

fuzz_target!(|input: (u16, u16, &[u8])| {
    let (association, status, data) = input;
    let association = AssociationId(association);
    let scan = scan(data);
    assert!(scan.variables.len() <= data.len());
    assert!(scan.variables.iter().all(|variable| !variable.name.is_empty()));

    let peer_status = PeerStatusWord(status);
    let peer = Peer::from_variables(association, peer_status, &scan);
    check_raw(&raw::reply(association, StatusWord::Peer(peer_status), data));
    check(&PeerTable::diagnostics(&peer));
    if let Ok(list) = Association::list(data) {
        for dialect in [Dialect::Classic, Dialect::Native] {
            check(&associations::table(&list, true, 2, dialect));
        }
    }
    for (dialect, reference_ids) in
        [(Dialect::Classic, ReferenceIdForm::Address), (Dialect::Native, ReferenceIdForm::Hash)]
    {
        let style = Style {
            dialect,
            reference_ids,
            names: HostNames::Numeric,
            now: jiff::Timestamp::UNIX_EPOCH,
            time_zone: jiff::tz::TimeZone::UTC,
            units: association.0 & 1 == 1,
            width: (association.0 & 2 == 2).then_some(status),
        };
        for subject in [Subject::SystemOrPeer, Subject::Clock] {
            let rendered = cooked::variables(&scan, subject, &style);
            check(&rendered.output);
            check(&rendered.diagnostics);
        }
        for report in report_tables::REPORTS {
            let rendered = report.render(association, status, &scan, &style);
            check(&rendered.output);
            check(&rendered.diagnostics);
        }
        for view in [PeersView::Peers, PeersView::AssociationPeers, PeersView::OldPeers] {
            for wide in [false, true] {
                let (family, server) = (None, None);
                let style = style.clone();
                let is_told_in_part = association.0 & 4 == 4;
                let table = PeerTable { view, wide, version: 2, family, server, is_told_in_part, style };
                check(&table.line(&peer));
            }
        }
    }
});

/// Output cannot control a terminal and ends with a newline.
fn check(printed: &str) {
    assert!(printed.bytes().all(|octet| octet == b'\n' || is_printable(octet)), "{printed:?}");
    assert!(printed.is_empty() || printed.ends_with('\n'), "{printed:?}");
}

/// A raw reply keeps its white space and need not end with a newline.
fn check_raw(printed: &str) {
    assert!(
        printed.bytes().all(|octet| b"\n\t\x0b\x0c".contains(&octet) || is_printable(octet)),
        "{printed:?}"
    );
}

fn is_printable(octet: u8) -> bool {
    (b' '..=b'~').contains(&octet)
}
