//! The shell of `ntpq` and `ntpdc`: a run against one daemon at a time that reads command lines, executes them, and
//! keeps state between them.

pub mod authentication;
pub mod batch;
pub mod command;
pub mod completion;
#[cfg(feature = "line-editing")]
mod editor;
#[cfg(not(feature = "line-editing"))]
#[path = "without_editor.rs"]
mod editor;
mod execution;
pub mod explanations;
pub(crate) mod failure;
pub mod findings;
#[cfg(feature = "line-editing")]
mod history;
pub mod host;
pub mod interactive;
pub mod key_types;
mod line;
pub mod local;
pub mod operands;
pub mod options;
pub mod print;
pub mod program;
pub mod query;
pub(crate) mod row_stream;
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
use jiff::Timestamp;
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
    /// The program name as it was called, for messages.
    pub(crate) called: String,
    /// The settings in force.
    pub(crate) settings: Settings,
    /// Where results and messages go.
    pub(crate) output: Output,
    /// The current daemon.
    pub(crate) target: Target,
    /// The name service.
    pub(crate) names: Arc<NameService>,
    /// The operand that names the daemon.
    pub(crate) operand: String,
    /// What is known of the operands.
    pub(crate) hosts: Hosts,
    /// The association list as last read.
    pub(crate) associations: Vec<Association>,
    /// The variable list.
    pub(crate) variables: VariableList,
    /// The names of the variables printed last.
    pub(crate) seen: Vec<String>,
    /// The addresses of the peers printed last.
    pub(crate) peers: Vec<IpAddr>,
    /// Ctrl-C, where it does not end the process immediately.
    pub(crate) interrupt: Option<Arc<Interrupt>>,
    /// What Ctrl-C ends in that case.
    pub(crate) interruption: Interruption,
    /// Whether commands are prompted for.
    pub(crate) prompting: bool,
    /// Whether anything has failed.
    pub(crate) failed: bool,
    /// Whether the results of the last command went to standard output, so that the next command of a queue is
    /// separated from them by an empty line.
    pub(crate) separates: bool,
    /// How many commands of the queue began with no earlier results to be separated from.
    pub(crate) unseparated: usize,
    /// Whether the run continues.
    pub(crate) flow: Flow,
    /// The state of formats other than the classic one.
    pub(crate) reporting: Reporting,
    /// The time of day when the answers arrived, if they are printed later.
    pub(crate) time: Option<Timestamp>,
}

/// What an interrupt ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interruption {
    /// The current command.
    #[default]
    Command,
    /// The run, keeping the results so far. It stays pending, for all hosts.
    Run,
}

/// Whether a run continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// It continues.
    #[default]
    Running,
    /// `quit` was entered.
    Quit,
    /// Aborted, as the classic program does in some places.
    Aborted,
}

impl Shell {
    /// Runs the command lines for the current host, each preceded by an empty line unless nothing has run yet or the
    /// last results went to a file.
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

    /// Prints a heading with the host's name where each command's results have one.
    fn head_results(&mut self) {
        let has_headings = self.settings.program.several == SeveralHosts::Headed;
        if has_headings && self.hosts.several && !self.settings.format().is_for_programs() {
            let heading = format!("--- {} ---\n", self.operand);
            self.output.result(heading);
        }
    }

    /// The empty lines before this many commands, in formats for people.
    pub(crate) fn separation(&self, commands: usize) -> String {
        if !self.settings.program.separates_commands {
            return String::new();
        }
        match self.settings.format() {
            Format::Plain if self.settings.layout == Layout::Ntpsec => String::new(),
            Format::Plain | Format::Table | Format::Dot => "\n".repeat(commands),
            Format::Json | Format::Openmetrics => String::new(),
        }
    }

    /// The time of day to which the answers refer.
    pub(crate) fn now(&self) -> Timestamp {
        self.time.unwrap_or_else(crate::clock::now)
    }

    /// How the run ended.
    pub fn outcome(&self) -> RunOutcome {
        match self.flow {
            Flow::Running if self.is_broken_off() => RunOutcome::Interrupted,
            Flow::Aborted => RunOutcome::Aborted,
            Flow::Running | Flow::Quit => RunOutcome::Ran { failed: self.failed },
        }
    }

    /// Whether Ctrl-C was pressed during this command.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|interrupt| interrupt.is_pending())
    }

    /// Whether an interrupt has ended the run.
    fn is_broken_off(&self) -> bool {
        self.interruption == Interruption::Run && self.is_interrupted()
    }

    /// Whether there is no point in continuing.
    pub fn is_over(&self) -> bool {
        self.flow != Flow::Running || self.output.is_closed() || self.is_broken_off() || self.is_cut_short()
    }

    /// Whether something was asked that is not known yet.
    fn is_cut_short(&self) -> bool {
        matches!(&self.target, Target::Open(daemon) if daemon.is_at_end_of_tape())
    }

    /// Runs one command line.
    pub fn execute(&mut self, line: &[u8]) {
        self.begin_reporting();
        self.execute_line(line);
        self.conclude_reporting();
        self.reporting.command = None;
    }

    /// Whether there is a daemon to query; reports if there is none.
    pub(crate) fn ensure_open(&mut self) -> bool {
        self.open_lazy();
        let open = matches!(self.target, Target::Open(_));
        if !open {
            self.error("***No host open, use `host' command\n");
        }
        open
    }

    /// Opens a host whose lookup was deferred; reports why if that fails. From here on Ctrl-C may have something to end
    /// in good order.
    pub(crate) fn open_lazy(&mut self) {
        if let Target::Lazy(name) = &self.target {
            let name = name.clone();
            self.target = Target::None;
            if self.interruption == Interruption::Run && self.interrupt.is_none() {
                self.interrupt = Interrupt::watch().ok().map(Arc::new);
            }
            self.set_host(&name);
        }
    }

    /// The current daemon.
    pub(crate) fn daemon(&mut self) -> Option<&mut Daemon> {
        match &mut self.target {
            Target::Open(daemon) => Some(daemon),
            Target::None | Target::Lazy(_) => None,
        }
    }

    /// The name of the current daemon.
    pub(crate) fn host_name(&self) -> String {
        match &self.target {
            Target::Open(daemon) => daemon.name().to_owned(),
            Target::None | Target::Lazy(_) => String::new(),
        }
    }

    /// The prefix of results and errors when there are several hosts.
    pub(crate) fn server_prefix(&self) -> String {
        if self.hosts.several && self.settings.program.several == SeveralHosts::Prefixed {
            format!("server={} ", self.host_name())
        } else {
            String::new()
        }
    }

    /// The current daemon's name in messages: with its port if several hosts are queried, since two of them may be on
    /// one host. The classic program never prints a port.
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

    /// The prefix of a line about something that failed with the daemon. The classic program names it only if several
    /// hosts are queried.
    pub(crate) fn error_prefix(&self) -> String {
        if self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) {
            return self.server_prefix();
        }
        match self.host_label() {
            name if name.is_empty() => String::new(),
            name => format!("server={name} "),
        }
    }

    /// Like [`Shell::error_prefix`], for lines in which the classic program never names the daemon.
    pub(crate) fn daemon_prefix(&self) -> String {
        if self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) {
            return String::new();
        }
        self.error_prefix()
    }

    /// Prints a hint about the daemon: what is known of a failure and what can be done. On a terminal it is wrapped
    /// between words.
    pub(crate) fn advise(&mut self, host: &str, advice: &str) {
        let line = format!("{}: {host}: {advice}", self.settings.program.name);
        // A separate log is not a terminal.
        let text = match self.settings.message_width {
            Some(width) => wrapped(&line, width.into()),
            None => line,
        };
        self.output.message(text + "\n");
    }

    /// Reports something that failed with the daemon; the classic program does not say which daemon.
    pub(crate) fn host_error(&mut self, message: &str) {
        self.failed = true;
        self.note_error(message);
        let server = self.daemon_prefix();
        self.output.message(format!("{server}{message}"));
    }

    /// Reports something that failed.
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

    /// Prints a line that the classic program prints among its results, in formats where programs do not read it as
    /// one.
    pub(crate) fn note(&mut self, line: &str) {
        match self.settings.format() {
            Format::Plain | Format::Table | Format::Dot => self.output.result(line),
            Format::Json | Format::Openmetrics => self.output.message(line),
        }
    }

    /// Prints a message that quotes what was typed.
    fn say(&mut self, before: &str, text: &[u8], after: &str) {
        self.output.message([before.as_bytes(), text, after.as_bytes()].concat());
    }
}
