//! The monitor on a terminal.

use super::draw::draw;
use super::input::press;
use super::key::{Key as Pressed, Keys};
use super::log::Log;
use super::monitor::{Action, Monitor};
use super::poll::Pollers;
use crate::cli::keyboard::{Key, Muted, Waited, terminal};
use crate::cli::output::reason;
use crate::client::look::QuerySettings;
use crate::clock;
use crate::compact::Receiver;
use crate::text::visible;
use nix::poll::PollTimeout;
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{SetArg, tcsetattr};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::fs::File;
use std::io::{self, Write as _};
use std::panic;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::TryRecvError;

/// The polling interval for keys, signals, news and size changes, in milliseconds.
const SLICE: u16 = 50;
/// Enters the alternate screen and hides the cursor; and back.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE: &[u8] = b"\x1b[0m\x1b[?25h\x1b[?1049l";
/// Begin and end of a synchronised update, for terminals that support it.
const SYNCHRONIZED: [&[u8]; 2] = [b"\x1b[?2026h", b"\x1b[?2026l"];
/// The size of a terminal that does not report it.
const USUAL_SIZE: (u16, u16) = (80, 24);
/// The most news taken before the next key.
const NEWS: usize = 4096;

/// How the monitor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By a key, or with the terminal.
    Enough,
    /// By a signal, which is to be raised again.
    Signal(Signal),
}

/// Runs the monitor on the controlling terminal until a key or a signal ends it; `None` if there is no such terminal.
///
/// # Errors
/// The terminal cannot be used, or there are no threads left.
pub fn run(monitor: &mut Monitor, hosts: &[String], settings: QuerySettings) -> Option<io::Result<End>> {
    let terminal = terminal()?;
    let mut running = Running { monitor, terminal: &terminal, pollers: None, log: None };
    Some(running.run(hosts, settings))
}

struct Running<'a> {
    monitor: &'a mut Monitor,
    terminal: &'a File,
    pollers: Option<(Pollers, Receiver<super::data::Update>)>,
    log: Option<Log>,
}

impl Running<'_> {
    fn run(&mut self, hosts: &[String], settings: QuerySettings) -> io::Result<End> {
        if let Some(path) = self.monitor.log.0.clone() {
            self.begin_log(path);
        }
        loop {
            // From here on signals are blocked, also in threads started by this one.
            let muted = Muted::new(self.terminal)?;
            let covered = Covered::begin(self.terminal, &muted);
            if self.pollers.is_none() {
                self.pollers = Some(Pollers::start(hosts, settings, self.monitor.wishes())?);
            }
            let end = self.show(&muted);
            drop(covered);
            drop(muted);
            match end? {
                End::Signal(Signal::SIGTSTP) => drop(raise(Signal::SIGTSTP)),
                end => return Ok(end),
            }
        }
    }

    /// Shows the screen until a key or a signal.
    fn show(&mut self, muted: &Muted<'_>) -> io::Result<End> {
        let backend = CrosstermBackend::new(self.terminal);
        let mut size = self.size();
        let viewport = Viewport::Fixed(size);
        let mut screen = Terminal::with_options(backend, TerminalOptions { viewport })?;
        let (mut keys, mut is_changed) = (Keys::default(), true);
        loop {
            match self.take_news() {
                Some(news) => is_changed |= news,
                None => return Ok(End::Enough),
            }
            let now = self.size();
            if now != size {
                size = now;
                screen.resize(size)?;
                is_changed = true;
            }
            if std::mem::take(&mut is_changed) {
                self.draw(&mut screen)?;
            }
            let key = match muted.wait(PollTimeout::from(SLICE)) {
                Waited::Key(Key::Octet(octet)) => keys.push(octet),
                Waited::Key(Key::Signal(signal)) => return Ok(End::Signal(signal)),
                Waited::Time => keys.pause(),
                Waited::End => return Ok(End::Enough),
            };
            let Some(key) = key else { continue };
            is_changed = true;
            match self.act(key)? {
                Action::Quit => return Ok(End::Enough),
                Action::Redraw => screen.clear()?,
                _ => {}
            }
        }
    }

    fn draw(&mut self, screen: &mut Terminal<CrosstermBackend<&File>>) -> io::Result<()> {
        let [begin, end] = SYNCHRONIZED;
        let mut terminal = self.terminal;
        terminal.write_all(begin)?;
        let drawn = screen.draw(|frame| {
            let area = frame.area();
            self.monitor.page = usize::from(area.height.saturating_sub(6));
            draw(self.monitor, clock::now(), area, frame.buffer_mut());
        });
        terminal.write_all(end)?;
        drawn.map(|_| ())
    }

    /// Does what a key asks for.
    fn act(&mut self, key: Pressed) -> io::Result<Action> {
        let action = press(self.monitor, key);
        match &action {
            Action::Log(path) => self.begin_log(path.clone()),
            Action::EndLog => {
                self.log = None;
                self.monitor.log.1 = false;
                self.monitor.message = Some("log ended".into());
            }
            Action::None | Action::Quit | Action::Redraw => {}
        }
        if let Some((pollers, _)) = &mut self.pollers {
            pollers.follow(self.monitor.wishes())?;
        }
        Ok(action)
    }

    fn begin_log(&mut self, path: PathBuf) {
        match Log::open(&path) {
            Ok(log) => {
                self.log = Some(log);
                self.monitor.log = (Some(path), true);
            }
            Err(error) => {
                let path = visible(path.as_os_str().as_encoded_bytes());
                self.monitor.message = Some(format!("{path}: {}", reason(&error)));
                self.monitor.log.1 = false;
            }
        }
    }

    /// Takes what the threads have sent; returns whether there was anything, or `None` if they have ended.
    fn take_news(&mut self) -> Option<bool> {
        let Some((_, news)) = &self.pollers else { return None };
        let mut is_news = false;
        for _ in 0..NEWS {
            match news.try_recv() {
                Ok(update) => {
                    is_news = true;
                    if let Some(log) = &mut self.log
                        && let Err(error) = log.write(&update, clock::now())
                    {
                        self.log = None;
                        self.monitor.log.1 = false;
                        self.monitor.message = Some(format!("log ended: {}", reason(&error)));
                    }
                    self.monitor.take(update);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return None,
            }
        }
        Some(is_news)
    }

    fn size(&self) -> Rect {
        let known = terminal_size::terminal_size_of(self.terminal);
        let (columns, rows) = known.map_or(USUAL_SIZE, |(columns, rows)| (columns.0, rows.0));
        Rect::new(0, 0, columns, rows)
    }
}

/// The terminal in alternate-screen mode, restored on drop, and before the message of a panic.
struct Covered<'a>(&'a File);

impl<'a> Covered<'a> {
    fn begin(mut terminal: &'a File, muted: &Muted<'_>) -> Self {
        let before = Mutex::new(muted.before().clone());
        if let Ok(device) = terminal.try_clone() {
            let message = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                let mut device = &device;
                // There is no one left to tell about errors.
                let _ = device.write_all(LEAVE);
                if let Ok(before) = before.lock() {
                    let _ = tcsetattr(device, SetArg::TCSANOW, &before);
                }
                message(info);
            }));
        }
        // Errors show with the first frame.
        let _ = terminal.write_all(ENTER);
        Self(terminal)
    }
}

impl Drop for Covered<'_> {
    fn drop(&mut self) {
        // After a panic it has been left already, and leaving it again would move the cursor back above the message.
        if !std::thread::panicking() {
            let _ = self.0.write_all(LEAVE);
            drop(panic::take_hook());
        }
    }
}
