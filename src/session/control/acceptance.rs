//! What counts as a reply: only real ones, or, in a health check's single request, anything that arrives.

use super::{ControlSession, Failure, Reply, RequestId, SENDINGS};
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, HEADER_LENGTH, Header, MODE, Message};
use std::time::Duration;

/// Maximum data of a datagram that is accepted as it is (RFC 9327 section 2 allows no more in one).
const DATAGRAM_DATA: usize = 468;
/// The first octet without the leap indicator, and the second without the M bit.
const MASKS: (u8, u8) = (0x3f, !0x20);
const RESPONSE: u8 = 0x80;

/// What a session accepts as a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acceptance {
    /// Real replies. Anything else is ignored: it may come from anybody.
    #[default]
    Replies,
    /// Any datagram with the sequence number of a transmission. One that is not a reply with the same version and
    /// opcode fails with [`Failure::NotAReply`]. If a reply claims more data than it contains, the data that it
    /// contains counts.
    Numbered,
    /// The first datagram, complete or truncated, whatever its count field and M bit say, as in 4.2.8p15's `ntpstat`.
    /// Only a sequence number of another request is rejected. The request is sent once.
    FirstDatagram,
}

impl Acceptance {
    /// Maximum number of transmissions per request.
    pub(super) fn sendings(self) -> u32 {
        if self == Self::FirstDatagram { 1 } else { SENDINGS }
    }
}

impl ControlSession {
    /// Sets what the session accepts as a reply.
    #[must_use]
    pub fn accepting(self, acceptance: Acceptance) -> Self {
        Self { acceptance, ..self }
    }

    pub(super) fn take_numbered(&mut self, datagram: &[u8], now: Duration) {
        let sending = datagram.first_chunk().and_then(|&[first, second, high, low]: &[u8; 4]| {
            Some((first, second, self.sendings.get(&u16::from_be_bytes([high, low]))?.request))
        });
        let Some((first, second, id)) = sending else { return self.contact.note_stray() };
        let header = Header::peek(datagram);
        let is_unknown_name = |header: &Header| {
            header.response
                && header.error
                && header.error_code() == ErrorCode::UNKNOWN_VARIABLE
                && header.version == self.config.version
        };
        if !header.as_ref().is_some_and(is_unknown_name) && !self.is_answer(id, first, second) {
            self.contact.note_answer(now);
            return self.finish(id, Err(Failure::NotAReply(first, second)));
        }
        let (Some(header), Some(data)) = (header, datagram.get(HEADER_LENGTH..)) else { return };
        let data = data.get(..usize::from(header.count)).unwrap_or(data);
        self.handle_message(&Message { header, data, tail: &[] }, datagram, now);
    }

    /// 4.2.8p15 receives into the buffer of its request, so missing octets keep the request's values.
    pub(super) fn take_as_it_is(&mut self, datagram: &[u8], now: Duration) {
        let sending = match datagram.get(2..4) {
            Some(&[high, low]) => self.sendings.get_key_value(&u16::from_be_bytes([high, low])),
            _ => self.sendings.iter().next(),
        };
        let Some((&sequence, id)) = sending.map(|(sequence, sending)| (sequence, sending.request)) else {
            return self.contact.note_stray();
        };
        let Some(state) = self.requests.get(&id) else { return };
        let request = &state.request;
        let asked = Header::request(request.opcode, request.association, sequence, self.config.version);
        let asked = asked.encode(&[]);
        let octet = |at| datagram.get(at).or(asked.get(at)).copied().unwrap_or(0);
        let (first, second) = (octet(0), octet(1));
        let status = u16::from_be_bytes([octet(4), octet(5)]);
        self.contact.note_answer(now);
        if !self.is_answer(id, first, second) {
            return self.finish(id, Err(Failure::NotAReply(first, second)));
        }
        let data = datagram.get(HEADER_LENGTH..).unwrap_or_default();
        let data = data.get(..DATAGRAM_DATA).unwrap_or(data).to_vec();
        self.finish(id, Ok(Reply { status, association: AssociationId::SYSTEM, data, doubt: None }));
    }

    /// Whether these first two octets of a datagram belong to a reply without an error.
    fn is_answer(&self, id: RequestId, first: u8, second: u8) -> bool {
        let Some(state) = self.requests.get(&id) else { return false };
        let expected = (self.config.version << 3 | MODE, RESPONSE | state.request.opcode.0);
        (first & MASKS.0, second & MASKS.1) == expected
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Request};
    use super::*;
    use crate::session::{Received, Session};
    use crate::wire::control::Opcode;
    use Acceptance::{FirstDatagram, Numbered, Replies};

    const NAMES: &[u8] = b"leap,stratum,tc";

    /// Creates a session that asked for these names, and the header of a reply.
    fn asked(acceptance: Acceptance, names: &[u8]) -> (ControlSession, Header) {
        let config = Config {
            version: 2,
            first_sequence: 65_535,
            silence: Duration::from_secs(5),
            patience: Duration::from_secs(10),
            probe: None,
        };
        let mut session = ControlSession::new(config).accepting(acceptance);
        let request = Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, names.to_vec());
        session.submit(Request { beginning_suffices: true, ..request });
        let request = session.poll_transmit(Duration::ZERO).unwrap().payload;
        let header = Message::parse(&request).unwrap().header;
        (session, Header { response: true, status: 0xc016, ..header })
    }

    fn heard(session: &mut ControlSession, datagram: &[u8]) -> Option<Result<(u16, Vec<u8>), Failure>> {
        session.handle(&Received::new(datagram, Duration::from_millis(1)));
        session.poll_event().map(|(_, outcome)| outcome.map(|reply| (reply.status, reply.data)))
    }

    /// The outcome after each fragment, given its offset, its data and the M bit.
    fn fragments(acceptance: Acceptance, names: &[u8], parts: &[(u16, &[u8], bool)]) -> Vec<Option<Vec<u8>>> {
        let (mut session, header) = asked(acceptance, names);
        let datagram =
            |&(offset, data, more): &(u16, &[u8], bool)| Header { more, offset, ..header }.encode(data);
        parts.iter().map(|part| heard(&mut session, &datagram(part)).map(|said| said.unwrap().1)).collect()
    }

    #[test]
    fn an_answer_is_accepted_when_complete_or_at_once() {
        let parts: [(u16, &[u8], bool); 5] = [
            (0, b"", true),
            (9, b"ff\"", false),
            (9, b"XX\"", false),
            (0, b"version", true),
            (7, b"=\"", true),
        ];
        for acceptance in [Replies, Numbered] {
            let whole = fragments(acceptance, b"", &parts);
            assert_eq!(whole, [None, None, None, None, Some(b"version=\"ff\"".to_vec())]);
        }
        let first = |part| fragments(FirstDatagram, b"", &[part])[0].clone();
        for (offset, data, more) in parts {
            let mut padded = data.to_vec();
            padded.resize(data.len().next_multiple_of(4), 0);
            assert_eq!(first((offset, data, more)), Some(padded), "whatever comes");
        }
    }

    #[test]
    fn an_answer_is_complete_once_it_has_the_requested_names() {
        let answers = fragments(Numbered, NAMES, &[(0, b"stratum=2, tc=6, more=2", true)]);
        assert_eq!(answers, [None]);
        let answers = fragments(Numbered, NAMES, &[(0, b"leap=0, stratum=2, tc=6, mo", true)]);
        assert_eq!(answers, [Some(b"leap=0, stratum=2, tc=6".to_vec())]);
        let answers = fragments(Numbered, NAMES, &[(4, b"leap=0, stratum=2, tc=6, mo", true)]);
        assert_eq!(answers, [None], "the beginning is missing");
    }

    #[test]
    fn a_first_datagram_may_be_of_any_length() {
        let whole = asked(FirstDatagram, b"").1.encode(b"tc=6");
        for length in 0..=whole.len() {
            let (mut session, _) = asked(FirstDatagram, b"");
            let said = heard(&mut session, &whole[..length]).expect("an outcome");
            if length < 2 {
                assert_eq!(said, Err(Failure::NotAReply(0x16, 2)), "{length} octets");
                continue;
            }
            let status = [0, 0xc000, 0xc016][length.clamp(4, 6) - 4];
            let data = whole.get(12..length).unwrap_or_default().to_vec();
            assert_eq!(said, Ok((status, data)), "{length} octets");
        }
        let (mut session, header) = asked(FirstDatagram, b"");
        let foreign = Header { sequence: 8, ..header }.encode(b"tc=6");
        assert!(heard(&mut session, &foreign).is_none() && heard(&mut session, &foreign[..4]).is_none());
        let claims_none = [&whole[..10], &[0, 0], &whole[12..]].concat();
        assert_eq!(heard(&mut session, &claims_none), Some(Ok((0xc016, b"tc=6".to_vec()))));
        let long = fragments(FirstDatagram, b"", &[(0, &[b'x'; 472], false)]);
        assert_eq!(long, [Some(vec![b'x'; 468])]);
        for acceptance in [Replies, Numbered] {
            for length in 0..12 {
                let (mut session, _) = asked(acceptance, b"");
                assert!(heard(&mut session, &whole[..length]).is_none(), "{acceptance:?}, {length} octets");
            }
        }
    }

    #[test]
    fn a_datagram_that_is_not_a_reply_ends_the_request_only_if_accepted() {
        let reply = asked(Numbered, b"").1;
        for (what, header, octets) in [
            ("a request", Header { response: false, ..reply }, (0x16, 2)),
            ("another operation", Header { opcode: Opcode(1), ..reply }, (0x16, 0x81)),
            ("another version", Header { version: 4, ..reply }, (0x26, 0x82)),
            ("a refusal", Header { error: true, status: 0x0100, ..reply }, (0x16, 0xc2)),
        ] {
            let datagram = header.encode(b"");
            for acceptance in [Numbered, FirstDatagram] {
                let (mut session, _) = asked(acceptance, b"");
                let said = heard(&mut session, &datagram);
                assert_eq!(said, Some(Err(Failure::NotAReply(octets.0, octets.1))), "{what}");
            }
        }
        let (mut session, _) = asked(Replies, b"");
        assert_eq!(heard(&mut session, &Header { response: false, ..reply }.encode(b"")), None);
        let (mut session, _) = asked(Numbered, b"");
        let unknown = Header { error: true, status: 0x0500, ..reply }.encode(b"");
        assert_eq!(heard(&mut session, &unknown), Some(Err(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE))));
        let (mut session, _) = asked(Numbered, b"");
        let overstated = [&reply.encode(b"")[..10], &[9, 9], b"tc=6"].concat();
        assert_eq!(heard(&mut session, &overstated), Some(Ok((0xc016, b"tc=6".to_vec()))));
    }

    #[test]
    fn an_endless_answer_never_completes() {
        let (mut session, header) = asked(Numbered, b"");
        let outcomes: Vec<_> = (0..100)
            .filter_map(|n| {
                heard(&mut session, &Header { more: true, offset: n * 400, ..header }.encode(&[b'x'; 400]))
            })
            .collect();
        assert_eq!(outcomes, [Err(Failure::TooLarge)]);
    }

    #[test]
    fn accepting_the_first_datagram_sends_one_request() {
        for (acceptance, sendings) in [(FirstDatagram, 0), (Numbered, 1)] {
            let (mut session, _) = asked(acceptance, b"");
            let again = |session: &mut ControlSession, at| {
                std::iter::from_fn(|| session.poll_transmit(Duration::from_millis(at))).count()
            };
            assert_eq!((again(&mut session, 10), again(&mut session, 400)), (0, sendings));
            session.repeat();
            assert_eq!(again(&mut session, 401), sendings, "{acceptance:?}");
        }
    }
}
