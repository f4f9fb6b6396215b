//! The parameters of the identity scheme IFF (Schnorr; RFC 5906, appendix B).

use super::AutokeyError;
use super::dsa::{DsaKey, DsaParameters};
use super::number::{Modulus, Number, random_below};

/// The key of an IFF group.
#[derive(Clone, PartialEq, Eq)]
pub struct IffKey {
    parameters: DsaParameters,
    /// The group's secret.
    b: Number,
    /// The members' number: the inverse of `g` raised to the secret.
    v: Number,
}

impl IffKey {
    /// Generates a key with a modulus of this many bits, at least 512.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        let parameters = DsaParameters::generate(bits)?;
        let b = random_below(&parameters.q)?;
        Self::new(parameters, b)
    }

    /// Reads the key from the DSA key that stores it. The members' number is recomputed, because not every form keeps it.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if it is not an IFF key.
    pub fn from_stored(stored: &DsaKey) -> Result<Self, AutokeyError> {
        Self::new(stored.parameters.clone(), stored.private.clone())
    }

    fn new(parameters: DsaParameters, b: Number) -> Result<Self, AutokeyError> {
        let DsaParameters { p, q, g } = &parameters;
        if b >= *q || q.bits() < 2 {
            return Err(AutokeyError::Parameters);
        }
        let v = Modulus::new(p)?.power(g, &(q - &b));
        Ok(Self { parameters, b, v })
    }

    /// Whether the members' number matches the secret.
    pub fn confirm(&self) -> bool {
        let DsaParameters { p, g, .. } = &self.parameters;
        Modulus::new(p).is_ok_and(|modulus| modulus.product(&self.v, &modulus.power(g, &self.b)).is_one())
    }

    /// Verifies a challenge and its response as members do.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`], [`AutokeyError::Parameters`].
    pub fn try_exchange(&self) -> Result<bool, AutokeyError> {
        let DsaParameters { p, q, g } = &self.parameters;
        let (modulus, order) = (Modulus::new(p)?, Modulus::new(q)?);
        let (r, k) = (random_below(q)?, random_below(q)?);
        let y = order.reduce(&(&k + &(&self.b * &r)));
        Ok(modulus.power(g, &k) == modulus.product(&modulus.power(g, &y), &modulus.power(&self.v, &r)))
    }

    /// The servers' file.
    pub fn server(&self) -> DsaKey {
        DsaKey { parameters: self.parameters.clone(), public: self.v.clone(), private: self.b.clone() }
    }

    /// The clients' file: everything but the secret.
    pub fn client(&self) -> DsaKey {
        DsaKey { private: Number::from(1), ..self.server() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_verify_and_do_not_know_the_secret() {
        let key = IffKey::generate(512).unwrap();
        assert!(key.confirm() && key.try_exchange().unwrap());
        assert!(key.client().private == Number::from(1) && key.client().public == key.v);
        let stored = DsaKey { public: Number::from(5), ..key.server() };
        assert!(IffKey::from_stored(&stored).unwrap() == key, "the public number is not relied on");
        let alien = DsaKey { private: stored.parameters.q.clone(), ..stored };
        assert!(IffKey::from_stored(&alien).is_err());
    }
}
