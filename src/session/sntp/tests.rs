//! Whole rounds, played without a socket.

#[cfg(feature = "nts")]
mod nts;

use super::*;
use crate::auth::KeyType;
use crate::session::PathError;
use crate::wire::timestamp::NtpTimestamp;
use proptest::prelude::*;
use std::io;

mod at_once;
mod groups;

const SECOND: Duration = Duration::from_secs(1);

fn asking(samples: usize) -> Asking {
    Asking {
        version: 4,
        samples,
        timeout: SECOND * 2,
        interval: SECOND * 2,
        delay: Duration::ZERO,
        stagger: Duration::ZERO,
        authenticate: false,
        key: None,
        key_delay: 0,
        rules: Rules::default(),
        at_once: None,
    }
}

fn addresses(count: u8) -> Vec<SocketAddr> {
    (1..=count).map(|host| SocketAddr::from(([192, 0, 2, host], 123))).collect()
}

/// The reply of an honest stratum 2 server.
fn answer(request: &Request) -> TimePacket {
    let asked = TimePacket::parse(&request.datagram).unwrap();
    TimePacket {
        mode: Mode::SERVER,
        stratum: 2,
        precision: -20,
        origin_timestamp: asked.transmit_timestamp,
        receive_timestamp: 100 << 32,
        transmit_timestamp: 100 << 32,
        ..asked
    }
}

/// A request that was sent.
#[derive(Clone, Debug)]
struct Request {
    address: SocketAddr,
    datagram: Vec<u8>,
}

struct Play {
    session: SntpSession,
}

impl Play {
    fn new(asking: Asking, servers: u8) -> Self {
        Self::with(asking, &addresses(servers))
    }

    fn with(asking: Asking, addresses: &[SocketAddr]) -> Self {
        Self { session: SntpSession::new(asking, addresses, [7; 32], Duration::ZERO) }
    }

    fn requests(&mut self, now: Duration) -> Vec<Request> {
        let mut requests = Vec::new();
        while let Some(Transmit { to, payload }) = self.session.poll_transmit(now) {
            self.depart(&payload, 99 << 32);
            requests.push(Request { address: to.unwrap(), datagram: payload });
        }
        requests
    }

    fn depart(&mut self, payload: &[u8], stamp: u64) {
        self.session.handle_departure(&Departure { payload, stamp: NtpTimestamp(stamp) });
    }

    fn receive(&mut self, payload: &[u8], from: SocketAddr) {
        let stamp = Some(NtpTimestamp(101 << 32));
        self.session.handle(&Received { from: Some(from), stamp, ..Received::new(payload, Duration::ZERO) });
    }

    fn hear(&mut self, packet: &TimePacket, from: SocketAddr) -> Vec<Event> {
        self.receive(&packet.to_bytes(), from);
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn unreachable(&mut self, address: SocketAddr, payload: &[u8], number: i32) {
        let error = &PathError::Read(io::Error::from_raw_os_error(number));
        let notice = Unreachable { to: Some(address), payload, error };
        assert!(self.session.handle_unreachable(&notice).is_continue());
    }
}

#[test]
fn a_server_may_answer_across_the_end_of_an_era() {
    let mut play = Play::new(asking(1), 1);
    let request = play.requests(Duration::ZERO).pop().unwrap();
    let (receive_timestamp, transmit_timestamp) = (0xffff_ffff_ffff_0000, 0x0000_0000_0001_0000);
    let events =
        play.hear(&TimePacket { receive_timestamp, transmit_timestamp, ..answer(&request) }, request.address);
    assert!(events.iter().any(|event| matches!(event, Event::Sampled(_))), "{events:?}");
}

#[test]
fn all_servers_are_asked_at_once_and_again_after_two_seconds() {
    let mut play = Play::new(asking(2), 3);
    let requests = play.requests(Duration::ZERO);
    assert_eq!(requests.len(), 3);
    for request in &requests {
        play.hear(&answer(request), request.address);
    }
    assert!(play.requests(SECOND * 19 / 10).is_empty());
    let due = play.session.poll_timeout().unwrap();
    assert_eq!(due, SECOND * 2, "regardless of the round trip");
    let requests = play.requests(due);
    assert_eq!(requests.len(), 3);
    for request in &requests {
        play.hear(&answer(request), request.address);
    }
    assert!(play.session.is_done());
    assert!(play.session.servers().iter().all(|server| server.exchanges.len() == 2 && server.answers() == 2));
}

#[test]
fn a_request_reveals_nothing_and_an_answer_counts_once() {
    let mut play = Play::new(asking(4), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    assert_eq!(request.datagram[0], 0x23);
    assert!(request.datagram[1..40].iter().all(|octet| *octet == 0));
    let packet = answer(&request);
    play.session.poll_event();
    let events = play.hear(&packet, request.address);
    assert!(events.iter().any(|event| matches!(event, Event::Sampled(_))), "{events:?}");
    let events = play.hear(&packet, request.address);
    assert!(matches!(events[..], [Event::Received(_), Event::OriginDiffers]), "{events:?}");
    assert_eq!(play.session.servers()[0].exchanges.len(), 1);
}

#[test]
fn the_kernels_departure_time_takes_precedence() {
    let key = Key::new(1, KeyType::Sha1, "secret").unwrap();
    for asking in [asking(1), Asking { key: Some(key), ..asking(1) }] {
        let mut play = Play::new(asking, 2);
        let requests = play.requests(Duration::ZERO);
        let seen = |request: &Request| [&[0x45; 28], request.datagram.as_slice()].concat();
        play.depart(&seen(&requests[1]), 98 << 32);
        // A datagram that is not one of the requests changes nothing.
        play.depart(&[0; 20], 97 << 32);
        play.depart(&[0; 200], 97 << 32);
        for request in &requests {
            play.hear(&answer(request), request.address);
        }
        let sent: Vec<u64> = play.session.servers().iter().map(|server| server.exchanges[0].sent).collect();
        assert_eq!(sent, [99 << 32, 98 << 32]);
        // Too late: the exchange is over.
        play.depart(&seen(&requests[0]), 97 << 32);
        assert_eq!(play.session.servers()[0].last_sent, 99 << 32);
    }
}

#[test]
fn other_datagrams_are_ignored() {
    let mut play = Play::new(asking(1), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    play.session.poll_event();
    let good = answer(&request);
    let home = request.address;
    for (packet, from, expected) in [
        (TimePacket { mode: Mode::CLIENT, ..good }, home, Some(Event::Mode(3, 2))),
        (TimePacket { version: 5, ..good }, home, None),
        (TimePacket { version: 0, ..good }, home, None),
        (TimePacket { origin_timestamp: 1, ..good }, home, Some(Event::OriginDiffers)),
        (good, SocketAddr::new(home.ip(), 124), Some(Event::NotFound)),
        (good, SocketAddr::from(([192, 0, 2, 99], 123)), Some(Event::NotFound)),
    ] {
        let events = play.hear(&packet, from);
        assert_eq!(events.get(1), expected.as_ref(), "{packet:?}");
        assert!(!play.session.is_done() && play.session.servers()[0].reply.is_none());
    }
    play.hear(&good, home);
    assert!(play.session.is_done());
}

#[test]
fn silence_counts_as_lost_exchanges() {
    let mut play = Play::new(asking(2), 1);
    let mut sent = 0;
    while let Some(wakeup) = play.session.poll_timeout() {
        sent += play.requests(wakeup).len();
    }
    assert_eq!(sent, 2);
    let server = &play.session.servers()[0];
    assert_eq!((server.exchanges.as_slice(), server.reply), ([Exchange::default(); 2].as_slice(), None));
}

#[test]
fn insane_answers_are_remembered_but_give_no_sample() {
    let mut play = Play::new(asking(1), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    let packet = TimePacket { transmit_timestamp: 99 << 32, ..answer(&request) };
    play.hear(&packet, request.address);
    assert_eq!(play.session.poll_timeout(), Some(SECOND * 2));
    assert!(play.requests(SECOND * 2).is_empty());
    let server = &play.session.servers()[0];
    assert!(server.complete && server.reply.is_some());
    assert_eq!(server.exchanges, [Exchange::default()]);
}

#[test]
fn rate_ends_the_requests_only_with_the_right_origin() {
    let mut play = Play::new(asking(4), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    let kiss = TimePacket { leap: 3, stratum: 0, reference_id: RATE, ..answer(&request) };
    play.hear(&TimePacket { origin_timestamp: 5, ..kiss }, request.address);
    assert!(!play.session.is_done());
    let events = play.hear(&kiss, request.address);
    assert_eq!(events.last(), Some(&Event::RateLimited(0)));
    assert!(play.session.is_done() && play.session.servers()[0].reply.is_none());
}

#[test]
fn stratum_zero_is_not_synchronised() {
    let mut play = Play::new(asking(1), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    play.hear(&TimePacket { stratum: 0, ..answer(&request) }, request.address);
    assert_eq!(play.session.servers()[0].reply.unwrap().stratum, 16);
}

#[test]
fn answers_are_verified_with_the_key() {
    let key = Key::from_text(1, KeyType::Md5, "secretmd5key").unwrap();
    let other = Key::from_text(1, KeyType::Md5, "another").unwrap();
    let sealed = |packet: TimePacket, with: Option<&Key>| {
        let mut datagram = packet.to_bytes();
        if let Some(with) = with {
            let code = with.compute(&datagram);
            datagram.extend(with.id().to_be_bytes());
            datagram.extend(code.as_bytes());
        }
        datagram
    };
    let authenticated = |forgeries_count| {
        let rules = Rules { forgeries_count, ..Rules::default() };
        Asking { authenticate: true, key: Some(key.clone()), rules, ..asking(1) }
    };
    // To the original, forgeries count.
    for (with, trusted) in [(Some(&key), true), (Some(&other), false), (None, false)] {
        let mut play = Play::new(authenticated(true), 1);
        let [request] = play.requests(Duration::ZERO).try_into().unwrap();
        assert_eq!(request.datagram.len(), 68);
        assert_eq!(verified(Some(&key), &request.datagram), (1, true));
        play.receive(&sealed(answer(&request), with), request.address);
        let server = &play.session.servers()[0];
        assert_eq!((server.trust, server.complete), (u8::from(!trusted), true));
    }
    // Unauthenticated replies and refusals are skipped, and the authentic reply after them counts.
    let mut play = Play::new(authenticated(false), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    let time = answer(&request);
    let kiss = |code| TimePacket { leap: 3, stratum: 0, reference_id: code, ..time };
    for forged in [time, kiss(*b"DENY"), kiss(*b"RSTR"), kiss(RATE), kiss(*b"CRYP")] {
        for with in [Some(&other), None] {
            play.receive(&sealed(forged, with), request.address);
        }
        // A crypto-NAK.
        let nak = [forged.to_bytes(), vec![0; 4]].concat();
        play.receive(&nak, request.address);
    }
    let server = &play.session.servers()[0];
    assert_eq!((server.unverified, server.reply, server.complete, server.trust), (15, None, false, 0));
    assert!(!server.wants_to_be_left_alone());
    play.receive(&sealed(time, Some(&key)), request.address);
    let server = &play.session.servers()[0];
    assert_eq!((server.answers(), server.complete, server.trust), (1, true, 0));
    // A refusal that is authentic is obeyed.
    let mut play = Play::new(authenticated(false), 1);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    let kiss = TimePacket { leap: 3, stratum: 0, reference_id: *b"DENY", ..answer(&request) };
    play.receive(&sealed(kiss, Some(&key)), request.address);
    assert!(play.session.servers()[0].refused);
}

#[test]
fn a_duplicate_answer_is_two_samples_in_4_2_8p15() {
    // Even from a server that is complete.
    for (wanted, copies_count, samples) in [(4, true, 2), (4, false, 1), (1, true, 2), (1, false, 1)] {
        let rules = Rules { copies_count, ..Rules::default() };
        let mut play = Play::new(Asking { rules, ..asking(wanted) }, 1);
        let [request] = play.requests(Duration::ZERO).try_into().unwrap();
        let packet = answer(&request);
        play.hear(&packet, request.address);
        play.hear(&packet, request.address);
        let server = &play.session.servers()[0];
        assert_eq!((server.sent, server.exchanges.len()), (1, samples));
        for _ in 0..20 {
            play.hear(&packet, request.address);
        }
        assert!(play.session.servers()[0].exchanges.len() <= 8);
    }
}

#[test]
fn stratum_sixteen_on_the_wire_is_an_answer_except_in_4_2_8p15() {
    for stratum in [16, 17, 255] {
        for (stratum_16_is_no_answer, said) in [(true, None), (false, Some(16))] {
            let rules = Rules { stratum_16_is_no_answer, ..Rules::default() };
            let mut play = Play::new(Asking { rules, ..asking(1) }, 1);
            let [request] = play.requests(Duration::ZERO).try_into().unwrap();
            play.hear(&TimePacket { stratum, ..answer(&request) }, request.address);
            assert_eq!(play.session.servers()[0].reply.map(|reply| reply.stratum), said);
        }
    }
}

#[test]
fn timestamps_are_compared_across_the_end_of_an_era() {
    let (before, after) = (u64::MAX - 5, 5);
    // The original knows one era.
    for (received, transmitted, one_era, expected) in [
        (before, after, false, None),
        (before, after, true, Some(Nonsense::SentBeforeReceived)),
        (after, before, false, Some(Nonsense::SentBeforeReceived)),
        (0, after, false, Some(Nonsense::NoReceiveTime)),
        (after, after, false, None),
    ] {
        let rules = Rules { one_era, ..Rules::default() };
        let mut play = Play::new(Asking { rules, ..asking(1) }, 1);
        let [request] = play.requests(Duration::ZERO).try_into().unwrap();
        let packet =
            TimePacket { receive_timestamp: received, transmit_timestamp: transmitted, ..answer(&request) };
        play.hear(&packet, request.address);
        let server = &play.session.servers()[0];
        assert_eq!((server.nonsense, server.answers()), (expected, usize::from(expected.is_none())));
    }
}

#[test]
fn a_server_found_by_multicast_shares_the_groups_vote_unless_authenticated() {
    let key = Key::from_text(1, KeyType::Md5, "secretmd5key").unwrap();
    for authenticate in [false, true] {
        let group = [SocketAddr::from(([224, 0, 1, 1], 123)), SocketAddr::from(([192, 0, 2, 77], 123))];
        let asking = Asking { authenticate, key: authenticate.then(|| key.clone()), ..asking(1) };
        let session = SntpSession::new(asking, &group, [7; 32], Duration::ZERO);
        let mut play = Play { session: session.sharing_votes([vec![0], vec![1]]) };
        let request = play.requests(Duration::ZERO).remove(0);
        for address in addresses(2) {
            let mut datagram = answer(&request).to_bytes();
            if authenticate {
                play.receive(&datagram, address);
                let code = key.compute(&datagram);
                datagram.extend(key.id().to_be_bytes());
                datagram.extend(code.as_bytes());
            }
            play.receive(&datagram, address);
        }
        let voters: Vec<Vec<usize>> =
            play.session.servers().iter().map(|server| server.voters.clone()).collect();
        let own = if authenticate { [vec![2], vec![3]] } else { [vec![0], vec![0]] };
        assert_eq!(voters, [&[vec![0], vec![1]][..], &own].concat());
    }
}

#[test]
fn a_server_given_twice_answers_the_first_entry() {
    let addresses = [addresses(1), addresses(1)].concat();
    let mut play = Play::with(asking(1), &addresses);
    let [first, second] = play.requests(Duration::ZERO).try_into().unwrap();
    std::iter::from_fn(|| play.session.poll_event()).for_each(drop);
    let events = play.hear(&answer(&second), second.address);
    assert!(matches!(events[..], [Event::Received(_), Event::OriginDiffers]), "{events:?}");
    let events = play.hear(&answer(&first), first.address);
    assert!(events.iter().any(|event| matches!(event, Event::Sampled(_))), "{events:?}");
    let answers: Vec<usize> = play.session.servers().iter().map(Server::answers).collect();
    assert_eq!(answers, [1, 0]);
}

#[test]
fn a_refusal_ends_the_requests_except_in_4_2_8p15() {
    for (code, refusals_are_answers, complete) in
        [(*b"DENY", false, true), (*b"RSTR", false, true), (*b"INIT", false, false), (*b"DENY", true, false)]
    {
        let rules = Rules { refusals_are_answers, ..Rules::default() };
        let mut play = Play::new(Asking { rules, ..asking(3) }, 1);
        let [request] = play.requests(Duration::ZERO).try_into().unwrap();
        let kiss = TimePacket { leap: 3, stratum: 0, reference_id: code, ..answer(&request) };
        // A forger does not know the request.
        let forged = TimePacket { origin_timestamp: 1, ..kiss };
        play.hear(&forged, request.address);
        assert!(!play.session.is_done());
        play.hear(&kiss, request.address);
        let server = &play.session.servers()[0];
        assert_eq!((server.complete, server.refused), (complete, complete), "{code:?}");
        assert_eq!(server.reply.as_ref().map(|reply| reply.stratum), Some(16));
        assert_eq!(play.requests(SECOND * 4).len(), usize::from(!complete));
    }
}

proptest! {
    #[test]
    fn whatever_arrives_nothing_counts_without_the_cookie(
        datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 0..20)
    ) {
        let mut play = Play::new(Asking { authenticate: true, ..asking(2) }, 2);
        let requests = play.requests(Duration::ZERO);
        for datagram in datagrams {
            play.receive(&datagram, requests[0].address);
        }
        prop_assert!(play.session.servers().iter().all(|server| server.reply.is_none() && server.exchanges.is_empty()));
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_not_waited_for() {
    let mut play = Play::new(asking(4), 2);
    let [one, other] = play.requests(Duration::ZERO).try_into().unwrap();
    // A notice that does not quote the request may be forged.
    play.unreachable(one.address, b"", 111);
    play.unreachable(one.address, &other.datagram, 111);
    assert!(!play.session.servers()[0].complete);
    play.unreachable(one.address, &one.datagram, 111);
    let server = &play.session.servers()[0];
    assert_eq!((server.complete, server.fault), (true, Some(Fault::Refused)));
    // A server that has answered is there.
    play.hear(&answer(&other), other.address);
    let [again] = play.requests(SECOND * 2).try_into().unwrap();
    play.unreachable(again.address, &again.datagram, 111);
    assert!(!play.session.servers()[1].complete);
}

#[test]
fn a_notice_of_a_fault_ends_neither_authenticated_requests_nor_those_of_4_2_8p15() {
    for asking in [
        Asking { authenticate: true, key: Some(Key::new(1, KeyType::Sha1, "secret").unwrap()), ..asking(1) },
        Asking { rules: Rules { errors_are_ignored: true, ..Rules::default() }, ..asking(1) },
    ] {
        let mut play = Play::new(asking, 1);
        let [request] = play.requests(Duration::ZERO).try_into().unwrap();
        play.unreachable(request.address, &request.datagram, 113);
        let server = &play.session.servers()[0];
        assert_eq!((server.complete, server.fault), (false, Some(Fault::Unreachable(113))));
    }
}
