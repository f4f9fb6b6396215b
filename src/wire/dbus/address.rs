//! The address of a message bus (D-Bus specification, "Server Addresses").

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A Unix socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// In the file system.
    Path(PathBuf),
    /// In the abstract namespace, under this name.
    Abstract(Vec<u8>),
}

/// Why an address is unusable for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its transport does not lead to a bus on this machine.
    #[error("not a Unix socket")]
    Transport,
    /// It is a directory for a bus to choose a socket name in, not the name it chose.
    #[error("names no socket: `dir', `tmpdir' and `runtime' are for servers alone")]
    ServersAlone,
    /// It is not an address.
    #[error("malformed address")]
    Malformed,
}

/// Parses the addresses in a list, in the order in which to try them.
pub fn addresses(list: &[u8]) -> impl Iterator<Item = Result<Socket, Unusable>> {
    list.split(|octet| *octet == b';').filter(|address| !address.is_empty()).map(address)
}

fn address(text: &[u8]) -> Result<Socket, Unusable> {
    let colon = text.iter().position(|octet| *octet == b':').ok_or(Unusable::Malformed)?;
    let (transport, pairs) = text.split_at(colon);
    if transport != b"unix" {
        return Err(Unusable::Transport);
    }
    let mut found = None;
    let mut refused = Unusable::Malformed;
    let pairs = pairs.get(1..).unwrap_or_default().split(|octet| *octet == b',');
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|octet| *octet == b'=').ok_or(Unusable::Malformed)?;
        let (key, value) = pair.split_at(equals);
        let value = unescaped(value.get(1..).unwrap_or_default()).ok_or(Unusable::Malformed)?;
        let socket = match key {
            b"path" => Socket::Path(OsString::from_vec(value).into()),
            b"abstract" => Socket::Abstract(value),
            b"dir" | b"tmpdir" | b"runtime" => {
                refused = Unusable::ServersAlone;
                continue;
            }
            _ => continue,
        };
        // Two would contradict each other.
        if found.replace(socket).is_some() {
            return Err(Unusable::Malformed);
        }
    }
    found.ok_or(refused)
}

/// Decodes the octets of a value, each represented by itself or by `%` and two hexadecimal digits.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    while let Some(&octet) = rest.next() {
        if octet == b'%' {
            let mut digit = || char::from(*rest.next()?).to_digit(16);
            octets.push(u8::try_from(digit()? << 4 | digit()?).ok()?);
        } else {
            octets.push(octet);
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_of_addresses() {
        let path = |path: &str| Ok(Socket::Path(path.into()));
        for (list, expected) in [
            ("unix:path=/run/bus", vec![path("/run/bus")]),
            ("unix:path=/run/a%20b%2Cc%3b", vec![path("/run/a b,c;")]),
            ("unix:guid=1,path=/run/bus,x=y", vec![path("/run/bus")]),
            ("unix:abstract=/tmp/bus%00x", vec![Ok(Socket::Abstract(b"/tmp/bus\0x".to_vec()))]),
            ("tcp:host=x;unix:path=/b;", vec![Err(Unusable::Transport), path("/b")]),
            ("unix:dir=/tmp", vec![Err(Unusable::ServersAlone)]),
            ("unix:runtime=yes", vec![Err(Unusable::ServersAlone)]),
            ("unix:path=/a,abstract=b", vec![Err(Unusable::Malformed)]),
            ("unix:path=/a%2", vec![Err(Unusable::Malformed)]),
            ("unix:path=/a%zz", vec![Err(Unusable::Malformed)]),
            ("unix:", vec![Err(Unusable::Malformed)]),
            ("/run/bus", vec![Err(Unusable::Malformed)]),
            ("", vec![]),
        ] {
            assert_eq!(addresses(list.as_bytes()).collect::<Vec<_>>(), expected, "{list}");
        }
        let octets = [&b"unix:path=/k"[..], &[0xe9]].concat();
        let octet = OsString::from_vec(vec![b'/', b'k', 0xe9]);
        assert_eq!(addresses(&octets).collect::<Vec<_>>(), [Ok(Socket::Path(octet.into()))]);
    }
}
