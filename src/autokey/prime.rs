//! The search for prime numbers.
//!
//! A search begins at a random number and goes on in steps; candidates with small divisors are sieved out,
//! the others stand Miller and Rabin's test.

use super::AutokeyError;
use super::montgomery::passes_with_base_2;
use super::number::{random_below, random_bits};
use num_bigint::BigUint;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

/// Primes below this bound are tried as divisors.
const SIEVE_BOUND: usize = 1 << 16;

/// How many steps a search goes from where it begins.
const WINDOW: usize = 2048;

/// The odd primes below [`SIEVE_BOUND`].
static SMALL_PRIMES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut composite = vec![false; SIEVE_BOUND];
    let mut primes = Vec::with_capacity(6542);
    for candidate in (3..SIEVE_BOUND).step_by(2) {
        if composite.get(candidate) == Some(&false) {
            primes.push(candidate as u64);
            composite.iter_mut().skip(candidate * candidate).step_by(candidate).for_each(|mark| *mark = true);
        }
    }
    primes
});

/// A random prime of exactly this many bits, at least 2; its `high` uppermost bits are set.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_prime(bits: u64, high: u64) -> Result<BigUint, AutokeyError> {
    let never = AtomicBool::new(false);
    loop {
        if let Some(prime) = search(bits, high, &never)? {
            return Ok(prime);
        }
    }
}

/// Two different random primes of this size with their two uppermost bits set, found by several threads.
/// Only primes that `fitting` accepts are taken.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn two_primes(
    bits: u64,
    fitting: impl Fn(&BigUint) -> bool + Sync,
) -> Result<(BigUint, BigUint), AutokeyError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let found = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, found, fitting) = (sender.clone(), &found, &fitting);
            scope.spawn(move || {
                while !found.load(Ordering::Relaxed) {
                    let sent = match search(bits, 2, found) {
                        Ok(Some(prime)) if fitting(&prime) => sender.send(Ok(prime)),
                        Ok(_) => Ok(()),
                        Err(error) => sender.send(Err(error)),
                    };
                    if sent.is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let primes = take_two(&receiver);
        found.store(true, Ordering::Relaxed);
        primes
    })
}

fn take_two(
    receiver: &mpsc::Receiver<Result<BigUint, AutokeyError>>,
) -> Result<(BigUint, BigUint), AutokeyError> {
    let first = receiver.recv().map_err(|_| AutokeyError::Randomness)??;
    loop {
        let second = receiver.recv().map_err(|_| AutokeyError::Randomness)??;
        if second != first {
            return Ok((first, second));
        }
    }
}

/// A random prime of exactly this many bits that is 1 more than a multiple of `factor`.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_prime_above_multiple(bits: u64, factor: &BigUint) -> Result<BigUint, AutokeyError> {
    let (one, step) = (BigUint::from(1_u32), factor << 1_u32);
    let never = AtomicBool::new(false);
    loop {
        let mut start = random_bits(bits)?;
        start.set_bit(bits - 1, true);
        let start = &start - (&start % &step) + &one;
        if let Some(prime) = first_prime(&start, &step, &never)?
            && prime.bits() == bits
        {
            return Ok(prime);
        }
    }
}

/// Searches from one random number; gives up at the window's end, or when told to stop.
fn search(bits: u64, high: u64, stop: &AtomicBool) -> Result<Option<BigUint>, AutokeyError> {
    let mut start = random_bits(bits)?;
    (bits.saturating_sub(high.max(1))..bits).for_each(|bit| start.set_bit(bit, true));
    start.set_bit(0, true);
    if bits < 20 {
        // Too small for the sieve, which throws its own primes away.
        return Ok((start.bits() == bits && is_prime(&start)?).then_some(start));
    }
    let prime = first_prime(&start, &BigUint::from(2_u32), stop)?;
    Ok(prime.filter(|prime| prime.bits() == bits))
}

/// The first prime among `start`, `start + step` … within the window. They are greater than all primes of
/// the sieve.
fn first_prime(start: &BigUint, step: &BigUint, ended: &AtomicBool) -> Result<Option<BigUint>, AutokeyError> {
    let mut composite = [false; WINDOW];
    sieve(start, step, &mut composite);
    for (index, _) in composite.iter().enumerate().filter(|(_, composite)| !**composite) {
        if ended.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let candidate = start + step * BigUint::from(index);
        if is_prime(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Marks the places of the numbers that have a small divisor.
fn sieve(start: &BigUint, step: &BigUint, composite: &mut [bool]) {
    let mut rest = SMALL_PRIMES.as_slice();
    while let Some(&first) = rest.first() {
        // As many primes at once as fit into one division of the great numbers.
        let (mut product, mut count) = (first, 1);
        while let Some(greater) = rest.get(count).and_then(|&prime| product.checked_mul(prime)) {
            product = greater;
            count += 1;
        }
        let (group, others) = rest.split_at(count);
        rest = others;
        let (from, by) = (remainder(start, product), remainder(step, product));
        for &prime in group {
            let (from, by) = (from % prime, by % prime);
            let first = if by == 0 {
                if from == 0 { 0 } else { continue }
            } else {
                // from + index * by = 0 (mod prime)
                (prime - from) * inverse(by, prime) % prime
            };
            let (Ok(first), Ok(distance)) =
                (usize::try_from(first), usize::try_from(if by == 0 { 1 } else { prime }))
            else {
                continue;
            };
            composite.iter_mut().skip(first).step_by(distance).for_each(|mark| *mark = true);
        }
    }
}

fn remainder(number: &BigUint, divisor: u64) -> u64 {
    u64::try_from(number % divisor).unwrap_or_default()
}

/// The inverse of a number modulo an odd prime below 2^16, by Euclid's algorithm.
fn inverse(number: u64, prime: u64) -> u64 {
    if number == 2 {
        return prime / 2 + 1;
    }
    let (mut a, mut b) = (prime.cast_signed(), number.cast_signed());
    let (mut x, mut y) = (0_i64, 1_i64);
    while b != 0 {
        let quotient = a / b;
        (a, b) = (b, a - quotient * b);
        (x, y) = (y, x - quotient * y);
    }
    x.rem_euclid(prime.cast_signed()).cast_unsigned()
}

/// Whether one of the least primes divides a number greater than all of them: a quick look before the test.
pub fn has_small_divisor(number: &BigUint) -> bool {
    SMALL_PRIMES
        .iter()
        .take(400)
        .any(|&prime| remainder(number, prime) == 0 && *number > BigUint::from(prime))
}

/// Whether a number is prime; errs with a probability below 2^-100 for random candidates.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn is_prime(number: &BigUint) -> Result<bool, AutokeyError> {
    let (one, two) = (BigUint::from(1_u32), BigUint::from(2_u32));
    if *number <= BigUint::from(3_u32) {
        return Ok(*number >= two);
    }
    if !number.bit(0) {
        return Ok(false);
    }
    let less = number - &one;
    // Rounds for an error below 2^-100 (FIPS 186-4, table C.2 and C.3, with reserves).
    let rounds = match number.bits() {
        1024.. => 4,
        512.. => 12,
        256.. => 32,
        _ => 50,
    };
    let passes_first =
        if number.bits() > 64 { passes_with_base_2(number) } else { passes(number, &less, &two) };
    if !passes_first {
        return Ok(false);
    }
    for _ in 0..rounds {
        if !passes(number, &less, &random_below(&less)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Miller and Rabin's test of an odd number with one base.
fn passes(number: &BigUint, less: &BigUint, base: &BigUint) -> bool {
    let one = BigUint::from(1_u32);
    let zeros = less.trailing_zeros().unwrap_or(0);
    let mut power = base.modpow(&(less >> zeros), number);
    if power == one || power == *less {
        return true;
    }
    for _ in 1..zeros {
        power = &power * &power % number;
        if power == *less {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_primes_are_told_from_composites() {
        let primes: Vec<u32> = (0..60).filter(|&number| is_prime(&number.into()).unwrap()).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]);
        assert_eq!(SMALL_PRIMES.len(), 6541);
        assert_eq!(SMALL_PRIMES.last(), Some(&65521));
        // Carmichael numbers, and one that passes with base 2.
        for composite in [561_u64, 41041, 825_265, 2047, 3_215_031_751] {
            assert!(!is_prime(&composite.into()).unwrap(), "{composite}");
        }
    }

    #[test]
    fn great_primes_are_told_from_composites() {
        let one = BigUint::from(1_u32);
        let mersenne = |exponent: u32| (&one << exponent) - &one;
        assert!(is_prime(&mersenne(521)).unwrap());
        assert!(is_prime(&mersenne(127)).unwrap());
        assert!(!is_prime(&mersenne(523)).unwrap());
        assert!(!is_prime(&(mersenne(127) * mersenne(89))).unwrap());
    }

    #[test]
    fn the_sieve_marks_exactly_the_multiples() {
        let start = BigUint::from(10_000_000_019_u64 * 3 + 2);
        for step in [2_u64, 6, 65521 * 2, 30030] {
            let mut composite = [false; 300];
            sieve(&start, &BigUint::from(step), &mut composite);
            for (index, &mark) in composite.iter().enumerate() {
                let number = u64::try_from(&start).unwrap() + step * index as u64;
                assert_eq!(mark, SMALL_PRIMES.iter().any(|&prime| number.is_multiple_of(prime)), "{number}");
            }
        }
    }

    #[test]
    fn primes_have_the_size_and_form_that_is_asked_for() {
        for bits in [12, 20, 64, 128, 257] {
            for high in [1, 2] {
                let prime = random_prime(bits, high).unwrap();
                assert_eq!(prime.bits(), bits);
                assert!((0..high).all(|place| prime.bit(bits - 1 - place)));
                assert!(is_prime(&prime).unwrap());
            }
        }
        let (p, q) = two_primes(128, |prime| prime % 5_u32 == BigUint::from(2_u32)).unwrap();
        assert_ne!(p, q);
        assert!(p % 5_u32 == BigUint::from(2_u32) && is_prime(&q).unwrap());
        let factor = random_prime(160, 1).unwrap();
        let prime = random_prime_above_multiple(512, &factor).unwrap();
        assert_eq!(prime.bits(), 512);
        assert_eq!((prime - 1_u32) % factor, BigUint::ZERO);
    }
}
