//! Daemons that want their reader to hang, or to choke: the number of requests, the memory and the time stay bounded.

use super::{MS, config};
use ntpkit::auth::control::seal;
use ntpkit::auth::{Key, KeyType};
use ntpkit::session::mru::{Config, Fault, MruSession};
use ntpkit::session::{Received, Session, Transmit};
use ntpkit::wire::control::{Header, Message, Opcode};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a hostile daemon has done to its reader.
struct Toll {
    fault: Option<Fault>,
    requests: usize,
    took: Duration,
    rows: usize,
}

/// Reads the list of a daemon that answers every request for rows with these datagrams, each so long after it, and says
/// whatever is asked of it besides.
fn suffer(config: Config, answer: impl Fn(usize, &Header) -> Vec<(Duration, Vec<u8>)>) -> Toll {
    let nonce = "eeab74e61557929f01234567";
    let mut now = Duration::ZERO;
    let mut session = MruSession::new(config, nonce, Some(MS(1)), now);
    let mut arriving: BTreeMap<(Duration, usize), Vec<u8>> = BTreeMap::new();
    let (mut requests, mut number) = (0, 0);
    while !session.is_done() {
        assert!(now < Duration::from_secs(600), "no end");
        while let Some(Transmit { payload: request, .. }) = session.poll_transmit(now) {
            requests += 1;
            assert!(requests < 20_000, "a flood of requests");
            let header = Message::parse(&request).unwrap().header;
            let header = Header { response: true, ..header };
            let answers = if header.opcode == Opcode::READ_MRU {
                answer(requests, &header)
            } else {
                vec![(MS(1), header.encode(format!("nonce={nonce}\r\n").as_bytes()))]
            };
            for (after, datagram) in answers {
                number += 1;
                arriving.insert((now + after, number), datagram);
            }
        }
        let wakeup = session.poll_timeout().unwrap();
        match arriving.first_key_value() {
            Some((&(time, _), _)) if time <= wakeup => {
                let ((time, _), datagram) = arriving.pop_first().unwrap();
                now = now.max(time);
                session.handle(&Received::new(&datagram, now));
            }
            _ => now = now.max(wakeup),
        }
        session.handle_timeout(now);
    }
    let list = session.into_list();
    Toll { fault: list.fault, requests, took: now, rows: list.entries.len() }
}

fn row(number: usize, host: usize, second: usize) -> String {
    format!(
        "addr.{number}=10.0.{}.{}:123, last.{number}=0xeeab{second:04x}.00000000, first.{number}=0xeeab0000.00000000, \
         ct.{number}=1, mv.{number}=35, rs.{number}=0x0, ",
        host / 256,
        host % 256
    )
}

/// An empty fragment that promises more, now and then or in a flood, is not a sign of life.
#[test]
fn promises_alone_do_not_keep_the_reader() {
    for (pause, count) in [(MS(4000), 30), (MS(1), 4000)] {
        let toll = suffer(config(), |_, header| {
            let promise = Header { more: true, ..*header }.encode(b"");
            (1..=count).map(|n| (pause * n, promise.clone())).collect()
        });
        assert_eq!(toll.fault, Some(Fault::TimedOut));
        assert!(toll.took < MS(20_000) && toll.requests < 100, "{:?} {}", toll.took, toll.requests);
    }
}

/// Datagrams as large as they can be, and the promise of more.
#[test]
fn oversized_fragments_are_ignored() {
    let text = row(0, 1, 1).repeat(400);
    let toll =
        suffer(config(), |_, header| vec![(MS(1), Header { more: true, ..*header }.encode(text.as_bytes()))]);
    assert_eq!((toll.fault, toll.rows), (Some(Fault::TimedOut), 0));
    assert!(toll.requests < 100, "{}", toll.requests);
}

/// Each answer has sixty rows, always the same, with a hole before each: every hole is asked for by itself.
#[test]
fn holes_do_not_multiply_endlessly() {
    let toll = suffer(config(), |_, header| {
        (0..60)
            .map(|n| {
                let offset = u16::try_from(n * 400).unwrap();
                let text = format!(", {}", row(n * 3, n, n));
                (MS(1), Header { more: n < 59, offset, ..*header }.encode(text.as_bytes()))
            })
            .collect()
    });
    assert!(matches!(toll.fault, Some(Fault::Stalled | Fault::TooFast)), "{:?}", toll.fault);
    assert_eq!(toll.rows, 60);
    assert!(toll.requests < 1500 && toll.took < MS(60_000), "{} {:?}", toll.requests, toll.took);
}

/// The same sixty rows again and again, each time a second newer, or in answers without holes.
#[test]
fn known_rows_do_not_keep_the_reader() {
    for newer in [0, 1] {
        let toll = suffer(config(), |request, header| {
            let text: String = (0..3).map(|n| row(n, n, n + request * newer)).collect();
            vec![(MS(1), header.encode(text.as_bytes()))]
        });
        assert!(matches!(toll.fault, Some(Fault::Stalled | Fault::TooFast)), "{:?}", toll.fault);
        assert!(toll.requests < 6000 && toll.took < MS(60_000), "{} {:?}", toll.requests, toll.took);
    }
}

/// A new row every two seconds.
#[test]
fn a_trickle_of_rows_is_not_waited_for() {
    let toll = suffer(config(), |request, header| {
        vec![(MS(2000), header.encode(row(0, request, request).as_bytes()))]
    });
    assert_eq!(toll.fault, Some(Fault::Stalled));
    assert!(toll.took < MS(40_000) && toll.rows > 5, "{:?} {}", toll.took, toll.rows);
}

/// Rows to continue from are never known.
#[test]
fn a_daemon_that_keeps_forgetting_ends_the_list() {
    let toll = suffer(config(), |request, header| {
        if request % 2 == 1 {
            let text: String = (0..3).map(|n| row(n, n, n)).collect();
            vec![(MS(1), header.encode(text.as_bytes()))]
        } else {
            vec![(MS(1), Header { error: true, status: 0x500, ..*header }.encode(b""))]
        }
    });
    assert!(
        matches!(toll.fault, Some(Fault::Restarts | Fault::Stalled | Fault::NoPriors)),
        "{:?}",
        toll.fault
    );
    assert!(toll.requests < 3000 && toll.took < MS(60_000), "{} {:?}", toll.requests, toll.took);
}

#[test]
fn an_authenticated_list_takes_authentic_rows_alone() {
    let key = Arc::new(Key::from_text(5, KeyType::Sha1, "sha1asciikey").unwrap());
    for sealed in [true, false] {
        let config = Config { key: Some(Arc::clone(&key)), ..config() };
        let toll = suffer(config, |_, header| {
            let text = format!("{}now=0xeeab0002.00000000, last.newest=0xeeab0001.00000000", row(0, 1, 1));
            let forged = text.replace("10.0.0.1", "10.0.0.9");
            let reply = header.encode(text.as_bytes());
            let reply = if sealed { seal(&key, reply) } else { reply };
            vec![(MS(1), header.encode(forged.as_bytes())), (MS(2), reply)]
        });
        let expected = if sealed { (None, 1) } else { (Some(Fault::TimedOut), 0) };
        assert_eq!((toll.fault, toll.rows), expected);
    }
}
