//! Anything as a reply of chronyd to every kind of request: what can be parsed is printed as columns and CSV without
//! control characters, with finite numbers in JSON.
//!
//! The input is the layout (one octet) and the data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::model::chronyd::{Report, address_text};
use ntpkit::render::chronyc::{Style, facts, report};
use ntpkit::wire::chrony::{
    Activity, Address, Authentication, Clients, Measurement, RealTimeClock, Reply, Request, Selection,
    ServerStatistics, SourceData, SourceStatistics, Tracking,
};

fuzz_target!(|input: &[u8]| {
    let Some((&layout, data)) = input.split_first() else { return };
    let requests = [
        Request::Tracking,
        Request::SourceData(0),
        Request::SourceStatistics(0),
        Request::Selection(0),
        Request::Authentication(Address::None),
        Request::Measurement(Address::None),
        Request::ServerStatistics,
        Request::Activity,
        Request::Clients(0, 0),
        Request::RealTimeClock,
    ];
    for request in requests {
        let sent = request.encode(7, 0);
        let mut datagram = vec![6, 2, 0, 0];
        datagram.extend_from_slice(&sent[4..6]);
        datagram.extend_from_slice(&[0, layout, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        datagram.resize(28, 0);
        datagram[16..20].copy_from_slice(&7_u32.to_be_bytes());
        datagram.extend_from_slice(data);
        let reply = Reply::parse(&datagram, request, &[7]).expect("a reply to this request");
        let parsed = match request {
            Request::Tracking => Tracking::parse(&reply).map(Report::Tracking),
            Request::SourceData(_) => SourceData::parse(&reply).map(|row| Report::Sources(vec![row])),
            Request::SourceStatistics(_) => {
                SourceStatistics::parse(&reply).map(|row| Report::SourceStatistics(vec![row]))
            }
            Request::Selection(_) => Selection::parse(&reply).map(|row| Report::Selection(vec![row])),
            Request::Authentication(address) => {
                Authentication::parse(&reply).map(|row| Report::Authentication(vec![(address, row)]))
            }
            Request::Measurement(_) => Measurement::parse(&reply).map(|row| Report::Measurements(vec![row])),
            Request::ServerStatistics => ServerStatistics::parse(&reply).map(Report::ServerStatistics),
            Request::Activity => Activity::parse(&reply).map(Report::Activity),
            Request::Clients(..) => Clients::parse(&reply).map(|list| Report::Clients(list.clients)),
            _ => RealTimeClock::parse(&reply).map(Report::RealTimeClock),
        };
        parsed.iter().for_each(check);
    }
});

fn check(parsed: &Report) {
    for (csv, key_establishments) in [(false, false), (true, false), (false, true)] {
        let style =
            Style { csv, verbose: false, all: true, key_establishments, host: None, name: &address_text };
        let text = report(parsed, style);
        assert!(text.bytes().all(|octet| octet == b'\n' || octet == b' ' || octet.is_ascii_graphic()), "{text:?}");
        // Without clients there is no line of CSV.
        let is_nothing = csv && text.is_empty() && matches!(parsed, Report::Clients(clients) if clients.is_empty());
        assert!(is_nothing || text.ends_with('\n'), "{text:?}");
    }
    for fact in facts::records(parsed, true, &address_text).iter().flatten() {
        let is_number = matches!(fact.value, facts::Value::Offset(_) | facts::Value::Interval(_));
        assert!(!is_number || fact.value.json().is_number(), "{fact:?}");
    }
}
