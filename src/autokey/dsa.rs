//! DSA parameters, keys and signatures (FIPS 186-4).

use super::AutokeyError;
use super::asn1::{DsaSignature, uint};
use super::number::{Modulus, Number, random_below, random_invertible};
use super::prime::{random_prime, random_prime_above_multiple};
use super::scheme::SignedDigest;
use der::Encode as _;

/// The largest DSA modulus in bits, as in OpenSSL (`OPENSSL_DSA_MAX_MODULUS_BITS`).
pub(super) const MAX_DSA_BITS: u64 = 10_000;

/// The number of attempts at a signature whose numbers come out as zero, which never happens with a valid key.
const ATTEMPTS: u32 = 16;

/// The group used by DSA and IFF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsaParameters {
    /// The modulus, a prime.
    pub p: Number,
    /// The order of `g`, a prime.
    pub q: Number,
    /// The generator.
    pub g: Number,
}

/// A DSA private key. IFF and MV store other numbers in these fields.
#[derive(Clone, PartialEq, Eq)]
pub struct DsaKey {
    /// The group.
    pub parameters: DsaParameters,
    /// The public number.
    pub public: Number,
    /// The private number.
    pub private: Number,
}

impl DsaParameters {
    /// Generates parameters with a modulus of this many bits, at least 512. As in OpenSSL, the order has 160 bits, or 256
    /// bits from 2048 on.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        let q = random_prime(if bits < 2048 { 160 } else { 256 }, 1)?;
        let p = random_prime_above_multiple(bits, &q)?;
        let (exponent, _) = (&p - &Number::from(1)).divide(&q).ok_or(AutokeyError::Parameters)?;
        let modulus = Modulus::new(&p)?;
        loop {
            let g = modulus.power(&random_below(&p)?, &exponent);
            if !g.is_zero() && !g.is_one() {
                return Ok(Self { p, q, g });
            }
        }
    }
}

impl DsaKey {
    /// Generates a key.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(parameters: DsaParameters) -> Result<Self, AutokeyError> {
        let private = random_below(&parameters.q)?;
        let public = Modulus::new(&parameters.p)?.power(&parameters.g, &private);
        Ok(Self { parameters, public, private })
    }

    /// Signs a digest.
    ///
    /// # Errors
    /// [`AutokeyError::DigestType`] for digests without a DSA signature, such as MD5; [`AutokeyError::Randomness`];
    /// [`AutokeyError::Parameters`] if the numbers are not a DSA key.
    pub fn sign(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        if !digest.suits_dsa() {
            return Err(AutokeyError::DigestType);
        }
        let DsaParameters { p, q, g } = &self.parameters;
        let (modulus, order) = (Modulus::new(p)?, Modulus::new(q)?);
        for _ in 0..ATTEMPTS {
            let (k, inverse) = random_invertible(q)?;
            let r = order.reduce(&modulus.power(g, &k));
            let s = order.product(&(&self.cut(digest) + &order.product(&self.private, &r)), &inverse);
            if !r.is_zero() && !s.is_zero() {
                return Ok(DsaSignature { r: uint(&r)?, s: uint(&s)? }.to_der()?);
            }
        }
        Err(AutokeyError::Parameters)
    }

    /// Verifies the signature of a digest.
    pub fn verify(&self, digest: &SignedDigest, signature: &[u8]) -> bool {
        let DsaParameters { p, q, g } = &self.parameters;
        let numbers = <DsaSignature as der::Decode>::from_der(signature).ok();
        let (Some(numbers), Ok(modulus), Ok(order)) = (numbers, Modulus::new(p), Modulus::new(q)) else {
            return false;
        };
        let (r, s) = (super::asn1::number(&numbers.r), super::asn1::number(&numbers.s));
        let Some(w) = s.inverse(q) else { return false };
        let (u, v) = (order.product(&self.cut(digest), &w), order.product(&r, &w));
        order.reduce(&modulus.product(&modulus.power(g, &u), &modulus.power(&self.public, &v))) == r
    }

    /// The leftmost bits of the digest, up to the length of the order.
    fn cut(&self, digest: &SignedDigest) -> Number {
        let bits = digest.octets.len() as u64 * 8;
        Number::from_octets(&digest.octets).without_lowest(bits.saturating_sub(self.parameters.q.bits()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::prime::is_prime;
    use crate::autokey::scheme::Scheme;

    #[test]
    fn parameters_describe_a_group_of_prime_order() {
        let DsaParameters { p, q, g } = DsaParameters::generate(512).unwrap();
        assert_eq!((p.bits(), q.bits()), (512, 160));
        assert!(is_prime(&p) && is_prime(&q));
        assert!(Modulus::new(&p).unwrap().power(&g, &q).is_one());
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
