//! The NTP phase (RFC 8915 section 5): requests with a cookie and an authenticator, and replies that must be authentic.

use crate::auth::aead::{Aead, AeadKey};
use crate::wire::nts::NAK;
use crate::wire::nts::extension::{
    Authenticator, FIELD_HEADER_LENGTH, FieldType, fields, inner_fields, push,
};
use crate::wire::packet::TimePacket;
use std::collections::VecDeque;
use thiserror::Error;

/// Octets of the unique identifier, which a reply repeats (RFC 8915 section 5.3).
pub const IDENTIFIER_LENGTH: usize = 32;
/// Maximum number of cookies kept.
pub const MAX_COOKIES: usize = 8;
/// Maximum length of a cookie.
const LONGEST_COOKIE: usize = 1024;
/// Maximum length of a request with placeholders: it must not be fragmented.
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

/// What makes a request longer than it needs to be, to measure a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filler {
    /// Placeholders for cookies; the reply brings a cookie for each, and is as long as the request.
    pub placeholders: usize,
    /// Octets of padding, which the reply does not repeat; rounded up to a multiple of four.
    pub padding: usize,
}

/// A request, and what its reply must repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The whole packet.
    pub datagram: Vec<u8>,
    /// The unique identifier.
    pub identifier: [u8; IDENTIFIER_LENGTH],
}

/// Why a reply does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnswerFault {
    /// What follows the header is not an extension field.
    #[error("the octets after the NTP header are not an extension field")]
    Malformed,
    /// It has no unique identifier.
    #[error("it has no unique identifier")]
    NoIdentifier,
    /// It repeats the identifier of another request.
    #[error("it does not repeat the request's unique identifier")]
    OtherIdentifier,
    /// The server cannot use the cookie. This reply is not authenticated.
    #[error("the server cannot use the cookie (NTS NAK)")]
    Nak,
    /// It has no authenticator.
    #[error("it has no authenticator")]
    NoAuthenticator,
    /// The authenticator does not match the packet and the key.
    #[error("its authenticator is wrong")]
    NotAuthentic,
}

impl AnswerFault {
    /// Returns a keyword for programs.
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
    /// Creates an association with the keys of both directions and these cookies.
    pub fn new(to_server: AeadKey, from_server: AeadKey, cookies: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut association = Self { to_server, from_server, cookies: VecDeque::new() };
        association.add_cookies(cookies);
        association
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Aead {
        self.to_server.aead()
    }

    /// Returns the remaining cookies, the oldest first.
    pub fn cookies(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.cookies.iter().map(Vec::as_slice)
    }

    /// Returns the keys to and from the server, for storage in a private file.
    pub fn keys(&self) -> (&AeadKey, &AeadKey) {
        (&self.to_server, &self.from_server)
    }

    /// Adds cookies from a reply; the oldest are dropped if there are too many.
    pub fn add_cookies(&mut self, cookies: impl IntoIterator<Item = Vec<u8>>) {
        let fit = |cookie: &Vec<u8>| !cookie.is_empty() && cookie.len() <= LONGEST_COOKIE;
        for cookie in cookies.into_iter().filter(fit).take(MAX_COOKIES) {
            if self.cookies.len() >= MAX_COOKIES {
                self.cookies.pop_front();
            }
            self.cookies.push_back(cookie);
        }
    }

    /// Creates a request with this header, which with `refill` asks for as many cookies as are missing. It uses up a
    /// cookie, so that nobody sees one twice. Returns `None` if there is no cookie.
    pub fn request(&mut self, header: &TimePacket, refill: bool, random: Random<'_>) -> Option<Request> {
        let cookie = self.cookies.pop_front()?;
        let missing = MAX_COOKIES.saturating_sub(self.cookies.len() + 1);
        let filler = Filler { placeholders: if refill { missing } else { 0 }, padding: 0 };
        self.request_with(header, &cookie, filler, random)
    }

    /// Creates a request that shows the oldest cookie without using it up. Only for an operator's measurements of one
    /// server.
    pub fn request_again(&self, header: &TimePacket, filler: Filler, random: Random<'_>) -> Option<Request> {
        self.request_with(header, self.cookies.front()?, filler, random)
    }

    fn request_with(
        &self,
        header: &TimePacket,
        cookie: &[u8],
        filler: Filler,
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
        for _ in 0..filler.placeholders {
            if datagram.len() + FIELD_HEADER_LENGTH + placeholder.len() > REQUEST_LIMIT {
                break;
            }
            fits &= push(&mut datagram, FieldType::COOKIE_PLACEHOLDER, &placeholder);
        }
        let ciphertext = self.to_server.seal(&nonce, &datagram, &[])?;
        let body = Authenticator { nonce: &nonce, ciphertext: &ciphertext }
            .to_body(filler.padding.next_multiple_of(4))?;
        fits &= push(&mut datagram, FieldType::AUTHENTICATOR, &body);
        fits.then_some(Request { datagram, identifier })
    }

    /// Returns the cookies in a reply, if it is authentic and answers the request with this identifier. Anything after
    /// the authenticator is unauthenticated and ignored.
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
