//! Output of results and messages, and its errors.

mod record;

pub use self::record::{Piece, Recorded};

use self::record::Entry;
use crate::cli::files;
use crate::text::harmless;
use nix::errno::Errno;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

enum Target {
    Streams { out: BufWriter<Box<dyn Write + Send>>, err: Box<dyn Write + Send> },
    Record(Recorded),
}

/// Turns the results of a run into the contents of its file, given whether the run succeeded and the path.
pub type Edit = fn(Vec<u8>, bool, &Path) -> Vec<u8>;

/// The mode of a file of results: for everybody to read.
const READABLE: u32 = 0o644;

/// A file that receives all results of a run when it ends.
struct ResultFile {
    path: PathBuf,
    edit: Edit,
    results: Vec<u8>,
}

/// Standard output and standard error of a command, in writing order.
///
/// Writing never fails immediately: the first error is kept, later output is discarded, and [`Output::finish`] reports
/// the error.
pub struct Output {
    target: Target,
    redirect: Option<BufWriter<File>>,
    result_file: Option<ResultFile>,
    /// Columns of the terminal that shows the messages.
    message_width: Option<usize>,
    /// Whether results are currently written as messages.
    results_are_messages: bool,
    fault: Option<io::Error>,
}

impl Output {
    /// The standard streams of this process.
    pub fn standard() -> Self {
        Self::streams(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// Any two streams.
    pub fn streams(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self::to(Target::Streams { out: BufWriter::with_capacity(1 << 16, out), err })
    }

    /// Records everything, to be replayed later with [`Output::play`].
    pub fn record() -> Self {
        Self::to(Target::Record(Recorded::default()))
    }

    fn to(target: Target) -> Self {
        Self {
            target,
            redirect: None,
            result_file: None,
            message_width: None,
            results_are_messages: false,
            fault: None,
        }
    }

    /// Folds message lines at blanks to the width of the terminal, or stops folding.
    pub fn fold_messages(&mut self, width: Option<u16>) {
        self.message_width = width.map(usize::from);
    }

    /// Writes results.
    pub fn result(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        if self.fault.is_some() || bytes.is_empty() {
            return;
        }
        if self.results_are_messages {
            return self.message(bytes);
        }
        if let (None, Some(file)) = (&self.redirect, &mut self.result_file) {
            file.results.extend_from_slice(bytes);
            return;
        }
        let written = match (&mut self.redirect, &mut self.target) {
            (Some(file), _) => file.write_all(bytes),
            (None, Target::Streams { out, .. }) => out.write_all(bytes),
            (None, Target::Record(Recorded(entries))) => {
                match entries.last_mut() {
                    Some(Entry::Piece(Piece::Result(last))) => last.extend_from_slice(bytes),
                    _ => entries.push(Entry::Piece(Piece::Result(bytes.to_vec()))),
                }
                Ok(())
            }
        };
        self.note(written);
    }

    /// Writes results that take time to render: recorded ones are rendered by whoever takes the record.
    pub fn result_later(&mut self, render: impl FnOnce() -> String + Send + 'static) {
        match &mut self.target {
            Target::Record(Recorded(entries))
                if self.redirect.is_none() && self.result_file.is_none() && !self.results_are_messages =>
            {
                entries.push(Entry::Later(Box::new(render)));
            }
            _ => self.result(render()),
        }
    }

    /// Writes results that quote what was typed or what a name service says: control characters in them are escaped.
    pub fn quoting_result(&mut self, bytes: impl AsRef<[u8]>) {
        self.result(harmless(bytes.as_ref()));
    }

    /// Writes a message, after any results written before it. Control characters in it are escaped, whatever it quotes.
    pub fn message(&mut self, bytes: impl AsRef<[u8]>) {
        self.progress(harmless(bytes.as_ref()));
    }

    /// Writes a message that may move the cursor of the terminal that shows it, and quotes nothing.
    pub fn progress(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.flush();
        match &mut self.target {
            // An error while writing a message cannot be reported anywhere.
            Target::Streams { err, .. } => match (self.message_width, std::str::from_utf8(bytes)) {
                (Some(width), Ok(text)) => drop(err.write_all(folded(text, width).as_bytes())),
                _ => drop(err.write_all(bytes)),
            },
            Target::Record(Recorded(entries)) => {
                entries.push(Entry::Piece(Piece::Message(bytes.to_vec())));
            }
        }
    }

    /// Flushes the results written so far.
    pub fn flush(&mut self) {
        let flushed = match &mut self.target {
            Target::Streams { out, .. } => out.flush(),
            Target::Record(_) => Ok(()),
        };
        self.note(flushed);
    }

    /// Redirects results to a new file until [`Output::end_redirect`].
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn redirect_to(&mut self, path: &Path) -> io::Result<()> {
        self.redirect = Some(BufWriter::new(File::create(path)?));
        Ok(())
    }

    /// Writes to standard output even while results are redirected, as the classic program does in some places.
    pub fn result_past_redirect(&mut self, bytes: impl AsRef<[u8]>) {
        let redirect = self.redirect.take();
        self.result(bytes);
        self.redirect = redirect;
    }

    /// Ends the redirection of results.
    pub fn end_redirect(&mut self) {
        if let Some(mut file) = self.redirect.take() {
            let flushed = file.flush();
            self.note(flushed);
        }
    }

    /// Collects the results from now on for a file; [`Output::write_file`] writes it.
    pub fn collect_into(&mut self, path: PathBuf, edit: Edit) {
        self.result_file = Some(ResultFile { path, edit, results: Vec::new() });
    }

    /// Writes the file that results were collected for, if any, atomically.
    ///
    /// # Errors
    /// The file's path and the system's error, or the path names something other than a regular file, such as a device.
    /// Nothing has changed then.
    pub fn write_file(&mut self, succeeded: bool) -> Result<(), (PathBuf, io::Error)> {
        let Some(ResultFile { path, edit, results }) = self.result_file.take() else { return Ok(()) };
        let is_replaceable = path.symlink_metadata().map_or(true, |existing| existing.is_file());
        let written = if is_replaceable {
            files::write(&path, READABLE, &edit(results, succeeded, &path))
        } else {
            Err(io::Error::other("not a regular file"))
        };
        written.map_err(|error| (path, error))
    }

    /// Whether everything goes to the standard streams, which are open.
    pub fn writes_no_file(&self) -> bool {
        matches!(self.target, Target::Streams { .. }) && self.redirect.is_none() && self.result_file.is_none()
    }

    /// Whether results are redirected to a file.
    pub fn is_redirected(&self) -> bool {
        self.redirect.is_some()
    }

    /// Writes results as messages from now on, or stops doing so.
    pub fn turn_results_into_messages(&mut self, turn: bool) {
        self.results_are_messages = turn;
    }

    /// Whether the reader of the results has gone (or they cannot be written), so that there is no point in continuing.
    pub fn is_closed(&self) -> bool {
        self.fault.is_some()
    }

    /// The recorded output.
    pub fn into_recorded(self) -> Recorded {
        match self.target {
            Target::Record(recorded) => recorded,
            Target::Streams { .. } => Recorded::default(),
        }
    }

    /// The recorded pieces.
    pub fn into_pieces(self) -> Vec<Piece> {
        self.into_recorded().into_pieces()
    }

    /// The recorded results and messages as text.
    ///
    /// # Panics
    /// One of them is not UTF-8.
    #[cfg(test)]
    pub fn into_texts(self) -> (String, String) {
        let (mut results, mut messages) = (Vec::new(), Vec::new());
        for piece in self.into_pieces() {
            match piece {
                Piece::Result(octets) => results.extend(octets),
                Piece::Message(octets) => messages.extend(octets),
            }
        }
        (String::from_utf8(results).unwrap(), String::from_utf8(messages).unwrap())
    }

    /// Replays recorded output.
    pub fn play(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            match piece {
                Piece::Result(bytes) => self.result(bytes),
                Piece::Message(bytes) => self.progress(bytes),
            }
        }
    }

    /// Flushes all output.
    ///
    /// # Errors
    /// The first write error. A closed pipe is not an error: the reader has seen enough.
    pub fn finish(&mut self) -> io::Result<()> {
        self.end_redirect();
        self.flush();
        match self.fault.take() {
            Some(fault) if fault.kind() != io::ErrorKind::BrokenPipe => Err(fault),
            _ => Ok(()),
        }
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(fault) = written {
            self.fault.get_or_insert(fault);
        }
    }
}

/// Wraps text to this many columns, breaking only between words; continuation lines are indented.
pub fn wrapped(text: &str, width: usize) -> String {
    const INDENT: &str = "  ";
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > INDENT.len() && column + 1 + length > width {
            lines += "\n";
            lines += INDENT;
            column = INDENT.len();
        } else if !lines.is_empty() {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
    }
    lines
}

/// Wraps each line of a text; lines that move the cursor are left alone.
fn folded(text: &str, width: usize) -> String {
    let fold = |line: &str| {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let stays = body.chars().count() <= width || body.contains(char::is_control);
        if stays {
            line.to_owned()
        } else {
            wrapped(body, width) + line.get(body.len()..).unwrap_or_default()
        }
    };
    text.split_inclusive('\n').map(fold).collect()
}

/// The system's description of an error, without its number.
pub fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno::from_raw(number).desc().to_owned(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn finished(kind: io::ErrorKind) -> io::Result<()> {
        let mut output = Output::streams(Box::new(Broken(kind)), Box::new(io::sink()));
        output.result("a row\n");
        output.flush();
        assert!(output.is_closed());
        output.result("another\n");
        output.finish()
    }

    #[test]
    fn a_closed_pipe_is_not_an_error_but_a_full_disk_is() {
        assert!(finished(io::ErrorKind::BrokenPipe).is_ok());
        assert_eq!(finished(io::ErrorKind::StorageFull).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn lines_are_wrapped_between_words() {
        assert_eq!(wrapped("one two three", 80), "one two three");
        assert_eq!(wrapped("one two three four", 9), "one two\n  three\n  four");
        assert_eq!(wrapped("one incomprehensibilities two", 8), "one\n  incomprehensibilities\n  two");
        assert_eq!(wrapped("a  b", 80), "a  b");
        assert_eq!(wrapped("", 1), "");
    }

    #[test]
    fn messages_are_folded_at_blanks() {
        let hint = "ntpq: HOST: nothing came back, not even the time\nshort\n";
        assert_eq!(folded(hint, 80), hint);
        assert_eq!(folded(hint, 24), "ntpq: HOST: nothing came\n  back, not even the\n  time\nshort\n");
        assert_eq!(folded("unbreakable_word_of_a_message next", 10), "unbreakable_word_of_a_message\n  next");
        assert_eq!(folded("\rRetrieved 12345 entries", 10), "\rRetrieved 12345 entries");
        assert_eq!(folded("\n\n", 1), "\n\n");
    }

    #[test]
    fn recording_preserves_order() {
        let mut output = Output::record();
        output.result("one ");
        output.result("two\n");
        output.message("but\n");
        output.result("three\n");
        let expected = [
            Piece::Result(b"one two\n".to_vec()),
            Piece::Message(b"but\n".to_vec()),
            Piece::Result(b"three\n".to_vec()),
        ];
        assert_eq!(output.into_pieces(), expected);
    }

    #[test]
    fn results_can_be_written_as_messages() {
        let mut output = Output::record();
        output.turn_results_into_messages(true);
        output.result("by the way\n");
        output.turn_results_into_messages(false);
        output.result("a row\n");
        let expected = [Piece::Message(b"by the way\n".to_vec()), Piece::Result(b"a row\n".to_vec())];
        assert_eq!(output.into_pieces(), expected);
    }

    #[test]
    fn a_redirect_takes_results_but_not_messages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut output = Output::record();
        output.redirect_to(&path).unwrap();
        output.result("to the file\n");
        output.message("to the person\n");
        output.end_redirect();
        assert_eq!(std::fs::read(&path).unwrap(), b"to the file\n");
        assert_eq!(output.into_pieces(), [Piece::Message(b"to the person\n".to_vec())]);
    }
}
