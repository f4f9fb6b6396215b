//! The layouts of the classic `ntpq`.
//!
//! Everything here is pure: no name lookups, no reading of clocks. Text from the network leaves as printable ASCII:
//! other octets are shown in `^[` and `M-a` notation. This applies to the classic dialect as well, although 4.2.8p15
//! lets some of them through to the terminal: in reference IDs of `rv`, host names, values of the reports, and error
//! messages. Values that it never set (the age of a peer without `rec`) are zero here.

pub mod associations;
pub mod cooked;
pub mod date;
pub mod escape;
pub mod fixed;
pub mod general;
pub mod interval;
pub mod mode7;
pub mod mrulist;
pub mod names;
pub mod ordered_lists;
pub mod peers;
pub mod raw;
pub mod report;
pub mod report_tables;

pub use names::HostNames;

use self::escape::escape;
use super::units::with_unit;
use crate::compat::Dialect;
use crate::model::variable::unit;

/// How to show reference IDs that are addresses (the command `drefid`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceIdForm {
    /// As addresses.
    #[default]
    Address,
    /// As 32-bit hexadecimal numbers: the IPv4 address, or the hash of the IPv6 address.
    Hash,
}

/// The context of rendering, besides the values.
#[derive(Clone, Debug)]
pub struct Style<'a> {
    /// The dialect.
    pub dialect: Dialect,
    /// How to show reference IDs.
    pub reference_ids: ReferenceIdForm,
    /// How to show hosts.
    pub names: HostNames<'a>,
    /// The current time, which determines the era of timestamps and ages.
    pub now: jiff::Timestamp,
    /// The time zone of dates.
    pub time_zone: jiff::tz::TimeZone,
    /// Whether to show numbers with units (`-u`).
    pub units: bool,
    /// The number of columns per line, if the user chose it (`-W`).
    pub width: Option<u16>,
}

/// Default maximum length of a line of variables.
const LINE_LENGTH: usize = 72;

impl Style<'_> {
    /// Maximum length of a line of variables.
    fn line_limit(&self) -> usize {
        self.width.map_or(LINE_LENGTH, |width| usize::from(width).saturating_sub(2))
    }

    /// Returns the value of a variable as received, or scaled with its unit.
    fn quantity(&self, name: &[u8], value: &[u8]) -> String {
        let shown = || with_unit(str::from_utf8(value).ok()?, unit(name)?, None);
        self.units.then(shown).flatten().unwrap_or_else(|| escape(value))
    }
}

/// Text for standard output and messages for standard error, both as whole lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The requested output.
    pub output: String,
    /// Messages about what could not be parsed.
    pub diagnostics: String,
}

impl From<String> for Rendered {
    /// Creates text without messages.
    fn from(output: String) -> Self {
        Self { output, diagnostics: String::new() }
    }
}

#[cfg(test)]
mod tests;
