//! Commands from standard input: with line editing on a terminal, as plain bytes otherwise.

use super::Shell;
use super::editor::Editor;
use super::line::Line;
use super::program::Program;
use crate::compat::{Dialect, Quirk};
use crate::net::interrupt::Interrupt;
use std::io::{self, BufRead};
use std::sync::Arc;

/// How commands are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputMode {
    /// Without a prompt.
    Silent,
    /// With a prompt, from something that is not a terminal.
    Prompting,
    /// With a prompt, on a terminal.
    Terminal {
        /// Whether results go to a terminal as well.
        output: bool,
    },
}

impl InputMode {
    /// The input mode, depending on `-i` and on which standard streams are terminals. The classic program never prompts
    /// unless input comes from a terminal.
    pub fn choose(forced: bool, terminals: crate::cli::context::Terminals, dialect: Dialect) -> Self {
        match (terminals.input, forced) {
            (true, true) => Self::Terminal { output: terminals.output },
            (true, false) if terminals.error => Self::Terminal { output: terminals.output },
            (false, true) if !dialect.keeps(Quirk::SILENT_PIPED_PROMPT) => Self::Prompting,
            _ => Self::Silent,
        }
    }
}

/// Runs the lines of standard input until the end or `quit`.
pub fn run(shell: &mut Shell, mode: InputMode) {
    shell.prompting = mode != InputMode::Silent;
    let mut reader = Reader::new(shell.settings.program, mode, shell.interrupt.clone());
    while !shell.is_over() {
        shell.output.flush();
        let line = match reader.next(shell) {
            Ok(Line::Text(line)) => line,
            Ok(Line::Dropped) => continue,
            Ok(Line::End) => break,
            Err(error) => {
                let reason = crate::cli::output::reason(&error);
                shell.error(&format!("{}: standard input: {reason}\n", shell.called.clone()));
                break;
            }
        };
        // An interrupt from before the command was not meant for it.
        if let Some(interrupt) = &shell.interrupt {
            interrupt.take();
        }
        shell.names.start_round();
        if let Some(daemon) = shell.daemon() {
            daemon.retry_after_silence();
        }
        shell.execute(&line);
    }
}

enum Reader {
    /// Through an editor.
    Edited(Box<Editor>),
    /// Plain input; after an interrupt the line is prompted for again.
    Plain { prompt: bool, interrupt: Option<Arc<Interrupt>> },
}

impl Reader {
    fn new(program: &'static Program, mode: InputMode, interrupt: Option<Arc<Interrupt>>) -> Self {
        match mode {
            InputMode::Silent => Self::Plain { prompt: false, interrupt: None },
            InputMode::Prompting => Self::Plain { prompt: true, interrupt: None },
            InputMode::Terminal { output } => match Editor::new(program, output) {
                Some(editor) => Self::Edited(Box::new(editor)),
                None => Self::Plain { prompt: true, interrupt },
            },
        }
    }

    fn next(&mut self, shell: &mut Shell) -> io::Result<Line> {
        match self {
            Self::Edited(editor) => editor.next(shell),
            Self::Plain { prompt, interrupt } => read_plain(shell, *prompt, interrupt.as_deref()),
        }
    }
}

fn read_plain(shell: &mut Shell, prompt: bool, interrupt: Option<&Interrupt>) -> io::Result<Line> {
    if prompt {
        shell.output.message(shell.settings.program.prompt());
    }
    // A terminal delivers whole lines only.
    if let Some(interrupt) = interrupt
        && interrupt.comes_before(&io::stdin())
    {
        interrupt.take();
        shell.output.message("\n");
        return Ok(Line::Dropped);
    }
    let mut line = Vec::new();
    // Locked for this line only: commands may read further lines.
    if io::stdin().lock().read_until(b'\n', &mut line)? > 0 {
        return Ok(Line::Text(line));
    }
    if prompt {
        shell.output.message("\n");
    }
    Ok(Line::End)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::context::Terminals;

    #[test]
    fn input_modes() {
        let terminals =
            |input, output, error| Terminals { input, output, error, columns: None, error_columns: None };
        let choose = |forced, terminals| InputMode::choose(forced, terminals, Dialect::Native);
        assert_eq!(choose(false, terminals(true, true, true)), InputMode::Terminal { output: true });
        assert_eq!(choose(false, terminals(true, false, true)), InputMode::Terminal { output: false });
        assert_eq!(choose(false, terminals(true, true, false)), InputMode::Silent);
        assert_eq!(choose(true, terminals(true, true, false)), InputMode::Terminal { output: true });
        assert_eq!(choose(false, terminals(false, true, true)), InputMode::Silent);
        assert_eq!(choose(true, terminals(false, true, true)), InputMode::Prompting);
        assert_eq!(
            InputMode::choose(true, terminals(false, true, true), Dialect::Classic),
            InputMode::Silent
        );
    }
}
