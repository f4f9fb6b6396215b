//! The end of an exporter by a signal.

use super::running::{Answer, Exporter, read_all};
use nix::sys::signal::Signal;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Much longer than anything should take.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_signal_closes_the_listener_and_the_status_is_0() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut exporter = Exporter::start(&[]);
        // An idle connection is no reason to wait.
        let mut idle = exporter.connect();
        idle.write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut octets = [0; 64];
        assert!(idle.read(&mut octets).unwrap() > 0);
        exporter.send(signal);
        let (status, log) = exporter.wait();
        assert_eq!(status, Some(0), "{signal}: {log:?}");
        let [stopping, stopped] = &log[..] else { panic!("{signal}: {log:?}") };
        assert!(stopping.ends_with(&format!(" level=INFO msg=Stopping signal={signal}\n")), "{log:?}");
        assert!(stopped.ends_with(" level=INFO msg=Stopped\n"), "{log:?}");
        read_all(&mut idle);
        drop(TcpListener::bind(exporter.address).expect("the port is free"));
    }
}

#[test]
fn an_answer_in_progress_is_completed() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut exporter = Exporter::start(&["--probe.timeout", "2"]);
    let mut stream = exporter.connect();
    let target = silent.local_addr().unwrap();
    write!(stream, "GET /probe?target={target}&module=sntp HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    silent.recv(&mut [0; 1024]).expect("the target is queried");
    exporter.send(Signal::SIGTERM);
    let answer = Answer::of(&read_all(&mut stream));
    assert_eq!((answer.status, answer.sample("ntpkit_probe_success")), (200, Some(0.0)), "{answer:?}");
    assert_eq!(exporter.wait().0, Some(0));
}

#[test]
fn slow_clients_do_not_keep_it_from_stopping() {
    let mut exporter = Exporter::start(&[]);
    let mut slow = exporter.connect();
    slow.write_all(b"GET /-/healthy HT").unwrap();
    exporter.get("/-/healthy");
    exporter.send(Signal::SIGTERM);
    assert_eq!(exporter.wait().0, Some(0));
}

/// A shell starts the background jobs of a script with SIGINT ignored: the interrupt is for the script.
#[test]
fn an_ignored_interrupt_stays_ignored() {
    let mut command = Command::new("sh");
    let script = "trap '' INT; exec \"$0\" exporter --web.listen-address 127.0.0.1:0";
    command.args(["-c", script, env!("CARGO_BIN_EXE_ntpkit")]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut exporter = Exporter::listening(command);
    exporter.send(Signal::SIGINT);
    assert_eq!(exporter.get("/-/healthy").status, 200);
    exporter.send(Signal::SIGTERM);
    assert_eq!(exporter.wait().0, Some(0));
}
