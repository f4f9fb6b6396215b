//! The command `mrulist`: the addresses that a daemon heard of last.

mod options;

use self::options::Options;
use crate::clock::Stopwatch;
use crate::commands::daemon::{QueryError, refusal};
use crate::commands::shell::Shell;
use crate::commands::shell::command::{Argument, Verdict};
use crate::commands::shell::query::describe;
use crate::model::mru::{MruReport, RestrictionNumbering, network_address};
use crate::model::report::Report;
use crate::net::interrupt::Interrupt;
use crate::net::names::ReverseName;
use crate::render::classic::escape::escape;
use crate::render::classic::mrulist::{HEADING, append_row};
use crate::render::classic::raw;
use crate::session::control::{Failure, Reply, Request};
use crate::session::mru::{Config, Fault, MruList, MruSession};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::mru::MruEntry;
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan;
use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::time::Duration;

/// The classic program tells how far it is as often as this; on a terminal we do more often.
const CLASSIC_PROGRESS: Duration = Duration::from_secs(5);
const PROGRESS: Duration = Duration::from_millis(200);
/// Lines that are handed to the output at once.
const CHUNK: usize = 1 << 16;

pub(super) fn mrulist(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let progress = shell.progress_interval();
    if progress.is_some() {
        shell.output.message("Ctrl-C will stop MRU retrieval and display partial results.\n");
    }
    let options = Options::read(arguments, shell.settings.dialect);
    for unknown in &options.unknown {
        shell.output.message(format!("ignoring unrecognized mrulist parameter: {}\n", escape(unknown)));
    }
    let Some((nonce, numbering)) = shell.nonce_and_numbering() else { return Verdict::Failed };
    let interrupt = Interrupt::watch().ok();
    let parameters = options.parameters(numbering);
    let (list, error) = shell.collect(&options, parameters, &nonce, interrupt.as_ref(), progress);
    if progress.is_some() && (list.fault.is_none() || !shell.settings.dialect.is_classic()) {
        let (count, updates) = (list.entries.len(), list.updates);
        shell.output.message(format!("\rRetrieved {count} unique MRU entries and {updates} updates.\n"));
    }
    shell.show(list, error.as_ref(), &options, numbering, interrupt.as_ref())
}

impl Shell {
    /// How often to tell how far the reading is, if anybody is to be told.
    fn progress_interval(&self) -> Option<Duration> {
        if self.settings.dialect.is_classic() {
            return Some(CLASSIC_PROGRESS);
        }
        (!self.hosts.several && std::io::stderr().is_terminal()).then_some(PROGRESS)
    }

    /// Asks for a nonce and for the daemon's release; tells a failure.
    fn nonce_and_numbering(&mut self) -> Option<(String, RestrictionNumbering)> {
        let mut requests = vec![Request::open(Opcode::REQUEST_NONCE, AssociationId::SYSTEM, Vec::new())];
        if !self.settings.dialect.is_classic() {
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
                self.tell_failure(&error, AssociationId::SYSTEM);
                self.output.message("nonce request failed\n");
                return None;
            }
        };
        let nonce = reply.data.trim_ascii().strip_prefix(b"nonce=").map(<[u8]>::to_vec);
        match nonce.and_then(|nonce| String::from_utf8(nonce).ok()) {
            Some(nonce) => Some((nonce, numbering)),
            None => {
                self.complain(&format!(
                    "unexpected nonce response format: {}\n",
                    escape(reply.data.trim_ascii())
                ));
                None
            }
        }
    }

    /// Reads the list as far as that is possible.
    fn collect(
        &mut self,
        options: &Options,
        parameters: String,
        nonce: &str,
        interrupt: Option<&Interrupt>,
        progress: Option<Duration>,
    ) -> (MruList, Option<QueryError>) {
        let config = Config {
            version: self.settings.version,
            first_sequence: rand::random(),
            silence: self.settings.timeout,
            parameters,
            longest_interval: options.longest_interval,
            raw: self.settings.raw,
            divides: !options.starts_elsewhere,
            window: 0,
        };
        let debug = self.settings.debug;
        let mut log = Vec::new();
        let mut trace = |direction, datagram: &[u8]| {
            if debug > 0 {
                log.push(describe(debug, direction, datagram));
            }
        };
        let clock = Stopwatch::start();
        let mut told = Duration::ZERO;
        let Self { output, target, .. } = self;
        let crate::commands::shell::host::Target::Open(daemon) = target else {
            return (MruList::default(), Some(QueryError::Open("no address".into())));
        };
        let mut tick = |session: &mut MruSession| {
            for reply in session.take_replies() {
                output.result(raw::data(&reply));
            }
            if interrupt.is_some_and(Interrupt::take) {
                session.interrupt();
            }
            if progress.is_some_and(|interval| clock.elapsed() >= told + interval) {
                told = clock.elapsed();
                let (count, updates) = session.progress();
                output.message(format!("\r{count} ({updates} updates) "));
            }
        };
        let (session, error) = daemon.read_list(config, nonce, &mut tick, &mut trace);
        self.output.message(log.concat());
        (session.into_list(), error)
    }

    /// Prints what was read, and says what it lacks.
    fn show(
        &mut self,
        mut list: MruList,
        error: Option<&QueryError>,
        options: &Options,
        numbering: RestrictionNumbering,
        interrupt: Option<&Interrupt>,
    ) -> Verdict {
        let classic = self.settings.dialect.is_classic();
        let fault = list.fault.take();
        let interrupted = fault == Some(Fault::Interrupted) && error.is_none();
        if interrupted {
            let lines = "mrulist retrieval interrupted by operator.\nDisplaying partial client list.\n";
            if classic { self.output.result(lines) } else { self.output.message(lines) }
        }
        let count = list.entries.len();
        let failed = error.is_some() || fault.is_some();
        if self.settings.format.reports() {
            let lack = match (error, &fault) {
                (Some(error), _) => {
                    Some(crate::commands::shell::structured::fault(error, AssociationId::SYSTEM).message)
                }
                (None, fault) => fault.as_ref().map(ToString::to_string),
            };
            self.report_list(list, lack, options, numbering);
            return self.conclude_list(error, fault.as_ref(), interrupted, count);
        }
        let wanted = !failed || interrupted || !classic && count > 0;
        if wanted && !self.settings.raw && !self.print_list(list, options, numbering, interrupt) {
            return Verdict::Failed;
        }
        self.conclude_list(error, fault.as_ref(), interrupted, count)
    }

    /// Says what the list lacks, if anything.
    fn conclude_list(
        &mut self,
        error: Option<&QueryError>,
        fault: Option<&Fault>,
        interrupted: bool,
        count: usize,
    ) -> Verdict {
        if let Some(error) = error {
            self.tell_failure(error, AssociationId::SYSTEM);
        } else if let Some(fault) = fault.filter(|_| !interrupted) {
            self.tell_fault(fault);
        }
        if error.is_none() && fault.is_none() {
            return Verdict::Done;
        }
        if !self.settings.dialect.is_classic() && count > 0 {
            let host = self.host_name();
            self.complain(&format!(
                "ntpq: {host}: the list is incomplete: {count} addresses of it were read\n"
            ));
        }
        Verdict::Failed
    }

    /// Makes a report of the list.
    fn report_list(
        &mut self,
        mut list: MruList,
        fault: Option<String>,
        options: &Options,
        numbering: RestrictionNumbering,
    ) {
        options.order.sort(&mut list.entries);
        self.begin_names(&list);
        let mut names = HashMap::new();
        if self.settings.host_names {
            for entry in list.entries.iter().filter(|entry| has_name(entry)) {
                if let Some(ReverseName::Confirmed(name)) = self.names.reverse(entry.address) {
                    names.insert(entry.address, name);
                }
            }
        }
        let origin = self.origin();
        let now = list.now.unwrap_or_else(|| NtpTimestamp::from(origin.time));
        let report =
            MruReport { origin, entries: list.entries, names, now, numbering, updates: list.updates, fault };
        self.deliver(Report::Mru(Box::new(report)));
    }

    /// Begins to look all addresses up, so that it is done at the same time.
    fn begin_names(&self, list: &MruList) {
        self.names.start_round();
        if !self.settings.host_names {
            return;
        }
        for entry in list.entries.iter().filter(|entry| has_name(entry)) {
            self.names.begin_reverse(entry.address);
        }
    }

    /// Prints the table; whether all of it was wanted.
    fn print_list(
        &mut self,
        mut list: MruList,
        options: &Options,
        numbering: RestrictionNumbering,
        interrupt: Option<&Interrupt>,
    ) -> bool {
        options.order.sort(&mut list.entries);
        self.begin_names(&list);
        if self.settings.dialect.is_classic() {
            self.output.result_past_redirect(HEADING);
        } else {
            self.output.result(HEADING);
        }
        let now = list.now.unwrap_or_else(|| NtpTimestamp::from(crate::clock::now()));
        let mut lines = String::with_capacity(CHUNK + 256);
        let mut entries = list.entries.iter();
        loop {
            self.with_style(|style| {
                for entry in entries.by_ref() {
                    append_row(&mut lines, entry, now, numbering, &style.names);
                    if lines.len() >= CHUNK {
                        break;
                    }
                }
            });
            if lines.is_empty() || self.output.is_closed() {
                return true;
            }
            self.output.result(&lines);
            lines.clear();
            if interrupt.is_some_and(Interrupt::take) {
                self.output.result("\n --interrupted--\n");
                return false;
            }
        }
    }

    /// Says why the list ends early, in the classic words.
    fn tell_fault(&mut self, fault: &Fault) {
        match fault {
            Fault::TimedOut => {
                self.note_failure(&QueryError::Failed(Failure::TimedOut), AssociationId::SYSTEM);
            }
            Fault::Refused(code) => {
                self.note_failure(&QueryError::Failed(Failure::Refused(*code)), AssociationId::SYSTEM);
            }
            _ => {}
        }
        let server = self.server_prefix();
        let text = match fault {
            Fault::TimedOut => format!("{server}***Request timed out\n"),
            Fault::Refused(code) => format!("{server}{}\n", refusal(*code, 0)),
            // The classic program forgets to end this line.
            Fault::NewestMismatch(..) if self.settings.dialect.is_classic() => {
                escape(fault.to_string().as_bytes())
            }
            fault => {
                let text = fault.to_string();
                text.lines().map(|line| escape(line.as_bytes()) + "\n").collect()
            }
        };
        self.complain(&text);
    }
}

/// Whether the address of a row may have a name in the name service.
fn has_name(entry: &MruEntry) -> bool {
    let address = network_address(entry);
    !address.is_unspecified() && address.reference_clock().is_none()
}
