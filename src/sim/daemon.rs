//! The simulated daemon without its socket: a request goes in, datagrams come out.

use super::clients::ClientList;
use super::clock::{self, ClockView};
use super::configuration;
use super::ordered_list;
use super::peer::{self, PeerView};
use super::reply::ReplyData;
use super::scenario::{Association, Flavour, Kind, Scenario, Turnover};
use super::system::{self, SystemView};
use super::time::NtpTime;
use super::time_service;
use super::variables;
use crate::auth::control::{seal, verify_reply};
use crate::wire::AssociationId;
use crate::wire::control::{self, ErrorCode, Header, Message, Opcode};
use crate::wire::mode7;
use crate::wire::packet::Mode;
use std::net::{Ipv4Addr, SocketAddr};

/// A daemon configured by a [`Scenario`]. It uses neither a clock nor a socket.
#[derive(Clone, Debug)]
pub struct Daemon {
    scenario: Scenario,
    clients: ClientList,
    started: NtpTime,
    /// Added to every identifier; changes at each restart.
    identifier_shift: u16,
    control_requests: u64,
    time_requests: u64,
    /// The offset of the last packet sent, which refusals repeat, as in the real daemons.
    last_offset: u16,
}

/// The outcome of a request that may concern the list of recent clients.
enum Listed {
    Answer(Answer),
    Silence,
    NotMeant,
}

/// Whether a request is authenticated with the control key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    /// It carries no authenticator.
    None,
    /// It is authentic.
    Good,
    /// It carries an authenticator that does not verify.
    Bad,
}

/// A refusal, or the status word and the data of a reply.
type Answer = Result<(u16, ReplyData), ErrorCode>;

impl Daemon {
    /// Creates a daemon whose uptime at `now` is the scenario's.
    pub fn new(scenario: Scenario, now: NtpTime) -> Self {
        let started = now.plus_seconds(-f64::from(scenario.system.uptime));
        let clients = ClientList::new(scenario.clients, 0, now);
        Self {
            scenario,
            clients,
            started,
            identifier_shift: 0,
            control_requests: 0,
            time_requests: 0,
            last_offset: 0,
        }
    }

    /// The datagrams that answer this one, in order; none if ntpd would be silent.
    pub fn answer(&mut self, request: &[u8], now: NtpTime) -> Vec<Vec<u8>> {
        self.answer_to(request, (Ipv4Addr::LOCALHOST, 0).into(), now)
    }

    /// The same for a client at this address, to which nonces are bound.
    pub fn answer_to(&mut self, request: &[u8], source: SocketAddr, now: NtpTime) -> Vec<Vec<u8>> {
        match request.first().map(|first| first & 7) {
            Some(control::MODE) => self.answer_control(request, source, now),
            Some(mode) if Mode(mode) == Mode::CLIENT => self.answer_time(request, now).into_iter().collect(),
            Some(mode7::MODE) => self.answer_mode7(request, now),
            _ => Vec::new(),
        }
    }

    fn answer_mode7(&mut self, request: &[u8], now: NtpTime) -> Vec<Vec<u8>> {
        let Some(clients) = self.scenario.mode7_clients else { return Vec::new() };
        let is_authentic = || super::mode7::is_authentic(self.scenario.request_key.as_ref(), request, now);
        let Ok(message) = mode7::Message::parse(request) else { return Vec::new() };
        let header = message.header;
        if header.response {
            return Vec::new();
        }
        let answer = if header.implementation != super::mode7::implementation(&self.scenario) {
            Err(mode7::ErrorCode::IMPLEMENTATION)
        } else if super::mode7::needs_key(header.request) && !(header.authenticated && is_authentic()) {
            Err(mode7::ErrorCode::AUTHENTICATION)
        } else if super::mode7::changes(header.request) {
            super::mode7::change(&mut self.scenario, &message)
        } else {
            let peers = self.associations().iter().rev().map(|peer| self.view(peer, now)).collect();
            let view = super::mode7::View { peers, system: self.system(now), clients };
            super::mode7::read(&view, &message)
        };
        let answer = answer.map(|mut items| {
            if self.scenario.without_ipv6 {
                super::mode7::without_ipv6(header.request, &mut items);
            }
            items
        });
        super::mode7::packets(header, answer)
    }

    /// The number of mode 6 requests processed so far.
    pub fn control_requests(&self) -> u64 {
        self.control_requests
    }

    /// The number of time requests processed so far.
    pub fn time_requests(&self) -> u64 {
        self.time_requests
    }

    fn answer_control(&mut self, request: &[u8], source: SocketAddr, now: NtpTime) -> Vec<Vec<u8>> {
        let Some((header, data)) = read_request(request) else { return Vec::new() };
        self.control_requests += 1;
        self.turn_over(now);
        let longest = match self.scenario.flavour {
            Flavour::Classic => usize::from(u16::MAX),
            Flavour::Ntpsec => control::DATA_LIMIT,
        };
        let signature = self.signature(request, data);
        let answer = match data {
            Some(data) if data.len() <= longest => match self.recent_clients(header, data, source, now) {
                Listed::Answer(answer) => answer,
                Listed::Silence => return Vec::new(),
                Listed::NotMeant if signature == Signature::Good => {
                    self.change(header, data, now).unwrap_or_else(|| self.control(header, data, now))
                }
                Listed::NotMeant => self.control(header, data, now),
            },
            _ => Err(ErrorCode::BAD_FORMAT),
        };
        let reply = Header { leap: self.system(now).leap(), response: true, ..header };
        let mut packets = match answer {
            Ok((status, data)) => self.fragments(Header { status, ..reply }, data),
            Err(code) => {
                let status = u16::from(code.0) << 8;
                vec![Header { error: true, status, offset: self.last_offset, ..reply }.encode(b"")]
            }
        };
        match (signature, &self.scenario.control_key) {
            (Signature::Good, Some(key)) => {
                for packet in &mut packets {
                    *packet = seal(key, std::mem::take(packet));
                }
            }
            // After a failed authentication: only the key identifier.
            (Signature::Bad, _) if self.scenario.flavour == Flavour::Classic => {
                for packet in &mut packets {
                    packet.extend_from_slice(&[0; 4]);
                }
            }
            _ => {}
        }
        packets
    }

    /// Whether the request is authenticated with the control key.
    fn signature(&self, request: &[u8], data: Option<&[u8]>) -> Signature {
        let end = control::HEADER_LENGTH + data.map_or(0, <[u8]>::len);
        match &self.scenario.control_key {
            Some(key) if verify_reply(key, request, end).is_ok() => Signature::Good,
            _ if request.len() >= end.next_multiple_of(4) + SHORTEST_AUTHENTICATOR => Signature::Bad,
            _ => Signature::None,
        }
    }

    /// Performs the operations that require a key; `None` for all others.
    fn change(&mut self, header: Header, data: &[u8], now: NtpTime) -> Option<Answer> {
        let classic = self.scenario.flavour == Flavour::Classic;
        let text = |text: String| {
            let mut reply = ReplyData::default();
            reply.binary(text.as_bytes());
            reply
        };
        let reply = match header.opcode {
            Opcode::CONFIGURE => text(configuration::configure(&mut self.scenario, data)),
            Opcode::SAVE_CONFIGURATION if classic => text(configuration::save(data)),
            Opcode::READ_ORDERED_LIST => {
                let (flavour, requests) = (self.scenario.flavour, self.control_requests);
                match data {
                    b"" | b"ifstats" => {
                        ordered_list::interface_list(&ordered_list::interfaces(flavour, self.uptime(now)))
                    }
                    b"addr_restrictions" => {
                        ordered_list::restriction_list(&ordered_list::restrictions(flavour, requests))
                    }
                    _ => return Some(Err(ErrorCode::UNKNOWN_VARIABLE)),
                }
            }
            // Only `leap` is writable, and only while no time source determines it.
            Opcode::WRITE_VARIABLES => match data.trim_ascii() {
                b"" => ReplyData::default(),
                leap if leap.starts_with(b"leap=") => return Some(Err(ErrorCode::UNSPECIFIED)),
                _ => return Some(Err(ErrorCode::UNKNOWN_VARIABLE)),
            },
            _ => return None,
        };
        Some(Ok((self.system(now).status(), reply)))
    }

    /// The two operations that concern the list of recent clients.
    fn recent_clients(&mut self, header: Header, data: &[u8], source: SocketAddr, now: NtpTime) -> Listed {
        if self.scenario.clients.count == 0 {
            return Listed::NotMeant;
        }
        let status = self.system(now).status();
        match header.opcode {
            Opcode::REQUEST_NONCE => Listed::Answer(Ok((status, self.clients.give_nonce(source, now)))),
            Opcode::READ_MRU => match self.clients.read(data, self.scenario.flavour, source, now) {
                Some(answer) => Listed::Answer(answer.map(|reply| (status, reply))),
                None => Listed::Silence,
            },
            _ => Listed::NotMeant,
        }
    }

    fn control(&self, header: Header, data: &[u8], now: NtpTime) -> Answer {
        let of_system = header.association == AssociationId::SYSTEM;
        match header.opcode {
            // Operation 0, "unspecified", returns the status only.
            Opcode(0) if of_system => Ok((self.system(now).status(), ReplyData::default())),
            Opcode(0) => Ok((self.peer(header.association, now)?.status(), ReplyData::default())),
            Opcode::READ_STATUS if of_system => Ok((self.system(now).status(), self.association_list(now))),
            Opcode::READ_STATUS => {
                self.peer_variables(header.association, b"", peer::status_names(self.scenario.flavour), now)
            }
            Opcode::READ_VARIABLES if of_system => {
                let system = self.system(now);
                let names = system::names(self.scenario.flavour);
                let overrides = &self.scenario.system.overrides;
                let reply = variables::answer(names, data, overrides, |name| system.value(name))?;
                Ok((system.status(), reply))
            }
            Opcode::READ_VARIABLES => {
                self.peer_variables(header.association, data, peer::names(self.scenario.flavour), now)
            }
            Opcode::READ_CLOCK => self.clock_variables(header.association, data, now),
            Opcode(code) if self.wants_key(code) => Err(ErrorCode::PERMISSION),
            _ => Err(ErrorCode::BAD_OPCODE),
        }
    }

    /// Whether the operation is known and requires the control key.
    fn wants_key(&self, code: u8) -> bool {
        match self.scenario.flavour {
            Flavour::Classic => matches!(code, 3 | 5 | 6 | 8 | 9 | 11 | 31),
            Flavour::Ntpsec => matches!(code, 3 | 5 | 8 | 11),
        }
    }

    fn peer_variables(
        &self,
        id: AssociationId,
        data: &[u8],
        names: variables::Names,
        now: NtpTime,
    ) -> Answer {
        let peer = self.peer(id, now)?;
        let overrides = &peer.association().overrides;
        Ok((peer.status(), variables::answer(names, data, overrides, |name| peer.value(name))?))
    }

    /// Identifier 0 means the selected clock, else the youngest.
    fn clock_variables(&self, id: AssociationId, data: &[u8], now: NtpTime) -> Answer {
        let is_clock = |association: &&Association| matches!(association.kind, Kind::ReferenceClock(_));
        let association = if id == AssociationId::SYSTEM {
            let followed = system::followed(self.associations()).filter(is_clock);
            followed.or_else(|| self.associations().iter().rev().find(is_clock))
        } else {
            self.find(id)
        };
        let Some(association) = association else { return Err(ErrorCode::UNKNOWN_ASSOCIATION) };
        let Kind::ReferenceClock(clock) = &association.kind else {
            return Err(ErrorCode::UNKNOWN_ASSOCIATION);
        };
        let view = ClockView {
            clock,
            reference_id: &association.reference_id,
            flavour: self.scenario.flavour,
            polls: self.uptime(now) / association.poll_interval(),
            unasked: data.is_empty(),
        };
        let names = clock::names(self.scenario.flavour);
        let reply = variables::answer(names, data, &association.overrides, |name| view.value(name))?;
        Ok((view.status(), reply))
    }

    /// Identifiers and status words, youngest association first.
    fn association_list(&self, now: NtpTime) -> ReplyData {
        let mut reply = ReplyData::default();
        for association in self.associations().iter().rev().take(MAX_ASSOCIATIONS) {
            reply.binary(&self.public_id(association).0.to_be_bytes());
            reply.binary(&self.view(association, now).status().to_be_bytes());
        }
        reply
    }

    fn fragments(&mut self, header: Header, data: ReplyData) -> Vec<Vec<u8>> {
        let fragments = data.into_fragments();
        let last = fragments.len().saturating_sub(1);
        let mut offset = 0_u16;
        let mut packets = Vec::with_capacity(fragments.len());
        for (index, data) in fragments.iter().enumerate() {
            let header = Header { more: index < last, offset, ..header };
            let mut packet = header.encode(data);
            if self.scenario.flavour == Flavour::Ntpsec {
                // The padding is whatever was in the buffer before.
                let padding = packet.iter_mut().skip(control::HEADER_LENGTH + data.len());
                padding.zip(data).for_each(|(octet, old)| *octet = *old);
            }
            packets.push(packet);
            self.last_offset = offset;
            offset = offset.saturating_add(u16::try_from(data.len()).unwrap_or(u16::MAX));
        }
        packets
    }

    fn answer_time(&mut self, request: &[u8], now: NtpTime) -> Option<Vec<u8>> {
        let request = time_service::read(request, &self.scenario)?;
        self.time_requests += 1;
        time_service::answer(&request, &self.system(now), self.time_requests)
    }

    fn turn_over(&mut self, now: NtpTime) {
        match self.scenario.turnover {
            Turnover::RestartEvery(count)
                if self.control_requests > 1 && (self.control_requests - 1).is_multiple_of(count) =>
            {
                self.identifier_shift = self.identifier_shift.wrapping_add(RESTART_SHIFT);
                self.started = now;
                self.clients = ClientList::new(self.scenario.clients, self.control_requests, now);
            }
            Turnover::VanishAt { request, associations } if self.control_requests == request => {
                let kept = self.scenario.associations.len().saturating_sub(associations);
                self.scenario.associations.truncate(kept);
            }
            _ => {}
        }
    }

    fn associations(&self) -> &[Association] {
        &self.scenario.associations
    }

    /// Its identifier on the network; never 0.
    fn public_id(&self, association: &Association) -> AssociationId {
        AssociationId(association.id.0.wrapping_add(self.identifier_shift).max(1))
    }

    fn find(&self, id: AssociationId) -> Option<&Association> {
        self.associations().iter().find(|association| self.public_id(association) == id)
    }

    fn peer(&self, id: AssociationId, now: NtpTime) -> Result<PeerView<'_>, ErrorCode> {
        let association = self.find(id).ok_or(ErrorCode::UNKNOWN_ASSOCIATION)?;
        Ok(self.view(association, now))
    }

    fn view<'a>(&'a self, association: &'a Association, now: NtpTime) -> PeerView<'a> {
        let Scenario { flavour, stale_filters, .. } = self.scenario;
        PeerView::new(association, flavour, stale_filters, now, self.uptime(now))
    }

    fn system(&self, now: NtpTime) -> SystemView<'_> {
        let followed = system::followed(self.associations());
        SystemView {
            scenario: &self.scenario,
            peer: followed.map(|association| self.view(association, now)),
            peer_id: followed.map_or(AssociationId::SYSTEM, |association| self.public_id(association)),
            now,
            uptime: self.uptime(now),
            requests: self.control_requests + self.time_requests,
        }
    }

    fn uptime(&self, now: NtpTime) -> u32 {
        now.whole_seconds().wrapping_sub(self.started.whole_seconds())
    }
}

/// The length of a key identifier and the shortest code, in octets.
const SHORTEST_AUTHENTICATOR: usize = 20;
/// The maximum number of pairs that the offset field can address.
const MAX_ASSOCIATIONS: usize = 16_383;
/// The increment of the identifiers at a restart.
const RESTART_SHIFT: u16 = 4_093;

/// Parses the header and the data of a request. The data is `None` if the packet is truncated or its length is not a
/// multiple of four, which is refused. Returns `None` for packets that get no answer.
fn read_request(request: &[u8]) -> Option<(Header, Option<&[u8]>)> {
    let mut alone: [u8; control::HEADER_LENGTH] = *request.first_chunk()?;
    // The count is checked here, because the parser would reject the whole packet.
    let count = std::mem::take(alone.last_chunk_mut::<2>()?);
    let header = Message::parse(&alone).ok()?.header;
    if header.response || header.error || header.more || header.offset != 0 {
        return None;
    }
    let count = usize::from(u16::from_be_bytes(count));
    let data = request
        .get(control::HEADER_LENGTH..control::HEADER_LENGTH + count)
        .filter(|_| request.len().is_multiple_of(4));
    Some((header, data))
}
