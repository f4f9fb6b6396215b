//! Octets from the network as printable ASCII.

use std::fmt::Write as _;

use crate::compat::{Dialect, Quirk};
use crate::wire::variables::{Fault, FaultKind};

/// Escapes everything that is not printable ASCII in the notation of `cat -v`: `^[` for ESC, `M-a` for 0xe1.
pub fn escape(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        escape_octet(&mut text, octet);
    }
    text
}

/// Appends one octet.
pub(super) fn escape_octet(text: &mut String, octet: u8) {
    if octet >= 0x80 {
        text.push_str("M-");
    }
    match octet & 0x7f {
        control @ 0..0x20 => {
            text.push('^');
            text.push(char::from(control + b'@'));
        }
        0x7f => text.push_str("^?"),
        printable => text.push(char::from(printable)),
    }
}

/// What 4.2.8p15 prints on standard error about the position where it stops parsing a reply; in its dialect only.
pub fn kept_fault_line(fault: Option<&Fault<'_>>, dialect: Dialect) -> String {
    fault.filter(|_| dialect.keeps(Quirk::LINES_END_REPLIES)).map(fault_line).unwrap_or_default()
}

/// The line on standard error about the position where the parsing of variables stopped.
pub fn fault_line(fault: &Fault<'_>) -> String {
    let reason = match fault.kind {
        FaultKind::NoClosingQuote => "no closing quote, stop",
        FaultKind::RunawayName => "runaway name",
        FaultKind::RunawayValue => "runaway value",
        FaultKind::MissingName | FaultKind::BehindEnd => return String::new(),
    };
    format!("nextvar: {reason}: '{}'\n", escape(fault.excerpt))
}

/// Describes what could not be parsed of a reply, and why.
pub fn fault_message(fault: &Fault<'_>) -> String {
    let reason = match fault.kind {
        FaultKind::NoClosingQuote => "no closing quote",
        FaultKind::RunawayName => "the name is too long",
        FaultKind::RunawayValue => "the value is too long",
        FaultKind::MissingName => "a value without a name",
        FaultKind::BehindEnd => "the text ended before",
    };
    format!("part of the reply cannot be read: {reason}: '{}'", escape(fault.excerpt))
}

/// The line on standard error about an invalid address.
pub(super) fn malformed_line(lines: &mut String, name: &str, value: &[u8]) {
    // Writing to a String cannot fail.
    let _ = writeln!(lines, "malformed {name}={}", escape(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation() {
        assert_eq!(escape(b"a\xe9\x01\x7f\x1b[31m\x80\xff \t"), "aM-i^A^?^[[31mM-^@M-^? ^I");
    }

    #[test]
    fn faults() {
        let fault = Fault { kind: FaultKind::NoClosingQuote, excerpt: b"b=\"multi \r\n line" };
        let reported = "nextvar: no closing quote, stop: 'b=\"multi ^M^J line'\n";
        assert_eq!(kept_fault_line(Some(&fault), Dialect::Classic), reported);
        assert_eq!(kept_fault_line(Some(&fault), Dialect::Native), "");
        let reported = "part of the reply cannot be read: no closing quote: 'b=\"multi ^M^J line'";
        assert_eq!(fault_message(&fault), reported);
    }
}
