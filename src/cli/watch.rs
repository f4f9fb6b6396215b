//! A program that runs again and again, and shows in place what changes.

mod cells;
mod screen;

use super::context::{Context, Terminals};
use super::exit::INTERRUPTED;
use super::keyboard::{Key, Muted, Waited, terminal};
use super::output::{Output, Piece};
use super::seconds::{self, SecondsError};
use nix::poll::PollTimeout;
use nix::sys::signal::{Signal, raise};
use screen::{Screen, Size};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::Duration;

/// The shortest interval, and the longest.
const INTERVALS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
/// How long a key, a signal, a frame or another size may go unnoticed, in milliseconds.
const SLICE: u16 = 50;
/// The screen of programs that leave nothing behind, without a cursor; and back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";
/// What a terminal has that does not say how large it is.
const USUAL_SIZE: Size = Size { columns: 80, rows: 24 };

/// What runs again and again: a call of an applet, which gives its exit status.
pub type Program = Box<dyn FnMut(&mut Context) -> u8 + Send>;

/// How something is watched.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// The time from the end of one run to the next.
    pub interval: Duration,
    /// Whether programs read the results: then nothing stands between them.
    pub is_for_programs: bool,
    /// The time of day, to be shown with each run.
    pub time: fn() -> String,
}

/// Reads the interval of an option `--watch`.
///
/// # Errors
/// It is not a number, or one too small or too large.
pub fn interval(text: &str) -> Result<Duration, String> {
    seconds::parse(text, INTERVALS).map_err(|error| match error {
        SecondsError::NotANumber => format!("invalid number '{text}'"),
        SecondsError::OutOfRange => format!("invalid interval '{text}': must be 1 to 86400 seconds"),
    })
}

/// Runs a program until somebody has seen enough. On a terminal each run takes the place of the one before, elsewhere the runs
/// follow each other.
pub fn run(context: &mut Context, manner: Manner, mut program: Program) -> u8 {
    let moves_cursor = |term: &OsStr| !term.is_empty() && term != "dumb";
    let can_redraw = context.terminals.output
        && !manner.is_for_programs
        && std::env::var_os("TERM").is_some_and(|term| moves_cursor(&term));
    match terminal().filter(|_| can_redraw) {
        Some(terminal) => in_place(context, manner, program, &terminal),
        None => one_after_the_other(context, manner, &mut program),
    }
}

fn one_after_the_other(context: &mut Context, manner: Manner, program: &mut Program) -> u8 {
    loop {
        if !manner.is_for_programs {
            context.output.result(format!("{}\n", (manner.time)()));
        }
        let status = program(context);
        context.output.flush();
        if status == INTERRUPTED || context.output.is_closed() {
            return status;
        }
        std::thread::sleep(manner.interval);
        if !manner.is_for_programs {
            context.output.result("\n");
        }
    }
}

/// What one run has said.
struct Made {
    heading: String,
    pieces: Vec<Piece>,
    status: u8,
}

/// How a watch ends.
enum End {
    /// Somebody has seen enough.
    Enough,
    /// By a signal.
    Signal(Signal),
}

fn in_place(context: &mut Context, manner: Manner, program: Program, terminal: &File) -> u8 {
    let words = std::iter::once(&context.called).chain(&context.arguments);
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let title = format!("every {} s: {}", manner.interval.as_secs_f64(), words.join(" "));
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
        // Signals wait from here on for this thread, and so do those that it starts.
        let Ok(muted) = Muted::new(terminal) else { break End::Enough };
        let covered = Covered::begin(terminal);
        watched.fit();
        if let Some((context, program)) = maker.take() {
            watched.frames = make_frames(context, manner, program, title.clone(), Arc::clone(&columns));
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

/// The same call, recorded.
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

/// Runs the program on a thread of its own, so that keys are heard while it waits for an answer. It ends with the process.
fn make_frames(
    mut context: Context,
    manner: Manner,
    mut program: Program,
    title: String,
    columns: Arc<AtomicU16>,
) -> Option<Receiver<Made>> {
    let (sender, frames) = mpsc::channel();
    let work = move || {
        loop {
            let width = Some(columns.load(Ordering::Relaxed)).filter(|&width| width > 0);
            context.terminals = Terminals { columns: width, error_columns: width, ..context.terminals };
            context.fold_messages();
            let status = program(&mut context);
            let output = std::mem::replace(&mut context.output, Output::record());
            let heading = format!("{}  {title}", (manner.time)());
            if sender.send(Made { heading, pieces: output.into_pieces(), status }).is_err() {
                return;
            }
            std::thread::sleep(manner.interval);
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
    /// Shows frames until a key or a signal ends it.
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

    /// The size that the terminal has now, for this frame and for the next ones.
    fn fit(&self) -> Size {
        let Some((columns, rows)) = terminal_size::terminal_size_of(self.terminal) else { return USUAL_SIZE };
        self.columns.store(columns.0, Ordering::Relaxed);
        Size { columns: columns.0.into(), rows: rows.0.into() }
    }
}

/// The terminal, while it shows something else than what was there before.
struct Covered<'a>(&'a File);

impl<'a> Covered<'a> {
    fn begin(mut terminal: &'a File) -> Self {
        // What cannot be shown is noticed with the first frame.
        let _ = terminal.write_all(ENTER.as_bytes());
        Self(terminal)
    }
}

impl Drop for Covered<'_> {
    fn drop(&mut self) {
        let _ = self.0.write_all(LEAVE.as_bytes());
    }
}

/// Results and messages, as they are read.
fn text(pieces: &[Piece]) -> String {
    let octets = pieces.iter().map(|piece| match piece {
        Piece::Result(octets) | Piece::Message(octets) => String::from_utf8_lossy(octets),
    });
    octets.collect()
}
