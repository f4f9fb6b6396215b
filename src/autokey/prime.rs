//! The search for prime numbers.
//!
//! A search begins at a random number and goes on in steps; candidates with small divisors are sieved out,
//! the others stand Miller and Rabin's test, in a time that does not depend on the candidate's bits.

use super::AutokeyError;
use super::number::{Modulus, Number, random_below, random_bits};
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
pub fn random_prime(bits: u64, high: u64) -> Result<Number, AutokeyError> {
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
    fitting: impl Fn(&Number) -> bool + Sync,
) -> Result<(Number, Number), AutokeyError> {
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
    receiver: &mpsc::Receiver<Result<Number, AutokeyError>>,
) -> Result<(Number, Number), AutokeyError> {
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
pub fn random_prime_above_multiple(bits: u64, factor: &Number) -> Result<Number, AutokeyError> {
    let (one, step) = (Number::from(1), factor + factor);
    let never = AtomicBool::new(false);
    loop {
        let start = random_bits(bits)?.with_bit(bits - 1);
        let rest = start.modulo(&step).ok_or(AutokeyError::Parameters)?;
        let start = &(&start - &rest) + &one;
        if let Some(prime) = first_prime(&start, &step, &never)?
            && prime.bits() == bits
        {
            return Ok(prime);
        }
    }
}

/// Searches from one random number; gives up at the window's end, or when told to stop.
fn search(bits: u64, high: u64, stop: &AtomicBool) -> Result<Option<Number>, AutokeyError> {
    let highest = bits.saturating_sub(high.max(1))..bits;
    let start = highest.fold(random_bits(bits)?.with_bit(0), Number::with_bit);
    if bits < 20 {
        // Too small for the sieve, which throws its own primes away.
        return Ok((start.bits() == bits && is_prime(&start)?).then_some(start));
    }
    let prime = first_prime(&start, &Number::from(2), stop)?;
    Ok(prime.filter(|prime| prime.bits() == bits))
}

/// The first prime among `start`, `start + step` … within the window. They are greater than all primes of
/// the sieve.
fn first_prime(start: &Number, step: &Number, ended: &AtomicBool) -> Result<Option<Number>, AutokeyError> {
    let mut composite = [false; WINDOW];
    sieve(start, step, &mut composite);
    for (index, _) in (0..).zip(&composite).filter(|(_, composite)| !**composite) {
        if ended.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let candidate = start + &(step * &Number::from(index));
        if is_prime(&candidate)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Marks the places of the numbers that have a small divisor.
fn sieve(start: &Number, step: &Number, composite: &mut [bool]) {
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
        let (from, by) = (start.modulo_word(product), step.modulo_word(product));
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
pub fn has_small_divisor(number: &Number) -> bool {
    let mut least = SMALL_PRIMES.iter().take(400);
    number.bits() > 16 && least.any(|&prime| number.modulo_word(prime) == 0)
}

/// Whether a number is prime; errs with a probability below 2^-100 for random candidates.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn is_prime(number: &Number) -> Result<bool, AutokeyError> {
    let Ok(modulus) = Modulus::new(number) else { return Ok(*number == Number::from(2)) };
    let less = number - &Number::from(1);
    let zeros = less.trailing_zeros();
    let exponent = less.without_lowest(zeros);
    // Rounds for an error below 2^-100 (FIPS 186-4, table C.2 and C.3, with reserves).
    let rounds = match number.bits() {
        1024.. => 4,
        512.. => 12,
        256.. => 32,
        _ => 50,
    };
    // Nearly all that are not prime fail with the base 2, which is the quickest.
    if !leads_to(modulus.power_of_two(&exponent), &modulus, &less, zeros) {
        return Ok(false);
    }
    for _ in 0..rounds {
        let power = modulus.power(&random_below(&less)?, &exponent);
        if !leads_to(power, &modulus, &less, zeros) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The rest of Miller and Rabin's test: whether the power is 1, or one of its squares is less by one than the
/// modulus.
fn leads_to(mut power: Number, modulus: &Modulus, less: &Number, zeros: u64) -> bool {
    if power.is_one() || power == *less {
        return true;
    }
    for _ in 1..zeros {
        power = modulus.product(&power, &power);
        if power == *less {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_prime_value(value: u128) -> bool {
        is_prime(&Number::from_octets(&value.to_be_bytes())).unwrap()
    }

    #[test]
    fn primes_are_told_from_other_numbers() {
        let primes: Vec<u128> = (0..120).filter(|&number| is_prime_value(number)).collect();
        let expected = [
            2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
            101, 103, 107, 109, 113,
        ];
        assert_eq!(primes, expected);
        // Pseudoprimes for the base 2, and Carmichael's numbers.
        for composite in [2047, 3277, 561, 1105, 825_265, 3_215_031_751, 341_550_071_728_321] {
            assert!(!is_prime_value(composite), "{composite}");
        }
        assert!(is_prime_value((1 << 64) + 13) && is_prime_value(u128::MAX - 158));
        assert!(!is_prime_value(u128::MAX - 160));
        for exponent in [127, 521, 1279] {
            let mersenne = Number::from_octets(&[0xff; 160]).without_lowest(1280 - exponent);
            assert!(is_prime(&mersenne).unwrap(), "{exponent}");
            assert!(!is_prime(&(&mersenne * &mersenne)).unwrap(), "{exponent}");
        }
    }

    #[test]
    fn the_sieve_marks_exactly_the_multiples() {
        let first = 10_000_000_019_u64 * 3 + 2;
        let start = Number::from_octets(&first.to_be_bytes());
        for step in [2_u32, 6, 65521 * 2, 30030] {
            let mut composite = [false; 300];
            sieve(&start, &Number::from(step), &mut composite);
            for (index, &mark) in composite.iter().enumerate() {
                let number = first + u64::from(step) * index as u64;
                assert_eq!(mark, SMALL_PRIMES.iter().any(|&prime| number.is_multiple_of(prime)), "{number}");
            }
        }
    }

    #[test]
    fn primes_have_the_size_and_form_that_is_asked_for() {
        for bits in [2, 12, 20, 64, 128, 257] {
            for high in [1, 2] {
                let prime = random_prime(bits, high).unwrap();
                assert_eq!(prime.bits(), bits);
                assert!(prime.without_lowest(bits - high) == Number::from((1 << high) - 1));
                assert!(is_prime(&prime).unwrap());
            }
        }
        let rest = Number::from(2);
        let five = Number::from(5);
        let (p, q) = two_primes(128, |prime| prime.modulo(&five).unwrap() == rest).unwrap();
        assert!(p != q && p.modulo(&five).unwrap() == rest && is_prime(&q).unwrap());
        let factor = random_prime(160, 1).unwrap();
        let prime = random_prime_above_multiple(512, &factor).unwrap();
        assert_eq!(prime.bits(), 512);
        assert!((&prime - &Number::from(1)).modulo(&factor).unwrap().is_zero());
        assert!(is_prime(&prime).unwrap());
    }
}
