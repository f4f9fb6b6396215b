//! Building blocks of a monitoring plugin according to the Monitoring Plugins guidelines: states, ranges, performance
//! data.

use std::fmt;
use std::str::FromStr;

/// A plugin state; its number is the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything is fine.
    Ok = 0,
    /// Somebody should look.
    Warning = 1,
    /// Somebody must act.
    Critical = 2,
    /// The state cannot be determined.
    Unknown = 3,
}

impl State {
    /// The worse of two states: a known problem outranks an unknown.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        let rank = |state| match state {
            Self::Ok => 0,
            Self::Unknown => 1,
            Self::Warning => 2,
            Self::Critical => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// The word at the beginning of a finding's line.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARN",
            Self::Critical => "FAIL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// A threshold range: `10` is 0 to 10, `10:` from 10, `~:10` up to 10, `@10:20` anything but 10 to 20.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    text: String,
    low: f64,
    high: f64,
    inverted: bool,
}

impl Range {
    /// Whether a value raises no alert.
    pub fn admits(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value) != self.inverted
    }

    /// The range as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The upper end; 0 if there is none, as the plugins written in C print it.
    pub fn printed_end(&self) -> f64 {
        if self.high.is_finite() { self.high } else { 0.0 }
    }

    /// Parses a range as the plugins written in C do: anything but a number is 0, and text after a number is ignored.
    pub fn read_leniently(text: &str) -> Option<Self> {
        let (inverted, body) = text.strip_prefix('@').map_or((false, text), |body| (true, body));
        let (low, end) = match body.split_once(':') {
            None => (0.0, body),
            Some((low, end)) if low.starts_with('~') => (f64::NEG_INFINITY, end),
            Some((low, end)) => (leading_number(low), end),
        };
        let high = if end.is_empty() { f64::INFINITY } else { leading_number(end) };
        (low <= high).then(|| Self { text: text.into(), low, high, inverted })
    }
}

/// The number at the start of a text, or 0.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    ends.filter_map(|end| text.get(..end)?.parse().ok())
        .rfind(|number: &f64| number.is_finite())
        .unwrap_or(0.0)
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("invalid range '{text}'");
        let number =
            |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(wrong);
        let (inverted, body) = text.strip_prefix('@').map_or((false, text), |body| (true, body));
        let (low, high) = match body.split_once(':') {
            None => (0.0, number(body)?),
            Some((low, high)) => (
                if low == "~" {
                    f64::NEG_INFINITY
                } else if low.is_empty() {
                    0.0
                } else {
                    number(low)?
                },
                if high.is_empty() { f64::INFINITY } else { number(high)? },
            ),
        };
        if low > high {
            return Err(wrong());
        }
        Ok(Self { text: text.into(), low, high, inverted })
    }
}

/// A description of what is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// Two ranges: a value outside the first is a warning, outside the second critical.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// A value outside it is a warning.
    pub warning: Option<Range>,
    /// A value outside it is critical.
    pub critical: Option<Range>,
}

impl Thresholds {
    /// Whether any range is set.
    pub fn are_set(&self) -> bool {
        self.warning.is_some() || self.critical.is_some()
    }

    /// The state of a value; an unknown value is UNKNOWN if there is a threshold.
    pub fn judge(&self, value: Option<f64>) -> State {
        let breaks = |range: &Option<Range>, value| range.as_ref().is_some_and(|range| !range.admits(value));
        match value {
            None if self.are_set() => State::Unknown,
            Some(value) if breaks(&self.critical, value) => State::Critical,
            Some(value) if breaks(&self.warning, value) => State::Warning,
            _ => State::Ok,
        }
    }
}

/// A figure in the performance data, printed with its ranges; `U` if unknown.
#[derive(Clone, Copy, Debug)]
pub struct PerfValue<'a> {
    /// Its label.
    pub name: &'a str,
    /// The value as text, with its unit.
    pub value: Option<&'a str>,
    /// Its ranges.
    pub thresholds: &'a Thresholds,
    /// The minimum and maximum, as in `0;16`; may be empty.
    pub bounds: &'a str,
}

impl fmt::Display for PerfValue<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |range: &Option<Range>| range.as_ref().map_or(String::new(), |range| range.text.clone());
        let (warning, critical) = (text(&self.thresholds.warning), text(&self.thresholds.critical));
        let all = format!("{}={};{warning};{critical};{}", self.name, self.value.unwrap_or("U"), self.bounds);
        formatter.write_str(all.trim_end_matches(';'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_ranges_match_the_plugins_in_c() {
        let read = |text| Range::read_leniently(text).map(|range| (range.low, range.high, range.inverted));
        assert_eq!(read("60"), Some((0.0, 60.0, false)));
        assert_eq!(read("-1:16"), Some((-1.0, 16.0, false)));
        assert_eq!(read("0:"), Some((0.0, f64::INFINITY, false)));
        assert_eq!(read("~:5x"), Some((f64::NEG_INFINITY, 5.0, false)));
        assert_eq!(read("@1"), Some((0.0, 1.0, true)));
        assert_eq!(read("abc"), Some((0.0, 0.0, false)));
        assert_eq!(read("1e-3s"), Some((0.0, 0.001, false)));
        assert_eq!((read("5:1"), read("-1")), (None, None));
    }

    #[test]
    fn critical_outranks_warning_and_warning_outranks_unknown() {
        let worst = |states: &[State]| states.iter().copied().fold(State::Ok, State::or_worse);
        assert_eq!(worst(&[State::Unknown, State::Critical, State::Warning]), State::Critical);
        assert_eq!(worst(&[State::Unknown, State::Warning]), State::Warning);
        assert_eq!(worst(&[State::Ok, State::Unknown]), State::Unknown);
    }

    #[test]
    fn unknown_values_are_printed_as_u() {
        let thresholds = Thresholds { warning: "1".parse().ok(), critical: None };
        let datum = PerfValue { name: "offset", value: None, thresholds: &thresholds, bounds: "" };
        assert_eq!(datum.to_string(), "offset=U;1");
        assert_eq!((thresholds.judge(None), Thresholds::default().judge(None)), (State::Unknown, State::Ok));
    }
}
