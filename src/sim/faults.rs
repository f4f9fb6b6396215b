//! Faults injected between the daemon and its clients; deterministic for a given seed.

use crate::compact;
use crate::wire::AssociationId;
use crate::wire::control::{self, DATA_LIMIT, ErrorCode, Header, Message, Opcode};
use core::time::Duration;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// The faults injected on the reply path; none by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The seed of all random decisions.
    pub seed: u64,
    /// The fraction of datagrams lost, 0 to 1.
    pub loss: f64,
    /// The fraction of datagrams duplicated, 0 to 1.
    pub duplication: f64,
    /// The fraction of datagrams with up to four flipped bits, 0 to 1.
    pub corruption: f64,
    /// The delay of every datagram.
    pub delay: Duration,
    /// The maximum additional random delay, which may reorder datagrams.
    pub jitter: Duration,
    /// The fraction of datagrams without jitter, 0 to 1.
    pub punctual: f64,
    /// Delays requests by the same rules too; otherwise only replies are delayed.
    pub both_ways: bool,
    /// Applied to every reply, in this order.
    pub faults: Vec<Fault>,
    /// For each of these, a faulty copy of the reply precedes the true one.
    pub decoys: Vec<Fault>,
    /// The number of requests after which the daemon falls silent.
    pub silent_after: Option<u64>,
    /// Answers only time requests, no queries (modes 6 and 7).
    pub refuses_queries: bool,
}

/// A fault of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A different sequence number.
    WrongSequence,
    /// A different association identifier.
    WrongAssociation,
    /// A different operation code.
    WrongOpcode,
    /// The response bit is not set.
    NoReply,
    /// Every datagram is truncated.
    Truncated,
    /// The last fragment announces more, and [`ENDLESS`] more follow.
    Endless,
    /// Each fragment repeats the last eight octets of the previous one.
    Overlapping,
    /// One of the fragments is missing; a single one announces another that never arrives.
    Missing,
    /// The last fragment comes first.
    Reversed,
    /// The whole reply comes from a different port.
    Elsewhere,
    /// Random octets replace each datagram.
    Junk,
    /// Every digit of the data is changed, which invalidates an authenticator.
    Forged,
    /// A refusal without an authenticator (mode 6, error 1).
    Refused,
}

/// The number of additional fragments of an endless reply: beyond any limit on octets or packets of a reader.
pub const ENDLESS: usize = 256;
/// The interval between them.
const ENDLESS_PAUSE: Duration = Duration::from_millis(2);
/// The overlap of fragments in octets.
const OVERLAP: usize = 8;

/// A datagram in transit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its departure, counted from the request.
    pub after: Duration,
    /// Its octets.
    pub datagram: Vec<u8>,
    /// Whether it comes from a different port.
    pub elsewhere: bool,
}

/// Applies [`Faults`].
#[derive(Debug)]
pub struct FaultInjector {
    plan: Faults,
    random: StdRng,
    requests: u64,
}

impl FaultInjector {
    /// Creates the initial state.
    pub fn new(plan: Faults) -> Self {
        let random = StdRng::seed_from_u64(plan.seed);
        Self { plan, random, requests: 0 }
    }

    /// The delay of the next request.
    pub fn way_here(&mut self) -> Duration {
        if self.plan.both_ways { self.travel_time() } else { Duration::ZERO }
    }

    /// Applies the faults to the replies to one request.
    pub fn deliveries(&mut self, replies: Vec<Vec<u8>>) -> Vec<Delivery> {
        self.requests += 1;
        if self.plan.silent_after.is_some_and(|count| self.requests > count) {
            return Vec::new();
        }
        let mut replies = replies;
        if self.plan.refuses_queries {
            replies.retain(|reply| !reply.first().is_some_and(|first| matches!(first & 7, 6 | 7)));
        }
        if replies.is_empty() {
            return Vec::new();
        }
        let decoys: Vec<Fault> = self.plan.decoys.clone();
        let mut sent: Vec<Delivery> = Vec::new();
        for fault in decoys {
            sent.extend(self.spoil(fault, at_once(&replies)));
        }
        let faults: Vec<Fault> = self.plan.faults.clone();
        sent.extend(faults.into_iter().fold(at_once(&replies), |reply, fault| self.spoil(fault, reply)));
        self.travel(sent)
    }

    /// Loss, duplication, corruption and delay.
    fn travel(&mut self, sent: Vec<Delivery>) -> Vec<Delivery> {
        let mut arriving = Vec::with_capacity(sent.len());
        for delivery in sent {
            let copies = if self.happens(self.plan.duplication) { 2 } else { 1 };
            for _ in 0..copies {
                if self.happens(self.plan.loss) {
                    continue;
                }
                let mut delivery = delivery.clone();
                delivery.after = delivery.after.saturating_add(self.travel_time());
                if self.happens(self.plan.corruption) {
                    self.flip_bits(&mut delivery.datagram);
                }
                arriving.push(delivery);
            }
        }
        compact::sort_by_key(&mut arriving, |delivery| delivery.after);
        arriving
    }

    fn travel_time(&mut self) -> Duration {
        let share = self.random.random::<f64>() * self.plan.jitter.as_secs_f64();
        let jitter = Duration::try_from_secs_f64(share).unwrap_or(self.plan.jitter);
        let jitter = if self.happens(self.plan.punctual) { Duration::ZERO } else { jitter };
        self.plan.delay.saturating_add(jitter)
    }

    fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.random_bool(probability.min(1.0))
    }

    fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { self.random.random_range(0..bound) }
    }

    fn flip_bits(&mut self, datagram: &mut [u8]) {
        for _ in 0..=self.below(4) {
            let (at, bit) = (self.below(datagram.len()), self.below(8));
            if let Some(octet) = datagram.get_mut(at) {
                *octet ^= 1 << bit;
            }
        }
    }

    fn spoil(&mut self, fault: Fault, reply: Vec<Delivery>) -> Vec<Delivery> {
        match fault {
            Fault::WrongSequence => edit(reply, |header| header.sequence = header.sequence.wrapping_add(1)),
            Fault::WrongAssociation => {
                edit(reply, |header| header.association = AssociationId(header.association.0 ^ 1))
            }
            Fault::WrongOpcode => edit(reply, |header| header.opcode = Opcode(header.opcode.0 ^ 3)),
            Fault::NoReply => edit(reply, |header| header.response = false),
            Fault::Truncated => each(reply, |datagram| datagram.truncate(self.below(datagram.len()))),
            Fault::Junk => each(reply, |datagram| {
                datagram.resize(1 + self.below(600), 0);
                self.random.fill_bytes(datagram);
            }),
            Fault::Forged => each(reply, |datagram| {
                for octet in datagram.iter_mut().skip(control::HEADER_LENGTH) {
                    if octet.is_ascii_digit() {
                        *octet = b'0' + (*octet - b'0' + 1) % 10;
                    }
                }
            }),
            Fault::Refused => reply
                .into_iter()
                .take(1)
                .filter_map(|delivery| {
                    let header = Message::parse(&delivery.datagram).ok()?.header;
                    let status = u16::from(ErrorCode::PERMISSION.0) << 8;
                    let header = Header { error: true, more: false, offset: 0, status, ..header };
                    Some(Delivery { datagram: header.encode(b""), ..delivery })
                })
                .collect(),
            Fault::Reversed => reply.into_iter().rev().collect(),
            Fault::Elsewhere => {
                reply.into_iter().map(|delivery| Delivery { elsewhere: true, ..delivery }).collect()
            }
            Fault::Missing => self.lose_one(reply),
            Fault::Endless => endless(reply),
            Fault::Overlapping => overlapping(reply),
        }
    }

    fn lose_one(&mut self, mut reply: Vec<Delivery>) -> Vec<Delivery> {
        if reply.len() < 2 {
            return edit(reply, |header| header.more = true);
        }
        let lost = self.below(reply.len());
        drop(reply.drain(lost..=lost));
        reply
    }
}

fn at_once(replies: &[Vec<u8>]) -> Vec<Delivery> {
    replies
        .iter()
        .map(|reply| Delivery { after: Duration::ZERO, datagram: reply.clone(), elsewhere: false })
        .collect()
}

fn each(mut reply: Vec<Delivery>, mut change: impl FnMut(&mut Vec<u8>)) -> Vec<Delivery> {
    for delivery in &mut reply {
        change(&mut delivery.datagram);
    }
    reply
}

/// Changes the headers of mode 6 packets.
fn edit(reply: Vec<Delivery>, change: impl Fn(&mut Header)) -> Vec<Delivery> {
    each(reply, |datagram| {
        let Ok(Message { mut header, data, .. }) = Message::parse(datagram) else { return };
        change(&mut header);
        *datagram = header.encode(data);
    })
}

fn endless(mut reply: Vec<Delivery>) -> Vec<Delivery> {
    let Some((header, data)) = reply.last().and_then(|delivery| {
        let message = Message::parse(&delivery.datagram).ok()?;
        Some((Header { more: true, ..message.header }, message.data.to_vec()))
    }) else {
        return reply;
    };
    reply.pop();
    let data = if data.is_empty() { vec![b'x'; DATA_LIMIT] } else { data };
    let mut after = Duration::ZERO;
    let mut offset = header.offset;
    for _ in 0..=ENDLESS {
        let datagram = Header { offset, ..header }.encode(&data);
        reply.push(Delivery { after, datagram, elsewhere: false });
        after += ENDLESS_PAUSE;
        offset = offset.wrapping_add(u16::try_from(data.len()).unwrap_or(0));
    }
    reply
}

fn overlapping(reply: Vec<Delivery>) -> Vec<Delivery> {
    let messages: Vec<Message<'_>> =
        reply.iter().filter_map(|delivery| Message::parse(&delivery.datagram).ok()).collect();
    let Some(header) = messages.first().map(|message| message.header) else { return reply };
    let whole: Vec<u8> = messages.iter().flat_map(|message| message.data).copied().collect();
    let size = if messages.len() > 1 { DATA_LIMIT } else { whole.len() / 2 + OVERLAP };
    let step = size.saturating_sub(OVERLAP).max(1);
    if whole.len() < 4 * OVERLAP {
        return reply;
    }
    (0..whole.len().saturating_sub(OVERLAP))
        .step_by(step)
        .filter_map(|begin| {
            let end = (begin + size).min(whole.len());
            let offset = u16::try_from(begin).ok()?;
            let datagram =
                Header { offset, more: end < whole.len(), ..header }.encode(whole.get(begin..end)?);
            debug_assert!(datagram.len() <= control::HEADER_LENGTH + DATA_LIMIT);
            Some(Delivery { after: Duration::ZERO, datagram, elsewhere: false })
        })
        .collect()
}
