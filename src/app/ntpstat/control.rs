//! The health of a daemon that speaks mode 6, by one question.

use super::ask::Failure;
use crate::cli::output::reason;
use crate::model::health::{Health, Reader};
use crate::net::inquiry::Inquiry;
use crate::wire::AssociationId;
use crate::wire::control::{DEFAULT_VERSION, ErrorCode, HEADER_LENGTH, Header, MODE, Opcode};
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
    sequence: u16,
    reader: Reader,
    request: Vec<u8>,
    /// Addresses that are still to be asked, the next one last.
    rest: Vec<SocketAddr>,
    /// When the next one has its turn, if the others stay silent.
    next_turn: Duration,
    turn: Duration,
}

/// What a datagram says.
enum Said {
    Variables {
        status: u16,
        data: Vec<u8>,
    },
    /// Not all of the variables are known there.
    Unknown,
    /// The first two octets of what is no answer of this kind.
    Invalid(u8, u8),
}

impl Conversation {
    /// Asks the first of these addresses; the next when it refuses, or after a silence of this length.
    pub fn begin(addresses: &[SocketAddr], reader: Reader, turn: Duration) -> Self {
        let sequence = rand::random();
        let request = request(sequence, if reader == Reader::Strict { VARIABLES } else { &[] });
        let mut rest: Vec<SocketAddr> = addresses.iter().rev().copied().collect();
        let first: Vec<SocketAddr> = rest.pop().into_iter().collect();
        let inquiry = Inquiry::send(&first, &request);
        Self { inquiry, sequence, reader, request, rest, next_turn: turn, turn }
    }

    /// Waits for the answer until so much time has passed since the beginning.
    ///
    /// # Errors
    /// Somebody answered, but not to the question.
    pub fn wait(&mut self, until: Duration) -> Result<Option<Health>, Failure> {
        let sequence = self.sequence;
        let said = loop {
            let stage = if self.rest.is_empty() { until } else { until.min(self.next_turn) };
            if let Some(said) = self.inquiry.wait(stage, &mut |datagram| read(datagram, sequence)) {
                break said;
            }
            if self.inquiry.is_open() && stage == until {
                return Ok(None);
            }
            let Some(next) = self.rest.pop() else { return Ok(None) };
            self.inquiry.send_also(next, &self.request);
            self.next_turn += self.turn;
        };
        match said {
            Said::Variables { status, data } => {
                let data = match self.reader {
                    Reader::Classic => data.get(..CLASSIC_DATA).unwrap_or(&data),
                    Reader::Strict => &data,
                };
                Ok(Some(Health::from_variables(status, data, self.reader)))
            }
            Said::Unknown if self.reader == Reader::Strict && until > self.inquiry.elapsed() => {
                // An old daemon refuses names that it does not know: it is asked for all it has.
                self.inquiry.settle();
                self.inquiry.repeat(&request(sequence, &[]));
                let mut again = |datagram: &[u8]| match read(datagram, sequence) {
                    Some(Said::Unknown) | None => None,
                    Some(said) => Some(said),
                };
                if let Some(Said::Variables { status, data }) = self.inquiry.wait(until, &mut again) {
                    return Ok(Some(Health::from_variables(status, &data, self.reader)));
                }
                Ok(None)
            }
            Said::Unknown => Err(invalid(0x16, 0xc2)),
            Said::Invalid(first, second) => Err(invalid(first, second)),
        }
    }

    /// Why there is no answer.
    pub fn failure(&self) -> Failure {
        match self.inquiry.fault() {
            _ if self.inquiry.is_open() => Failure::new("timeout"),
            Some(fault) if fault.kind() != ErrorKind::ConnectionRefused => {
                Failure::new(&format!("On connect: {}\nunable to connect to socket", reason(fault)))
            }
            _ => Failure::new("Unable to talk to NTP daemon. Is it running?"),
        }
    }
}

fn request(sequence: u16, names: &[u8]) -> Vec<u8> {
    Header::request(Opcode::READ_VARIABLES, AssociationId::SYSTEM, sequence, DEFAULT_VERSION).encode(names)
}

/// Reads a datagram; `None` for one that does not answer this question. The first fragment has all.
fn read(datagram: &[u8], sequence: u16) -> Option<Said> {
    let (first, second) = (*datagram.first()?, *datagram.get(1)?);
    let header = Header::peek(datagram).filter(|header| header.sequence == sequence)?;
    let unknown = header.error && header.error_code() == ErrorCode::UNKNOWN_VARIABLE;
    if unknown && header.response && header.version == DEFAULT_VERSION {
        return Some(Said::Unknown);
    }
    let expected = (DEFAULT_VERSION << 3 | MODE, 0x80 | Opcode::READ_VARIABLES.0);
    // Whether more fragments follow does not matter.
    if (first & 0x3f, second & !0x20) != expected {
        return Some(Said::Invalid(first, second));
    }
    let data = datagram.get(HEADER_LENGTH..)?;
    let data = data.get(..usize::from(header.count)).unwrap_or(data);
    Some(Said::Variables { status: header.status, data: data.to_vec() })
}

fn invalid(first: u8, second: u8) -> Failure {
    Failure::new(&format!(
        "status word is 0x{first:02x}{second:02x}\nreturn data appears to be invalid based on status word"
    ))
}
