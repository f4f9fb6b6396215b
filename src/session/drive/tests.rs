//! The loop, over a network in memory: no test here waits in real time.

use super::*;
use crate::session::control::{Config, ControlSession, Failure, Outcome, Request, RequestId};
use crate::session::memory::{MemoryNetwork, Place, Weather};
use crate::wire::AssociationId;
use crate::wire::control::{Header, Message, Opcode};
use std::net::SocketAddr;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[derive(Default)]
struct Seen {
    answers: usize,
    silences: Vec<Duration>,
    now: Duration,
}

impl Watch<ControlSession> for Seen {
    fn event(&mut self, _: Token, _: &mut ControlSession, (_, outcome): (RequestId, Outcome)) {
        match outcome {
            Ok(_) => self.answers += 1,
            Err(Failure::TimedOut) => self.silences.push(self.now),
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn asking(questions: u16) -> ControlSession {
    let config =
        Config { version: 2, first_sequence: 65_530, silence: MS(5000), patience: MS(10_000), probe: None };
    let mut session = ControlSession::new(config);
    for number in 0..questions {
        session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId(number), Vec::new()));
    }
    session
}

fn network(weather: Weather) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(weather);
    network.answer_with(|address, request, _| {
        if address.port() % 10 == 5 {
            return Vec::new();
        }
        let header = Message::parse(request).unwrap().header;
        vec![Header { response: true, ..header }.encode(b"x=1")]
    });
    network
}

fn host(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], port))
}

fn place(port: u16) -> Place {
    Place::at(host(port))
}

fn run(driver: &mut Driver<ControlSession, MemoryNetwork>) -> (Seen, Vec<Result<(), PathError>>) {
    let (mut seen, mut results) = (Seen::default(), Vec::new());
    while !driver.is_empty() {
        driver.turn(&mut seen, None).unwrap();
        seen.now = driver.now();
        results.extend(driver.take_ended().into_iter().map(|ended| ended.result));
    }
    (seen, results)
}

#[test]
fn silent_hosts_delay_nobody() {
    let mut driver = Driver::new(network(Weather { delay: MS(10), ..Weather::default() }));
    for port in 1..=1000 {
        driver.add(asking(1), place(port));
    }
    let mut seen = Seen::default();
    while driver.len() > 100 {
        driver.turn(&mut seen, None).unwrap();
        driver.take_ended();
    }
    assert_eq!((seen.answers, driver.now()), (900, MS(20)));
    let (rest, results) = run(&mut driver);
    assert_eq!((rest.silences.len(), results.len()), (100, 100));
    assert!(driver.now() >= MS(5000) && driver.now() < MS(5001), "{:?}", driver.now());
}

/// Reports one arrival at a time.
struct Narrow {
    inner: MemoryNetwork,
    arrived: VecDeque<Token>,
}

impl Network for Narrow {
    type Endpoint = Place;

    fn now(&self) -> Duration {
        self.inner.now()
    }

    fn attach(&mut self, token: Token, place: &mut Place) -> io::Result<()> {
        self.inner.attach(token, place)
    }

    fn detach(&mut self, place: &mut Place) {
        self.inner.detach(place);
    }

    fn send(
        &mut self,
        token: Token,
        place: &mut Place,
        transmit: &crate::session::Transmit,
    ) -> Result<Option<crate::wire::timestamp::NtpTimestamp>, PathError> {
        self.inner.send(token, place, transmit)
    }

    fn receive(&mut self, place: &mut Place, take: &mut dyn FnMut(Incoming<'_>)) {
        self.inner.receive(place, take);
    }

    fn wait(&mut self, until: Option<Duration>, ready: &mut Vec<Token>) -> io::Result<Wake> {
        let mut wake = Wake::Turn;
        if self.arrived.is_empty() {
            let mut arrived = Vec::new();
            wake = self.inner.wait(until, &mut arrived)?;
            self.arrived.extend(arrived);
        }
        ready.extend(self.arrived.pop_front());
        Ok(wake)
    }
}

#[test]
fn what_has_arrived_is_not_missing_on_a_busy_machine() {
    let inner = network(Weather::default());
    let clock = inner.clock();
    let mut driver = Driver::new(Narrow { inner, arrived: VecDeque::new() });
    for port in 10..60 {
        driver.add(asking(1), place(10 * port));
    }
    let mut seen = Seen::default();
    driver.turn(&mut seen, Some(Duration::ZERO)).unwrap();
    assert_eq!(driver.network().arrived.len(), 49);
    // Longer than anything is waited for.
    clock.advance(MS(60_000));
    while !driver.is_empty() {
        driver.turn(&mut seen, None).unwrap();
        driver.take_ended();
    }
    assert_eq!((seen.answers, seen.silences.len()), (50, 0));
}

#[test]
fn answers_arrive_whatever_the_network_conditions() {
    for seed in 0..20 {
        let weather = Weather { delay: MS(20), jitter: MS(30), loss: 0.2, duplicates: 0.3, seed };
        let mut driver = Driver::new(network(weather));
        for port in 0..4 {
            driver.add(asking(100), place(10 + port));
        }
        let (seen, results) = run(&mut driver);
        assert_eq!((seen.answers, seen.silences.len(), results.len()), (400, 0, 4), "seed {seed}");
        assert!(driver.now() < MS(4000), "seed {seed}: {:?}", driver.now());
    }
}

#[test]
fn a_refusal_ends_only_its_own_conversation() {
    let mut network = network(Weather { delay: MS(10), ..Weather::default() });
    network.refuse(host(7));
    let mut driver = Driver::new(network);
    for port in [6, 7, 8] {
        driver.add(asking(3), place(port));
    }
    let (seen, results) = run(&mut driver);
    assert_eq!(seen.answers, 6);
    let refused = |result: &&Result<(), PathError>| matches!(result, Err(PathError::Read(error)) if error.kind() == io::ErrorKind::ConnectionRefused);
    assert_eq!((results.len(), results.iter().filter(refused).count()), (3, 1));
}

#[test]
fn an_interrupt_is_reported_and_conversations_stay() {
    let mut network = network(Weather::default());
    network.interrupt_at(MS(100));
    let mut driver = Driver::new(network);
    driver.add(asking(1), place(5));
    let mut seen = Seen::default();
    while driver.turn(&mut seen, None).unwrap() != Wake::Interrupted {}
    assert_eq!((driver.now(), driver.len()), (MS(100), 1));
    assert_eq!(driver.abandon().len(), 1);
    assert!(driver.is_empty());
}

#[test]
fn an_endless_sender_starves_nobody() {
    /// Always has something to send.
    struct Endless;
    impl Session for Endless {
        type Event = ();
        fn poll_transmit(&mut self, _: Duration) -> Option<crate::session::Transmit> {
            Some(crate::session::Transmit::new(vec![0]))
        }
        fn handle(&mut self, _: &Received<'_>) {}
        fn poll_timeout(&self) -> Option<Duration> {
            None
        }
        fn handle_timeout(&mut self, _: Duration) {}
        fn poll_event(&mut self) -> Option<()> {
            None
        }
        fn is_done(&self) -> bool {
            false
        }
        fn give_up(&mut self) {}
    }
    struct Deaf;
    impl Watch<Endless> for Deaf {
        fn event(&mut self, _: Token, _: &mut Endless, (): ()) {}
    }
    let mut driver = Driver::new(MemoryNetwork::new(Weather::default()));
    driver.add(Endless, place(1));
    driver.add(Endless, place(2));
    driver.turn(&mut Deaf, None).unwrap();
    assert_eq!(driver.network().sent(), 2 * SENDINGS);
}

#[test]
fn tokens_are_not_reused() {
    let mut driver = Driver::new(network(Weather::default()));
    let first = driver.add(asking(1), place(1));
    run(&mut driver);
    let second = driver.add(asking(1), place(1));
    assert_ne!(first, second);
    assert!(driver.session(first).is_none() && driver.session(second).is_some());
    assert_eq!(Token::of_number(second.number()), second);
}

#[test]
fn a_single_conversation_runs_like_one_of_many() {
    let mut session = asking(200);
    let mut answers = 0;
    let mut turns = 0;
    let mut watch = Hooks {
        event: &mut |session: &mut ControlSession, (_, outcome): (RequestId, Outcome)| {
            answers += usize::from(outcome.is_ok());
            if answers == 1 {
                session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new()));
            }
        },
        datagram: &mut |_, _| {},
        turned: &mut |_| turns += 1,
        tick: Some(MS(5)),
    };
    let mut place = place(1);
    let network = network(Weather { delay: MS(50), ..Weather::default() });
    converse(network, &mut place, &mut session, &mut watch).unwrap();
    assert_eq!(answers, 201);
    assert!(turns > 50, "{turns}");

    let mut session = asking(1);
    let mut network = MemoryNetwork::new(Weather::default());
    network.interrupt_at(MS(70));
    let mut watch =
        Hooks { event: &mut |_, _| {}, datagram: &mut |_, _| {}, turned: &mut |_| {}, tick: None };
    let ended = converse(network, &mut place, &mut session, &mut watch);
    assert!(matches!(ended, Err(ConversationError::Interrupted)) && !session.is_done());
}
