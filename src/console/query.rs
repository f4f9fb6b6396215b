//! Asking the current daemon, and saying what went wrong.

use super::Shell;
use super::command::Lookup;
use super::host::Target;
use super::settings::Settings;
use crate::cli::output::Output;
use crate::client::daemon::{IPV4_ONLY, QueryError, mode7_refusal, refusal};
use crate::compat::Quirk;
use crate::model::report::{Fault, FaultCause};
use crate::session::control::{Failure, Note, Outcome, Reply, Request};
use crate::session::drive::Direction;
use crate::session::reassembly::{DATA_LIMIT, FRAGMENT_LIMIT};
use crate::wire::AssociationId;
use crate::wire::control::{self, ErrorCode, Opcode};
use crate::wire::mode7::ErrorCode as Mode7Error;
use std::io::Write as _;
use std::net::IpAddr;

impl Shell {
    /// Asks one question; a failure was told when there is no answer.
    pub(crate) fn ask(&mut self, opcode: Opcode, association: AssociationId, data: Vec<u8>) -> Option<Reply> {
        let answer = self.ask_request(Request::open(opcode, association, data));
        answer.map_err(|error| self.report_failure(&error, association)).ok()
    }

    /// As [`Shell::ask`], for operations that want a key.
    pub(crate) fn ask_with_key(
        &mut self,
        opcode: Opcode,
        association: AssociationId,
        data: Vec<u8>,
    ) -> Option<Reply> {
        let key = Some(self.request_key()?);
        let answer = self.ask_request(Request { key, ..Request::open(opcode, association, data) });
        answer.map_err(|error| self.report_failure(&error, association)).ok()
    }

    /// Asks one question; a failure is not told yet.
    pub(crate) fn ask_request(&mut self, request: Request) -> Result<Reply, QueryError> {
        let answer = self.ask_all(&[request], &mut |_, _| None).pop();
        answer.unwrap_or(Err(QueryError::Failed(Failure::TimedOut)))
    }

    /// Asks all of these at once; failures are not told yet. `each` is as in
    /// [`crate::client::daemon::Daemon::ask_all`].
    pub(crate) fn ask_all(
        &mut self,
        requests: &[Request],
        each: &mut dyn FnMut(usize, &Outcome) -> Option<Request>,
    ) -> Vec<Result<Reply, QueryError>> {
        if let Some(long) =
            requests.iter().map(|request| request.data.len()).find(|&length| length > control::DATA_LIMIT)
        {
            return vec![Err(QueryError::Oversized(long)); requests.len()];
        }
        let common_key = if self.authenticates_all() { self.request_key() } else { None };
        if self.authenticates_all() && common_key.is_none() {
            return vec![Err(QueryError::Unauthenticated); requests.len()];
        }
        let sealed =
            |request: Request| Request { key: request.key.or_else(|| common_key.clone()), ..request };
        let requests: Vec<Request> = requests.iter().cloned().map(sealed).collect();
        let Self { output, target, settings, .. } = self;
        let Target::Open(daemon) = target else { return Vec::new() };
        let mut trace = |direction, datagram: &[u8]| trace(settings, output, direction, datagram);
        let answers = daemon.ask_all(&requests, &mut |at, outcome| each(at, outcome).map(sealed), &mut trace);
        let notes = daemon.take_notes();
        let all_sealed = requests.iter().all(|request| request.key.is_some());
        self.report_notes(&notes, all_sealed, &answers);
        answers
    }

    /// Says what else a conversation brought up, and notes whether its answers are authentic.
    fn report_notes(&mut self, notes: &[Note], all_sealed: bool, answers: &[Result<Reply, QueryError>]) {
        let mut unverified = false;
        let mut passed_over = None;
        for note in notes {
            match note {
                Note::Overstated { claimed, received } => {
                    let line = format!(
                        "Response packet claims {claimed} octets payload, above {received} received\n"
                    );
                    if self.settings.dialect.keeps(Quirk::OVERSTATED_PAYLOAD_IS_A_RESULT) {
                        self.note(&line);
                    } else {
                        let server = self.error_prefix();
                        self.output.message(format!("{server}{line}"));
                    }
                }
                Note::Unverified(_) => unverified = true,
                Note::PassedOver(doubt) => passed_over = Some(*doubt),
            }
        }
        self.reporting.note_authenticity(all_sealed, !unverified);
        if self.settings.dialect.keeps(Quirk::MAC_UNCHECKED) {
            return;
        }
        let host = self.host_label();
        if let Some(doubt) = answers.iter().flatten().find_map(|reply| reply.doubt) {
            self.failed = true;
            self.note_fault(None, Fault { cause: FaultCause::Unauthentic, message: doubt.to_string() });
            self.output.message(format!("ntpq: {host}: warning: {doubt}\n"));
            if all_sealed {
                let cure = explain_untrusted(self.settings.authentication.key_id());
                self.advise(&host, &cure);
            }
        }
        if let Some(doubt) = passed_over {
            let line =
                format!("ntpq: {host}: warning: another answer came before the authentic one: {doubt}\n");
            self.output.message(line);
        }
    }

    /// Says why there is no answer, in the classic words; on a further line, what can be known and done
    /// about it.
    pub(crate) fn report_failure(&mut self, error: &QueryError, association: AssociationId) {
        self.failed = true;
        self.note_failure(error, association);
        let host = self.host_label();
        let server = self.error_prefix();
        // Where the line before names the one host that is asked, that is enough.
        let again = if self.hosts.several { server.as_str() } else { "" };
        match error {
            QueryError::Failed(Failure::TimedOut) => {
                self.output
                    .message(format!("{host}: timed out, nothing received\n{again}***Request timed out\n"));
            }
            QueryError::Failed(Failure::Incomplete) => {
                self.output.message(format!(
                    "{host}: timed out with incomplete data\n{again}***Response from server was incomplete\n"
                ));
            }
            QueryError::Failed(Failure::Malformed) => {
                self.output.message(format!("{server}***Response from server was incomplete\n"));
            }
            QueryError::Failed(Failure::TooLarge) => {
                self.output.message(format!("{server}***Buffer size exceeded for returned data\n"));
            }
            QueryError::Failed(Failure::Refused(code)) => {
                self.output.message(format!("{server}{}\n", refusal(*code, association.0)));
            }
            QueryError::Read(reason) if self.settings.dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) => {
                self.output.message(format!("{}: read: {reason}\n", self.called));
            }
            QueryError::Read(reason) => {
                self.output.message(format!("{}: {host}: read: {reason}\n", self.called));
            }
            QueryError::Write(reason) => {
                self.output.message(format!("{}: write to {host} failed: {reason}\n", self.called));
            }
            QueryError::Oversized(length) if self.settings.dialect.keeps(Quirk::OVERSIZE_IS_INTERNAL) => {
                self.output.message(format!("***Internal error!  qsize ({length}) too large\n"));
            }
            QueryError::Oversized(length) => {
                self.output
                    .message(format!("***Request too long: {length} octets, {} fit\n", control::DATA_LIMIT));
            }
            // An interrupt is told of once, when the command has come to its end.
            QueryError::Unauthenticated | QueryError::Interrupted | QueryError::GivenUp => {}
            QueryError::RefusedByMode7(code, _) => {
                self.output.message(format!("{server}{}\n", mode7_refusal(*code)));
            }
            QueryError::Ipv4Only => self.output.message(format!("{server}{IPV4_ONLY}\n")),
            QueryError::Open(reason) => self.output.message(format!("{}: {host}: {reason}\n", self.called)),
        }
        if !self.settings.dialect.keeps(Quirk::NO_HINTS) {
            self.hint(error, &host);
        }
    }

    fn hint(&mut self, error: &QueryError, host: &str) {
        let (program, command) = (self.settings.program, self.reporting.command.unwrap_or_default());
        let changes =
            matches!(program.look_up(command.as_bytes()), Lookup::Found(found) if found.authenticated);
        let (key_id, name) = (self.settings.authentication.key_id(), self.host_name());
        let Some(daemon) = self.daemon() else { return };
        let hint = match error {
            QueryError::Failed(Failure::TimedOut) => match daemon.first_diagnosis() {
                Some(diagnosis) => (program.explain_silence)(diagnosis, &name, command),
                None => return,
            },
            QueryError::Failed(Failure::TooLarge) => {
                format!("its answer has more than {FRAGMENT_LIMIT} fragments or {DATA_LIMIT} octets")
            }
            QueryError::Failed(Failure::Malformed) => {
                "its answers claim more octets than they hold".to_owned()
            }
            QueryError::Read(reason) if reason == "Connection refused" => {
                "no NTP daemon listens on that port there".to_owned()
            }
            QueryError::RefusedByMode7(Mode7Error::NO_DATA | Mode7Error::AUTHENTICATION, true) if changes => {
                "the request had to be sent more than once: an earlier one may have had its effect".to_owned()
            }
            QueryError::RefusedByMode7(Mode7Error::AUTHENTICATION, false) if changes && key_id != 0 => {
                explain_refused_key("requestkey", key_id)
            }
            QueryError::Failed(Failure::Refused(ErrorCode::PERMISSION)) if changes && key_id != 0 => {
                explain_refused_key("controlkey", key_id)
            }
            _ => return,
        };
        let asked = match daemon.address() {
            Some(address) if name.parse::<IpAddr>().is_err() => format!("{host} ({})", address.ip()),
            _ => host.to_owned(),
        };
        self.advise(&asked, &hint);
    }
}

/// What a daemon wants of the key of a request that changes it; `keyword` is the one that names the key in its
/// configuration.
fn explain_refused_key(keyword: &str, key_id: u32) -> String {
    format!(
        "it refuses key {key_id}, or all changes: its ntp.conf needs `{keyword} {key_id}' and `trustedkey {key_id}', type and \
         secret must be those of its keys file, and `restrict ... nomodify' must not apply to this client"
    )
}

/// Why a daemon answers a request with a key as if there were none.
fn explain_untrusted(key_id: u32) -> String {
    format!(
        "its ntp.conf needs `trustedkey {key_id}', and type and secret of the key must be those of its keys file"
    )
}

/// Writes what the debug level wants told of a datagram as soon as it is known: into the log if there is one.
pub(crate) fn trace(settings: &Settings, output: &mut Output, direction: Direction, datagram: &[u8]) {
    if settings.debug <= 0 {
        return;
    }
    let text = describe(settings.debug, direction, datagram);
    match &settings.log {
        // Of a log that cannot be written nobody can be told without an end.
        Some(log) => drop(log.as_ref().write_all(text.as_bytes())),
        None => output.message(text),
    }
}

/// What the debug level wants told of a datagram: that it went, and from level 4 its octets.
fn describe(debug: i32, direction: Direction, datagram: &[u8]) -> String {
    let verb = match direction {
        Direction::Sent => "Sending",
        Direction::Received => "Received",
    };
    let mut text = format!("{verb} {} octets\n", datagram.len());
    if debug >= 4 {
        for row in datagram.chunks(16) {
            let hex: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
            let letters: String = row
                .iter()
                .map(|&byte| if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' })
                .collect();
            text += &format!("{hex:48} {letters}\n");
        }
    }
    text
}
