//! What proves requests and answers: nothing, a symmetric key that all servers share, or NTS with a server of its own.

use super::{Asking, Server, verified};
use crate::wire::packet::TimePacket;
use rand::Rng;
use rand::rngs::StdRng;

/// Network Time Security with one server.
#[cfg(feature = "nts")]
#[derive(Clone, Debug)]
pub struct NtsPart {
    /// Keys and cookies.
    pub association: crate::session::nts::Association,
    /// Whether answers are to bring as many cookies as are missing.
    pub refill: bool,
    /// What was wrong with the last answer that was not authentic.
    pub fault: Option<crate::session::nts::association::AnswerFault>,
    identifier: Option<[u8; crate::session::nts::association::IDENTIFIER_LENGTH]>,
}

#[cfg(feature = "nts")]
impl NtsPart {
    /// With these keys and cookies.
    pub fn new(association: crate::session::nts::Association, refill: bool) -> Self {
        Self { association, refill, fault: None, identifier: None }
    }

    fn seal(&mut self, packet: &TimePacket, random: &mut StdRng) -> Option<Vec<u8>> {
        let shape = crate::session::nts::association::Shape { refill: self.refill, padding: 0 };
        let request = self.association.request(packet, shape, &mut |octets| random.fill_bytes(octets))?;
        self.identifier = Some(request.identifier);
        Some(request.datagram)
    }

    fn check(&mut self, datagram: &[u8]) -> bool {
        let Some(identifier) = &self.identifier else { return false };
        match self.association.verify(datagram, identifier) {
            Ok(cookies) => {
                self.association.add_cookies(cookies);
                true
            }
            Err(fault) => {
                self.fault = Some(fault);
                false
            }
        }
    }
}

impl Server {
    /// Whether it is asked with NTS.
    pub fn is_nts(&self) -> bool {
        #[cfg(feature = "nts")]
        return self.nts.is_some();
        #[cfg(not(feature = "nts"))]
        return false;
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
