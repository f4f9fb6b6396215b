//! The health of a daemon that speaks mode 6, by one question.

use super::ask::{Cause, Failure};
use crate::client::system_error::SystemError;
use crate::model::health::{Health, Reader};
use crate::net::inquiry::Inquiry;
use crate::session::reassembly::Reassembly;
use crate::wire::AssociationId;
use crate::wire::control::{DEFAULT_VERSION, ErrorCode, HEADER_LENGTH, Header, MODE, Message, Opcode};
use crate::wire::variables::scan;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

/// What is asked of the daemon.
const VARIABLES: &[u8] = b"leap,stratum,refid,rootdelay,rootdisp,tc,offset,sys_jitter,reftime,clock";
/// The most of the classic program's reply that it reads.
const CLASSIC_DATA: usize = 468;

/// One question over mode 6, to one address after the other.
pub struct Conversation {
    inquiry: Inquiry,
    replies: Replies,
    reader: Reader,
    /// Addresses that are still to be asked, the next one last.
    rest: Vec<SocketAddr>,
    /// When the next one has its turn, if the others stay silent.
    next_turn: Duration,
    turn: Duration,
}

/// The replies to all requests that were sent. Each has a sequence number of its own, so that fragments of two are never
/// mixed.
#[derive(Debug)]
struct Replies {
    next_sequence: u16,
    reader: Reader,
    /// By the sequence number; the latest request is the last.
    begun: Vec<(u16, Reassembly)>,
}

/// What a reply says.
enum ReplyBody {
    Variables {
        status: u16,
        data: Vec<u8>,
    },
    /// Not all of the variables are known there.
    Unknown,
    /// The first two octets of what is not an answer of this kind.
    Invalid(u8, u8),
}

impl Conversation {
    /// Asks the first of these addresses; the next when it refuses, or after a silence of this length.
    pub fn begin(addresses: &[SocketAddr], reader: Reader, turn: Duration) -> Self {
        let mut replies = Replies { next_sequence: rand::random(), reader, begun: Vec::new() };
        let request = replies.request(names(reader));
        let mut rest: Vec<SocketAddr> = addresses.iter().rev().copied().collect();
        let first: Vec<SocketAddr> = rest.pop().into_iter().collect();
        let inquiry = Inquiry::send(&first, &request);
        Self { inquiry, replies, reader, rest, next_turn: turn, turn }
    }

    /// Waits for the answer until so much time has passed since the beginning.
    ///
    /// # Errors
    /// Somebody answered, but not to the question.
    pub fn wait(&mut self, until: Duration) -> Result<Option<Health>, Failure> {
        let said = loop {
            let stage = if self.rest.is_empty() { until } else { until.min(self.next_turn) };
            let replies = &mut self.replies;
            if let Some(said) = self.inquiry.wait(stage, &mut |datagram| replies.read(datagram)) {
                break said;
            }
            if self.inquiry.is_open() && stage == until {
                return Ok(None);
            }
            let Some(next) = self.rest.pop() else { return Ok(None) };
            let request = self.replies.request(names(self.reader));
            self.inquiry.send_also(next, &request);
            self.next_turn += self.turn;
        };
        match said {
            ReplyBody::Variables { status, data } => {
                let data = match self.reader {
                    Reader::Classic => data.get(..CLASSIC_DATA).unwrap_or(&data),
                    Reader::Strict => &data,
                };
                Ok(Some(Health::from_variables(status, data, self.reader)))
            }
            ReplyBody::Unknown if self.reader == Reader::Strict && until > self.inquiry.elapsed() => {
                // An old daemon refuses names that it does not know: it is asked for all it has.
                self.inquiry.settle();
                self.replies.begun.clear();
                let request = self.replies.request(&[]);
                self.inquiry.repeat(&request);
                let replies = &mut self.replies;
                let mut again = |datagram: &[u8]| {
                    replies.read(datagram).filter(|said| !matches!(said, ReplyBody::Unknown))
                };
                if let Some(ReplyBody::Variables { status, data }) = self.inquiry.wait(until, &mut again) {
                    return Ok(Some(Health::from_variables(status, &data, self.reader)));
                }
                Ok(None)
            }
            ReplyBody::Unknown => Err(invalid(0x16, 0xc2)),
            ReplyBody::Invalid(first, second) => Err(invalid(first, second)),
        }
    }

    /// Why there is no answer.
    pub fn failure(&self) -> Failure {
        match self.inquiry.fault() {
            _ if self.inquiry.is_open() => Cause::TimedOut.into(),
            Some(fault) if fault.kind() != ErrorKind::ConnectionRefused => {
                Cause::Connect(SystemError::of(fault)).into()
            }
            _ => Cause::Nobody.into(),
        }
    }
}

/// The variables that are asked for by name.
fn names(reader: Reader) -> &'static [u8] {
    if reader == Reader::Strict { VARIABLES } else { &[] }
}

impl Replies {
    /// A request for these variables.
    fn request(&mut self, names: &[u8]) -> Vec<u8> {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        self.begun.push((sequence, Reassembly::default()));
        Header::request(Opcode::READ_VARIABLES, AssociationId::SYSTEM, sequence, DEFAULT_VERSION)
            .encode(names)
    }

    /// Reads a datagram; `None` for one that answers no question, or not wholly yet.
    fn read(&mut self, datagram: &[u8]) -> Option<ReplyBody> {
        match self.reader {
            Reader::Classic => self.read_classic(datagram),
            Reader::Strict => self.read_strict(datagram),
        }
    }

    fn read_strict(&mut self, datagram: &[u8]) -> Option<ReplyBody> {
        let (first, second) = (*datagram.first()?, *datagram.get(1)?);
        let header = Header::peek(datagram)?;
        let (_, reassembly) = self.begun.iter_mut().find(|(sequence, _)| *sequence == header.sequence)?;
        let unknown = header.error && header.error_code() == ErrorCode::UNKNOWN_VARIABLE;
        if unknown && header.response && header.version == DEFAULT_VERSION {
            return Some(ReplyBody::Unknown);
        }
        if !is_answer(first, second) {
            return Some(ReplyBody::Invalid(first, second));
        }
        let data = datagram.get(HEADER_LENGTH..)?;
        let data = data.get(..usize::from(header.count)).unwrap_or(data);
        reassembly.add(&Message { header, data, tail: &[] });
        let data = reassembly.complete().or_else(|| all_that_was_asked_for(reassembly))?;
        Some(ReplyBody::Variables { status: header.status, data })
    }

    /// The classic program takes whatever comes for the whole answer, whatever it claims to be the length of its data. Of
    /// a sequence number it would not mind another one. It receives into its request, so that octets which are missing
    /// are those of the request.
    fn read_classic(&self, datagram: &[u8]) -> Option<ReplyBody> {
        const REQUEST: [u8; 2] = [DEFAULT_VERSION << 3 | MODE, Opcode::READ_VARIABLES.0];
        let octet = |at| datagram.get(at).or(REQUEST.get(at)).copied().unwrap_or(0);
        if let Some(&[high, low]) = datagram.get(2..4)
            && !self.begun.iter().any(|(sequence, _)| *sequence == u16::from_be_bytes([high, low]))
        {
            return None;
        }
        if !is_answer(octet(0), octet(1)) {
            return Some(ReplyBody::Invalid(octet(0), octet(1)));
        }
        let data = datagram.get(HEADER_LENGTH..).unwrap_or_default().to_vec();
        Some(ReplyBody::Variables { status: u16::from_be_bytes([octet(4), octet(5)]), data })
    }
}

/// Whether these octets, the first of a datagram, are those of an answer that reports no error.
fn is_answer(first: u8, second: u8) -> bool {
    (first & 0x3f, second & !0x20) == (DEFAULT_VERSION << 3 | MODE, 0x80 | Opcode::READ_VARIABLES.0)
}

/// The beginning of a reply without its last item, if it has all variables that are asked for: whether more follows does
/// not matter then.
fn all_that_was_asked_for(reply: &Reassembly) -> Option<Vec<u8>> {
    let (_, mut data) = reply.stretches().into_iter().next().filter(|(offset, _)| *offset == 0)?;
    data.truncate(data.iter().rposition(|&octet| octet == b',')?);
    let read = scan(&data);
    let mut wanted = VARIABLES.split(|&octet| octet == b',');
    let has_all = wanted.all(|name| read.variables.iter().any(|variable| variable.name == name));
    has_all.then_some(data)
}

fn invalid(first: u8, second: u8) -> Failure {
    Cause::Invalid(first, second).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the replies come to when these datagrams answer the request, each with its offset, its data and whether more
    /// follows.
    fn heard(reader: Reader, fragments: &[(u16, &[u8], bool)]) -> Vec<Option<Vec<u8>>> {
        let mut replies = Replies { next_sequence: 65_535, reader, begun: Vec::new() };
        let first = Message::parse(&replies.request(names(reader))).unwrap().header.sequence;
        let request = replies.request(&[]);
        let header = Header { response: true, ..Message::parse(&request).unwrap().header };
        assert_ne!(first, header.sequence);
        fragments
            .iter()
            .map(|&(offset, data, more)| {
                match replies.read(&Header { more, offset, ..header }.encode(data)) {
                    Some(ReplyBody::Variables { data, .. }) => Some(data),
                    _ => None,
                }
            })
            .collect()
    }

    #[test]
    fn an_answer_is_taken_when_it_is_whole() {
        let fragments: [(u16, &[u8], bool); 5] = [
            (0, b"", true),
            (9, b"ff\"", false),
            (9, b"XX\"", false),
            (0, b"version", true),
            (7, b"=\"", true),
        ];
        let whole = heard(Reader::Strict, &fragments);
        assert_eq!(whole, [None, None, None, None, Some(b"version=\"ff\"".to_vec())]);
        let classic = heard(Reader::Classic, &fragments);
        let padded =
            |data: &[u8]| [data, [0; 4].get(..data.len().next_multiple_of(4) - data.len()).unwrap()].concat();
        assert_eq!(classic, fragments.map(|(_, data, _)| Some(padded(data))), "whatever comes");
    }

    #[test]
    fn nothing_more_is_waited_for_than_was_asked_for() {
        let named: Vec<String> = VARIABLES
            .split(|&octet| octet == b',')
            .map(|name| format!("{}=1, ", String::from_utf8_lossy(name)))
            .collect();
        let (all, some) = (named.concat() + "more=2", named[1..].concat());
        let answers = heard(Reader::Strict, &[(0, some.as_bytes(), true)]);
        assert_eq!(answers, [None]);
        let answers = heard(Reader::Strict, &[(0, all.as_bytes(), true)]);
        assert_eq!(answers, [Some(named.concat().trim_end_matches(", ").as_bytes().to_vec())]);
    }

    #[test]
    fn the_classic_takes_an_answer_of_any_length() {
        let mut replies = Replies { next_sequence: 7, reader: Reader::Classic, begun: Vec::new() };
        let request = replies.request(&[]);
        let header = Header { response: true, status: 0xc016, ..Message::parse(&request).unwrap().header };
        let whole = header.encode(b"tc=6");
        for length in 2..=whole.len() {
            let Some(ReplyBody::Variables { status, data }) = replies.read(&whole[..length]) else {
                panic!("{length} octets")
            };
            let expected = [0, 0xc000, 0xc016][length.clamp(4, 6) - 4];
            assert_eq!((status, &*data), (expected, whole.get(12..length).unwrap_or_default()));
        }
        assert!(matches!(replies.read(&whole[..1]), Some(ReplyBody::Invalid(0x16, 2))));
        assert!(matches!(replies.read(&[]), Some(ReplyBody::Invalid(0x16, 2))));
        let foreign = Header { sequence: 8, ..header }.encode(b"tc=6");
        assert!(replies.read(&foreign).is_none() && replies.read(&foreign[..4]).is_none());
        let claims_none = [&whole[..10], &[0, 0], &whole[12..]].concat();
        assert!(
            matches!(replies.read(&claims_none), Some(ReplyBody::Variables { data, .. }) if data == b"tc=6")
        );
        replies.reader = Reader::Strict;
        assert!((0..whole.len()).all(|length| replies.read(&whole[..length.min(11)]).is_none()));
    }

    #[test]
    fn an_endless_answer_is_none() {
        let fragments: Vec<(u16, &[u8], bool)> =
            (0..100).map(|n| (n * 400, &[b'x'; 400][..], true)).collect();
        assert!(heard(Reader::Strict, &fragments).iter().all(Option::is_none));
    }
}
