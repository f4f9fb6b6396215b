//! The lists of interfaces and restrictions: `ifstats`, `reslist`.

use crate::compat::Dialect;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::console::findings::Findings;
use crate::console::{Flow, Shell};
use crate::model::Origin;
use crate::model::ordered_list::{Row, rows};
use crate::model::report::{InterfacesReport, Report, RestrictionsReport};
use crate::render::classic::escape::{fault_message, kept_fault_line};
use crate::render::classic::ordered_lists::{self, Listing};
use crate::wire::AssociationId;
use crate::wire::control::Opcode;
use crate::wire::variables::Scan;

pub(super) fn interfaces(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.ordered_list(b"", ordered_lists::interfaces, |origin, interfaces| {
        Report::Interfaces(InterfacesReport { origin, interfaces })
    })
}

pub(super) fn restrictions(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.ordered_list(b"addr_restrictions", ordered_lists::restrictions, |origin, restrictions| {
        Report::Restrictions(RestrictionsReport { origin, restrictions })
    })
}

impl Shell {
    fn ordered_list<R: Row + Clone + 'static>(
        &mut self,
        list: &[u8],
        render: fn(&Scan<'_>, Dialect) -> Listing,
        report: fn(Origin, Vec<(u32, R)>) -> Report,
    ) -> CommandResult {
        let reply = self
            .ask_with_key(Opcode::READ_ORDERED_LIST, AssociationId::SYSTEM, list.to_vec())
            .ok_or(Failed)?;
        let scan = self.scan(&reply.data);
        let mut listing = render(&scan, self.settings.dialect);
        let line = kept_fault_line(scan.fault.as_ref(), self.settings.dialect);
        listing.rendered.diagnostics.insert_str(0, &line);
        if listing.aborted {
            self.flow = Flow::Aborted;
        }
        let warnings = listing.rendered.diagnostics.clone();
        let is_faulty = !warnings.is_empty();
        Findings::of(
            rows(&scan),
            move |_, _| listing.rendered,
            move |rows, _, origin| report(origin, rows.clone()),
        )
        .with_warnings(warnings)
        .with_unread(AssociationId::SYSTEM, scan.fault.as_ref().map(fault_message))
        .faulty_if(is_faulty)
        .found()
    }
}
