//! What the answers of a simulated fleet come to, over a network in memory.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

#[path = "support/numeric.rs"]
mod numeric;

use ntpkit::client::look::{By, Look, QuerySettings};
use ntpkit::model::fleet::{Cause, Host, Majority, Way, clocks};
use ntpkit::net::many::{Limits, run};
use ntpkit::session::memory::{MemoryNetwork, Place, Weather};
use ntpkit::sim::NtpTime;
use ntpkit::sim::fleet::{Behaviour, Rule, answer, chronyd_answer, number_of};
use ntpkit::wire::chrony::PORT;
use ntpkit::wire::packet::{Mode, TimePacket};
use numeric::Numeric;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

const RULE: Rule = Rule { silent_every: 10 };

/// Looks at these hosts, which answer as the rule has it but for what this makes of an answer.
fn looked_at(
    names: &[&str],
    settings: QuerySettings,
    weather: Weather,
    mut change: impl FnMut(u32, Vec<u8>) -> Vec<Vec<u8>> + 'static,
) -> Vec<Host> {
    let mut network = MemoryNetwork::new(weather);
    let begin = network.stamp().0;
    network.answer_with(move |to, request, now| {
        let IpAddr::V4(ip) = to.ip() else { return Vec::new() };
        let now = NtpTime(begin).plus_seconds(now.as_secs_f64());
        let number = number_of(ip);
        let reply = match to.port() {
            PORT => chronyd_answer(RULE, number, request, now),
            _ => answer(RULE, number, request, now),
        };
        reply.map_or_else(Vec::new, |reply| change(number, reply))
    });
    let jobs = names.iter().map(|name| Look::new((*name).to_owned(), settings, Place::at));
    let mut hosts = Vec::new();
    let names = Numeric::default();
    run(network, names, Limits::default(), jobs, &mut |_, host| {
        hosts.push(host);
        ControlFlow::Continue(())
    })
    .unwrap();
    hosts
}

fn near() -> Weather {
    Weather { delay: Duration::from_millis(10), ..Weather::default() }
}

fn causes(host: &Host) -> Vec<Cause> {
    host.problems.iter().map(|problem| problem.cause).collect()
}

#[test]
fn a_whole_fleet_on_a_lossy_path_is_what_it_was_set_up_to_be() {
    let names: Vec<String> =
        (1..=1000_u32).map(|number| format!("127.0.{}.{}", number >> 8, number & 255)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let weather = Weather { loss: 0.01, duplicates: 0.05, jitter: Duration::from_millis(5), ..near() };
    let mut hosts = looked_at(&names, QuerySettings::default(), weather, |_, reply| vec![reply]);
    let found = clocks(&mut hosts);
    let census = RULE.census(1..=1000);
    let expected = Majority::Found {
        agreeing: [Behaviour::Good, Behaviour::Queryless, Behaviour::Chronyd]
            .iter()
            .map(|behaviour| census[behaviour])
            .sum(),
        disagreeing: census[&Behaviour::Liar],
    };
    assert_eq!(found.majority, expected);
    for (host, number) in hosts.iter().zip(1..) {
        let behaviour = RULE.behaviour(number);
        let way = match behaviour {
            Behaviour::Silent => None,
            Behaviour::Queryless => Some(Way::Sntp),
            Behaviour::Chronyd => Some(Way::Chrony),
            _ => Some(Way::Control),
        };
        assert_eq!(host.way, way, "{host:?}");
        let expected: &[Cause] = match behaviour {
            Behaviour::Silent => &[Cause::Silent],
            Behaviour::Unsynchronized => &[Cause::Unsynchronized],
            Behaviour::Liar => &[Cause::Disagrees],
            Behaviour::RateLimiting => &[Cause::RateLimited],
            _ => &[],
        };
        assert_eq!(causes(host), expected, "{host:?}");
        if let Some(time) = host.time {
            // Half of the jitter of both ways, and half of the first delay.
            assert!((time.offset - RULE.offset(number)).abs() < 0.006, "{host:?}");
        }
        let is_known = way.is_some_and(|way| way != Way::Sntp);
        assert_eq!(host.own.sources, is_known.then_some(4), "{host:?}");
        assert_eq!(host.own.offset.is_some(), is_known);
    }
}

#[test]
fn what_a_daemon_reports() {
    let hosts =
        looked_at(&["127.0.0.1", "127.0.0.31", "127.0.0.3"], QuerySettings::default(), near(), |_, reply| {
            vec![reply]
        });
    let [good, chronyd, lost] = &hosts[..] else { panic!("{hosts:?}") };
    assert_eq!(
        (good.own.daemon.as_deref(), good.own.reach, good.own.usable_sources),
        (Some("ntpd 4.2.8p15"), Some(0o377), Some(3))
    );
    assert!(
        (good.bound().unwrap() - 0.01206).abs() < 1e-4 && (good.own.bound.unwrap() - 0.01206).abs() < 1e-4
    );
    assert_eq!(good.reference().unwrap().ip(), Some([192, 0, 2, 11].into()));
    assert_eq!(
        (chronyd.own.daemon.as_deref(), chronyd.own.reach, chronyd.own.usable_sources),
        (Some("chronyd"), Some(0o377), Some(4))
    );
    assert!((chronyd.own.offset.unwrap() + RULE.offset(31)).abs() < 1e-9);
    assert_eq!((lost.bound(), lost.own.reach, lost.own.usable_sources), (None, None, Some(0)));
}

#[test]
fn each_protocol_can_be_chosen() {
    let ways = |by| {
        let hosts = looked_at(
            &["127.0.0.1", "127.0.0.31"],
            QuerySettings { by, ..QuerySettings::default() },
            near(),
            |_, reply| vec![reply],
        );
        hosts.iter().map(|host| (host.way, causes(host))).collect::<Vec<_>>()
    };
    let none = Vec::new;
    assert_eq!(ways(By::Sntp), [(Some(Way::Sntp), none()), (Some(Way::Sntp), none())]);
    assert_eq!(ways(By::Control), [(Some(Way::Control), none()), (Some(Way::Sntp), vec![Cause::NoQueries])]);
    assert_eq!(ways(By::Chrony), [(Some(Way::Sntp), vec![Cause::NoQueries]), (Some(Way::Chrony), none())]);
}

#[test]
fn a_host_that_floods_harms_nobody() {
    let flood = |number, reply: Vec<u8>| if number == 2 { vec![reply; 3000] } else { vec![reply] };
    let hosts = looked_at(&["127.0.0.1", "127.0.0.2", "127.0.0.4"], QuerySettings::default(), near(), flood);
    assert!(hosts.iter().all(|host| host.way == Some(Way::Control) && causes(host).is_empty()), "{hosts:?}");
}

#[test]
fn answers_that_make_no_sense_are_no_time() {
    let broken = |_, reply: Vec<u8>| match TimePacket::parse(&reply) {
        Ok(packet) if packet.mode == Mode::SERVER => {
            let transmit_timestamp = packet.receive_timestamp - (1 << 32);
            vec![TimePacket { transmit_timestamp, ..packet }.to_bytes()]
        }
        _ => vec![reply],
    };
    let hosts = looked_at(&["127.0.0.1", "127.0.0.7"], QuerySettings::default(), near(), broken);
    assert_eq!(hosts.iter().map(|host| host.way).collect::<Vec<_>>(), [Some(Way::Control), Some(Way::Sntp)]);
    assert!(hosts.iter().all(|host| host.time.is_none() && causes(host) == [Cause::Unfit]), "{hosts:?}");
    let junk = |_, _: Vec<u8>| vec![vec![0xff; 60]];
    let hosts = looked_at(&["127.0.0.1"], QuerySettings::default(), near(), junk);
    assert_eq!(causes(&hosts[0]), [Cause::Unusable]);
}

#[test]
fn texts_that_are_no_hosts_are_lost() {
    let hosts =
        looked_at(&["[::1", "nowhere.example"], QuerySettings::default(), near(), |_, reply| vec![reply]);
    assert!(
        hosts.iter().all(|host| causes(host) == [Cause::NoAddress] && host.address.is_none()),
        "{hosts:?}"
    );
}
