//! The items of mode 7 replies, as every type and through every classic layout: whole lines of printable ASCII, and
//! the tabs of the layout.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::compat::Dialect;
use ntpkit::render::classic::mode7::{clock, lists, peers, system};
use ntpkit::render::classic::{HostNames, ReferenceIdForm, Style};
use ntpkit::wire::mode7::Implementation;
use ntpkit::wire::mode7::clock::{ClockBug, ClockInfo};
use ntpkit::wire::mode7::counters;
use ntpkit::wire::mode7::lists::{Client, Interface, Restriction, Trap};
use ntpkit::wire::mode7::peer::{MachineOrder, PeerDetail, PeerEntry, PeerStatistics, PeerSummary};
use ntpkit::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};

fuzz_target!(|input: (u8, &[u8])| {
    let (flags, item) = input;
    let (dialect, reference_ids) = match flags & 1 {
        0 => (Dialect::Native, ReferenceIdForm::Hash),
        _ => (Dialect::Classic, ReferenceIdForm::Address),
    };
    let style = Style {
        dialect,
        reference_ids,
        names: HostNames::Numeric,
        now: jiff::Timestamp::UNIX_EPOCH,
        time_zone: jiff::tz::TimeZone::UTC,
        units: flags & 2 == 2,
        width: None,
    };
    let implementation = if flags & 4 == 4 { Implementation::OLD } else { Implementation::CURRENT };
    let mut printed = Vec::new();
    printed.extend(PeerEntry::parse(item).map(|peer| peers::entry(&peer, &style)));
    for kind in [peers::Tally::Selection, peers::Tally::Mode] {
        printed.extend(PeerSummary::parse(item).map(|peer| peers::summary(&peer, kind, &style)));
    }
    for order in [MachineOrder::FoundOut, MachineOrder::LowestFirst] {
        printed.extend(PeerDetail::parse(item, order).map(|peer| peers::detail(&peer, &style)));
    }
    for followed in [false, true] {
        printed.extend(PeerStatistics::parse(item).map(|peer| peers::statistics(&peer, followed, &style)));
        printed.extend(LoopInfo::parse(item).map(|info| system::loop_filter(&info, followed, &style)));
    }
    printed.extend(SystemInfo::parse(item).map(|info| system::system(&info, &style)));
    printed.extend(KernelInfo::parse(item).map(|info| system::kernel(&info, &style)));
    printed.extend(Restriction::parse(item).map(|rule| lists::restriction(&rule, implementation, &style)));
    printed.extend(Trap::parse(item).map(|trap| lists::trap(&trap, &style)));
    let form = Client::form(item.len());
    printed.extend(Client::parse(item, form).map(|client| lists::client(&client, form, &style)));
    printed.extend(Interface::parse(item).map(|interface| lists::interface(&interface)));
    printed.extend(ClockInfo::parse(item).map(|info| clock::clock(&info, &style)));
    printed.extend(ClockBug::parse(item).map(|bug| clock::clock_bug(&bug, &style)));
    for table in [
        &counters::SYSTEM,
        &counters::INPUT_OUTPUT,
        &counters::MEMORY,
        &counters::TIMER,
        &counters::AUTHENTICATION,
        &counters::CONTROL,
    ] {
        printed.push(lists::counters(table, item));
    }
    printed.push(lists::hash_table(item));
    for text in printed {
        assert!(text.bytes().all(|octet| b"\n\t".contains(&octet) || (b' '..=b'~').contains(&octet)), "{text:?}");
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    }
});
