//! The shell of `ntpq` and `ntpdc`: one run against one daemon after the other, which takes command lines, runs
//! them, and keeps what they leave behind.

pub mod authentication;
pub mod batch;
pub mod command;
pub mod completion;
mod editor;
mod execution;
pub mod explanations;
pub(crate) mod failure;
pub mod findings;
mod history;
pub mod host;
pub mod interactive;
pub mod key_types;
pub mod local;
pub mod operands;
pub mod options;
pub mod print;
pub mod program;
pub mod query;
pub mod settings;
pub mod structured;
pub mod tokens;
pub mod variable_list;

use crate::cli::exit::RunOutcome;
use crate::cli::format::Format;
use crate::cli::output::{Output, wrapped};
use crate::client::daemon::Daemon;
use crate::compat::{Layout, Quirk};
use crate::model::association::Association;
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use host::{Hosts, Target};
use program::SeveralHosts;
use settings::Settings;
use std::ffi::OsString;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;
use structured::Reporting;
use variable_list::VariableList;

/// The state between commands.
pub struct Shell {
    /// The program as it was called, for the messages that name it.
    pub(crate) called: String,
    /// The choices in force.
    pub(crate) settings: Settings,
    /// Where results and messages go.
    pub(crate) output: Output,
    /// The daemon that is asked.
    pub(crate) target: Target,
    /// The name service.
    pub(crate) names: Arc<NameService>,
    /// The operand that names the daemon.
    pub(crate) operand: String,
    /// What is known of the operands.
    pub(crate) hosts: Hosts,
    /// The association list as it was read last.
    pub(crate) associations: Vec<Association>,
    /// The variable list.
    pub(crate) variables: VariableList,
    /// The names of the variables printed last.
    pub(crate) seen: Vec<String>,
    /// The addresses of the peers printed last.
    pub(crate) peers: Vec<IpAddr>,
    /// Ctrl-C, where it does not end the process on the spot.
    pub(crate) interrupt: Option<Arc<Interrupt>>,
    /// What Ctrl-C ends then.
    pub(crate) interruption: Interruption,
    /// Whether commands are asked for with a prompt.
    pub(crate) prompting: bool,
    /// Whether anything has failed.
    pub(crate) failed: bool,
    /// Whether the results of the last command that was run went to standard output, so that the next
    /// command of a queue is set apart from them.
    pub(crate) separates: bool,
    /// How many commands of the queue began while there was nothing to be set apart from.
    pub(crate) unseparated: usize,
    /// Whether the run goes on.
    pub(crate) flow: Flow,
    /// What the forms other than the classic one need.
    pub(crate) reporting: Reporting,
}

/// What an interrupt ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interruption {
    /// The command that takes it.
    #[default]
    Command,
    /// The run, with what there is. It stays pending, for all hosts.
    Run,
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    #[default]
    Running,
    /// `quit` was said.
    Quit,
    /// It breaks off, as the classic does in some places.
    Aborted,
}

impl Shell {
    /// Runs the command lines for the current host. An empty line goes before each, unless nothing was run
    /// yet or the last results went to a file.
    pub fn run_queue(&mut self, queue: &[OsString]) {
        for line in queue {
            if self.is_over() {
                return;
            }
            if self.separates {
                self.output.result(self.separation(1));
            } else {
                self.unseparated += 1;
            }
            self.head_results();
            self.execute(line.as_bytes());
            self.output.flush();
        }
    }

    /// Says whose results follow, where each command of several hosts has a heading.
    fn head_results(&mut self) {
        let has_headings = self.settings.program.several == SeveralHosts::Headed;
        if has_headings && self.hosts.several && !self.settings.format.is_for_programs() {
            let heading = format!("--- {} ---\n", self.operand);
            self.output.result(heading);
        }
    }

    /// The empty lines before this many commands, in the forms for people.
    pub(crate) fn separation(&self, commands: usize) -> String {
        if !self.settings.program.separates_commands {
            return String::new();
        }
        match self.settings.format {
            Format::Plain if self.settings.layout == Layout::Ntpsec => String::new(),
            Format::Plain | Format::Table => "\n".repeat(commands),
            Format::Json | Format::Openmetrics => String::new(),
        }
    }

    /// How the run ended.
    pub fn outcome(&self) -> RunOutcome {
        match self.flow {
            Flow::Running if self.is_broken_off() => RunOutcome::Interrupted,
            Flow::Aborted => RunOutcome::Aborted,
            Flow::Running | Flow::Quit => RunOutcome::Ran { failed: self.failed },
        }
    }

    /// Whether somebody has pressed Ctrl-C during this command.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|interrupt| interrupt.is_pending())
    }

    /// Whether an interrupt has ended the run.
    fn is_broken_off(&self) -> bool {
        self.interruption == Interruption::Run && self.is_interrupted()
    }

    /// Whether there is no use in going on.
    pub fn is_over(&self) -> bool {
        self.flow != Flow::Running || self.output.is_closed() || self.is_broken_off()
    }

    /// Runs one command line.
    pub fn execute(&mut self, line: &[u8]) {
        self.begin_reporting();
        self.execute_line(line);
        self.conclude_reporting();
        self.reporting.command = None;
    }

    /// Whether there is a daemon to ask; says so otherwise.
    pub(crate) fn ensure_open(&mut self) -> bool {
        self.open_lazy();
        let open = matches!(self.target, Target::Open(_));
        if !open {
            self.error("***No host open, use `host' command\n");
        }
        open
    }

    /// Opens the host whose look-up was put off; says why when that cannot be.
    pub(crate) fn open_lazy(&mut self) {
        if let Target::Lazy(name) = &self.target {
            let name = name.clone();
            self.target = Target::None;
            self.set_host(&name);
        }
    }

    /// The daemon that is asked.
    pub(crate) fn daemon(&mut self) -> Option<&mut Daemon> {
        match &mut self.target {
            Target::Open(daemon) => Some(daemon),
            Target::None | Target::Lazy(_) => None,
        }
    }

    /// The name of the daemon that is asked.
    pub(crate) fn host_name(&self) -> String {
        match &self.target {
            Target::Open(daemon) => daemon.name().to_owned(),
            Target::None | Target::Lazy(_) => String::new(),
        }
    }

    /// What stands before results and errors when there are several hosts.
    pub(crate) fn server_prefix(&self) -> String {
        if self.hosts.several && self.settings.program.several == SeveralHosts::Prefixed {
            format!("server={} ", self.host_name())
        } else {
            String::new()
        }
    }

    /// The daemon that is asked, as messages name it: with its port where several are asked, for two of them may be on one
    /// host. The classic never names a port.
    pub(crate) fn host_label(&self) -> String {
        let name = self.host_name();
        if !self.hosts.several || self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) {
            return name;
        }
        match &self.target {
            Target::Open(daemon) => daemon.name_with_port(),
            Target::None | Target::Lazy(_) => name,
        }
    }

    /// What stands before a line about something that failed with the daemon. The classic names it only where several
    /// are asked.
    pub(crate) fn error_prefix(&self) -> String {
        if self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) {
            return self.server_prefix();
        }
        match self.host_label() {
            name if name.is_empty() => String::new(),
            name => format!("server={name} "),
        }
    }

    /// As [`Shell::error_prefix`], before lines in which the classic never names the daemon.
    pub(crate) fn daemon_prefix(&self) -> String {
        if self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) {
            return String::new();
        }
        self.error_prefix()
    }

    /// A line of advice about the daemon: what is known of a failure and what can be done. On a terminal it is wrapped at
    /// blanks.
    pub(crate) fn advise(&mut self, host: &str, advice: &str) {
        let line = format!("{}: {host}: {advice}", self.settings.program.name);
        // A log of its own is not a terminal.
        let text = match self.settings.message_width {
            Some(width) => wrapped(&line, width.into()),
            None => line,
        };
        self.output.message(text + "\n");
    }

    /// A message about something that failed with the daemon; the classic leaves out which.
    pub(crate) fn host_error(&mut self, message: &str) {
        self.failed = true;
        self.note_error(message);
        let server = self.daemon_prefix();
        self.output.message(format!("{server}{message}"));
    }

    /// A message about something that failed.
    pub(crate) fn error(&mut self, message: &str) {
        self.failed = true;
        self.note_error(message);
        self.output.message(message);
    }

    fn reject(&mut self, before: &str, text: &[u8], after: &str) {
        self.failed = true;
        self.note_error(&format!("{before}{}{after}", String::from_utf8_lossy(text)));
        self.say(before, text, after);
    }

    /// A line that the classic prints among its results, where programs do not take it for one.
    pub(crate) fn note(&mut self, line: &str) {
        match self.settings.format {
            Format::Plain | Format::Table => self.output.result(line),
            Format::Json | Format::Openmetrics => self.output.message(line),
        }
    }

    /// A message that quotes what was typed.
    fn say(&mut self, before: &str, text: &[u8], after: &str) {
        self.output.message([before.as_bytes(), text, after.as_bytes()].concat());
    }
}
