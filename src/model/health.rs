//! How well a daemon keeps its clock: the few figures of a health check, for any kind of daemon.

use crate::wire::number::{atof, atoi, power_of_two};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan;

/// Maximum lengths of stratum, error, reference ID and poll exponent in a reply, in octets.
const STRATUM_LENGTH: usize = 2;
const ERROR_LENGTH: usize = 10;
const REFERENCE_LENGTH: usize = 16;
const POLL_LENGTH: usize = 2;
/// The largest poll exponent (RFC 5905 section 7.2).
const MAXIMUM_POLL: u32 = 17;
/// The leap indicator of an unsynchronised daemon.
const LEAP_ALARM: u16 = 3;
/// The events of a daemon that has just started: `freq_not_set` without a drift file, which is the only one that the
/// classic health check knows, and `restart` (RFC 9327 section 3.1).
const FREQUENCY_NOT_SET: u16 = 1;
const RESTART: u16 = 6;
const NTP_SERVER: u16 = 6;
/// A reference clock of unknown kind; beyond the six bits of the field.
const REFERENCE_CLOCK: u16 = 0x100;

/// A value requested from a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// The value.
    Known(T),
    /// The daemon reported an invalid value.
    Unreadable,
    /// The daemon did not report it.
    Unknown,
}

impl<T> Reading<T> {
    /// Returns the value.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    fn map<U>(self, change: impl FnOnce(T) -> Option<U>) -> Reading<U> {
        match self {
            Self::Known(value) => change(value).map_or(Reading::Unreadable, Reading::Known),
            Self::Unreadable => Reading::Unreadable,
            Self::Unknown => Reading::Unknown,
        }
    }
}

/// How well a daemon keeps its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// The daemon: `ntpd`, `chronyd`, `ntpd-rs`, `systemd-timesyncd`.
    pub daemon: &'static str,
    /// Whether it considers its clock synchronised.
    pub is_synchronized: bool,
    /// Whether it has just started and has not determined the clock's frequency yet.
    pub is_restarting: bool,
    /// The kind of source it follows.
    pub source: &'static str,
    /// The source in octets as received; empty if the kind is sufficient.
    pub reference: Option<Reading<Vec<u8>>>,
    /// Stratum, as received.
    pub stratum: Reading<Vec<u8>>,
    /// The maximum error of the clock, in milliseconds.
    pub maximum_error: Reading<f64>,
    /// Seconds between polls.
    pub poll_interval: Reading<f64>,
    /// The clock's offset in milliseconds.
    pub offset: Option<f64>,
    /// The jitter in milliseconds.
    pub jitter: Option<f64>,
    /// How long ago the daemon last used its sources, in seconds; not every daemon's error grows with it.
    pub age: Option<f64>,
    /// Whether a value is missing that the daemon should have reported.
    pub is_incomplete: bool,
}

/// Measurements, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// The clock's offset.
    pub offset: Option<f64>,
    /// The jitter.
    pub jitter: Option<f64>,
    /// The maximum error of the clock.
    pub maximum_error: Option<f64>,
}

/// How to interpret the variables of a mode 6 reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// As a list of variables with valid numbers.
    Strict,
    /// Like the classic program: a name matches anywhere in the text, even within another name, and anything that is
    /// not a number counts as 0.
    Classic,
}

impl Health {
    /// Derives the health from the system variables in a mode 6 reply. `status` is the system status word.
    pub fn from_variables(status: u16, data: &[u8], reader: Reader) -> Self {
        let read = |name: &str, limit: usize| match any_value(data, name, reader) {
            None => Reading::Unknown,
            Some(value) if value.is_empty() || value.len() > limit => Reading::Unreadable,
            Some(value) => Reading::Known(value.to_vec()),
        };
        let figure = |name: &str| read(name, ERROR_LENGTH).map(|text| decimal(&text, reader));
        let is_synchronized = status >> 14 != LEAP_ALARM;
        let stratum = read("stratum", STRATUM_LENGTH).map(|text| match reader {
            Reader::Strict if !text.iter().all(u8::is_ascii_digit) => None,
            _ => Some(text),
        });
        let source = match (status >> 8 & 0x3f, reader) {
            (0, Reader::Strict) if is_synchronized => unspecified_source(&stratum),
            (source, _) => source,
        };
        let reference =
            matches!(source, NTP_SERVER | REFERENCE_CLOCK).then(|| read("refid", REFERENCE_LENGTH));
        let maximum_error = match (figure("rootdisp"), figure("rootdelay")) {
            (Reading::Unknown, _) | (_, Reading::Unknown) => Reading::Unknown,
            (Reading::Known(dispersion), Reading::Known(delay)) => Reading::Known(dispersion + delay / 2.0),
            _ => Reading::Unreadable,
        };
        let poll_interval = read("tc", POLL_LENGTH).map(|text| poll_seconds(&text, reader));
        let missing_state = [
            reference.as_ref().is_some_and(|reference| *reference == Reading::Unknown),
            stratum == Reading::Unknown,
            maximum_error == Reading::Unknown,
        ];
        let is_incomplete =
            is_synchronized && missing_state.contains(&true) || poll_interval == Reading::Unknown;
        let quantity = |name: &str| figure(name).known().copied();
        let stamp = |name: &str| {
            let stamp = value(data, name, Reader::Strict).and_then(NtpTimestamp::parse);
            stamp.filter(|stamp| !stamp.is_zero())
        };
        Self {
            daemon: "ntpd",
            is_synchronized,
            is_restarting: !is_synchronized
                && match status & 0xf {
                    FREQUENCY_NOT_SET => true,
                    event => event == RESTART && reader == Reader::Strict,
                },
            source: source_name(source),
            reference,
            stratum,
            maximum_error,
            poll_interval,
            offset: quantity("offset"),
            jitter: quantity("sys_jitter").or_else(|| quantity("jitter")),
            age: stamp("reftime").zip(stamp("clock")).map(|(updated, now)| seconds_between(updated, now)),
            is_incomplete,
        }
    }

    /// The stratum as a number.
    pub fn stratum_number(&self) -> Option<u32> {
        std::str::from_utf8(self.stratum.known()?).ok()?.parse().ok()
    }

    /// Returns the values that are measurements: those of a daemon without a source are its initial zeros.
    pub fn measured(&self) -> Measured {
        if !self.is_synchronized {
            return Measured::default();
        }
        let maximum_error = self.maximum_error.known().copied();
        Measured { offset: self.offset, jitter: self.jitter, maximum_error }
    }

    /// Whether the error is known and does not exceed this limit.
    pub fn is_within(&self, limit_milliseconds: f64) -> bool {
        self.maximum_error.known().is_some_and(|error| *error <= limit_milliseconds)
    }
}

/// Seconds from one timestamp to a later one in the same era or the next; negative intervals count as none.
pub fn seconds_between(earlier: NtpTimestamp, later: NtpTimestamp) -> f64 {
    later.seconds_since(earlier).max(0.0)
}

/// The source of a daemon that does not report it: NTPsec leaves the field at zero. It follows from the stratum.
fn unspecified_source(stratum: &Reading<Vec<u8>>) -> u16 {
    match stratum.known().and_then(|text| std::str::from_utf8(text).ok()?.parse::<u8>().ok()) {
        Some(1) => REFERENCE_CLOCK,
        Some(2..=15) => NTP_SERVER,
        _ => 0,
    }
}

/// The name of a kind of source.
fn source_name(number: u16) -> &'static str {
    match number {
        0 => "unspecified",
        1 => "atomic clock",
        2 => "VLF radio",
        3 => "HF radio",
        4 => "UHF radio",
        5 => "local net",
        6 => "NTP server",
        7 => "UDP/TIME",
        8 => "wristwatch",
        9 => "modem",
        REFERENCE_CLOCK => "reference clock",
        _ => "unknown source",
    }
}

/// Names used by routers for ntpd's variables.
const OTHER_NAMES: [(&str, &str); 3] =
    [("rootdisp", "rootdispersion"), ("tc", "poll"), ("frequency", "freq")];

/// Returns the value of a variable under any of its names; the classic program knows only one.
fn any_value<'a>(data: &'a [u8], name: &str, reader: Reader) -> Option<&'a [u8]> {
    let found = value(data, name, reader);
    let other = OTHER_NAMES.iter().find(|(known, _)| *known == name && reader == Reader::Strict);
    found.or_else(|| other.and_then(|(_, other)| value(data, other, reader)))
}

/// Returns the value of the first variable with this name.
fn value<'a>(data: &'a [u8], name: &str, reader: Reader) -> Option<&'a [u8]> {
    match reader {
        Reader::Strict => {
            let scan = scan(data);
            let variable = scan.variables.iter().find(|variable| variable.name == name.as_bytes())?;
            variable.value
        }
        Reader::Classic => {
            let key = format!("{name}=");
            // In C, the text ends at the first NUL.
            let data = data.split(|octet| *octet == 0).next()?;
            let at = data.windows(key.len()).position(|window| window == key.as_bytes())?;
            let rest = data.get(at + key.len()..)?;
            // Commas before the value are skipped, so the next value takes the place of an empty one.
            let start = rest.iter().position(|octet| *octet != b',').unwrap_or(rest.len());
            rest.get(start..)?.split(|octet| *octet == b',').next()
        }
    }
}

/// Parses a decimal number; the classic way uses the longest leading number, or 0.
fn decimal(text: &[u8], reader: Reader) -> Option<f64> {
    // A number ends where anything else begins, including invalid UTF-8.
    let text = &String::from_utf8_lossy(text);
    match reader {
        Reader::Strict => {
            let is_plain = text.bytes().all(|octet| octet.is_ascii_digit() || b"+-.".contains(&octet));
            text.parse().ok().filter(|_| is_plain)
        }
        Reader::Classic => Some(atof(text)),
    }
}

/// Two to the power of the poll exponent; the classic way takes the exponent modulo 32, as 32-bit shifts do.
fn poll_seconds(text: &[u8], reader: Reader) -> Option<f64> {
    let text = &String::from_utf8_lossy(text);
    match reader {
        Reader::Strict => {
            let exponent: u32 = text.parse().ok().filter(|exponent| *exponent <= MAXIMUM_POLL)?;
            Some(f64::from(1_u32 << exponent))
        }
        Reader::Classic => Some(f64::from(1_i32.wrapping_shl(atoi(text).cast_unsigned()))),
    }
}

/// Converts a poll exponent of the other daemons, which may be negative, to seconds.
pub fn poll_of_exponent(exponent: i64) -> Reading<f64> {
    match i32::try_from(exponent) {
        Ok(exponent @ -10..=24) => Reading::Known(power_of_two(exponent)),
        _ => Reading::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "leap=0, stratum=3, rootdelay=205.535, rootdisp=57.997, refid=203.21.84.4, tc=10, mintc=3, \
                        offset=0.787, sys_jitter=8.992";

    fn strict(data: &str) -> Health {
        Health::from_variables(0x0618, data.as_bytes(), Reader::Strict)
    }

    #[test]
    fn a_good_reply() {
        let health = strict(GOOD);
        assert!(health.is_synchronized && !health.is_incomplete);
        assert_eq!(health.reference, Some(Reading::Known(b"203.21.84.4".to_vec())));
        assert_eq!(health.stratum_number(), Some(3));
        assert_eq!(health.maximum_error, Reading::Known(57.997 + 205.535 / 2.0));
        assert_eq!(health.poll_interval, Reading::Known(1024.0));
        assert_eq!((health.offset, health.jitter), (Some(0.787), Some(8.992)));
        assert_eq!(health.age, None);
        let times = format!("{GOOD}, reftime=0xffffffff.80000000, clock=0x00000009.00000000");
        assert_eq!(strict(&times).age, Some(9.5), "into the next era");
        let times = format!("{GOOD}, reftime=0x00000009.00000000, clock=0x00000008.00000000");
        assert_eq!(strict(&times).age, Some(0.0));
        assert!(health.is_within(161.0) && !health.is_within(160.0));
    }

    #[test]
    fn daemons_that_report_less_or_use_other_names() {
        let health = Health::from_variables(0x0018, GOOD.as_bytes(), Reader::Strict);
        assert_eq!(health.source, "NTP server");
        assert_eq!(health.reference, Some(Reading::Known(b"203.21.84.4".to_vec())));
        let clock = GOOD.replace("stratum=3", "stratum=1").replace("203.21.84.4", "GPS");
        let health = Health::from_variables(0x0018, clock.as_bytes(), Reader::Strict);
        assert_eq!(
            (health.source, health.reference),
            ("reference clock", Some(Reading::Known(b"GPS".to_vec())))
        );
        let health = Health::from_variables(0x0018, GOOD.as_bytes(), Reader::Classic);
        assert_eq!((health.source, health.reference), ("unspecified", None));
        let cisco = "stratum=3, rootdelay=2.0, rootdispersion=9.0, refid=192.0.2.1, poll=6, offset=0.1";
        let health = strict(cisco);
        assert_eq!(
            (health.maximum_error, health.poll_interval),
            (Reading::Known(10.0), Reading::Known(64.0))
        );
        let classic = Health::from_variables(0x0618, cisco.as_bytes(), Reader::Classic);
        assert_eq!(classic.maximum_error, Reading::Unknown);
    }

    #[test]
    fn a_daemon_that_has_just_started() {
        let restarting = |status, reader| Health::from_variables(status, b"stratum=16", reader).is_restarting;
        assert!(restarting(0xc016, Reader::Strict) && restarting(0xc011, Reader::Strict));
        assert!(!restarting(0xc016, Reader::Classic) && restarting(0xc011, Reader::Classic));
        assert!(!restarting(0xc015, Reader::Strict) && !restarting(0x0616, Reader::Strict));
    }

    #[test]
    fn the_classic_reader_uses_the_longest_leading_number() {
        let data = b"stratum=2, refid=a, rootdelay=1.0, rootdisp=0.9995\xff\x01, tc=6\xff";
        let health = Health::from_variables(0x0615, data, Reader::Classic);
        assert_eq!(health.maximum_error, Reading::Known(1.4995));
        assert_eq!(health.poll_interval, Reading::Known(64.0));
        let ended =
            Health::from_variables(0x0615, b"stratum=2, refid=a, rootdelay=2\x00, tc=6", Reader::Classic);
        assert_eq!((ended.stratum_number(), ended.poll_interval), (Some(2), Reading::Unknown));
        let health = Health::from_variables(0x0615, data, Reader::Strict);
        assert_eq!((health.maximum_error, health.poll_interval), (Reading::Unreadable, Reading::Unreadable));
    }

    #[test]
    fn names_are_whole_and_numbers_are_numbers() {
        let changed = |from: &str, to: &str| strict(&GOOD.replace(from, to));
        assert_eq!(changed(" tc=10,", "").poll_interval, Reading::Unknown);
        for exponent in ["40", "18", "-1", "x", "", "99999999"] {
            let health = changed("tc=10", &format!("tc={exponent}"));
            assert_eq!(health.poll_interval, Reading::Unreadable, "{exponent}");
        }
        for stratum in ["255", "x", "-1", ""] {
            assert_eq!(changed("stratum=3", &format!("stratum={stratum}")).stratum, Reading::Unreadable);
        }
        let long = "9".repeat(10_000);
        for figure in ["x", "inf", "nan", "1e9", long.as_str(), ""] {
            let health = changed("rootdisp=57.997", &format!("rootdisp={figure}"));
            assert!(matches!(health.maximum_error, Reading::Unreadable | Reading::Unknown), "{figure}");
        }
        assert!(changed("stratum=3, ", "").is_incomplete);
        assert_eq!(changed("tc=10", "tc=6, tc=10").poll_interval, Reading::Known(64.0));
    }
}
