//! RSA keys and signatures (RFC 8017).

use super::AutokeyError;
use super::prime::{random_prime, two_primes};
use super::scheme::SignedDigest;
use num_bigint::BigUint;

/// The public exponent of all keys made here.
const EXPONENT: u32 = 65537;

/// An RSA private key. GQ keeps other numbers under these names.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus.
    pub n: BigUint,
    /// The public exponent.
    pub e: BigUint,
    /// The private exponent.
    pub d: BigUint,
    /// The greater prime.
    pub p: BigUint,
    /// The lesser prime.
    pub q: BigUint,
    /// `d` modulo `p` - 1.
    pub dp: BigUint,
    /// `d` modulo `q` - 1.
    pub dq: BigUint,
    /// The inverse of `q` modulo `p`.
    pub qinv: BigUint,
}

impl RsaKey {
    /// A new key with a modulus of exactly this many bits.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        loop {
            let (p, q) = primes(bits)?;
            if let Some(key) = Self::from_primes(p, q)
                && key.n.bits() == bits
            {
                return Ok(key);
            }
        }
    }

    /// The key that two primes give; none if they are unsuitable.
    fn from_primes(p: BigUint, q: BigUint) -> Option<Self> {
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        let one = BigUint::from(1_u32);
        let e = BigUint::from(EXPONENT);
        let (less_p, less_q) = (&p - &one, &q - &one);
        let d = e.modinv(&(&less_p * &less_q))?;
        Some(Self { n: &p * &q, dp: &d % less_p, dq: &d % less_q, qinv: q.modinv(&p)?, e, d, p, q })
    }

    /// Signs a digest (RFC 8017, section 8.2.1).
    ///
    /// # Errors
    /// [`AutokeyError::DigestTooBig`].
    pub fn sign(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        let message = BigUint::from_bytes_be(&self.padded(digest)?);
        // By the remainder theorem: a quarter of the work.
        let (of_p, of_q) = (message.modpow(&self.dp, &self.p), message.modpow(&self.dq, &self.q));
        let difference = (&of_p + &self.p - &of_q % &self.p) % &self.p;
        let signature = &of_q + &self.q * (difference * &self.qinv % &self.p);
        if signature.modpow(&self.e, &self.n) != message {
            return Err(AutokeyError::Parameters);
        }
        Ok(self.in_full_length(&signature))
    }

    /// Whether a signature is that of a digest.
    pub fn verify(&self, digest: &SignedDigest, signature: &[u8]) -> bool {
        let message = BigUint::from_bytes_be(signature).modpow(&self.e, &self.n);
        self.padded(digest).is_ok_and(|padded| self.in_full_length(&message) == padded)
    }

    /// The digest with its name, padded to the length of the modulus (RFC 8017, section 9.2).
    fn padded(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        let info = digest.info()?;
        let room = self.length().checked_sub(info.len() + 3).filter(|room| *room >= 8);
        let mut padded = vec![0, 1];
        padded.resize(2 + room.ok_or(AutokeyError::DigestTooBig)?, 0xff);
        padded.push(0);
        padded.extend(info);
        Ok(padded)
    }

    /// Octets of the modulus.
    fn length(&self) -> usize {
        usize::try_from(self.n.bits().div_ceil(8)).unwrap_or_default()
    }

    fn in_full_length(&self, number: &BigUint) -> Vec<u8> {
        in_length(number, self.length())
    }
}

/// A number in this many octets, zeros before it.
pub fn in_length(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    let mut full = vec![0; length.saturating_sub(octets.len())];
    full.extend(octets);
    full
}

/// Two primes whose product has this many bits, and which are not close to each other.
fn primes(bits: u64) -> Result<(BigUint, BigUint), AutokeyError> {
    let exponent = BigUint::from(EXPONENT);
    let fits = |prime: &BigUint| (prime - 1_u32) % &exponent != BigUint::ZERO;
    if bits.is_multiple_of(2) {
        let (p, q) = loop {
            let (p, q) = two_primes(bits / 2, fits)?;
            let distance = if p > q { &p - &q } else { &q - &p };
            if distance.bits() + 100 > bits / 2 {
                break (p, q);
            }
        };
        return Ok((p, q));
    }
    let one = |bits| -> Result<BigUint, AutokeyError> {
        loop {
            let prime = random_prime(bits, 2)?;
            if fits(&prime) {
                return Ok(prime);
            }
        }
    };
    Ok((one(bits / 2 + 1)?, one(bits / 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::scheme::Scheme;

    #[test]
    fn keys_sign_and_verify() {
        for bits in [512, 777, 1024] {
            let key = RsaKey::generate(bits).unwrap();
            assert_eq!(key.n.bits(), bits);
            assert_eq!(&key.p * &key.q, key.n);
            assert_eq!(&key.d % (&key.p - 1_u32), key.dp);
            let digest = Scheme::named("RSA-SHA256").unwrap().digest(b"message");
            let signature = key.sign(&digest).unwrap();
            assert!(key.verify(&digest, &signature));
            assert!(!key.verify(&Scheme::named("RSA-SHA256").unwrap().digest(b"massage"), &signature));
            assert!(!key.verify(&Scheme::named("RSA-SHA1").unwrap().digest(b"message"), &signature));
        }
    }

    #[test]
    fn long_digests_need_long_keys() {
        let key = RsaKey::generate(512).unwrap();
        let digest = Scheme::named("RSA-SHA384").unwrap().digest(b"");
        assert_eq!(key.sign(&digest), Err(AutokeyError::DigestTooBig));
    }
}
