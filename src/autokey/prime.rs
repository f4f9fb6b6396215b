//! The search for prime numbers.
//!
//! A search starts at a random number and proceeds in steps. `crypto-primes` sieves out small divisors and tests the
//! rest (the strengthened test of Baillie, Fiori and Wagstaff: Miller-Rabin to base 2, then Lucas).

use super::AutokeyError;
use super::number::{Number, random_bits};
use crate::compact::{Receiver, Sender, channel};
use crypto_primes::Flavor;
use crypto_primes::hazmat::SmallFactorsSieve;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trial division uses primes below this bound where candidates are not consecutive odd numbers.
const DIVISOR_BOUND: usize = 1 << 15;

/// The odd primes below [`DIVISOR_BOUND`] in groups with their product: one division of the large number serves a group.
static SMALL_PRIMES: LazyLock<Vec<(u64, Vec<u64>)>> = LazyLock::new(|| {
    let mut composite = vec![false; DIVISOR_BOUND];
    let mut groups: Vec<(u64, Vec<u64>)> = Vec::new();
    for candidate in (3..DIVISOR_BOUND).step_by(2) {
        if composite.get(candidate) == Some(&false) {
            composite.iter_mut().skip(candidate * candidate).step_by(candidate).for_each(|mark| *mark = true);
            let prime = candidate as u64;
            match groups.last_mut().and_then(|group| Some((group.0.checked_mul(prime)?, group))) {
                Some((product, group)) => {
                    group.0 = product;
                    group.1.push(prime);
                }
                None => groups.push((prime, vec![prime])),
            }
        }
    }
    groups
});

/// The maximum number of steps of a search for a prime above a multiple.
const WINDOW: u32 = 2048;

/// A random prime of exactly this many bits, at least 2, with its `high` uppermost bits set.
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

/// The name of the search threads.
const SEARCHING: &str = "primes";

/// Two distinct random primes of this size with their two uppermost bits set, both accepted by `fitting`; searched by
/// several threads.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn two_primes(
    bits: u64,
    fitting: impl Fn(&Number) -> bool + Sync,
) -> Result<(Number, Number), AutokeyError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let found = AtomicBool::new(false);
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        let spawn = |sender: Sender<_>| {
            let (found, fitting) = (&found, &fitting);
            std::thread::Builder::new().name(SEARCHING.to_owned()).spawn_scoped(scope, move || {
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
            })
        };
        let searching: Vec<_> = (0..threads).filter_map(|_| spawn(sender.clone()).ok()).collect();
        if searching.is_empty() {
            // If no thread can be started, the calling one searches.
            return two_in_turn(bits, &fitting);
        }
        drop(sender);
        let primes = take_two(&receiver);
        found.store(true, Ordering::Relaxed);
        // The scope waits for the threads' work, not for their exit: a thread that is still exiting would receive signals
        // that the caller blocks while it writes its files.
        for thread in searching {
            let _ = thread.join();
        }
        primes
    })
}

/// The same on the calling thread.
fn two_in_turn(
    bits: u64,
    fitting: &(impl Fn(&Number) -> bool + Sync),
) -> Result<(Number, Number), AutokeyError> {
    let never = AtomicBool::new(false);
    let mut first = None;
    loop {
        let Some(prime) = search(bits, 2, &never)?.filter(fitting) else { continue };
        match first {
            None => first = Some(prime),
            Some(first) if first != prime => return Ok((first, prime)),
            Some(_) => {}
        }
    }
}

fn take_two(receiver: &Receiver<Result<Number, AutokeyError>>) -> Result<(Number, Number), AutokeyError> {
    let first = receiver.recv().map_err(|_| AutokeyError::Randomness)??;
    loop {
        let second = receiver.recv().map_err(|_| AutokeyError::Randomness)??;
        if second != first {
            return Ok((first, second));
        }
    }
}

/// A random prime of exactly this many bits that is one more than a multiple of `factor`.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_prime_above_multiple(bits: u64, factor: &Number) -> Result<Number, AutokeyError> {
    let (one, step) = (Number::from(1), factor + factor);
    loop {
        let start = random_bits(bits)?.with_bit(bits - 1);
        let rest = start.modulo(&step).ok_or(AutokeyError::Parameters)?;
        let mut candidate = &(&start - &rest) + &one;
        for _ in 0..WINDOW {
            if candidate.bits() != bits {
                break;
            }
            if !has_small_divisor(&candidate) && is_prime(&candidate) {
                return Ok(candidate);
            }
            candidate = &candidate + &step;
        }
    }
}

/// The first prime at or after a random number; `None` if there is none of this size or the search was stopped.
fn search(bits: u64, high: u64, stop: &AtomicBool) -> Result<Option<Number>, AutokeyError> {
    let length = u32::try_from(bits).ok().and_then(NonZeroU32::new).ok_or(AutokeyError::Parameters)?;
    let highest = bits.saturating_sub(high.max(1))..bits;
    let start = highest.fold(random_bits(bits)?, Number::with_bit);
    // A random number with many leading zeros has fewer words than the prime.
    let Ok(mut candidates) = SmallFactorsSieve::new(start.as_uint().clone(), length, false) else {
        return Ok(None);
    };
    let is_wanted = |candidate: &Number| stop.load(Ordering::Relaxed) || is_prime(candidate);
    let found = candidates.by_ref().map(Number::from).find(is_wanted);
    Ok(found.filter(|_| !stop.load(Ordering::Relaxed)))
}

/// Whether one of the small primes divides a larger number: a quick check before the full test.
pub fn has_small_divisor(number: &Number) -> bool {
    let divides = |(product, primes): &(u64, Vec<u64>)| {
        let rest = number.modulo_word(*product);
        primes.iter().any(|&prime| rest.is_multiple_of(prime))
    };
    number.bits() > 16 && SMALL_PRIMES.iter().any(divides)
}

/// Whether a number is prime. No composite number is known to pass; a random one passes with a probability far below
/// 2^-100.
pub fn is_prime(number: &Number) -> bool {
    crypto_primes::is_prime(Flavor::Any, number.as_uint())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_prime_value(value: u128) -> bool {
        is_prime(&Number::from_octets(&value.to_be_bytes()))
    }

    #[test]
    fn primes_are_distinguished_from_composites() {
        let primes: Vec<u128> = (0..120).filter(|&number| is_prime_value(number)).collect();
        let expected = [
            2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
            101, 103, 107, 109, 113,
        ];
        assert_eq!(primes, expected);
        // Pseudoprimes to base 2, and Carmichael numbers.
        for composite in [2047, 3277, 561, 1105, 825_265, 3_215_031_751, 341_550_071_728_321] {
            assert!(!is_prime_value(composite), "{composite}");
        }
        assert!(is_prime_value((1 << 64) + 13) && is_prime_value(u128::MAX - 158));
        assert!(!is_prime_value(u128::MAX - 160));
        for exponent in [127, 521, 1279] {
            let mersenne = Number::from_octets(&[0xff; 160]).without_lowest(1280 - exponent);
            assert!(is_prime(&mersenne), "{exponent}");
            assert!(!is_prime(&(&mersenne * &mersenne)), "{exponent}");
        }
    }

    #[test]
    fn small_divisors_are_found() {
        for number in [3 * 0x1_0000_0001_u64, 16_381 * 65_537, 65_537, 65_539 * 65_543] {
            let expected = [3, 16_381].into_iter().any(|prime| number.is_multiple_of(prime));
            assert_eq!(has_small_divisor(&Number::from_octets(&number.to_be_bytes())), expected, "{number}");
        }
        let primes: usize = SMALL_PRIMES.iter().map(|(_, primes)| primes.len()).sum();
        assert_eq!(primes, 3511);
    }

    #[test]
    fn a_single_thread_finds_two_primes_too() {
        let (first, second) = two_in_turn(64, &|_: &Number| true).unwrap();
        assert!(first != second && [first, second].iter().all(|prime| prime.bits() == 64 && is_prime(prime)));
    }

    #[test]
    fn primes_have_the_requested_size_and_form() {
        for bits in [2, 12, 20, 64, 128, 257] {
            for high in [1, 2] {
                let prime = random_prime(bits, high).unwrap();
                assert_eq!(prime.bits(), bits);
                assert!(prime.without_lowest(bits - high) == Number::from((1 << high) - 1));
                assert!(is_prime(&prime));
            }
        }
        let rest = Number::from(2);
        let five = Number::from(5);
        let (p, q) = two_primes(128, |prime| prime.modulo(&five).unwrap() == rest).unwrap();
        assert!(p != q && p.modulo(&five).unwrap() == rest && is_prime(&q));
        let factor = random_prime(160, 1).unwrap();
        let prime = random_prime_above_multiple(512, &factor).unwrap();
        assert_eq!(prime.bits(), 512);
        assert!((&prime - &Number::from(1)).modulo(&factor).unwrap().is_zero());
        assert!(is_prime(&prime));
    }
}
