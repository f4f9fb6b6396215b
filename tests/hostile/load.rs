//! A load of a million hostile datagrams on one program, which must not grow.

use crate::control::reply_to;
use crate::server::{Server, at_once};
use crate::support::Run;
use ntpkit::sim::Delivery;
use ntpkit::wire::control::{Header, Opcode};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

/// The hostile datagrams before each true reply: fewer than the queue of a socket takes, so that all are read.
const BURST: u16 = 100;
const QUESTIONS: usize = 10_000;
/// The questions after which the program has all memory that it will ever need.
const WARM: usize = 100;
/// What it may grow afterwards, in KiB.
const GROWTH: usize = 512;

/// Datagrams of each kind that looks like a reply to this request and is none, and then the true one.
fn hostile(request: &[u8]) -> Vec<Delivery> {
    let Some(header) = reply_to(request) else { return Vec::new() };
    let text = b"stratum=1, and more";
    let mut all: Vec<_> = (1..=BURST)
        .map(|number| match number % 8 {
            0 => Header { response: false, ..header }.encode(text),
            1 => Header { opcode: Opcode::WRITE_VARIABLES, ..header }.encode(text),
            2 => Header { version: 7, ..header }.encode(text),
            3 => vec![0xff; usize::from(number) % 48],
            4 => Header { more: true, offset: 8 * number, sequence: !header.sequence, ..header }.encode(text),
            _ => Header { sequence: header.sequence.wrapping_add(0x4000 + number), ..header }.encode(text),
        })
        .collect();
    all.push(header.encode(b"stratum=7"));
    at_once(all)
}

/// The largest amount of memory that a process has had, in KiB.
fn peak(process: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_million_datagrams_do_not_make_it_grow() {
    let server = Server::start(hostile);
    let mut command = Run::ntpq(["-n", &server.address().to_string()]).command();
    let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut commands, stdout) = (program.stdin.take().unwrap(), program.stdout.take().unwrap());
    let mut lines = BufReader::new(stdout).lines();
    let mut warm = 0;
    for number in 0..QUESTIONS {
        if number == WARM {
            warm = peak(&program);
        }
        commands.write_all(b"rv 0 stratum\n").unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), "stratum=7", "question {number}");
    }
    let growth = peak(&program) - warm;
    drop(commands);
    assert!(program.wait().unwrap().success());
    assert!(growth <= GROWTH, "it has grown by {growth} KiB");
    // Hardly any was asked twice (a busy machine is slow): the true replies have been found among the others.
    let requests = server.requests();
    assert!(requests < QUESTIONS + QUESTIONS / 100, "{requests} requests");
}
