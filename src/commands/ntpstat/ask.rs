//! Asks the daemon for its health, whichever daemon there is.

use super::args::DaemonChoice;
use super::others::{self, Other};
use crate::clock::Stopwatch;
use crate::model::health::{Health, Reader};
use crate::net::host::{AddressFamily, Host, NTP_PORT};
use crate::net::inquiry::Inquiry;
use crate::net::names::NameService;
use crate::net::presence;
use crate::output::reason;
use crate::wire::AssociationId;
use crate::wire::chrony;
use crate::wire::control::{DEFAULT_VERSION, ErrorCode, HEADER_LENGTH, Header, MODE, Opcode};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// What is asked of a daemon that speaks mode 6.
const VARIABLES: &[u8] = b"leap,stratum,refid,rootdelay,rootdisp,tc,offset,sys_jitter";
/// The most of the classic program's reply that it reads.
const CLASSIC_DATA: usize = 468;
/// How long the other daemons wait for one that speaks mode 6: it answers in far less on this machine.
const HEAD_START: Duration = Duration::from_millis(50);
/// How long they do when chronyd's port is seen to be in use.
const FIRST_WAIT: Duration = Duration::from_millis(5);

/// Whom to ask, and how.
#[derive(Clone, Debug)]
pub struct Question {
    /// The daemon.
    pub daemon: DaemonChoice,
    /// A host, or this machine.
    pub host: Option<String>,
    /// Which addresses.
    pub family: AddressFamily,
    /// How long it may take in all.
    pub timeout: Duration,
    /// How a mode 6 reply is read; the classic way asks 127.0.0.1 alone, and no other daemon.
    pub reader: Reader,
}

/// Why nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The classic lines.
    classic: String,
    /// What was looked for, and what became of it.
    looked: Vec<String>,
}

impl Failure {
    fn new(classic: &str) -> Self {
        Self { classic: format!("{classic}\n"), looked: Vec::new() }
    }

    /// All that is worth a message; in the classic way the classic lines alone.
    pub fn message(&self, reader: Reader) -> String {
        match reader {
            Reader::Classic => self.classic.clone(),
            Reader::Strict => {
                let looked = self.looked.iter().map(|line| format!("ntpstat: {line}\n"));
                self.classic.clone() + &looked.collect::<String>()
            }
        }
    }

    /// The last of the classic lines.
    pub fn summary(&self) -> &str {
        self.classic.lines().last().unwrap_or_default()
    }

    /// What was looked for, and what became of it.
    pub fn looked_for(&self) -> &[String] {
        &self.looked
    }
}

/// Asks.
///
/// # Errors
/// [`Failure`] when no daemon tells its health.
pub fn ask(question: &Question) -> Result<Health, Failure> {
    let clock = Stopwatch::start();
    let limit = question.timeout;
    let local = question.host.is_none();
    match &question.daemon {
        DaemonChoice::Ntpd => ask_ntpd(question, limit).and_then(|asked| asked.finish(question, limit)),
        DaemonChoice::Auto if question.reader == Reader::Classic || !local => {
            ask_ntpd(question, limit).and_then(|asked| asked.finish(question, limit))
        }
        DaemonChoice::Auto => {
            let asked = match ask_ntpd(question, FIRST_WAIT.min(limit))? {
                Asked::Open(mut conversation) if presence::udp_listener(chrony::PORT).is_none() => {
                    match conversation.wait(question, HEAD_START.min(limit))? {
                        Some(health) => return Ok(health),
                        None => Asked::Open(conversation),
                    }
                }
                asked => asked,
            };
            let asked = match asked {
                Asked::Answered(health) => return Ok(*health),
                open @ Asked::Open(_) => open,
            };
            let mut looked = Vec::new();
            let left = limit.saturating_sub(clock.elapsed());
            if let Some(other) = others::find(question.family, left, &mut looked) {
                return Ok(other.health());
            }
            asked.finish(question, limit).map_err(|failure| {
                let mut all = vec![format!("ntpd: {} (UDP port 123)", told(&failure.classic))];
                all.append(&mut looked);
                all.extend(others::traces());
                Failure { looked: all, ..failure }
            })
        }
        choice => {
            let addresses = match choice {
                DaemonChoice::Chronyd => addresses(question, chrony::PORT)?,
                _ if local => Vec::new(),
                _ => return Err(Failure::new("this daemon can be asked on its own machine alone")),
            };
            let other = others::one(choice, &addresses, limit, true);
            other.as_ref().map(Other::health).map_err(|reason| {
                let mut failure = Failure::new("Unable to talk to NTP daemon. Is it running?");
                failure.looked.push(reason.clone());
                failure
            })
        }
    }
}

/// The daemon of this machine that tells in its own way, if the one at this address, where mode 6 would be
/// spoken, does not answer to it at once.
pub fn find_instead(address: SocketAddr, limit: Duration) -> Option<Other> {
    let mut conversation = Conversation::begin(&[address], Reader::Strict);
    let sequence = conversation.sequence;
    let answer = conversation.inquiry.wait(HEAD_START, &mut |datagram| read(datagram, sequence));
    match answer {
        Some(_) => None,
        None => others::find(AddressFamily::Any, limit, &mut Vec::new()),
    }
}

/// What becomes of a failure in a line about daemons that were looked for.
fn told(classic: &str) -> &'static str {
    if classic.starts_with("timeout") { "no answer" } else { "nobody listens" }
}

/// A question over mode 6 that is answered, or still under way.
enum Asked {
    Answered(Box<Health>),
    Open(Box<Conversation>),
}

impl Asked {
    /// Waits for the answer to the end.
    fn finish(self, question: &Question, limit: Duration) -> Result<Health, Failure> {
        match self {
            Self::Answered(health) => Ok(*health),
            Self::Open(mut conversation) => match conversation.wait(question, limit)? {
                Some(health) => Ok(health),
                None => Err(conversation.failure()),
            },
        }
    }
}

fn ask_ntpd(question: &Question, limit: Duration) -> Result<Asked, Failure> {
    let mut conversation = Conversation::begin(&addresses(question, NTP_PORT)?, question.reader);
    Ok(match conversation.wait(question, limit)? {
        Some(health) => Asked::Answered(Box::new(health)),
        None => Asked::Open(Box::new(conversation)),
    })
}

/// One question over mode 6 to several addresses.
struct Conversation {
    inquiry: Inquiry,
    sequence: u16,
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
    fn begin(addresses: &[SocketAddr], reader: Reader) -> Self {
        let sequence = rand::random();
        let names = if reader == Reader::Strict { VARIABLES } else { &[] };
        Self { inquiry: Inquiry::send(addresses, &request(sequence, names)), sequence }
    }

    /// Waits until so much time has passed since the beginning.
    fn wait(&mut self, question: &Question, until: Duration) -> Result<Option<Health>, Failure> {
        let sequence = self.sequence;
        let Some((_, said)) = self.inquiry.wait(until, &mut |datagram| read(datagram, sequence)) else {
            return Ok(None);
        };
        match said {
            Said::Variables { status, data } => {
                let data = match question.reader {
                    Reader::Classic => data.get(..CLASSIC_DATA).unwrap_or(&data),
                    Reader::Strict => &data,
                };
                Ok(Some(Health::from_variables(status, data, question.reader)))
            }
            Said::Unknown if question.reader == Reader::Strict && until > self.inquiry.elapsed() => {
                // An old daemon refuses names that it does not know: it is asked for all it has.
                self.inquiry.repeat(&request(sequence, &[]));
                let mut again = |datagram: &[u8]| match read(datagram, sequence) {
                    Some(Said::Unknown) | None => None,
                    Some(said) => Some(said),
                };
                if let Some((_, Said::Variables { status, data })) = self.inquiry.wait(until, &mut again) {
                    return Ok(Some(Health::from_variables(status, &data, question.reader)));
                }
                Ok(None)
            }
            Said::Unknown => Err(invalid(0x16, 0xc2)),
            Said::Invalid(first, second) => Err(invalid(first, second)),
        }
    }

    fn failure(&self) -> Failure {
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

/// The addresses of the host, or those of this machine.
fn addresses(question: &Question, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let Some(name) = &question.host else {
        if question.reader == Reader::Classic {
            return Ok(vec![(Ipv4Addr::LOCALHOST, port).into()]);
        }
        return Ok(loopback(question.family, port));
    };
    let host: Host = name.parse().map_err(|error| Failure::new(&format!("{name}: {error}")))?;
    let found = NameService::system(question.timeout)
        .forward(&host, question.family)
        .map_err(|error| Failure::new(&format!("{name}: {error}")))?;
    let mut addresses = found.addresses;
    if !host.has_port() {
        for address in &mut addresses {
            address.set_port(port);
        }
    }
    // One that answers is enough; a host of many addresses is not flooded.
    addresses.truncate(2);
    Ok(addresses)
}

/// This machine's own addresses.
pub fn loopback(family: AddressFamily, port: u16) -> Vec<SocketAddr> {
    let (four, six): (IpAddr, IpAddr) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    let addresses = match family {
        AddressFamily::Any => vec![four, six],
        AddressFamily::Ipv4 => vec![four],
        AddressFamily::Ipv6 => vec![six],
    };
    addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}
