//! What systemd-timesyncd reports about itself: its properties on the system bus.

use super::dbus::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bus name.
pub const SERVICE: &str = "org.freedesktop.timesync1";
/// The object path.
pub const PATH: &str = "/org/freedesktop/timesync1";
/// The interface of the properties.
pub const INTERFACE: &str = "org.freedesktop.timesync1.Manager";

/// What the daemon reports. Times are in microseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timesyncd {
    /// The server's name or address as configured, octets as received.
    pub server_name: Vec<u8>,
    /// The address in use.
    pub server_address: Option<IpAddr>,
    /// Time between polls.
    pub poll_interval: u64,
    /// The last reply; `None` if there was none.
    pub message: Option<Message>,
}

/// The last reply of the server. Times in microseconds, points in time since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Leap indicator.
    pub leap: u64,
    /// The server's stratum.
    pub stratum: u64,
    /// Delay to the root.
    pub root_delay: u64,
    /// Dispersion to the root.
    pub root_dispersion: u64,
    /// The reference ID of the server.
    pub reference_id: [u8; 4],
    /// When the request was sent.
    pub originate: u64,
    /// When the request was received.
    pub receive: u64,
    /// When the reply was sent.
    pub transmit: u64,
    /// When the reply was received.
    pub destination: u64,
    /// Number of replies so far.
    pub packets: u64,
    /// Jitter of past offsets.
    pub jitter: u64,
}

impl Message {
    /// The offset of the server's clock from the local one, in microseconds.
    pub fn offset(&self) -> i64 {
        let ahead = i128::from(self.receive) - i128::from(self.originate);
        let behind = i128::from(self.transmit) - i128::from(self.destination);
        saturated(i128::midpoint(ahead, behind))
    }

    /// Round-trip delay in microseconds.
    pub fn delay(&self) -> i64 {
        let round_trip = i128::from(self.destination) - i128::from(self.originate);
        let at_server = i128::from(self.transmit) - i128::from(self.receive);
        saturated(round_trip - at_server)
    }
}

fn saturated(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

impl Timesyncd {
    /// Reads all properties from their dictionary.
    pub fn from_properties(properties: &Value) -> Option<Self> {
        let server_name = properties.entry("ServerName")?.text()?.to_vec();
        let server_address = properties.entry("ServerAddress").and_then(address);
        let poll_interval = properties.entry("PollIntervalUSec")?.unsigned()?;
        let message = message(properties.entry("NTPMessage")?)?;
        let message = Some(message).filter(|message| message.packets != 0 || message.destination != 0);
        Some(Self { server_name, server_address, poll_interval, message })
    }
}

fn address(value: &Value) -> Option<IpAddr> {
    let [Value::Signed(family), octets] = value.list() else { return None };
    match family {
        2 => array(octets).map(|octets: [u8; 4]| Ipv4Addr::from(octets).into()),
        10 => array(octets).map(|octets: [u8; 16]| Ipv6Addr::from(octets).into()),
        _ => None,
    }
}

fn array<const N: usize>(value: &Value) -> Option<[u8; N]> {
    let octets = value.list().iter().map(|octet| u8::try_from(octet.unsigned()?).ok());
    octets.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

/// Reads the last reply; all zeros mean that there was none.
fn message(value: &Value) -> Option<Message> {
    let [
        leap,
        _version,
        _mode,
        stratum,
        _precision,
        root_delay,
        root_dispersion,
        reference_id,
        originate,
        receive,
        transmit,
        destination,
        _ignored,
        packets,
        jitter,
    ] = value.list()
    else {
        return None;
    };
    Some(Message {
        leap: leap.unsigned()?,
        stratum: stratum.unsigned()?,
        root_delay: root_delay.unsigned()?,
        root_dispersion: root_dispersion.unsigned()?,
        reference_id: array(reference_id)?,
        originate: originate.unsigned()?,
        receive: receive.unsigned()?,
        transmit: transmit.unsigned()?,
        destination: destination.unsigned()?,
        packets: packets.unsigned()?,
        jitter: jitter.unsigned()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(all: &[u64]) -> Vec<Value> {
        all.iter().copied().map(Value::Unsigned).collect()
    }

    fn properties(times: [u64; 4], packets: u64) -> Value {
        let entry = |key: &str, value: Value| Value::List(vec![Value::Text(key.into()), value]);
        let octets = |octets: &[u64]| Value::List(numbers(octets));
        let mut message = numbers(&[0, 4, 4, 1]);
        message.extend([Value::Signed(-24), Value::Unsigned(0), Value::Unsigned(10_177)]);
        message.push(octets(&[76, 79, 67, 76]));
        message.extend(numbers(&times));
        message.extend(numbers(&[0, packets, 7]));
        Value::List(vec![
            entry("ServerName", Value::Text(b"192.0.2.11".to_vec())),
            entry("ServerAddress", Value::List(vec![Value::Signed(2), octets(&[192, 0, 2, 11])])),
            entry("PollIntervalUSec", Value::Unsigned(32_000_000)),
            entry("NTPMessage", Value::List(message)),
        ])
    }

    #[test]
    fn a_daemon_with_a_reply() {
        let second = 1_795_193_060_000_000;
        let times = [516_695, 516_745, 516_873, 516_885].map(|part| second + part);
        let state = Timesyncd::from_properties(&properties(times, 2)).unwrap();
        assert_eq!(state.server_address, Some("192.0.2.11".parse().unwrap()));
        let message = state.message.unwrap();
        assert_eq!((message.offset(), message.delay(), message.root_dispersion), (19, 62, 10_177));
        assert_eq!(&message.reference_id, b"LOCL");
    }

    #[test]
    fn a_daemon_without_a_reply_and_one_with_nonsense() {
        let never = 18_444_535_084_909_551_616;
        let state = Timesyncd::from_properties(&properties([0, never, never, 0], 0)).unwrap();
        assert_eq!(state.message, None);
        let state = Timesyncd::from_properties(&properties([u64::MAX, 0, 0, u64::MAX], 1)).unwrap();
        assert_eq!(state.message.unwrap().offset(), i64::MIN);
        assert_eq!(Timesyncd::from_properties(&Value::List(vec![])), None);
        assert_eq!(Timesyncd::from_properties(&Value::Unsigned(1)), None);
    }
}
