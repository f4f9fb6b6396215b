//! Interrupts, in a process of their own: any other test in it that runs an applet would end the process as Ctrl-C does. A single
//! test, because all of it shares one signal.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use nix::sys::signal::{Signal, raise};
use ntpkit::net::interrupt::Interrupt;
use std::os::unix::net::UnixStream;

#[test]
fn an_interrupt_waits_until_it_is_taken() {
    let session = Interrupt::watch_terminal().unwrap();
    assert!(!session.is_pending() && !session.take());
    raise(Signal::SIGINT).unwrap();
    assert!(session.is_pending() && session.is_pending());
    assert!(session.take() && !session.is_pending());

    // A command in the session watches, too, and takes the interrupts; the session goes on watching after it.
    let command = Interrupt::watch().unwrap();
    raise(Signal::SIGINT).unwrap();
    raise(Signal::SIGINT).unwrap();
    assert!(command.take() && !session.is_pending());
    drop(command);
    raise(Signal::SIGINT).unwrap();
    assert!(session.take());

    // From any thread.
    std::thread::spawn(|| raise(Signal::SIGINT).unwrap()).join().unwrap();
    let (reader, _writer) = UnixStream::pair().unwrap();
    assert!(session.comes_before(&reader) && session.take());

    raise(Signal::SIGINT).unwrap();
    drop(session);
    assert!(!Interrupt::watch().unwrap().is_pending(), "meant for the previous watcher");
}
