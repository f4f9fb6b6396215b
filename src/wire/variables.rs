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
    /// A quoted value does not end: on its line, or at all.
    NoClosingQuote,
    /// A value without a name.
    MissingName,
    /// Something follows the NUL that ends the text.
    BehindEnd,
    /// A name longer than [`MAX_NAME_LENGTH`].
    RunawayName,
    /// A value longer than [`MAX_VALUE_LENGTH`].
    RunawayValue,
}

/// The first thing that could not be read.
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
/// The text ends at a NUL. An item ends at a comma, or at a carriage return or line feed; a `"` anywhere in a value
/// starts a run in which these do not count. What cannot be read is passed over, and the first of it is a fault.
pub fn scan(data: &[u8]) -> Scan<'_> {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (mut rest, behind) = data.split_at_checked(end).unwrap_or((data, &[]));
    let mut scan = Scan::default();
    loop {
        match next_variable(rest, Rules::Whole) {
            Step::Variable(variable, following) => {
                scan.variables.push(variable);
                rest = following;
            }
            Step::Fault(fault, following) => {
                scan.fault.get_or_insert(fault);
                rest = following;
            }
            Step::End => break,
        }
    }
    let behind = trim(behind);
    if !behind.is_empty() {
        scan.fault.get_or_insert(Fault::new(FaultKind::BehindEnd, behind));
    }
    scan
}

/// As 4.2.8p15 splits them: an item that ends at a carriage return or line feed, within quotes too, is the last, and so
/// is one without a name; at what cannot be read the scan stops.
pub fn scan_as_original(data: &[u8]) -> Scan<'_> {
    let mut rest = data.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut scan = Scan::default();
    loop {
        match next_variable(rest, Rules::Original) {
            Step::Variable(variable, following) => {
                scan.variables.push(variable);
                rest = following;
            }
            Step::End => return scan,
            Step::Fault(fault, _) => {
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

/// Where items end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// Lines separate items, except within quotes.
    Whole,
    /// The end of a line ends everything.
    Original,
}

enum Step<'a> {
    /// An item, and what follows its comma.
    Variable(Variable<'a>, &'a [u8]),
    End,
    /// Something that cannot be read, and what follows it.
    Fault(Fault<'a>, &'a [u8]),
}

fn next_variable(text: &[u8], rules: Rules) -> Step<'_> {
    let skipped = text.iter().take_while(|&&byte| byte == b',' || is_padding(byte)).count();
    let item = text.get(skipped..).unwrap_or_default();
    let (name, rest) = split_before(item, |byte| matches!(byte, b',' | b'=' | b'\r' | b'\n'));
    let name = trim(name);
    if name.is_empty() && (rest.is_empty() || rules == Rules::Original) {
        return Step::End;
    }
    let Some(value_text) = rest.strip_prefix(b"=") else {
        let following = rules.following(rest);
        return match name {
            _ if name.len() > MAX_NAME_LENGTH => {
                Step::Fault(Fault::new(FaultKind::RunawayName, item), following)
            }
            _ => Step::Variable(Variable { name, value: None }, following),
        };
    };
    let mut quoted = false;
    let (value, rest) = split_before(value_text, |byte| {
        quoted ^= byte == b'"';
        match byte {
            b'\r' | b'\n' => !quoted || rules == Rules::Original,
            _ => byte == b',' && !quoted,
        }
    });
    let following = rules.following(rest);
    let value = trim(value);
    let fault = if name.is_empty() {
        Fault::new(FaultKind::MissingName, item)
    } else if name.len() > MAX_NAME_LENGTH {
        Fault::new(FaultKind::RunawayName, item)
    } else if quoted {
        Fault::new(FaultKind::NoClosingQuote, item)
    } else if value.len() > MAX_VALUE_LENGTH {
        Fault::new(FaultKind::RunawayValue, value)
    } else {
        return Step::Variable(Variable { name, value: Some(value) }, following);
    };
    Step::Fault(fault, following)
}

impl Rules {
    /// What follows the end of an item.
    fn following(self, rest: &[u8]) -> &[u8] {
        match rest {
            [b',', following @ ..] => following,
            [_, following @ ..] if self == Self::Whole => following,
            _ => &[],
        }
    }
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
