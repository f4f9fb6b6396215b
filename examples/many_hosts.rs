//! Queries a fleet of hosts for their variables (mode 6), then for the time (SNTP), each host over its own sockets.
//!
//!     cargo run --release --example many_hosts -- 127.0.0.0 10000 11123
//!
//! Arguments: the address just before the first host's, the number of hosts, and their port.
#![allow(clippy::print_stdout, reason = "figures for a person")]

use ntpkit::net::epoll::Epoll;
use ntpkit::net::host::{AddressFamily, Host};
use ntpkit::net::many::{Found, Job, Limits, NoNames, Step, run};
use ntpkit::net::{seed, sockets::Sockets};
use ntpkit::session::control::{Config, ControlSession, Request};
use ntpkit::session::either::Either;
use ntpkit::session::sntp::{Asking, Event, Rules, SntpSession};
use ntpkit::session::{PathError, Session};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::Opcode;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A session of either protocol.
type Talk = Either<ControlSession, SntpSession>;

/// The results of one host so far.
#[derive(Default)]
struct Known {
    variables: Option<usize>,
    samples: usize,
}

struct Look {
    address: SocketAddr,
    known: Known,
}

impl Look {
    fn ask_for_variables(&self) -> Step<Talk, Sockets, Known> {
        let config = Config {
            version: 2,
            first_sequence: self.address.port(),
            silence: SECOND * 5,
            patience: SECOND * 10,
            probe: None,
        };
        let mut session = ControlSession::new(config);
        session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, Vec::new()));
        match Sockets::open(self.address) {
            Ok(sockets) => Step::Talk(Either::One(session), sockets),
            Err(_) => Step::Done(Known::default()),
        }
    }

    fn ask_for_the_time(&self, now: Duration) -> Step<Talk, Sockets, Known> {
        let asking = Asking {
            version: 4,
            samples: 1,
            timeout: SECOND * 2,
            interval: SECOND * 2,
            delay: Duration::ZERO,
            stagger: Duration::ZERO,
            authenticate: false,
            key: None,
            key_delay: 0,
            rules: Rules::default(),
            at_once: None,
        };
        let session = SntpSession::new(asking, &[self.address], seed(), now);
        // The kernel time-stamps datagrams in both directions.
        Step::Talk(Either::Other(session), Sockets::stamped_by_address())
    }
}

impl Job for Look {
    type Session = Talk;
    type Endpoint = Sockets;
    type Outcome = Known;

    fn host(&self) -> Option<(Host, AddressFamily)> {
        None
    }

    fn begin(&mut self, _: Found, _: Duration) -> Step<Talk, Sockets, Known> {
        self.ask_for_variables()
    }

    fn event(&mut self, _: &mut Talk, event: <Talk as Session>::Event) {
        match event {
            Either::One((_, Ok(reply))) => self.known.variables = Some(reply.data.len()),
            Either::Other(Event::Sampled(_)) => self.known.samples += 1,
            Either::One((_, Err(_))) | Either::Other(_) => {}
        }
    }

    fn end(
        &mut self,
        session: Talk,
        result: Result<(), PathError>,
        now: Duration,
    ) -> Step<Talk, Sockets, Known> {
        match session {
            Either::One(_) if result.is_ok() => self.ask_for_the_time(now),
            _ => Step::Done(std::mem::take(&mut self.known)),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: many_hosts ADDRESS COUNT PORT");
    let (first, count, port): (Ipv4Addr, u32, u16) = (word()?.parse()?, word()?.parse()?, word()?.parse()?);
    let addresses = (1..=count).map(|number| Ipv4Addr::from_bits(first.to_bits().wrapping_add(number)));
    let jobs = addresses.map(|address| Look { address: (address, port).into(), known: Known::default() });
    let begun = Instant::now();
    let (mut hosts, mut answered, mut timed, mut first_outcome) = (0, 0, 0, None);
    let finish = run(
        Epoll::new(None)?,
        NoNames::default(),
        Limits::of_system(1000, 1),
        jobs,
        &mut |_, known: Known| {
            first_outcome.get_or_insert_with(|| begun.elapsed());
            hosts += 1;
            answered += usize::from(known.variables.is_some());
            timed += usize::from(known.samples > 0);
            ControlFlow::Continue(())
        },
    )?;
    println!(
        "{finish:?}: {hosts} hosts, {answered} reported variables, {timed} the time; the first after {:?}, all after {:?}",
        first_outcome.unwrap_or_default(),
        begun.elapsed()
    );
    Ok(())
}
