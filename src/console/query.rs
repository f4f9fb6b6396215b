//! Queries to the current daemon, and reporting what went wrong.

use super::Shell;
use super::failure::explain_untrusted;
use super::host::Target;
use super::settings::Settings;
use crate::cli::output::Output;
use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::model::report::{Fault, FaultCause};
use crate::session::control::{Failure, Note, Outcome, Reply, Request};
use crate::session::drive::Direction;
use crate::wire::AssociationId;
use crate::wire::control::{self, Opcode};
use std::io::Write as _;

impl Shell {
    /// Sends one request; a failure has been reported if there is no reply.
    pub(crate) fn ask(&mut self, opcode: Opcode, association: AssociationId, data: Vec<u8>) -> Option<Reply> {
        let answer = self.ask_request(Request::open(opcode, association, data));
        answer.map_err(|error| self.report_failure(&error, association)).ok()
    }

    /// Like [`Shell::ask`], for operations that need a key.
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

    /// Sends one request, without reporting a failure.
    pub(crate) fn ask_request(&mut self, request: Request) -> Result<Reply, QueryError> {
        let answer = self.ask_all(&[request], &mut |_, _| None).pop();
        answer.unwrap_or(Err(QueryError::Failed(Failure::TimedOut)))
    }

    /// Sends all of these requests at once, without reporting failures. `each` is as in
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
        let found = daemon.take_found();
        if let Some(other) = found {
            let host = self.host_label();
            self.advise(&host, &format!("{other} answers, in its own protocol"));
        }
        let all_sealed = requests.iter().all(|request| request.key.is_some());
        self.report_notes(&notes, all_sealed, &answers);
        answers
    }

    /// Reports anything else noticed during an exchange, and records whether the replies are authentic.
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
}

/// Reports a datagram according to the debug level as soon as it is sent or received: to the log if there is one.
pub(crate) fn trace(settings: &Settings, output: &mut Output, direction: Direction, datagram: &[u8]) {
    if settings.debug <= 0 {
        return;
    }
    let text = describe(settings.debug, direction, datagram);
    match &settings.log {
        // A log that cannot be written is ignored; reporting each failure would never end.
        Some(log) => drop(log.as_ref().write_all(text.as_bytes())),
        None => output.message(text),
    }
}

/// The report on a datagram at this debug level: that it was sent or received, and from level 4 its octets.
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
