//! The command `mrulist`: the addresses that a daemon heard from most recently.

mod options;
mod show;

use self::options::Options;
use crate::cli::format::Format;
use crate::client::daemon::{QueryError, no_address};
use crate::clock::Stopwatch;
use crate::compat::{Layout, Quirk};
use crate::console::command::{Argument, CommandResult, Failed};
use crate::console::host::Target;
use crate::console::query::trace;
use crate::console::row_stream::RowStream;
use crate::console::{Interruption, Shell};
use crate::model::mru::RestrictionNumbering;
use crate::net;
use crate::net::interrupt::Interrupt;
use crate::render::classic::escape::escape;
use crate::render::classic::raw;
use crate::session::Session;
use crate::session::control::{Reply, Request};
use crate::session::drive::Hooks;
use crate::session::mru::{Config, Event, MruList, MruSession};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::scan;
use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::time::Duration;

/// The interval of the classic program's progress reports; on a terminal ntpkit reports more often.
const CLASSIC_PROGRESS: Duration = Duration::from_secs(5);
const PROGRESS: Duration = Duration::from_millis(200);
/// The longest interval between checks whether the user wants to stop reading.
const TICK: Duration = Duration::from_millis(100);
/// How to stop reading, as shown to the user.
const ADVICE: &str = "Ctrl-C will stop MRU retrieval and display partial results.\n";

/// The result of reading the list.
struct Reading {
    /// The list as far as it was read.
    list: MruList,
    /// The socket error, if any.
    error: Option<QueryError>,
    /// How long reading took.
    took: Duration,
    /// The stream of rows printed while reading, if any.
    stream: Option<RowStream>,
}

pub(super) fn mrulist(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let progress = shell.progress_interval();
    if shell.prints_ntpsec_table() {
        shell.output.result(ADVICE);
        shell.output.flush();
    } else if progress.is_some() {
        shell.output.message(ADVICE);
    }
    let options = Options::read(arguments, shell.settings.dialect);
    for unknown in &options.unknown {
        shell.output.message(format!("ignoring unrecognized mrulist parameter: {}\n", escape(unknown)));
    }
    let Some((nonce, numbering)) = shell.nonce_and_numbering() else { return Err(Failed) };
    let interrupt = Interrupt::watch().ok();
    let reading = shell.collect(&options, numbering, &nonce, interrupt.as_ref(), progress);
    let list = &reading.list;
    if progress.is_some()
        && (list.fault.is_none() || !shell.settings.dialect.keeps(Quirk::MRU_PROGRESS_ANYWHERE))
    {
        let (count, updates) = (list.entries.len(), list.updates);
        shell.output.progress(format!("\rRetrieved {count} unique MRU entries and {updates} updates.\n"));
    }
    shell.list_found(reading, &options, numbering, interrupt)
}

impl Shell {
    /// The interval of progress reports, if anybody sees them.
    fn progress_interval(&self) -> Option<Duration> {
        if self.settings.dialect.keeps(Quirk::MRU_PROGRESS_ANYWHERE) {
            return Some(CLASSIC_PROGRESS);
        }
        (!self.hosts.several && std::io::stderr().is_terminal()).then_some(PROGRESS)
    }

    /// Requests a nonce and the daemon's release; reports a failure.
    fn nonce_and_numbering(&mut self) -> Option<(String, RestrictionNumbering)> {
        let mut requests = vec![Request::open(Opcode::REQUEST_NONCE, AssociationId::SYSTEM, Vec::new())];
        if !self.settings.dialect.keeps(Quirk::RESTRICTIONS_BY_NUMBER) {
            let version = b"version".to_vec();
            requests.push(Request::open(Opcode::READ_VARIABLES, AssociationId::SYSTEM, version));
        }
        let mut answers = self.ask_all(&requests, &mut |_, _| None).into_iter();
        let answer = answers.next()?;
        let numbering = match answers.next() {
            Some(Ok(Reply { data, .. })) => {
                RestrictionNumbering::of_version(scan(&data).value("version").unwrap_or_default())
            }
            _ => RestrictionNumbering::Current,
        };
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                self.report_failure(&error, AssociationId::SYSTEM);
                let server = self.daemon_prefix();
                self.output.message(format!("{server}nonce request failed\n"));
                return None;
            }
        };
        let nonce = reply.data.trim_ascii().strip_prefix(b"nonce=").map(<[u8]>::to_vec);
        match nonce.and_then(|nonce| String::from_utf8(nonce).ok()) {
            Some(nonce) => Some((nonce, numbering)),
            None => {
                self.host_error(&format!(
                    "unexpected nonce response format: {}\n",
                    escape(reply.data.trim_ascii())
                ));
                None
            }
        }
    }

    /// Whether the table has NTPsec's columns.
    fn prints_ntpsec_table(&self) -> bool {
        self.settings.layout == Layout::Ntpsec && self.settings.format() == Format::Plain
    }

    /// Reads the list as far as possible.
    fn collect(
        &mut self,
        options: &Options,
        numbering: RestrictionNumbering,
        nonce: &str,
        interrupt: Option<&Interrupt>,
        progress: Option<Duration>,
    ) -> Reading {
        // A daemon that does not authenticate its replies would be ignored otherwise; the lack of authentication was
        // reported.
        let key = if self.reporting.is_authentic() { self.request_key() } else { None };
        self.reporting.note_authenticity(key.is_some(), true);
        // Rows that are not sorted and have no names to look up can be printed as they arrive.
        let is_in_order = options.order.is_none() && !self.settings.host_names && !self.settings.raw;
        let mut stream =
            is_in_order.then(|| RowStream::begin(self.settings.format(), self.origin(), numbering)).flatten();
        let config = Config {
            version: self.settings.version,
            first_sequence: net::random(),
            secret: net::random(),
            silence: self.settings.timeout,
            parameters: options.parameters(numbering),
            longest_interval: options.longest_interval,
            raw: self.settings.raw,
            follows: stream.is_some(),
            divides: !options.starts_elsewhere,
            window: 0,
            key,
        };
        // An interrupt that ends the run is left pending for the other hosts.
        let takes = self.interruption == Interruption::Command;
        let clock = Stopwatch::start();
        let mut reported = Duration::ZERO;
        let Self { output, target, settings, .. } = self;
        let output = RefCell::new(output);
        let Target::Open(daemon) = target else {
            let error = Some(no_address());
            return Reading { list: MruList::default(), error, took: Duration::ZERO, stream };
        };
        let mut watch = Hooks {
            event: &mut |session: &mut MruSession, event| {
                let mut output = output.borrow_mut();
                match (event, &mut stream) {
                    (Event::Reply(text), _) => output.result(raw::data_in(settings.dialect, &text)),
                    (Event::Rows(rows), Some(stream)) => stream.print(session.present(), &rows, &mut output),
                    (Event::Rows(_), None) => {}
                }
            },
            datagram: &mut |direction, datagram: &[u8]| {
                trace(settings, &mut output.borrow_mut(), direction, datagram);
            },
            turned: &mut |session: &mut MruSession| {
                let mut output = output.borrow_mut();
                let interrupted = |watch: &Interrupt| if takes { watch.take() } else { watch.is_pending() };
                if interrupt.is_some_and(interrupted) || output.is_closed() {
                    session.give_up();
                }
                if progress.is_some_and(|interval| clock.elapsed() >= reported + interval) {
                    reported = clock.elapsed();
                    let (count, updates) = session.progress();
                    output.progress(format!("\r{count} ({updates} updates) "));
                }
            },
            tick: Some(TICK),
        };
        let (session, error) = daemon.read_list(config, nonce, &mut watch);
        Reading { list: session.into_list(), error, took: clock.elapsed(), stream }
    }
}
