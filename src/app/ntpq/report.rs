//! Reports with a label before each value.

use super::variables::{scan_in, status_word};
use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::render::classic::Style;
use crate::render::classic::cooked::Subject;
use crate::render::classic::report::Report;
use crate::render::classic::report_tables::{
    AUTHINFO, IOSTATS, KERNINFO, MONSTATS, NTSINFO, NTSKEINFO, PSTATS, SYSINFO, SYSSTATS, TIMERSTATS,
};
use crate::session::control::{Failure, Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, Opcode};

pub(super) fn peer_statistics(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let association = arguments.first().and_then(|argument| shell.association_id(argument)).ok_or(Failed)?;
    if association == AssociationId::SYSTEM {
        shell.error("***Invalid association ID 0 specified\n");
        return Err(Failed);
    }
    shell.read_report(&PSTATS, association)
}

pub(super) fn authentication(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&AUTHINFO, AssociationId::SYSTEM)
}

pub(super) fn input_output(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&IOSTATS, AssociationId::SYSTEM)
}

pub(super) fn kernel(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&KERNINFO, AssociationId::SYSTEM)
}

pub(super) fn monitor(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&MONSTATS, AssociationId::SYSTEM)
}

pub(super) fn nts(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&NTSINFO, AssociationId::SYSTEM)
}

pub(super) fn key_exchanges(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&NTSKEINFO, AssociationId::SYSTEM)
}

pub(super) fn system(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&SYSINFO, AssociationId::SYSTEM)
}

pub(super) fn packets(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&SYSSTATS, AssociationId::SYSTEM)
}

pub(super) fn timer(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_report(&TIMERSTATS, AssociationId::SYSTEM)
}

impl Shell {
    fn read_report(&mut self, report: &'static Report, association: AssociationId) -> CommandResult {
        let mut names = report.variables();
        if self.settings.format().reports() && association != AssociationId::SYSTEM {
            // The peer is named as in other reports.
            names.push("srchost".to_owned());
        }
        let data = names.join(",").into_bytes();
        let request = Request::open(Opcode::READ_VARIABLES, association, data);
        let mut answer = self.ask_request(request);
        if answer == Err(QueryError::Failed(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE)))
            && !self.settings.dialect.keeps(Quirk::ALL_OR_NOTHING_REPORTS)
        {
            answer = self.ask_one_by_one(&names, association);
        }
        let reply = match answer {
            Ok(reply) => reply,
            Err(error) => {
                self.report_failure(&error, association);
                return Err(Failed);
            }
        };
        let status = status_word(Subject::SystemOrPeer, association, reply.status);
        let lines = move |reply: &Reply, style: &Style<'_>| {
            report.render(association, reply.status, &scan_in(style.dialect, &reply.data), style)
        };
        self.variables_report(report.name, association, status, reply, true, lines).found()
    }

    /// The values of these variables, in one reply: a request with several names gets no answer if the daemon does not
    /// know one of them.
    fn ask_one_by_one(&mut self, names: &[String], association: AssociationId) -> Result<Reply, QueryError> {
        let requests: Vec<Request> = names
            .iter()
            .map(|name| Request::open(Opcode::READ_VARIABLES, association, name.clone().into_bytes()))
            .collect();
        let mut whole: Option<Reply> = None;
        let mut refusal = None;
        for answer in self.ask_all(&requests, &mut |_, _| None) {
            match answer {
                Ok(reply) => {
                    let whole = whole.get_or_insert_with(|| Reply { data: Vec::new(), ..reply.clone() });
                    let text = reply.data.split(|&octet| octet == 0).next().unwrap_or_default();
                    whole.data.extend_from_slice(text.trim_ascii_end());
                    whole.data.extend_from_slice(b", ");
                }
                Err(error @ QueryError::Failed(Failure::Refused(_))) => refusal = Some(error),
                Err(error) => return Err(error),
            }
        }
        whole.ok_or_else(|| refusal.unwrap_or(QueryError::Failed(Failure::TimedOut)))
    }
}
