//! The notations of numbers in the text of control messages.
//!
//! The parsers are as strict as those of the reference implementation's query program: whatever it rejects is rejected
//! here, so both show the same value, or none.

/// Parses an unsigned 32-bit integer: `0x` hexadecimal, a leading `0` octal, otherwise decimal.
pub fn parse_unsigned(text: &[u8]) -> Option<u32> {
    match text {
        [b'0', b'x' | b'X', digits @ ..] => parse_digits(digits, 16),
        [b'0', ..] => parse_digits(text, 8),
        _ => parse_digits(text, 10),
    }
}

/// Parses an integer that may be negative: hexadecimal and octal like [`parse_unsigned`], decimal in the range of
/// signed 32-bit integers.
pub fn parse_signed(text: &[u8]) -> Option<i64> {
    match text {
        [b'0', ..] => parse_unsigned(text).map(i64::from),
        [b'-', digits @ ..] => {
            let magnitude = i64::from(parse_digits(digits, 10)?);
            (magnitude <= -i64::from(i32::MIN)).then_some(-magnitude)
        }
        _ => parse_decimal(text).and_then(|value| i32::try_from(value).ok()).map(i64::from),
    }
}

/// Parses decimal digits, and nothing else, as an unsigned 32-bit integer.
pub fn parse_decimal(text: &[u8]) -> Option<u32> {
    parse_digits(text, 10)
}

/// Parses a decimal number, `[blanks][-][+][digits][.][digits]` up to a blank or the end, as 32.32 fixed point in two's
/// complement.
///
/// The integral part wraps at 32 bits; the first nine digits of the fraction count.
pub fn parse_fixed(text: &[u8]) -> Option<u64> {
    let text = skip_blanks(text);
    let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let Decimal { integer, fraction } = Decimal::parse(text)?;
    let magnitude = fixed(integer, fraction.iter());
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

/// Parses a decimal number of milliseconds as 32.32 fixed point seconds in two's complement.
///
/// The first nine digits of the fraction of a second count. Seconds beyond 31 bits come out negative, as in all
/// arithmetic with this format.
pub fn parse_milliseconds(text: &[u8]) -> Option<i64> {
    let text = skip_blanks(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let Decimal { integer, fraction } = Decimal::parse(text)?;
    let whole_seconds = integer.len().saturating_sub(3);
    let (seconds, milliseconds) = integer.split_at_checked(whole_seconds)?;
    let zeros = b"000".get(milliseconds.len()..)?;
    let magnitude = fixed(seconds, zeros.iter().chain(milliseconds).chain(fraction));
    Some(if negative { magnitude.wrapping_neg() } else { magnitude }.cast_signed())
}

fn parse_digits(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |value, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })
}

/// The digits of an unsigned decimal number.
struct Decimal<'a> {
    integer: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Decimal<'a> {
    /// Parses at least a digit or a point, followed by a blank or the end.
    fn parse(text: &'a [u8]) -> Option<Self> {
        if !matches!(text.first(), Some(b'0'..=b'9' | b'.')) {
            return None;
        }
        let (integer, rest) = split_digits(text);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split_digits(rest),
            _ => (&[][..], rest),
        };
        rest.first().is_none_or(|&byte| is_blank(byte)).then_some(Self { integer, fraction })
    }
}

/// Converts the digits before and after the point to 32.32 fixed point.
fn fixed<'a>(integer: &[u8], fraction: impl Iterator<Item = &'a u8>) -> u64 {
    let integer = integer
        .iter()
        .fold(0_u32, |value, &digit| value.wrapping_mul(10).wrapping_add(u32::from(digit - b'0')));
    let (fraction, scale) = fraction
        .take(9)
        .fold((0_u64, 1_u64), |(value, scale), &digit| (value * 10 + u64::from(digit - b'0'), scale * 10));
    // fraction < scale <= 10^9, so the shift stays below 2^62 and the quotient, rounded, within 32 bits.
    let scaled = fraction << 32;
    let units = scaled / scale + u64::from(scaled % scale * 2 > scale);
    (u64::from(integer) << 32) | units
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(count).unwrap_or((text, &[]))
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|&&byte| is_blank(byte)).count();
    text.get(count..).unwrap_or_default()
}

/// Whether this octet satisfies C's `isspace` in the POSIX locale.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Parses the longest leading integer, or 0 if there is none, like C's `strtol` with a 64-bit `long`; saturates at the
/// limits.
pub fn strtol(text: &str) -> i64 {
    let (text, is_negative) = split_sign(skip_blanks(text.as_bytes()));
    let (digits, _) = split_digits(text);
    let add = |value: i64, &digit: &u8| {
        let digit = i64::from(digit - b'0');
        let tens = value.saturating_mul(10);
        if is_negative { tens.saturating_sub(digit) } else { tens.saturating_add(digit) }
    };
    digits.iter().fold(0, add)
}

/// The same like C's `atoi`: the result is truncated to 32 bits.
pub fn atoi(text: &str) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "that is what C does")]
    let number = strtol(text) as i32;
    number
}

/// Parses the longest leading number, or 0 if there is none, like C's `atof`: decimal, hexadecimal, infinity or `nan`.
pub fn atof(text: &str) -> f64 {
    let (text, is_negative) = split_sign(skip_blanks(text.as_bytes()));
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let magnitude = if begins(b"inf") {
        f64::INFINITY
    } else if begins(b"nan") {
        f64::NAN
    } else if begins(b"0x") {
        hexadecimal(text.get(2..).unwrap_or_default())
    } else {
        decimal(text)
    };
    if is_negative { -magnitude } else { magnitude }
}

fn split_sign(text: &[u8]) -> (&[u8], bool) {
    match text.split_first() {
        Some((sign @ (b'-' | b'+'), rest)) => (rest, *sign == b'-'),
        _ => (text, false),
    }
}

/// Matches digits with an optional point, and an optional exponent introduced by this letter; returns the length of the
/// digits with their point, and the total length.
fn split_number(text: &[u8], is_digit: fn(&u8) -> bool, letter: u8) -> (usize, usize) {
    let count = |from: usize, is_part: fn(&u8) -> bool| {
        text.iter().skip(from).take_while(|octet| is_part(octet)).count()
    };
    let whole = count(0, is_digit);
    let parts = if text.get(whole) == Some(&b'.') { count(whole + 1, is_digit) } else { 0 };
    if whole + parts == 0 {
        return (0, 0);
    }
    let end = if parts > 0 { whole + 1 + parts } else { whole };
    let mark = if text.get(end) == Some(&b'.') { end + 1 } else { end };
    if text.get(mark).is_none_or(|octet| !octet.eq_ignore_ascii_case(&letter)) {
        return (end, end);
    }
    let sign = usize::from(matches!(text.get(mark + 1), Some(b'-' | b'+')));
    match count(mark + 1 + sign, u8::is_ascii_digit) {
        0 => (end, end),
        digits => (end, mark + 1 + sign + digits),
    }
}

fn decimal(text: &[u8]) -> f64 {
    let (_, end) = split_number(text, u8::is_ascii_digit, b'e');
    let number = text.get(..end).and_then(|number| std::str::from_utf8(number).ok());
    number.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

/// Parses a hexadecimal number after its `0x`; the exponent is a power of two.
fn hexadecimal(text: &[u8]) -> f64 {
    /// The largest value to which another digit can be added.
    const FULL: u64 = 1 << 59;
    let (digits, end) = split_number(text, u8::is_ascii_hexdigit, b'p');
    let (mut value, mut exponent, mut has_point) = (0_u64, 0_i64, false);
    for &octet in text.get(..digits).unwrap_or_default() {
        let Some(digit) = char::from(octet).to_digit(16) else {
            has_point = true;
            continue;
        };
        if value < FULL {
            value = value << 4 | u64::from(digit);
        } else {
            exponent += 4;
        }
        exponent -= if has_point { 4 } else { 0 };
    }
    let written = text.get(digits..end).unwrap_or_default();
    let written = written
        .iter()
        .position(|octet| octet.eq_ignore_ascii_case(&b'p'))
        .and_then(|at| written.get(at + 1..));
    let written = written.and_then(|text| std::str::from_utf8(text).ok()).map_or(0, strtol);
    let exponent = exponent.saturating_add(written).clamp(-2000, 2000);
    let half = i32::try_from(exponent / 2).unwrap_or(0);
    let rest = i32::try_from(exponent).unwrap_or(0) - half;
    // In two steps, because a power of two alone may overflow or underflow where the product does not.
    #[expect(clippy::cast_precision_loss, reason = "that is what rounding to a double is")]
    let value = value as f64;
    value * power_of_two(half) * power_of_two(rest)
}

/// Two to this power, exactly; 0 or infinity beyond the range of a double. Unlike `f64::exp2` it needs no libm, which the
/// program would otherwise load at every start.
pub fn power_of_two(exponent: i32) -> f64 {
    let bit = |number: i32| 1_u64.checked_shl(number.cast_unsigned()).unwrap_or(0);
    match exponent {
        1024.. => f64::INFINITY,
        -1022..=1023 => f64::from_bits(u64::from((exponent + 1023).cast_unsigned()) << 52),
        // A subnormal number, of fewer digits; below -1074 the bit is outside.
        ..-1022 => f64::from_bits(bit(exponent.saturating_add(1074))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_parsed_as_in_c() {
        for (text, number) in [
            ("12x", 12),
            (" -7", -7),
            ("+3", 3),
            ("", 0),
            ("-", 0),
            ("abc", 0),
            ("99999999999", 1_215_752_191),
            ("99999999999999999999", -1),
            ("-99999999999999999999", 0),
            ("\x0b7", 7),
            ("--1", 0),
        ] {
            assert_eq!(atoi(text), number, "{text}");
        }
        for (text, number) in [
            ("1.5ppm", 1.5),
            (" -.5", -0.5),
            ("1e2", 100.0),
            ("1e", 1.0),
            ("1.e1", 10.0),
            ("2e+", 2.0),
            ("5.", 5.0),
            (".", 0.0),
            (".e1", 0.0),
            ("-", 0.0),
            ("--1", 0.0),
            ("1.2.3", 1.2),
            ("1_0", 1.0),
            ("abc", 0.0),
            ("", 0.0),
            ("\x0b7", 7.0),
            ("0x10", 16.0),
            ("0X1p3", 8.0),
            ("-0x.8", -0.5),
            ("0x1.8p-1x", 0.75),
            ("0x", 0.0),
            ("0xg", 0.0),
            ("0x1p", 1.0),
        ] {
            assert!((atof(text) - number).abs() < 1e-12, "{text}");
        }
        assert!(atof("inf").is_infinite() && atof("nan").is_nan() && atof("-infinity") < 0.0);
        assert!(atof("1e999").is_infinite() && atof("0x1p99999").is_infinite());
        let long = "f".repeat(100_000);
        assert!(atof(&format!("0x{long}")).is_infinite());
        assert!((atof(&format!("0x.{long}")) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in (-1100..=1100).chain([i32::MIN, i32::MAX]) {
            let expected = f64::from(exponent).exp2();
            assert_eq!(power_of_two(exponent).to_bits(), expected.to_bits(), "{exponent}");
        }
    }

    #[test]
    fn unsigned_numbers_in_three_bases() {
        for (text, value) in [
            ("0", Some(0)),
            ("00", Some(0)),
            ("08", None),
            ("017", Some(15)),
            ("0377", Some(255)),
            ("037777777777", Some(u32::MAX)),
            ("040000000000", None),
            ("0xff", Some(255)),
            ("0XfF", Some(255)),
            ("0x", None),
            ("0xffffffff", Some(u32::MAX)),
            ("0x1ffffffff", None),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("-1", None),
            ("+1", None),
            ("1 2", None),
            ("", None),
        ] {
            assert_eq!(parse_unsigned(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn signed_numbers() {
        for (text, value) in [
            ("-6", Some(-6)),
            ("6", Some(6)),
            ("010", Some(8)),
            ("0xffffffff", Some(0xffff_ffff)),
            ("2147483647", Some(i64::from(i32::MAX))),
            ("2147483648", None),
            ("-2147483648", Some(i64::from(i32::MIN))),
            ("-2147483649", None),
            ("-", None),
            ("+1", None),
        ] {
            assert_eq!(parse_signed(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn fixed_point_wraps_and_rounds() {
        for (text, value) in [
            ("0", Some(0)),
            ("1", Some(1 << 32)),
            (".5", Some(1 << 31)),
            (".", Some(0)),
            ("5.", Some(5 << 32)),
            ("+7", Some(7 << 32)),
            ("-5.5", Some(0xffff_fffa_8000_0000)),
            ("-+5", Some(0xffff_fffb_0000_0000)),
            ("4294967296.5", Some(1 << 31)),
            ("99999999999", Some(0x4876_e7ff_0000_0000)),
            ("0.9999999999999", Some(0xffff_fffc)),
            ("0.0000000001", Some(0)),
            ("5.5 junk", Some(0x5_8000_0000)),
            ("1e5", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(parse_fixed(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn milliseconds_are_parsed_as_seconds() {
        assert_eq!(parse_milliseconds(b"0.0005"), Some(2147));
        assert_eq!(parse_milliseconds(b"0.005"), Some(21475));
        assert_eq!(parse_milliseconds(b"-0.005"), Some(-21475));
        assert_eq!(parse_milliseconds(b"+1000"), Some(1 << 32));
        assert_eq!(parse_milliseconds(b"4294967296000"), Some(0));
        assert_eq!(parse_milliseconds(b"4294967295500"), Some(-1 << 31));
        assert_eq!(parse_milliseconds(b"5249818241.3"), Some(0x50_1b1a_3dc5_d639));
        assert_eq!(parse_milliseconds(b"."), Some(0));
        assert_eq!(parse_milliseconds(b"+-1"), None);
        assert_eq!(parse_milliseconds(b"1e-3"), None);
        assert_eq!(parse_milliseconds(b""), None);
    }
}
