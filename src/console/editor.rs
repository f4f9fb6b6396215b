//! Command lines from a terminal: editing, completion, history.

use super::Shell;
use super::completion::{self, Vocabulary};
use super::history::{History, MAX_LINES};
use super::line::Line;
use super::program::Program;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::config::{Behavior, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Context, Helper};
use std::io::{self, ErrorKind};

/// Terminals on which the cursor cannot be moved.
const RIGID_TERMINALS: [&str; 4] = ["", "dumb", "cons25", "emacs"];

/// A line editor with the history of earlier sessions.
pub struct Editor {
    lines: rustyline::Editor<Assistant, DefaultHistory>,
    memory: Option<History>,
}

impl Editor {
    /// Creates an editor on the terminal, unless the terminal is too simple. If results do not go to the terminal,
    /// typed lines are still echoed there.
    pub fn new(program: &'static Program, output: bool) -> Option<Self> {
        let terminal = std::env::var("TERM").unwrap_or_default();
        if RIGID_TERMINALS.contains(&terminal.as_str()) {
            return None;
        }
        let config = Config::builder()
            .behavior(if output { Behavior::Stdio } else { Behavior::PreferTerm })
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .history_ignore_space(true)
            .max_history_size(MAX_LINES)
            .ok()?
            .build();
        let mut lines = rustyline::Editor::with_config(config).ok()?;
        lines.set_helper(Some(Assistant { program, vocabulary: Vocabulary::default() }));
        let memory = History::of(program.name, |name| std::env::var_os(name));
        for line in memory.iter().flat_map(History::read) {
            let _ = lines.add_history_entry(line);
        }
        Some(Self { lines, memory })
    }

    /// Reads a line.
    ///
    /// # Errors
    /// The terminal cannot be read.
    pub fn next(&mut self, shell: &mut Shell) -> io::Result<Line> {
        if let Some(assistant) = self.lines.helper_mut() {
            assistant.vocabulary = Vocabulary {
                dialect: shell.settings.dialect,
                associations: shell.associations.iter().map(|association| association.id).collect(),
                seen: shell.seen.clone(),
                peers: shell.peers.clone(),
            };
        }
        match self.lines.readline(&shell.settings.program.prompt()) {
            Ok(line) => {
                self.remember(shell.settings.program, line.trim_end());
                Ok(Line::Text(line.into_bytes()))
            }
            Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => Ok(Line::Dropped),
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => {
                shell.error("***Line is not UTF-8\n");
                Ok(Line::Dropped)
            }
            Err(ReadlineError::Io(error)) => Err(error),
            Err(ReadlineError::Errno(error)) => Err(error.into()),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Saves a line in the history, for this and later sessions. A history file that cannot be written is ignored.
    fn remember(&mut self, program: &Program, line: &str) {
        if program.may_hold_secret(line) || !self.lines.add_history_entry(line).unwrap_or(false) {
            return;
        }
        if let Some(memory) = &self.memory {
            let _ = memory.add(line);
        }
    }
}

/// Completes words while typing.
struct Assistant {
    program: &'static Program,
    vocabulary: Vocabulary,
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..position).unwrap_or(line);
        if completion::wants_file(self.program, before, self.vocabulary.dialect) {
            return FilenameCompleter::new().complete(line, position, context);
        }
        let (start, candidates) = completion::complete(self.program, before, &self.vocabulary);
        let pairs = candidates
            .into_iter()
            .map(|candidate| Pair { display: candidate.shown, replacement: candidate.text })
            .collect();
        Ok((start, pairs))
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Highlighter for Assistant {}
impl Validator for Assistant {}
impl Helper for Assistant {}
