//! Tests of the monitor without a terminal.

use super::data::{Seen, Update};
use super::draw::{draw, lines, text};
use super::input::press;
use super::key::Key;
use super::monitor::{Action, Look, Monitor, Pane, View};
use super::order::RowOrder;
use super::{ask::Asker, rounds::Rounds};
use crate::client::look::QuerySettings;
use crate::client::probe::reports;
use crate::model::fleet::{Cause, Host, Own, Problem, Severity, Time, Way};
use crate::model::mru::{MruReport, RestrictionNumbering};
use crate::model::report::Report;
use crate::model::selection::{Candidate, Filtered};
use crate::model::{Origin, Peer};
use crate::session::control::Reply;
use crate::sim::{Faults, Scenario, SimulatedDaemon, demo};
use crate::wire::AssociationId;
use crate::wire::mru::{Dropped, MruEntry, Score};
use crate::wire::status::PeerStatusWord;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const SYSTEM: &str = "version=\"ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)\", processor=\"x86_64\", \
    leap=0, stratum=2, precision=-24, rootdelay=0.054, rootdisp=11.223, refid=192.0.2.11, \
    peer=15449, tc=6, offset=-0.041377, frequency=0.076, sys_jitter=0.008465";
const NOW: i64 = 1_796_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn time(milliseconds: f64) -> Time {
    #[allow(clippy::cast_possible_truncation, reason = "a test's figure")]
    let offset = (milliseconds * 4_294_967.296) as i64;
    let stamp = NtpTimestamp::from(now()).0;
    let candidate = Candidate {
        stratum: 2,
        transmit_timestamp: stamp,
        reference_timestamp: stamp - (16 << 32),
        root_dispersion: 655,
        filtered: Filtered { delay: 1311, offset, dispersion: 0 },
        offset: offset.into(),
        ..Candidate::default()
    };
    Time { offset: milliseconds / 1000.0, delay: 0.000_2, candidate, is_impossible: false }
}

fn host(name: &str, number: u8, milliseconds: f64) -> Host {
    Host {
        name: name.to_owned(),
        address: Some(([192, 0, 2, number], 123).into()),
        way: Some(Way::Control),
        time: Some(time(milliseconds)),
        own: Own { reach: Some(0o377), stratum: Some(2), leap: Some(0), ..Own::default() },
        ..Host::default()
    }
}

fn lost(name: &str) -> Host {
    Host::lost(name.to_owned(), None, Problem::new(Cause::Silent, Severity::Critical, ""))
}

/// A daemon with four sources, one of which has a hostile name.
fn seen(round: u32) -> Seen {
    let origin = Origin { host: "ntp.example".into(), address: None, time: now(), authentic: None };
    let reply = |association, status, data: &str| Reply {
        status,
        association: AssociationId(association),
        data: data.as_bytes().to_vec(),
        doubt: None,
    };
    let sources = [
        (15449, 0x961a, "192.0.2.11", "GPS", "0.019"),
        (15450, 0x941a, "2001:db8::12", "192.0.2.40", "-1.250"),
        (15451, 0x911a, "192.0.2.13", "192.0.2.41", "61.002"),
        (15452, 0x8011, "192.0.2.14", "INIT", "0.000"),
    ];
    let replies: Vec<Reply> = sources
        .iter()
        .map(|(id, status, address, refid, offset)| {
            reply(
                *id,
                *status,
                &format!(
                    "srcadr={address}, srcport=123, dstadr=192.0.2.20, stratum=1, refid={refid}, reach=0xff, \
                 hmode=3, pmode=4, hpoll=6, ppoll=6, flash=0x0, rec={:#010x}.00000000, delay=0.054, \
                 offset={offset}, jitter=0.010, \
                 filtoffset=\"0.04 0.04 -0.00 0.02 0.02 0.02 0.02 0.01\"",
                    NtpTimestamp::from(now()).seconds() - 17 - round
                ),
            )
        })
        .collect();
    let peers = replies.iter().map(|reply| {
        Peer::from_variables(reply.association, PeerStatusWord(reply.status), &scan(&reply.data))
    });
    let mut found = Seen {
        at: now(),
        host: host("ntp.example", 20, 0.003),
        measured: true,
        by: Some("mode 6".into()),
        ..Seen::default()
    };
    let system = SYSTEM.replace("-0.041377", &format!("-0.0{}", 41 + round % 7));
    for report in reports(origin.clone(), &reply(0, 0x0615, &system), peers.collect()) {
        match report {
            Report::Variables(variables) => found.system = Some(*variables),
            Report::Peers(peers) => found.peers = peers.peers,
            _ => {}
        }
    }
    for reply in &replies {
        if let Some(Report::Variables(mut variables)) =
            reports(origin.clone(), reply, Vec::new()).into_iter().next()
        {
            variables.association = reply.association;
            variables.status = crate::wire::status::StatusWord::Peer(PeerStatusWord(reply.status));
            found.details.push(*variables);
        }
    }
    found
}

fn clients() -> Update {
    let stamp = NtpTimestamp::from(now());
    let entry = |number: u8, count| MruEntry {
        last: stamp,
        first: NtpTimestamp(stamp.0 - (640 << 32)),
        count,
        scope: 0,
        port: 123,
        restrictions: 0,
        address: [192, 0, 2, number].into(),
        mode_version: 35,
        score: Score::default(),
        dropped: Dropped::default(),
    };
    let entries = (0..9).map(|number| entry(100 + number, 900 - u32::from(number))).collect();
    let list = MruReport {
        origin: Origin { host: "ntp.example".into(), address: None, time: now(), authentic: None },
        entries,
        names: BTreeMap::new(),
        now: stamp,
        numbering: RestrictionNumbering::Current,
        updates: 0,
        fault: None,
        streamed: None,
    };
    Update::Clients { place: 0, list: Some(Arc::new(list)) }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("ntp{number}.example")).collect()
}

/// One host, after some polls.
fn one() -> Monitor {
    let mut monitor = Monitor::new(&["ntp.example".to_owned()], Duration::from_secs(5), Look::default());
    (0..20).for_each(|round| monitor.take(Update::Seen(Box::new(seen(round)))));
    monitor.take(clients());
    monitor.take(Update::Names(BTreeMap::from([
        ([192, 0, 2, 11].into(), "time.example".to_owned()),
        ([192, 0, 2, 13].into(), "evil\u{1b}[31m.example".to_owned()),
    ])));
    monitor
}

/// Many hosts, after two rounds.
fn fleet() -> Monitor {
    let mut monitor = Monitor::new(&names(6), Duration::from_secs(10), Look::default());
    for round in 0..2_u8 {
        let mut hosts: Vec<Host> = (0..4_u8)
            .map(|n| host(&format!("ntp{n}.example"), 10 + n, f64::from(n) * 0.1 - f64::from(round)))
            .collect();
        hosts[2] = host("ntp2.example", 12, 80_000.0);
        hosts[3].note(Cause::Contradicts, Severity::Warning, "reports stratum 3\u{1b}[31m, serves 2");
        hosts.push(lost("ntp4.example"));
        for (place, host) in hosts.into_iter().enumerate() {
            monitor.take(Update::Look { place, host: Box::new(host), measured: true });
        }
    }
    monitor.take(Update::RoundOver);
    monitor
}

fn screen(monitor: &Monitor, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(monitor, now(), frame.area(), frame.buffer_mut())).unwrap();
    let shown = lines(terminal.backend().buffer());
    let text: String = shown.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
    text
}

fn type_keys(monitor: &mut Monitor, keys: &str) -> Action {
    let key = |letter| match letter {
        '\n' => Key::Enter,
        '\u{1b}' => Key::Escape,
        letter => Key::Letter(letter),
    };
    keys.chars().map(|letter| press(monitor, key(letter))).last().unwrap()
}

const SIZES: [(u16, u16); 3] = [(80, 24), (60, 20), (200, 50)];

#[test]
fn screens_of_each_size() {
    let mut detail = one();
    type_keys(&mut detail, "jd");
    let mut help = one();
    type_keys(&mut help, "?");
    let mut silent = one();
    let nothing = Seen { at: now(), host: lost("ntp.example"), measured: true, ..Seen::default() };
    silent.take(Update::Seen(Box::new(nothing)));
    for (name, monitor) in
        [("host", one()), ("detail", detail), ("help", help), ("silent", silent), ("fleet", fleet())]
    {
        for (width, height) in SIZES {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen(&monitor, width, height));
        }
    }
}

#[test]
fn no_size_is_too_small() {
    let mut monitors = [one(), fleet()];
    for keys in ["", "d", "?", "?/xyz", "\u{1b}wuao"] {
        for monitor in &mut monitors {
            if !keys.is_empty() {
                type_keys(monitor, keys);
            }
            for (width, height) in [(0, 0), (1, 1), (2, 9), (9, 2), (30, 5), (500, 3)] {
                screen(monitor, width, height);
            }
        }
    }
}

#[test]
fn one_frame_has_every_row_and_no_plot() {
    let shown = text(&one(), now(), 80);
    insta::assert_snapshot!("frame_host", shown);
    insta::assert_snapshot!("frame_fleet", text(&fleet(), now(), 120));
}

#[test]
fn one_frame_has_any_number_of_hosts() {
    let monitor = Monitor::new(&names(3000), Duration::from_secs(10), Look::default());
    let shown = text(&monitor, now(), 120);
    assert_eq!(shown.lines().count(), 3003);
    assert!(shown.lines().last().unwrap().starts_with("ntp2999.example "), "{shown}");
}

#[test]
fn a_daemon_with_other_sources_each_time_fills_no_memory() {
    let mut monitor = one();
    for number in 0..100_u32 {
        let found =
            (0..128_u32).map(|low| (IpAddr::from((number * 128 + low).to_be_bytes()), "x".to_owned()));
        monitor.take(Update::Names(found.collect()));
    }
    assert!(monitor.shown().names.len() < 5000);
}

#[test]
fn the_worst_come_first_and_other_orders_are_a_key_away() {
    let mut monitor = fleet();
    assert_eq!(monitor.rows(), [2, 4, 3, 0, 1, 5], "disagrees, silent, warning, by offset, not known yet");
    type_keys(&mut monitor, "S");
    assert_eq!(
        (monitor.row_order, monitor.rows()[0]),
        (RowOrder::Figure(crate::model::fleet::Order::Offset), 2)
    );
    assert_eq!(monitor.message.as_deref(), Some("sorted by offset"));
    type_keys(&mut monitor, "SSSS");
    assert_eq!(monitor.rows(), [0, 1, 2, 3, 4, 5], "by name");
    let mut host = one();
    let shown = |host: &Monitor| host.peers().iter().map(|row| row.peer.association.0).collect::<Vec<_>>();
    assert_eq!(shown(&host), [15449, 15450, 15451, 15452]);
    type_keys(&mut host, "S");
    assert_eq!(shown(&host), [15451, 15450, 15449, 15452]);
    type_keys(&mut host, "s");
    assert_eq!(shown(&host), [15451, 15450, 15449], "only what is reachable");
}

#[test]
fn a_host_is_opened_and_closed() {
    let mut monitor = fleet();
    assert_eq!(monitor.wishes().open, None);
    type_keys(&mut monitor, "jj\n");
    assert_eq!((monitor.view, monitor.wishes().open), (View::Host, Some(4)));
    assert!(monitor.wishes().clients);
    type_keys(&mut monitor, "d");
    assert_eq!((monitor.pane, monitor.wishes().clients), (Pane::Detail, false));
    type_keys(&mut monitor, "\u{1b}\u{1b}");
    assert_eq!((monitor.view, monitor.wishes().open, monitor.row), (View::Fleet, None, Some(4)));
    // News that come late are not those of another host.
    type_keys(&mut monitor, "k\n");
    assert_eq!(monitor.wishes().open, Some(2));
    monitor.take(Update::Seen(Box::new(Seen { place: 4, ..seen(0) })));
    assert!(monitor.shown().open.as_ref().unwrap().seen.is_none());
    // The only host cannot be closed.
    let mut one = one();
    type_keys(&mut one, "\u{1b}");
    assert_eq!(one.view, View::Host);
}

#[test]
fn a_filter_hides_rows_until_it_is_cleared() {
    let mut monitor = fleet();
    type_keys(&mut monitor, "/NTP4x");
    press(&mut monitor, Key::Erase);
    assert_eq!(monitor.rows().len(), 6, "not before Enter");
    assert_eq!(type_keys(&mut monitor, "\n"), Action::None);
    assert_eq!(monitor.rows(), [4]);
    type_keys(&mut monitor, "\u{1b}");
    assert_eq!(monitor.rows().len(), 6);
    // What is typed is no command, and escape forgets it.
    assert_eq!(type_keys(&mut monitor, "/q\u{1b}"), Action::None);
    assert_eq!((monitor.filter(), monitor.prompt.is_none()), ("", true));
    type_keys(&mut monitor, "/majority\n");
    assert_eq!(monitor.rows(), [2], "problems count too");
    let mut host = one();
    type_keys(&mut host, "/time.ex\n");
    assert_eq!(host.peers().len(), 1);
}

#[test]
fn a_frozen_screen_stays_while_news_arrive() {
    let mut monitor = fleet();
    type_keys(&mut monitor, "f");
    let before = screen(&monitor, 80, 24);
    monitor.take(Update::Look { place: 0, host: Box::new(lost("ntp0.example")), measured: true });
    assert_eq!(screen(&monitor, 80, 24), before);
    assert!(before.contains("FROZEN"), "{before}");
    type_keys(&mut monitor, "f");
    assert!(monitor.rows()[..3].contains(&0));
    assert_eq!(monitor.shown().rows[0].offsets.bars(9).chars().count(), 3, "none is missing");
}

#[test]
fn keys_change_what_is_asked_and_shown() {
    let mut monitor = one();
    type_keys(&mut monitor, "--");
    assert_eq!(monitor.interval, Duration::from_secs(1));
    type_keys(&mut monitor, "--");
    assert_eq!(monitor.wishes().interval, Duration::from_secs(1), "never less");
    type_keys(&mut monitor, "+");
    assert_eq!(monitor.interval, Duration::from_secs(2));
    assert!(screen(&monitor, 80, 24).contains("time.example"));
    type_keys(&mut monitor, "n");
    assert!(!screen(&monitor, 80, 24).contains("time.example") && !monitor.wishes().names);
    type_keys(&mut monitor, "u");
    assert!(screen(&monitor, 80, 24).contains("46us"), "{}", screen(&monitor, 80, 24));
    type_keys(&mut monitor, "a");
    assert!(screen(&monitor, 80, 24).contains("15449"));
    type_keys(&mut monitor, " ");
    assert!(screen(&monitor, 80, 24).contains("192.0.2.20"));
    type_keys(&mut monitor, "m");
    assert!(!screen(&monitor, 80, 24).contains("192.0.2.13"));
    assert_eq!(type_keys(&mut monitor, "l"), Action::None);
    assert_eq!(type_keys(&mut monitor, "x.json\n"), Action::Log(PathBuf::from("x.json")));
    monitor.log = (Some("y.json".into()), false);
    assert_eq!(type_keys(&mut monitor, "l"), Action::Log(PathBuf::from("y.json")));
    monitor.log.1 = true;
    assert_eq!(type_keys(&mut monitor, "l"), Action::EndLog);
    assert_eq!(type_keys(&mut monitor, "?"), Action::None);
    assert_eq!(type_keys(&mut monitor, "q"), Action::Quit);
}

#[test]
fn what_a_host_said_last_remains_visible() {
    let mut monitor = one();
    let nothing = Seen { at: now(), host: lost("ntp.example"), measured: true, ..Seen::default() };
    monitor.take(Update::Seen(Box::new(nothing)));
    let open = monitor.shown().open.clone().unwrap();
    assert_eq!((open.seen.unwrap().peers.len(), open.lost.unwrap().len()), (4, 1));
    monitor.take(Update::Seen(Box::new(seen(0))));
    assert!(monitor.shown().open.as_ref().unwrap().lost.is_none());
}

#[test]
fn a_daemon_is_asked_about_everything() {
    let daemon = SimulatedDaemon::start_on_loopback(scenario(), Faults::default()).unwrap();
    let address = daemon.local_address();
    let settings = QuerySettings { patience: Duration::from_secs(20), ..QuerySettings::default() };
    let mut asker = Asker::new(0, &address.to_string(), settings);
    let seen = asker.ask(Duration::from_secs(100)).unwrap();
    assert!(seen.is_answered() && seen.measured && seen.host.time.is_some());
    assert!(!seen.peers.is_empty() && seen.details.len() == seen.peers.len());
    assert!(
        seen.details.iter().zip(&seen.peers).all(|(detail, row)| detail.association == row.peer.association)
    );
    let again = asker.ask(Duration::from_secs(101)).unwrap();
    assert!(
        again.system.is_some() && !again.measured && again.host.time.is_none(),
        "its clock is left alone"
    );
    let Update::Clients { list, .. } = asker.ask_for_clients() else { panic!("clients") };
    assert!(list.is_none_or(|list| list.entries.len() <= 200));
}

#[test]
fn many_hosts_are_looked_at_in_one_round() {
    let daemon = SimulatedDaemon::start_on_loopback(scenario(), Faults::default()).unwrap();
    let hosts = vec![daemon.local_address().to_string(), "[".to_owned()];
    let settings = QuerySettings { patience: Duration::from_secs(20), ..QuerySettings::default() };
    let mut rounds = Rounds::new(&hosts, settings);
    let mut monitor = Monitor::new(&hosts, Duration::from_secs(10), Look::default());
    rounds
        .go(&mut |update| {
            monitor.take(update);
            ControlFlow::Continue(())
        })
        .unwrap();
    let rows = &monitor.shown().rows;
    assert_eq!(
        (rows[0].host.way, rows[1].host.worst().unwrap().cause),
        (Some(Way::Control), Cause::NoAddress)
    );
    assert_eq!(monitor.rows(), [1, 0]);
}

/// A daemon with sources and clients.
fn scenario() -> Scenario {
    demo().into_iter().find(|scenario| scenario.name == "campus").unwrap()
}
