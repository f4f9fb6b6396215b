//! A presets file: one option per line, by its long name, followed by its value after a blank, `=` or `:`.
//!
//! Lines before the first section apply to all programs; a section, named in capitals, applies to one: `[NTPQ]`.
//! Unknown options are skipped, since they may belong to another program.

use super::{ChosenOption, Presets, Source, is_preset, takes_value};
use crate::cli::output::reason;
use crate::compat::Quirk;
use clap::Arg;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
pub(super) const LARGEST: u64 = 1 << 18;

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The system's description of the error.
    pub reason: String,
    /// The system's error number.
    pub number: i32,
}

impl FileError {
    /// Whether the file simply does not exist.
    pub fn is_absent(&self) -> bool {
        [Errno::ENOENT, Errno::ENOTDIR].map(|number| number as i32).contains(&self.number)
    }
}

impl Presets<'_> {
    /// Reads the presets in a file.
    ///
    /// # Errors
    /// The file cannot be read, is not a regular file, or is too large.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<ChosenOption>, FileError> {
        let text = read_octets(path).map_err(|error| FileError {
            path: path.to_owned(),
            reason: reason(&error),
            number: error.raw_os_error().unwrap_or_default(),
        })?;
        Ok(self.lines(&text, path))
    }

    /// Parses the text of a file.
    pub fn lines(&self, text: &[u8], path: &Path) -> Vec<ChosenOption> {
        let mut found = Vec::new();
        let mut ours = true;
        for (number, line) in (1..).zip(text.split_inclusive(|&octet| octet == b'\n')) {
            let (line, ended) = line.strip_suffix(b"\n").map_or((line, false), |line| (line, true));
            let line = match self.dialect.keeps(Quirk::PRESET_LINES_VERBATIM) {
                // The classic program ignores a last line without a line end, and keeps trailing blanks in the value.
                true if !ended => break,
                true => line.trim_ascii_start(),
                false => line.trim_ascii(),
            };
            if let Some(section) = section_of(line) {
                ours = section == self.section().as_bytes();
            } else if ours && let Some((option, value)) = self.line(line) {
                found.push(ChosenOption { option, value, source: Source::File(path.to_owned(), number) });
            }
        }
        found
    }

    /// The option on a line and its value, if the program knows it.
    fn line(&self, line: &[u8]) -> Option<(String, Option<OsString>)> {
        let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
        let end = line.iter().position(|octet| !is_name(octet)).unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(end)?;
        let rest = rest.trim_ascii_start();
        let rest =
            rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b":")).unwrap_or(rest).trim_ascii_start();
        let option = self.named(std::str::from_utf8(name).ok()?).filter(|option| is_preset(option))?;
        let long = option.get_long()?.to_owned();
        match takes_value(option) {
            true => Some((long, Some(unquote(rest)))),
            // With a value it belongs to another program; after a hash it is a comment, except in the classic dialect.
            false if rest.is_empty() => Some((long, None)),
            false => (rest.starts_with(b"#") && !self.dialect.keeps(Quirk::PRESET_LINES_VERBATIM))
                .then_some((long, None)),
        }
    }

    /// The option that a name refers to: a letter, a long name, or an unambiguous abbreviation, in upper or lower case,
    /// with underscores or hyphens.
    fn named(&self, name: &str) -> Option<&Arg> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        if name.is_empty() || name.starts_with('-') {
            return None;
        }
        let mut letters = name.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return self.command.get_arguments().find(|option| option.get_short() == Some(letter));
        }
        let begun = self.info.long_options.iter().filter(|long| long.starts_with(&name));
        let long = match begun.copied().collect::<Vec<_>>().as_slice() {
            [only] if self.find(&name).is_none() => only,
            _ => name.as_str(),
        };
        self.find(long)
    }
}

pub(super) fn read_octets(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)?;
    let about = file.metadata()?;
    if about.file_type().is_char_device() {
        // A user who links it to /dev/null wants no presets.
        return Err(Errno::ENOENT.into());
    }
    if !about.is_file() {
        return Err(if about.is_dir() { Errno::EISDIR } else { Errno::EINVAL }.into());
    }
    let mut octets = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > LARGEST {
        return Err(Errno::EFBIG.into());
    }
    Ok(octets)
}

/// The section that a line starts: `[NTPQ]`; one in angle brackets belongs to no program here.
pub(super) fn section_of(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    match line.strip_prefix(b"[") {
        Some(rest) => rest.iter().position(|&octet| octet == b']').and_then(|end| rest.get(..end)),
        None => line.starts_with(b"<?program").then_some(b""),
    }
}

/// Removes the surrounding quotes of a value and resolves its backslash escapes.
fn unquote(value: &[u8]) -> OsString {
    let Some((quote @ (b'"' | b'\''), rest)) = value.split_first() else {
        return OsString::from_vec(value.to_vec());
    };
    let mut octets = rest.iter();
    let mut text = Vec::new();
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' => text.extend(octets.next().map(|&escaped| if escaped == b'n' { b'\n' } else { escaped })),
            end if end == quote => break,
            &octet => text.push(octet),
        }
    }
    OsString::from_vec(text)
}

/// Splits text into words like a shell, considering blanks and quotes only.
pub(super) fn split_words(text: &OsStr) -> impl Iterator<Item = OsString> {
    let mut octets = text.as_bytes().iter().peekable();
    std::iter::from_fn(move || {
        while octets.next_if(|octet| octet.is_ascii_whitespace()).is_some() {}
        octets.peek()?;
        let mut word = Vec::new();
        let mut quote = None;
        while let Some(&octet) = octets.next_if(|octet| quote.is_some() || !octet.is_ascii_whitespace()) {
            match octet {
                _ if quote == Some(octet) => quote = None,
                b'"' | b'\'' if quote.is_none() => quote = Some(octet),
                _ => word.push(octet),
            }
        }
        Some(OsString::from_vec(word))
    })
}
