//! Seeds for each target: replies of the simulated daemon, recorded replies of the real ones, and the files of the tests.

use ntpkit::auth::control::seal;
use ntpkit::auth::{Key, KeyType};
use ntpkit::sim::{Daemon, NtpTime, Scenario, demo};
use ntpkit::wire::AssociationId;
use ntpkit::wire::control::{self, Opcode};
use ntpkit::wire::mode7::{self, Implementation, RequestCode};
use ntpkit::wire::packet::TimePacket;
use std::net::SocketAddr;

/// 2026-09-01 12:00:00.25 UTC.
const NOW: NtpTime = NtpTime(0xee41_2bc0_4000_0000);
const CHRONYD: &str = include_str!("../daemons/chronyd.txt");
const NTPD_RS: &[u8] = include_bytes!("../daemons/ntpd-rs.json");
const LEAP_SECONDS: &[u8] = include_bytes!("../cli/leap-seconds.list");
const CERTIFICATE: &[u8] = include_bytes!("../../src/session/nts/tests/server.pem");
const PRIVATE_KEY: &[u8] = include_bytes!("../../src/session/nts/tests/server.key");

/// The seeds of a target, in the form of its input.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "authenticator" => prefixed(&[0, 12, 0], sealed()),
        // Also a list of no clients, a reply of kind 21.
        "chrony_replies" => [prefixed(&[5], chronyd()), vec![[&[21][..], &[0; 512]].concat()]].concat(),
        "chrony_session" => prefixed(&[0], chronyd().into_iter().map(|reply| script(&[reply], 1)).collect()),
        "command_line" => texts(&["rv &1 stratum,offset > file", "mrulist sort=lstint", ":config a \"b c\""]),
        "config" => configurations(),
        "control_message" => mode_6(),
        "control_session" => vec![script(&data_of(&mode_6()), 1), script(&mode_6(), 0)],
        "daemons" => [vec![NTPD_RS.to_vec()], bus()].concat(),
        "exporter_requests" => texts(&[
            "target=ntp1.example%3A123&module=control",
            "application/openmetrics-text;q=0.5, text/plain",
        ]),
        "host" => texts(&["[2001:db8::1]:123", "192.0.2.1:124", "time.example", "fe80::1%eth0"]),
        "hosts" => texts(&[
            "a.example\nb.example:124 # comment\n192.0.2.0/30\n",
            "[servers]\nntp[01:03].example port=124\n[all:children]\nservers\n",
            "[{\"targets\": [\"a.example\"], \"labels\": {\"x\": \"y\"}}]",
            "all:\n  hosts:\n    a.example:\n      ansible_host: 192.0.2.1\n",
            "{\"_meta\": {\"hostvars\": {}}, \"all\": {\"hosts\": [\"a.example\"]}}",
        ]),
        "key_file" => texts(&[
            "1 MD5 secret # comment\n2 SHA1 0123456789abcdef0123456789abcdef01234567\n3 AES128CMAC x\n",
        ]),
        "leap_list" => vec![LEAP_SECONDS.to_vec()],
        "mode7_records" => prefixed(&[0], mode_7().iter().map(|packet| packet[8..].to_vec()).collect()),
        "mode7_session" => prefixed(&[4], vec![script(&mode_7(), 0)]),
        "mru_session" => prefixed(&[12], vec![script(&data_of(&clients()), 1)]),
        "nts_fields" => {
            vec![[&TimePacket::request(7).to_bytes()[..], &field(0x0104), &field(0x0204)].concat()]
        }
        "nts_records" | "nts_session" => vec![records(), b"\x16\x03\x03\0\x04\x02\0\0\0".to_vec()],
        "presets" => texts(&["numeric\n[NTPQ]\ncommand = \"rv\"\nrefid: ipv4\n[NTPDC]\nlistpeers\n"]),
        "private_key" => prefixed(&[0xff], vec![CERTIFICATE.to_vec(), PRIVATE_KEY.to_vec()]),
        "reassembly" => {
            vec![mode_6().iter().flat_map(|packet| [&length(packet)[..], packet].concat()).collect()]
        }
        // Of every kind, and all together.
        "reports" => {
            (0..12).flat_map(|kind| prefixed(&[kind, 9, 0, 0x1a, 0x96], data_of(&mode_6()))).collect()
        }
        "variables" => prefixed(&[1, 0x80, 0x1a, 0x96], data_of(&mode_6())),
        "sntp_session" => prefixed(&[0], vec![script(&time(), 1)]),
        _ => Vec::new(),
    }
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn prefixed(prefix: &[u8], all: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    all.into_iter().map(|octets| [prefix, &octets].concat()).collect()
}

fn length(octets: &[u8]) -> [u8; 2] {
    u16::try_from(octets.len()).unwrap().to_be_bytes()
}

/// A script of steps of 16 ms each.
fn script(all: &[Vec<u8>], kind: u8) -> Vec<u8> {
    all.iter().flat_map(|octets| [&[1, kind][..], &length(octets), octets].concat()).collect()
}

fn daemon() -> Daemon {
    let pulse = demo().into_iter().find(|scenario| scenario.name == "pulse").unwrap();
    let clients = ntpkit::sim::Clients { count: 9, ..Default::default() };
    Daemon::new(Scenario { mode7_clients: Some(3), clients, ..pulse }, NOW)
}

fn answers(daemon: &mut Daemon, request: &[u8]) -> Vec<Vec<u8>> {
    daemon.answer_to(request, SocketAddr::from(([127, 0, 0, 1], 40_000)), NOW)
}

/// Replies to questions about the daemon, its associations and its clock.
fn mode_6() -> Vec<Vec<u8>> {
    let mut daemon = daemon();
    let mut ask = |opcode, association| {
        answers(&mut daemon, &control::Header::request(opcode, AssociationId(association), 1, 2).encode(b""))
    };
    let mut all = ask(Opcode::READ_STATUS, 0);
    let list = control::Message::parse(&all[0]).unwrap().data.to_vec();
    all.extend(ask(Opcode::READ_VARIABLES, 0));
    for entry in list.chunks_exact(4) {
        let association = u16::from_be_bytes([entry[0], entry[1]]);
        all.extend(ask(Opcode::READ_VARIABLES, association));
        all.extend(ask(Opcode::READ_CLOCK, association));
    }
    all
}

/// Replies to a request for a nonce, and to one for the list of clients.
fn clients() -> Vec<Vec<u8>> {
    let mut daemon = daemon();
    let header = |opcode| control::Header::request(opcode, AssociationId::SYSTEM, 1, 2);
    let mut all = answers(&mut daemon, &header(Opcode::REQUEST_NONCE).encode(b""));
    let nonce = control::Message::parse(&all[0]).unwrap().data.trim_ascii_end().to_vec();
    let rows = answers(&mut daemon, &header(Opcode::READ_MRU).encode(&[&nonce[..], b", frags=32"].concat()));
    assert!(!rows.is_empty());
    all.extend(rows);
    all
}

/// The data of mode 6 packets.
fn data_of(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    packets.iter().filter_map(|packet| Some(control::Message::parse(packet).ok()?.data.to_vec())).collect()
}

fn sealed() -> Vec<Vec<u8>> {
    let key = Key::from_text(1, KeyType::Sha1, "secret").unwrap();
    mode_6().into_iter().take(2).map(|packet| seal(&key, packet)).collect()
}

fn mode_7() -> Vec<Vec<u8>> {
    let mut daemon = daemon();
    let codes = [0, 1, 4, 5, 6, 8, 16, 38, 42, 44].map(RequestCode);
    let request = |code| mode7::Header::request(Implementation::CURRENT, code).encode(&[0; 40]);
    let all = codes.into_iter().flat_map(|code| answers(&mut daemon, &request(code)));
    let all: Vec<Vec<u8>> = all.filter(|packet| packet.len() > 8).collect();
    assert!(!all.is_empty());
    all
}

fn time() -> Vec<Vec<u8>> {
    answers(&mut daemon(), &TimePacket::request(7).to_bytes())
}

/// The reports of the real chronyd: what follows the header.
fn chronyd() -> Vec<Vec<u8>> {
    let sections = CHRONYD.split("# ").filter_map(|section| section.split_once('\n'));
    let octet = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let octets = sections.map(|(_, lines)| {
        let digits: Vec<u8> = lines.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks_exact(2).map(octet).skip(28).collect()
    });
    octets.collect()
}

/// Messages of the system bus: a reply with a text, and an error.
fn bus() -> Vec<Vec<u8>> {
    let reply = b"l\x02\x01\x01\x08\0\0\0\x02\0\0\0\x0f\0\0\0\x05\x01u\0\x01\0\0\0\x08\x01g\0\x01s\0\0\x03\0\0\0abc\0";
    let error = b"l\x03\x01\x01\0\0\0\0\x02\0\0\0\x08\0\0\0\x05\x01u\0\x01\0\0\0";
    vec![reply.to_vec(), error.to_vec()]
}

fn configurations() -> Vec<Vec<u8>> {
    let all = [
        "server ntp1.example iburst key 1\nrestrict default nomodify notrap\nkeys /etc/ntp.keys\ntrustedkey 1 (3 ... 5)\n",
        "pool pool.example iburst maxsources 3\nmakestep 1 3\nallow 192.0.2.0/24\ndriftfile /var/lib/chrony/drift\n",
        "[[source]]\nmode = \"server\"\naddress = \"ntp1.example\"\n[synchronization]\nminimum-agreeing-sources = 1\n",
        "[Time]\nNTP=ntp1.example\nFallbackNTP=ntp2.example\nRootDistanceMaxSec=5\n",
    ];
    (0..8_u8).flat_map(|language| prefixed(&[language], texts(&all))).collect()
}

/// An extension field of 20 octets.
fn field(kind: u16) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &20_u16.to_be_bytes(), &[7; 16]].concat()
}

/// A grant: protocol, algorithm, a cookie, and the end.
fn records() -> Vec<u8> {
    let record = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &length(body), body].concat();
    [record(0x8001, &[0, 0]), record(0x8004, &[0, 15]), record(5, &[9; 64]), record(0x8000, &[])].concat()
}
