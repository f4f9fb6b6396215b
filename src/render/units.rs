//! Numbers with their units: scaled by thousands until one to three digits precede the point, as far as the digits
//! allow.

use crate::model::variable::Unit;

const TIMES: [&str; 5] = ["ns", "us", "ms", "s", "ks"];
const RATIOS: [&str; 4] = ["ppt", "ppb", "ppm", "ppk"];

/// Scales a decimal number received in a unit, and appends the appropriate unit. With a `width`, it is padded with
/// blanks to that many columns, or decimals are rounded away as far as possible. `None` for anything but a plain
/// decimal number, and for units that are not scaled.
pub fn with_unit(text: &str, unit: Unit, width: Option<usize>) -> Option<String> {
    let (units, place): (&[&str], usize) = match unit {
        Unit::Milliseconds => (&TIMES, 2),
        Unit::Seconds => (&TIMES, 3),
        Unit::PartsPerMillion => (&RATIOS, 2),
        Unit::Log2Seconds | Unit::Kibibytes => return None,
    };
    let number = Number::read(text, 3 * place)?;
    let (digits, moved) = number.scaled();
    let scaled = place.checked_add_signed(moved).and_then(|place| units.get(place));
    let Some(unit) = scaled else {
        return Some(format!("{text}{}", units.get(place)?));
    };
    let room = width.map(|width| width.saturating_sub(unit.len()));
    Some(fit(digits, room) + unit)
}

/// The digits of a decimal number.
struct Number<'a> {
    negative: bool,
    whole: &'a str,
    decimals: &'a str,
}

impl<'a> Number<'a> {
    /// Maximum number of significant decimals.
    fn read(text: &'a str, most: usize) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
        if whole.is_empty() && decimals.is_empty() || !plain(whole) || !plain(decimals) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let all_zero = whole.is_empty() && decimals.bytes().all(|octet| octet == b'0');
        let decimals = if all_zero { decimals } else { decimals.get(..most).unwrap_or(decimals) };
        Some(Self { negative: negative && !all_zero, whole, decimals })
    }

    /// The digits in a unit that is 1000^n times larger.
    fn scaled(&self) -> (String, isize) {
        if let (1.., whole) = (self.whole.len(), self.whole) {
            let thousands = (whole.len() - 1) / 3;
            let (head, tail) = whole.split_at_checked(whole.len() - 3 * thousands).unwrap_or((whole, ""));
            return (self.glue(head, &format!("{tail}{}", self.decimals)), thousands.cast_signed());
        }
        let zeros = self.decimals.len() - self.decimals.trim_start_matches('0').len();
        let reach = self.decimals.len() / 3;
        let thousandths = if zeros == self.decimals.len() { reach } else { (zeros / 3 + 1).min(reach) };
        let (whole, decimals) =
            self.decimals.split_at_checked(3 * thousandths).unwrap_or(("", self.decimals));
        (self.glue(whole.trim_start_matches('0'), decimals), -thousandths.cast_signed())
    }

    fn glue(&self, whole: &str, decimals: &str) -> String {
        let sign = if self.negative { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{decimals}")
    }
}

/// Pads a number with blanks or rounds it; the decimal point is kept to show that it was rounded.
fn fit(digits: String, room: Option<usize>) -> String {
    let Some(room) = room else { return digits };
    let excess = digits.len().saturating_sub(room);
    let (Some((_, decimals)), 1..) = (digits.split_once('.'), excess) else {
        return format!("{digits:>room$}");
    };
    let kept = decimals.len().saturating_sub(excess);
    let value: f64 = digits.parse().unwrap_or(0.0);
    let point = if kept == 0 { "." } else { "" };
    format!("{value:.kept$}{point}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As printed by NTPsec's `ntpq -u`.
    #[test]
    fn numbers_with_units() {
        for (text, unit, width, expected) in [
            ("0.017176", Unit::Milliseconds, Some(8), "17.176us"),
            ("0.004075", Unit::Milliseconds, Some(8), " 4.075us"),
            ("119.942419", Unit::Milliseconds, Some(8), "119.94ms"),
            ("60.018123", Unit::Milliseconds, Some(8), "60.018ms"),
            ("0.000060", Unit::Milliseconds, Some(8), "    60ns"),
            ("0.000000", Unit::Milliseconds, Some(8), "     0ns"),
            ("-0.000000", Unit::Milliseconds, Some(8), "     0ns"),
            ("-119.942419", Unit::Milliseconds, Some(8), "-119.9ms"),
            ("15937.500", Unit::Milliseconds, Some(8), "15.9375s"),
            ("0.000", Unit::Milliseconds, None, "0us"),
            ("0.017", Unit::Milliseconds, None, "17us"),
            ("0.0170", Unit::Milliseconds, None, "17.0us"),
            ("0.01", Unit::Milliseconds, None, "0.01ms"),
            ("10.551", Unit::Milliseconds, None, "10.551ms"),
            ("0.064053", Unit::PartsPerMillion, None, "64.053ppb"),
            ("0.000874", Unit::PartsPerMillion, None, "874ppt"),
            ("500", Unit::PartsPerMillion, None, "500ppm"),
            ("37", Unit::Seconds, None, "37s"),
            ("86400", Unit::Seconds, None, "86.400ks"),
            ("1234567890", Unit::Seconds, None, "1234567890s"),
            ("0.0000001", Unit::Milliseconds, None, "0ns"),
            ("1234.5678", Unit::Milliseconds, Some(4), "1.2s"),
        ] {
            let shown = with_unit(text, unit, width);
            assert_eq!(shown.as_deref().map(str::trim_end), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_that_is_not_a_number_is_unchanged() {
        for text in ["", ".", "-", "1e-06", "x", "1.2.3", "0x1"] {
            assert_eq!(with_unit(text, Unit::Milliseconds, None), None, "{text}");
        }
        assert_eq!(with_unit("6", Unit::Log2Seconds, None), None);
    }
}
