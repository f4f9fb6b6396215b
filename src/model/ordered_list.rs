//! Lists of numbered rows (mode 6, "read ordered list"): `addr.0=…, mask.0=…, addr.1=…`.
//!
//! The daemon shuffles the fields of a row and mixes in decoys with made-up names, so that nobody relies on more than
//! it promises: rows come in order, and each is identified by its number.

use crate::wire::variables::Scan;

/// A row of such a list, as far as it was understood.
pub trait Row: Default {
    /// The number of fields of a complete row.
    const FIELDS: usize;

    /// Sets a field; returns whether it belongs to the row and is valid. `value` is as received, quotes included, and
    /// `None` if there was no `=`.
    fn set(&mut self, field: &str, value: Option<&[u8]>) -> bool;

    /// The number of fields set so far.
    fn count(&self) -> usize;

    /// The row as the classic program prints it: missing fields are zero.
    #[must_use]
    fn filled(self) -> Self;

    /// Whether all fields are present.
    fn is_whole(&self) -> bool {
        self.count() >= Self::FIELDS
    }
}

/// Returns the rows of a reply with their numbers, in the order received: consecutive fields with the same number make
/// a row, and of duplicates the later one counts. Anything else is skipped.
pub fn rows<R: Row>(scan: &Scan<'_>) -> Vec<(u32, R)> {
    let mut rows: Vec<(u32, R)> = Vec::new();
    for (field, index, value) in fields(scan) {
        match rows.last_mut() {
            Some((last, row)) if *last == index => {
                row.set(field, value);
            }
            _ => {
                let mut row = R::default();
                if row.set(field, value) {
                    rows.push((index, row));
                }
            }
        }
    }
    rows
}

/// Returns possible fields of rows: name, row number and value.
pub fn fields<'a>(scan: &'a Scan<'_>) -> impl Iterator<Item = (&'a str, u32, Option<&'a [u8]>)> {
    scan.variables.iter().filter_map(|variable| {
        let (field, index) = split_name(variable.name)?;
        Some((field, index, variable.value))
    })
}

/// Splits `name.7`, ignoring blanks before the number and anything after it.
fn split_name(name: &[u8]) -> Option<(&str, u32)> {
    let dot = name.iter().position(|&octet| octet == b'.')?;
    let (field, index) = name.split_at_checked(dot)?;
    let index = leading_integer(index.strip_prefix(b".")?)?;
    Some((str::from_utf8(field).ok()?, u32::try_from(index).ok()?))
}

/// Parses a leading integer after optional blanks, with or without a sign, and ignores the rest, like the `scanf` that
/// the classic program uses for these lists.
pub(super) fn leading_integer(text: &[u8]) -> Option<i128> {
    let text = text.trim_ascii_start();
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    digits.first().filter(|digit| digit.is_ascii_digit())?;
    let magnitude = digits
        .iter()
        .take_while(|digit| digit.is_ascii_digit())
        .fold(0_i128, |value, digit| value.saturating_mul(10).saturating_add(i128::from(digit - b'0')));
    Some(sign * magnitude)
}

/// Parses an unsigned 32-bit number; a negative one wraps, as in C.
pub(super) fn unsigned(value: Option<&[u8]>) -> Option<u32> {
    let number = leading_integer(value?)?;
    let wrapped = number.clamp(i128::from(i64::MIN), i128::from(u32::MAX)).rem_euclid(1 << 32);
    u32::try_from(wrapped).ok()
}

/// Stores a value, if there is one.
pub(super) fn fill<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let understood = value.is_some();
    if understood {
        *place = value;
    }
    understood
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::variables::scan;
    use proptest::prelude::*;

    #[derive(Debug, Default, PartialEq)]
    struct Pair {
        one: Option<u32>,
        other: Option<u32>,
    }

    impl Row for Pair {
        const FIELDS: usize = 2;

        fn set(&mut self, field: &str, value: Option<&[u8]>) -> bool {
            match field {
                "one" => fill(&mut self.one, unsigned(value)),
                "other" => fill(&mut self.other, unsigned(value)),
                _ => false,
            }
        }

        fn count(&self) -> usize {
            usize::from(self.one.is_some()) + usize::from(self.other.is_some())
        }

        fn filled(self) -> Self {
            Self { one: self.one.or(Some(0)), other: self.other.or(Some(0)) }
        }
    }

    fn read(text: &str) -> Vec<(u32, Option<u32>, Option<u32>)> {
        let scanned = scan(text.as_bytes());
        rows::<Pair>(&scanned).into_iter().map(|(index, row)| (index, row.one, row.other)).collect()
    }

    #[test]
    fn fields_make_rows_in_any_order() {
        assert_eq!(
            read("other.0=2, one.0=1, qzx.5=7, one.1=3, \\S^.1=8, other.1=4\r\n"),
            [(0, Some(1), Some(2)), (1, Some(3), Some(4))]
        );
    }

    #[test]
    fn invalid_fields_do_not_start_a_row() {
        assert_eq!(read("one.1=x, one.2, one=5, .3=5, other.0=6"), [(0, None, Some(6))]);
        assert_eq!(read("one.0=5, one.0=, one.0=6 and more"), [(0, Some(6), None)]);
    }

    #[test]
    fn a_number_that_reappears_is_another_row() {
        assert_eq!(
            read("one.0=1, one.1=2, other.0=3"),
            [(0, Some(1), None), (1, Some(2), None), (0, None, Some(3))]
        );
    }

    #[test]
    fn numbers_are_parsed_like_the_classic_program() {
        for (text, number) in [
            ("7", Some(7)),
            (" 07x", Some(7)),
            ("+7", Some(7)),
            ("-1", Some(u32::MAX)),
            ("0x10", Some(0)),
            ("99999999999999999999999999999999999999999999", Some(u32::MAX)),
            ("x7", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(unsigned(Some(text.as_bytes())), number, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let scanned = scan(&text);
            prop_assert!(rows::<Pair>(&scanned).len() <= scanned.variables.len());
        }
    }
}
