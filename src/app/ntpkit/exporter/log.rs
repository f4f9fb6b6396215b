//! Log lines in the form of Prometheus exporters: `time=... level=INFO msg="..." key=value`.

use crate::cli::output::Output;
use crate::clock;
use clap::ValueEnum;
use std::cell::RefCell;

/// The level of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Level {
    /// For debugging.
    Debug,
    /// Normal operation.
    Info,
    /// A problem that does not stop the exporter.
    Warn,
    /// A failure.
    Error,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// The log.
pub struct Log {
    least: Level,
    output: RefCell<Output>,
}

impl Log {
    /// Creates a log of messages of at least this level.
    pub fn new(least: Level, output: Output) -> Self {
        Self { least, output: RefCell::new(output) }
    }

    /// Writes a message with its fields.
    pub fn write(&self, level: Level, message: &str, about: &[(&str, &str)]) {
        if level < self.least {
            return;
        }
        let time = format!("{:.3}", clock::now());
        let mut line = format!("time={time} level={} msg={}", level.word(), value(message));
        for (key, text) in about {
            line += &format!(" {key}={}", value(text));
        }
        self.output.borrow_mut().message(line + "\n");
    }
}

/// Formats a logfmt value in ASCII, quoted if necessary.
fn value(text: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_graphic() && !b"\"=\\".contains(&octet);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            _ => quoted.extend(letter.escape_default()),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_should() {
        for (text, written) in [
            ("plain", "plain"),
            ("", r#""""#),
            ("two words", r#""two words""#),
            ("a=\"b\"\\", r#""a=\"b\"\\""#),
            ("x\n\u{1b}[31m\u{e9}", r#""x\n\u{1b}[31m\u{e9}""#),
        ] {
            assert_eq!(value(text), written);
        }
    }

    #[test]
    fn a_line_has_time_level_message_and_what_it_is_about() {
        let log = Log::new(Level::Info, Output::record());
        log.write(Level::Debug, "unseen", &[]);
        log.write(Level::Warn, "no answer", &[("target", "a b")]);
        let (results, messages) = log.output.into_inner().into_texts();
        assert_eq!(results, "");
        let (time, rest) = messages.split_once(' ').unwrap();
        assert!(time.starts_with("time=") && time.ends_with('Z') && time.len() == 29, "{time}");
        assert_eq!(rest, "level=WARN msg=\"no answer\" target=\"a b\"\n");
    }
}
