//! Reading variables: `readvar`, `readlist`, `clockvar`, `clocklist`, `mreadvar`, `mreadlist`.

use crate::client::daemon::QueryError;
use crate::compat::{Dialect, Quirk};
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed, Outcome};
use crate::console::findings::Findings;
use crate::console::print::named_addresses;
use crate::console::variable_list::VariableList;
use crate::model::Peer;
use crate::model::report::{Report, ReportedVariable, VariablesReport};
use crate::render::classic::cooked::Subject;
use crate::render::classic::escape::{fault_message, kept_fault_line};
use crate::render::classic::{Rendered, Style, cooked, raw};
use crate::session::control::{Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::status::{ClockStatusWord, PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::variables::{Scan, scan, scan_as_original};

/// The most names remembered for completion.
const MAX_LEARNT: usize = 256;
/// Their greatest length.
const LONGEST_LEARNT: usize = 40;

/// The operation that reads these variables.
fn opcode(subject: Subject) -> Opcode {
    match subject {
        Subject::SystemOrPeer => Opcode::READ_VARIABLES,
        Subject::Clock => Opcode::READ_CLOCK,
    }
}

/// The meaning of a reply's status word for this subject.
pub(super) fn status_word(subject: Subject, association: AssociationId, word: u16) -> StatusWord {
    match (subject, association) {
        (Subject::Clock, _) => StatusWord::Clock(ClockStatusWord(word)),
        (Subject::SystemOrPeer, AssociationId::SYSTEM) => StatusWord::System(SystemStatusWord(word)),
        (Subject::SystemOrPeer, _) => StatusWord::Peer(PeerStatusWord(word)),
    }
}

pub(super) fn read_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.read_one(Subject::SystemOrPeer, arguments)
}

pub(super) fn clock_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.read_one(Subject::Clock, arguments)
}

pub(super) fn read_list(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = shell.variables.clone();
    shell.read_variables(Subject::SystemOrPeer, arguments, &list)
}

pub(super) fn clock_list(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = shell.variables.clone();
    shell.read_variables(Subject::Clock, arguments, &list)
}

pub(super) fn range_variables(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = match arguments.get(2..) {
        Some(named @ [_, ..]) => shell.named(named),
        _ => shell.variables.clone(),
    };
    shell.read_range(arguments, &list, "")
}

pub(super) fn range_list(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let list = shell.variables.clone();
    shell.read_range(arguments, &list, "\n")
}

impl Shell {
    fn read_one(&mut self, subject: Subject, arguments: &[Argument]) -> CommandResult {
        let list = self.named(arguments.get(1..).unwrap_or_default());
        self.read_variables(subject, arguments, &list)
    }

    /// The variables named by these arguments.
    pub(super) fn named(&mut self, arguments: &[Argument]) -> VariableList {
        let mut list = VariableList::default();
        for argument in arguments {
            if let Argument::Text(text) = argument {
                let reported = list.add(text);
                self.output.message(reported);
            }
        }
        list
    }

    fn read_variables(
        &mut self,
        subject: Subject,
        arguments: &[Argument],
        list: &VariableList,
    ) -> CommandResult {
        let association = self.association_of(arguments).ok_or(Failed)?;
        let data = self.query_data(list);
        let reply = self.ask(opcode(subject), association, data).ok_or(Failed)?;
        self.variables_found(subject, association, reply, !list.is_empty()).found()
    }

    /// Reads the associations from one identifier to another, in list order, all at once.
    fn read_range(&mut self, arguments: &[Argument], list: &VariableList, between: &str) -> CommandResult {
        self.know_associations();
        let (low, high) = self.range(arguments).ok_or(Failed)?;
        let identifiers: Vec<AssociationId> =
            self.associations.get(low..=high).unwrap_or_default().iter().map(|entry| entry.id).collect();
        let data = self.query_data(list);
        let request = |association| Request::open(Opcode::READ_VARIABLES, association, data.clone());
        let requests: Vec<Request> = identifiers.iter().map(|&id| request(id)).collect();
        let answers = self.ask_all(&requests, &mut |_, _| None);
        let classic = self.settings.dialect.keeps(Quirk::EMPTY_LINES_AFTER_FAILURES);
        let mut reported: Option<QueryError> = None;
        let mut printed = false;
        for (id, answer) in identifiers.into_iter().zip(answers) {
            if printed && (answer.is_ok() || classic) && !self.settings.format().is_for_programs() {
                self.output.result(between);
            }
            match answer {
                Ok(reply) => {
                    let found = self.variables_found(Subject::SystemOrPeer, id, reply, !list.is_empty());
                    self.show(found)?;
                    printed = true;
                }
                Err(error) => {
                    if reported.as_ref() != Some(&error) {
                        self.report_failure(&error, id);
                    }
                    self.note_failure(&error, id);
                    self.report_fault(None);
                    if classic {
                        break;
                    }
                    reported = Some(error);
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// The positions of the two identifiers in the association list, the lower position first.
    fn range(&mut self, arguments: &[Argument]) -> Option<(usize, usize)> {
        let mut places = [0; 2];
        for (place, argument) in places.iter_mut().zip(arguments) {
            let Argument::Unsigned(wanted) = argument else { return None };
            let Some(at) = self.associations.iter().position(|entry| u32::from(entry.id.0) == *wanted) else {
                self.host_error(&format!("***Association ID {wanted} not found in list\n"));
                return None;
            };
            *place = at;
        }
        let [one, other] = places;
        Some((one.min(other), one.max(other)))
    }

    /// The association named by the first argument, or the daemon itself if there is none; reports an invalid number.
    pub(super) fn association_of(&mut self, arguments: &[Argument]) -> Option<AssociationId> {
        arguments.first().map_or(Some(AssociationId::SYSTEM), |argument| self.association_id(argument))
    }

    pub(super) fn association_id(&mut self, argument: &Argument) -> Option<AssociationId> {
        let Argument::Unsigned(number) = argument else { return None };
        let id = u16::try_from(*number).ok().map(AssociationId);
        if id.is_none() {
            self.error(&format!("***Invalid association ID {number} specified\n"));
        }
        id
    }

    /// Remembers the names for completion.
    fn learn(&mut self, scan: &Scan<'_>) {
        let typeable = |name: &&[u8]| name.len() <= LONGEST_LEARNT && name.iter().all(u8::is_ascii_graphic);
        let names = scan.variables.iter().map(|variable| variable.name).filter(typeable);
        self.seen = names.take(MAX_LEARNT).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    }

    /// The data of a request for these variables.
    pub(super) fn query_data(&mut self, list: &VariableList) -> Vec<u8> {
        let (data, reported) = list.query_data();
        self.output.message(reported);
        data
    }

    /// The contents of a reply: its variables as lines, or a report on them.
    pub(super) fn variables_found(
        &mut self,
        subject: Subject,
        association: AssociationId,
        reply: Reply,
        named: bool,
    ) -> Findings {
        let status = status_word(subject, association, reply.status);
        let quiet = named && !self.settings.old_rv;
        let server = self.server_prefix();
        let settings = &self.settings;
        let is_raw = settings.raw;
        let reads = settings.format().reports() || !is_raw;
        if !is_raw && !settings.format().reports() && !reply.data.is_empty() {
            let scan = self.scan(&reply.data);
            self.learn(&scan);
        }
        let lines = move |reply: &Reply, style: &Style<'_>| {
            if reply.data.is_empty() {
                return Rendered::from(server + &cooked::empty_reply(association, subject));
            }
            if is_raw {
                let line = if quiet { String::new() } else { raw::status_line(association, status) };
                return Rendered::from(server + &line + &raw::data_in(style.dialect, &reply.data));
            }
            let line = if quiet { String::new() } else { cooked::status_line(association, status) };
            let mut rendered = cooked::variables(&scan_in(style.dialect, &reply.data), subject, style);
            rendered.output.insert_str(0, &(server + &line));
            rendered
        };
        self.variables_report("variables", association, status, reply, reads, lines)
    }

    /// Findings about a reply. In the report, `name` is the command if it asks for certain variables, else `variables`;
    /// `reads` is true if values are taken out of the reply, so that unreadable parts matter.
    pub(super) fn variables_report(
        &self,
        name: &'static str,
        association: AssociationId,
        status: StatusWord,
        reply: Reply,
        reads: bool,
        lines: impl FnOnce(&Reply, &Style<'_>) -> Rendered + 'static,
    ) -> Findings {
        let (mut line, mut unread, mut shown) = (String::new(), None, Vec::new());
        if reads {
            let scan = self.scan(&reply.data);
            line = kept_fault_line(scan.fault.as_ref(), self.settings.dialect);
            unread = scan.fault.as_ref().map(fault_message);
            shown = named_addresses(&scan);
        }
        let findings = Findings::of(reply, lines, move |reply, shell, origin| {
            let scan = shell.scan(&reply.data);
            let peer = match status {
                StatusWord::Peer(word) => {
                    Some(shell.named_peer(Peer::from_variables(association, word, &scan)))
                }
                StatusWord::System(_) | StatusWord::Clock(_) => None,
            };
            let variables = ReportedVariable::list(&scan);
            Report::Variables(Box::new(VariablesReport {
                origin,
                name,
                association,
                status,
                variables,
                peer,
            }))
        });
        let findings = findings.with_warnings(line).with_unread(association, unread);
        match status {
            StatusWord::Peer(_) => findings.naming(shown),
            // Other reports show no names.
            StatusWord::System(_) | StatusWord::Clock(_) => findings.naming_in_lines(shown),
        }
    }

    /// The variables of a reply.
    pub(super) fn scan<'a>(&self, data: &'a [u8]) -> Scan<'a> {
        scan_in(self.settings.dialect, data)
    }
}

/// The variables of a reply, parsed in this dialect.
pub(super) fn scan_in(dialect: Dialect, data: &[u8]) -> Scan<'_> {
    if dialect.keeps(Quirk::LINES_END_REPLIES) { scan_as_original(data) } else { scan(data) }
}
