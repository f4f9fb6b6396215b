//! Incoming datagrams: which request each answers, whether it is authentic, and the outcome.

use super::{Acceptance, BROKEN_ANSWERS, ControlSession, Failure, Note, Outcome, Reply, Request, RequestId};
use crate::auth::control::{AuthenticationError, verify_reply};
use crate::session::reassembly::{Added, Reassembly};
use crate::wire::AssociationId;
use crate::wire::control::{HEADER_LENGTH, Header, Message, ParseError};
use crate::wire::packet::{Mode, TimePacket};
use crate::wire::variables::scan;
use std::time::Duration;

/// The first unverifiable outcome of an authenticated request.
#[derive(Debug)]
pub(super) struct Rumor {
    pub(super) outcome: Outcome,
    pub(super) doubt: AuthenticationError,
    pub(super) since: Duration,
}

impl ControlSession {
    /// Returns the request that a header answers: a reply with the sequence number, opcode and association of a
    /// transmission in flight. (For association 0, servers answer for the first clock.)
    fn answered(&self, header: &Header) -> Option<RequestId> {
        let sending = self.sendings.get(&header.sequence).filter(|_| header.response)?;
        let request = &self.requests.get(&sending.request)?.request;
        let same_association =
            request.association == AssociationId::SYSTEM || request.association == header.association;
        (request.opcode == header.opcode && same_association).then_some(sending.request)
    }

    /// Processes a datagram according to what the session accepts.
    pub(super) fn take(&mut self, payload: &[u8], at: Duration) {
        if self.acceptance == Acceptance::FirstDatagram {
            return self.take_as_it_is(payload, at);
        }
        match Message::parse(payload) {
            Err(ParseError::Mode(mode)) if mode == Mode::SERVER.0 => {
                self.contact.handle_time(payload, self.config.probe, at);
            }
            _ if self.acceptance == Acceptance::Numbered => self.take_numbered(payload, at),
            Ok(message) => self.handle_message(&message, payload, at),
            Err(ParseError::Count { claimed, received }) => {
                self.handle_overstated(payload, claimed, received, at);
            }
            Err(_) => self.contact.note_stray(),
        }
    }

    pub(super) fn handle_message(&mut self, message: &Message<'_>, datagram: &[u8], now: Duration) {
        let header = &message.header;
        let Some(id) = self.answered(header) else {
            self.contact.note_stray();
            return;
        };
        self.contact.note_answer(now);
        let (Some(sending), Some(state)) =
            (self.sendings.get_mut(&header.sequence), self.requests.get_mut(&id))
        else {
            return;
        };
        if let Some(key) = &state.request.key {
            if let Err(doubt) = verify_reply(key, datagram, HEADER_LENGTH + message.data.len()) {
                state.fragments_seen = true;
                if let Some(outcome) = take_in(&mut sending.unverified, &state.request, message, Some(doubt))
                {
                    state.rumor.get_or_insert(Rumor { outcome, doubt, since: now });
                }
                return;
            }
            state.verified = true;
        }
        state.fragments_seen = true;
        if sending.reassembly.is_empty() {
            self.contact.note_round_trip(now.saturating_sub(sending.at));
        }
        let Some(outcome) = take_in(&mut sending.reassembly, &state.request, message, None) else { return };
        if let Some(rumor) = &state.rumor {
            self.notes.push(Note::PassedOver(rumor.doubt));
        }
        self.answers = self.answers.saturating_add(1);
        self.finish(id, outcome);
    }

    fn handle_overstated(&mut self, datagram: &[u8], claimed: u16, received: usize, now: Duration) {
        let Some(id) = Header::peek(datagram).and_then(|header| self.answered(&header)) else { return };
        self.notes.push(Note::Overstated { claimed, received });
        let Some(state) = self.requests.get_mut(&id) else { return };
        state.broken += 1;
        state.hurry = true;
        if state.broken < BROKEN_ANSWERS {
            return;
        }
        let outcome = Err(Failure::Malformed);
        if state.request.key.is_none() {
            return self.finish(id, outcome);
        }
        // These have not been verified either.
        let doubt = AuthenticationError::Missing;
        state.rumor.get_or_insert(Rumor { outcome, doubt, since: now });
    }

    /// Records that the server answered a time request of another session: as good as a reply to the probe.
    /// It took so long.
    pub fn note_time_server(&mut self, packet: TimePacket, round_trip: Duration, now: Duration) {
        self.contact.note_time(packet, round_trip, now);
    }

    pub(super) fn finish(&mut self, id: RequestId, outcome: Outcome) {
        self.in_flight.remove(&id);
        if let Some(state) = self.requests.remove(&id) {
            for sequence in state.sequences {
                self.sendings.remove(&sequence);
            }
        }
        self.outcomes.push_back((id, outcome));
    }
}

/// Adds a fragment; returns the outcome, once there is one.
fn take_in(
    reassembly: &mut Reassembly,
    request: &Request,
    message: &Message<'_>,
    doubt: Option<AuthenticationError>,
) -> Option<Outcome> {
    let header = &message.header;
    if header.error {
        return Some(Err(Failure::Refused(header.error_code())));
    }
    if reassembly.add(message) == Added::TooLarge {
        return Some(Err(Failure::TooLarge));
    }
    let data = reassembly.complete().or_else(|| beginning(reassembly, request))?;
    Some(Ok(Reply { status: header.status, association: header.association, data, doubt }))
}

/// Returns the beginning of a reply without its last item, if it has all variables that the request names and the
/// beginning is enough.
fn beginning(answer: &Reassembly, request: &Request) -> Option<Vec<u8>> {
    if !request.beginning_suffices {
        return None;
    }
    let (_, mut data) = answer.stretches().into_iter().next().filter(|(offset, _)| *offset == 0)?;
    data.truncate(data.iter().rposition(|&octet| octet == b',')?);
    let read = scan(&data);
    let mut wanted = request.data.split(|&octet| octet == b',');
    let has_all = wanted.all(|name| read.variables.iter().any(|variable| variable.name == name));
    has_all.then_some(data)
}
