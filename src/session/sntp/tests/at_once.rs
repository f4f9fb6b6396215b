//! A maximum of servers asked at once.

use super::*;

/// The last octets of the addresses that are asked now.
fn asked(play: &mut Play, now: Duration) -> (Vec<Request>, Vec<u8>) {
    let requests = play.requests(now);
    let hosts = requests.iter().map(|request| match request.address {
        SocketAddr::V4(address) => address.ip().octets()[3],
        SocketAddr::V6(_) => 0,
    });
    let hosts = hosts.collect();
    (requests, hosts)
}

#[test]
fn the_next_server_is_asked_when_one_is_complete() {
    let mut play = Play::new(Asking { at_once: Some(2), ..asking(1) }, 5);
    let (first, hosts) = asked(&mut play, Duration::ZERO);
    assert_eq!(hosts, [1, 2]);
    assert!(play.requests(SECOND).is_empty());
    play.hear(&answer(&first[1]), first[1].address);
    assert_eq!(asked(&mut play, SECOND).1, [3]);
    // The silent one is given up, and the next has all of its time.
    assert_eq!(play.session.poll_timeout(), Some(SECOND * 2));
    assert_eq!(asked(&mut play, SECOND * 2).1, [4]);
    assert_eq!(asked(&mut play, SECOND * 3).1, [5]);
    assert!(!play.session.is_done());
    assert!(play.requests(SECOND * 5).is_empty());
    assert!(play.session.is_done());
    let answers: Vec<usize> = play.session.servers().iter().map(Server::answers).collect();
    assert_eq!(answers, [0, 1, 0, 0, 0]);
}

#[test]
fn a_server_keeps_its_turn_for_all_of_its_samples() {
    let mut play = Play::new(Asking { at_once: Some(1), ..asking(2) }, 2);
    // Two samples of the first, and as soon as it is complete the first of the second.
    for (second, hosts) in [(0, &[1][..]), (2, &[1]), (2, &[2]), (4, &[2]), (4, &[])] {
        let now = SECOND * second;
        let (requests, found) = asked(&mut play, now);
        assert_eq!(found, hosts, "at {now:?}");
        for request in requests {
            play.hear(&answer(&request), request.address);
        }
    }
    assert!(play.session.is_done());
}

#[test]
fn nobody_is_asked_after_the_end() {
    let mut play = Play::new(Asking { at_once: Some(1), ..asking(1) }, 3);
    assert_eq!(play.requests(Duration::ZERO).len(), 1);
    play.session.give_up();
    assert!(play.session.is_done() && play.session.poll_timeout().is_none());
    assert!(play.requests(SECOND * 9).is_empty());
}
