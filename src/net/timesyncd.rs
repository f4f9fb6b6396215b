//! Asks systemd-timesyncd through the system bus.

use super::stream::Stream;
use crate::wire::dbus::{Call, FIXED_LENGTH, Reply, Value, message_length, reply_to};
use crate::wire::timesyncd::{INTERFACE, PATH, SERVICE, Timesyncd};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

/// The environment variable that names the bus.
const BUS_VARIABLE: &str = "DBUS_SYSTEM_BUS_ADDRESS";
/// Where the bus is otherwise.
const BUS: &str = "/run/dbus/system_bus_socket";
/// The longest line in which the bus answers to the authentication.
const LINE_LIMIT: usize = 512;
/// Messages that may come before the one that is waited for.
const STRAYS: usize = 64;

const THE_BUS: Call<'static> = Call {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello",
    arguments: &[],
};

/// Reads what the daemon tells, in no more than `limit`. `None` if it does not run; asking does not start it.
///
/// # Errors
/// There is no bus, it refuses, or what comes cannot be read.
pub fn ask(limit: Duration) -> io::Result<Option<Timesyncd>> {
    let mut stream = Stream::connect(&bus(), limit)?;
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

/// The first Unix socket that the environment names, or the usual one.
fn bus() -> PathBuf {
    let named = std::env::var(BUS_VARIABLE).ok();
    named.as_deref().and_then(unix_path).unwrap_or_else(|| BUS.into())
}

fn unix_path(addresses: &str) -> Option<PathBuf> {
    let unix = addresses.split(';').find_map(|address| address.strip_prefix("unix:"))?;
    unix.split(',').find_map(|pair| pair.strip_prefix("path=")).map(PathBuf::from)
}

/// Says who we are; the kernel vouches for it.
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

/// The first value that the call of this serial number returns; `None` if it fails.
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

    #[test]
    fn bus_addresses() {
        for (addresses, path) in [
            ("unix:path=/run/bus", Some("/run/bus")),
            ("tcp:host=x;unix:guid=1,path=/run/bus,x=y", Some("/run/bus")),
            ("unix:abstract=/x", None),
            ("", None),
        ] {
            assert_eq!(unix_path(addresses), path.map(PathBuf::from), "{addresses}");
        }
    }
}
