//! Time servers: what `ntpdate -q` makes of them. It is the measurement that sets clocks.

use crate::case::{DATAGRAMS, check_output, ensure, in_parallel};
use crate::server::{Server, at_once};
use crate::speaker::time_stamp;
use crate::support::{Run, host, scenario};
use ntpkit::sim::{Delivery, Faults, NtpTime, SimulatedDaemon};
use ntpkit::wire::packet::{Mode, TimePacket};
use std::time::Duration;

/// What the server does to an honest answer, the exit status, and a part of the output, for this form.
type Row = (&'static str, fn(TimePacket) -> Vec<Delivery>, i32, &'static str);

const ADJUST: &str = ": adjust time server 127.0.0.1 offset ";
const STEP: &str = ": step time server 127.0.0.1 offset ";
const NO_DATA: &str = "127.0.0.1: Server dropped: no data";
const TOO_EARLY: &str = "its time is before this program was written";
const SECOND: u64 = 1 << 32;
/// The end of era 0, 2036-02-07 06:28:16 UTC, and the beginning of 1970, as timestamps.
const ERA_END: u64 = 0;
const UNIX: u64 = 2_208_988_800 << 32;

/// One case a line.
#[rustfmt::skip]
const CASES: [Row; 50] = [
    ("an honest server", send, 0, ADJUST),
    ("leap 3", |reply| send(TimePacket { leap: 3, ..reply }), 1, "Server dropped: leap not in sync"),
    ("stratum 0, which is a kiss without a code", |reply| send(TimePacket { stratum: 0, reference_id: [0; 4], ..reply }), 1, "Server dropped"),
    ("stratum 16", |reply| send(TimePacket { stratum: 16, ..reply }), 1, "Server dropped: strata too high"),
    ("stratum 255", |reply| send(TimePacket { stratum: 255, ..reply }), 1, "Server dropped: strata too high"),
    ("CVE-2015-7704: a forged DENY before the answer", |reply| forged_kiss(reply, *b"DENY"), 0, ADJUST),
    ("CVE-2015-7704: a forged RSTR before the answer", |reply| forged_kiss(reply, *b"RSTR"), 0, ADJUST),
    ("CVE-2015-7704: a forged RATE before the answer", |reply| forged_kiss(reply, *b"RATE"), 0, ADJUST),
    ("CVE-2015-7705: a RATE that repeats the request", |reply| send(kiss(reply, *b"RATE")), 1, "Server dropped"),
    ("CVE-2015-7705: RATE a hundred times", |reply| [at_once(vec![kiss(reply, *b"RATE").to_bytes(); 100]), send(reply)].concat(), 1, "Server dropped"),
    ("a DENY that repeats the request", |reply| send(kiss(reply, *b"DENY")), 1, "Server dropped"),
    ("a kiss of control characters", |reply| send(kiss(reply, *b"\x1b[2J")), 1, "Server dropped"),
    ("a kiss that is no text", |reply| send(kiss(reply, [0xff; 4])), 1, "Server dropped"),
    ("CVE-2015-8138: the origin timestamp is zero", |reply| send(TimePacket { origin_timestamp: 0, ..reply }), 1, NO_DATA),
    ("CVE-2015-8138: a zero origin before the answer", |reply| [send(ahead(TimePacket { origin_timestamp: 0, ..reply }, 3600)), send(reply)].concat(), 0, ADJUST),
    ("CVE-2015-8138: a zero origin after the answer", |reply| [send(reply), send(ahead(TimePacket { origin_timestamp: 0, ..reply }, 3600))].concat(), 0, ADJUST),
    ("CVE-2015-8139: the origin is guessed from the time", |reply| send(ahead(TimePacket { origin_timestamp: reply.transmit_timestamp, ..reply }, 3600)), 1, NO_DATA),
    ("the origin is one off", |reply| send(TimePacket { origin_timestamp: reply.origin_timestamp ^ 1, ..reply }), 1, NO_DATA),
    ("all ones for an origin", |reply| send(TimePacket { origin_timestamp: u64::MAX, ..reply }), 1, NO_DATA),
    ("the transmit timestamp is zero", |reply| send(TimePacket { transmit_timestamp: 0, ..reply }), 1, "Server dropped"),
    ("the receive timestamp is zero", |reply| send(TimePacket { receive_timestamp: 0, ..reply }), 1, "Server dropped"),
    ("both are zero", |reply| send(TimePacket { receive_timestamp: 0, transmit_timestamp: 0, ..reply }), 1, "Server dropped"),
    ("the reference timestamp is zero", |reply| send(TimePacket { reference_timestamp: 0, ..reply }), 1, "server has gone too long without sync"),
    ("the reference timestamp is an hour ahead", |reply| send(TimePacket { reference_timestamp: reply.transmit_timestamp.wrapping_add(3600 * SECOND), ..reply }), 1, "Server dropped"),
    ("the answer left before the request came", |reply| send(TimePacket { receive_timestamp: reply.receive_timestamp.wrapping_add(SECOND), ..reply }), 1, "Server dropped"),
    ("a negative delay: a second within the server", |reply| send(TimePacket { receive_timestamp: reply.receive_timestamp.wrapping_sub(SECOND), ..reply }), 1, "Server dropped"),
    ("precision 127", |reply| send(TimePacket { precision: 127, ..reply }), 0, "delay 1.0"),
    ("precision -128", |reply| send(TimePacket { precision: -128, ..reply }), 0, ADJUST),
    ("the largest root delay", |reply| send(TimePacket { root_delay: u32::MAX, ..reply }), 1, "Server dropped"),
    ("the largest root dispersion", |reply| send(TimePacket { root_dispersion: u32::MAX, ..reply }), 1, "Server dropped"),
    ("a negative root delay", |reply| send(TimePacket { root_delay: 1 << 31, ..reply }), 1, "Server dropped"),
    ("the answer of another port before the true one", |reply| [elsewhere(ahead(reply, 3600)), send(reply)].concat(), 0, ADJUST),
    ("the answer of another port alone", |reply| elsewhere(ahead(reply, 3600)), 1, NO_DATA),
    ("a late duplicate that is an hour ahead", |reply| [send(reply), late(ahead(reply, 3600))].concat(), 0, ADJUST),
    ("a hundred duplicates", |reply| at_once(vec![reply.to_bytes(); 100]), 0, ADJUST),
    ("mode 3", |reply| send(TimePacket { mode: Mode::CLIENT, ..reply }), 1, NO_DATA),
    ("mode 5", |reply| send(TimePacket { mode: Mode::BROADCAST, ..reply }), 1, NO_DATA),
    ("mode 0", |reply| send(TimePacket { mode: Mode(0), ..reply }), 1, NO_DATA),
    ("no octets at all", |_| at_once([Vec::new()]), 1, NO_DATA),
    ("47 octets", |reply| at_once([reply.to_bytes()[..47].to_vec()]), 1, NO_DATA),
    ("1400 octets after the header", |reply| at_once([[&reply.to_bytes()[..], &[0xff; 1400]].concat()]), 0, ADJUST),
    ("a crypto-NAK after the header", |reply| at_once([[&reply.to_bytes()[..], &[0; 4]].concat()]), 0, ADJUST),
    ("reference letters that a terminal obeys", |reply| send(TimePacket { stratum: 1, reference_id: *b"\x1b]0;", ..reply }), 0, ADJUST),
    ("an hour ahead", |reply| send(ahead(reply, 3600)), 0, STEP),
    ("68 years ahead, the most there is", |reply| send(ahead(reply, 1 << 31)), 1, TOO_EARLY),
    ("a clock in 1970", |reply| send(at(reply, UNIX)), 1, TOO_EARLY),
    ("a second before the end of the era", |reply| send(at(reply, ERA_END.wrapping_sub(SECOND))), 0, STEP),
    ("a second after the end of the era", |reply| send(at(reply, ERA_END + SECOND)), 0, STEP),
    ("the era ends within the server", |reply| send(TimePacket { receive_timestamp: u64::MAX - 9999, ..at(reply, 9999) }), 0, STEP),
    ("a clock in 2100, which differs from this one by more than half an era", |reply| send(at(reply, (4_102_444_800 + 2_208_988_800_u64) << 32)), 1, TOO_EARLY),
];

#[test]
fn time_servers() {
    in_parallel(&CASES, |&(name, change, status, shows)| {
        for (form, compat) in
            [("classic", "none"), ("json", "none"), ("openmetrics", "none"), ("classic", "4.2.8p15")]
        {
            let server = Server::start(move |request| {
                TimePacket::parse(request).map(|asked| change(honest(asked))).unwrap_or_default()
            });
            let port = server.address().port().to_string();
            let words = ["-q", "-p", "1", "-t", "0.5", "--port", &port, "--format", form, "127.0.0.1"];
            let ran = Run::called("ntpdate", words).environment("NTPKIT_COMPAT", compat).run();
            let about = format!("{name} ({form}, {compat})");
            check_output(&about, form, &ran)?;
            ensure(server.requests() < DATAGRAMS / 10, || {
                format!("{about}: {} requests", server.requests())
            })?;
            if compat == "none" {
                ensure(ran.status == Some(status), || format!("{about}: {ran}"))?;
            }
            if (form, compat) == ("classic", "none") {
                ensure(format!("{}{}", ran.stdout, ran.stderr).contains(shows), || {
                    format!("{about}: {ran}")
                })?;
            }
        }
        Ok(())
    });
}

/// An honest stratum 2 server's answer.
fn honest(asked: TimePacket) -> TimePacket {
    let now = time_stamp();
    TimePacket {
        mode: Mode::SERVER,
        stratum: 2,
        precision: -20,
        reference_id: [192, 0, 2, 1],
        reference_timestamp: now.wrapping_sub(10 * SECOND),
        origin_timestamp: asked.transmit_timestamp,
        receive_timestamp: now,
        transmit_timestamp: now,
        ..asked
    }
}

fn send(reply: TimePacket) -> Vec<Delivery> {
    at_once([reply.to_bytes()])
}

fn elsewhere(reply: TimePacket) -> Vec<Delivery> {
    send(reply).into_iter().map(|delivery| Delivery { elsewhere: true, ..delivery }).collect()
}

fn late(reply: TimePacket) -> Vec<Delivery> {
    let after = Duration::from_millis(30);
    send(reply).into_iter().map(|delivery| Delivery { after, ..delivery }).collect()
}

/// The server's clock, so many seconds ahead.
fn ahead(reply: TimePacket, seconds: u64) -> TimePacket {
    let shift = |stamp: u64| stamp.wrapping_add(seconds << 32);
    TimePacket {
        reference_timestamp: shift(reply.reference_timestamp),
        receive_timestamp: shift(reply.receive_timestamp),
        transmit_timestamp: shift(reply.transmit_timestamp),
        ..reply
    }
}

/// The server's clock, at this time.
fn at(reply: TimePacket, now: u64) -> TimePacket {
    TimePacket {
        reference_timestamp: now.wrapping_sub(10 * SECOND),
        receive_timestamp: now,
        transmit_timestamp: now,
        ..reply
    }
}

fn kiss(reply: TimePacket, code: [u8; 4]) -> TimePacket {
    TimePacket { leap: 3, stratum: 0, reference_id: code, ..reply }
}

/// A kiss of somebody who does not see the requests, and then the answer.
fn forged_kiss(reply: TimePacket, code: [u8; 4]) -> Vec<Delivery> {
    [send(TimePacket { origin_timestamp: 1, ..kiss(reply, code) }), send(reply)].concat()
}

/// The number of requests that are compared.
const REQUESTS: usize = 3;

/// A request reveals neither the time of this machine nor what would help to forge the next answer.
#[test]
fn cve_2015_8139_requests_reveal_nothing() {
    let (sender, requests) = std::sync::mpsc::channel();
    let server = Server::start(move |request| {
        sender.send(TimePacket::parse(request).unwrap()).unwrap();
        Vec::new()
    });
    let port = server.address().port().to_string();
    for _ in 0..REQUESTS {
        Run::called("ntpdate", ["-q", "-p", "1", "-t", "0.2", "--port", &port, "127.0.0.1"]).run();
    }
    drop(server);
    let requests: Vec<TimePacket> = requests.iter().collect();
    assert_eq!(requests.len(), REQUESTS);
    let mut cookies: Vec<u64> = requests.iter().map(|request| request.transmit_timestamp).collect();
    for request in &requests {
        assert_eq!(*request, TimePacket::request(request.transmit_timestamp));
        let distance = (request.transmit_timestamp >> 32).abs_diff(time_stamp() >> 32);
        assert!(distance > 3, "a random number, not the time");
    }
    cookies.sort_unstable();
    cookies.dedup();
    assert_eq!(cookies.len(), REQUESTS);
}

/// A daemon's clock on either side of the era's end, in 1970 and in 2100: ages are differences within the daemon's time.
#[test]
fn ages_across_eras() {
    let year_2100 = (4_102_444_800 + 2_208_988_800_u64) << 32;
    let clocks = [
        ("1970", UNIX),
        ("half a second before the era's end", ERA_END.wrapping_sub(SECOND / 2)),
        ("a second after it", ERA_END + SECOND),
        ("2100", year_2100),
    ];
    let now = crate::support::STILL;
    let run = |clock: NtpTime, form: &'static str| {
        let clients = ntpkit::sim::Clients { count: 5, ..Default::default() };
        let scenario = ntpkit::sim::Scenario { clients, ..scenario("campus") };
        let daemon = SimulatedDaemon::start_with_clock(
            scenario,
            Faults::default(),
            ([127, 0, 0, 1], 0).into(),
            move || clock,
        )
        .unwrap();
        let words = ["-n", "--format", form, "-c", "peers", "-c", "mrulist", &host(&daemon)];
        (Run::called("ntpq", words).run(), host(&daemon))
    };
    let (expected, _) = run(now, "classic");
    assert!(expected.status == Some(0) && clients(&expected.stdout).len() == 5, "{expected}");
    in_parallel(&clocks, |&(name, clock)| {
        for (form, _) in crate::case::FORMS {
            let (ran, _) = run(NtpTime(clock), form);
            let about = format!("{name} ({form})");
            check_output(&about, form, &ran)?;
            ensure(ran.status == Some(0), || format!("{about}: {ran}"))?;
            // The same ages as at any other time.
            let same = form != "classic" || clients(&ran.stdout) == clients(&expected.stdout);
            ensure(same, || format!("{about}: {ran}{expected}"))?;
            let peers = form != "classic" || ran.stdout.contains("*192.0.2.11      .GPS.            1 u ");
            ensure(peers, || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// The clients' addresses, and how long ago each was heard.
fn clients(text: &str) -> Vec<(String, String)> {
    let words = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .filter_map(|words| match words.as_slice() {
            [age, _, _, _, _, _, _, _, address] if age.parse::<u32>().is_ok() => {
                Some(((*address).to_owned(), (*age).to_owned()))
            }
            _ => None,
        })
        .collect()
}
