//! Natural numbers of any size, with arithmetic whose time depends on their lengths and not on their values.
//!
//! A [`Number`] is wiped from memory on drop. Values that may be secret are computed with the constant-time operations
//! of `crypto-bigint`.

use super::AutokeyError;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BitOps as _, BoxedUint, ConcatenatingMul as _, Limb, NonZero, Odd, Resize as _};
use rand::TryRng as _;
use rand::rngs::SysRng;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};
use zeroize::Zeroizing;

/// A natural number. It is wiped from memory on drop, and `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Number(Zeroizing<BoxedUint>);

impl Number {
    /// Reads a big-endian number.
    pub fn from_octets(octets: &[u8]) -> Self {
        Self::from(BoxedUint::from_be_slice_vartime(octets))
    }

    /// The number in big-endian order, in as few octets as possible, at least one.
    pub fn octets(&self) -> Zeroizing<Vec<u8>> {
        self.octets_in(usize::try_from(self.bits().div_ceil(8)).unwrap_or_default().max(1))
    }

    /// The number in big-endian order, padded with zeros to this many octets; it must fit.
    pub fn octets_in(&self, length: usize) -> Zeroizing<Vec<u8>> {
        let all = Zeroizing::new(self.0.to_be_bytes());
        let mut octets = Zeroizing::new(vec![0; length]);
        octets.iter_mut().rev().zip(all.iter().rev()).for_each(|(to, from)| *to = *from);
        octets
    }

    /// The length in bits.
    pub fn bits(&self) -> u64 {
        self.0.bits().into()
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero().into()
    }

    /// Whether it is one.
    pub fn is_one(&self) -> bool {
        self.0.is_one().into()
    }

    /// The remainder of a division; `None` if the divisor is zero.
    pub fn modulo(&self, divisor: &Self) -> Option<Self> {
        Some(self.divide(divisor)?.1)
    }

    /// The remainder of a division by a word; 0 if the word is zero.
    pub(super) fn modulo_word(&self, divisor: u64) -> u64 {
        let divisor = NonZero::new(Limb::from(divisor)).into_option();
        divisor.map_or(0, |divisor| self.0.rem_limb(divisor).into())
    }

    /// The quotient and the remainder; `None` if the divisor is zero.
    pub fn divide(&self, divisor: &Self) -> Option<(Self, Self)> {
        let (quotient, rest) = self.0.div_rem(divisor.0.as_nz_vartime()?);
        Some((quotient.into(), rest.into()))
    }

    /// The multiplicative inverse modulo the modulus, if it exists.
    pub fn inverse(&self, modulus: &Self) -> Option<Self> {
        let modulus = modulus.0.as_nz_vartime()?;
        // Both must have the same number of words, as the remainder of a division does.
        let (quotient, rest) = self.0.div_rem(modulus);
        drop(Self::from(quotient));
        Zeroizing::new(rest).invert_mod(modulus).into_option().map(Self::from)
    }

    /// The number shifted right by this many bits.
    #[must_use]
    pub fn without_lowest(&self, bits: u64) -> Self {
        let bits = u32::try_from(bits).unwrap_or(u32::MAX);
        self.0.unbounded_shr_vartime(bits).into()
    }

    /// The number with this bit set; the bit must lie within its length.
    pub(super) fn with_bit(mut self, bit: u64) -> Self {
        if let Ok(bit) = u32::try_from(bit)
            && bit < self.0.bits_precision()
        {
            self.0.set_bit_vartime(bit, true);
        }
        self
    }

    /// The number in decimal, for people. Not constant time: for public numbers only.
    pub fn to_decimal(&self) -> String {
        self.0.to_string_radix_vartime(10)
    }

    /// The library's representation.
    pub(super) fn as_uint(&self) -> &BoxedUint {
        &self.0
    }
}

impl From<BoxedUint> for Number {
    /// Drops leading zero words, because all arithmetic processes every word. Only one random number in 2^64 becomes
    /// shorter by this.
    fn from(number: BoxedUint) -> Self {
        let bits = number.bits();
        Self(Zeroizing::new(number.resize_unchecked(bits)))
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        BoxedUint::from(number).into()
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&*other.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Number({} bits)", self.bits())
    }
}

impl Add for &Number {
    type Output = Number;

    fn add(self, other: &Number) -> Number {
        self.0.concatenating_add(&*other.0).into()
    }
}

/// The minuend must not be less than the subtrahend.
impl Sub for &Number {
    type Output = Number;

    fn sub(self, other: &Number) -> Number {
        self.0.wrapping_sub(&*other.0).into()
    }
}

impl Mul for &Number {
    type Output = Number;

    fn mul(self, other: &Number) -> Number {
        self.0.concatenating_mul(&*other.0).into()
    }
}

/// Arithmetic modulo an odd number.
pub struct Modulus(BoxedMontyParams);

impl Modulus {
    /// Prepares the arithmetic.
    ///
    /// # Errors
    /// [`AutokeyError::Parameters`] if the modulus is even or 1.
    pub fn new(modulus: &Number) -> Result<Self, AutokeyError> {
        let odd = modulus.0.as_odd_vartime().filter(|_| !modulus.is_one());
        Ok(Self(BoxedMontyParams::new(odd.ok_or(AutokeyError::Parameters)?.clone())))
    }

    /// Raises a number to a power. The time reveals only the exponent's length in 64-bit words.
    pub fn power(&self, base: &Number, exponent: &Number) -> Number {
        let base = Zeroizing::new(BoxedMontyForm::new(self.rest(base), &self.0));
        Zeroizing::new(base.pow(&exponent.0)).retrieve().into()
    }

    /// The product of two numbers.
    pub fn product(&self, one: &Number, other: &Number) -> Number {
        self.reduce(&(one * other))
    }

    /// The remainder modulo the modulus.
    pub fn reduce(&self, number: &Number) -> Number {
        self.rest(number).into()
    }

    /// The difference of two numbers; the second must be below the modulus.
    pub fn difference(&self, minuend: &Number, subtrahend: &Number) -> Number {
        let modulus = Number::from(self.modulus().as_ref().clone());
        self.reduce(&(minuend + &(&modulus - subtrahend)))
    }

    fn rest(&self, number: &Number) -> BoxedUint {
        let (quotient, rest) = number.0.div_rem(self.modulus().as_nz_ref());
        drop(Number::from(quotient));
        rest
    }

    fn modulus(&self) -> &Odd<BoxedUint> {
        self.0.modulus()
    }
}

/// A uniformly random number below 2^`bits`.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_bits(bits: u64) -> Result<Number, AutokeyError> {
    let length = usize::try_from(bits.div_ceil(8)).map_err(|_| AutokeyError::Randomness)?;
    let mut octets = Zeroizing::new(vec![0; length]);
    fill(&mut octets)?;
    if let Some(first) = octets.first_mut() {
        *first &= u8::MAX >> (bits.next_multiple_of(8) - bits);
    }
    Ok(Number::from_octets(&octets))
}

/// A uniformly random number from 1 to `limit` - 1. `limit` must be at least 2.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_below(limit: &Number) -> Result<Number, AutokeyError> {
    loop {
        let number = random_bits(limit.bits())?;
        if !number.is_zero() && number < *limit {
            return Ok(number);
        }
    }
}

/// A random number from 1 to `modulus` - 1 that has an inverse, and the inverse.
///
/// # Errors
/// [`AutokeyError::Randomness`].
pub fn random_invertible(modulus: &Number) -> Result<(Number, Number), AutokeyError> {
    loop {
        let number = random_below(modulus)?;
        if let Some(inverse) = number.inverse(modulus) {
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
    use proptest::prelude::*;

    fn number(value: u128) -> Number {
        Number::from_octets(&value.to_be_bytes())
    }

    /// Converts from 128 bits.
    fn value(number: &Number) -> u128 {
        u128::from_be_bytes(number.octets_in(16).as_slice().try_into().unwrap())
    }

    #[test]
    fn random_numbers_cover_exactly_their_range() {
        let limit = Number::from(5);
        let mut seen = [0; 5];
        for _ in 0..200 {
            seen[usize::try_from(value(&random_below(&limit).unwrap())).unwrap()] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!(seen[1..].iter().all(|&count| count > 0), "{seen:?}");
        assert!((0..200).any(|_| random_bits(13).unwrap().bits() == 13));
        assert!((0..200).all(|_| random_bits(13).unwrap().bits() <= 13));
        let modulus = Number::from(9);
        for _ in 0..50 {
            let (number, inverse) = random_invertible(&modulus).unwrap();
            assert!((&number * &inverse).modulo(&modulus).unwrap().is_one());
        }
    }

    #[test]
    fn numbers_are_encoded_without_leading_zeros() {
        assert_eq!(*Number::from(0).octets(), [0]);
        assert_eq!(*Number::from_octets(&[0, 0, 1, 0]).octets(), [1, 0]);
        assert_eq!(*Number::from_octets(&[]).octets_in(2), [0, 0]);
        assert_eq!(*Number::from(0x0102).octets_in(4), [0, 0, 1, 2]);
        assert!(Number::from_octets(&[0; 40]) == Number::from(0));
    }

    #[test]
    fn impossible_operations_return_nothing() {
        let (zero, one, even) = (Number::from(0), Number::from(1), Number::from(10));
        for modulus in [&zero, &one, &even] {
            assert!(Modulus::new(modulus).is_err());
        }
        assert!(one.divide(&zero).is_none() && one.inverse(&zero).is_none());
        assert!(Number::from(5).inverse(&even).is_none() && zero.inverse(&even).is_none());
        assert!(Number::from(3).inverse(&even) == Some(Number::from(7)));
    }

    #[test]
    fn nothing_shows_the_number() {
        assert_eq!(format!("{:?}", Number::from(0xbeef)), "Number(16 bits)");
        assert_eq!(Number::from(0xbeef).to_decimal(), "48879");
    }

    proptest! {
        #[test]
        fn arithmetic_agrees_with_machine_words(a in any::<u64>(), b in 1..=u64::MAX, c in any::<u64>()) {
            let (x, y, z) = (number(a.into()), number(b.into()), number(c.into()));
            let [a, b, c] = [a, b, c].map(u128::from);
            prop_assert_eq!(value(&(&x + &y)), a + b);
            prop_assert_eq!(value(&(&(&x + &y) - &y)), a);
            prop_assert_eq!(value(&(&x * &z)), a * c);
            let (quotient, rest) = x.divide(&y).unwrap();
            prop_assert_eq!((value(&quotient), value(&rest)), (a / b, a % b));
            prop_assert_eq!(value(&(&x * &z).without_lowest(7)), (a * c) >> 7);
            prop_assert_eq!(x < z, a < c);
            let odd = b | 3;
            let modulus = Modulus::new(&number(odd)).unwrap();
            prop_assert_eq!(value(&modulus.product(&x, &z)), a * c % odd);
            let subtrahend = number(c % odd);
            prop_assert_eq!(value(&modulus.difference(&x, &subtrahend)), (a + (odd - c % odd)) % odd);
            if let Some(inverse) = x.inverse(&y) {
                prop_assert_eq!(value(&(&inverse * &x).modulo(&y).unwrap()), 1 % b);
            }
        }

        #[test]
        fn powers_agree_with_repeated_products(base in any::<u64>(), exponent in 0..40_u32, odd in 3..=u64::MAX) {
            let odd = u128::from(odd | 1);
            let modulus = Modulus::new(&number(odd)).unwrap();
            let expected = (0..exponent).fold(1, |power, _| power * (u128::from(base) % odd) % odd);
            prop_assert_eq!(value(&modulus.power(&number(base.into()), &number(exponent.into()))), expected);
        }

        #[test]
        fn octets_come_back(octets in prop::collection::vec(any::<u8>(), 1..300)) {
            let number = Number::from_octets(&octets);
            prop_assert_eq!(&*number.octets_in(octets.len()), &octets);
            let zeros = octets.iter().take(octets.len() - 1).take_while(|octet| **octet == 0).count();
            prop_assert_eq!(&number.octets()[..], &octets[zeros..]);
        }
    }
}
