//! The lists of interfaces and restrictions: `ifstats`, `reslist`.

use super::command::{Argument, Verdict};
use super::shell::{Course, Shell};
use crate::dialect::Dialect;
use crate::model::ordered_list::{Row, rows};
use crate::render::classic::escape::fault_line;
use crate::render::classic::ordered_lists::{self, Listing};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::scan;

pub(super) fn interfaces(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_ordered_list(b"", ordered_lists::interfaces)
}

pub(super) fn restrictions(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_ordered_list(b"addr_restrictions", ordered_lists::restrictions)
}

impl Shell {
    fn print_ordered_list<R: Row>(
        &mut self,
        list: &[u8],
        render: fn(&[(u32, R)], Dialect) -> Listing,
    ) -> Verdict {
        let Some(reply) = self.ask_with_key(Opcode::READ_ORDERED_LIST, AssociationId::SYSTEM, list.to_vec())
        else {
            return Verdict::Failed;
        };
        let scan = scan(&reply.data);
        let mut listing = render(&rows(&scan), self.settings.dialect);
        if let Some(fault) = &scan.fault {
            listing.rendered.diagnostics.insert_str(0, &fault_line(fault));
        }
        self.print(&listing.rendered);
        if listing.aborted {
            self.course = Course::Aborted;
        }
        if listing.rendered.diagnostics.is_empty() { Verdict::Done } else { Verdict::Failed }
    }
}
