//! The messages for failed queries: the classic lines, the texts in reports, and hints.

use super::command::Lookup;
use super::{Shell, host::Target};
use crate::client::daemon::QueryError;
use crate::client::diagnosis::Asked;
use crate::client::failure::{Failure, Hint};
use crate::compat::{Dialect, Quirk};
use crate::model::report::Fault;
use crate::session::control::Failure as Unanswered;
use crate::session::reassembly;
use crate::wire::AssociationId;
use crate::wire::control::{DATA_LIMIT, ErrorCode};
use crate::wire::mode7::ErrorCode as Mode7Error;
use std::net::IpAddr;

impl Shell {
    /// Reports why there is no reply, in the classic words, followed by a line with what is known of the cause and the
    /// cure.
    pub(crate) fn report_failure(&mut self, error: &QueryError, association: AssociationId) {
        self.failed = true;
        self.note_failure(error, association);
        let failure = self.failure(error.clone(), association);
        let server = self.error_prefix();
        let names = Names {
            called: &self.called,
            server: &server,
            command: self.reporting.command.unwrap_or_default(),
            is_among_several: self.hosts.several,
        };
        let lines = lines(&failure, &names, self.settings.dialect);
        self.output.message(lines);
        if let Some(Hint { host, advice }) = failure.hint {
            self.advise(&host, &advice);
        }
    }

    /// A failure of the current daemon, with all that is known of it.
    fn failure(&mut self, cause: QueryError, association: AssociationId) -> Failure {
        let host = self.host_label();
        let hint = if self.settings.gives_hints() { self.hint(&cause, &host) } else { None };
        Failure { host, association, cause, hint }
    }

    fn hint(&mut self, cause: &QueryError, host: &str) -> Option<Hint> {
        let detail = self.settings.detail;
        let (program, command) = (self.settings.program, self.reporting.command.unwrap_or_default());
        let changes = matches!(program.look_up(command.as_bytes(), self.settings.dialect), Lookup::Found(found) if found.authenticated);
        let (key_id, name) = (self.settings.authentication.key_id(), self.host_name());
        let Target::Open(daemon) = &mut self.target else { return None };
        let advice = match cause {
            QueryError::Failed(Unanswered::TimedOut) => {
                let (diagnosis, address) = (daemon.first_diagnosis()?, daemon.address());
                let line = (program.explain_silence)(diagnosis, address, &name, command);
                line + &detail.below(|| diagnosis.reasons(address))
            }
            QueryError::Failed(Unanswered::TooLarge) => {
                let (fragments, octets) = (reassembly::FRAGMENT_LIMIT, reassembly::DATA_LIMIT);
                format!("its reply has more than {fragments} fragments or {octets} octets")
            }
            QueryError::Failed(Unanswered::Malformed) => {
                "its replies claim more octets than they contain".to_owned()
            }
            QueryError::Read(error) | QueryError::Write(error) | QueryError::Open(error) => {
                error.diagnosis()?.explain(Asked::Control, daemon.address(), detail)
            }
            QueryError::RefusedByMode7(Mode7Error::NO_DATA | Mode7Error::AUTHENTICATION, true) if changes => {
                "the request had to be sent more than once: an earlier one may have had its effect".to_owned()
            }
            QueryError::RefusedByMode7(Mode7Error::AUTHENTICATION, false) if changes && key_id != 0 => {
                explain_refused_key("requestkey", key_id)
            }
            QueryError::Failed(Unanswered::Refused(ErrorCode::PERMISSION)) if changes && key_id != 0 => {
                explain_refused_key("controlkey", key_id)
            }
            _ => return None,
        };
        let host = match daemon.address() {
            Some(address) if name.parse::<IpAddr>().is_err() => format!("{host} ({})", address.ip()),
            _ => host.to_owned(),
        };
        Some(Hint { host, advice })
    }
}

/// The names used in lines about a failure.
struct Names<'a> {
    /// The program name as it was called.
    called: &'a str,
    /// The daemon, as [`Shell::error_prefix`] names it.
    server: &'a str,
    /// The command that failed.
    command: &'a str,
    /// Whether several daemons are queried.
    is_among_several: bool,
}

/// The lines about a failure, in the classic words.
fn lines(failure: &Failure, names: &Names<'_>, dialect: Dialect) -> String {
    let Names { called, server, command, is_among_several } = *names;
    let host = &failure.host;
    // If the line before names the only host, that is enough.
    let again = if is_among_several { server } else { "" };
    match &failure.cause {
        QueryError::Failed(Unanswered::TimedOut) => {
            format!("{host}: timed out, nothing received\n{again}***Request timed out\n")
        }
        QueryError::Failed(Unanswered::Incomplete) => {
            format!("{host}: timed out with incomplete data\n{again}***Response from server was incomplete\n")
        }
        QueryError::Failed(Unanswered::Malformed | Unanswered::NotAReply(..)) => {
            format!("{server}***Response from server was incomplete\n")
        }
        QueryError::Failed(Unanswered::TooLarge) => {
            format!("{server}***Buffer size exceeded for returned data\n")
        }
        QueryError::Failed(Unanswered::Refused(code)) => {
            format!("{server}{}\n", refusal(*code, failure.association.0))
        }
        QueryError::Read(error) if dialect.keeps(Quirk::ERRORS_WITHOUT_HOST) => {
            format!("{called}: read: {error}\n")
        }
        QueryError::Read(error) => format!("{called}: {host}: read: {error}\n"),
        QueryError::Write(error) => format!("{called}: write to {host} failed: {error}\n"),
        QueryError::Oversized(length) if dialect.keeps(Quirk::OVERSIZE_IS_INTERNAL) => {
            format!("***Internal error!  qsize ({length}) too large\n")
        }
        QueryError::Oversized(length) => {
            format!("***Request too long: {length} octets, limit {DATA_LIMIT}\n")
        }
        // An interrupt is reported once, at the end of the command.
        QueryError::Unauthenticated | QueryError::Interrupted | QueryError::GivenUp => String::new(),
        QueryError::RefusedByMode7(code, _) => format!("{server}{}\n", mode7_refusal(*code)),
        QueryError::NeedsMode6(choice) => {
            format!("{called}: {host}: `{command}' needs mode 6, which {choice} does not speak\n")
        }
        QueryError::Ipv4Only => format!("{server}{IPV4_ONLY}\n"),
        QueryError::Open(error) => format!("{called}: {host}: {error}\n"),
    }
}

/// A failure as it appears in reports.
pub(crate) fn fault(cause: &QueryError, association: AssociationId) -> Fault {
    let message = match cause {
        QueryError::Failed(Unanswered::TimedOut) => "timed out, nothing received".into(),
        QueryError::Failed(Unanswered::Incomplete) => "timed out with incomplete data".into(),
        QueryError::Failed(Unanswered::Malformed) => "the reply claims more data than it contains".into(),
        QueryError::Failed(Unanswered::NotAReply(..)) => "received something that is not a reply".into(),
        QueryError::Failed(Unanswered::TooLarge) => "the reply is too large".into(),
        QueryError::Failed(Unanswered::Refused(code)) => {
            refusal(*code, association.0).trim_start_matches("***").to_owned()
        }
        QueryError::RefusedByMode7(code, _) => mode7_refusal(*code).trim_start_matches("***").to_owned(),
        QueryError::GivenUp => "Given up".to_owned(),
        QueryError::Ipv4Only => IPV4_ONLY.trim_start_matches("***").to_owned(),
        QueryError::Read(error) => format!("read: {error}"),
        QueryError::Write(error) => format!("write: {error}"),
        QueryError::Interrupted => "interrupted".into(),
        QueryError::Open(error) => error.to_string(),
        QueryError::Oversized(length) => format!("request too long: {length} octets, limit {DATA_LIMIT}"),
        QueryError::Unauthenticated => "no key to authenticate the request with".into(),
        QueryError::NeedsMode6(choice) => format!("needs mode 6, which {choice} does not speak"),
    };
    Fault { cause: cause.kind(), message }
}

/// What a daemon requires of the key for a request that changes it; `keyword` is the configuration command that names
/// the key.
fn explain_refused_key(keyword: &str, key_id: u32) -> String {
    format!(
        "it refuses key {key_id}, or all changes: its ntp.conf needs `{keyword} {key_id}' and `trustedkey {key_id}', type and \
         secret must be those of its keys file, and `restrict ... nomodify' must not apply to this client"
    )
}

/// Why a daemon treats a request with a key as if it had none.
pub(super) fn explain_untrusted(key_id: u32) -> String {
    format!(
        "its ntp.conf needs `trustedkey {key_id}', and type and secret of the key must be those of its keys file"
    )
}

/// The classic words for a mode 7 error.
fn mode7_refusal(code: Mode7Error) -> String {
    match code {
        Mode7Error::IMPLEMENTATION => "***Server implementation incompatible with our own".into(),
        Mode7Error::REQUEST => "***Server doesn't implement this request".into(),
        Mode7Error::FORMAT => {
            "***Server reports a format error in the received packet (shouldn't happen)".into()
        }
        Mode7Error::NO_DATA => "***Server reports data not found".into(),
        Mode7Error::AUTHENTICATION => "***Permission denied".into(),
        Mode7Error(other) => format!("***Server returns unknown error code {other}"),
    }
}

/// The message for a daemon that cannot handle requests about IPv6 addresses.
const IPV4_ONLY: &str = "***Server doesn't understand IPv6 addresses";

/// The classic words for a mode 6 error.
pub(crate) fn refusal(code: ErrorCode, association: u16) -> String {
    match code {
        ErrorCode::UNSPECIFIED => "***Server returned an unspecified error".into(),
        ErrorCode::PERMISSION => "***Server disallowed request (authentication?)".into(),
        ErrorCode::BAD_FORMAT => "***Server reports a bad format request packet".into(),
        ErrorCode::BAD_OPCODE => "***Server reports a bad opcode in request".into(),
        ErrorCode::UNKNOWN_ASSOCIATION => format!("***Association ID {association} unknown to server"),
        ErrorCode::UNKNOWN_VARIABLE => "***A request variable unknown to the server".into(),
        ErrorCode::BAD_VALUE => "***Server indicates a request variable was bad".into(),
        ErrorCode(other) => format!("***Server returns unknown error code {other}"),
    }
}
