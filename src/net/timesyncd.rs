//! Queries systemd-timesyncd through the system bus.

use super::stream::Stream;
use crate::wire::dbus::address::{Socket, addresses};
use crate::wire::dbus::{Call, FIXED_LENGTH, Reply, Value, message_length, reply_to};
use crate::wire::timesyncd::{INTERFACE, PATH, SERVICE, Timesyncd};
use nix::sys::socket::UnixAddr;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// The environment variable with the bus address.
const BUS_VARIABLE: &str = "DBUS_SYSTEM_BUS_ADDRESS";
/// The default bus address.
const BUS: &[u8] = b"unix:path=/run/dbus/system_bus_socket";
/// Maximum length of the bus's reply to the authentication.
const LINE_LIMIT: usize = 512;
/// Maximum number of messages to skip before the expected one.
const STRAYS: usize = 64;

const THE_BUS: Call<'static> = Call {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello",
    arguments: &[],
};

/// Reads the daemon's state, within `limit`. `None` if it is not running; asking does not start it.
///
/// # Errors
/// There is no bus, it refuses, or a reply cannot be decoded.
pub fn ask(limit: Duration) -> io::Result<Option<Timesyncd>> {
    let named = named_bus();
    let mut stream = connect_to(named.as_ref().map_or(BUS, |list| list.as_bytes()), limit)?;
    authenticate(&mut stream)?;
    stream.write(&THE_BUS.encode(1))?;
    let owner = Call { member: "NameHasOwner", arguments: &[SERVICE], ..THE_BUS };
    stream.write(&owner.encode(2))?;
    if returned(&mut stream, 2)?.and_then(|value| value.unsigned()) != Some(1) {
        return Ok(None);
    }
    let properties = Call {
        destination: SERVICE,
        path: PATH,
        interface: "org.freedesktop.DBus.Properties",
        member: "GetAll",
        arguments: &[INTERFACE],
    };
    stream.write(&properties.encode(3))?;
    match returned(&mut stream, 3)? {
        Some(properties) => Timesyncd::from_properties(&properties).map(Some).ok_or_else(unreadable),
        None => Ok(None),
    }
}

/// How to refer to the system bus in messages, depending on whether the environment sets its address.
pub fn bus_name() -> &'static str {
    if named_bus().is_some() { "system bus of DBUS_SYSTEM_BUS_ADDRESS" } else { "system bus" }
}

/// The addresses set in the environment.
fn named_bus() -> Option<OsString> {
    std::env::var_os(BUS_VARIABLE).filter(|value| !value.is_empty())
}

/// Connects to the first address in the list that accepts.
fn connect_to(list: &[u8], limit: Duration) -> io::Result<Stream> {
    let mut fault = io::Error::new(ErrorKind::InvalidInput, "no address");
    for address in addresses(list) {
        let connected = match address {
            Ok(Socket::Path(path)) => UnixAddr::new(&path).map_err(io::Error::from),
            Ok(Socket::Abstract(name)) => UnixAddr::new_abstract(&name).map_err(io::Error::from),
            Err(unusable) => Err(io::Error::new(ErrorKind::InvalidInput, unusable)),
        };
        match connected.and_then(|address| Stream::connect(&address, limit)) {
            Ok(stream) => return Ok(stream),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

/// Authenticates; the kernel vouches for our identity.
fn authenticate(stream: &mut Stream) -> io::Result<()> {
    let user: String =
        nix::unistd::geteuid().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
    stream.write(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes())?;
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        line.extend(octet);
        if line.len() > LINE_LIMIT {
            return Err(unreadable());
        }
    }
    if !line.starts_with(b"OK ") {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "the bus refused the connection"));
    }
    stream.write(b"BEGIN\r\n")
}

/// Returns the first value of the reply to the call with this serial number; `None` if the call failed.
fn returned(stream: &mut Stream, serial: u32) -> io::Result<Option<Value>> {
    for _ in 0..STRAYS {
        let mut start = [0; FIXED_LENGTH];
        stream.read_exact(&mut start)?;
        let length = message_length(&start).ok_or_else(unreadable)?;
        let mut message = vec![0; length];
        let (head, rest) = message.split_at_mut_checked(FIXED_LENGTH).ok_or_else(unreadable)?;
        head.copy_from_slice(&start);
        stream.read_exact(rest)?;
        match reply_to(&message, serial).map_err(|_| unreadable())? {
            Some(Reply::Returned(values)) => return Ok(values.into_iter().next()),
            Some(Reply::Failed) => return Ok(None),
            None => {}
        }
    }
    Err(unreadable())
}

fn unreadable() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "invalid reply")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, bind, listen, socket};
    use std::os::fd::AsRawFd;

    #[test]
    fn addresses_are_tried_in_turn() {
        let name = format!("ntpkit test {}", std::process::id());
        let listener = socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None).unwrap();
        bind(listener.as_raw_fd(), &UnixAddr::new_abstract(name.as_bytes()).unwrap()).unwrap();
        listen(&listener, Backlog::new(1).unwrap()).unwrap();
        let here = format!("unix:abstract={}", name.replace(' ', "%20"));
        let refusal = |list: &str| {
            connect_to(list.as_bytes(), Duration::from_secs(5)).err().map(|error| error.to_string())
        };
        assert_eq!(refusal(&format!("unix:path=/nowhere/bus;{here}")), None);
        assert!(refusal("unix:dir=/tmp").is_some_and(|said| said.contains("for servers alone")));
        assert!(refusal("unix:path=/nowhere/bus").is_some_and(|said| said.contains("No such file")));
        assert_eq!(refusal(";"), Some("no address".to_owned()));
    }
}
