//! Values that overran the buffers of the classic programs: numbers, arrays, names, rows of lists.

use crate::case::{DATAGRAMS, FORMS, check_output, ensure, in_parallel};
use crate::speaker::{Speaker, WITH_KEY};
use crate::support::Run;

/// What a value is about.
#[derive(Clone, Copy)]
enum About {
    System,
    Peer,
    Clock,
    Lists,
    Clients,
}
use About::{Clients, Clock, Lists, Peer, System};

type Text = fn() -> Vec<u8>;
/// What the server does, the command, what the text is about, the text, and what the classic form shows or reports.
type Row = (&'static str, &'static str, About, Text, &'static str);

const TOO_LONG: &str = "part of the reply cannot be read: the value is too long: ";

/// One case a line.
#[rustfmt::skip]
const CASES: [Row; 61] = [
    ("CVE-2009-0159: a status in octal with 500 digits", "rv", System, || [b"reach=", &[b'7'; 500][..], b", stratum=2"].concat(), "stratum=2"),
    ("CVE-2009-0159: hexadecimal numbers of 500 digits", "rv", System, || [b"flash=0x", &[b'f'; 500][..], b", stratum=2"].concat(), "stratum=2"),
    ("CVE-2015-7852: a text of unprintable octets, each of which prints as four letters", "rv", System, || [b"version=\"", &[0x80; 500][..], b"\", stratum=2"].concat(), "M-^@M-^@"),
    ("CVE-2015-7975: a name of 255 letters", "rv", System, || [&[b'n'; 255][..], b"=1, stratum=2"].concat(), "stratum=2"),
    ("CVE-2015-7975: a name of 256 letters", "rv", System, || [b"stratum=2, ", &[b'n'; 256][..], b"=1"].concat(), "stratum=2"),
    ("CVE-2015-7975: a name of 3000 letters", "rv", System, || [b"stratum=2, ", &[b'n'; 3000][..], b"=1"].concat(), "stratum=2"),
    ("CVE-2015-7975: a name of 3000 letters without a value", "rv", System, || [b"stratum=2, ", &[b'n'; 3000][..]].concat(), "stratum=2"),
    ("CVE-2015-7975: a value of 3000 letters", "rv", System, || [b"zz=", &[b'v'; 3000][..], b", stratum=2"].concat(), TOO_LONG),
    ("CVE-2017-6460: flags of 500 letters in a restriction", "reslist", Lists, || [b"addr.0=192.0.2.7, mask.0=255.255.255.255, hits.0=1, flags.0=", &[b'f'; 500][..]].concat(), "192.0.2.7"),
    ("CVE-2017-6460: an address of 3000 letters in a restriction", "reslist", Lists, || [b"hits.0=1, flags.0=ok, mask.0=0.0.0.0, addr.0=", &[b'1'; 3000][..]].concat(), ""),
    ("CVE-2018-7183: an array of 9 items", "rv &1", Peer, || array(9), "filtdelay"),
    ("CVE-2018-7183: an array of 200 items", "rv &1", Peer, || array(200), "filtdelay"),
    ("CVE-2018-7183: an array of 10000 letters of items", "rv &1", Peer, || array(4000), TOO_LONG),
    ("CVE-2018-7183: an item of 3000 digits", "rv &1", Peer, || [b"stratum=2, filtdelay= ", &[b'9'; 3000][..], b" 1.0"].concat(), "stratum=2"),
    ("CVE-2018-7183: an item of 3000 letters", "rv &1", Peer, || [b"stratum=2, filtoffset= ", &[b'x'; 3000][..], b" 1.0"].concat(), "stratum=2"),
    ("an empty array", "rv &1", Peer, || b"filtdelay=, filtoffset=, filtdisp=, stratum=2".to_vec(), "stratum=2"),
    ("an array of 8 items", "rv &1", Peer, || array(8), "filtdelay"),
    ("an array of blanks", "rv &1", Peer, || b"filtdelay=          , stratum=2".to_vec(), "stratum=2"),
    ("an array of signs", "rv &1", Peer, || b"filtdelay= - + . -. +. e 0x, stratum=2".to_vec(), "stratum=2"),
    ("CVE-2023-26551: 10000 digits before the point", "peers", Peer, || [b"srcadr=127.0.0.77, offset=", &[b'9'; 10_000][..], b".5"].concat(), "127.0.0.77"),
    ("CVE-2023-26552: 10000 digits before and after the point", "peers", Peer, || [b"srcadr=127.0.0.77, delay=", &[b'1'; 5000][..], b".", &[b'1'; 5000]].concat(), "127.0.0.77"),
    ("CVE-2023-26553: 10000 digits after the point", "peers", Peer, || [b"srcadr=127.0.0.77, jitter=0.", &[b'3'; 10_000][..]].concat(), "127.0.0.77"),
    ("CVE-2023-26554: 10000 zeros before a digit", "peers", Peer, || [b"srcadr=127.0.0.77, jitter=", &[b'0'; 10_000][..], b"1"].concat(), "127.0.0.77"),
    ("CVE-2023-26551: the same in a variable of the daemon", "rv", System, || [b"offset=", &[b'9'; 10_000][..], b".5, stratum=2"].concat(), TOO_LONG),
    ("CVE-2023-26554: the same in a timestamp", "rv", System, || [b"reftime=0x", &[b'0'; 500][..], b".1, stratum=2"].concat(), "stratum=2"),
    ("nan", "peers", Peer, || b"srcadr=127.0.0.77, offset=nan, delay=NaN, jitter=-nan".to_vec(), "127.0.0.77"),
    ("inf", "peers", Peer, || b"srcadr=127.0.0.77, offset=inf, delay=-inf, jitter=Infinity".to_vec(), "127.0.0.77"),
    ("1e999", "peers", Peer, || b"srcadr=127.0.0.77, offset=1e999, delay=-1e999, jitter=1e-999".to_vec(), "127.0.0.77"),
    ("the largest numbers", "peers", Peer, || b"srcadr=127.0.0.77, offset=1e308, delay=1.8e308, jitter=9223372036854775808".to_vec(), "127.0.0.77"),
    ("signs and points alone", "peers", Peer, || b"srcadr=127.0.0.77, offset=-, delay=., jitter=+-1, reach=-1, stratum=--2".to_vec(), "127.0.0.77"),
    ("numbers above their type", "peers", Peer, || b"srcadr=127.0.0.77, stratum=4294967298, reach=18446744073709551616, hpoll=999, ppoll=-999, hmode=257".to_vec(), "127.0.0.77"),
    ("addresses that are none", "peers", Peer, || b"srcadr=[::1, dstadr=1.2.3.4.5, refid=999.1.1.1, stratum=2, offset=7.25".to_vec(), "7.250"),
    ("ports that are none", "peers", Peer, || b"srcadr=127.0.0.77:99999, srcport=-1, dstport=65536, offset=7.25".to_vec(), "7.250"),
    ("timestamps beyond their field", "rv &1", Peer, || b"reftime=0x1ffffffff.ffffffff, rec=0x.., xmt=-0x1.0, stratum=2".to_vec(), "stratum=2"),
    ("no `=` at all", "rv", System, || b"stratum".to_vec(), "stratum"),
    ("names without values, and values without names", "rv", System, || b"=, =1, ,,,, a=, b, stratum=2".to_vec(), ""),
    ("the same name a thousand times", "rv", System, || [&b"stratum=2, ".repeat(1000)[..], b"leap=0"].concat(), "stratum=2"),
    ("the same name a thousand times in a peer", "peers", Peer, || [&b"srcadr=127.0.0.77, ".repeat(700)[..], b"offset=7.25"].concat(), "7.250"),
    ("two thousand variables", "rv", System, || (0..2000).map(|n| format!("v{n}=1, ")).collect::<String>().into_bytes(), "Buffer size exceeded"),
    ("a time code of 3000 letters", "cv &2", Clock, || [b"device=\"GPS\", timecode=\"", &[b'$'; 3000][..], b"\", poll=7"].concat(), TOO_LONG),
    ("counters of a clock above their type", "cv &2", Clock, || b"poll=99999999999999999999, noreply=-1, fudgetime1=1e999, flags=0xfffffffff".to_vec(), "poll="),
    ("an interface with the largest index", "ifstats", Lists, || b"name.4294967295=eth0, addr.4294967295=192.0.2.7:123".to_vec(), ""),
    ("an interface with an index above 32 bits", "ifstats", Lists, || b"name.4294967296=eth0, addr.4294967296=192.0.2.7:123".to_vec(), ""),
    ("an interface with a negative index", "ifstats", Lists, || b"name.-1=eth0, addr.-1=192.0.2.7:123".to_vec(), ""),
    ("an interface with an index of 3000 digits", "ifstats", Lists, || [b"name.", &[b'9'; 3000][..], b"=eth0"].concat(), ""),
    ("an interface without an index", "ifstats", Lists, || b"name.=eth0, addr=192.0.2.7:123, name.0x1=lo, name.0.0=lo".to_vec(), ""),
    ("an interface with a name of 3000 letters", "ifstats", Lists, || [b"addr.0=192.0.2.7:123, name.0=\"", &[b'e'; 3000][..], b"\", en.0=1, flags.0=0x1"].concat(), "192.0.2.7"),
    ("interfaces in a row that goes backwards", "ifstats", Lists, || (0..200).rev().map(|n| format!("name.{n}=e{n}, addr.{n}=192.0.2.7:123, ")).collect::<String>().into_bytes(), "192.0.2.7"),
    ("a restriction with the largest index", "reslist", Lists, || b"addr.4294967295=192.0.2.7, mask.4294967295=255.0.0.0, hits.4294967295=1, flags.4294967295=x".to_vec(), ""),
    ("a restriction with a negative index", "reslist", Lists, || b"addr.-7=192.0.2.7, mask.-7=255.0.0.0, hits.-7=1, flags.-7=x".to_vec(), ""),
    ("a restriction with a mask that has holes", "reslist", Lists, || b"addr.0=192.0.2.7, mask.0=255.0.255.0, hits.0=18446744073709551616, flags.0=x".to_vec(), "192.0.2.7"),
    ("clients with the largest index", "mrulist", Clients, || b"addr.4294967295=192.0.2.7:123, last.4294967295=0xeeab74e6.1".to_vec(), ""),
    ("clients with a negative index", "mrulist", Clients, || b"addr.-1=192.0.2.7:123, last.-1=0xeeab74e6.1".to_vec(), ""),
    ("clients with an index of 3000 digits", "mrulist", Clients, || [b"addr.", &[b'1'; 3000][..], b"=192.0.2.7:123"].concat(), ""),
    ("clients whose addresses are none", "mrulist", Clients, || b"addr.0=x, last.0=y, first.0=z, ct.0=-1, mv.0=999, rs.0=0xfffffffff".to_vec(), ""),
    ("clients without any", "mrulist", Clients, || b"".to_vec(), ""),
    ("clients of the future, with counts above their type", "mrulist", Clients, || b"addr.0=192.0.2.7:123, last.0=0xffffffff.ffffffff, first.0=0x0.0, ct.0=99999999999999999999, mv.0=35, rs.0=0x0, now=0xeeab74e6.0, last.newest=0xffffffff.ffffffff".to_vec(), ""),
    ("clients that are the same in every answer", "mrulist", Clients, || b"addr.0=192.0.2.7:123, last.0=0xeeab74e6.1, first.0=0xeeab74e6.1, ct.0=1, mv.0=35, rs.0=0x0, ".to_vec(), ""),
    ("a nonce within the list, of 3000 letters", "mrulist", Clients, || [b"nonce=", &[b'0'; 3000][..], b", addr.0=192.0.2.7:123"].concat(), ""),
    ("the end of the list before its rows", "mrulist", Clients, || b"now=0xeeab74e6.0, last.newest=0xeeab74e6.0".to_vec(), ""),
    ("the end of the list without a time", "mrulist", Clients, || b"now=, last.newest=x, addr.0=192.0.2.7:123".to_vec(), ""),
];

fn array(items: usize) -> Vec<u8> {
    let item = if items > 9 { "1 " } else { "10000.25 " };
    format!("stratum=2, filtdelay= {}, filtoffset= {}", item.repeat(items), item.repeat(items.min(9)))
        .into_bytes()
}

#[test]
fn values_of_any_size() {
    in_parallel(&CASES, |&(name, command, about, text, shows)| {
        for (form, is_classic) in FORMS {
            let mut speaker = Speaker::saying(b"x");
            match about {
                System => speaker.system = text(),
                Peer => speaker.peer = text(),
                Clock => speaker.clock = text(),
                Lists => speaker.lists = text(),
                Clients => speaker.clients = text(),
            }
            let server = speaker.start();
            let host = server.address().to_string();
            let key = WITH_KEY.iter().flat_map(|command| ["-c", command]);
            let words = ["-n", "--format", form, "-c", "timeout 300"].into_iter().chain(key);
            let run = Run::called("ntpq", words.chain(["-c", command, host.as_str()]));
            let ran = if is_classic { run.classic() } else { run }.run();
            let about = format!("{name} ({form}{})", if is_classic { ", 4.2.8p15" } else { "" });
            check_output(&about, form, &ran)?;
            // The list of clients is asked for again until it is certain that nothing new comes.
            let most = if command == "mrulist" { 20 * DATAGRAMS } else { DATAGRAMS };
            ensure(server.requests() < most, || format!("{about}: {} requests", server.requests()))?;
            let is_plain = form == "classic" && !is_classic;
            let is_shown = ran.stdout.contains(shows) || ran.stderr.contains(shows);
            ensure(!is_plain || is_shown, || format!("{about}: {ran}"))?;
            // Silence is no answer to anything: there is a result, or a reason why there is none.
            let says = ran.status == Some(0) || !ran.stderr.is_empty();
            ensure(is_classic || says, || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// The authenticator of a reply that is otherwise right.
mod authenticator {
    use super::*;
    use crate::control::one;
    use crate::server::Server;
    use crate::speaker::SECRET;
    use ntpkit::auth::control::seal;
    use ntpkit::auth::{Key, KeyType};

    /// What the server does, to the reply and its authenticator, and whether the reply counts.
    type Row = (&'static str, fn(&Key, Vec<u8>) -> Vec<u8>, bool);

    #[rustfmt::skip]
    const CASES: [Row; 14] = [
        ("the true authenticator", |key, reply| seal(key, reply), true),
        ("CVE-2016-1550: none", |_, reply| reply, false),
        ("CVE-2016-1550: a key identifier alone", |_, reply| [&reply[..], &[0, 0, 0, 5]].concat(), false),
        ("CVE-2016-1550: a crypto-NAK", |_, reply| [&reply[..], &[0; 4]].concat(), false),
        ("CVE-2016-1550: the first octet of the code", |key, reply| cut(key, reply, 19), false),
        ("CVE-2016-1550: half of the code", |key, reply| cut(key, reply, 10), false),
        ("CVE-2016-1550: all of the code but its last octet", |key, reply| cut(key, reply, 1), false),
        ("CVE-2016-1550: the code with its last bit wrong", |key, reply| flip(key, reply, 19), false),
        ("CVE-2016-1550: the code with its first bit wrong", |key, reply| flip(key, reply, 0), false),
        ("CVE-2016-1550: a code of zeros", |_, reply| [&pad(reply)[..], &[0, 0, 0, 5], &[0; 20]].concat(), false),
        ("four octets after the code", |key, reply| [&seal(key, reply)[..], &[0; 4]].concat(), false),
        ("the code twice", |key, reply| seal(key, seal(key, reply)), false),
        ("the code of another type", |_, reply| seal(&Key::from_text(5, KeyType::Md5, SECRET).unwrap(), reply), false),
        ("the code of another key", |_, reply| seal(&Key::from_text(6, KeyType::Sha1, SECRET).unwrap(), reply), false),
    ];

    fn pad(mut reply: Vec<u8>) -> Vec<u8> {
        reply.resize(reply.len().next_multiple_of(8), 0);
        reply
    }

    /// The reply without the last octets of its code.
    fn cut(key: &Key, reply: Vec<u8>, octets: usize) -> Vec<u8> {
        let mut sealed = seal(key, reply);
        sealed.truncate(sealed.len() - octets);
        sealed
    }

    /// The reply with an octet of its code changed.
    fn flip(key: &Key, reply: Vec<u8>, octet: usize) -> Vec<u8> {
        let mut sealed = seal(key, reply);
        let at = sealed.len() - 20 + octet;
        sealed[at] ^= 1 << (octet % 7);
        sealed
    }

    #[test]
    fn of_every_length() {
        in_parallel(&CASES, |&(name, change, counts)| {
            for (form, is_classic) in FORMS {
                let key = Key::from_text(5, KeyType::Sha1, SECRET).unwrap();
                let server = Server::start(move |request| {
                    let mut sent = one(request, b"stratum=7");
                    for delivery in &mut sent {
                        delivery.datagram = change(&key, std::mem::take(&mut delivery.datagram));
                    }
                    sent
                });
                let host = server.address().to_string();
                let commands = WITH_KEY.iter().chain(&["authenticate yes", "rv"]);
                let words = ["-n", "--format", form, "-c", "timeout 150"].into_iter();
                let words = words.chain(commands.flat_map(|command| ["-c", command]));
                let run = Run::called("ntpq", words.chain([host.as_str()]));
                let ran = if is_classic { run.classic() } else { run }.run();
                let about = format!("{name} ({form}{})", if is_classic { ", 4.2.8p15" } else { "" });
                check_output(&about, form, &ran)?;
                ensure(server.requests() < DATAGRAMS, || format!("{about}: {} requests", server.requests()))?;
                // The original prints what it could not verify, with a warning.
                let believed = ran.status == Some(0) && ran.stdout.contains('7');
                ensure(is_classic || believed == counts, || format!("{about}: {ran}"))?;
                ensure(is_classic || counts == ran.stderr.is_empty(), || format!("{about}: {ran}"))?;
            }
            Ok(())
        });
    }
}
