//! Random numbers of any size, and numbers as octets.

use super::AutokeyError;
use num_bigint::BigUint;
use rand::TryRng as _;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

/// A number below 2^`bits`, each as likely as any other.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_bits(bits: u64) -> Result<BigUint, AutokeyError> {
    let length = usize::try_from(bits.div_ceil(8)).map_err(|_| AutokeyError::Randomness)?;
    let mut octets = Zeroizing::new(vec![0; length]);
    fill(&mut octets)?;
    let number = BigUint::from_bytes_be(&octets);
    Ok(number >> (length as u64 * 8 - bits))
}

/// A number from 1 to `limit` - 1, each as likely as any other. `limit` is at least 2.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_below(limit: &BigUint) -> Result<BigUint, AutokeyError> {
    loop {
        let number = random_bits(limit.bits())?;
        if number.bits() > 0 && number < *limit {
            return Ok(number);
        }
    }
}

/// A number from 1 to `modulus` - 1 that has an inverse, and the inverse.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_invertible(modulus: &BigUint) -> Result<(BigUint, BigUint), AutokeyError> {
    loop {
        let number = random_below(modulus)?;
        if let Some(inverse) = number.modinv(modulus) {
            return Ok((number, inverse));
        }
    }
}

/// Random octets.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn fill(octets: &mut [u8]) -> Result<(), AutokeyError> {
    SysRng.try_fill_bytes(octets).map_err(|_| AutokeyError::Randomness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_fill_their_range_and_no_more() {
        let limit = BigUint::from(5_u32);
        let mut seen = [0; 5];
        for _ in 0..200 {
            let number: u32 = random_below(&limit).unwrap().try_into().unwrap();
            seen[number as usize] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!(seen[1..].iter().all(|&count| count > 0), "{seen:?}");
        assert!((0..200).any(|_| random_bits(13).unwrap().bits() == 13));
        assert!((0..200).all(|_| random_bits(13).unwrap().bits() <= 13));
        let modulus = BigUint::from(9_u32);
        for _ in 0..50 {
            let (number, inverse) = random_invertible(&modulus).unwrap();
            assert_eq!(number * inverse % &modulus, BigUint::from(1_u32));
        }
    }
}
