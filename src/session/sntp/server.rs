//! One of the servers that are asked: what was sent, what came, what is believed of it.

use super::{Asking, Fault, Rules};
use crate::auth::Key;
use crate::wire::packet::{HEADER_LENGTH, TimePacket};
use crate::wire::timestamp::NtpTimestamp;
use rand::rngs::StdRng;
use std::net::SocketAddr;
use std::time::Duration;

/// Octets of a key identifier.
const KEY_ID_LENGTH: usize = 4;

impl Asking {
    /// Plain questions of version 4, by the rules of RFC 5905: so many samples of each server, each waited for so long, and
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
        }
    }
}

/// One answer's four timestamps, or the lack of one: all zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// When the request left here.
    pub sent: u64,
    /// When it arrived there.
    pub received: u64,
    /// When the reply left there.
    pub transmitted: u64,
    /// When it arrived here.
    pub arrived: u64,
    /// The server's precision, log2 seconds.
    pub precision: i8,
    /// Whether there was an answer.
    pub answered: bool,
}

/// What is known of one server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is asked.
    pub address: SocketAddr,
    /// Requests sent.
    pub sent: usize,
    /// The exchanges so far, the oldest first; lost ones among them.
    pub exchanges: Vec<Exchange>,
    /// What it said last; its stratum is 16 where the wire says 0.
    pub reply: Option<TimePacket>,
    /// When the last request left, an NTP timestamp.
    pub last_sent: u64,
    /// A bit for each of the last eight answers: whether it was not authentic.
    pub trust: u8,
    /// Whether it asked to be asked less often.
    pub rate_limited: bool,
    /// Whether it refused to serve.
    pub refused: bool,
    /// Whether nothing is expected of it any more.
    pub complete: bool,
    /// Answers skipped because they are not authentic.
    pub unverified: usize,
    /// Answers whose authenticator was verified with the key.
    pub verified: usize,
    /// What is wrong with the last answer that gave no sample.
    pub nonsense: Option<Nonsense>,
    /// Word that the last request that met with any could not arrive.
    pub fault: Option<Fault>,
    /// Whose vote it shares: the names that led to it, or the group it belongs to.
    pub voters: Vec<usize>,
    /// What proves its answers, if that is NTS.
    #[cfg(feature = "nts")]
    pub nts: Option<Box<super::NtsPart>>,
    pub(super) due: Duration,
    /// Its place in the schedule.
    pub(super) scheduled: Option<Duration>,
    pub(super) sent_at: Duration,
    pub(super) answers: usize,
    pub(super) cookie: Option<u64>,
    /// Who this is as a party to a multicast.
    pub(super) part: Part,
}

/// Why an answer is not a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonsense {
    /// It does not say when the request arrived.
    NoReceiveTime,
    /// It was sent before the request arrived, its own timestamps say.
    SentBeforeReceived,
}

/// What a server has to do with a multicast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing, or it is a group of which nobody has answered yet.
    #[default]
    None,
    /// It is a group of which somebody has answered: it is not asked again.
    Answered,
    /// It has answered a group, and is to be asked itself.
    FoundNow,
}

impl Server {
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
            #[cfg(feature = "nts")]
            nts: None,
            due,
            scheduled: None,
            sent_at: Duration::ZERO,
            answers: 0,
            cookie: None,
            part: Part::None,
        }
    }

    /// Whether what is believed of it was verified with the key; none if no answer was checked.
    pub fn authentic(&self) -> Option<bool> {
        let failed = self.unverified > 0 || self.trust != 0;
        (self.verified > 0 || failed).then_some(self.verified > 0 && self.trust == 0)
    }

    /// Whether it wants to be left alone, for now or for good.
    pub fn wants_to_be_left_alone(&self) -> bool {
        self.rate_limited || self.refused
    }

    /// Whether it is a group, and no single server.
    pub fn is_group(&self) -> bool {
        self.address.ip().is_multicast()
    }

    /// Answers that gave a sample.
    pub fn answers(&self) -> usize {
        self.answers
    }
}

/// What is wrong with the timestamps of an answer by themselves. The original takes the end of an era for a
/// sending before the arrival.
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

/// What proves requests and answers: nothing, a symmetric key that all servers share, or NTS with a server of its own.
impl Server {
    /// Whether it is asked with NTS.
    pub fn is_nts(&self) -> bool {
        #[cfg(feature = "nts")]
        return self.nts.is_some();
        #[cfg(not(feature = "nts"))]
        return false;
    }

    /// What was wrong with the last answer that NTS did not prove, for people.
    pub fn nts_fault(&self) -> Option<String> {
        #[cfg(feature = "nts")]
        return self.nts.as_ref()?.fault.map(|fault| fault.to_string());
        #[cfg(not(feature = "nts"))]
        return None;
    }

    /// The same, for programs.
    pub fn nts_fault_word(&self) -> Option<&'static str> {
        #[cfg(feature = "nts")]
        return self.nts.as_ref()?.fault.map(crate::session::nts::association::AnswerFault::word);
        #[cfg(not(feature = "nts"))]
        return None;
    }

    /// A request with its proof; none if there is no cookie left.
    pub(super) fn seal(
        &mut self,
        packet: &TimePacket,
        asking: &Asking,
        random: &mut StdRng,
    ) -> Option<Vec<u8>> {
        #[cfg(feature = "nts")]
        if let Some(part) = &mut self.nts {
            return part.seal(packet, random);
        }
        #[cfg(not(feature = "nts"))]
        let _ = random;
        let mut payload = packet.to_bytes();
        if let Some(key) = &asking.key {
            let code = key.compute(&payload);
            payload.extend(key.id().to_be_bytes());
            payload.extend(code.as_bytes());
        }
        Some(payload)
    }

    /// The key identifier of an answer and whether the answer is authentic; none if no proof is wanted.
    pub(super) fn check(&mut self, datagram: &[u8], asking: &Asking) -> Option<(u32, bool)> {
        #[cfg(feature = "nts")]
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
