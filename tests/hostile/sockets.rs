//! The other daemons' own protocols: chronyd over UDP, ntpd-rs and the system bus over Unix sockets.

use crate::case::{check_output, ensure, in_parallel};
use crate::server::{Server, at_once};
use crate::support::Run;
use ntpkit::sim::Delivery;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// The recorded replies of the real chronyd: lines of hexadecimal octets after each name.
const CHRONYD: &str = include_str!("../daemons/chronyd.txt");

/// What the server does to a reply, and a part of the error, or nothing if the reply counts.
type Row = (&'static str, fn(Vec<u8>) -> Vec<Delivery>, &'static str);

/// One case a line.
#[rustfmt::skip]
const REPLIES: [Row; 16] = [
    ("the true reply", |reply| at_once([reply]), ""),
    ("no octets at all", |_| at_once([Vec::new()]), "no answer"),
    ("27 octets", |reply| at_once([reply[..27].to_vec()]), "no answer"),
    ("the header alone", |reply| at_once([reply[..28].to_vec()]), "invalid reply"),
    ("half of the report", |reply| at_once([reply[..60].to_vec()]), "invalid reply"),
    ("1400 octets after the report", |reply| at_once([[&reply[..], &[0xff; 1400]].concat()]), ""),
    ("another sequence number", |reply| changed(reply, |reply| reply[16] ^= 1), "no answer"),
    ("another command", |reply| changed(reply, |reply| reply[5] ^= 1), "no answer"),
    ("a request instead of a reply", |reply| changed(reply, |reply| reply[1] = 1), "no answer"),
    ("the layout of another report", |reply| changed(reply, |reply| reply[7] = 99), "invalid reply"),
    ("a status that is not defined", |reply| changed(reply, |reply| reply[9] = 200), "invalid reply (status 200)"),
    ("another protocol version", |reply| changed(reply, |reply| reply[0] = 99), "no answer"),
    ("all octets of the report set", |reply| changed(reply, |reply| reply[28..].fill(0xff)), ""),
    ("all octets of the report ESC", |reply| changed(reply, |reply| reply[28..].fill(0x1b)), ""),
    ("a flood of near-valid replies before the true one", flood, ""),
    ("the true reply from another port", elsewhere, "no answer"),
];

fn changed(mut reply: Vec<u8>, change: fn(&mut Vec<u8>)) -> Vec<Delivery> {
    change(&mut reply);
    at_once([reply])
}

fn flood(reply: Vec<u8>) -> Vec<Delivery> {
    let mut all: Vec<Vec<u8>> = vec![reply; 100];
    for (number, near) in (1..).zip(&mut all[..99]) {
        near[19] ^= number;
    }
    at_once(all)
}

fn elsewhere(reply: Vec<u8>) -> Vec<Delivery> {
    let mut sent = at_once([reply]);
    sent[0].elsewhere = true;
    sent
}

/// The recorded reply about the clock, for a request.
fn tracking(request: &[u8]) -> Option<Vec<u8>> {
    let lines = CHRONYD.lines().skip_while(|line| *line != "# TRACKING").skip(1);
    let line: String = lines.take_while(|line| !line.starts_with('#')).collect();
    let octets = (0..line.len() / 2).map(|at| u8::from_str_radix(&line[2 * at..2 * at + 2], 16).unwrap());
    let mut reply: Vec<u8> = octets.collect();
    reply[4..6].copy_from_slice(request.get(4..6)?);
    reply[16..20].copy_from_slice(request.get(8..12)?);
    (request[4..6] == [0, 33]).then_some(reply)
}

#[test]
fn chronyd() {
    in_parallel(&REPLIES, |&(name, change, error)| {
        for form in ["classic", "json", "openmetrics"] {
            let server = Server::start(move |request| tracking(request).map(change).unwrap_or_default());
            let host = server.address().to_string();
            let words = ["chrony", "tracking", "-n", "-t", "0.3", "--format", form, &host];
            let ran = Run::called("ntpkit", words).run();
            let about = format!("{name} ({form})");
            check_output(&about, form, &ran)?;
            ensure(server.requests() < 20, || format!("{about}: {} requests", server.requests()))?;
            let met = if error.is_empty() {
                ran.status == Some(0) && ran.stderr.is_empty()
            } else {
                ran.status == Some(1) && ran.stderr.contains(error)
            };
            ensure(met, || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// What a process at a daemon's socket says.
type Talk = fn(&mut UnixStream);

/// One case a line.
#[rustfmt::skip]
const OBSERVATIONS: [(&str, Talk); 14] = [
    ("the end at once", |_| {}),
    ("silence", silence),
    ("a length alone", |stream| say(stream, &20_u64.to_be_bytes())),
    ("a length of zero", |stream| say(stream, &[0; 8])),
    ("the largest length", |stream| say(stream, &[0xff; 8])),
    ("a length of 100 MB, and octets without end", |stream| { say(stream, &100_000_000_u64.to_be_bytes()); endless(stream); }),
    ("octets without end", endless),
    ("an octet every 50 ms", trickle),
    ("half of a number", |stream| frame(stream, br#"{"system":{"stratum":1"#)),
    ("objects within objects", |stream| frame(stream, "{\"a\":".repeat(20_000).as_bytes())),
    ("lists within lists", |stream| frame(stream, "[".repeat(100_000).as_bytes())),
    ("numbers beyond their type", |stream| frame(stream, br#"{"system":{"stratum":1e999,"precision":-1e999}}"#)),
    ("texts that a terminal obeys", |stream| frame(stream, "{\"program\":{\"version\":\"\\u001b[2J\u{9b}m\u{202e}\"},\"system\":{\"stratum\":1},\"sources\":[{\"name\":\"\\u001b]0;x\\u0007\",\"address\":\"\\u009b\"}]}".as_bytes())),
    ("text that is not UTF-8", |stream| frame(stream, b"{\"program\":{\"version\":\"\xff\xfe\"}}")),
];

fn say(stream: &mut UnixStream, octets: &[u8]) {
    // The reader may be gone.
    let _ = stream.write_all(octets);
}

fn frame(stream: &mut UnixStream, json: &[u8]) {
    say(stream, &u64::try_from(json.len()).unwrap().to_be_bytes());
    say(stream, json);
}

/// Waits until the reader has gone.
fn silence(stream: &mut UnixStream) {
    let _ = stream.read(&mut [0; 1]);
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    while stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {}
}

fn endless(stream: &mut UnixStream) {
    while stream.write_all(&[b'{'; 8192]).is_ok() {}
}

fn trickle(stream: &mut UnixStream) {
    while stream.write_all(b"{").is_ok() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn ntpd_rs() {
    in_parallel(&OBSERVATIONS, |&(name, talk)| {
        for form in ["classic", "json", "openmetrics"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("observe");
            let daemon = at_socket(&path, talk);
            let socket = format!("ntpd-rs:{}", path.display());
            let ran =
                Run::called("ntpstat", ["--daemon", &socket, "--timeout", "0.4", "--format", form]).run();
            drop(daemon);
            let about = format!("{name} ({form})");
            check_output(&about, form, &ran)?;
            ensure(ran.status != Some(0), || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// One case a line: what the bus says to a client that greets it.
#[rustfmt::skip]
const BUSES: [(&str, Talk); 9] = [
    ("the end at once", |_| {}),
    ("silence", silence),
    ("a refusal", |stream| say(stream, b"REJECTED EXTERNAL\r\n")),
    ("a line without end", endless),
    ("an octet every 50 ms", trickle),
    ("a greeting, and the end", |stream| say(stream, b"OK 0123456789abcdef0123456789abcdef\r\n")),
    ("a greeting, and octets without end", |stream| { say(stream, b"OK 0123456789abcdef\r\n"); endless(stream); }),
    ("a message of the largest length", |stream| { say(stream, b"OK 0123456789abcdef\r\nl\x02\0\x01\xff\xff\xff\xff\x01\0\0\0\xff\xff\xff\xff"); endless(stream); }),
    ("lines that a terminal obeys", |stream| say(stream, b"ERROR \x1b[2J\x9b31m\r\n")),
];

#[test]
fn system_bus() {
    in_parallel(&BUSES, |&(name, talk)| {
        for form in ["classic", "json", "openmetrics"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("bus");
            let bus = at_socket(&path, talk);
            let address = format!("unix:path={}", path.display());
            let words = ["--daemon", "timesyncd", "--timeout", "0.4", "--format", form];
            let ran = Run::called("ntpstat", words).environment("DBUS_SYSTEM_BUS_ADDRESS", &address).run();
            drop(bus);
            let about = format!("{name} ({form})");
            check_output(&about, form, &ran)?;
            ensure(ran.status != Some(0), || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// Lets somebody talk to each that connects to this socket.
fn at_socket(path: &std::path::Path, talk: Talk) -> impl Drop {
    let listener = UnixListener::bind(path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            match listener.accept() {
                Ok((mut stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    talk(&mut stream);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    });
    Socket { stop: Some(stop), thread: Some(thread) }
}

struct Socket {
    stop: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.stop = None;
        let ended = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        assert!(ended || std::thread::panicking(), "the daemon has panicked");
    }
}

/// CVE-2018-12327: the original copied a host's name into a buffer of fixed length.
#[test]
fn cve_2018_12327_host_names_of_any_length() {
    for (program, words) in [("ntpq", &["-c", "rv"][..]), ("ntpdc", &["-c", "sysinfo"]), ("ntpdate", &["-q"])]
    {
        for host in [
            "a".repeat(2000),
            format!("[{}]", "a".repeat(2000)),
            format!("[{}", ":".repeat(2000)),
            format!("[::1%{}]", "e".repeat(2000)),
            format!("{}:123", "1".repeat(2000)),
            format!("[::1]:{}", "9".repeat(2000)),
        ] {
            for compat in ["none", "4.2.8p15"] {
                let run = Run::called(program, words.iter().copied().chain([host.as_str()]));
                let ran = run.environment("NTPKIT_COMPAT", compat).run();
                let shown: String = host.chars().take(20).collect();
                check_output(&format!("{program} {shown} ({compat})"), "classic", &ran).unwrap();
                assert!(
                    !ran.stderr.is_empty() && ran.stdout.is_empty(),
                    "{program} {shown} ({compat}): {ran}"
                );
                assert!(compat != "none" || ran.status != Some(0), "{program} {shown}: {ran}");
            }
        }
    }
}
