//! The subset of D-Bus needed to query a daemon's properties: calls with string arguments, and any plain values in
//! replies.

pub mod address;

use super::reader::Reader;

/// Maximum length of a message.
pub const LENGTH_LIMIT: usize = 1 << 16;
/// The number of octets that determine the length of a message.
pub const FIXED_LENGTH: usize = 16;

const CALL: u8 = 1;
const RETURN: u8 = 2;
const ERROR: u8 = 3;
/// Keeps the bus from starting a daemon for the request.
const NO_AUTO_START: u8 = 2;
/// Maximum nesting depth of containers.
const DEPTH_LIMIT: usize = 16;

/// A method call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The bus name of the recipient.
    pub destination: &'a str,
    /// The object.
    pub path: &'a str,
    /// The interface of the method.
    pub interface: &'a str,
    /// The method.
    pub member: &'a str,
    /// Its arguments, all of them strings.
    pub arguments: &'a [&'a str],
}

impl Call<'_> {
    /// Encodes the message, little-endian.
    pub fn encode(&self, serial: u32) -> Vec<u8> {
        let mut body = Vec::new();
        for argument in self.arguments {
            put_text(&mut body, argument);
        }
        let mut fields = Vec::new();
        for (code, kind, text) in [
            (1, b'o', self.path),
            (2, b's', self.interface),
            (3, b's', self.member),
            (6, b's', self.destination),
        ] {
            align(&mut fields, 8);
            fields.extend([code, 1, kind, 0]);
            put_text(&mut fields, text);
        }
        if !self.arguments.is_empty() {
            align(&mut fields, 8);
            fields.extend([8, 1, b'g', 0]);
            fields.push(u8::try_from(self.arguments.len()).unwrap_or(u8::MAX));
            fields.extend(self.arguments.iter().map(|_| b's'));
            fields.push(0);
        }
        let mut message = vec![b'l', CALL, NO_AUTO_START, 1];
        put_length(&mut message, body.len());
        message.extend(serial.to_le_bytes());
        put_length(&mut message, fields.len());
        message.extend(fields);
        align(&mut message, 8);
        message.extend(body);
        message
    }
}

fn align(bytes: &mut Vec<u8>, to: usize) {
    bytes.resize(bytes.len().next_multiple_of(to), 0);
}

fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    align(bytes, 4);
    put_length(bytes, text.len());
    bytes.extend(text.bytes());
    bytes.push(0);
}

/// A D-Bus value. Types of no use here, such as file descriptors, are represented as numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An unsigned number; also a boolean, 0 or 1.
    Unsigned(u64),
    /// A signed number.
    Signed(i64),
    /// A floating-point number.
    Double(f64),
    /// A string, octets as received.
    Text(Vec<u8>),
    /// An array, a structure, or a dictionary entry.
    List(Vec<Value>),
}

impl Value {
    /// Returns the unsigned number.
    pub fn unsigned(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the members.
    pub fn list(&self) -> &[Value] {
        match self {
            Self::List(members) => members,
            _ => &[],
        }
    }

    /// Returns the string.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of this key in a dictionary.
    pub fn entry(&self, key: &str) -> Option<&Value> {
        self.list().iter().find_map(|entry| match entry.list() {
            [name, value] if name.text() == Some(key.as_bytes()) => Some(value),
            _ => None,
        })
    }
}

/// A reply to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The values that a method returned.
    Returned(Vec<Value>),
    /// The call failed.
    Failed,
}

/// Returns the length of the message that begins with these octets.
pub fn message_length(start: &[u8; FIXED_LENGTH]) -> Option<usize> {
    let mut cursor = Cursor::new(start)?;
    cursor.take(4)?;
    let body = usize::try_from(cursor.u32()?).ok()?;
    cursor.take(4)?;
    let fields = usize::try_from(cursor.u32()?).ok()?;
    let head = FIXED_LENGTH.checked_add(fields)?.checked_next_multiple_of(8)?;
    head.checked_add(body).filter(|length| *length <= LENGTH_LIMIT)
}

/// Parses a whole message as the reply to the call with this serial number; `None` if it is another message.
///
/// # Errors
/// The message is malformed.
pub fn reply_to(message: &[u8], serial: u32) -> Result<Option<Reply>, Malformed> {
    match read_reply(message, serial).ok_or(Malformed)? {
        Said::Reply(reply) => Ok(Some(reply)),
        Said::SomethingElse => Ok(None),
    }
}

/// An invalid message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What a message means to a call.
enum Said {
    Reply(Reply),
    SomethingElse,
}

fn read_reply(message: &[u8], serial: u32) -> Option<Said> {
    let mut cursor = Cursor::new(message)?;
    cursor.take(1)?;
    let kind = cursor.reader.u8()?;
    cursor.at += 1;
    cursor.take(10)?;
    let mut depth = 0;
    let (mut answers, mut signature) = (false, Vec::new());
    for field in cursor.value(&mut &b"a(yv)"[..], &mut depth)?.list() {
        match field.list() {
            [Value::Unsigned(5), Value::Unsigned(number)] => answers = *number == u64::from(serial),
            [Value::Unsigned(8), Value::Text(text)] => signature.clone_from(text),
            _ => {}
        }
    }
    cursor.align(8)?;
    Some(match (answers, kind) {
        (true, RETURN) => {
            let mut signature = signature.as_slice();
            let mut values = Vec::new();
            while !signature.is_empty() {
                values.push(cursor.value(&mut signature, &mut depth)?);
            }
            Said::Reply(Reply::Returned(values))
        }
        (true, ERROR) => Said::Reply(Reply::Failed),
        _ => Said::SomethingElse,
    })
}

/// Reads values in the byte order given by the first octet of the message.
struct Cursor<'a> {
    reader: Reader<'a>,
    at: usize,
    big_endian: bool,
}

impl<'a> Cursor<'a> {
    fn new(message: &'a [u8]) -> Option<Self> {
        let big_endian = match message.first()? {
            b'l' => false,
            b'B' => true,
            _ => return None,
        };
        Some(Self { reader: Reader::new(message), at: 0, big_endian })
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        self.at = self.at.checked_add(count)?;
        self.reader.take(count)
    }

    fn align(&mut self, to: usize) -> Option<()> {
        self.take(self.at.next_multiple_of(to) - self.at).map(|_| ())
    }

    /// Reads an aligned number with this many octets.
    fn number(&mut self, octets: usize) -> Option<u64> {
        self.align(octets)?;
        let bytes = self.take(octets)?;
        let add = |number: u64, octet: &u8| number << 8 | u64::from(*octet);
        Some(if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    fn u32(&mut self) -> Option<u32> {
        self.number(4).and_then(|number| u32::try_from(number).ok())
    }

    fn text(&mut self, length_octets: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number(length_octets)?).ok()?;
        let text = self.take(length)?;
        self.take(1)?;
        Some(text)
    }

    /// Reads a value of the signature's first complete type, and removes that from the signature.
    fn value(&mut self, signature: &mut &[u8], depth: &mut usize) -> Option<Value> {
        let (kind, rest) = signature.split_first()?;
        let whole = *signature;
        *signature = rest;
        Some(match kind {
            b'y' => Value::Unsigned(self.number(1)?),
            b'q' => Value::Unsigned(self.number(2)?),
            b'b' | b'u' | b'h' => Value::Unsigned(self.number(4)?),
            b't' => Value::Unsigned(self.number(8)?),
            b'n' => Value::Signed(i64::from(u16::try_from(self.number(2)?).ok()?.cast_signed())),
            b'i' => Value::Signed(i64::from(u32::try_from(self.number(4)?).ok()?.cast_signed())),
            b'x' => Value::Signed(self.number(8)?.cast_signed()),
            b'd' => Value::Double(f64::from_bits(self.number(8)?)),
            b's' | b'o' => Value::Text(self.text(4)?.to_vec()),
            b'g' => Value::Text(self.text(1)?.to_vec()),
            b'v' | b'a' | b'(' | b'{' => {
                *depth += 1;
                if *depth > DEPTH_LIMIT {
                    return None;
                }
                let value = match kind {
                    b'v' => self.variant(depth)?,
                    b'a' => self.array(signature, depth)?,
                    _ => self.structure(signature, whole, depth)?,
                };
                *depth -= 1;
                value
            }
            _ => return None,
        })
    }

    fn variant(&mut self, depth: &mut usize) -> Option<Value> {
        let mut inner = self.text(1)?;
        let value = self.value(&mut inner, depth)?;
        inner.is_empty().then_some(value)
    }

    fn array(&mut self, signature: &mut &[u8], depth: &mut usize) -> Option<Value> {
        let length = usize::try_from(self.u32()?).ok()?;
        let element = *signature;
        self.align(match element.first()? {
            b'(' | b'{' | b't' | b'x' | b'd' => 8,
            b'y' | b'g' | b'v' => 1,
            b'q' | b'n' => 2,
            _ => 4,
        })?;
        let end = self.at.checked_add(length)?;
        let mut members = Vec::new();
        while self.at < end {
            members.push(self.value(&mut { element }, depth)?);
        }
        skip_type(signature, 0)?;
        (self.at == end).then_some(Value::List(members))
    }

    fn structure(&mut self, signature: &mut &[u8], whole: &[u8], depth: &mut usize) -> Option<Value> {
        let close = if whole.first() == Some(&b'{') { b'}' } else { b')' };
        self.align(8)?;
        let mut members = Vec::new();
        loop {
            match signature.split_first()? {
                (kind, rest) if *kind == close => {
                    *signature = rest;
                    // Without members it would take no octets, and an array of it could have any number of elements.
                    return (!members.is_empty()).then_some(Value::List(members));
                }
                _ => members.push(self.value(signature, depth)?),
            }
        }
    }
}

/// Removes one complete type from a signature.
fn skip_type(signature: &mut &[u8], depth: usize) -> Option<()> {
    let (kind, rest) = signature.split_first().filter(|_| depth <= DEPTH_LIMIT)?;
    *signature = rest;
    match kind {
        b'a' => skip_type(signature, depth + 1),
        b'(' | b'{' => {
            let close = if *kind == b'{' { b'}' } else { b')' };
            while signature.first()? != &close {
                skip_type(signature, depth + 1)?;
            }
            *signature = signature.get(1..)?;
            Some(())
        }
        _ => Some(()),
    }
}

#[cfg(test)]
mod tests;
