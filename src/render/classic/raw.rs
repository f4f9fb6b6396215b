//! Replies as received, safe for a terminal.

use super::escape::escape_octet;
use crate::compat::{Dialect, Quirk};
use crate::wire::AssociationId;
use crate::wire::status::StatusWord;

/// The line before the data of a raw reply.
pub fn status_line(association: AssociationId, status: StatusWord) -> String {
    format!("associd={association} status=0x{:04x},\n", status.bits())
}

/// Formats the data: line ends become single line feeds, blanks are kept, and anything else that is not printable is
/// shown in `^` and `M-` notation. No line feed is added at the end.
pub fn data(data: &[u8]) -> String {
    written(data, |octet| matches!(octet, b'\t' | b'\n' | 0x0b | 0x0c))
}

/// The same, but the only blanks kept are line ends: the others move a terminal's cursor.
pub fn tame_data(data: &[u8]) -> String {
    written(data, |octet| octet == b'\n')
}

fn written(data: &[u8], stays: impl Fn(u8) -> bool) -> String {
    let mut text = String::with_capacity(data.len());
    let mut rest = data;
    while let [octet, following @ ..] = rest {
        match octet {
            b'\r' if following.first() == Some(&b'\n') => {}
            _ if stays(*octet) => text.push(char::from(*octet)),
            _ => escape_octet(&mut text, *octet),
        }
        rest = following;
    }
    text
}

/// Formats data in a dialect: only the classic one keeps blanks that move the cursor.
pub fn data_in(dialect: Dialect, octets: &[u8]) -> String {
    if dialect.keeps(Quirk::RAW_CARRIAGE_RETURNS) { data(octets) } else { tame_data(octets) }
}

/// Formats a message from the daemon, such as the reply to a configuration line. The classic dialect keeps carriage
/// returns and other blanks that move the cursor.
pub fn message(octets: &[u8], dialect: Dialect) -> String {
    if dialect.keeps(Quirk::RAW_CARRIAGE_RETURNS) {
        octets.split(|&octet| octet == b'\r').map(data).collect::<Vec<_>>().join("\r")
    } else {
        tame_data(octets)
    }
}

/// The line and the data.
pub fn reply(association: AssociationId, status: StatusWord, octets: &[u8]) -> String {
    status_line(association, status) + &data(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::status::SystemStatusWord;

    #[test]
    fn replies() {
        for (octets, text) in [
            (&b"a=1,b,c=2"[..], "a=1,b,c=2"),
            (b"a=1\r\nb=2", "a=1\nb=2"),
            (b"a=1,\r\nb=2\r\n", "a=1,\nb=2\n"),
            (b"a=\xe9\x01\x7f,b=\x1b[31m", "a=M-i^A^?,b=^[[31m"),
            (b"a=\xe9\x01\x7f\x1b[31m\r\n\r\x80\t", "a=M-i^A^?^[[31m\n^MM-^@\t"),
            (b"a\0\r", "a^@^M"),
            (b"", ""),
        ] {
            assert_eq!(data(octets), text);
            assert_eq!(tame_data(octets), text.replace('\t', "^I"));
        }
        for (dialect, text) in [(Dialect::Native, "a^I^K^Mb\n"), (Dialect::Classic, "a\t\x0b\rb\r\n")] {
            assert_eq!(message(b"a\t\x0b\rb\r\n", dialect), text);
        }
        let status = StatusWord::System(SystemStatusWord(0x0615));
        assert_eq!(reply(AssociationId(3), status, b"a=1\r\n"), "associd=3 status=0x0615,\na=1\n");
    }
}
