//! Reading variables: `readvar`, `readlist`, `clockvar`, `clocklist`, `mreadvar`, `mreadlist`.

use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{Argument, Verdict};
use crate::console::variable_list::VariableList;
use crate::model::Peer;
use crate::model::report::{Fault, FaultCause, Report, ReportedVariable, VariablesReport};
use crate::render::classic::cooked::Subject;
use crate::render::classic::escape::{fault_message, kept_fault_line};
use crate::render::classic::{cooked, raw};
use crate::session::control::{Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::status::{ClockStatusWord, PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::variables::{Fault as ScanFault, Scan, scan, scan_as_original};

/// Names that are remembered.
const MOST_LEARNT: usize = 256;
/// Their greatest length.
const LONGEST_LEARNT: usize = 40;

/// The operation that reads these variables.
fn opcode(subject: Subject) -> Opcode {
    match subject {
        Subject::SystemOrPeer => Opcode::READ_VARIABLES,
        Subject::Clock => Opcode::READ_CLOCK,
    }
}

/// What a reply's status word says, for whom it speaks.
pub(super) fn status_word(subject: Subject, association: AssociationId, word: u16) -> StatusWord {
    match (subject, association) {
        (Subject::Clock, _) => StatusWord::Clock(ClockStatusWord(word)),
        (Subject::SystemOrPeer, AssociationId::SYSTEM) => StatusWord::System(SystemStatusWord(word)),
        (Subject::SystemOrPeer, _) => StatusWord::Peer(PeerStatusWord(word)),
    }
}

pub(super) fn read_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    shell.read_one(Subject::SystemOrPeer, arguments)
}

pub(super) fn clock_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    shell.read_one(Subject::Clock, arguments)
}

pub(super) fn read_list(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = shell.variables.clone();
    shell.read_and_print(Subject::SystemOrPeer, arguments, &list)
}

pub(super) fn clock_list(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = shell.variables.clone();
    shell.read_and_print(Subject::Clock, arguments, &list)
}

pub(super) fn range_variables(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = match arguments.get(2..) {
        Some(named @ [_, ..]) => shell.named(named),
        _ => shell.variables.clone(),
    };
    shell.read_range(arguments, &list, "")
}

pub(super) fn range_list(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let list = shell.variables.clone();
    shell.read_range(arguments, &list, "\n")
}

impl Shell {
    fn read_one(&mut self, subject: Subject, arguments: &[Argument]) -> Verdict {
        let list = self.named(arguments.get(1..).unwrap_or_default());
        self.read_and_print(subject, arguments, &list)
    }

    /// The variables that these arguments name.
    pub(super) fn named(&mut self, arguments: &[Argument]) -> VariableList {
        let mut list = VariableList::default();
        for argument in arguments {
            if let Argument::Text(text) = argument {
                let told = list.add(text);
                self.output.message(told);
            }
        }
        list
    }

    fn read_and_print(&mut self, subject: Subject, arguments: &[Argument], list: &VariableList) -> Verdict {
        let Some(association) = self.association_of(arguments) else { return Verdict::Failed };
        let data = self.query_data(list);
        match self.ask(opcode(subject), association, data) {
            Some(reply) => {
                self.print_variables(subject, association, &reply, !list.is_empty());
                Verdict::Done
            }
            None => Verdict::Failed,
        }
    }

    /// Reads the associations from one identifier to another, in the order of the list, all at once.
    fn read_range(&mut self, arguments: &[Argument], list: &VariableList, between: &str) -> Verdict {
        if self.associations.is_empty() {
            let _ = self.listed_associations();
        }
        let Some((low, high)) = self.range(arguments) else { return Verdict::Failed };
        let identifiers: Vec<AssociationId> =
            self.associations.get(low..=high).unwrap_or_default().iter().map(|entry| entry.id).collect();
        let data = self.query_data(list);
        let request = |association| Request::open(Opcode::READ_VARIABLES, association, data.clone());
        let requests: Vec<Request> = identifiers.iter().map(|&id| request(id)).collect();
        let answers = self.ask_all(&requests, &mut |_, _| None);
        let classic = self.settings.dialect.keeps(Quirk::EMPTY_LINES_AFTER_FAILURES);
        let mut told: Option<QueryError> = None;
        let mut printed = false;
        for (id, answer) in identifiers.into_iter().zip(answers) {
            if printed && (answer.is_ok() || classic) && !self.settings.format.is_for_programs() {
                self.output.result(between);
            }
            match answer {
                Ok(reply) => {
                    self.print_variables(Subject::SystemOrPeer, id, &reply, !list.is_empty());
                    printed = true;
                }
                Err(error) => {
                    if told.as_ref() != Some(&error) {
                        self.tell_failure(&error, id);
                    }
                    self.note_failure(&error, id);
                    self.report_fault(None);
                    if classic {
                        break;
                    }
                    told = Some(error);
                }
            }
        }
        Verdict::Done
    }

    /// The places in the association list of the two identifiers, the lower place first.
    fn range(&mut self, arguments: &[Argument]) -> Option<(usize, usize)> {
        let mut places = [0; 2];
        for (place, argument) in places.iter_mut().zip(arguments) {
            let Argument::Unsigned(wanted) = argument else { return None };
            let Some(at) = self.associations.iter().position(|entry| u32::from(entry.id.0) == *wanted) else {
                self.complain(&format!("***Association ID {wanted} not found in list\n"));
                return None;
            };
            *place = at;
        }
        let [one, other] = places;
        Some((one.min(other), one.max(other)))
    }

    /// The association that the first argument names, the daemon itself without one; tells what is no such number.
    pub(super) fn association_of(&mut self, arguments: &[Argument]) -> Option<AssociationId> {
        arguments.first().map_or(Some(AssociationId::SYSTEM), |argument| self.association_id(argument))
    }

    pub(super) fn association_id(&mut self, argument: &Argument) -> Option<AssociationId> {
        let Argument::Unsigned(number) = argument else { return None };
        let id = u16::try_from(*number).ok().map(AssociationId);
        if id.is_none() {
            self.complain(&format!("***Invalid association ID {number} specified\n"));
        }
        id
    }

    /// Remembers the names for the completion of what is typed next.
    fn learn(&mut self, scan: &Scan<'_>) {
        let typeable = |name: &&[u8]| name.len() <= LONGEST_LEARNT && name.iter().all(u8::is_ascii_graphic);
        let names = scan.variables.iter().map(|variable| variable.name).filter(typeable);
        self.seen = names.take(MOST_LEARNT).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    }

    /// The data of a request that names these variables.
    pub(super) fn query_data(&mut self, list: &VariableList) -> Vec<u8> {
        let (data, told) = list.query_data();
        self.output.message(told);
        data
    }

    /// Reports on a reply: `name` is the command, if it asks for certain variables, else `variables`.
    pub(super) fn report_variables(
        &mut self,
        name: &'static str,
        association: AssociationId,
        status: StatusWord,
        reply: &Reply,
    ) {
        let scan = self.scan(&reply.data);
        let peer = match status {
            StatusWord::Peer(word) => {
                self.look_names_up(&scan);
                Some(self.named_peer(Peer::from_variables(association, word, &scan)))
            }
            StatusWord::System(_) | StatusWord::Clock(_) => None,
        };
        let variables = ReportedVariable::list(&scan);
        let origin = self.origin();
        let report = VariablesReport { origin, name, association, status, variables, peer };
        self.deliver(Report::Variables(Box::new(report)));
        self.output.message(kept_fault_line(scan.fault.as_ref(), self.settings.dialect));
        self.tell_unread(association, scan.fault.as_ref());
    }

    /// The variables of a reply.
    pub(super) fn scan<'a>(&self, data: &'a [u8]) -> Scan<'a> {
        if self.settings.dialect.keeps(Quirk::LINES_END_REPLIES) {
            scan_as_original(data)
        } else {
            scan(data)
        }
    }

    /// Tells that a part of a reply could not be read, if so, once what could be read is printed or reported. The dialect
    /// of 4.2.8p15 leaves it to the renderers.
    pub(super) fn tell_unread(&mut self, association: AssociationId, fault: Option<&ScanFault<'_>>) {
        if let Some(fault) = fault {
            self.fail_to_read(association, fault_message(fault));
        }
    }

    /// As [`tell_unread`](Self::tell_unread), in these words.
    pub(super) fn fail_to_read(&mut self, association: AssociationId, message: String) {
        if self.settings.dialect.keeps(Quirk::LINES_END_REPLIES) {
            return;
        }
        self.failed = true;
        let about = (association != AssociationId::SYSTEM).then_some(association);
        let whose = about.map(|id| format!("association {id}: ")).unwrap_or_default();
        let host = self.host_name();
        self.output.message(format!("ntpq: {host}: {whose}{message}\n"));
        self.note_fault(about, Fault { cause: FaultCause::Malformed, message });
        self.report_fault(None);
    }

    pub(super) fn print_variables(
        &mut self,
        subject: Subject,
        association: AssociationId,
        reply: &Reply,
        named: bool,
    ) {
        if self.settings.format.reports() {
            return self.report_variables(
                "variables",
                association,
                status_word(subject, association, reply.status),
                reply,
            );
        }
        let quiet = named && !self.settings.old_rv;
        let server = self.server_prefix();
        self.output.result(server);
        if reply.data.is_empty() {
            self.output.result(cooked::empty_reply(association, subject));
            return;
        }
        let status = status_word(subject, association, reply.status);
        if self.settings.raw {
            if !quiet {
                self.output.result(raw::status_line(association, status));
            }
            self.output.result(if self.settings.dialect.keeps(Quirk::RAW_CARRIAGE_RETURNS) {
                raw::data(&reply.data)
            } else {
                raw::tame_data(&reply.data)
            });
            return;
        }
        if !quiet {
            self.output.result(cooked::status_line(association, status));
        }
        let scan = self.scan(&reply.data);
        self.learn(&scan);
        self.look_names_up(&scan);
        let rendered = self.with_style(|style| cooked::variables(&scan, subject, style));
        self.print(&rendered);
        self.tell_unread(association, scan.fault.as_ref());
    }
}
