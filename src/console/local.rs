//! Commands that query no daemon: settings, help, version.
#![expect(clippy::unnecessary_wraps, reason = "all commands have one signature")]

use super::command::{Argument, Command, CommandResult, Failed, Lookup, Outcome};
use super::options::RefidDisplay;
use super::{Flow, Shell};
use crate::cli::version::version_line;
use crate::compat::Quirk;
use std::time::Duration;

pub(crate) fn version(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.output.result(version_line(shell.settings.program.name));
    Ok(Outcome::Done)
}

pub(crate) fn help(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let Some(word) = text(arguments, 0) else {
        let program = shell.settings.program;
        let commands = program.commands(shell.settings.dialect).map(|command| command.name);
        let names: Vec<&str> = commands.filter(|&name| name != "?").collect();
        shell.output.result(columns(&format!("{} commands:\n", program.name), &names, program.help_width));
        return Ok(Outcome::Done);
    };
    let quoted = String::from_utf8_lossy(word);
    match shell.settings.program.look_up(word, shell.settings.dialect) {
        Lookup::Found(command @ Command { description, .. }) => {
            let choices = command.choices.map_or(String::new(), |choices| choices(shell.settings.dialect));
            shell.output.result(format!(
                "function: {description}{choices}\n{}",
                command.usage(shell.settings.dialect)
            ));
            if !shell.settings.dialect.keeps(Quirk::UNEXPLAINED_HELP)
                && let Some(text) = shell.settings.program.explanation(command.name)
            {
                shell.output.result(format!("\n{text}\n"));
            }
            return Ok(Outcome::Done);
        }
        Lookup::Unknown => shell.error(&format!("Command `{quoted}' is unknown\n")),
        Lookup::Ambiguous if shell.settings.dialect.keeps(Quirk::NO_SUGGESTIONS) => {
            shell.error(&format!("Command `{quoted}' is ambiguous\n"));
        }
        Lookup::Ambiguous => {
            let candidates = shell.settings.program.candidates(word, shell.settings.dialect);
            shell.error(&format!("Command `{quoted}' is ambiguous: {candidates}\n"));
        }
    }
    Err(Failed)
}

/// Formats words in columns, filled downwards, each cell one wider than the longest word.
fn columns(heading: &str, words: &[&str], line: usize) -> String {
    let width = words.iter().map(|word| word.len()).max().unwrap_or(0) + 1;
    let across = (line / width).max(1);
    let rows = words.len().div_ceil(across);
    let mut text = heading.to_owned();
    for row in 0..rows {
        for word in words.iter().skip(row).step_by(rows) {
            text += &format!("{word:width$}");
        }
        text.push('\n');
    }
    text
}

pub(crate) fn raw(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.settings.raw = true;
    shell.output.result("Output set to raw\n");
    Ok(Outcome::Done)
}

pub(crate) fn cooked(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.settings.raw = false;
    shell.output.result("Output set to cooked\n");
    Ok(Outcome::Done)
}

pub(crate) fn timeout(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    if let Some(Argument::Unsigned(milliseconds)) = arguments.first() {
        shell.settings.timeout = Duration::from_millis((*milliseconds).into());
        shell.apply_settings();
    } else {
        let milliseconds = shell.settings.timeout.as_millis();
        let milliseconds = match u32::try_from(milliseconds) {
            // The classic program prints it as a signed number.
            Ok(number) if shell.settings.dialect.keeps(Quirk::SIGNED_TIMEOUT) => {
                number.cast_signed().to_string()
            }
            _ => milliseconds.to_string(),
        };
        shell.output.result(format!("primary timeout {milliseconds} ms\n"));
    }
    Ok(Outcome::Done)
}

pub(crate) fn delay(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    if let Some(Argument::Integer(milliseconds)) = arguments.first() {
        shell.settings.delay = *milliseconds;
    } else {
        let delay = shell.settings.delay;
        let line = if shell.settings.dialect.keeps(Quirk::UNSIGNED_DELAY) {
            format!("delay {} ms\n", delay & 0xffff_ffff)
        } else {
            format!("delay {delay} ms\n")
        };
        shell.output.result(line);
    }
    Ok(Outcome::Done)
}

pub(crate) fn host_names(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    match text(arguments, 0) {
        None => {
            let not = if shell.settings.host_names { "" } else { "not " };
            shell.output.result(format!("hostnames {not}being shown\n"));
        }
        Some(b"yes") => shell.settings.host_names = true,
        Some(b"no") => shell.settings.host_names = false,
        Some(_) => {
            shell.error("What?\n");
            return Err(Failed);
        }
    }
    Ok(Outcome::Done)
}

pub(crate) fn refid(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let name = |refid| if refid == RefidDisplay::Hash { "hash" } else { "ipv4" };
    let chosen = match text(arguments, 0) {
        None => {
            let value = name(shell.settings.refid);
            shell.output.result(format!("drefid value is {value}\n"));
            return Ok(Outcome::Done);
        }
        Some(b"hash") => RefidDisplay::Hash,
        Some(b"ipv4") => RefidDisplay::Ipv4,
        Some(_) => {
            shell.output.result("What?\n");
            return Err(Failed);
        }
    };
    shell.settings.refid = chosen;
    shell.output.result(format!("drefid value set to {}\n", name(chosen)));
    Ok(Outcome::Done)
}

pub(crate) fn debug(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let level = shell.settings.debug;
    let changed = match text(arguments, 0) {
        None => {
            shell.output.result(format!("debug level is {level}\n"));
            return Ok(Outcome::Done);
        }
        Some(b"no") => 0,
        Some(b"more") => level.saturating_add(1),
        Some(b"less") => level.saturating_sub(1),
        Some(_) => {
            shell.output.result("What?\n");
            return Err(Failed);
        }
    };
    shell.settings.debug = changed;
    shell.output.result(format!("debug level set to {changed}\n"));
    Ok(Outcome::Done)
}

pub(crate) fn version_claimed(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    match arguments.first() {
        Some(&Argument::Unsigned(version @ 1..=4)) => {
            shell.settings.version = u8::try_from(version).unwrap_or(shell.settings.version);
            shell.apply_settings();
        }
        Some(Argument::Unsigned(_)) => {
            shell.error("versions 1 to 4, please\n");
            return Err(Failed);
        }
        _ => shell.output.result(format!("NTP version being claimed is {}\n", shell.settings.version)),
    }
    Ok(Outcome::Done)
}

pub(crate) fn quit(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.flow = Flow::Quit;
    Ok(Outcome::Done)
}

pub(crate) fn host(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.open_lazy();
    let current = shell.host_name();
    let (family, name) = match (text(arguments, 0), text(arguments, 1)) {
        (None, _) => {
            let line = if current.is_empty() {
                "no current host\n".into()
            } else {
                format!("current host is {current}\n")
            };
            shell.output.result(line);
            return Ok(Outcome::Done);
        }
        (Some(name), None) => (None, Some(name)),
        (Some(b"-4"), Some(name)) => (Some(4), Some(name)),
        (Some(b"-6"), Some(name)) => (Some(6), Some(name)),
        (Some(_), Some(_)) => (None, None),
    };
    // With more words, the classic program takes the first as a name, whatever it is.
    let (family, name) = match text(arguments, 2) {
        Some(_) if shell.settings.dialect.keeps(Quirk::EXTRA_WORDS_RENAME_HOST) => (None, text(arguments, 0)),
        _ => (family, name),
    };
    let changed = name.is_some_and(|name| {
        let name = String::from_utf8_lossy(name).into_owned();
        shell.change_host(&name, family)
    });
    let line = match (changed, shell.host_name()) {
        (true, name) => format!("current host set to {name}\n"),
        (false, name) if name.is_empty() => "still no current host\n".into(),
        (false, name) => format!("current host remains {name}\n"),
    };
    shell.output.result(line);
    if changed { Ok(Outcome::Done) } else { Err(Failed) }
}

pub(crate) fn poll(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.output.result("poll not implemented yet\n");
    Ok(Outcome::Done)
}

/// The text at this position.
pub(crate) fn text(arguments: &[Argument], at: usize) -> Option<&[u8]> {
    match arguments.get(at) {
        Some(Argument::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_filled_downwards_and_padded_to_the_end() {
        let words = ["abc", "b", "c", "d", "e"];
        let wide = "x".repeat(30);
        assert_eq!(
            columns("", &[&wide, "y", "z"], 76),
            format!("{wide} z{}\ny{}\n", " ".repeat(30), " ".repeat(30))
        );
        assert_eq!(columns("all:\n", &words, 76), "all:\nabc b   c   d   e   \n");
    }
}
