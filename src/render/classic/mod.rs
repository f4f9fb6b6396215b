//! The layouts of the classic `ntpq`.
//!
//! All here is pure: no look-up of names, no reading of clocks. What comes from the network leaves as
//! printable ASCII: octets that are not are shown in the `^[` and `M-a` notation. That holds in the
//! classic dialect as well, although 4.2.8p15 lets some of them through to the terminal: in reference
//! identifiers of `rv`, host names, the values of the reports and its complaints. Values that it never
//! set (the age of a peer without `rec`) are zero here.

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

/// How reference identifiers that are addresses are shown (the command `drefid`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferenceIdForm {
    /// As addresses.
    #[default]
    Address,
    /// As 32 bits in hexadecimal: the IPv4 address, or the hash of the IPv6 address.
    Hash,
}

/// What the renderers have to know besides the values.
#[derive(Clone, Debug)]
pub struct Style<'a> {
    /// The dialect.
    pub dialect: Dialect,
    /// How reference identifiers are shown.
    pub reference_ids: ReferenceIdForm,
    /// How hosts are shown.
    pub names: HostNames<'a>,
    /// The current time, which determines the era of timestamps and ages.
    pub now: jiff::Timestamp,
    /// The zone that dates are shown in.
    pub time_zone: jiff::tz::TimeZone,
    /// Numbers are shown with units (`-u`).
    pub units: bool,
    /// The columns of a line, where the user chose them (`-W`).
    pub width: Option<u16>,
}

/// The longest line that variables are joined to.
const LINE_LENGTH: usize = 72;

impl Style<'_> {
    /// The longest line that variables are joined to.
    fn line_limit(&self) -> usize {
        self.width.map_or(LINE_LENGTH, |width| usize::from(width).saturating_sub(2))
    }

    /// The value of a variable as received, or scaled and with its unit.
    fn quantity(&self, name: &[u8], value: &[u8]) -> String {
        let shown = || with_unit(str::from_utf8(value).ok()?, unit(name)?, None);
        self.units.then(shown).flatten().unwrap_or_else(|| escape(value))
    }
}

/// Text for standard output and messages for standard error, both in whole lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// What was asked for.
    pub output: String,
    /// What could not be understood.
    pub diagnostics: String,
}

impl From<String> for Rendered {
    /// Text without complaints.
    fn from(output: String) -> Self {
        Self { output, diagnostics: String::new() }
    }
}

#[cfg(test)]
mod tests;
