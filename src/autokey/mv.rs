//! The parameters of the identity scheme MV (Mu and Varadharajan; RFC 5906, appendix D).

use super::AutokeyError;
use super::dsa::{DsaKey, DsaParameters};
use super::number::{Modulus, Number, random_below, random_invertible};
use super::prime::{has_small_divisor, is_prime, random_prime};

/// The minimum size of a client's prime in bits: smaller ones are too few.
pub const MIN_PRIME_BITS: u64 = 12;

/// The maximum number of clients.
pub const MAX_CLIENTS: u16 = 99;

/// The primes and the group of an MV scheme.
pub struct MvGroup {
    primes: Vec<Number>,
    parameters: DsaParameters,
    /// How often a prime had to be replaced because it was a duplicate.
    pub birthdays: u32,
    /// How often a prime had to be replaced because the modulus was not prime.
    pub defective: u32,
}

/// The keys of an MV scheme.
#[derive(Clone, PartialEq, Eq)]
pub struct MvKeys {
    /// The key of the trusted authority.
    pub authority: DsaKey,
    /// The key of the servers.
    pub server: DsaKey,
    /// The keys of the clients, in order.
    pub clients: Vec<DsaKey>,
    /// The numbers, from 1, of the revoked clients. The last is always revoked.
    pub revoked: Vec<usize>,
    /// Whether all products were as expected.
    pub confirmed: bool,
}

impl MvGroup {
    /// Generates one prime for each client, `bits` bits in total, and their group.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if there are no clients, too many, or their primes would be too small;
    /// [`AutokeyError::Randomness`].
    pub fn generate(clients: u16, bits: u64) -> Result<Self, AutokeyError> {
        let prime_bits = bits.checked_div(u64::from(clients)).unwrap_or(0);
        if prime_bits < MIN_PRIME_BITS || clients > MAX_CLIENTS {
            return Err(AutokeyError::Parameters);
        }
        let (mut birthdays, mut defective) = (0, 0);
        let mut primes: Vec<Number> = Vec::new();
        for _ in 0..clients {
            let prime = another_prime(&primes, prime_bits, &mut birthdays)?;
            primes.push(prime);
        }
        loop {
            let one = Number::from(1);
            let q = primes.iter().fold(one.clone(), |product, prime| &product * prime);
            let p = &(&q + &q) + &one;
            if !has_small_divisor(&p) && is_prime(&p) {
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

    /// The size of the group's order in bits.
    pub fn bits(&self) -> u64 {
        self.parameters.q.bits()
    }

    /// Generates keys in this group.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`], [`AutokeyError::Parameters`].
    pub fn keys(&self) -> Result<MvKeys, AutokeyError> {
        let DsaParameters { p, q, g } = &self.parameters;
        let (modulus, order) = (Modulus::new(p)?, Modulus::new(q)?);
        let roots: Vec<Number> =
            self.primes.iter().map(|_| Ok(random_invertible(q)?.0)).collect::<Result<_, AutokeyError>>()?;
        let coefficients = polynomial(&roots, &order);
        // Everything is computed in the exponents of the generator: g raised to the value, at each root, of the polynomial
        // without its leading term.
        let values: Vec<Number> = roots.iter().map(|root| value(&coefficients, root, &order)).collect();
        let degree = Number::from(u32::try_from(roots.len()).map_err(|_| AutokeyError::Parameters)?);
        let powers: Vec<Number> = roots.iter().map(|root| order.power(root, &degree)).collect();
        let confirmed =
            values.iter().zip(&powers).all(|(value, power)| order.reduce(&(value + power)).is_zero());
        let a = modulus.power(g, &sum(&values, &order));

        let (b, inverse) = random_invertible(q)?;
        let all = sum(&powers, &order);
        let last = self.primes.last().ok_or(AutokeyError::Parameters)?;
        let (s, _) = q.divide(last).ok_or(AutokeyError::Parameters)?;
        let (e, g_bar) = (modulus.power(&a, &s), modulus.power(g, &s));
        let g_hat = modulus.power(&g_bar, &b);
        let mut clients = Vec::new();
        let mut revoked = Vec::new();
        for ((prime, power), number) in self.primes.iter().zip(&powers).zip(1..) {
            let x_bar = order.product(&order.difference(&all, power), &inverse);
            let (w, _) = (q + prime).divide(prime).ok_or(AutokeyError::Parameters)?;
            let x_hat = order.product(&w, power);
            let product = modulus.product(&modulus.power(&g_bar, &x_hat), &modulus.power(&g_hat, &x_bar));
            if !modulus.product(&product, &e).is_one() {
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

    fn client(&self, public: Number, private: Number) -> DsaKey {
        let one = Number::from(1);
        let parameters = DsaParameters { p: self.parameters.p.clone(), q: one.clone(), g: one };
        DsaKey { parameters, public, private }
    }
}

/// Generates a prime that differs from the given ones.
fn another_prime(primes: &[Number], bits: u64, birthdays: &mut u32) -> Result<Number, AutokeyError> {
    loop {
        let prime = random_prime(bits, 2)?;
        if !primes.contains(&prime) {
            return Ok(prime);
        }
        *birthdays += 1;
    }
}

/// A number whose order is `q` or a divisor of it.
fn generator(p: &Number, q: &Number) -> Result<Number, AutokeyError> {
    let (less, modulus) = (p - &Number::from(1), Modulus::new(p)?);
    loop {
        let g = random_below(p)?;
        if g.inverse(&less).is_some() && !g.is_one() && modulus.power(&g, q).is_one() {
            return Ok(g);
        }
    }
}

/// The coefficients of the monic polynomial with these roots, without the leading 1.
fn polynomial(roots: &[Number], order: &Modulus) -> Vec<Number> {
    let zero = Number::from(0);
    let mut coefficients = vec![Number::from(1)];
    for root in roots {
        let negative = order.difference(&zero, &order.reduce(root));
        let mut next = vec![zero.clone()];
        next.extend(coefficients.iter().cloned());
        for (sum, coefficient) in next.iter_mut().zip(&coefficients) {
            *sum = order.reduce(&(&*sum + &(coefficient * &negative)));
        }
        coefficients = next;
    }
    coefficients.pop();
    coefficients
}

/// The value of a polynomial.
fn value(coefficients: &[Number], at: &Number, order: &Modulus) -> Number {
    let value = |value: Number, coefficient| order.reduce(&(&(&value * at) + coefficient));
    coefficients.iter().rev().fold(Number::from(0), value)
}

fn sum(numbers: &[Number], order: &Modulus) -> Number {
    numbers.iter().fold(Number::from(0), |sum, number| order.reduce(&(&sum + number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clients_but_the_last_are_admitted() {
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
        let order = Modulus::new(&Number::from(101)).unwrap();
        let roots = [3, 5, 7].map(Number::from);
        // (x - 3)(x - 5)(x - 7) = x^3 - 15 x^2 + 71 x - 105
        assert!(polynomial(&roots, &order) == [97, 71, 86].map(Number::from));
    }
}
