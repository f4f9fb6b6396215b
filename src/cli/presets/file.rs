//! A file of presets: an option in each line, by its long name, and its value behind a blank, `=` or `:`.
//!
//! Lines before the first section are for all programs, sections for one each, in capitals: `[NTPQ]`. What the
//! program does not know may be for another and is passed over.

use super::{Given, Presets, Source, is_preset, takes_value};
use crate::cli::output::reason;
use crate::compat::Quirk;
use clap::Arg;
use nix::errno::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LARGEST: u64 = 1 << 20;

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Why, in the system's words.
    pub reason: String,
    /// The system's number for it.
    pub number: i32,
}

impl FileError {
    /// Whether there is simply no such file.
    pub fn is_absent(&self) -> bool {
        [Errno::ENOENT, Errno::ENOTDIR].map(|number| number as i32).contains(&self.number)
    }
}

impl Presets<'_> {
    /// The presets in a file.
    ///
    /// # Errors
    /// It cannot be read, is no regular file, or is larger than any such file.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<Given>, FileError> {
        let text = read_text(path).map_err(|error| FileError {
            path: path.to_owned(),
            reason: reason(&error),
            number: error.raw_os_error().unwrap_or_default(),
        })?;
        Ok(self.lines(&text, path))
    }

    fn lines(&self, text: &str, path: &Path) -> Vec<Given> {
        let mut found = Vec::new();
        let mut ours = true;
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let (line, ended) = line.strip_suffix('\n').map_or((line, false), |line| (line, true));
            let line = match self.dialect.keeps(Quirk::PRESET_LINES_VERBATIM) {
                // It overlooks what no line end follows, and takes blanks for a part of the value.
                true if !ended => break,
                true => line.trim_start(),
                false => line.trim(),
            };
            if let Some(section) = section_of(line) {
                ours = section == self.section();
            } else if ours && let Some((option, value)) = self.line(line) {
                let source = Source::File(path.to_owned(), number);
                found.push(Given { option, value: value.map(Into::into), source });
            }
        }
        found
    }

    /// The option of a line and its value, if the program knows it.
    fn line(&self, line: &str) -> Option<(String, Option<String>)> {
        let end = line
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter)))
            .unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(end)?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        let option = self.named(name).filter(|option| is_preset(option))?;
        let long = option.get_long()?.to_owned();
        match takes_value(option) {
            true => Some((long, Some(unquote(rest)))),
            // With a value it is another program's; behind a hash is a comment, but for the classic.
            false if rest.is_empty() => Some((long, None)),
            false => (rest.starts_with('#') && !self.dialect.keeps(Quirk::PRESET_LINES_VERBATIM))
                .then_some((long, None)),
        }
    }

    /// The option that a name stands for: a letter, a long name, or an unambiguous beginning of one, in
    /// capitals or not, with underscores or hyphens.
    fn named(&self, name: &str) -> Option<&Arg> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        if name.is_empty() || name.starts_with('-') {
            return None;
        }
        let mut letters = name.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return self.command.get_arguments().find(|option| option.get_short() == Some(letter));
        }
        let begun = self.manners.long_options.iter().filter(|long| long.starts_with(&name));
        let long = match begun.copied().collect::<Vec<_>>().as_slice() {
            [only] if self.find(&name).is_none() => only,
            _ => name.as_str(),
        };
        self.find(long)
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let about = std::fs::metadata(path)?;
    if about.file_type().is_char_device() {
        // Who puts /dev/null there wants none.
        return Err(Errno::ENOENT.into());
    }
    if !about.is_file() {
        return Err(if about.is_dir() { Errno::EISDIR } else { Errno::EINVAL }.into());
    }
    if about.len() > LARGEST {
        return Err(Errno::EFBIG.into());
    }
    let mut octets = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut octets)?;
    Ok(String::from_utf8_lossy(&octets).into_owned())
}

/// Whose section a line begins: `[NTPQ]`; one in angle brackets is nobody's here.
pub(super) fn section_of(line: &str) -> Option<&str> {
    match line.trim_start().strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(section, _)| section),
        None => line.trim_start().starts_with("<?program").then_some(""),
    }
}

/// A value without the quotes around it, and what a backslash stands for between them.
fn unquote(value: &str) -> String {
    let Some(quote) = value.chars().next().filter(|letter| "\"'".contains(*letter)) else {
        return value.to_owned();
    };
    let mut letters = value.chars().skip(1);
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped })),
            end if end == quote => break,
            letter => text.push(letter),
        }
    }
    text
}

/// Words as a shell would cut them, as far as blanks and quotes go.
pub(super) fn split_words(text: &str) -> impl Iterator<Item = String> {
    let mut letters = text.chars().peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        letters.peek()?;
        let mut word = String::new();
        let mut quote = None;
        while let Some(letter) = letters.next_if(|letter| quote.is_some() || !letter.is_whitespace()) {
            match letter {
                _ if quote == Some(letter) => quote = None,
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                _ => word.push(letter),
            }
        }
        Some(word)
    })
}
