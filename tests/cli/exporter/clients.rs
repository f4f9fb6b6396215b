//! Clients that are slow, greedy, or gone.

use super::running::{Answer, Exporter, half_close, read_all};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd as _;

/// So many descriptors as this process may have.
fn descriptors() -> u64 {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let wanted = hard.min(4096);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).unwrap();
    wanted
}

#[test]
fn a_thousand_connections_keep_nobody_out() {
    let exporter = Exporter::start(&[]);
    let count = descriptors().saturating_sub(64).min(1000);
    let before = exporter.memory();
    let mut crowd: Vec<TcpStream> = Vec::new();
    for number in 0..count {
        let mut stream = exporter.connect();
        // Every second one begins, and does not go on.
        if number % 2 == 0 {
            drop(stream.write_all(b"GET /metrics HTTP/1.1\r\nX-Slow: "));
        }
        crowd.push(stream);
        if number % 100 == 99 {
            assert_eq!(exporter.get("/-/healthy").status, 200, "after {number}");
        }
    }
    assert_eq!(exporter.get("/metrics").status, 200);
    let grown = exporter.memory().saturating_sub(before);
    assert!(grown < 32 << 10, "{grown} KiB more");
    // The oldest were closed to make room.
    let mut octet = [0];
    assert_eq!(crowd[1].read(&mut octet).unwrap_or(0), 0);
}

/// A connection from another address of this machine.
fn from(source: Ipv4Addr, target: SocketAddr) -> TcpStream {
    let SocketAddr::V4(target) = target else { panic!("{target}: not IPv4") };
    let stream = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
    bind(stream.as_raw_fd(), &SockaddrIn::from(SocketAddrV4::new(source, 0))).unwrap();
    connect(stream.as_raw_fd(), &SockaddrIn::from(target)).unwrap();
    TcpStream::from(stream)
}

#[test]
fn a_crowd_displaces_only_its_own_connections() {
    let exporter = Exporter::start(&[]);
    let count = descriptors().saturating_sub(64).min(600);
    let mut slow = exporter.connect();
    let crowd: Vec<TcpStream> =
        (0..count).map(|_| from(Ipv4Addr::new(127, 0, 0, 2), exporter.address)).collect();
    assert_eq!(exporter.get("/-/healthy").status, 200);
    slow.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    assert!(read_all(&mut slow).ends_with("Healthy\n"), "displaced by {} others", crowd.len());
}

#[test]
fn headers_have_a_bound() {
    let exporter = Exporter::start(&[]);
    let before = exporter.memory();
    let long = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(1 << 20));
    let answer = exporter.say(&long);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer:.200}");
    let many = format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(500));
    let answer = exporter.say(&many);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer:.200}");
    let answer = exporter.say("nonsense\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(exporter.memory().saturating_sub(before) < 8 << 10);
    assert_eq!(exporter.get("/-/healthy").status, 200);
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let exporter = Exporter::start(&[]);
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let last = "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = exporter.say(format!("{}{}{last}", one("/-/healthy"), one("/nothing")));
    let statuses: Vec<&str> = answer
        .lines()
        .filter(|line| line.contains("HTTP/1.1 "))
        .map(|line| line.rsplit("HTTP/1.1 ").next().unwrap())
        .collect();
    assert_eq!(statuses, ["200 OK", "404 Not Found", "200 OK"], "{answer}");
}

#[test]
fn who_says_no_more_still_gets_an_answer() {
    let exporter = Exporter::start(&[]);
    let mut stream = exporter.connect();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    half_close(&stream);
    let answer = Answer::of(&read_all(&mut stream));
    assert!(answer.status == 200 && answer.body.contains("ntpkit_build_info"), "{answer:?}");
}

/// A body is not read, and nothing in it is taken for a request.
#[test]
fn a_body_is_no_request() {
    let exporter = Exporter::start(&[]);
    let inner = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n";
    let request =
        format!("GET /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{inner}", inner.len());
    let mut stream = exporter.connect();
    stream.write_all(request.as_bytes()).unwrap();
    half_close(&stream);
    let answer = read_all(&mut stream);
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

/// Those that do not read what they asked for, again and again.
#[test]
fn who_does_not_read_harms_nobody() {
    let exporter = Exporter::start(&[]);
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let mut stream = exporter.connect();
        stream.set_nonblocking(true).unwrap();
        let request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
        for _ in 0..50 {
            if stream.write(request.as_bytes()).is_err() {
                break;
            }
        }
        deaf.push(stream);
    }
    let begun = exporter.memory();
    assert_eq!(exporter.get("/-/healthy").status, 200);
    assert!(begun < 64 << 10, "{begun} KiB");
}
