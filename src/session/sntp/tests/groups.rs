//! Groups: any host that answers a request to a multicast address.

use super::*;

/// A round that begins with a group, and its request.
fn multicast(groups_are_asked_anew: bool) -> (Play, Request) {
    let group = [SocketAddr::from(([224, 0, 1, 1], 123))];
    let rules = Rules { groups_are_asked_anew, ..Rules::default() };
    let mut play = Play::with(Asking { rules, ..asking(1) }, &group);
    let [request] = play.requests(Duration::ZERO).try_into().unwrap();
    std::iter::from_fn(|| play.session.poll_event()).for_each(drop);
    (play, request)
}

#[test]
fn a_host_that_answers_a_group_becomes_a_server() {
    let (mut play, request) = multicast(false);
    for address in addresses(2) {
        let events = play.hear(&answer(&request), address);
        assert!(events.iter().any(|event| matches!(event, Event::Sampled(_))), "{events:?}");
        // A duplicate does not count here either.
        let events = play.hear(&answer(&request), address);
        assert!(matches!(events[..], [Event::Received(_), Event::OriginDiffers]), "{events:?}");
    }
    let guess = TimePacket { origin_timestamp: 1, ..answer(&request) };
    let events = play.hear(&guess, ([192, 0, 2, 9], 123).into());
    assert!(matches!(events[..], [Event::Received(_), Event::NotFound]), "{events:?}");
    // Others may answer until the timeout; the group is not asked again.
    assert!(!play.session.is_done());
    assert!(play.requests(SECOND * 2).is_empty());
    assert!(play.session.is_done());
    let answers: Vec<usize> = play.session.servers().iter().map(Server::answers).collect();
    assert_eq!(answers, [0, 1, 1]);
    assert_eq!(play.session.servers()[1].exchanges[0].sent, 99 << 32);
}

#[test]
fn classic_rules_ask_a_host_that_answers_a_group_again() {
    let (mut play, request) = multicast(true);
    for address in addresses(2) {
        let events = play.hear(&answer(&request), address);
        assert!(matches!(events[..], [Event::Received(_)]), "{events:?}");
        let [again] = play.requests(SECOND / 10).try_into().unwrap();
        assert_eq!(again.address, address);
        let events: Vec<Event> = std::iter::from_fn(|| play.session.poll_event()).collect();
        assert!(matches!(events[..], [Event::Transmit { .. }, Event::NotFound]), "{events:?}");
        play.hear(&answer(&again), address);
    }
    assert!(play.session.is_done());
}

#[test]
fn the_number_of_servers_found_by_a_group_is_limited() {
    let (mut play, request) = multicast(false);
    for host in 0..200 {
        play.hear(&answer(&request), ([198, 51, 100, host], 123).into());
    }
    assert_eq!(play.session.servers().len(), 65);
}
