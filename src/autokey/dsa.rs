//! DSA parameters, keys and signatures (FIPS 186-4).

use super::AutokeyError;
use super::asn1::{DsaSignature, uint};
use super::number::{random_below, random_invertible};
use super::prime::{random_prime, random_prime_above_multiple};
use super::scheme::SignedDigest;
use der::Encode as _;
use num_bigint::BigUint;

/// How often a signature is tried whose numbers come out as zero, which a sound key's never do.
const ATTEMPTS: u32 = 16;

/// The group in which DSA and IFF compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsaParameters {
    /// The modulus, a prime.
    pub p: BigUint,
    /// The order of `g`, a prime.
    pub q: BigUint,
    /// The generator.
    pub g: BigUint,
}

/// A DSA private key. IFF and MV keep other numbers under these names.
#[derive(Clone, PartialEq, Eq)]
pub struct DsaKey {
    /// The group.
    pub parameters: DsaParameters,
    /// The public number.
    pub public: BigUint,
    /// The private number.
    pub private: BigUint,
}

impl DsaParameters {
    /// New parameters with a modulus of this many bits, at least 512. The order has 160 bits, or 256 from
    /// 2048 on, as OpenSSL chooses.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        let q = random_prime(if bits < 2048 { 160 } else { 256 }, 1)?;
        let p = random_prime_above_multiple(bits, &q)?;
        let exponent = (&p - 1_u32) / &q;
        loop {
            let g = random_below(&p)?.modpow(&exponent, &p);
            if g > BigUint::from(1_u32) {
                return Ok(Self { p, q, g });
            }
        }
    }
}

impl DsaKey {
    /// A new key.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(parameters: DsaParameters) -> Result<Self, AutokeyError> {
        let private = random_below(&parameters.q)?;
        let public = parameters.g.modpow(&private, &parameters.p);
        Ok(Self { parameters, public, private })
    }

    /// Signs a digest.
    ///
    /// # Errors
    /// [`AutokeyError::DigestType`] for MD5 and its like, [`AutokeyError::Randomness`].
    pub fn sign(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        if !digest.suits_dsa() {
            return Err(AutokeyError::DigestType);
        }
        let DsaParameters { p, q, g } = &self.parameters;
        if q.bits() < 2 {
            return Err(AutokeyError::Parameters);
        }
        for _ in 0..ATTEMPTS {
            let (k, inverse) = random_invertible(q)?;
            let r = g.modpow(&k, p) % q;
            let s = (self.cut(digest) + &self.private * &r) * inverse % q;
            if r != BigUint::ZERO && s != BigUint::ZERO {
                return Ok(DsaSignature { r: uint(&r)?, s: uint(&s)? }.to_der()?);
            }
        }
        Err(AutokeyError::Parameters)
    }

    /// Whether a signature is that of a digest.
    pub fn verify(&self, digest: &SignedDigest, signature: &[u8]) -> bool {
        let DsaParameters { p, q, g } = &self.parameters;
        let numbers = <DsaSignature as der::Decode>::from_der(signature).ok();
        let Some((r, s)) =
            numbers.map(|numbers| (super::asn1::number(&numbers.r), super::asn1::number(&numbers.s)))
        else {
            return false;
        };
        let Some(w) = s.modinv(q) else { return false };
        let (u, v) = (self.cut(digest) * &w % q, &r * w % q);
        g.modpow(&u, p) * self.public.modpow(&v, p) % p % q == r
    }

    /// The digest's leftmost bits, as many as the order has.
    fn cut(&self, digest: &SignedDigest) -> BigUint {
        let bits = digest.octets.len() as u64 * 8;
        BigUint::from_bytes_be(&digest.octets) >> bits.saturating_sub(self.parameters.q.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::prime::is_prime;
    use crate::autokey::scheme::Scheme;

    #[test]
    fn parameters_make_a_group_of_prime_order() {
        let DsaParameters { p, q, g } = DsaParameters::generate(512).unwrap();
        assert_eq!((p.bits(), q.bits()), (512, 160));
        assert!(is_prime(&p).unwrap() && is_prime(&q).unwrap());
        assert_eq!(g.modpow(&q, &p), BigUint::from(1_u32));
    }

    #[test]
    fn keys_sign_and_verify() {
        let key = DsaKey::generate(DsaParameters::generate(512).unwrap()).unwrap();
        for name in ["SHA1", "SHA256", "SHA3-512"] {
            let scheme = Scheme::named(name).unwrap();
            let signature = key.sign(&scheme.digest(b"message")).unwrap();
            assert!(key.verify(&scheme.digest(b"message"), &signature));
            assert!(!key.verify(&scheme.digest(b"massage"), &signature));
        }
        assert_eq!(key.sign(&Scheme::named("MD5").unwrap().digest(b"")), Err(AutokeyError::DigestType));
        assert!(!key.verify(&Scheme::named("SHA1").unwrap().digest(b""), b"no signature"));
    }
}
