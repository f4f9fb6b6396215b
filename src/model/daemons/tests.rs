//! Valid and invalid reports of the other daemons.

use super::*;
use crate::wire::chrony::{Measurement, SourceStatistics};
use crate::wire::ntpd_rs::{Stamp, System};
use crate::wire::timesyncd::Message;

fn ip(text: &str) -> Address {
    Address::Ip(text.parse().unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_193_070).unwrap()
}

#[test]
fn chronyd_synchronised_local_and_not() {
    let tracking = Tracking {
        reference_id: 0xc000_020b,
        address: ip("192.0.2.11"),
        stratum: 2,
        correction: -0.001,
        root_delay: 0.004,
        root_dispersion: 0.01,
        ..Tracking::default()
    };
    let health = chronyd(&tracking, Some(4));
    assert_eq!(health.reference, Some(Reading::Known(b"192.0.2.11".to_vec())));
    assert!(matches!(health.maximum_error, Reading::Known(error) if (error - 13.0).abs() < 1e-9));
    assert_eq!((health.poll_interval, health.offset), (Reading::Known(16.0), Some(-1.0)));
    assert!(health.is_synchronized && !health.is_incomplete);

    let at = |seconds| Tracking { reference_time: Some(seconds), ..tracking };
    assert_eq!(chronyd_age(&at(now().as_second() - 40), now()), Some(40.0));
    assert_eq!(chronyd_age(&at(i64::MAX), now()), Some(0.0));
    assert_eq!((chronyd_age(&at(i64::MIN), now()), chronyd_age(&tracking, now())), (None, None));

    let local = Tracking { reference_id: 0x7f7f_0101, stratum: 4, ..Tracking::default() };
    let health = chronyd(&local, None);
    assert_eq!((health.reference, health.poll_interval), (None, Reading::Unknown));
    let gps = Tracking { reference_id: 0x4750_5300, ..Tracking::default() };
    assert_eq!(chronyd(&gps, Some(-3)).reference, Some(Reading::Known(b"GPS".to_vec())));
    assert_eq!(chronyd(&gps, Some(-3)).poll_interval, Reading::Known(0.125));
    assert_eq!(chronyd(&gps, Some(i16::MIN)).poll_interval, Reading::Unreadable);
    for leap in [3, 4, u16::MAX] {
        assert!(!chronyd(&Tracking { leap, ..local }, None).is_synchronized);
    }
    let odd = Tracking { root_delay: -4e18, root_dispersion: -4e18, ..local };
    assert_eq!(chronyd(&odd, None).maximum_error, Reading::Known(0.0));
}

#[test]
fn chronyds_authentication_appears_in_status_and_variables() {
    use crate::model::daemons::variables::Variables;
    use crate::wire::chrony::Authentication;
    let data = SourceData { address: ip("192.0.2.14"), reach: 1, age: Some(1), ..SourceData::default() };
    let report = Authentication {
        mode: Authentication::NTS,
        key_type: 30,
        key_id: 2,
        key_length: 128,
        age: Some(60),
        cookies: 8,
        cookie_length: 96,
        ..Authentication::default()
    };
    let peer = |authentication, reach| {
        let data = SourceData { reach, ..data };
        chronyd_peer(1, &KnownSource { data, authentication, ..KnownSource::default() }, now())
    };
    let flags = |peer: &Peer| (peer.status.is_authentication_enabled(), peer.status.is_authentic());
    let nts = peer(Some(report), 1);
    assert_eq!((flags(&nts), nts.nts_cookies), ((true, true), Some(8)));
    let text = String::from_utf8(Variables::of_peer(&nts).reply(b"").unwrap()).unwrap();
    let end = "mechanism=nts, keyid=2, keytype=30, keybits=128, keyage=60, keyattempts=0, ntsnaks=0, \
               ntscookielen=96, ntscookies=8";
    assert!(text.ends_with(end), "{text}");
    let key = peer(Some(Authentication { mode: Authentication::SYMMETRIC, ..report }), 0);
    assert_eq!((flags(&key), key.nts_cookies), ((true, false), None));
    assert_eq!(flags(&peer(Some(Authentication::default()), 1)), (false, false));
    let unknown = peer(None, 1);
    assert_eq!(unknown.authentication, SourceAuthentication::default());
    assert!(Variables::of_peer(&unknown).reply(b"mechanism").is_none(), "nothing is claimed");
}

#[test]
fn chronyds_sources() {
    let source = SourceData {
        address: ip("192.0.2.14"),
        poll: 4,
        stratum: 1,
        state: SourceState::COMBINED,
        reach: 0o377,
        age: Some(15),
        offset: -0.06,
        ..SourceData::default()
    };
    let statistics = SourceStatistics { samples: 5, deviation: 1e-5, ..SourceStatistics::default() };
    let known = KnownSource { data: source, statistics: Some(statistics), ..KnownSource::default() };
    let peer = chronyd_peer(2, &known, now());
    assert_eq!((peer.status.tally(2), peer.association.0), ('+', 2));
    assert_eq!(peer.offset.unwrap().text(), "60.000000");
    assert_eq!(peer.jitter.unwrap().text(), "0.010000");
    assert_eq!((peer.stratum, peer.reach, peer.delay), (Some(1), Some(255), None));
    assert_eq!(peer.receive_time.unwrap().unix_seconds(now().as_second()), now().as_second() - 15);

    let clock = SourceData { mode: 2, address: ip("71.80.83.0"), ..SourceData::default() };
    let known = KnownSource { data: clock, ..KnownSource::default() };
    let peer = chronyd_peer(1, &known, now());
    assert_eq!(peer.source_host.as_deref(), Some(&b"GPS"[..]));
    assert!(is_followed(&Tracking { reference_id: 0x4750_5300, ..Tracking::default() }, &clock));

    let nobody = SourceData { address: Address::Unresolved(1), state: SourceState(99), ..source };
    let data = SourceData { age: None, poll: i16::MIN, ..nobody };
    let peer = chronyd_peer(1, &KnownSource { data, ..KnownSource::default() }, now());
    assert_eq!((peer.stratum, peer.offset, peer.host_poll), (Some(16), None, Some(0)));
    assert_eq!((peer.source_host.as_deref(), peer.status.tally(2)), (Some(&b"ID#0000000001"[..]), ' '));
}

#[test]
fn reports_of_chronyd_to_a_privileged_client() {
    let data = SourceData { address: ip("192.0.2.14"), age: Some(1), ..SourceData::default() };
    let measured = |stratum, reference_id| KnownSource {
        data,
        measurement: Some(Measurement {
            stratum,
            reference_id,
            delay: 0.0285,
            good: 1,
            ..Measurement::default()
        }),
        name: Some(b"time.example".to_vec()),
        ..KnownSource::default()
    };
    let peer = chronyd_peer(1, &measured(1, 0x4750_5300), now());
    assert_eq!(peer.delay.unwrap().text(), "28.500000");
    assert_eq!(peer.reference_id, Some(ReferenceId::Text(b"GPS".to_vec())));
    assert_eq!(peer.source_host.as_deref(), Some(&b"time.example"[..]));
    let peer = chronyd_peer(1, &measured(2, 0x4750_5300), now());
    assert_eq!(
        peer.reference_id,
        Some(ReferenceId::parse(b"71.80.83.0")),
        "an address that looks like letters"
    );
    let unmeasured = KnownSource {
        measurement: Some(Measurement::default()),
        name: Some(b"192.0.2.14".to_vec()),
        ..measured(0, 0)
    };
    let peer = chronyd_peer(1, &unmeasured, now());
    assert_eq!((peer.delay, peer.reference_id, peer.source_host), (None, None, None));
    let unresolved =
        KnownSource { data: SourceData { address: Address::Unresolved(1), ..data }, ..measured(0, 0) };
    assert_eq!(chronyd_peer(1, &unresolved, now()).source_host.as_deref(), Some(&b"time.example"[..]));
}

#[test]
fn ntpd_rs_and_its_sources() {
    let source = |address: &str, id: u64| Source {
        offset: 0.06,
        uncertainty: 0.006,
        delay: 0.12,
        last_update: Stamp { timestamp: 17_197_830_937_421_473_132 },
        poll_interval: 4,
        name: address.into(),
        address: address.into(),
        id,
        ..Source::default()
    };
    let system = System {
        stratum: Some(3),
        reference_id: 0xc000_020c,
        root_delay: 0.002,
        root_dispersion: Some(0.011),
        leap_indicator: "NoWarning".into(),
        ..System::default()
    };
    let sources = vec![source("192.0.2.12:123", 2), source("[2001:db8::13]:123", 6), Source::default()];
    let mut observation = Observation { system, sources, ..Observation::default() };
    let later = Timestamp::from_second(1_795_193_250).unwrap();
    assert_eq!(ntpd_rs_age(&observation, later).map(f64::round), Some(3.0));
    let health = ntpd_rs(&observation);
    assert_eq!(health.reference, Some(Reading::Known(b"192.0.2.12".to_vec())));
    assert_eq!((health.poll_interval, health.offset), (Reading::Known(16.0), Some(60.0)));
    assert!(matches!(health.maximum_error, Reading::Known(error) if (error - 12.0).abs() < 1e-9));
    let peers = ntpd_rs_peers(&observation);
    assert_eq!(peers.iter().map(|peer| peer.status.tally(2)).collect::<String>(), "*  ");
    assert_eq!(peers.iter().map(|peer| peer.stratum).collect::<Vec<_>>(), [Some(2), None, None]);
    assert_eq!(peers.first().unwrap().delay.as_ref().unwrap().text(), "120.000000");
    assert!(peers.last().unwrap().offset.is_none());

    observation.system.leap_indicator = "Unknown".into();
    assert!(!ntpd_rs(&observation).is_synchronized);
}

#[test]
fn timesyncd_fresh_stale_and_without_a_reply() {
    let second = 1_795_193_060_000_000;
    let message = Message {
        stratum: 1,
        root_dispersion: 10_177,
        reference_id: *b"LOCL",
        originate: second + 516_695,
        receive: second + 516_745,
        transmit: second + 516_873,
        destination: second + 516_885,
        jitter: 7,
        ..Message::default()
    };
    let state = Timesyncd {
        server_name: b"192.0.2.11".to_vec(),
        server_address: Some("192.0.2.11".parse().unwrap()),
        poll_interval: 32_000_000,
        message: Some(message),
    };
    let health = timesyncd(&state, true, now());
    assert!(health.is_synchronized);
    assert_eq!((health.stratum_number(), health.poll_interval), (Some(2), Reading::Known(32.0)));
    assert!(matches!(health.maximum_error, Reading::Known(error) if (error - 10.234).abs() < 1e-9));
    assert!(!timesyncd(&state, false, now()).is_synchronized);
    let later = Timestamp::from_second(now().as_second() + 300).unwrap();
    assert!(!timesyncd(&state, true, later).is_synchronized);
    let peer = timesyncd_peer(&state, true);
    assert_eq!((peer.status.tally(2), peer.host_poll), ('*', Some(5)));
    assert_eq!(peer.delay.unwrap().text(), "0.062000");

    let never = Timesyncd { message: None, ..state };
    assert!(!timesyncd(&never, true, now()).is_synchronized);
    assert_eq!(timesyncd_peer(&never, false).offset, None);
}
