//! Runs a program repeatedly and shows its output in place.

mod cells;
mod screen;

use super::context::{Context, Terminals};
use super::exit::INTERRUPTED;
use super::keyboard::{Key, Muted, Waited, terminal};
use super::output::{Output, Piece};
use super::seconds::{self, SecondsError};
use crate::compact::{Receiver, channel};
use nix::poll::PollTimeout;
use nix::sys::signal::{Signal, raise};
use screen::{Screen, Size};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::TryRecvError;
use std::time::Duration;

/// The limits of the interval.
const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
/// The polling interval for keys, signals, frames and size changes, in milliseconds.
const SLICE: u16 = 50;
/// Enters the alternate screen and hides the cursor; and back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// The size of a terminal that does not report it.
const USUAL_SIZE: Size = Size { columns: 80, rows: 24 };

/// The program to run: a call of an applet that returns its exit status.
pub type Program = Box<dyn FnMut(&mut Context) -> u8 + Send>;

/// The settings of a watch.
#[derive(Clone, Copy, Debug)]
pub struct WatchSettings {
    /// The time from the end of a run to the next.
    pub interval: Duration,
    /// Whether the output is for programs, so that nothing is printed between the results.
    pub is_for_programs: bool,
    /// Returns the time of day, shown with each run.
    pub time: fn() -> String,
}

/// Parses the interval of `--watch`.
///
/// # Errors
/// Not a number, or out of range.
pub fn interval(text: &str) -> Result<Duration, String> {
    seconds::parse(text, INTERVALS).map_err(|error| match error {
        SecondsError::NotANumber => format!("invalid number '{text}'"),
        SecondsError::OutOfRange => format!("invalid interval '{text}': must be 1 to 86400 seconds"),
    })
}

/// Runs a program until the user ends it. On a terminal each result replaces the previous one; elsewhere the results follow
/// each other.
pub fn run(context: &mut Context, settings: WatchSettings, mut program: Program) -> u8 {
    let moves_cursor = |term: &OsStr| !term.is_empty() && term != "dumb";
    let can_redraw = context.terminals.output
        && !settings.is_for_programs
        && std::env::var_os("TERM").is_some_and(|term| moves_cursor(&term));
    match terminal().filter(|_| can_redraw) {
        Some(terminal) => in_place(context, settings, program, &terminal),
        None => one_after_the_other(context, settings, &mut program),
    }
}

fn one_after_the_other(context: &mut Context, settings: WatchSettings, program: &mut Program) -> u8 {
    loop {
        if !settings.is_for_programs {
            context.output.result(format!("{}\n", (settings.time)()));
        }
        let status = program(context);
        context.output.flush();
        if status == INTERRUPTED || context.output.is_closed() {
            return status;
        }
        std::thread::sleep(settings.interval);
        if !settings.is_for_programs {
            context.output.result("\n");
        }
    }
}

/// The output of a run.
struct Made {
    heading: String,
    pieces: Vec<Piece>,
    status: u8,
}

/// How a watch ends.
enum End {
    /// By a key.
    Enough,
    /// By a signal.
    Signal(Signal),
}

fn in_place(context: &mut Context, settings: WatchSettings, program: Program, terminal: &File) -> u8 {
    let words = std::iter::once(&context.called).chain(&context.arguments);
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let title = format!("every {} s: {}", settings.interval.as_secs_f64(), words.join(" "));
    let columns = Arc::new(AtomicU16::new(0));
    let mut watched = Watched {
        terminal,
        screen: Screen::new(!context.no_color),
        columns: Arc::clone(&columns),
        frames: None,
        last: None,
    };
    watched.screen.announce(title.clone());
    let mut maker = Some((again(context), program));
    let end = loop {
        // From here on signals are blocked, also in threads started by this one.
        let Ok(muted) = Muted::new(terminal) else { break End::Enough };
        let covered = Covered::begin(terminal);
        watched.fit();
        if let Some((context, program)) = maker.take() {
            watched.frames = make_frames(context, settings, program, title.clone(), Arc::clone(&columns));
        }
        let end = watched.look(&muted);
        drop(covered);
        drop(muted);
        match end {
            End::Signal(Signal::SIGTSTP) => {
                let _ = raise(Signal::SIGTSTP);
                watched.screen.forget();
            }
            end => break end,
        }
    };
    let status = watched.last.map_or(0, |made| {
        context.output.play(made.pieces);
        made.status
    });
    match end {
        End::Enough => status,
        End::Signal(Signal::SIGINT) => INTERRUPTED,
        End::Signal(signal) => {
            context.output.flush();
            let _ = raise(signal);
            status
        }
    }
}

/// Makes the same call and records its output.
fn again(context: &Context) -> Context {
    Context {
        applets: context.applets,
        called: context.called.clone(),
        arguments: context.arguments.clone(),
        dialect: context.dialect,
        layout: context.layout,
        no_color: context.no_color,
        terminals: Terminals { output: true, ..Terminals::default() },
        output: Output::record(),
    }
}

/// Runs the program on a separate thread, so that keys work while it waits for an answer. The thread ends with the process.
fn make_frames(
    mut context: Context,
    settings: WatchSettings,
    mut program: Program,
    title: String,
    columns: Arc<AtomicU16>,
) -> Option<Receiver<Made>> {
    let (sender, frames) = channel();
    let work = move || {
        loop {
            let width = Some(columns.load(Ordering::Relaxed)).filter(|&width| width > 0);
            context.terminals = Terminals { columns: width, error_columns: width, ..context.terminals };
            context.fold_messages();
            let status = program(&mut context);
            let output = std::mem::replace(&mut context.output, Output::record());
            let heading = format!("{}  {title}", (settings.time)());
            if sender.send(Made { heading, pieces: output.into_pieces(), status }).is_err() {
                return;
            }
            std::thread::sleep(settings.interval);
        }
    };
    std::thread::Builder::new().spawn(work).is_ok().then_some(frames)
}

struct Watched<'a> {
    terminal: &'a File,
    screen: Screen,
    columns: Arc<AtomicU16>,
    frames: Option<Receiver<Made>>,
    last: Option<Made>,
}

impl Watched<'_> {
    /// Shows frames until a key or a signal.
    fn look(&mut self, muted: &Muted<'_>) -> End {
        loop {
            let Some(frames) = &self.frames else { return End::Enough };
            match frames.try_recv() {
                Ok(made) => {
                    self.screen.put(made.heading.clone(), &text(&made.pieces));
                    self.last = Some(made);
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return End::Enough,
            }
            let size = self.fit();
            let drawn = self.screen.draw(size);
            let mut terminal = self.terminal;
            if !drawn.is_empty() && terminal.write_all(drawn.as_bytes()).is_err() {
                return End::Enough;
            }
            match muted.wait(PollTimeout::from(SLICE)) {
                Waited::Key(Key::Octet(b'q' | b'Q')) | Waited::End => return End::Enough,
                Waited::Key(Key::Signal(signal)) => return End::Signal(signal),
                Waited::Key(Key::Octet(_)) | Waited::Time => {}
            }
        }
    }

    /// Updates the size of the terminal.
    fn fit(&self) -> Size {
        let Some((columns, rows)) = terminal_size::terminal_size_of(self.terminal) else { return USUAL_SIZE };
        self.columns.store(columns.0, Ordering::Relaxed);
        Size { columns: columns.0.into(), rows: rows.0.into() }
    }
}

/// The terminal in alternate-screen mode, restored on drop.
struct Covered<'a>(&'a File);

impl<'a> Covered<'a> {
    fn begin(mut terminal: &'a File) -> Self {
        // Errors show with the first frame.
        let _ = terminal.write_all(ENTER.as_bytes());
        Self(terminal)
    }
}

impl Drop for Covered<'_> {
    fn drop(&mut self) {
        let _ = self.0.write_all(LEAVE.as_bytes());
    }
}

/// Results and messages as lines.
fn text(pieces: &[Piece]) -> String {
    let octets = pieces.iter().map(|piece| match piece {
        Piece::Result(octets) | Piece::Message(octets) => String::from_utf8_lossy(octets),
    });
    octets.collect()
}
