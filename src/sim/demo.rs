//! The scenarios of the demonstration.

use super::scenario::{
    Association, Authentication, Clients, Event, Flavour, Kind, LeapSeconds, ReferenceClock, Scenario,
    Selection, System, TimeService, Turnover,
};
use std::net::{IpAddr, Ipv4Addr};

/// The scenarios by name. Addresses are those reserved for documentation (RFC 5737, RFC 3849).
pub fn demo() -> Vec<Scenario> {
    vec![campus(), ntpsec(), pulse(), young(), restless(), crowd(200)]
}

/// A 4.2.8p15 with associations of every kind, every tally code and every form of reference identifier.
fn campus() -> Scenario {
    Scenario {
        name: "campus".to_owned(),
        description: "ntpd 4.2.8p15 with peers of every kind and state".to_owned(),
        clients: Clients { count: 40, ..Clients::default() },
        system: System {
            leap_seconds: Some(LeapSeconds {
                tai_offset: 37,
                last: "201701010000".to_owned(),
                expires: "202812280000".to_owned(),
            }),
            ..System::default()
        },
        associations: servers().into_iter().chain(others()).collect(),
        ..Scenario::default()
    }
}

/// Servers in every state.
fn servers() -> Vec<Association> {
    vec![
        Association {
            selection: Selection::SystemPeer,
            event: Event { count: 1, code: 10 },
            stratum: 1,
            reference_id: "GPS".to_owned(),
            offset: 0.042,
            delay: 0.331,
            ..Association::server(44159, ipv4(11))
        },
        Association {
            authentication: Authentication::Good,
            key_id: 2,
            reference_id: "192.0.2.11".to_owned(),
            ..Association::server(44160, ipv4(12))
        },
        Association {
            selection: Selection::Outlier,
            reference_id: "127.127.1.0".to_owned(),
            stratum: 3,
            offset: 1.731,
            delay: 9.75,
            jitter: 0.6,
            ..Association::server(44161, ipv4(13))
        },
        Association {
            selection: Selection::Falseticker,
            offset: -60.017,
            delay: 119.937,
            jitter: 2.5,
            ..Association::server(44162, ipv4(14))
        },
        Association {
            selection: Selection::Backup,
            host: Some("time.example.net".to_owned()),
            reach: 0o376,
            reference_id: "198.51.100.7".to_owned(),
            ..Association::server(44163, ipv4(15))
        },
        Association {
            selection: Selection::Excess,
            host_poll: 10,
            peer_poll: 10,
            ..Association::server(44164, ipv4(16))
        },
        Association::unreachable(44165, ipv4(17)),
        Association {
            reference_id: "RATE".to_owned(),
            event: Event { count: 3, code: 7 },
            host_poll: 10,
            ..Association::unreachable(44166, ipv4(18))
        },
        Association {
            reference_id: "STEP".to_owned(),
            reach: 0o1,
            flash: 0x400,
            ..Association { jitter: 0.0, ..Association::unreachable(44167, ipv4(19)) }
        },
        Association {
            authentication: Authentication::Bad,
            key_id: 3,
            event: Event { count: 4, code: 12 },
            flash: 0x1610,
            ..Association::unreachable(44168, ipv4(31))
        },
    ]
}

/// Everything other than servers with an IPv4 address.
fn others() -> Vec<Association> {
    let ipv6 = IpAddr::V6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x11].into());
    vec![
        Association {
            // The hash of an IPv6 address looks like an IPv4 address.
            reference_id: "219.68.17.5".to_owned(),
            ..Association::server(44169, ipv6)
        },
        Association { stratum: 3, reference_id: "192.0.2.20".to_owned(), flash: 0x800, ..symmetric(44170) },
        many(44171, Kind::Broadcast, ipv4(255), "BCST"),
        many(44172, Kind::Broadcast, IpAddr::V4(Ipv4Addr::new(224, 0, 1, 1)), "MCST"),
        many(44173, Kind::Manycast, IpAddr::V4(Ipv4Addr::new(239, 1, 1, 1)), "ACST"),
        Association {
            host: Some("pool.example.org".to_owned()),
            ..many(44174, Kind::Pool, IpAddr::V4(Ipv4Addr::UNSPECIFIED), "POOL")
        },
        Association {
            configured: false,
            selection: Selection::Outlier,
            reference_id: "GPS".to_owned(),
            stratum: 1,
            ..Association::server(44175, ipv4(33)).with_kind(Kind::BroadcastClient)
        },
        Association { selection: Selection::Rejected, ..local_clock(44176) },
    ]
}

/// An NTPsec 1.2.2 with servers and a clock.
fn ntpsec() -> Scenario {
    let mut scenario = campus();
    scenario.associations.retain(|association| {
        matches!(association.kind, Kind::Server | Kind::ReferenceClock(_)) && association.id.0 != 44167
    });
    for (association, id) in scenario.associations.iter_mut().zip(17767..) {
        association.id.0 = id;
    }
    Scenario {
        name: "ntpsec".to_owned(),
        description: "ntpd of NTPsec 1.2.2".to_owned(),
        flavour: Flavour::Ntpsec,
        ..scenario
    }
}

/// A stratum 1 that follows a pulse per second.
fn pulse() -> Scenario {
    let pulse = ReferenceClock {
        device: "PPS Clock Discipline".to_owned(),
        driver_name: "PPS".to_owned(),
        driver: 22,
        stratum: 0,
        ..clock()
    };
    let receiver = ReferenceClock {
        device: "NMEA GPS Clock".to_owned(),
        driver_name: "NMEA".to_owned(),
        driver: 20,
        stratum: 0,
        time_code: "$GPRMC,154638,A,5230.00,N,01324.00,E,000.0,360.0,201126,,*1C".to_owned(),
        fudge_time2: 135.5,
        bad_format: 2,
        event: Event { count: 1, code: 2 },
        ..clock()
    };
    Scenario {
        name: "pulse".to_owned(),
        description: "a stratum 1 server with a GPS receiver and its pulse per second".to_owned(),
        associations: vec![
            Association {
                selection: Selection::Candidate,
                offset: 0.9,
                jitter: 0.4,
                ..Association::reference_clock(21001, 0, receiver, "GPS")
            },
            Association {
                selection: Selection::PulsePerSecond,
                event: Event { count: 2, code: 10 },
                ..Association::reference_clock(21002, 0, pulse, "PPS")
            },
            Association { selection: Selection::Outlier, ..Association::server(21003, ipv4(12)) },
        ],
        ..Scenario::default()
    }
}

/// A daemon that is not synchronised yet.
fn young() -> Scenario {
    Scenario {
        name: "young".to_owned(),
        description: "a daemon just started, not synchronised".to_owned(),
        system: System { event: Event { count: 1, code: 6 }, uptime: 70, ..System::default() },
        associations: vec![
            Association::unreachable(31019, ipv4(99)),
            Association {
                reach: 1,
                selection: Selection::Rejected,
                flash: 0x400,
                stratum: 1,
                reference_id: "PTP".to_owned(),
                ..Association::server(31020, ipv4(11))
            },
        ],
        ..Scenario::default()
    }
}

/// A daemon that restarts every twelve requests and gives the time only twice.
fn restless() -> Scenario {
    Scenario {
        name: "restless".to_owned(),
        description: "a daemon that restarts while it is asked, and rate-limits clients".to_owned(),
        turnover: Turnover::RestartEvery(12),
        time_service: TimeService::KissAfter(2, *b"RATE"),
        ..campus()
    }
}

/// A daemon with this many servers, at most 64535, the number of identifiers.
pub fn crowd(count: u16) -> Scenario {
    let server = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let far = f64::from(number % 97);
        Association {
            selection: match number % 5 {
                _ if number == 0 => Selection::SystemPeer,
                1 => Selection::Candidate,
                2 => Selection::Outlier,
                3 => Selection::Excess,
                _ => Selection::Rejected,
            },
            offset: (far - 48.0) / 16.0,
            delay: 1.0 + far,
            ..Association::server(1000 + number, IpAddr::V4(Ipv4Addr::new(198, 18, high, low)))
        }
    };
    Scenario {
        name: "crowd".to_owned(),
        description: format!("a daemon with {count} servers"),
        associations: (0..count.min(64_535)).map(server).collect(),
        ..Scenario::default()
    }
}

fn ipv4(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

fn symmetric(id: u16) -> Association {
    Association { selection: Selection::Rejected, ..Association::server(id, ipv4(32)) }
        .with_kind(Kind::Symmetric)
}

/// A broadcast or pool association.
fn many(id: u16, kind: Kind, address: IpAddr, reference_id: &str) -> Association {
    let sends = kind == Kind::Broadcast;
    Association {
        local_address: if sends { ipv4(20) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) },
        reference_id: reference_id.to_owned(),
        time_to_live: if address.is_multicast() { 32 } else { 0 },
        ..Association::unreachable(id, address)
    }
    .with_kind(kind)
}

fn local_clock(id: u16) -> Association {
    Association {
        reach: 0,
        leap: 3,
        flash: 0x1200,
        event: Event { count: 1, code: 1 },
        ..Association::reference_clock(id, 0, clock(), "LOCL")
    }
}

/// The local clock.
fn clock() -> ReferenceClock {
    ReferenceClock {
        device: "Undisciplined local clock".to_owned(),
        driver_name: "LOCAL".to_owned(),
        driver: 1,
        time_code: String::new(),
        no_reply: 0,
        bad_format: 0,
        bad_data: 0,
        fudge_time1: 0.0,
        fudge_time2: 0.0,
        stratum: 10,
        flags: 0,
        event: Event::default(),
    }
}
