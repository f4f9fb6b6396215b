//! Reports of one labelled value per line.

use std::fmt::Write as _;

use super::escape::{escape, fault_line, malformed_line};
use super::{ReferenceIdForm, Rendered, Style, cooked, date};
use crate::model::NetworkAddress;
use crate::wire::AssociationId;
use crate::wire::number;
use crate::wire::status::{PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::Scan;

/// A report: what to ask for, and how to show it.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// The command's name.
    pub name: &'static str,
    /// Whether the status word stands in front.
    pub shows_status: bool,
    /// The lines.
    pub rows: &'static [Row],
}

/// One line of a report.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The variable; of [`Form::AddressAndPort`] what stands before `adr` and `port`.
    pub variable: &'static str,
    /// The label, padded.
    pub label: &'static str,
    /// How the value is shown.
    pub form: Form,
}

/// How a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As received, without quotes around it.
    Text,
    /// The name of a mode (RFC 5905 figure 10).
    Mode,
    /// Two binary digits.
    TwoBits,
    /// A date; `(no time)` if it is missing.
    Date,
    /// As received; an address as a hash where these are asked for.
    ReferenceId,
    /// A host with the port that the value names; `0.0.0.0:0` if it is missing.
    AddressWithPort,
    /// A host and its port in two variables; `0.0.0.0:0` if they are missing.
    AddressAndPort,
}

impl Report {
    /// The names of the variables to ask for, in order.
    pub fn variables(&self) -> Vec<String> {
        self.rows
            .iter()
            .flat_map(|row| match row.form {
                Form::AddressAndPort => vec![format!("{}adr", row.variable), format!("{}port", row.variable)],
                _ => vec![row.variable.to_owned()],
            })
            .collect()
    }

    /// The report on the daemon or an association, from the status word and the variables of its reply.
    ///
    /// A variable that is missing gives no line, except addresses and dates.
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
        if let Some(fault) = &scan.fault {
            rendered.diagnostics.push_str(&fault_line(fault));
        }
        for row in self.rows {
            if let Some(value) = row.value(scan, style, &mut rendered.diagnostics) {
                // Writing to a String cannot fail.
                let _ = writeln!(rendered.output, "{}  {value}", row.label);
            }
        }
        rendered
    }
}

impl Row {
    fn value(&self, scan: &Scan<'_>, style: &Style<'_>, diagnostics: &mut String) -> Option<String> {
        let received = scan.last(self.variable);
        match self.form {
            Form::Text => Some(escape(received?.unquoted())),
            Form::Mode => Some(mode(received?.text())),
            Form::TwoBits => Some(two_bits(received?.text())),
            Form::Date => {
                let stamp = received.and_then(|variable| NtpTimestamp::parse(variable.text()));
                Some(date::date(stamp.unwrap_or_default(), style.now, &style.time_zone))
            }
            Form::ReferenceId => Some(reference_id(received?.text(), style)),
            Form::AddressWithPort | Form::AddressAndPort => {
                Some(style.names.host_and_port(&self.address(scan, diagnostics)))
            }
        }
    }

    /// The address and port, taken from the variables in the order received.
    fn address(&self, scan: &Scan<'_>, diagnostics: &mut String) -> NetworkAddress {
        let (address_suffix, port_suffix) = match self.form {
            Form::AddressAndPort => (&b"adr"[..], Some(&b"port"[..])),
            _ => (&b""[..], None),
        };
        let mut address = NetworkAddress::NONE;
        for variable in &scan.variables {
            let Some(suffix) = variable.name.strip_prefix(self.variable.as_bytes()) else {
                continue;
            };
            if suffix == address_suffix {
                match NetworkAddress::parse(variable.text()) {
                    Some(parsed) => address = parsed,
                    None => malformed_line(diagnostics, self.variable, variable.text()),
                }
            } else if Some(suffix) == port_suffix
                && let Some(port) = number::parse_decimal(variable.text())
            {
                let [_, _, high, low] = port.to_be_bytes();
                address.0.set_port(u16::from_be_bytes([high, low]));
            }
        }
        address
    }
}

fn mode(value: &[u8]) -> String {
    const NAMES: [&str; 9] = [
        "unspec",
        "sym_active",
        "sym_passive",
        "client",
        "server",
        "broadcast",
        "control",
        "private",
        "bclient",
    ];
    let Some(mode) = number::parse_decimal(value) else {
        return format!("{}?", escape(value));
    };
    match usize::try_from(mode).ok().and_then(|mode| NAMES.get(mode)) {
        Some(name) => (*name).to_owned(),
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
        _ => escape(value),
    }
}
