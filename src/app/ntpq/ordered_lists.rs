//! The lists of interfaces and restrictions: `ifstats`, `reslist`.

use crate::compat::Dialect;
use crate::console::command::{Argument, Verdict};
use crate::console::{Course, Shell};
use crate::model::Origin;
use crate::model::ordered_list::{Row, rows};
use crate::model::report::{InterfacesReport, Report, RestrictionsReport};
use crate::render::classic::escape::kept_fault_line;
use crate::render::classic::ordered_lists::{self, Listing};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::Scan;

pub(super) fn interfaces(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_ordered_list(b"", ordered_lists::interfaces, |origin, interfaces| {
        Report::Interfaces(InterfacesReport { origin, interfaces })
    })
}

pub(super) fn restrictions(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_ordered_list(b"addr_restrictions", ordered_lists::restrictions, |origin, restrictions| {
        Report::Restrictions(RestrictionsReport { origin, restrictions })
    })
}

impl Shell {
    fn print_ordered_list<R: Row>(
        &mut self,
        list: &[u8],
        render: fn(&Scan<'_>, Dialect) -> Listing,
        report: fn(Origin, Vec<(u32, R)>) -> Report,
    ) -> Verdict {
        let Some(reply) = self.ask_with_key(Opcode::READ_ORDERED_LIST, AssociationId::SYSTEM, list.to_vec())
        else {
            return Verdict::Failed;
        };
        let scan = self.scan(&reply.data);
        let mut listing = render(&scan, self.settings.dialect);
        let told = kept_fault_line(scan.fault.as_ref(), self.settings.dialect);
        listing.rendered.diagnostics.insert_str(0, &told);
        if self.settings.format.reports() {
            self.output.message(listing.rendered.diagnostics.clone());
            let origin = self.origin();
            self.deliver(report(origin, rows(&scan)));
        } else {
            self.print(&listing.rendered);
        }
        self.tell_unread(AssociationId::SYSTEM, scan.fault.as_ref());
        if listing.aborted {
            self.course = Course::Aborted;
        }
        if listing.rendered.diagnostics.is_empty() { Verdict::Done } else { Verdict::Failed }
    }
}
