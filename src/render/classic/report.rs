//! Reports with one labelled value per line.

use std::fmt::Write as _;

use super::escape::{escape, kept_fault_line, malformed_line};
use super::{ReferenceIdForm, Rendered, Style, cooked, date};
use crate::compat::{Dialect, Quirk};
use crate::model::NetworkAddress;
use crate::model::mode7::MODE_NAMES;
use crate::wire::AssociationId;
use crate::wire::number;
use crate::wire::status::{PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::{Scan, Variable};

/// A report: what to request, and how to show it.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// The command's name.
    pub name: &'static str,
    /// Whether the status word precedes the variables.
    pub shows_status: bool,
    /// The lines.
    pub rows: &'static [Row],
}

/// One line of a report.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The variable, a space, and the label, padded.
    pub line: &'static str,
    /// How to show the value.
    pub form: Form,
}

/// How to show a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As received, without surrounding quotes.
    Text,
    /// The name of a mode (RFC 5905 figure 10).
    Mode,
    /// Two binary digits.
    TwoBits,
    /// The last valid date; `(no time)` if there is none.
    Date,
    /// An address, or its hash if hashes are wanted; text as received.
    ReferenceId,
    /// A host, with the port in the value.
    AddressWithPort,
    /// A host and its port in two variables.
    AddressAndPort,
}

impl Report {
    /// The names of the variables to request, in order.
    pub fn variables(&self) -> Vec<String> {
        self.rows
            .iter()
            .flat_map(|row| match row.form {
                Form::AddressAndPort => {
                    vec![format!("{}adr", row.variable()), format!("{}port", row.variable())]
                }
                _ => vec![row.variable().to_owned()],
            })
            .collect()
    }

    /// Formats the report on the daemon or an association from the status word and the variables of its reply.
    ///
    /// A missing variable has no line, except dates, and in the dialect of 4.2.8p15 addresses: `0.0.0.0:0`.
    pub fn render(
        &self,
        association: AssociationId,
        status: u16,
        scan: &Scan<'_>,
        style: &Style<'_>,
    ) -> Rendered {
        let mut rendered = Rendered::default();
        if self.shows_status {
            let status = match association {
                AssociationId::SYSTEM => StatusWord::System(SystemStatusWord(status)),
                _ => StatusWord::Peer(PeerStatusWord(status)),
            };
            rendered.output.push_str(&cooked::status_line(association, status));
        }
        rendered.diagnostics.push_str(&kept_fault_line(scan.fault.as_ref(), style.dialect));
        self.complain(scan, &mut rendered.diagnostics);
        for row in self.rows {
            if let Some(value) = row.value(scan, style) {
                // Writing to a String cannot fail.
                let _ = writeln!(rendered.output, "{}  {value}", row.label());
            }
        }
        rendered
    }

    /// Reports invalid addresses, in the order received.
    fn complain(&self, scan: &Scan<'_>, diagnostics: &mut String) {
        for variable in &scan.variables {
            let row = self.rows.iter().find(|row| row.is_address(variable.name));
            if let (Some(row), None) = (row, NetworkAddress::parse(variable.text())) {
                malformed_line(diagnostics, row.variable(), variable.text());
            }
        }
    }
}

impl Row {
    /// The variable; for [`Form::AddressAndPort`] the prefix of `adr` and `port`.
    fn variable(&self) -> &'static str {
        self.line.split_once(' ').map_or(self.line, |(variable, _)| variable)
    }

    /// The label, padded.
    fn label(&self) -> &'static str {
        self.line.split_once(' ').map_or("", |(_, label)| label)
    }

    fn value(&self, scan: &Scan<'_>, style: &Style<'_>) -> Option<String> {
        let received = scan.last(self.variable());
        match self.form {
            Form::Text => Some(style.quantity(self.variable().as_bytes(), received?.unquoted())),
            Form::Mode => Some(mode(received?.text(), style.dialect)),
            Form::TwoBits => Some(two_bits(received?.text())),
            Form::Date => {
                let stamps = scan.variables.iter().rev().filter(|variable| self.is_named(variable.name));
                let stamp = stamps.map(Variable::text).find_map(NtpTimestamp::parse);
                Some(date::date(stamp.unwrap_or_default(), style.now, &style.time_zone))
            }
            Form::ReferenceId => Some(reference_id(received?.text(), style)),
            Form::AddressWithPort | Form::AddressAndPort => {
                let is_received = scan.variables.iter().any(|variable| self.is_address(variable.name));
                if !is_received && !style.dialect.keeps(Quirk::MISSING_ADDRESS_IS_ZERO) {
                    return None;
                }
                Some(style.names.host_and_port(&self.address(scan)))
            }
        }
    }

    fn is_named(&self, name: &[u8]) -> bool {
        name == self.variable().as_bytes()
    }

    /// Whether this variable contains the row's address.
    fn is_address(&self, name: &[u8]) -> bool {
        let suffix = name.strip_prefix(self.variable().as_bytes());
        match self.form {
            Form::AddressWithPort => self.is_named(name),
            Form::AddressAndPort => suffix == Some(b"adr"),
            _ => false,
        }
    }

    /// Whether this variable contains the row's port.
    fn is_port(&self, name: &[u8]) -> bool {
        self.form == Form::AddressAndPort && name.strip_prefix(self.variable().as_bytes()) == Some(b"port")
    }

    /// Returns the address and port from the variables, in the order received.
    fn address(&self, scan: &Scan<'_>) -> NetworkAddress {
        let mut address = NetworkAddress::NONE;
        for variable in &scan.variables {
            if self.is_address(variable.name) {
                address = NetworkAddress::parse(variable.text()).unwrap_or(address);
            } else if self.is_port(variable.name)
                && let Some(port) = number::parse_decimal(variable.text())
            {
                let [_, _, high, low] = port.to_be_bytes();
                address.0.set_port(u16::from_be_bytes([high, low]));
            }
        }
        address
    }
}

fn mode(value: &[u8], dialect: Dialect) -> String {
    let Some(mode) = number::parse_decimal(value) else {
        return format!("{}?", escape(value));
    };
    match usize::try_from(mode).ok().and_then(|mode| MODE_NAMES.get(mode)) {
        Some(name) => (*name).to_owned(),
        // The classic program converts it to a signed number, and prints that as an unsigned 64-bit number.
        None if dialect.keeps(Quirk::MODES_OF_64_BITS) => {
            format!("mode#{}", i64::from(mode.cast_signed()).cast_unsigned())
        }
        None => format!("mode#{mode}"),
    }
}

fn two_bits(value: &[u8]) -> String {
    match number::parse_decimal(value) {
        Some(bits) => format!("{:02b}", bits & 3),
        None => format!("{}?", escape(value)),
    }
}

fn reference_id(value: &[u8], style: &Style<'_>) -> String {
    match (NetworkAddress::parse(value), style.reference_ids) {
        (Some(address), ReferenceIdForm::Hash) => format!("0x{:08x}", address.reference_id()),
        (Some(address), ReferenceIdForm::Address) => address.to_string(),
        (None, _) => escape(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_are_none() {
        assert_eq!(mode(b"3991326677", Dialect::Classic), "mode#18446744073405910997");
        assert_eq!(mode(b"3991326677", Dialect::Native), "mode#3991326677");
        assert_eq!(mode(b"77", Dialect::Classic), "mode#77");
        assert_eq!(mode(b"3", Dialect::Classic), "client");
    }
}
