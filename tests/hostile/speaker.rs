//! A mode 6 server that puts one text into everything it says.

use crate::control::fragments;
use crate::server::Server;
use ntpkit::auth::control::seal;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::Delivery;
use ntpkit::wire::control::{Header, Message, Opcode};
use ntpkit::wire::packet::{Mode, TimePacket};

/// The key with which requests and replies are authenticated.
pub const SECRET: &str = "sha1asciikey";
/// The commands that make ntpq use it.
pub const WITH_KEY: [&str; 3] = ["keytype SHA1", "keyid 5", "passwd sha1asciikey"];

/// The texts of the server, as variables of each kind.
#[derive(Clone, Debug, Default)]
pub struct Speaker {
    /// About the daemon.
    pub system: Vec<u8>,
    /// About each of the two associations; the second is a reference clock.
    pub peer: Vec<u8>,
    /// About the reference clock.
    pub clock: Vec<u8>,
    /// The interface and restriction lists.
    pub lists: Vec<u8>,
    /// The list of clients.
    pub clients: Vec<u8>,
    /// The answer to a change of the configuration.
    pub configured: Vec<u8>,
}

const SYSTEM: [&str; 6] = ["version", "processor", "system", "refid", "sys_var_list", "zz"];
const PEER: [&str; 4] = ["srchost", "refid", "pmode_text", "zz"];
const CLOCK: [&str; 5] = ["device", "timecode", "name", "refid", "clock_var_list"];
const ROW: [&str; 4] = ["name", "flags", "addr", "hits"];

impl Speaker {
    /// A server that says this wherever a text belongs, and is plausible elsewhere.
    pub fn saying(text: &[u8]) -> Self {
        Self {
            system: variables(b"leap=0, stratum=2, peer=32769, offset=0.5, ", &SYSTEM, text),
            peer: variables(
                b"srcadr=127.0.0.77, srcport=123, stratum=1, reach=0xff, offset=0.5, ",
                &PEER,
                text,
            ),
            clock: variables(b"poll=7, stratum=0, ", &CLOCK, text),
            lists: [
                variables(b"addr.0=192.0.2.1:123, en.0=1, ", &["name.0", "flags.0", "zz.0"], text),
                variables(b", hits.1=4, mask.1=255.0.0.0, ", &ROW.map(|name| format!("{name}.1")), text),
            ]
            .concat(),
            clients: [b"nonce=", text, b", addr.0=", text, b", last.0=0xeeab74e6.1, zz.0=", text].concat(),
            configured: [text, b"\r\n"].concat(),
        }
    }

    /// Starts the server.
    pub fn start(self) -> Server {
        let key = Key::from_text(5, KeyType::Sha1, SECRET).unwrap();
        Server::start(move |request| self.answer(&key, request))
    }

    fn answer(&self, key: &Key, request: &[u8]) -> Vec<Delivery> {
        let Ok(message) = Message::parse(request) else { return time(request) };
        let header = Header { response: true, status: 0x0615, ..message.header };
        let is_system = header.association.0 == 0;
        let data = match header.opcode {
            Opcode::READ_STATUS if is_system => b"\x80\x01\x96\x1a\x80\x02\x14\x14",
            Opcode::READ_STATUS | Opcode::READ_VARIABLES if !is_system => &self.peer[..],
            Opcode::READ_VARIABLES => &self.system[..],
            Opcode::READ_CLOCK => &self.clock[..],
            Opcode::READ_ORDERED_LIST => &self.lists[..],
            Opcode::REQUEST_NONCE => b"nonce=eeab74e61557929f01234567\r\n",
            Opcode::READ_MRU => &self.clients[..],
            _ => &self.configured[..],
        };
        let mut sent = fragments(header, data);
        if message.tail.len() > 8 {
            for delivery in &mut sent {
                delivery.datagram = seal(key, std::mem::take(&mut delivery.datagram));
            }
        }
        sent
    }
}

/// These variables, all with this value, after a beginning.
fn variables(beginning: &[u8], names: &[impl AsRef<str>], value: &[u8]) -> Vec<u8> {
    let all: Vec<Vec<u8>> =
        names.iter().map(|name| [name.as_ref().as_bytes(), b"=", value].concat()).collect();
    [beginning, &all.join(&b", "[..])].concat()
}

/// The answer to a time request, with letters that are none in the reference identifier.
fn time(request: &[u8]) -> Vec<Delivery> {
    let Ok(asked) = TimePacket::parse(request) else { return Vec::new() };
    let now = time_stamp();
    let packet = TimePacket {
        mode: Mode::SERVER,
        stratum: 1,
        reference_id: *b"\x1b[2J",
        reference_timestamp: now,
        origin_timestamp: asked.transmit_timestamp,
        receive_timestamp: now,
        transmit_timestamp: now,
        ..asked
    };
    crate::server::at_once([packet.to_bytes()])
}

/// The system's time as an NTP timestamp.
pub fn time_stamp() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    (since.as_secs() + 2_208_988_800) << 32 | u64::from(since.subsec_nanos()) << 2
}
