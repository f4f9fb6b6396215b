//! The association lists.

use crate::console::Shell;
use crate::console::command::{Argument, Verdict};
use crate::model::association::Association;
use crate::model::report::{AssociationsReport, Report};
use crate::render::classic;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;

impl Shell {
    /// Reads the association list anew; says why when that fails.
    pub(super) fn fetch_associations(&mut self) -> bool {
        let Some(reply) = self.ask(Opcode::READ_STATUS, AssociationId::SYSTEM, Vec::new()) else {
            return false;
        };
        match Association::list(&reply.data) {
            Ok(associations) => {
                self.associations = associations;
                true
            }
            Err(uneven) => {
                let server = self.server_prefix();
                self.complain(&format!("{server}***{uneven}\n"));
                false
            }
        }
    }

    /// Reads the association list for a command that needs one.
    ///
    /// # Errors
    /// The command's verdict when there is nothing to go on with: an empty list is a result, and told as such.
    pub(crate) fn listed_associations(&mut self) -> Result<Vec<Association>, Verdict> {
        if !self.fetch_associations() {
            return Err(Verdict::Failed);
        }
        if self.associations.is_empty() && !self.settings.format.reports() {
            let server = self.server_prefix();
            self.output.result(format!("{server}{}", classic::associations::NONE_RETURNED));
            return Err(Verdict::Done);
        }
        Ok(self.associations.clone())
    }

    fn print_associations(&mut self, all: bool) -> Verdict {
        if self.settings.format.reports() {
            let shown = |entry: &&Association| all || entry.is_shown_by_default();
            let associations = self.associations.iter().filter(shown).copied().collect();
            let report = AssociationsReport { origin: self.origin(), associations };
            self.deliver(Report::Associations(report));
            return Verdict::Done;
        }
        if self.associations.is_empty() {
            self.output.result("No association ID's in list\n");
            return Verdict::Done;
        }
        let text = classic::associations::table(
            &self.associations,
            all,
            self.settings.version,
            self.settings.dialect,
        );
        self.output.result(text);
        Verdict::Done
    }

    fn read_and_print_associations(&mut self, all: bool) -> Verdict {
        match self.listed_associations() {
            Ok(_) => self.print_associations(all),
            Err(verdict) => verdict,
        }
    }
}

pub(super) fn associations(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.read_and_print_associations(false)
}

pub(super) fn all_associations(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.read_and_print_associations(true)
}

pub(super) fn known(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_associations(false)
}

pub(super) fn all_known(shell: &mut Shell, _: &[Argument]) -> Verdict {
    shell.print_associations(true)
}
