//! One run of `ntpq` against one daemon after the other: takes command lines, runs them, keeps what they
//! leave behind.

use super::args::Format;
use super::command::{Argument, Command, Kind, Lookup, Verdict, look_up};
use super::host::{Hosts, Target};
use super::settings::Settings;
use super::structured::Reporting;
use super::tokens::{LINE_LIMIT, tokenize};
use super::variable_list::VariableList;
use crate::commands::daemon::Daemon;
use crate::dialect::Dialect;
use crate::exit::Ending;
use crate::model::association::Association;
use crate::model::report::FaultCause;
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use crate::output::Output;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Arguments taken from one command line; further ones are passed over, with a message.
const ARGUMENT_LIMIT: usize = 4;
/// The words of a command line that the classic program keeps: a command, its arguments, `>` and a file.
const CLASSIC_WORD_LIMIT: usize = 1 + ARGUMENT_LIMIT + 2;

/// The state between commands.
pub struct Shell {
    /// The program as it was called, for the messages that name it.
    pub(super) called: String,
    /// The choices in force.
    pub(super) settings: Settings,
    /// Where results and messages go.
    pub(super) output: Output,
    /// The daemon that is asked.
    pub(super) target: Target,
    /// The name service.
    pub(super) names: Arc<NameService>,
    /// What is known of the operands.
    pub(super) hosts: Hosts,
    /// The association list as it was read last.
    pub(super) associations: Vec<Association>,
    /// The variable list.
    pub(super) variables: VariableList,
    /// The names of the variables printed last.
    pub(super) seen: Vec<String>,
    /// Ctrl-C, where it ends a command and not the run.
    pub(super) interrupt: Option<Arc<Interrupt>>,
    /// Whether commands are asked for with a prompt.
    pub(super) prompting: bool,
    /// Whether anything has failed.
    pub(super) failed: bool,
    /// Whether the results of the last command that was run went to standard output, so that the next
    /// command of a queue is set apart from them.
    pub(super) separates: bool,
    /// How many commands of the queue began while there was nothing to be set apart from.
    pub(super) unseparated: usize,
    /// Whether the run goes on.
    pub(super) course: Course,
    /// What the forms other than the classic one need.
    pub(super) reporting: Reporting,
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
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
    pub fn run_queue(&mut self, queue: &[String]) {
        for line in queue {
            if self.is_over() {
                return;
            }
            if self.separates {
                self.output.result(self.separation(1));
            } else {
                self.unseparated += 1;
            }
            self.execute(line.as_bytes());
            self.output.flush();
        }
    }

    /// The empty lines before so many commands, in the forms for people.
    pub(super) fn separation(&self, commands: usize) -> String {
        match self.settings.format {
            Format::Classic | Format::Table => "\n".repeat(commands),
            Format::Json | Format::Openmetrics => String::new(),
        }
    }

    /// How the run ended.
    pub fn ending(&self) -> Ending {
        match self.course {
            Course::Aborted => Ending::Aborted,
            Course::Running | Course::Quit => Ending::Ran { failed: self.failed },
        }
    }

    /// Whether somebody has pressed Ctrl-C during this command.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|interrupt| interrupt.is_pending())
    }

    /// Whether there is no use in going on.
    pub fn is_over(&self) -> bool {
        self.course != Course::Running || self.output.is_closed()
    }

    /// Runs one command line.
    pub fn execute(&mut self, line: &[u8]) {
        self.begin_reporting();
        self.execute_line(line);
        self.conclude_reporting();
        self.reporting.command = None;
    }

    fn execute_line(&mut self, line: &[u8]) {
        if line.len() >= LINE_LIMIT {
            let line = String::from_utf8_lossy(line);
            return self.complain(&format!("***Line `{line}' is too big\n"));
        }
        let mut tokens = tokenize(line, self.settings.dialect);
        if self.settings.dialect.is_classic() {
            tokens.truncate(CLASSIC_WORD_LIMIT);
        }
        let Some((word, arguments)) = tokens.split_first() else { return };
        let command = match look_up(word) {
            Lookup::Found(command) => command,
            Lookup::Unknown => return self.reject("***Command `", word, "' unknown\n"),
            Lookup::Ambiguous => return self.reject("***Command `", word, "' ambiguous\n"),
        };
        self.reporting.command = Some(command.name);
        let taken = match self.settings.dialect {
            // It complains about the words of a redirection, too, where they come late.
            Dialect::Classic => ARGUMENT_LIMIT,
            Dialect::Unsigned => ARGUMENT_LIMIT.max(redirection_end(arguments)),
        };
        for extra in arguments.iter().skip(taken) {
            self.say("***Extra arg `", extra, "' ignored\n");
        }
        let ordinary = arguments.get(..ARGUMENT_LIMIT).unwrap_or(arguments);
        if let Some(read) = self.read_arguments(command, ordinary) {
            self.run(command, &read, arguments);
        }
    }

    fn run(&mut self, command: &Command, read: &[Argument], arguments: &[Vec<u8>]) {
        if !command.local && !self.ensure_open() {
            return self.report_fault(Some(FaultCause::NoHost));
        }
        if !self.redirect(arguments.get(read.len()..).unwrap_or_default()) {
            return;
        }
        if self.perform(command, read) == Verdict::Failed {
            self.failed = true;
        }
        self.conclude_reporting();
        self.output.end_redirect();
        self.output.flush();
        if self.interrupt.as_ref().is_some_and(|interrupt| interrupt.take()) {
            self.complain("\n\n >>> command aborted <<<\n");
        }
    }

    /// Sends the results to a file, where `> FILE` or `>FILE` follows the last argument used.
    fn redirect(&mut self, rest: &[Vec<u8>]) -> bool {
        let Some(file) = rest.first().and_then(|token| token.strip_prefix(b">")) else {
            self.separates = true;
            return true;
        };
        let file = match (file, rest.get(1)) {
            ([], None) => {
                self.complain("***No file for redirect\n");
                return false;
            }
            ([], Some(next)) => next.as_slice(),
            (file, _) => file,
        };
        self.separates = false;
        let path = Path::new(OsStr::from_bytes(file));
        match self.output.redirect_to(path) {
            Ok(()) => true,
            Err(error) => {
                let reason = crate::output::reason(&error);
                self.complain(&format!("***Error opening {}: {reason}\n", path.display()));
                false
            }
        }
    }

    /// Reads the arguments as the command wants them; says what is wrong otherwise.
    fn read_arguments(&mut self, command: &Command, given: &[Vec<u8>]) -> Option<Vec<Argument>> {
        let mut read = Vec::with_capacity(command.parameters.len());
        for parameter in command.parameters {
            let Some(text) = given.get(read.len()) else {
                if parameter.optional {
                    break;
                }
                self.complain(&command.usage());
                return None;
            };
            if parameter.optional && text.starts_with(b">") {
                break;
            }
            read.push(self.read_argument(parameter.kind, text)?);
        }
        Some(read)
    }

    fn read_argument(&mut self, kind: Kind, text: &[u8]) -> Option<Argument> {
        match kind {
            Kind::Text => Some(Argument::Text(text.to_vec())),
            Kind::Unsigned => match text.strip_prefix(b"&") {
                Some(index) => self.read_index(text, index),
                None => {
                    let number = decimal(text).and_then(|number| u32::try_from(number).ok());
                    if number.is_none() {
                        self.reject("***Illegal unsigned value ", text, "\n");
                    }
                    number.map(Argument::Unsigned)
                }
            },
            Kind::Integer => {
                let (sign, digits) = match text {
                    [b'-', digits @ ..] => (-1, digits),
                    [b'+', digits @ ..] if !self.settings.dialect.is_classic() => (1, digits),
                    digits => (1, digits),
                };
                let number = decimal(digits).and_then(|number| i64::try_from(number).ok());
                if number.is_none() {
                    self.reject("***Illegal integer value ", text, "\n");
                }
                number.map(|number| Argument::Integer(sign * number))
            }
            Kind::IpVersion => match text {
                b"-4" => Some(Argument::IpVersion(4)),
                b"-6" => Some(Argument::IpVersion(6)),
                _ => {
                    self.complain("***Version must be either 4 or 6\n");
                    None
                }
            },
        }
    }

    /// `&N`: the identifier of the N-th association, of the last one when there are fewer; `&0` is the
    /// daemon itself.
    fn read_index(&mut self, whole: &[u8], index: &[u8]) -> Option<Argument> {
        let Some(index) = decimal(index) else {
            self.reject("***Association index `", whole, "' invalid/undecodable\n");
            return None;
        };
        if self.associations.is_empty() {
            if !self.ensure_open() {
                return None;
            }
            let _ = self.listed_associations();
        }
        if index == 0 {
            return Some(Argument::Unsigned(0));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX).min(self.associations.len());
        let Some(association) = at.checked_sub(1).and_then(|at| self.associations.get(at)) else {
            self.reject("***No associations found, `", whole, "' unknown\n");
            return None;
        };
        Some(Argument::Unsigned(association.id.0.into()))
    }

    /// Whether there is a daemon to ask; says so otherwise.
    pub(super) fn ensure_open(&mut self) -> bool {
        self.open_lazy();
        let open = matches!(self.target, Target::Open(_));
        if !open {
            self.complain("***No host open, use `host' command\n");
        }
        open
    }

    /// Opens the host whose look-up was put off; says why when that cannot be.
    pub(super) fn open_lazy(&mut self) {
        if let Target::Lazy(name) = &self.target {
            let name = name.clone();
            self.target = Target::None;
            self.set_host(&name);
        }
    }

    /// The daemon that is asked.
    pub(super) fn daemon(&mut self) -> Option<&mut Daemon> {
        match &mut self.target {
            Target::Open(daemon) => Some(daemon),
            Target::None | Target::Lazy(_) => None,
        }
    }

    /// The name of the daemon that is asked.
    pub(super) fn host_name(&self) -> String {
        match &self.target {
            Target::Open(daemon) => daemon.name().to_owned(),
            Target::None | Target::Lazy(_) => String::new(),
        }
    }

    /// What stands before results and errors when there are several hosts.
    pub(super) fn server_prefix(&self) -> String {
        if self.hosts.several { format!("server={} ", self.host_name()) } else { String::new() }
    }

    /// A message about something that failed.
    pub(super) fn complain(&mut self, message: &str) {
        self.failed = true;
        self.note_complaint(message);
        self.output.message(message);
    }

    fn reject(&mut self, before: &str, text: &[u8], after: &str) {
        self.failed = true;
        self.note_complaint(&format!("{before}{}{after}", String::from_utf8_lossy(text)));
        self.say(before, text, after);
    }

    /// A line that the classic prints among its results, where programs do not take it for one.
    pub(super) fn remark(&mut self, line: &str) {
        match self.settings.format {
            Format::Classic | Format::Table => self.output.result(line),
            Format::Json | Format::Openmetrics => self.output.message(line),
        }
    }

    /// A message that quotes what was typed.
    fn say(&mut self, before: &str, text: &[u8], after: &str) {
        self.output.message([before.as_bytes(), text, after.as_bytes()].concat());
    }
}

/// How many words there are up to the end of a redirection; 0 if there is none.
fn redirection_end(arguments: &[Vec<u8>]) -> usize {
    let at = arguments.iter().take(ARGUMENT_LIMIT + 1).position(|word| word.starts_with(b">"));
    at.map_or(0, |at| at + if arguments.get(at).is_some_and(|word| word == b">") { 2 } else { 1 })
}

/// A number in decimal digits alone.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
