//! A host whose commands run as far as its daemon's answers are known, and again when more have arrived.

use super::output::HostOutput;
use super::{Run, Turn, adopt};
use crate::cli::output::Output;
use crate::client::daemon::{Correspondence, Record, Talk, Wanted};
use crate::clock;
use crate::console::Shell;
use crate::console::host::{self, Hosts, Target};
use crate::console::settings::Settings;
use crate::net::host::{AddressFamily, Host};
use crate::net::many::{Found, Job, Step};
use crate::net::names::NameService;
use crate::net::sockets::Sockets;
use crate::session::{PathError, Session};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The commands for one host.
pub(super) struct Replayed<'a> {
    commands: Commands<'a>,
    found: Option<super::Found>,
    correspondence: Option<Box<Correspondence>>,
    /// The questions to ask when the conversation has ended.
    wanted: Option<Wanted>,
    said: Option<HostOutput>,
}

/// How the commands for a host are run.
#[derive(Clone)]
struct Commands<'a> {
    run: &'a Run,
    hosts: &'a Hosts,
    at: usize,
    name: &'a str,
    settings: Arc<Settings>,
    family: AddressFamily,
    /// The name service with this host's deadline.
    names: Arc<NameService>,
    /// When all answers had arrived.
    time: Option<Timestamp>,
}

impl Commands<'_> {
    fn shell(&self) -> Shell {
        let settings = Settings::clone(&self.settings);
        let (names, time) = (Arc::clone(&self.names), self.time);
        Shell { settings, names, time, ..self.run.shell(Output::record(), self.hosts.clone()) }
    }

    /// Runs the commands. Their output is complete if no questions are left and the name service is not behind.
    fn play(&self, record: &mut Record) -> (HostOutput, Option<Wanted>) {
        self.names.was_behind();
        let mut shell = self.shell();
        let daemon = record.replay().through(self.settings.daemon.clone());
        if adopt(&mut shell, self.name, Ok((daemon, self.family))) {
            shell.run_queue(&self.run.queue);
        }
        let wanted = match std::mem::replace(&mut shell.target, Target::None) {
            Target::Open(daemon) => record.keep(*daemon),
            Target::None | Target::Lazy(_) => None,
        };
        (HostOutput::by(shell), wanted)
    }
}

/// What a host has said.
pub(super) enum Said<'a> {
    /// Its output.
    Output(HostOutput),
    /// Its answers, whose output lacks names that are still being looked up.
    Unnamed(Box<Unnamed<'a>>),
}

/// A host whose daemon has answered everything, but whose output lacks names.
pub(super) struct Unnamed<'a> {
    commands: Commands<'a>,
    record: Record,
}

impl Unnamed<'_> {
    /// Its output; waits for names until the host's deadline if wanted.
    pub(super) fn output(mut self, waits: bool) -> HostOutput {
        if waits {
            self.commands.names.wait_from_now_on();
        }
        self.commands.play(&mut self.record).0
    }

    /// Its output, if all names are known, or too late.
    pub(super) fn output_without_waiting(&mut self) -> Option<HostOutput> {
        let (output, _) = self.commands.play(&mut self.record);
        (!self.commands.names.was_behind()).then_some(output)
    }
}

/// A host's next step.
type Next<'a> = Step<Talk, Sockets, (usize, Said<'a>)>;

impl<'a> Replayed<'a> {
    pub(super) fn new(run: &'a Run, hosts: &'a Hosts, turn: Turn<'a>) -> Self {
        let Turn { at, name, found, settings } = turn;
        let names = Arc::new(run.names.for_one_of_many());
        let family = AddressFamily::Any;
        let commands = Commands { run, hosts, at, name, settings, family, names, time: None };
        Self { commands, found: Some(found), correspondence: None, wanted: None, said: None }
    }

    /// Runs the commands. Their output is complete if no questions are left.
    fn play(&mut self) -> (HostOutput, Option<Wanted>) {
        match &mut self.correspondence {
            Some(correspondence) => self.commands.play(correspondence.record()),
            None => (HostOutput::by(self.commands.shell()), None),
        }
    }

    /// Runs the commands until they have to wait for an answer or are done.
    fn go_on(&mut self) -> Next<'a> {
        loop {
            let (said, wanted) = self.play();
            match (wanted, &mut self.correspondence) {
                (Some(wanted), Some(correspondence)) => {
                    if let Some((session, sockets)) = correspondence.ask(wanted) {
                        return Step::Talk(session, sockets);
                    }
                }
                _ => return self.done(said),
            }
        }
    }

    /// Ends with this output of the last run of the commands.
    fn done(&mut self, output: HostOutput) -> Next<'a> {
        let said = match self.correspondence.take() {
            Some(correspondence) if self.commands.names.was_behind() => {
                let commands = Commands { time: Some(clock::now()), ..self.commands.clone() };
                Said::Unnamed(Box::new(Unnamed { commands, record: correspondence.into_record() }))
            }
            _ => Said::Output(output),
        };
        Step::Done((self.commands.at, said))
    }
}

impl<'a> Job for Replayed<'a> {
    type Session = Talk;
    type Endpoint = Sockets;
    type Outcome = (usize, Said<'a>);

    /// It was looked up with the others, because columns are as wide as the longest name.
    fn host(&self) -> Option<(Host, AddressFamily)> {
        None
    }

    fn begin(&mut self, _: Found, _: Duration) -> Next<'a> {
        match self.found.take() {
            Some(Ok((host, family))) => {
                self.commands.family = family;
                let correspondence = host::correspondence(host, &self.commands.settings);
                self.correspondence = Some(Box::new(correspondence));
                self.go_on()
            }
            Some(Err(error)) => {
                let mut shell = self.commands.shell();
                adopt(&mut shell, self.commands.name, Err(error));
                self.done(HostOutput::by(shell))
            }
            None => self.go_on(),
        }
    }

    fn event(&mut self, session: &mut Talk, event: <Talk as Session>::Event) {
        let has_answers =
            self.correspondence.as_mut().is_some_and(|correspondence| correspondence.take(session, event));
        if !has_answers {
            return;
        }
        let (said, wanted) = self.play();
        match (wanted, &mut self.correspondence) {
            (Some(wanted), Some(correspondence)) => {
                self.wanted = correspondence.ask_further(session, wanted).err();
            }
            _ => self.said = Some(said),
        }
    }

    fn end(&mut self, session: Talk, result: Result<(), PathError>, _: Duration) -> Next<'a> {
        let Some(correspondence) = &mut self.correspondence else { return self.go_on() };
        if let Some((session, sockets)) = correspondence.end(session, result) {
            return Step::Talk(session, sockets);
        }
        if let Some(said) = self.said.take() {
            return self.done(said);
        }
        if let Some(wanted) = self.wanted.take()
            && let Some((session, sockets)) = correspondence.ask(wanted)
        {
            return Step::Talk(session, sockets);
        }
        self.go_on()
    }

    /// Unanswered questions were interrupted.
    fn interrupted(mut self) -> Option<(usize, Said<'a>)> {
        let (output, _) = self.play();
        Some((self.commands.at, Said::Output(output.interrupted())))
    }
}
