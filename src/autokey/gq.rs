//! The parameters of the identity scheme GQ (Guillou and Quisquater; RFC 5906, appendix C).

use super::AutokeyError;
use super::number::{Modulus, Number, random_below, random_invertible};
use super::rsa::RsaKey;

/// The largest modulus in bits that ntpd 4.2.8 can use: it assumes that two octets precede the public number in a
/// certificate, but there are more from 128 octets on.
pub const MAX_USABLE_BITS: u64 = 1016;

/// The key of a GQ group.
#[derive(Clone, PartialEq, Eq)]
pub struct GqKey {
    n: Number,
    /// The group's key.
    b: Number,
    /// The server's secret.
    u: Number,
    /// The server's public number, part of its certificate.
    v: Number,
}

/// Positions of the numbers in an RSA key. ntpd 4.2.8 built with OpenSSL 1.1 expects different ones, and one file cannot
/// serve servers of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GqLayout {
    /// For builds with OpenSSL 1.0 and older: the positions of RFC 5906 and of all releases.
    #[default]
    Original,
    /// For builds with OpenSSL 1.1.
    Swapped,
}

impl GqKey {
    /// Generates a key with a modulus of this many bits.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn generate(bits: u64) -> Result<Self, AutokeyError> {
        let n = RsaKey::generate(bits)?.n;
        let b = random_below(&n)?;
        Self::with_group_key(n, b)
    }

    /// Generates the key of another server in the same group.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn renewed(&self) -> Result<Self, AutokeyError> {
        Self::with_group_key(self.n.clone(), self.b.clone())
    }

    fn with_group_key(n: Number, b: Number) -> Result<Self, AutokeyError> {
        let (u, inverse) = random_invertible(&n)?;
        let v = Modulus::new(&n)?.power(&inverse, &b);
        Ok(Self { n, b, u, v })
    }

    /// Reads the key from the RSA key that stores it, and returns its layout too.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if it is not a GQ key.
    pub fn from_stored(stored: &RsaKey) -> Result<(Self, GqLayout), AutokeyError> {
        let RsaKey { n, p: u, q: v, .. } = stored;
        let (one, modulus) = (Number::from(1), Modulus::new(n)?);
        let (b, layout) = [(&stored.e, GqLayout::Original), (&stored.d, GqLayout::Swapped)]
            .into_iter()
            .find(|(b, _)| **b > one && *u > one && modulus.product(&modulus.power(u, b), v).is_one())
            .ok_or(AutokeyError::Parameters)?;
        Ok((Self { n: n.clone(), b: b.clone(), u: u.clone(), v: v.clone() }, layout))
    }

    /// The server's public number.
    pub fn public(&self) -> &Number {
        &self.v
    }

    /// Whether the public number is the inverse of the secret.
    pub fn confirm(&self) -> bool {
        Modulus::new(&self.n)
            .is_ok_and(|modulus| modulus.product(&modulus.power(&self.u, &self.b), &self.v).is_one())
    }

    /// Verifies a challenge and its response as members do.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`], [`AutokeyError::Parameters`].
    pub fn try_exchange(&self) -> Result<bool, AutokeyError> {
        let modulus = Modulus::new(&self.n)?;
        let (r, k) = (random_below(&self.n)?, random_below(&self.n)?);
        let y = modulus.product(&k, &modulus.power(&self.u, &r));
        let product = modulus.product(&modulus.power(&self.v, &r), &modulus.power(&y, &self.b));
        Ok(modulus.power(&k, &self.b) == product)
    }

    /// The server's file.
    pub fn server(&self, layout: GqLayout) -> RsaKey {
        let (e, d) = match layout {
            GqLayout::Original => (self.b.clone(), Number::from(1)),
            GqLayout::Swapped => (self.u.clone(), self.b.clone()),
        };
        self.stored(e, d, self.u.clone(), self.v.clone())
    }

    /// The clients' file: the modulus and the group's key.
    pub fn client(&self, layout: GqLayout) -> RsaKey {
        let one = Number::from(1);
        let (e, d) = match layout {
            GqLayout::Original => (self.b.clone(), one.clone()),
            // Clients need only the group's key, so one file serves both builds.
            GqLayout::Swapped => (self.b.clone(), self.b.clone()),
        };
        self.stored(e, d, one.clone(), one)
    }

    fn stored(&self, e: Number, d: Number, p: Number, q: Number) -> RsaKey {
        let one = Number::from(1);
        RsaKey { n: self.n.clone(), e, d, p, q, dp: one.clone(), dq: one.clone(), qinv: one }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_verify_in_both_layouts() {
        let key = GqKey::generate(512).unwrap();
        assert!(key.confirm() && key.try_exchange().unwrap());
        for layout in [GqLayout::Original, GqLayout::Swapped] {
            assert!(GqKey::from_stored(&key.server(layout)).unwrap() == (key.clone(), layout));
            assert!(GqKey::from_stored(&key.client(layout)).is_err(), "{layout:?}: clients have no secret");
        }
        let renewed = key.renewed().unwrap();
        assert!(renewed.confirm() && renewed.n == key.n && renewed.b == key.b && renewed.u != key.u);
    }
}
