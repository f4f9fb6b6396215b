//! The parameters of the identity scheme IFF (Schnorr; RFC 5906, appendix B).

use super::AutokeyError;
use super::dsa::{DsaKey, DsaParameters};
use super::number::random_below;
use num_bigint::BigUint;

/// The key of an IFF group.
#[derive(Clone, PartialEq, Eq)]
pub struct IffKey {
    parameters: DsaParameters,
    /// The group's secret.
    b: BigUint,
    /// What members know: the inverse of `g` to the secret.
    v: BigUint,
}

impl IffKey {
    /// A new key with a modulus of this many bits, at least 512.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        let parameters = DsaParameters::generate(bits)?;
        let b = random_below(&parameters.q)?;
        Self::new(parameters, b)
    }

    /// The key that is kept as a DSA key. What members know is computed anew: not every form keeps it.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if this cannot be.
    pub fn from_stored(stored: &DsaKey) -> Result<Self, AutokeyError> {
        Self::new(stored.parameters.clone(), stored.private.clone())
    }

    fn new(parameters: DsaParameters, b: BigUint) -> Result<Self, AutokeyError> {
        let DsaParameters { p, q, g } = &parameters;
        if b >= *q || q.bits() < 2 || p.bits() < 2 {
            return Err(AutokeyError::Parameters);
        }
        let v = g.modpow(&(q - &b), p);
        Ok(Self { parameters, b, v })
    }

    /// Whether what members know undoes the secret.
    pub fn confirm(&self) -> bool {
        let DsaParameters { p, g, .. } = &self.parameters;
        &self.v * g.modpow(&self.b, p) % p == BigUint::from(1_u32)
    }

    /// A challenge and its answer, as members verify it.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn try_exchange(&self) -> Result<bool, AutokeyError> {
        let DsaParameters { p, q, g } = &self.parameters;
        let (r, k) = (random_below(q)?, random_below(q)?);
        let y = (&k + &self.b * &r) % q;
        Ok(g.modpow(&k, p) == g.modpow(&y, p) * self.v.modpow(&r, p) % p)
    }

    /// What the group's servers have.
    pub fn server(&self) -> DsaKey {
        DsaKey { parameters: self.parameters.clone(), public: self.v.clone(), private: self.b.clone() }
    }

    /// What its clients have: everything but the secret.
    pub fn client(&self) -> DsaKey {
        DsaKey { private: BigUint::from(1_u32), ..self.server() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_verify_and_do_not_know_the_secret() {
        let key = IffKey::generate(512).unwrap();
        assert!(key.confirm() && key.try_exchange().unwrap());
        assert!(key.client().private == BigUint::from(1_u32) && key.client().public == key.v);
        let stored = DsaKey { public: BigUint::from(5_u32), ..key.server() };
        assert!(IffKey::from_stored(&stored).unwrap() == key, "the public number is not relied on");
        let alien = DsaKey { private: stored.parameters.q.clone(), ..stored };
        assert!(IffKey::from_stored(&alien).is_err());
    }
}
