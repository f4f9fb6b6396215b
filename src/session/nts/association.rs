//! The NTP part (RFC 8915 section 5): requests that carry a cookie and a proof, and answers that must be proved.

use crate::auth::aead::{Aead, AeadKey};
use crate::wire::nts::NAK;
use crate::wire::nts::extension::{
    Authenticator, FIELD_HEADER_LENGTH, FieldType, fields, inner_fields, push,
};
use crate::wire::packet::TimePacket;
use std::collections::VecDeque;
use thiserror::Error;

/// Octets of the random number that an answer repeats (RFC 8915 section 5.3).
pub const IDENTIFIER_LENGTH: usize = 32;
/// The most cookies that are kept.
pub const MAX_COOKIES: usize = 8;
/// The longest cookie that is kept.
const LONGEST_COOKIE: usize = 1024;
/// A request with placeholders is no longer than this: it must pass without being divided.
const REQUEST_LIMIT: usize = 1200;

/// Random octets.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

/// Keys and cookies for one NTP server.
#[derive(Clone, Debug)]
pub struct Association {
    to_server: AeadKey,
    from_server: AeadKey,
    cookies: VecDeque<Vec<u8>>,
}

/// How a request is to look beyond what it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Whether the answer is to bring as many cookies as are missing.
    pub refill: bool,
    /// Octets of padding, which no answer repeats; rounded up to four.
    pub padding: usize,
}

/// A request, and what its answer must repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The whole packet.
    pub datagram: Vec<u8>,
    /// The unique identifier.
    pub identifier: [u8; IDENTIFIER_LENGTH],
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnswerFault {
    /// What follows the header is not an extension field.
    #[error("the octets after the NTP header are not an extension field")]
    Malformed,
    /// It has no unique identifier.
    #[error("it has no unique identifier")]
    NoIdentifier,
    /// It repeats another request's.
    #[error("it does not repeat the request's unique identifier")]
    OtherIdentifier,
    /// The server cannot use the cookie. Nobody proves it.
    #[error("the server cannot use the cookie (NTS NAK)")]
    Nak,
    /// It has no authenticator.
    #[error("it has no authenticator")]
    NoAuthenticator,
    /// The authenticator does not fit the packet and the key.
    #[error("its authenticator is wrong")]
    NotAuthentic,
}

impl AnswerFault {
    /// A word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NoIdentifier => "no-identifier",
            Self::OtherIdentifier => "other-identifier",
            Self::Nak => "nak",
            Self::NoAuthenticator => "no-authenticator",
            Self::NotAuthentic => "not-authentic",
        }
    }
}

impl Association {
    /// With the keys of both directions and these cookies.
    pub fn new(to_server: AeadKey, from_server: AeadKey, cookies: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut association = Self { to_server, from_server, cookies: VecDeque::new() };
        association.add_cookies(cookies);
        association
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Aead {
        self.to_server.aead()
    }

    /// The cookies that are left, the oldest first.
    pub fn cookies(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.cookies.iter().map(Vec::as_slice)
    }

    /// The keys to and from the server, for a file that nobody else reads.
    pub fn keys(&self) -> (&AeadKey, &AeadKey) {
        (&self.to_server, &self.from_server)
    }

    /// Keeps cookies that an answer brought; when there are enough, the oldest go.
    pub fn add_cookies(&mut self, cookies: impl IntoIterator<Item = Vec<u8>>) {
        let fit = |cookie: &Vec<u8>| !cookie.is_empty() && cookie.len() <= LONGEST_COOKIE;
        for cookie in cookies.into_iter().filter(fit).take(MAX_COOKIES) {
            if self.cookies.len() >= MAX_COOKIES {
                self.cookies.pop_front();
            }
            self.cookies.push_back(cookie);
        }
    }

    /// A request with this header, which uses up a cookie, so that nobody sees one twice. Without cookies there is none.
    pub fn request(&mut self, header: &TimePacket, shape: Shape, random: Random<'_>) -> Option<Request> {
        let cookie = self.cookies.pop_front()?;
        let missing = MAX_COOKIES.saturating_sub(self.cookies.len() + 1);
        self.request_with(header, &cookie, if shape.refill { missing } else { 0 }, shape.padding, random)
    }

    /// A request that uses up none: the oldest is shown again. For measurements of one server by its keeper only.
    pub fn request_again(&self, header: &TimePacket, padding: usize, random: Random<'_>) -> Option<Request> {
        self.request_with(header, self.cookies.front()?, 0, padding, random)
    }

    fn request_with(
        &self,
        header: &TimePacket,
        cookie: &[u8],
        placeholders: usize,
        padding: usize,
        random: Random<'_>,
    ) -> Option<Request> {
        let mut identifier = [0; IDENTIFIER_LENGTH];
        random(&mut identifier);
        let mut nonce = vec![0; self.algorithm().nonce_length()];
        random(&mut nonce);
        let mut datagram = header.to_bytes();
        let mut fits = push(&mut datagram, FieldType::UNIQUE_IDENTIFIER, &identifier);
        fits &= push(&mut datagram, FieldType::COOKIE, cookie);
        let placeholder = vec![0; cookie.len()];
        for _ in 0..placeholders {
            if datagram.len() + FIELD_HEADER_LENGTH + placeholder.len() > REQUEST_LIMIT {
                break;
            }
            fits &= push(&mut datagram, FieldType::COOKIE_PLACEHOLDER, &placeholder);
        }
        let ciphertext = self.to_server.seal(&nonce, &datagram, &[])?;
        let body =
            Authenticator { nonce: &nonce, ciphertext: &ciphertext }.to_body(padding.next_multiple_of(4))?;
        fits &= push(&mut datagram, FieldType::AUTHENTICATOR, &body);
        fits.then_some(Request { datagram, identifier })
    }

    /// The cookies that an answer brings, if it is proved to be the answer to the request with this identifier. What
    /// stands behind the authenticator proves nothing and is not looked at.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn verify(
        &self,
        datagram: &[u8],
        identifier: &[u8; IDENTIFIER_LENGTH],
    ) -> Result<Vec<Vec<u8>>, AnswerFault> {
        let header = TimePacket::parse(datagram).map_err(|_| AnswerFault::Malformed)?;
        let fields = fields(datagram).map_err(|_| AnswerFault::Malformed)?;
        let place = fields.iter().position(|field| field.kind == FieldType::AUTHENTICATOR);
        let proved = fields.get(..place.unwrap_or(fields.len())).unwrap_or_default();
        let mut identifiers = proved.iter().filter(|field| field.kind == FieldType::UNIQUE_IDENTIFIER);
        let repeated = identifiers.next().ok_or(AnswerFault::NoIdentifier)?;
        if repeated.body != identifier || identifiers.next().is_some() {
            return Err(AnswerFault::OtherIdentifier);
        }
        let Some(authenticator) = place.and_then(|place| fields.get(place)) else {
            let is_nak = header.stratum == 0 && header.reference_id == NAK;
            return Err(if is_nak { AnswerFault::Nak } else { AnswerFault::NoAuthenticator });
        };
        let sealed = Authenticator::parse(authenticator.body).ok_or(AnswerFault::Malformed)?;
        let associated = datagram.get(..authenticator.offset).ok_or(AnswerFault::Malformed)?;
        let text = self.from_server.open(sealed.nonce, associated, sealed.ciphertext);
        let text = text.ok_or(AnswerFault::NotAuthentic)?;
        let inner = inner_fields(&text).map_err(|_| AnswerFault::Malformed)?;
        let cookies = inner.iter().filter(|field| field.kind == FieldType::COOKIE);
        Ok(cookies.map(|field| field.body.to_vec()).collect())
    }
}
