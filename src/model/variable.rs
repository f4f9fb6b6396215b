//! The values of variables, decoded according to their names.

use super::{FlashWord, NetworkAddress, ReferenceId};
use crate::wire::number;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::unquote;
use jiff::civil::DateTime;

/// A decoded value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer.
    Integer(i64),
    /// A real number; finite.
    Real(f64),
    /// The numbers of a filter register, latest first; all finite.
    Reals(Vec<f64>),
    /// Text without its quotes, octets as received.
    Text(Vec<u8>),
    /// A timestamp.
    Time(NtpTimestamp),
    /// A date and time of day, UTC.
    Date(DateTime),
    /// The leap indicator, 0 to 3 (RFC 5905 figure 9).
    Leap(u8),
    /// The reachability register, latest poll in bit 0.
    Reach(u32),
    /// The tests that failed.
    Flash(FlashWord),
    /// An address.
    Address(NetworkAddress),
    /// A reference ID.
    ReferenceId(ReferenceId),
}

impl Value {
    /// The value as a number, if it is one.
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 the last digits do not matter")]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Integer(number) => Some(number as f64),
            Self::Real(number) => Some(number),
            Self::Leap(leap) => Some(leap.into()),
            _ => None,
        }
    }
}

/// Units of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// An exponent: two to the power of this, in seconds.
    Log2Seconds,
    /// Millionths.
    PartsPerMillion,
    /// 1024 octets.
    Kibibytes,
}

impl Unit {
    /// Its symbol.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Log2Seconds => "log2s",
            Self::PartsPerMillion => "ppm",
            Self::Kibibytes => "KiB",
        }
    }
}

/// The unit of a variable, if known.
pub fn unit(name: &[u8]) -> Option<Unit> {
    Some(match name {
        b"offset" | b"delay" | b"jitter" | b"dispersion" | b"rootdelay" | b"rootdisp" | b"rootdist"
        | b"sys_jitter" | b"clk_jitter" | b"bias" | b"xleave" | b"filtdelay" | b"filtoffset"
        | b"filtdisp" | b"filterror" | b"fudgetime1" | b"fudgetime2" | b"bcastdelay" | b"authdelay"
        | b"koffset" | b"kmaxerr" | b"kesterr" | b"kprecis" | b"kppsjitter" => Unit::Milliseconds,
        b"frequency" | b"clk_wander" | b"kfreq" | b"kfreqtol" | b"kppsfreq" | b"kppsstab" => {
            Unit::PartsPerMillion
        }
        b"precision" | b"tc" | b"mintc" | b"hpoll" | b"ppoll" | b"ktimeconst" => Unit::Log2Seconds,
        b"tai" | b"ss_uptime" | b"ss_reset" | b"authreset" | b"iostats_reset" | b"timerstats_reset"
        | b"timerec" | b"timer" | b"timereach" | b"kppscalibdur" | b"mru_maxage" => Unit::Seconds,
        b"mru_mem" | b"mru_maxmem" => Unit::Kibibytes,
        _ => return None,
    })
}

/// Decodes a value according to its name; `None` if it is invalid. For unknown names, quoted values are text, plain
/// decimal numbers are numbers, and everything else is text.
pub fn decode(name: &[u8], text: &[u8]) -> Option<Value> {
    let bare = unquote(text);
    match name {
        b"leap" => number::parse_unsigned(bare)
            .and_then(|leap| u8::try_from(leap).ok())
            .filter(|leap| *leap <= 3)
            .map(Value::Leap),
        b"reach" => number::parse_unsigned(bare).map(Value::Reach),
        b"flash" => number::parse_unsigned(bare).map(|word| Value::Flash(FlashWord(word))),
        // Some daemons write numbers here, others words.
        b"kstflags" | b"mru_enabled" => Some(
            number::parse_unsigned(bare)
                .map_or_else(|| Value::Text(bare.to_vec()), |word| Value::Integer(word.into())),
        ),
        b"reftime" | b"clock" | b"org" | b"rec" | b"xmt" => NtpTimestamp::parse(text).map(Value::Time),
        b"leapsec" | b"expire" => date(bare).map(Value::Date),
        b"srcadr" | b"peeradr" | b"dstadr" => NetworkAddress::parse(bare).map(Value::Address),
        b"refid" => match ReferenceId::parse(bare) {
            ReferenceId::Unreadable(_) => None,
            readable => Some(Value::ReferenceId(readable)),
        },
        b"filtdelay" | b"filtoffset" | b"filtdisp" | b"filterror" => {
            let words = bare.split(|&octet| number::is_blank(octet)).filter(|word| !word.is_empty());
            words.map(real).collect::<Option<Vec<f64>>>().map(Value::Reals)
        }
        b"version" | b"processor" | b"system" | b"device" | b"timecode" | b"srchost" | b"peer_var_list"
        | b"sys_var_list" | b"clock_var_list" => Some(Value::Text(bare.to_vec())),
        _ if bare.len() != text.len() => Some(Value::Text(bare.to_vec())),
        _ => match unit(name) {
            Some(Unit::Milliseconds | Unit::PartsPerMillion) => real(text).map(Value::Real),
            Some(_) => integer(text).map(Value::Integer),
            None => Some(
                integer(text)
                    .map(Value::Integer)
                    .or_else(|| real(text).map(Value::Real))
                    .unwrap_or_else(|| Value::Text(text.to_vec())),
            ),
        },
    }
}

/// Parses a decimal integer, with at most a minus sign, without leading zeros.
fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    match digits {
        [b'0', _, ..] => None,
        [b'0'..=b'9', ..] => str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

/// Parses a decimal number with optional point and sign, but no exponent.
fn real(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let plain = digits.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.');
    let starts = matches!(digits, [b'0'] | [b'0', b'.', ..] | [b'.' | b'1'..=b'9', ..]);
    let number: f64 = str::from_utf8(text).ok().filter(|_| plain && starts)?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// Parses `yyyymmddhhmm`, the daemons' format for the dates of the leap second file.
fn date(text: &[u8]) -> Option<DateTime> {
    if text.len() != 12 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number: i64 = str::from_utf8(text).ok()?.parse().ok()?;
    let part = |divisor: i64, modulus: i64| number / divisor % modulus;
    let small = |part: i64| i8::try_from(part).ok();
    DateTime::new(
        i16::try_from(part(100_000_000, 10_000)).ok()?,
        small(part(1_000_000, 100))?,
        small(part(10_000, 100))?,
        small(part(100, 100))?,
        small(part(1, 100))?,
        0,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Option<Value> {
        decode(name.as_bytes(), text.as_bytes())
    }

    #[test]
    fn values_are_decoded_by_name() {
        assert_eq!(read("leap", "00"), Some(Value::Leap(0)));
        assert_eq!(read("leap", "7"), None);
        assert_eq!(read("reach", "0xff"), Some(Value::Reach(255)));
        assert_eq!(read("offset", "-0.042"), Some(Value::Real(-0.042)));
        assert_eq!(read("offset", "+1"), Some(Value::Real(1.0)));
        assert_eq!(read("offset", "1e5"), None);
        assert_eq!(read("offset", &"9".repeat(400)), None);
        assert_eq!(read("tc", "6"), Some(Value::Integer(6)));
        assert_eq!(read("kstflags", "0x40"), Some(Value::Integer(64)));
        assert_eq!(read("kstflags", "unsync"), Some(Value::Text(b"unsync".to_vec())));
        assert_eq!(read("refid", "TOOLONG"), None);
        assert_eq!(read("filtdelay", " 0.1 0.2"), Some(Value::Reals(vec![0.1, 0.2])));
        assert_eq!(read("filtdelay", "0.1 \u{1}"), None);
        assert_eq!(read("version", "\"4\""), Some(Value::Text(b"4".to_vec())));
        let date = read("leapsec", "201701010000");
        assert_eq!(date, Some(Value::Date(jiff::civil::date(2017, 1, 1).at(0, 0, 0, 0))));
        assert_eq!(read("expire", "201713010000"), None);
    }

    #[test]
    fn values_of_unknown_names_are_decoded_by_their_form() {
        assert_eq!(read("x", "12"), Some(Value::Integer(12)));
        assert_eq!(read("x", "-1.5"), Some(Value::Real(-1.5)));
        assert_eq!(read("x", "\"12\""), Some(Value::Text(b"12".to_vec())));
        assert_eq!(read("x", "99999999999999999999"), Some(Value::Real(1e20)));
        for text in ["012", "0x1f", "1e5", "inf", "nan", "-", ".", "1.2.3", "", "00"] {
            assert_eq!(read("x", text), Some(Value::Text(text.as_bytes().to_vec())), "{text}");
        }
    }
}
