//! Scripts for conversations with hostile servers.

use std::net::SocketAddr;
use std::time::Duration;

use ntpkit::session::mru::{self, MruSession};
use ntpkit::session::sntp::{Asking, Rules, SntpSession};
use ntpkit::session::{Received, Session, Transmit};

/// The pause of a server that never stops: short enough to keep a client waiting.
const NAGGING: Duration = Duration::from_secs(4);
/// No conversation may last longer.
const LONGEST: Duration = Duration::from_secs(3600);
/// No conversation may send more datagrams.
const MAX_SENT: usize = 100_000;
/// The number of requests that can be answered later.
const REMEMBERED: usize = 8;

/// Makes a reply to a request from the octets of a script. The first octet says what is special about it.
pub type Answer = fn(request: &[u8], flags: u8, octets: &[u8]) -> Vec<u8>;

/// What a conversation cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// How long it took.
    pub lasted: Duration,
    /// The number of datagrams that were sent.
    pub sent: usize,
}

/// The reading of a list of clients. The bits of `options` say how it is read.
pub fn client_list(options: u8) -> MruSession {
    let flag = |bit: u8| options & bit != 0;
    let config = mru::Config {
        version: 2,
        first_sequence: 1,
        secret: 3,
        silence: Duration::from_secs(5),
        parameters: String::new(),
        longest_interval: flag(1).then_some(60),
        raw: flag(2),
        follows: flag(4),
        divides: flag(8),
        window: 64,
        key: None,
    };
    let round_trip = flag(16).then_some(Duration::from_millis(100));
    MruSession::new(config, "eeab74e61557929f01234567", round_trip, Duration::ZERO)
}

/// A round of time requests to two servers, one of them named twice. The bits of `rules` say what counts.
pub fn time_round(samples: usize, rules: u8) -> SntpSession {
    let flag = |bit: u8| rules & bit != 0;
    let asking = Asking {
        version: 4,
        samples,
        timeout: Duration::from_secs(1),
        interval: Duration::from_secs(2),
        delay: Duration::ZERO,
        stagger: Duration::from_millis(10),
        authenticate: false,
        key: None,
        key_delay: 0,
        rules: Rules {
            copies_count: flag(1),
            forgeries_count: flag(2),
            stratum_16_is_no_answer: flag(4),
            refusals_are_answers: flag(8),
            one_era: flag(16),
            errors_are_ignored: flag(32),
            groups_are_asked_anew: flag(64),
        },
        at_once: None,
    };
    let addresses: [SocketAddr; 3] =
        ["192.0.2.1:123", "[2001:db8::1]:123", "192.0.2.1:123"].map(|text| text.parse().expect("an address"));
    SntpSession::new(asking, &addresses, [7; 32], Duration::ZERO)
}

/// Plays a conversation and checks that it ends. Returns what it cost.
///
/// A script is a sequence of steps: the time that passes (one octet, in units of 16 ms), what arrives (one octet), a length (two
/// octets), and octets. What arrives is those octets as they are, or a reply to one of the latest requests. After the
/// script the server goes on: it repeats its last datagram every 4 seconds, as an answer to the latest request.
pub fn play<S: Session>(
    session: &mut S,
    script: &[u8],
    answer: Answer,
    mut event: impl FnMut(S::Event),
) -> Played {
    let (mut now, mut sent) = (Duration::ZERO, 0);
    let mut requests: Vec<Transmit> = Vec::new();
    let mut last: (u8, Vec<u8>) = (0, Vec::new());
    let mut turn = |session: &mut S, requests: &mut Vec<Transmit>, now| -> Option<Played> {
        while let Some(request) = session.poll_transmit(now) {
            sent += 1;
            assert!(sent < MAX_SENT, "too many datagrams");
            requests.insert(0, request);
            requests.truncate(REMEMBERED);
        }
        while let Some(one) = session.poll_event() {
            event(one);
        }
        session.is_done().then_some(Played { lasted: now, sent })
    };
    let mut rest = script;
    while let Some((&[time, kind, high, low], behind)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(behind.len());
        let (octets, following) = behind.split_at(length);
        rest = following;
        if let Some(played) = turn(session, &mut requests, now) {
            return played;
        }
        let arrives_at = now + Duration::from_millis(16 * u64::from(time));
        // What is due before that happens before that.
        while let Some(due) = session.poll_timeout().filter(|due| *due < arrives_at) {
            let begun = now;
            now = now.max(due);
            session.handle_timeout(now);
            if let Some(played) = turn(session, &mut requests, now) {
                return played;
            }
            if now == begun && session.poll_timeout() == Some(due) {
                break;
            }
        }
        now = arrives_at;
        last = (kind, octets.to_vec());
        arrive(session, &requests, &last, answer, now);
        session.handle_timeout(now);
    }
    last.0 |= 1;
    let mut nags_at = now;
    while now < LONGEST {
        if let Some(played) = turn(session, &mut requests, now) {
            return played;
        }
        let due = session.poll_timeout().unwrap_or(nags_at);
        if nags_at <= due {
            now = now.max(nags_at);
            nags_at = now + NAGGING;
            arrive(session, &requests, &last, answer, now);
        } else {
            now = now.max(due);
        }
        session.handle_timeout(now);
    }
    panic!("the conversation has not ended after {LONGEST:?}");
}

/// Hands over a datagram: an odd kind answers a request, of which bits 1 to 3 say which.
fn arrive<S: Session>(
    session: &mut S,
    requests: &[Transmit],
    (kind, octets): &(u8, Vec<u8>),
    answer: Answer,
    now: Duration,
) {
    let request = requests.get(usize::from(kind >> 1 & 7)).or_else(|| requests.first());
    let from: Option<SocketAddr> = request.and_then(|request| request.to);
    let payload = match request {
        Some(request) if kind & 1 == 1 => answer(&request.payload, kind >> 4, octets),
        _ => octets.clone(),
    };
    session.handle(&Received { from, ..Received::new(&payload, now) });
}

/// Makes a mode 6 reply: flag 1 sets the error bit, flag 2 the bit that more follows; flag 4 takes the offset from the
/// first two octets.
pub fn control_reply(request: &[u8], flags: u8, octets: &[u8]) -> Vec<u8> {
    let mut reply = request.get(..12).unwrap_or(&[0; 12]).to_vec();
    let (offset, data) = match octets.split_first_chunk::<2>() {
        Some((offset, data)) if flags & 4 != 0 => (*offset, data),
        _ => ([0, 0], octets),
    };
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    reply[1] = reply[1] & 0x1f | 0x80 | (flags & 1) << 6 | (flags & 2) << 4;
    reply[8..10].copy_from_slice(&offset);
    reply[10..12].copy_from_slice(&length.to_be_bytes());
    reply.extend(data);
    reply.resize(reply.len().next_multiple_of(4), 0);
    reply
}

/// Makes a mode 7 reply: its sequence and whether more follow (one octet), the number and the size of its items (one octet
/// each, times four), and items; flag 1 sets an error code.
pub fn mode7_reply(request: &[u8], flags: u8, octets: &[u8]) -> Vec<u8> {
    let mut reply = request.get(..8).unwrap_or(&[0; 8]).to_vec();
    let (fields, items) = octets.split_first_chunk::<3>().unwrap_or((&[0; 3], &[]));
    let [sequence, count, size] = *fields;
    reply[0] = reply[0] & 0x3f | 0x80 | (sequence & 0x80) >> 1;
    reply[1] = reply[1] & 0x80 | sequence & 0x7f;
    reply[4..6].copy_from_slice(&(u16::from(flags & 1) << 14 | u16::from(count)).to_be_bytes());
    reply[6..8].copy_from_slice(&(u16::from(size) * 4).to_be_bytes());
    reply.extend(items);
    reply
}

/// Makes a server's time packet that repeats the transmit time stamp of the request; flag 1 leaves it as it is.
pub fn time_reply(request: &[u8], flags: u8, octets: &[u8]) -> Vec<u8> {
    let mut reply = octets.to_vec();
    reply.resize(reply.len().max(48), 0);
    if let (Some(stamp), 0) = (request.get(40..48), flags & 1) {
        reply[0] = reply[0] & !7 | 4;
        reply[24..32].copy_from_slice(stamp);
    }
    reply
}

/// Makes chronyd's reply: its layout (two octets), its status (two octets), and data.
pub fn chrony_reply(request: &[u8], _flags: u8, octets: &[u8]) -> Vec<u8> {
    let mut reply = vec![6, 2, 0, 0];
    reply.extend(request.get(4..6).unwrap_or(&[0; 2]));
    reply.extend(octets.iter().chain(&[0; 4]).take(4));
    reply.extend([0; 6]);
    reply.extend(request.get(8..12).unwrap_or(&[0; 4]));
    reply.extend([0; 8]);
    reply.extend(octets.iter().skip(4));
    reply
}
