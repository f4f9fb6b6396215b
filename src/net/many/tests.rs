//! Many jobs over a network in memory: no test here waits for anything but threads.

use super::*;
use crate::net::epoll::Epoll;
use crate::net::names::{Forward, Lookup, NameService, ResolverError};
use crate::net::sockets::Sockets;
use crate::session::control::{Config, ControlSession, Outcome, Request, RequestId};
use crate::session::memory::{MemoryNetwork, Place, VirtualClock, Weather};
use crate::wire::AssociationId;
use crate::wire::control::{Header, Message, Opcode};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::rc::Rc;
use std::sync::Arc;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn asking() -> ControlSession {
    let config =
        Config { version: 2, first_sequence: 9, silence: MS(5000), patience: MS(10_000), probe: None };
    let mut session = ControlSession::new(config);
    session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new()));
    session
}

/// Sends its host this many requests, and counts the replies.
struct Ask {
    port: u16,
    times: usize,
    answers: usize,
    under_way: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
    /// How long it takes to process an answer.
    cost: (VirtualClock, Duration),
}

type AskStep = Step<ControlSession, Place, (u16, usize)>;

impl Ask {
    fn talk(&self) -> AskStep {
        self.under_way.set(self.under_way.get() + 1);
        self.most.set(self.most.get().max(self.under_way.get()));
        Step::Talk(asking(), Place::at(([192, 0, 2, 1], self.port)))
    }
}

impl Job for Ask {
    type Session = ControlSession;
    type Endpoint = Place;
    type Outcome = (u16, usize);

    fn host(&self) -> Option<(Host, AddressFamily)> {
        (self.port == 13).then(|| (Host::named("nowhere.example"), AddressFamily::Any))
    }

    fn begin(&mut self, found: Found, _: Duration) -> AskStep {
        match found {
            Some(Err(_)) => Step::Done((self.port, 0)),
            _ => self.talk(),
        }
    }

    fn event(&mut self, _: &mut ControlSession, (_, outcome): (RequestId, Outcome)) {
        self.answers += usize::from(outcome.is_ok());
        self.cost.0.advance(self.cost.1);
    }

    fn end(&mut self, _: ControlSession, _: Result<(), PathError>, _: Duration) -> AskStep {
        self.under_way.set(self.under_way.get() - 1);
        self.times -= 1;
        if self.times == 0 { Step::Done((self.port, self.answers)) } else { self.talk() }
    }
}

/// A network on which every tenth host is silent.
fn network() -> MemoryNetwork {
    network_with_silent(10)
}

/// A network on which one of so many hosts is silent.
fn network_with_silent(every: u16) -> MemoryNetwork {
    let mut network = MemoryNetwork::new(Weather { delay: MS(10), ..Weather::default() });
    network.answer_with(move |address, request, _| {
        let header = Message::parse(request).unwrap().header;
        let reply = Header { response: true, ..header }.encode(b"x=1");
        if address.port() % every == every / 2 { Vec::new() } else { vec![reply] }
    });
    network
}

struct Ran {
    outcomes: Vec<(usize, (u16, usize))>,
    finish: Finish,
    most: usize,
}

fn ran(network: MemoryNetwork, limits: Limits, hosts: u16, stop_after: usize) -> Ran {
    ran_at(network, limits, hosts, stop_after, Duration::ZERO)
}

/// The same on a machine that takes so long to process an answer.
fn ran_at(network: MemoryNetwork, limits: Limits, hosts: u16, stop_after: usize, cost: Duration) -> Ran {
    let (under_way, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let clock = network.clock();
    let jobs = (0..hosts).map(|port| Ask {
        port,
        times: 2,
        answers: 0,
        under_way: Rc::clone(&under_way),
        most: Rc::clone(&most),
        cost: (clock.clone(), cost),
    });
    let mut outcomes = Vec::new();
    let finish = run(network, NoNames::default(), limits, jobs, &mut |place, outcome| {
        outcomes.push((place, outcome));
        if outcomes.len() == stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    Ran { outcomes, finish: finish.unwrap(), most: most.get() }
}

#[test]
fn every_host_is_accounted_for_in_order() {
    let ran = ran(network(), Limits { jobs: 50, ..Limits::default() }, 1000, 0);
    assert_eq!((ran.finish, ran.outcomes.len()), (Finish::Complete, 1000));
    for (number, (place, (port, answers))) in ran.outcomes.iter().enumerate() {
        assert_eq!((number, u16::try_from(number).unwrap()), (*place, *port));
        let silent = port % 10 == 5 || *port == 13;
        assert_eq!(*answers, if silent { 0 } else { 2 }, "{port}");
    }
    assert!(ran.most > 50, "silent hosts keep nobody from starting: {}", ran.most);
}

#[test]
fn a_chosen_number_of_jobs_is_never_exceeded() {
    let ran = ran(network(), Limits::chosen(Jobs::AtMost(7), 1), 100, 0);
    assert_eq!((ran.finish, ran.outcomes.len(), ran.most), (Finish::Complete, 100, 7));
    assert_eq!(Limits::chosen(Jobs::AtMost(0), 1).conversations, 1, "not even one would never end");
    assert_eq!(Limits::chosen(Jobs::Usual, 2), Limits::of_system(DEFAULT_JOBS, 2));
}

#[test]
fn a_busy_machine_starts_no_more_than_it_can_process() {
    let ran = ran_at(network(), Limits { jobs: 50, ..Limits::default() }, 2000, 0, MS(5));
    assert_eq!((ran.finish, ran.outcomes.len()), (Finish::Complete, 2000));
    assert!(ran.outcomes.iter().all(|(_, (port, answers))| *answers == 2 || port % 10 == 5 || *port == 13));
    // Those of 200 that are silent, and the young ones.
    assert!(ran.most <= 300, "{}", ran.most);
}

#[test]
fn silent_hosts_keep_nobody_waiting_on_a_busy_machine() {
    let network = network_with_silent(2);
    let clock = network.clock();
    let limits = Limits { jobs: 500, ..Limits::default() };
    let ran = ran_at(network, limits, 4000, 0, Duration::from_micros(300));
    assert_eq!(ran.outcomes.len(), 4000);
    // Twice 5 s for the last silent host, which starts 70 ms later if those before it count as young until the loop is idle.
    assert!(clock.now() < MS(11_500), "{:?}", clock.now());
}

#[test]
fn the_limit_on_jobs_is_observed() {
    let mut network = network();
    network.interrupt_at(MS(1));
    let ran = ran(network, Limits { jobs: 700, ..Limits::default() }, 1000, 0);
    assert_eq!((ran.finish, ran.most), (Finish::Interrupted, 700));
}

#[test]
fn the_limit_on_conversations_is_observed() {
    let limits = Limits { jobs: 50, conversations: 7, in_order: false };
    let ran = ran(network(), limits, 200, 0);
    assert_eq!((ran.finish, ran.outcomes.len(), ran.most), (Finish::Complete, 200, 7));
    let places: Vec<usize> = ran.outcomes.iter().map(|(place, _)| *place).collect();
    assert!(!places.is_sorted(), "as they come");
}

#[test]
fn an_interrupt_keeps_the_outcomes_so_far() {
    let mut network = network();
    network.interrupt_at(MS(300));
    let ran = ran(network, Limits::default(), 30, 0);
    assert_eq!((ran.finish, ran.outcomes.len()), (Finish::Interrupted, 27));
    let places: Vec<usize> = ran.outcomes.iter().map(|(place, _)| *place).collect();
    assert!(places.is_sorted() && !places.contains(&5));
}

#[test]
fn the_run_ends_when_the_receiver_stops() {
    let ran = ran(network(), Limits::default(), 1000, 3);
    assert_eq!((ran.finish, ran.outcomes.len()), (Finish::Stopped, 3));
}

/// Knows two names; the lookup of one of them takes too long.
struct Slow;

impl Lookup for Slow {
    fn forward(&self, name: &str, _: AddressFamily) -> Result<Forward, NameError> {
        match name {
            "here" => {
                let addresses = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
                Ok(Forward { canonical_name: Some(name.to_owned()), addresses })
            }
            "slow" => loop {
                std::thread::park();
            },
            _ => Err(ResolverError::NO_NAME.into()),
        }
    }

    fn addresses(&self, _: &str, _: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        Ok(Vec::new())
    }

    fn reverse(&self, _: IpAddr) -> Result<Option<String>, NameError> {
        Ok(None)
    }
}

/// Reports what its name resolves to.
struct Named(Host);

impl Job for Named {
    type Session = ControlSession;
    type Endpoint = Sockets;
    type Outcome = Result<bool, NameError>;

    fn host(&self) -> Option<(Host, AddressFamily)> {
        Some((self.0.clone(), AddressFamily::Any))
    }

    fn begin(&mut self, found: Found, _: Duration) -> Step<ControlSession, Sockets, Self::Outcome> {
        match found {
            Some(Ok(host)) => Step::Talk(asking(), Sockets::open(host.addresses[0]).unwrap()),
            Some(Err(error)) => Step::Done(Err(error)),
            None => unreachable!(),
        }
    }

    fn event(&mut self, _: &mut ControlSession, _: (RequestId, Outcome)) {}

    fn end(
        &mut self,
        session: ControlSession,
        result: Result<(), PathError>,
        _: Duration,
    ) -> Step<ControlSession, Sockets, Self::Outcome> {
        Step::Done(Ok(result.is_ok() && session.silence().heard))
    }
}

#[test]
fn names_are_looked_up_in_the_background() {
    let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = daemon.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = daemon.recv_from(&mut buffer) {
            let header = Message::parse(&buffer[..length]).unwrap().header;
            daemon.send_to(&Header { response: true, ..header }.encode(b"x=1"), from).unwrap();
        }
    });
    let service = Arc::new(NameService::new(Slow, MS(200)));
    let mut network = Epoll::new(None).unwrap();
    let names = Names::new(service, network.waker().unwrap());
    let here = format!("here:{port}");
    let hosts = ["slow", here.as_str(), "nowhere", &format!("127.0.0.1:{port}"), here.as_str()];
    let jobs = hosts.iter().map(|host| Named(host.parse().unwrap()));
    let mut outcomes = Vec::new();
    let finish = run(network, names, Limits::of_system(10, 1), jobs, &mut |_, outcome| {
        outcomes.push(outcome);
        ControlFlow::Continue(())
    });
    assert_eq!(finish.unwrap(), Finish::Complete);
    let unknown = Err(NameError::Resolver(ResolverError::NO_NAME));
    assert_eq!(outcomes, [Err(NameError::TimedOut), Ok(true), unknown, Ok(true), Ok(true)]);
}
