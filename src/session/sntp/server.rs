//! One of the servers asked: what was sent, what arrived, and what is trusted.

use super::{Asking, Fault, NtsPart, Rules};
use crate::auth::Key;
use crate::wire::packet::{HEADER_LENGTH, TimePacket};
use crate::wire::timestamp::NtpTimestamp;
use rand::rngs::StdRng;
use std::net::SocketAddr;
use std::time::Duration;

/// Octets of a key identifier.
const KEY_ID_LENGTH: usize = 4;

impl Asking {
    /// Plain version 4 requests by the rules of RFC 5905: this many samples per server, this timeout for each, and
    /// requests to one server at least `interval` apart.
    pub fn plain(samples: usize, timeout: Duration, interval: Duration) -> Self {
        Self {
            version: 4,
            samples,
            timeout,
            interval,
            delay: Duration::ZERO,
            stagger: Duration::ZERO,
            authenticate: false,
            key: None,
            key_delay: 0,
            rules: Rules::default(),
            at_once: None,
        }
    }
}

/// The four timestamps of one exchange; all zero if there was no reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// When the request left here.
    pub sent: u64,
    /// When it arrived at the server.
    pub received: u64,
    /// When the reply left the server.
    pub transmitted: u64,
    /// When the reply arrived here.
    pub arrived: u64,
    /// The server's precision, log2 seconds.
    pub precision: i8,
    /// Whether there was a reply.
    pub answered: bool,
}

impl Exchange {
    /// How long the reply took, by this machine's clock; very long if that went backwards.
    pub fn took(&self) -> Duration {
        let seconds = NtpTimestamp(self.arrived).seconds_since(NtpTimestamp(self.sent));
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

/// The state of one server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its address.
    pub address: SocketAddr,
    /// Requests sent.
    pub sent: usize,
    /// The exchanges so far, the oldest first, including lost ones.
    pub exchanges: Vec<Exchange>,
    /// Its last reply; the stratum is 16 where the wire has 0.
    pub reply: Option<TimePacket>,
    /// When the last request left, an NTP timestamp.
    pub last_sent: u64,
    /// One bit per reply, for the last eight: set if it was not authentic.
    pub trust: u8,
    /// Whether it asked for a lower rate.
    pub rate_limited: bool,
    /// Whether it refused to serve.
    pub refused: bool,
    /// Whether nothing more is expected of it.
    pub complete: bool,
    /// Replies skipped because they were not authentic.
    pub unverified: usize,
    /// Replies whose authenticator was verified.
    pub verified: usize,
    /// What was wrong with the last reply that gave no sample.
    pub nonsense: Option<Nonsense>,
    /// Why a request could not arrive, from the latest such notice.
    pub fault: Option<Fault>,
    /// The votes it shares: those of the names that resolved to it, or of its group.
    pub voters: Vec<usize>,
    /// Its NTS state, if it uses NTS.
    pub nts: Option<Box<NtsPart>>,
    pub(super) due: Duration,
    /// Its place in the schedule.
    pub(super) scheduled: Option<Duration>,
    pub(super) sent_at: Duration,
    pub(super) answers: usize,
    pub(super) cookie: Option<u64>,
    /// Its role in a multicast.
    pub(super) part: Part,
}

/// Why a reply is not a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonsense {
    /// It has no receive timestamp.
    NoReceiveTime,
    /// Its transmit timestamp precedes its receive timestamp.
    SentBeforeReceived,
}

/// A server's role in a multicast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// None, or a group that has not been answered yet.
    #[default]
    None,
    /// A group that has been answered: it is not asked again.
    Answered,
    /// It answered a group and is to be asked itself.
    FoundNow,
}

impl Server {
    /// Whether the request that was sent then is its last and has no answer yet.
    pub(super) fn waits_since(&self, sent: Duration) -> bool {
        !self.complete && self.sent_at == sent && self.exchanges.len() < self.sent
    }

    pub(super) fn new(address: SocketAddr, due: Duration, voters: Vec<usize>) -> Self {
        Self {
            address,
            sent: 0,
            exchanges: Vec::new(),
            reply: None,
            last_sent: 0,
            trust: 0,
            rate_limited: false,
            refused: false,
            complete: false,
            unverified: 0,
            verified: 0,
            nonsense: None,
            fault: None,
            voters,
            nts: None,
            due,
            scheduled: None,
            sent_at: Duration::ZERO,
            answers: 0,
            cookie: None,
            part: Part::None,
        }
    }

    /// Whether its accepted replies were verified with the key; `None` if none were checked.
    pub fn authentic(&self) -> Option<bool> {
        let failed = self.unverified > 0 || self.trust != 0;
        (self.verified > 0 || failed).then_some(self.verified > 0 && self.trust == 0)
    }

    /// Whether it asked not to be queried, for now or for good.
    pub fn wants_to_be_left_alone(&self) -> bool {
        self.rate_limited || self.refused
    }

    /// Whether it is a multicast group rather than a single server.
    pub fn is_group(&self) -> bool {
        self.address.ip().is_multicast()
    }

    /// The number of replies that gave a sample.
    pub fn answers(&self) -> usize {
        self.answers
    }
}

/// Checks the timestamps of a reply against each other. 4.2.8p15 does not allow for the end of an era between them.
pub(super) fn nonsense(packet: &TimePacket, rules: Rules) -> Option<Nonsense> {
    let (received, transmitted) = (packet.receive_timestamp, packet.transmit_timestamp);
    let backwards = if rules.one_era {
        transmitted < received
    } else {
        NtpTimestamp(transmitted).is_before(NtpTimestamp(received))
    };
    match () {
        () if received == 0 => Some(Nonsense::NoReceiveTime),
        () if backwards => Some(Nonsense::SentBeforeReceived),
        () => None,
    }
}

/// Authentication of requests and replies: none, a symmetric key that all servers share, or per-server NTS.
impl Server {
    /// Whether it is asked with NTS.
    pub fn is_nts(&self) -> bool {
        self.nts.is_some()
    }

    /// What was wrong with the last reply that failed NTS verification, for people.
    pub fn nts_fault(&self) -> Option<String> {
        self.nts.as_ref()?.fault_text()
    }

    /// The same, for programs.
    pub fn nts_fault_word(&self) -> Option<&'static str> {
        self.nts.as_ref()?.fault_word()
    }

    /// Returns a request with its authenticator; `None` if there is no cookie left.
    pub(super) fn seal(
        &mut self,
        packet: &TimePacket,
        asking: &Asking,
        random: &mut StdRng,
    ) -> Option<Vec<u8>> {
        if let Some(part) = &mut self.nts {
            return part.seal(packet, random);
        }
        let mut payload = packet.to_bytes();
        if let Some(key) = &asking.key {
            let code = key.compute(&payload);
            payload.extend(key.id().to_be_bytes());
            payload.extend(code.as_bytes());
        }
        Some(payload)
    }

    /// Returns the key ID of a reply and whether it is authentic; `None` if replies need not be.
    pub(super) fn check(&mut self, datagram: &[u8], asking: &Asking) -> Option<(u32, bool)> {
        if let Some(part) = &mut self.nts {
            return Some((0, part.check(datagram)));
        }
        asking.authenticate.then(|| verified(asking.key.as_ref(), datagram))
    }
}

/// The key identifier of an answer and whether the answer is authentic.
pub(super) fn verified(key: Option<&Key>, datagram: &[u8]) -> (u32, bool) {
    let Some((message, tail)) = datagram.split_at_checked(HEADER_LENGTH) else { return (0, false) };
    let Some((id, code)) = tail.split_first_chunk::<KEY_ID_LENGTH>() else { return (0, false) };
    let id = u32::from_be_bytes(*id);
    (id, key.is_some_and(|key| key.id() == id && key.verify(message, code)))
}
