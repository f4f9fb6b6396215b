//! Reports with a label before each value.

use super::command::{Argument, Verdict};
use super::shell::Shell;
use crate::render::classic::report::Report;
use crate::render::classic::report_tables::PSTATS;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::scan;

pub(super) fn peer_statistics(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let Some(association) = arguments.first().and_then(|argument| shell.association_id(argument)) else {
        return Verdict::Failed;
    };
    if association == AssociationId::SYSTEM {
        shell.complain("***Invalid association ID 0 specified\n");
        return Verdict::Failed;
    }
    shell.print_report(&PSTATS, association)
}

impl Shell {
    fn print_report(&mut self, report: &Report, association: AssociationId) -> Verdict {
        let names = report.variables().join(",").into_bytes();
        let Some(reply) = self.ask(Opcode::READ_VARIABLES, association, names) else {
            return Verdict::Failed;
        };
        let scan = scan(&reply.data);
        self.look_names_up(&scan);
        let rendered = self.with_style(|style| report.render(association, reply.status, &scan, style));
        self.print(&rendered);
        Verdict::Done
    }
}
