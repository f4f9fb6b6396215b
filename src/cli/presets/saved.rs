//! Saving presets to a file.

use super::file::{read_octets, section_of};
use super::{ChosenOption, Presets, is_preset};
use crate::cli::files;
use crate::cli::output::reason;
use crate::compact;
use crate::compat::Quirk;
use nix::errno::Errno;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The column where values start.
const VALUE_COLUMN: usize = 20;
/// The mode of a new file: saved commands may contain passwords.
const PRIVATE: u32 = 0o600;
/// The most symbolic links followed in a chain.
const MAX_LINKS: usize = 40;

impl Presets<'_> {
    /// Saves options to the file `named`, to a file in that directory, or to the default file in the home directory,
    /// with this `date` in the heading.
    ///
    /// # Errors
    /// The line that explains why they cannot be saved.
    pub fn save(&self, options: &[ChosenOption], named: Option<&Path>, date: &str) -> Result<(), String> {
        let Some(path) = self.destination(named) else {
            return Err(format!("{}: no home directory to save options in\n", self.info.name));
        };
        self.write(options, &path, date).map_err(|error| {
            if self.dialect.keeps(Quirk::PRESET_FAULTS_SILENT) {
                self.classic_error(&path, &error)
            } else {
                {
                    let (name, path, reason) = (self.info.name, path.display(), reason(&error));
                    format!("{name}: cannot save options in {path}: {reason}\n")
                }
            }
        })
    }

    /// The classic message, which says less if the path is not a regular file.
    fn classic_error(&self, path: &Path, error: &io::Error) -> String {
        let (name, shown) = (self.info.name, path.display());
        let number = error.raw_os_error().unwrap_or_default();
        let details = match (path.exists(), path.is_file()) {
            (true, false) => String::new(),
            (is_there, _) => {
                let step = if is_there { "creating" } else { "stat-ing" };
                format!("error {number} ({}) {step} {shown}\n", reason(error))
            }
        };
        format!("{name} warning:  cannot save options - {shown} not regular file\n{details}")
    }

    fn destination(&self, named: Option<&Path>) -> Option<PathBuf> {
        match named.filter(|path| !path.as_os_str().is_empty()) {
            Some(path) if path.is_dir() => Some(path.join(super::FILE_NAME)),
            Some(path) => Some(path.to_owned()),
            None => self.home_file(),
        }
    }

    /// Writes the whole file, or leaves the existing one unchanged.
    fn write(&self, options: &[ChosenOption], path: &Path, date: &str) -> io::Result<()> {
        let text = self.text(options, date);
        let before = match fs::metadata(path) {
            Ok(about) if !about.is_file() => return Err(Errno::EINVAL.into()),
            Ok(about) => Some(about),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if self.dialect.keeps(Quirk::SAVED_OPTIONS_OVERWRITE) {
            // The classic program discards other programs' sections and replaces a symbolic link by a file.
            return files::write(path, PRIVATE, &text);
        }
        let target = behind_links(path)?;
        match before {
            Some(before) => {
                files::rewrite(&target, &before, &[text, self.other_sections(&read_octets(path)?)].concat())
            }
            None => files::write(&target, PRIVATE, &text),
        }
    }

    /// The contents of the file: a heading, then the options in the order of the classic list, then the newer ones. The
    /// classic program keeps only the last occurrence of repeatable options except commands, and quotes nothing.
    fn text(&self, options: &[ChosenOption], date: &str) -> Vec<u8> {
        let heading = format!("#  {}\n#  preset/initialization file\n#  {date}\n#\n", self.info.title);
        let mut text = heading.into_bytes();
        let mut list: Vec<_> = self.command.get_arguments().filter(|option| is_preset(option)).collect();
        let place = |name: Option<&str>| self.info.long_options.iter().position(|known| name == Some(known));
        compact::sort_by_key(&mut list, |option| place(option.get_long()).unwrap_or(usize::MAX));
        for known in list {
            let mut given: Vec<&ChosenOption> =
                options.iter().filter(|given| known.get_long() == Some(&given.option)).collect();
            if self.dialect.keeps(Quirk::SAVED_VALUES_UNQUOTED) && known.get_id() != "command" {
                given = given.split_off(given.len().saturating_sub(1));
            }
            for ChosenOption { option, value, .. } in given {
                match value {
                    None => text.extend_from_slice(option.as_bytes()),
                    Some(value) => {
                        text.extend(format!("{:<VALUE_COLUMN$}", format!("{option} = ")).bytes());
                        if self.dialect.keeps(Quirk::SAVED_VALUES_UNQUOTED) {
                            text.extend_from_slice(value.as_bytes());
                        } else {
                            text.extend(quoted(value.as_bytes()));
                        }
                    }
                }
                text.push(b'\n');
            }
        }
        text
    }

    /// The sections of other programs in a file, byte for byte.
    fn other_sections(&self, text: &[u8]) -> Vec<u8> {
        let mut foreign = false;
        let mut kept = Vec::new();
        for line in text.split_inclusive(|&octet| octet == b'\n') {
            if let Some(section) = section_of(line) {
                foreign = section != self.section().as_bytes();
            }
            if foreign {
                kept.extend_from_slice(line);
            }
        }
        kept
    }
}

/// The path at the end of a chain of symbolic links, whether or not the file exists.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            // Not a link, or it does not exist.
            Err(_) => return Ok(path),
        }
    }
    Err(Errno::ELOOP.into())
}

/// Quotes a value for the file.
fn quoted(value: &[u8]) -> Vec<u8> {
    let plain = value.trim_ascii() == value
        && !value.is_empty()
        && !value.starts_with(b"\"")
        && !value.starts_with(b"'");
    if plain && !value.contains(&b'\n') {
        return value.to_vec();
    }
    let mut text = vec![b'"'];
    for &octet in value {
        match octet {
            b'\\' | b'"' => text.extend([b'\\', octet]),
            b'\n' => text.extend(b"\\n"),
            _ => text.push(octet),
        }
    }
    text.push(b'"');
    text
}
