//! A very lossy path, and arbitrary octets.

use super::*;

#[test]
fn a_lossy_path_recovers_within_a_second() {
    let mut times = Vec::new();
    for seed in 0..200u64 {
        let mut session = ControlSession::new(config());
        for n in 0..61 {
            session.submit(read(n));
        }
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut lost = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % 100 < 20
        };
        let mut now = MS(0);
        let mut arrivals: Vec<(Duration, Vec<u8>)> = Vec::new();
        let mut done = 0;
        while !session.is_done() {
            for packet in sent(&mut session, now) {
                if packet[0] & 7 == 6 && !lost() {
                    let fragments = answer(&packet, &[b'x'; 600]);
                    arrivals
                        .extend(fragments.into_iter().filter(|_| !lost()).map(|part| (now + MS(20), part)));
                }
            }
            now = arrivals.iter().map(|(at, _)| *at).chain(session.poll_timeout()).min().unwrap();
            arrivals
                .extract_if(.., |(at, _)| *at <= now)
                .for_each(|(_, part)| session.handle(&Received::new(&part, now)));
            session.handle_timeout(now);
            while let Some((_, outcome)) = session.poll_event() {
                outcome.unwrap();
                done += 1;
            }
        }
        assert_eq!(done, 61);
        times.push(now);
    }
    times.sort();
    assert!(times[100] < MS(600), "half of the runs took {:?} of the session's own time", times[100]);
    assert!(times[199] < MS(2000), "the longest run took {:?}", times[199]);
}

proptest! {
    #[test]
    fn any_datagrams_are_safe(packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..50)) {
        let mut session = ControlSession::new(Config { first_sequence: 0, ..config() });
        for n in 0..8 {
            session.submit(read(n));
        }
        sent(&mut session, MS(0));
        for (at, mut packet) in packets.into_iter().enumerate() {
            if let Some(head) = packet.first_chunk_mut::<4>() {
                *head = [0x16, 0x80 | head[1], 0, head[3] & 15];
            }
            session.handle(&Received::new(&packet, MS(at as u64)));
            session.handle_timeout(MS(at as u64));
            sent(&mut session, MS(at as u64));
        }
    }
}
