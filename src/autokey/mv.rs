//! The parameters of the identity scheme MV (Mu and Varadharajan; RFC 5906, appendix D).

use super::AutokeyError;
use super::dsa::{DsaKey, DsaParameters};
use super::number::{random_below, random_invertible};
use super::prime::{has_small_divisor, is_prime, random_prime};
use num_bigint::BigUint;

/// The fewest bits of a client's prime: below there are not enough of them.
pub const FEWEST_PRIME_BITS: u64 = 12;

/// The most clients.
pub const MOST_CLIENTS: u16 = 99;

/// The primes and the group of an MV scheme.
pub struct MvGroup {
    primes: Vec<BigUint>,
    parameters: DsaParameters,
    /// How often a prime was one of the others'.
    pub birthdays: u32,
    /// How often a prime was replaced because they gave no prime modulus.
    pub defective: u32,
}

/// The keys of an MV scheme.
#[derive(Clone, PartialEq, Eq)]
pub struct MvKeys {
    /// The trusted authority's.
    pub authority: DsaKey,
    /// The servers'.
    pub server: DsaKey,
    /// The clients', in their order.
    pub clients: Vec<DsaKey>,
    /// The numbers, from 1, of the clients that are shut out. The last always is.
    pub revoked: Vec<usize>,
    /// Whether all products came out as they must.
    pub confirmed: bool,
}

impl MvGroup {
    /// New primes, one for each client, which have `bits` together, and their group.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if there are no clients, too many, or their primes would be too small;
    /// [`AutokeyError::Randomness`].
    pub fn generate(clients: u16, bits: u64) -> Result<Self, AutokeyError> {
        let prime_bits = bits.checked_div(u64::from(clients)).unwrap_or(0);
        if prime_bits < FEWEST_PRIME_BITS || clients > MOST_CLIENTS {
            return Err(AutokeyError::Parameters);
        }
        let (mut birthdays, mut defective) = (0, 0);
        let mut primes: Vec<BigUint> = Vec::new();
        for _ in 0..clients {
            let prime = another_prime(&primes, prime_bits, &mut birthdays)?;
            primes.push(prime);
        }
        loop {
            let q: BigUint = primes.iter().product();
            let p = (&q << 1_u32) + 1_u32;
            if !has_small_divisor(&p) && is_prime(&p)? {
                let g = generator(&p, &q)?;
                return Ok(Self { primes, parameters: DsaParameters { p, q, g }, birthdays, defective });
            }
            let replacement = another_prime(&primes, prime_bits, &mut birthdays)?;
            let place = defective as usize % primes.len();
            if let Some(prime) = primes.get_mut(place) {
                *prime = replacement;
            }
            defective += 1;
        }
    }

    /// Bits of the order of the group.
    pub fn bits(&self) -> u64 {
        self.parameters.q.bits()
    }

    /// New keys in this group.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`], [`AutokeyError::Parameters`].
    pub fn keys(&self) -> Result<MvKeys, AutokeyError> {
        let DsaParameters { p, q, g } = &self.parameters;
        let roots: Vec<BigUint> =
            self.primes.iter().map(|_| Ok(random_invertible(q)?.0)).collect::<Result<_, AutokeyError>>()?;
        let coefficients = polynomial(&roots, q);
        // All is done with the exponents of the generator: g to the value of the polynomial without its
        // leading term, at each root.
        let values: Vec<BigUint> = roots.iter().map(|root| value(&coefficients, root, q)).collect();
        let powers: Vec<BigUint> = roots.iter().map(|root| root.modpow(&roots.len().into(), q)).collect();
        let confirmed = values.iter().zip(&powers).all(|(value, power)| (value + power) % q == BigUint::ZERO);
        let sum: BigUint = values.iter().sum::<BigUint>() % q;
        let a = g.modpow(&sum, p);

        let (b, inverse) = random_invertible(q)?;
        let all: BigUint = powers.iter().sum();
        let last = self.primes.last().ok_or(AutokeyError::Parameters)?;
        let s = q / last;
        let (e, g_bar) = (a.modpow(&s, p), g.modpow(&s, p));
        let g_hat = g_bar.modpow(&b, p);
        let mut clients = Vec::new();
        let mut revoked = Vec::new();
        for ((prime, power), number) in self.primes.iter().zip(&powers).zip(1..) {
            let x_bar = (&all - power) * &inverse % q;
            let x_hat = (q + prime) / prime * power % q;
            if g_bar.modpow(&x_hat, p) * g_hat.modpow(&x_bar, p) % p * &e % p != BigUint::from(1_u32) {
                revoked.push(number);
            }
            clients.push(self.client(x_hat, x_bar));
        }
        let authority = DsaKey { parameters: self.parameters.clone(), public: b, private: a };
        let server = DsaKey {
            parameters: DsaParameters { g: e, ..self.parameters.clone() },
            public: g_hat,
            private: g_bar,
        };
        Ok(MvKeys { authority, server, clients, revoked, confirmed })
    }

    fn client(&self, public: BigUint, private: BigUint) -> DsaKey {
        let one = BigUint::from(1_u32);
        let parameters = DsaParameters { p: self.parameters.p.clone(), q: one.clone(), g: one };
        DsaKey { parameters, public, private }
    }
}

/// A prime that is none of the others.
fn another_prime(primes: &[BigUint], bits: u64, birthdays: &mut u32) -> Result<BigUint, AutokeyError> {
    loop {
        let prime = random_prime(bits, 2)?;
        if !primes.contains(&prime) {
            return Ok(prime);
        }
        *birthdays += 1;
    }
}

/// A number of the order `q`, or of a divisor of it.
fn generator(p: &BigUint, q: &BigUint) -> Result<BigUint, AutokeyError> {
    let (less, one) = (p - 1_u32, BigUint::from(1_u32));
    loop {
        let g = random_below(p)?;
        if g.modinv(&less).is_some() && g != one && g.modpow(q, p) == one {
            return Ok(g);
        }
    }
}

/// The coefficients of the polynomial with these roots, that of the highest power, which is 1, left out.
fn polynomial(roots: &[BigUint], modulus: &BigUint) -> Vec<BigUint> {
    let mut coefficients = vec![BigUint::from(1_u32)];
    for root in roots {
        let negative = modulus - root % modulus;
        let mut next = vec![BigUint::ZERO];
        next.extend(coefficients.iter().cloned());
        for (sum, coefficient) in next.iter_mut().zip(&coefficients) {
            *sum = (&*sum + coefficient * &negative) % modulus;
        }
        coefficients = next;
    }
    coefficients.pop();
    coefficients
}

/// The value of a polynomial.
fn value(coefficients: &[BigUint], at: &BigUint, modulus: &BigUint) -> BigUint {
    coefficients.iter().rev().fold(BigUint::ZERO, |value, coefficient| (value * at + coefficient) % modulus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clients_but_the_last_are_let_in() {
        for (clients, bits) in [(1, 64), (3, 256), (20, 256)] {
            let group = MvGroup::generate(clients, bits).unwrap();
            let keys = group.keys().unwrap();
            assert!(keys.confirmed);
            assert_eq!(keys.clients.len(), usize::from(clients));
            assert_eq!(keys.revoked, [usize::from(clients)]);
            assert!(
                group.bits() <= bits
                    && group.bits() + 2 * u64::from(clients) > bits - bits % u64::from(clients)
            );
        }
    }

    #[test]
    fn too_many_clients_are_refused() {
        for (clients, bits) in [(0, 256), (22, 256), (100, 2048)] {
            assert!(MvGroup::generate(clients, bits).is_err(), "{clients} {bits}");
        }
    }

    #[test]
    fn polynomials_vanish_at_their_roots() {
        let modulus = BigUint::from(101_u32);
        let roots: Vec<BigUint> = [3_u32, 5, 7].map(BigUint::from).to_vec();
        // (x - 3)(x - 5)(x - 7) = x^3 - 15 x^2 + 71 x - 105
        assert_eq!(polynomial(&roots, &modulus), [97_u32, 71, 86].map(BigUint::from));
    }
}
