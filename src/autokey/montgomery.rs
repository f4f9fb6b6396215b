//! A quick look at whether a great odd number is prime: Miller and Rabin's test with base 2.
//!
//! A search for primes spends nearly all its time with numbers that fail this very test. With base 2 the
//! power takes squarings and doublings only, done here in Montgomery's representation without any division.

use num_bigint::BigUint;

/// Bits of a limb.
const LIMB: u64 = 64;

/// How many of the exponent's uppermost bits are raised at once, by a shift.
const HEAD: u64 = 10;

/// An odd modulus of some limbs, the lowest first.
struct Modulus {
    limbs: Vec<u64>,
    /// The negative inverse of the lowest limb, modulo 2^64.
    inverse: u64,
}

/// Whether an odd number above 2^64 is prime or, seldom, looks so with base 2.
pub fn passes_with_base_2(number: &BigUint) -> bool {
    let modulus = Modulus::new(number);
    let less = number - 1_u32;
    let zeros = less.trailing_zeros().unwrap_or(0);
    let exponent = &less >> zeros;
    let one = modulus.represent(0, number);
    let minus_one: Vec<u64> = {
        let one = BigUint::from(1_u32) << (LIMB * modulus.limbs.len() as u64);
        modulus.padded(&(number - one % number))
    };
    let rest = exponent.bits().saturating_sub(HEAD);
    let head = u64::try_from(&exponent >> rest).unwrap_or_default();
    let mut power = modulus.represent(head, number);
    let mut wide = vec![0; 2 * power.len()];
    for bit in (0..rest).rev() {
        modulus.square(&mut power, &mut wide);
        if exponent.bit(bit) {
            modulus.double(&mut power);
        }
    }
    if power == one || power == minus_one {
        return true;
    }
    for _ in 1..zeros {
        modulus.square(&mut power, &mut wide);
        if power == minus_one {
            return true;
        }
    }
    false
}

impl Modulus {
    fn new(odd: &BigUint) -> Self {
        let limbs = odd.to_u64_digits();
        let lowest = limbs.first().copied().unwrap_or(1);
        // Newton's iteration doubles the bits that are right, of which there are three at first.
        let inverse = (0..5).fold(lowest, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        Self { limbs, inverse: inverse.wrapping_neg() }
    }

    /// 2 to this exponent, times the factor of the representation.
    fn represent(&self, exponent: u64, number: &BigUint) -> Vec<u64> {
        let shift = exponent + LIMB * self.limbs.len() as u64;
        self.padded(&((BigUint::from(1_u32) << shift) % number))
    }

    fn padded(&self, number: &BigUint) -> Vec<u64> {
        let mut limbs = number.to_u64_digits();
        limbs.resize(self.limbs.len(), 0);
        limbs
    }

    /// Squares a number; `wide` has room for twice as many limbs.
    fn square(&self, number: &mut [u64], wide: &mut [u64]) {
        wide.fill(0);
        let mut rest: &[u64] = number;
        let mut place = 1;
        while let Some((&limb, others)) = rest.split_first() {
            if let Some((row, above)) =
                wide.get_mut(place..).and_then(|row| row.split_at_mut_checked(others.len()))
            {
                let carry = add_product(row, others, limb);
                if let Some(above) = above.first_mut() {
                    *above = carry;
                }
            }
            rest = others;
            place += 2;
        }
        double_and_add_squares(wide, number);
        let overflow = self.reduce(wide);
        if let Some(upper) = wide.get(number.len()..) {
            number.copy_from_slice(upper);
        }
        self.subtract_if_greater(number, overflow);
    }

    /// Adds multiples of the modulus until the lower half is zero; tells whether the upper half overflows.
    fn reduce(&self, wide: &mut [u64]) -> bool {
        let length = self.limbs.len();
        let mut overflow = false;
        for place in 0..length {
            let row = wide.get_mut(place..=place + length).and_then(<[u64]>::split_last_mut);
            let Some((above, row)) = row else { continue };
            let factor = row.first().map_or(0, |lowest| lowest.wrapping_mul(self.inverse));
            let carry = add_product(row, &self.limbs, factor);
            let (sum, first) = above.overflowing_add(carry);
            let (sum, second) = sum.overflowing_add(u64::from(overflow));
            *above = sum;
            overflow = first || second;
        }
        overflow
    }

    fn double(&self, number: &mut [u64]) {
        let mut top = 0;
        for limb in number.iter_mut() {
            (*limb, top) = (*limb << 1 | top, *limb >> 63);
        }
        self.subtract_if_greater(number, top == 1);
    }

    /// Subtracts the modulus from a number that is not less, or that has a bit beyond its limbs.
    fn subtract_if_greater(&self, number: &mut [u64], overflow: bool) {
        if !overflow && number.iter().rev().lt(self.limbs.iter().rev()) {
            return;
        }
        let mut borrow = false;
        for (limb, &subtrahend) in number.iter_mut().zip(&self.limbs) {
            let (difference, first) = limb.overflowing_sub(subtrahend);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
    }
}

/// Adds the product of limbs and a factor to a row of as many limbs; gives what is carried beyond it.
fn add_product(row: &mut [u64], limbs: &[u64], factor: u64) -> u64 {
    let mut carry = 0;
    for (sum, &limb) in row.iter_mut().zip(limbs) {
        (*sum, carry) = halves(u128::from(limb) * u128::from(factor) + u128::from(*sum) + u128::from(carry));
    }
    carry
}

/// Doubles the products of different limbs and adds the limbs' squares: the square of the whole.
fn double_and_add_squares(wide: &mut [u64], limbs: &[u64]) {
    let (mut top, mut carry) = (0, 0);
    for (pair, &limb) in wide.chunks_exact_mut(2).zip(limbs) {
        let [low, high] = pair else { continue };
        let (square_low, square_high) = halves(u128::from(limb) * u128::from(limb));
        let doubled_low = *low << 1 | top;
        let doubled_high = *high << 1 | *low >> 63;
        top = *high >> 63;
        (*low, carry) = halves(u128::from(doubled_low) + u128::from(square_low) + u128::from(carry));
        (*high, carry) = halves(u128::from(doubled_high) + u128::from(square_high) + u128::from(carry));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of the number")]
fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> LIMB) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn primes_pass_and_most_others_do_not() {
        let mersenne = |exponent: u32| (BigUint::from(1_u32) << exponent) - 1_u32;
        for prime in [89, 107, 127, 521, 607, 1279] {
            assert!(passes_with_base_2(&mersenne(prime)), "{prime}");
        }
        assert!(!passes_with_base_2(&(mersenne(127) * mersenne(89))));
        assert!(!passes_with_base_2(&(mersenne(521) * mersenne(61))));
        // 2^64 + 13 is prime, and so is 2^128 - 159; its neighbours are not.
        for (number, prime) in
            [((1_u128 << 64) + 13, true), (u128::MAX - 158, true), (u128::MAX - 160, false)]
        {
            assert_eq!(passes_with_base_2(&number.into()), prime, "{number}");
        }
    }

    proptest! {
        #[test]
        fn squares_are_those_of_division(octets in prop::collection::vec(any::<u8>(), 9..140), factor in any::<u64>()) {
            let mut number = BigUint::from_bytes_be(&octets);
            number.set_bit(0, true);
            number.set_bit(70, true);
            let modulus = Modulus::new(&number);
            let value = BigUint::from(factor) * 0xdead_beef_cafe_f00d_u64 * &number / 3_u32 % &number;
            let shift = LIMB * modulus.limbs.len() as u64;
            let mut limbs = modulus.padded(&((&value << shift) % &number));
            let mut wide = vec![0; 2 * limbs.len()];
            modulus.square(&mut limbs, &mut wide);
            prop_assert_eq!(&limbs, &modulus.padded(&(((&value * &value) << shift) % &number)));
            modulus.double(&mut limbs);
            prop_assert_eq!(&limbs, &modulus.padded(&(((&value * &value) << (shift + 1)) % &number)));
        }
    }
}
