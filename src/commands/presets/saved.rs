//! Presets written to a file.

use super::file::section_of;
use super::{Given, Presets, is_preset};
use crate::output::reason;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The column in which values begin.
const VALUE_COLUMN: usize = 20;

impl Presets<'_> {
    /// Saves options to the file that was `named`, to the one in a directory that was, or to the one in the
    /// home directory. `date` says when.
    ///
    /// # Errors
    /// The line that says why they cannot be saved.
    pub fn save(&self, options: &[Given], named: Option<&Path>, date: &str) -> Result<(), String> {
        let Some(path) = self.destination(named) else {
            return Err(format!("{}: there is no home directory to save options in\n", self.manners.name));
        };
        self.write(options, &path, date).map_err(|error| {
            let (name, path, reason) = (self.manners.name, path.display(), reason(&error));
            if self.dialect.is_classic() {
                let number = error.raw_os_error().unwrap_or_default();
                return format!(
                    "{name} warning:  cannot save options - {path} not regular file\nerror {number} ({reason}) stat-ing {path}\n"
                );
            }
            format!("{name}: cannot save options in {path}: {reason}\n")
        })
    }

    fn destination(&self, named: Option<&Path>) -> Option<PathBuf> {
        match named.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) if path.is_dir() => Some(path.join(super::FILE_NAME)),
            Some(path) => Some(path.to_owned()),
            None => self.home_file(),
        }
    }

    fn write(&self, options: &[Given], path: &Path, date: &str) -> io::Result<()> {
        // The classic throws away what other programs have there.
        let others = if self.dialect.is_classic() { String::new() } else { self.others(path) };
        // Commands among the options may hold passwords.
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all((self.text(options, date) + &others).as_bytes())
    }

    /// What the file says: a heading, then the options in the order of the program's own list. The classic
    /// keeps only the last of those that may be repeated, commands excepted, and quotes nothing.
    fn text(&self, options: &[Given], date: &str) -> String {
        let mut text = format!("#  {}\n#  preset/initialization file\n#  {date}\n#\n", self.manners.title);
        for known in self.command.get_arguments().filter(|option| is_preset(option)) {
            let mut given: Vec<&Given> =
                options.iter().filter(|given| known.get_long() == Some(&given.option)).collect();
            if self.dialect.is_classic() && known.get_id() != "command" {
                given = given.split_off(given.len().saturating_sub(1));
            }
            for Given { option, value, .. } in given {
                text += &match value {
                    None => format!("{option}\n"),
                    Some(value) => {
                        let value = value.to_string_lossy();
                        let value = if self.dialect.is_classic() { value.into() } else { quoted(&value) };
                        format!("{:<VALUE_COLUMN$}{value}\n", format!("{option} = "))
                    }
                };
            }
        }
        text
    }

    /// The sections of other programs in a file.
    fn others(&self, path: &Path) -> String {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let mut foreign = false;
        let mut kept = String::new();
        for line in text.lines() {
            if let Some(section) = section_of(line) {
                foreign = section != self.section();
            }
            if foreign {
                kept += line;
                kept.push('\n');
            }
        }
        kept
    }
}

/// A value as a file can hold it.
fn quoted(value: &str) -> String {
    let plain = value.trim() == value && !value.is_empty() && !value.starts_with(['"', '\'']);
    if plain && !value.contains('\n') {
        return value.to_owned();
    }
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
