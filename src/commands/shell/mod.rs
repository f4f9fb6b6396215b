//! One run of `ntpq` against one daemon after the other: takes command lines, runs them, keeps what they
//! leave behind.

use super::args::Format;
use super::command::{Argument, Command, Kind, Lookup, Verdict};
use super::host;
use super::host::{Hosts, Target};
use super::settings::Settings;
use super::structured::Reporting;
use super::tokens::LINE_LIMIT;
use super::variable_list::VariableList;
use crate::commands::daemon::Daemon;
use crate::dialect::Dialect;
use crate::exit::Ending;
use crate::model::association::Association;
use crate::model::report::FaultCause;
use crate::net::host::AddressFamily;
use crate::net::interrupt::Interrupt;
use crate::net::names::NameService;
use crate::output::Output;
use std::ffi::OsStr;
use std::net::IpAddr;
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
    pub(in crate::commands) called: String,
    /// The choices in force.
    pub(in crate::commands) settings: Settings,
    /// Where results and messages go.
    pub(in crate::commands) output: Output,
    /// The daemon that is asked.
    pub(in crate::commands) target: Target,
    /// The name service.
    pub(in crate::commands) names: Arc<NameService>,
    /// The operand that names the daemon.
    pub(in crate::commands) operand: String,
    /// What is known of the operands.
    pub(in crate::commands) hosts: Hosts,
    /// The association list as it was read last.
    pub(in crate::commands) associations: Vec<Association>,
    /// The variable list.
    pub(in crate::commands) variables: VariableList,
    /// The names of the variables printed last.
    pub(in crate::commands) seen: Vec<String>,
    /// Ctrl-C, where it ends a command and not the run.
    pub(in crate::commands) interrupt: Option<Arc<Interrupt>>,
    /// Whether commands are asked for with a prompt.
    pub(in crate::commands) prompting: bool,
    /// Whether anything has failed.
    pub(in crate::commands) failed: bool,
    /// Whether the results of the last command that was run went to standard output, so that the next
    /// command of a queue is set apart from them.
    pub(in crate::commands) separates: bool,
    /// How many commands of the queue began while there was nothing to be set apart from.
    pub(in crate::commands) unseparated: usize,
    /// Whether the run goes on.
    pub(in crate::commands) course: Course,
    /// What the forms other than the classic one need.
    pub(in crate::commands) reporting: Reporting,
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
            self.head_private();
            self.execute(line.as_bytes());
            self.output.flush();
        }
    }

    /// Says whose results follow, where each command of several hosts has a heading.
    fn head_private(&mut self) {
        if self.settings.program.is_private && self.hosts.several && !self.settings.format.is_for_programs() {
            let heading = format!("--- {} ---\n", self.operand);
            self.output.result(heading);
        }
    }

    /// The empty lines before so many commands, in the forms for people.
    pub(in crate::commands) fn separation(&self, commands: usize) -> String {
        if self.settings.program.is_private {
            return String::new();
        }
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
        let program = self.settings.program;
        if line.len() >= LINE_LIMIT {
            let line = String::from_utf8_lossy(line);
            if program.is_private {
                let limit = LINE_LIMIT - 1;
                return self
                    .complain(&format!("***Command ignored, more than {limit} characters:\n{line}\n"));
            }
            return self.complain(&format!("***Line `{line}' is too big\n"));
        }
        let mut tokens = program.tokenize(line, self.settings.dialect);
        if self.settings.dialect.is_classic() && !program.is_private {
            tokens.truncate(CLASSIC_WORD_LIMIT);
        }
        let Some((word, arguments)) = tokens.split_first() else { return };
        let command = match program.look_up(word) {
            Lookup::Found(command) => command,
            Lookup::Unknown => return self.reject("***Command `", word, "' unknown\n"),
            Lookup::Ambiguous => return self.reject("***Command `", word, "' ambiguous\n"),
        };
        self.reporting.command = Some(command.name);
        if program.is_private {
            return self.run_private(command, arguments);
        }
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
            let rest = arguments.get(read.len()..).unwrap_or_default();
            self.run(command, &read, rest);
        }
    }

    /// Runs a command of mode 7: it gets all words, but those that say where results go. For the classic
    /// these are words like others.
    fn run_private(&mut self, command: &Command, arguments: &[Vec<u8>]) {
        let redirection = match self.settings.dialect {
            Dialect::Classic => None,
            Dialect::Unsigned => arguments.iter().position(|word| word.starts_with(b">")),
        };
        let (words, rest) = arguments.split_at(redirection.unwrap_or(arguments.len()));
        let limit = self.settings.program.argument_limit();
        if let Some(read) = self.read_words(command, words.get(..limit).unwrap_or(words)) {
            self.run(command, &read, rest);
        }
    }

    fn read_words(&mut self, command: &Command, words: &[Vec<u8>]) -> Option<Vec<Argument>> {
        let mut words = words.iter();
        let mut read = Vec::new();
        for parameter in command.parameters {
            let mut rest = words.clone();
            let Some(mut word) = rest.next().filter(|word| !parameter.optional || !word.starts_with(b">"))
            else {
                if parameter.optional {
                    break;
                }
                self.complain(&command.usage());
                return None;
            };
            if parameter.kind == Kind::Address {
                let family = match word.as_slice() {
                    b"-4" => AddressFamily::Ipv4,
                    b"-6" => AddressFamily::Ipv6,
                    _ => AddressFamily::Any,
                };
                if family != AddressFamily::Any {
                    let Some(next) = rest.next() else {
                        self.complain(&command.usage());
                        return None;
                    };
                    word = next;
                }
                read.push(Argument::Address(self.read_address(word, family)?));
            } else {
                read.push(self.read_argument(parameter.kind, word)?);
            }
            words = rest;
        }
        read.extend(words.map(|word| Argument::Text(word.clone())));
        Some(read)
    }

    fn read_address(&mut self, word: &[u8], family: AddressFamily) -> Option<IpAddr> {
        let text = String::from_utf8_lossy(word);
        let found = text.parse().ok().or_else(|| host::address(&self.names, &text, family));
        if found.is_none() {
            self.reject("***Can't find host ", word, "\n");
        }
        found
    }

    fn run(&mut self, command: &Command, read: &[Argument], rest: &[Vec<u8>]) {
        if !command.local && !self.ensure_open() {
            return self.report_fault(Some(FaultCause::NoHost));
        }
        if !self.redirect(rest) {
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
            Kind::Text | Kind::Address => Some(Argument::Text(text.to_vec())),
            Kind::Unsigned => match text.strip_prefix(b"&").filter(|_| !self.settings.program.is_private) {
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
    pub(in crate::commands) fn ensure_open(&mut self) -> bool {
        self.open_lazy();
        let open = matches!(self.target, Target::Open(_));
        if !open {
            self.complain("***No host open, use `host' command\n");
        }
        open
    }

    /// Opens the host whose look-up was put off; says why when that cannot be.
    pub(in crate::commands) fn open_lazy(&mut self) {
        if let Target::Lazy(name) = &self.target {
            let name = name.clone();
            self.target = Target::None;
            self.set_host(&name);
        }
    }

    /// The daemon that is asked.
    pub(in crate::commands) fn daemon(&mut self) -> Option<&mut Daemon> {
        match &mut self.target {
            Target::Open(daemon) => Some(daemon),
            Target::None | Target::Lazy(_) => None,
        }
    }

    /// The name of the daemon that is asked.
    pub(in crate::commands) fn host_name(&self) -> String {
        match &self.target {
            Target::Open(daemon) => daemon.name().to_owned(),
            Target::None | Target::Lazy(_) => String::new(),
        }
    }

    /// What stands before results and errors when there are several hosts.
    pub(in crate::commands) fn server_prefix(&self) -> String {
        if self.hosts.several && !self.settings.program.is_private {
            format!("server={} ", self.host_name())
        } else {
            String::new()
        }
    }

    /// A message about something that failed.
    pub(in crate::commands) fn complain(&mut self, message: &str) {
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
    pub(in crate::commands) fn remark(&mut self, line: &str) {
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
