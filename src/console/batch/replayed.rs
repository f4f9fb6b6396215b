//! A host whose commands run as far as its daemon's answers are known, and again when more have arrived.

use super::output::HostOutput;
use super::{Run, Turn, adopt};
use crate::cli::output::Output;
use crate::client::daemon::{Correspondence, Talk, Wanted};
use crate::console::Shell;
use crate::console::host::{self, Hosts, Target};
use crate::console::settings::Settings;
use crate::net::host::{AddressFamily, Host};
use crate::net::many::{Found, Job, Step};
use crate::net::sockets::Sockets;
use crate::session::{PathError, Session};
use std::sync::Arc;
use std::time::Duration;

/// The commands for one host.
pub(super) struct Replayed<'a> {
    run: &'a Run,
    hosts: &'a Hosts,
    at: usize,
    name: &'a str,
    settings: Arc<Settings>,
    found: Option<super::Found>,
    correspondence: Option<Box<Correspondence>>,
    family: AddressFamily,
    /// The questions to ask when the conversation has ended.
    wanted: Option<Wanted>,
    said: Option<HostOutput>,
}

/// A host's next step.
type Next = Step<Talk, Sockets, (usize, HostOutput)>;

impl<'a> Replayed<'a> {
    pub(super) fn new(run: &'a Run, hosts: &'a Hosts, turn: Turn<'a>) -> Self {
        let Turn { at, name, found, settings } = turn;
        Self {
            run,
            hosts,
            at,
            name,
            settings,
            found: Some(found),
            correspondence: None,
            family: AddressFamily::Any,
            wanted: None,
            said: None,
        }
    }

    fn shell(&self) -> Shell {
        let settings = Settings::clone(&self.settings);
        Shell { settings, ..self.run.shell(Output::record(), self.hosts.clone()) }
    }

    /// Runs the commands. Their output is complete if no questions are left.
    fn play(&mut self) -> (HostOutput, Option<Wanted>) {
        let mut shell = self.shell();
        let Some(correspondence) = &mut self.correspondence else { return (HostOutput::by(shell), None) };
        let daemon = correspondence.replay();
        if adopt(&mut shell, self.name, Ok((daemon, self.family))) {
            shell.run_queue(&self.run.queue);
        }
        let wanted = match std::mem::replace(&mut shell.target, Target::None) {
            Target::Open(daemon) => correspondence.keep(*daemon),
            Target::None | Target::Lazy(_) => None,
        };
        (HostOutput::by(shell), wanted)
    }

    /// Runs the commands until they have to wait for an answer or are done.
    fn go_on(&mut self) -> Next {
        loop {
            let (said, wanted) = self.play();
            match (wanted, &mut self.correspondence) {
                (Some(wanted), Some(correspondence)) => {
                    if let Some((session, sockets)) = correspondence.ask(wanted) {
                        return Step::Talk(session, sockets);
                    }
                }
                _ => return Step::Done((self.at, said)),
            }
        }
    }
}

impl Job for Replayed<'_> {
    type Session = Talk;
    type Endpoint = Sockets;
    type Outcome = (usize, HostOutput);

    /// It was looked up with the others, because columns are as wide as the longest name.
    fn host(&self) -> Option<(Host, AddressFamily)> {
        None
    }

    fn begin(&mut self, _: Found, _: Duration) -> Next {
        match self.found.take() {
            Some(Ok((host, family))) => {
                self.family = family;
                self.correspondence = Some(Box::new(host::correspondence(host, &self.settings)));
                self.go_on()
            }
            Some(Err(error)) => {
                let mut shell = self.shell();
                adopt(&mut shell, self.name, Err(error));
                Step::Done((self.at, HostOutput::by(shell)))
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

    fn end(&mut self, session: Talk, result: Result<(), PathError>, _: Duration) -> Next {
        let Some(correspondence) = &mut self.correspondence else { return self.go_on() };
        if let Some((session, sockets)) = correspondence.end(session, result) {
            return Step::Talk(session, sockets);
        }
        if let Some(said) = self.said.take() {
            return Step::Done((self.at, said));
        }
        if let Some(wanted) = self.wanted.take()
            && let Some((session, sockets)) = correspondence.ask(wanted)
        {
            return Step::Talk(session, sockets);
        }
        self.go_on()
    }

    /// Unanswered questions were interrupted.
    fn interrupted(mut self) -> Option<(usize, HostOutput)> {
        let (said, _) = self.play();
        Some((self.at, said.interrupted()))
    }
}
