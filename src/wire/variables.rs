//! The text of control messages: `name=value, name="value, too", …` (RFC 9327 section 4).

use super::number;

/// Maximum length of a name.
pub const MAX_NAME_LENGTH: usize = 255;

/// Maximum length of a value, including quotes.
pub const MAX_VALUE_LENGTH: usize = 2047;

/// Maximum length of a [`Fault`]'s excerpt.
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
    /// The value, or an empty one if there is none.
    pub fn text(&self) -> &'a [u8] {
        self.value.unwrap_or_default()
    }

    /// The value without surrounding quotes.
    pub fn unquoted(&self) -> &'a [u8] {
        unquote(self.text())
    }
}

/// Why a part of the text could not be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A quoted value does not end, either on its line or at all.
    NoClosingQuote,
    /// A name longer than [`MAX_NAME_LENGTH`].
    RunawayName,
    /// A value longer than [`MAX_VALUE_LENGTH`].
    RunawayValue,
    /// A value without a name.
    MissingName,
    /// The text ended within a line, but something follows.
    BehindEnd,
}

/// Why parsing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The reason.
    pub kind: FaultKind,
    /// The beginning of what could not be parsed, 50 octets at most.
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
    /// Everything that was parsed.
    pub variables: Vec<Variable<'a>>,
    /// Why parsing stopped early, if it did.
    pub fault: Option<Fault<'a>>,
}

impl<'a> Scan<'a> {
    /// The last variable with this name: the one that counts if a name occurs twice.
    pub fn last(&self, name: &str) -> Option<&Variable<'a>> {
        self.variables.iter().rev().find(|variable| variable.name == name.as_bytes())
    }

    /// The value of the last variable with this name, without quotes.
    pub fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.last(name).map(Variable::unquoted)
    }

    /// The unsigned number in the last variable with this name.
    pub fn unsigned(&self, name: &str) -> Option<u32> {
        number::parse_unsigned(self.value(name)?)
    }
}

/// Splits the text of a control message into its variables.
///
/// An item ends at a comma. The text ends at a line end that is not preceded by a comma, or at a NUL. Anything after CR
/// LF there is not part of the reply: some daemons send stale memory. Anything after a text that ended within a line is
/// a fault, because variables are lost. A `"` anywhere in a value starts a run in which commas do not count; in a value
/// that begins with one, line ends do not count either.
///
/// ```
/// use ntpkit::wire::variables::scan;
///
/// let scan = scan(b"stratum=2, version=\"ntpd 4.2.8p15, Debian\"\r\n");
/// assert_eq!(scan.unsigned("stratum"), Some(2));
/// assert_eq!(scan.value("version"), Some(&b"ntpd 4.2.8p15, Debian"[..]));
/// assert!(scan.fault.is_none());
/// ```
pub fn scan(data: &[u8]) -> Scan<'_> {
    scan_by(data, Rules::Quoted)
}

/// Splits it like 4.2.8p15: line ends count within quotes, too, and anything after the end is ignored silently.
pub fn scan_as_original(data: &[u8]) -> Scan<'_> {
    scan_by(data, Rules::Original)
}

fn scan_by(data: &[u8], rules: Rules) -> Scan<'_> {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (mut rest, behind) = data.split_at_checked(end).unwrap_or((data, &[]));
    // An item takes some 16 octets.
    let mut scan = Scan { variables: Vec::with_capacity(data.len() / 16 + 1), fault: None };
    let left = loop {
        match next_variable(rest, rules) {
            Step::Variable(variable, following) => {
                scan.variables.push(variable);
                rest = match following {
                    [b',', following @ ..] => following,
                    // The end of a line: nothing follows.
                    [b'\r', b'\n', ..] => return scan,
                    left => break left,
                };
            }
            Step::End => break &[],
            Step::Fault(fault) => {
                scan.fault = Some(fault)
                    .filter(|fault| rules == Rules::Quoted || fault.kind != FaultKind::MissingName);
                return scan;
            }
        }
    };
    let lost = [left, behind].into_iter().map(trim).find(|lost| !lost.is_empty());
    scan.fault = lost.map(|lost| Fault::new(FaultKind::BehindEnd, lost)).filter(|_| rules == Rules::Quoted);
    scan
}

/// Returns the text without surrounding double quotes; unchanged if there are none.
pub fn unquote(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}

/// How to split the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// Quoted values may contain line ends, and nothing is lost silently.
    Quoted,
    /// Like 4.2.8p15.
    Original,
}

enum Step<'a> {
    /// An item, and the rest, which begins with its comma or line end.
    Variable(Variable<'a>, &'a [u8]),
    End,
    Fault(Fault<'a>),
}

fn next_variable(text: &[u8], rules: Rules) -> Step<'_> {
    let skipped = text.iter().take_while(|&&byte| byte == b',' || is_padding(byte)).count();
    let item = text.get(skipped..).unwrap_or_default();
    let (name, rest) = split_before(item, |byte| matches!(byte, b',' | b'=' | b'\r' | b'\n'));
    let name = trim(name);
    if name.is_empty() {
        return if rest.is_empty() {
            Step::End
        } else {
            Step::Fault(Fault::new(FaultKind::MissingName, item))
        };
    }
    if name.len() > MAX_NAME_LENGTH {
        return Step::Fault(Fault::new(FaultKind::RunawayName, item));
    }
    let Some(value_text) = rest.strip_prefix(b"=") else {
        return Step::Variable(Variable { name, value: None }, rest);
    };
    let first = value_text.iter().find(|&&byte| !is_padding(byte));
    let spans_lines = rules == Rules::Quoted && first == Some(&b'"');
    let mut quoted = false;
    let (value, rest) = split_before(value_text, |byte| {
        quoted ^= byte == b'"';
        match byte {
            b'\r' | b'\n' => !(quoted && spans_lines),
            _ => byte == b',' && !quoted,
        }
    });
    if quoted {
        return Step::Fault(Fault::new(FaultKind::NoClosingQuote, item));
    }
    let value = trim(value);
    if value.len() > MAX_VALUE_LENGTH {
        return Step::Fault(Fault::new(FaultKind::RunawayValue, value));
    }
    Step::Variable(Variable { name, value: Some(value) }, rest)
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

/// Blanks and control characters around names and values do not belong to them.
fn is_padding(byte: u8) -> bool {
    byte <= b' '
}

#[cfg(test)]
mod tests;
