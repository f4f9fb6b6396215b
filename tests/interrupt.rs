//! Interrupts, in a process of their own: any other test in it that runs an applet would end the process as Ctrl-C does. A single
//! test, because all of it shares one signal.
#![allow(clippy::unwrap_used, reason = "what is missing here is a failed test")]

use nix::sys::signal::{Signal, raise};
use ntpkit::app::ntpq::NTPQ;
use ntpkit::cli::exit::RunOutcome;
use ntpkit::cli::output::Output;
use ntpkit::client::look::{Look, QuerySettings};
use ntpkit::compat::Dialect;
use ntpkit::console::batch::Run;
use ntpkit::console::interactive::InputMode;
use ntpkit::console::settings::Settings;
use ntpkit::net::epoll::Epoll;
use ntpkit::net::host::{AddressFamily, Host};
use ntpkit::net::interrupt::Interrupt;
use ntpkit::net::many::{Finish, Jobs, Limits, Names, run};
use ntpkit::net::names::{Forward, Lookup, NameError, NameService};
use ntpkit::net::sockets::Sockets;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Longer than any test may take: whatever ends sooner has not waited for names.
const PATIENCE: Duration = Duration::from_secs(86_400);

/// A resolver that says when it is asked, and never answers.
#[derive(Clone)]
struct Mute(Sender<()>);

impl Mute {
    fn service() -> (Arc<NameService>, Receiver<()>) {
        let (asked, questions) = channel();
        (Arc::new(NameService::new(Self(asked), PATIENCE)), questions)
    }

    fn wait(&self) -> ! {
        self.0.send(()).unwrap();
        loop {
            std::thread::park();
        }
    }
}

impl Lookup for Mute {
    fn forward(&self, _: &str, _: AddressFamily) -> Result<Forward, NameError> {
        self.wait()
    }

    fn addresses(&self, _: &str, _: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        self.wait()
    }

    fn reverse(&self, _: IpAddr) -> Result<Option<String>, NameError> {
        self.wait()
    }
}

/// Sends an interrupt as soon as the resolver is asked.
fn interrupt_when_asked(questions: Receiver<()>) {
    std::thread::spawn(move || {
        questions.recv().unwrap();
        raise(Signal::SIGINT).unwrap();
    });
}

fn names_are_not_waited_for_after_an_interrupt() {
    let (service, questions) = Mute::service();
    let watch = Interrupt::watch_terminal().unwrap();
    interrupt_when_asked(questions);
    let host: Host = "nowhere.example".parse().unwrap();
    assert_eq!(service.forward(&host, AddressFamily::Any), Err(NameError::TimedOut));
    assert!(service.reverse([192, 0, 2, 1].into()).is_none() && watch.take());
}

fn ntpq_ends_while_its_hosts_are_looked_up() {
    for hosts in [&["nowhere.example"][..], &["127.0.0.1:1", "nowhere.example"]] {
        let (names, questions) = Mute::service();
        let run = Run {
            called: "ntpq".to_owned(),
            settings: Settings::standard(&NTPQ, Dialect::Native),
            names,
            queue: vec!["peers".into()],
            unordered: false,
            jobs: Jobs::Usual,
        };
        interrupt_when_asked(questions);
        let mut output = Output::record();
        let operands: Vec<_> = hosts.iter().map(|host| ((*host).to_owned(), AddressFamily::Any)).collect();
        let outcome = run.begin(&mut output, &operands, InputMode::Silent);
        assert!(matches!(outcome, RunOutcome::Interrupted), "{outcome:?}");
        assert!(output.into_pieces().is_empty(), "nobody was queried");
    }
}

/// The loop of fleet, ntpstat and others.
fn a_loop_ends_while_its_hosts_are_looked_up() {
    let (service, questions) = Mute::service();
    let watch = Interrupt::watch_terminal().unwrap();
    let mut network = Epoll::new(Some(&watch)).unwrap();
    let names = Names::new(service, network.waker().unwrap());
    let looks = (1..=3).map(|number| {
        Look::new(format!("host{number}.example"), QuerySettings::default(), |_| {
            Sockets::stamped_by_address()
        })
    });
    interrupt_when_asked(questions);
    let mut outcomes = 0;
    let finish = run(network, names, Limits::default(), looks, &mut |_, _| {
        outcomes += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((finish.unwrap(), outcomes), (Finish::Interrupted, 0));
    assert!(watch.take());
}

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

    names_are_not_waited_for_after_an_interrupt();
    ntpq_ends_while_its_hosts_are_looked_up();
    a_loop_ends_while_its_hosts_are_looked_up();
}
