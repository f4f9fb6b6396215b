//! What can happen to replies between the daemon and those who asked: a pure stage, the same for the same seed.

use crate::wire::AssociationId;
use crate::wire::control::{self, DATA_LIMIT, ErrorCode, Header, Message, Opcode};
use core::time::Duration;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// How the way back is. The default does nothing at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Decides everything left to chance.
    pub seed: u64,
    /// The part of the datagrams that is lost, 0 to 1.
    pub loss: f64,
    /// The part of the datagrams that comes twice, 0 to 1.
    pub duplication: f64,
    /// The part of the datagrams that has up to four bits flipped, 0 to 1.
    pub corruption: f64,
    /// How long every datagram takes.
    pub delay: Duration,
    /// By how much longer it may take; enough of it brings disorder.
    pub jitter: Duration,
    /// The part of the datagrams that the jitter spares, 0 to 1.
    pub punctual: f64,
    /// Requests take their time too, by the same rules: else all of it goes into the way back.
    pub both_ways: bool,
    /// Done to every reply, in this order.
    pub faults: Vec<Fault>,
    /// A copy of the reply with each of these faults goes ahead of the true one.
    pub decoys: Vec<Fault>,
    /// The number of requests after which the daemon goes silent.
    pub silent_after: Option<u64>,
    /// Queries (mode 6 and 7) are not answered, only the time is given.
    pub refuses_queries: bool,
}

/// One way in which a reply is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The sequence number is another.
    WrongSequence,
    /// The association identifier is another.
    WrongAssociation,
    /// The operation code is another.
    WrongOpcode,
    /// It claims to be a request.
    NoReply,
    /// Every datagram ends early, somewhere.
    Truncated,
    /// The last fragment claims that there are more, and more come: [`ENDLESS`] of them.
    Endless,
    /// Each fragment repeats the last eight octets of the one before.
    Overlapping,
    /// One of the fragments never comes; of a single one, what it says is to follow.
    Missing,
    /// The last fragment comes first.
    Reversed,
    /// The whole reply comes from another port.
    Elsewhere,
    /// Random octets in the place of each datagram.
    Junk,
    /// Every digit of the data is another: an authenticator is wrong then.
    Forged,
    /// A refusal without an authenticator (mode 6, error 1).
    Refused,
}

/// How many fragments an endless reply has more than it should: past any limit of octets or packets that a
/// reader may have.
pub const ENDLESS: usize = 256;
/// The pause between them.
const ENDLESS_PAUSE: Duration = Duration::from_millis(2);
/// How much overlapping fragments overlap.
const OVERLAP: usize = 8;

/// A datagram on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How long after the request it leaves.
    pub after: Duration,
    /// Its octets.
    pub datagram: Vec<u8>,
    /// Whether it comes from a port that nobody asked.
    pub elsewhere: bool,
}

/// A [`Faults`] at work.
#[derive(Debug)]
pub struct Mischiefs {
    plan: Faults,
    random: StdRng,
    requests: u64,
}

impl Mischiefs {
    /// At the beginning, with nothing sent yet.
    pub fn new(plan: Faults) -> Self {
        let random = StdRng::seed_from_u64(plan.seed);
        Self { plan, random, requests: 0 }
    }

    /// How long the next request is on its way here.
    pub fn way_here(&mut self) -> Duration {
        if self.plan.both_ways { self.travel_time() } else { Duration::ZERO }
    }

    /// What becomes of the replies to one request.
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
        arriving.sort_by_key(|delivery| delivery.after);
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

/// Changes the headers of what is mode 6.
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
