//! RSA keys and signatures (RFC 8017).

use super::AutokeyError;
use super::number::{Modulus, Number};
use super::prime::{random_prime, two_primes};
use super::scheme::SignedDigest;

/// The public exponent of generated keys.
const EXPONENT: u32 = 65537;

/// An RSA private key. GQ stores other numbers in these fields.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus.
    pub n: Number,
    /// The public exponent.
    pub e: Number,
    /// The private exponent.
    pub d: Number,
    /// The larger prime.
    pub p: Number,
    /// The smaller prime.
    pub q: Number,
    /// `d` modulo `p` - 1.
    pub dp: Number,
    /// `d` modulo `q` - 1.
    pub dq: Number,
    /// The inverse of `q` modulo `p`.
    pub qinv: Number,
}

impl RsaKey {
    /// Generates a key with a modulus of exactly this many bits.
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

    /// Builds the key from two primes; `None` if they are unsuitable.
    fn from_primes(p: Number, q: Number) -> Option<Self> {
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        let (one, e) = (Number::from(1), Number::from(EXPONENT));
        let (less_p, less_q) = (&p - &one, &q - &one);
        let d = e.inverse(&(&less_p * &less_q))?;
        let (dp, dq) = (d.modulo(&less_p)?, d.modulo(&less_q)?);
        Some(Self { n: &p * &q, dp, dq, qinv: q.inverse(&p)?, e, d, p, q })
    }

    /// Signs a digest (RFC 8017, section 8.2.1).
    ///
    /// # Errors
    /// [`AutokeyError::DigestTooBig`]; [`AutokeyError::Parameters`] if the numbers are not an RSA key.
    pub fn sign(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        if self.p.bits() + self.q.bits() > self.n.bits() + 1 {
            return Err(AutokeyError::Parameters);
        }
        let message = Number::from_octets(&self.padded(digest)?);
        // With the Chinese remainder theorem: a quarter of the work.
        let (modulus_p, modulus_q) = (Modulus::new(&self.p)?, Modulus::new(&self.q)?);
        let (of_p, of_q) = (modulus_p.power(&message, &self.dp), modulus_q.power(&message, &self.dq));
        let difference = modulus_p.difference(&of_p, &modulus_p.reduce(&of_q));
        let signature = &of_q + &(&self.q * &modulus_p.product(&difference, &self.qinv));
        // A faulty signature would reveal the factors.
        if Modulus::new(&self.n)?.power(&signature, &self.e) != message {
            return Err(AutokeyError::Parameters);
        }
        Ok(signature.octets_in(self.length()).to_vec())
    }

    /// Verifies the signature of a digest.
    pub fn verify(&self, digest: &SignedDigest, signature: &[u8]) -> bool {
        let Ok(modulus) = Modulus::new(&self.n) else { return false };
        let message = modulus.power(&Number::from_octets(signature), &self.e);
        self.padded(digest).is_ok_and(|padded| *message.octets_in(self.length()) == padded)
    }

    /// The digest with its algorithm identifier, padded to the length of the modulus (RFC 8017, section 9.2).
    fn padded(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        let info = digest.info()?;
        let room = self.length().checked_sub(info.len() + 3).filter(|room| *room >= 8);
        let mut padded = vec![0, 1];
        padded.resize(2 + room.ok_or(AutokeyError::DigestTooBig)?, 0xff);
        padded.push(0);
        padded.extend(info);
        Ok(padded)
    }

    /// The length of the modulus in octets.
    fn length(&self) -> usize {
        usize::try_from(self.n.bits().div_ceil(8)).unwrap_or_default()
    }
}

/// Two primes whose product has this many bits, and which are not close to each other.
fn primes(bits: u64) -> Result<(Number, Number), AutokeyError> {
    let (one, exponent) = (Number::from(1), Number::from(EXPONENT));
    let fits = |prime: &Number| (prime - &one).modulo(&exponent).is_some_and(|rest| !rest.is_zero());
    if bits.is_multiple_of(2) {
        loop {
            let (p, q) = two_primes(bits / 2, fits)?;
            let distance = if p > q { &p - &q } else { &q - &p };
            if distance.bits() + 100 > bits / 2 {
                return Ok((p, q));
            }
        }
    }
    let one = |bits| -> Result<Number, AutokeyError> {
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
            assert_eq!(key.d.modulo(&(&key.p - &Number::from(1))), Some(key.dp.clone()));
            let digest = Scheme::named("RSA-SHA256").unwrap().digest(b"message");
            let signature = key.sign(&digest).unwrap();
            assert!(key.verify(&digest, &signature));
            assert!(!key.verify(&Scheme::named("RSA-SHA256").unwrap().digest(b"massage"), &signature));
            assert!(!key.verify(&Scheme::named("RSA-SHA1").unwrap().digest(b"message"), &signature));
        }
    }

    #[test]
    fn invalid_keys_do_not_sign() {
        let key = RsaKey::generate(512).unwrap();
        let digest = Scheme::named("RSA-SHA1").unwrap().digest(b"message");
        let (zero, one, even) = (Number::from(0), Number::from(1), &key.p + &Number::from(1));
        for odd_one in [
            RsaKey { p: even.clone(), ..key.clone() },
            RsaKey { q: one.clone(), ..key.clone() },
            RsaKey { dp: one, ..key.clone() },
            RsaKey { qinv: zero.clone(), ..key.clone() },
            RsaKey { p: zero, ..key.clone() },
            RsaKey { n: &key.n * &even, ..key.clone() },
        ] {
            assert_eq!(odd_one.sign(&digest), Err(AutokeyError::Parameters));
        }
        let no_modulus = RsaKey { n: Number::from(0), ..key.clone() };
        assert!(!no_modulus.verify(&digest, &key.sign(&digest).unwrap()));
    }

    #[test]
    fn long_digests_need_long_keys() {
        let key = RsaKey::generate(512).unwrap();
        let digest = Scheme::named("RSA-SHA384").unwrap().digest(b"");
        assert_eq!(key.sign(&digest), Err(AutokeyError::DigestTooBig));
    }
}
