//! Variables in the layout of `rv`: decoded, separated by commas, wrapped.

use std::net::{IpAddr, Ipv4Addr};

use super::escape::{escape, kept_fault_line};
use super::{ReferenceIdForm, Rendered, Style, date, fixed};
use crate::compat::Quirk;
use crate::model::address::NetworkAddress;
use crate::model::flash::FlashWord;
use crate::wire::AssociationId;
use crate::wire::number;
use crate::wire::status::StatusWord;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::{Scan, Variable};

/// Maximum length of the flash word's text; a longer one ends in an ellipsis.
const MAX_FLASH_LENGTH: usize = 79;

/// Maximum number of values shown of a filter register.
const FILTER_STAGES: usize = 8;

/// What the variables in a reply are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The daemon or an association.
    SystemOrPeer,
    /// A reference clock.
    Clock,
}

/// The line before the variables: `associd=0 status=0615 leap_none, sync_ntp, …,`.
pub fn status_line(association: AssociationId, status: StatusWord) -> String {
    format!("associd={association} status={:04x} {},\n", status.bits(), status.description())
}

/// Printed for a reply without data.
pub fn empty_reply(association: AssociationId, subject: Subject) -> String {
    match (association, subject) {
        (AssociationId::SYSTEM, Subject::SystemOrPeer) => "No system variables returned\n".to_owned(),
        (AssociationId::SYSTEM, Subject::Clock) => "No system clock variables returned\n".to_owned(),
        (_, Subject::SystemOrPeer) => format!("No information returned for association {association}\n"),
        (_, Subject::Clock) => format!("No information returned for clock association {association}\n"),
    }
}

/// Formats the variables of a reply, each according to its name.
///
/// An invalid value is shown as received, followed by a `?`.
pub fn variables(scan: &Scan<'_>, subject: Subject, style: &Style<'_>) -> Rendered {
    let mut layout = Layout { limit: style.line_limit(), ..Layout::default() };
    for variable in &scan.variables {
        let value =
            cooked(variable, subject, style).unwrap_or_else(|| format!("{}?", escape(variable.text())));
        layout.push(&format!("{}={value}", escape(variable.name)));
    }
    Rendered { output: layout.finish(), diagnostics: kept_fault_line(scan.fault.as_ref(), style.dialect) }
}

/// Joins items with commas, wrapped into lines.
#[derive(Default)]
struct Layout {
    limit: usize,
    text: String,
    column: usize,
}

impl Layout {
    fn push(&mut self, item: &str) {
        if self.column != 0 {
            if self.column + 2 + item.len() > self.limit {
                self.text.push_str(",\n");
                self.column = 0;
            } else {
                self.text.push_str(", ");
                self.column += 2;
            }
        }
        self.text.push_str(item);
        self.column += item.len();
    }

    fn finish(mut self) -> String {
        if self.column != 0 {
            self.text.push('\n');
        }
        self.text
    }
}

/// Formats a value, or returns `None` if it is invalid.
fn cooked(variable: &Variable<'_>, subject: Subject, style: &Style<'_>) -> Option<String> {
    let value = variable.text();
    match variable.name {
        b"leap" => {
            let leap = number::parse_unsigned(value).filter(|leap| *leap <= 3)?;
            Some(format!("{leap:02b}"))
        }
        b"reach" => Some(format!("{:03o}", number::parse_unsigned(value)?)),
        b"refid" => reference_id(value, subject, style),
        b"reftime" | b"clock" | b"org" | b"rec" | b"xmt" => {
            Some(date::date(NtpTimestamp::parse(value)?, style.now, &style.time_zone))
        }
        b"srcadr" | b"peeradr" => Some(style.names.host(&NetworkAddress::parse(value)?)),
        b"dstadr" => Some(NetworkAddress::parse(value)?.to_string()),
        b"flash" => Some(flash(FlashWord(number::parse_unsigned(value)?))),
        b"filtdelay" | b"filtdisp" | b"filterror" | b"filtoffset" => filter(variable.name, value, style),
        b"offset" | b"frequency" if style.dialect.keeps(Quirk::SIGNED_OFFSETS) => {
            let sign = if value.first().is_some_and(u8::is_ascii_digit) { "+" } else { "" };
            Some(format!("{sign}{}", style.quantity(variable.name, value)))
        }
        _ => Some(style.quantity(variable.name, value)),
    }
}

fn reference_id(value: &[u8], subject: Subject, style: &Style<'_>) -> Option<String> {
    let Some(address) = NetworkAddress::parse(value) else {
        return (value.len() <= 4).then(|| escape(value));
    };
    if let (Subject::Clock, IpAddr::V4(ipv4)) = (subject, address.ip()) {
        return Some(clock_reference_id(ipv4));
    }
    Some(match (address.reference_clock(), style.reference_ids) {
        (Some(clock), _) => clock.to_string(),
        (None, ReferenceIdForm::Address) => address.to_string(),
        (None, ReferenceIdForm::Hash) => format!("0x{:08x}", address.reference_id()),
    })
}

/// Some daemons write the four characters of a clock's reference ID like an address.
fn clock_reference_id(address: Ipv4Addr) -> String {
    let visible = |octet| if matches!(octet, b' '..=b'~') { char::from(octet) } else { '?' };
    address.octets().into_iter().take_while(|octet| *octet != 0).map(visible).collect()
}

fn flash(word: FlashWord) -> String {
    let mut text = word.to_string();
    if text.len() > MAX_FLASH_LENGTH {
        text.truncate(MAX_FLASH_LENGTH - 3);
        text.push_str("...");
    }
    text
}

/// Formats a filter register in columns, so that the registers of a reply line up.
fn filter(name: &[u8], value: &[u8], style: &Style<'_>) -> Option<String> {
    const ALIGNMENT: usize = 11;

    let numbers = value
        .split(|&byte| number::is_blank(byte))
        .filter(|word| !word.is_empty())
        .take(FILTER_STAGES)
        .map(|word| {
            let seconds = number::parse_milliseconds(word)?;
            let text = if name == b"filtoffset" {
                fixed::offset(seconds, 2, style.dialect)
            } else {
                fixed::interval(seconds, 2, style.dialect)
            };
            Some(format!("{text:>7.7}"))
        })
        .collect::<Option<Vec<_>>>()?;
    let unit = if style.units { " ms" } else { "" };
    Some(format!("{}{}{unit}", " ".repeat(ALIGNMENT.saturating_sub(name.len())), numbers.join(" ")))
}
