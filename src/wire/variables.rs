//! The text of control messages: `name=value, name="value, too", …` (RFC 9327 section 4).

use super::number;

/// The longest name that is read.
pub const MAX_NAME_LENGTH: usize = 255;

/// The longest value that is read, its quotes included.
pub const MAX_VALUE_LENGTH: usize = 2047;

/// How much of the unreadable rest a [`Fault`] keeps.
const FAULT_EXCERPT_LENGTH: usize = 50;

/// One item of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The name, without surrounding blanks; never empty.
    pub name: &'a [u8],
    /// The value as received, quotes included, without surrounding blanks; `None` without a `=`.
    pub value: Option<&'a [u8]>,
}

impl<'a> Variable<'a> {
    /// The value, or nothing at all where none came.
    pub fn text(&self) -> &'a [u8] {
        self.value.unwrap_or_default()
    }

    /// The value without the quotes around it.
    pub fn unquoted(&self) -> &'a [u8] {
        unquote(self.text())
    }
}

/// Why the scan stopped before the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A quoted value does not end on its line.
    NoClosingQuote,
    /// A name longer than [`MAX_NAME_LENGTH`].
    RunawayName,
    /// A value longer than [`MAX_VALUE_LENGTH`].
    RunawayValue,
}

/// What stopped the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The reason.
    pub kind: FaultKind,
    /// The beginning of what could not be read, 50 octets at most.
    pub excerpt: &'a [u8],
}

impl<'a> Fault<'a> {
    fn new(kind: FaultKind, rest: &'a [u8]) -> Self {
        Self { kind, excerpt: rest.get(..FAULT_EXCERPT_LENGTH).unwrap_or(rest) }
    }
}

/// The items of a text, in the order received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan<'a> {
    /// All that was understood.
    pub variables: Vec<Variable<'a>>,
    /// What stopped the scan early, if anything did.
    pub fault: Option<Fault<'a>>,
}

impl<'a> Scan<'a> {
    /// The last variable of this name: the one that counts when a name comes twice.
    pub fn last(&self, name: &str) -> Option<&Variable<'a>> {
        self.variables.iter().rev().find(|variable| variable.name == name.as_bytes())
    }

    /// The value of the last variable of this name, without quotes.
    pub fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.last(name).map(Variable::unquoted)
    }

    /// The unsigned number in the last variable of this name.
    pub fn unsigned(&self, name: &str) -> Option<u32> {
        number::parse_unsigned(self.value(name)?)
    }
}

/// Splits the text of a control message into its variables.
///
/// The text ends at a NUL. An item ends at a comma; where it ends at a carriage return or line feed
/// instead, or where a name is missing, the rest is not looked at. A `"` anywhere in a value starts a
/// run in which commas do not count.
pub fn scan(data: &[u8]) -> Scan<'_> {
    let mut rest = data.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut scan = Scan::default();
    loop {
        match next_variable(rest) {
            Step::Variable(variable, following) => {
                scan.variables.push(variable);
                rest = following;
            }
            Step::End => return scan,
            Step::Fault(fault) => {
                scan.fault = Some(fault);
                return scan;
            }
        }
    }
}

/// The text without the double quotes around it; unchanged if they are not there.
pub fn unquote(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}

enum Step<'a> {
    /// An item, and what follows its comma.
    Variable(Variable<'a>, &'a [u8]),
    End,
    Fault(Fault<'a>),
}

fn next_variable(text: &[u8]) -> Step<'_> {
    let skipped = text.iter().take_while(|&&byte| byte == b',' || is_padding(byte)).count();
    let item = text.get(skipped..).unwrap_or_default();
    let (name, rest) = split_before(item, |byte| matches!(byte, b',' | b'=' | b'\r' | b'\n'));
    let name = trim(name);
    if name.is_empty() {
        return Step::End;
    }
    if name.len() > MAX_NAME_LENGTH {
        return Step::Fault(Fault::new(FaultKind::RunawayName, item));
    }
    let Some(value_text) = rest.strip_prefix(b"=") else {
        return Step::Variable(Variable { name, value: None }, after_comma(rest));
    };
    let mut quoted = false;
    let (value, rest) = split_before(value_text, |byte| {
        quoted ^= byte == b'"';
        matches!(byte, b'\r' | b'\n') || (byte == b',' && !quoted)
    });
    if quoted {
        return Step::Fault(Fault::new(FaultKind::NoClosingQuote, item));
    }
    let value = trim(value);
    if value.len() > MAX_VALUE_LENGTH {
        return Step::Fault(Fault::new(FaultKind::RunawayValue, value));
    }
    Step::Variable(Variable { name, value: Some(value) }, after_comma(rest))
}

/// What follows the comma; nothing where the item ended otherwise.
fn after_comma(rest: &[u8]) -> &[u8] {
    rest.strip_prefix(b",").unwrap_or_default()
}

fn split_before(text: &[u8], stops: impl FnMut(u8) -> bool) -> (&[u8], &[u8]) {
    let length = text.iter().copied().position(stops).unwrap_or(text.len());
    text.split_at_checked(length).unwrap_or((text, &[]))
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_padding(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_padding(*last)
    {
        text = rest;
    }
    text
}

/// Blanks and control characters around names and values are not part of them.
fn is_padding(byte: u8) -> bool {
    byte <= b' '
}

#[cfg(test)]
mod tests;
