//! A fleet of simulated hosts in one thread: every address of 127.0.0.0/8 is a host, identified by its number. They answer
//! modes 3 and 6 and chronyd's protocol; a rule determines which of them misbehave.

mod chronyd;
mod control;
mod server;

pub use server::SimulatedFleet;

use super::time::{NtpTime, short_format};
use crate::wire::packet::{Mode, TimePacket};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// The server that all synchronised hosts follow.
pub const ROOT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 11);
/// Its delay and dispersion, in milliseconds.
const ROOT_DELAY: f64 = 0.745;
const ROOT_DISPERSION: f64 = 11.69;
/// The offset of hosts that are ahead, in seconds.
pub const AHEAD: f64 = 5.0;
/// The age of the reference time of a synchronised host, in seconds.
const AGE: f64 = 20.0;

/// The behaviour of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behaviour {
    /// Synchronised; answers everything.
    Good,
    /// Never answers.
    Silent,
    /// Answers, but is not synchronised.
    Unsynchronized,
    /// Ahead by [`AHEAD`], but reports an offset as small as that of the good hosts.
    Liar,
    /// Gives the time but answers no queries.
    Queryless,
    /// Rate-limits time requests; answers queries.
    RateLimiting,
    /// A chronyd, synchronised.
    Chronyd,
}

/// Assigns behaviours to hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// One in this many hosts is silent; 0 for none.
    pub silent_every: u32,
}

impl Rule {
    /// The behaviour of the host with this number.
    pub fn behaviour(&self, number: u32) -> Behaviour {
        match number {
            _ if self.silent_every > 0 && number % self.silent_every == self.silent_every - 1 => {
                Behaviour::Silent
            }
            _ if number % 50 == 3 => Behaviour::Unsynchronized,
            _ if number % 100 == 5 => Behaviour::Liar,
            _ if number % 25 == 7 => Behaviour::Queryless,
            _ if number % 100 == 41 => Behaviour::RateLimiting,
            _ if number % 50 == 31 => Behaviour::Chronyd,
            _ => Behaviour::Good,
        }
    }

    /// Counts the behaviours among these hosts.
    pub fn census(&self, numbers: impl IntoIterator<Item = u32>) -> BTreeMap<Behaviour, usize> {
        let mut census = BTreeMap::new();
        for number in numbers {
            *census.entry(self.behaviour(number)).or_default() += 1;
        }
        census
    }

    /// The host's clock minus the true time, in seconds.
    pub fn offset(&self, number: u32) -> f64 {
        let small = f64::from(number.wrapping_mul(2_654_435_761) % 1001) - 500.0;
        let ahead = if self.behaviour(number) == Behaviour::Liar { AHEAD } else { 0.0 };
        small / 1e6 + ahead
    }
}

/// The number of a loopback address.
pub fn number_of(address: Ipv4Addr) -> u32 {
    address.to_bits() & 0xff_ffff
}

/// A running host.
#[derive(Clone, Copy, Debug)]
struct Member {
    number: u32,
    behaviour: Behaviour,
    offset: f64,
}

/// The reply of a host to a datagram to the NTP port at this true time.
pub fn answer(rule: Rule, number: u32, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
    let member = Member { number, behaviour: rule.behaviour(number), offset: rule.offset(number) };
    match (request.first()? & 7, member.behaviour) {
        (_, Behaviour::Silent) | (6, Behaviour::Queryless | Behaviour::Chronyd) => None,
        (3, _) => member.time(request, now),
        (6, _) => control::answer(&member, request, now),
        _ => None,
    }
}

/// The reply of a host to a datagram to chronyd's port.
pub fn chronyd_answer(rule: Rule, number: u32, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
    let behaviour = rule.behaviour(number);
    (behaviour == Behaviour::Chronyd).then(|| chronyd::answer(rule.offset(number), request, now))?
}

impl Member {
    fn is_synchronized(&self) -> bool {
        self.behaviour != Behaviour::Unsynchronized
    }

    /// The offset it reports: its sources' time minus its own, in milliseconds.
    fn reported_offset(&self) -> f64 {
        let offset = if self.behaviour == Behaviour::Liar { self.offset - AHEAD } else { self.offset };
        -offset * 1000.0
    }

    fn time(&self, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
        let asked = TimePacket::parse(request).ok()?;
        let here = now.plus_seconds(self.offset);
        let kiss = self.behaviour == Behaviour::RateLimiting;
        let synchronized = self.is_synchronized() && !kiss;
        let reply = TimePacket {
            leap: if synchronized { 0 } else { 3 },
            version: asked.version,
            mode: Mode::SERVER,
            stratum: if synchronized { 2 } else { 0 },
            poll: asked.poll.max(6),
            precision: -24,
            root_delay: short_format(ROOT_DELAY),
            root_dispersion: short_format(ROOT_DISPERSION),
            reference_id: match (kiss, synchronized) {
                (true, _) => *b"RATE",
                (false, true) => ROOT.octets(),
                (false, false) => *b"INIT",
            },
            reference_timestamp: here.plus_seconds(-AGE).0,
            origin_timestamp: asked.transmit_timestamp,
            receive_timestamp: here.0,
            transmit_timestamp: here.0,
        };
        Some(reply.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::AssociationId;
    use crate::wire::chrony::{Reply, Request, SourceData, SourceState, Status, Tracking};
    use crate::wire::control::{Header, Message, Opcode};

    const NOW: NtpTime = NtpTime(0xee41_2bc0_4000_0000);
    const RULE: Rule = Rule { silent_every: 10 };

    #[test]
    fn the_census_of_a_hundred() {
        let census = RULE.census(1..=100);
        let expected = [
            (Behaviour::Good, 80),
            (Behaviour::Silent, 10),
            (Behaviour::Unsynchronized, 2),
            (Behaviour::Liar, 1),
            (Behaviour::Queryless, 4),
            (Behaviour::RateLimiting, 1),
            (Behaviour::Chronyd, 2),
        ];
        assert_eq!(census, expected.into());
        assert!((RULE.offset(5) - AHEAD).abs() < 6e-4 && RULE.offset(6).abs() < 6e-4);
    }

    #[test]
    fn each_answers_as_it_behaves() {
        let ask = |number, request: &[u8]| answer(RULE, number, request, NOW);
        let time = TimePacket::request(7).to_bytes();
        let query = Header::request(Opcode::READ_VARIABLES, AssociationId::SYSTEM, 9, 2).encode(b"");
        assert_eq!((ask(9, &time), ask(9, &query)), (None, None));
        assert!(ask(7, &time).is_some() && ask(7, &query).is_none());
        let kiss = TimePacket::parse(&ask(41, &time).unwrap()).unwrap();
        assert_eq!((kiss.stratum, kiss.reference_id), (0, *b"RATE"));
        let reply = ask(1, &query).unwrap();
        let message = Message::parse(&reply).unwrap();
        assert!(message.header.response && message.header.sequence == 9);
        for octets in [&[][..], &[0x16], &time[..20], &query[..5]] {
            assert_eq!(ask(1, octets), None);
        }
    }

    #[test]
    fn a_chronyd_reports_its_clock_and_its_sources() {
        let ask = |request: Request| chronyd_answer(RULE, 31, &request.encode(4, 0), NOW);
        let reply = ask(Request::Tracking).unwrap();
        let tracking = Tracking::parse(&Reply::parse(&reply, Request::Tracking, &[4]).unwrap()).unwrap();
        assert_eq!((tracking.stratum, tracking.reference_id), (2, ROOT.to_bits()));
        assert!((tracking.correction + RULE.offset(31)).abs() < 1e-9, "{tracking:?}");
        assert!((tracking.root_dispersion - 0.01169).abs() < 1e-9, "{tracking:?}");
        let reply = ask(Request::SourceCount).unwrap();
        assert_eq!(Reply::parse(&reply, Request::SourceCount, &[4]).unwrap().source_count(), Some(4));
        let reply = ask(Request::SourceData(0)).unwrap();
        let source = SourceData::parse(&Reply::parse(&reply, Request::SourceData(0), &[4]).unwrap()).unwrap();
        assert_eq!((source.state, source.reach), (SourceState::SELECTED, 0xff));
        let reply = ask(Request::ServerStatistics).unwrap();
        let refused = Reply::parse(&reply, Request::ServerStatistics, &[4]).unwrap();
        assert_eq!(refused.status, Status::UNAUTHORIZED);
        assert_eq!(chronyd_answer(RULE, 1, &Request::Tracking.encode(4, 0), NOW), None);
    }
}
