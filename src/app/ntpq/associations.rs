//! The association lists.

use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed, Outcome};
use crate::console::findings::Findings;
use crate::model::association::Association;
use crate::model::report::{AssociationsReport, Report};
use crate::render::classic;
use crate::wire::AssociationId;
use crate::wire::control::Opcode;

impl Shell {
    /// Reads the association list again; reports any failure.
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
                let server = self.error_prefix();
                self.error(&format!("{server}***{uneven}\n"));
                false
            }
        }
    }

    /// Reads the association list for a command that needs one.
    ///
    /// Returns `None` if the list is empty, which has been reported.
    ///
    /// # Errors
    /// The list cannot be read.
    pub(crate) fn listed_associations(&mut self) -> Result<Option<Vec<Association>>, Failed> {
        if !self.fetch_associations() {
            return Err(Failed);
        }
        if self.associations.is_empty() && !self.settings.format.reports() {
            let server = self.server_prefix();
            self.output.result(format!("{server}{}", classic::associations::NONE_RETURNED));
            return Ok(None);
        }
        Ok(Some(self.associations.clone()))
    }

    fn found_associations(&self, all: bool) -> CommandResult {
        let (version, dialect) = (self.settings.version, self.settings.dialect);
        Findings::of(
            self.associations.clone(),
            move |associations, _| {
                if associations.is_empty() {
                    return "No association ID's in list\n".to_owned();
                }
                classic::associations::table(associations, all, version, dialect)
            },
            move |associations, _, origin| {
                let shown = |entry: &&Association| all || entry.is_shown_by_default();
                let associations = associations.iter().filter(shown).copied().collect();
                Report::Associations(AssociationsReport { origin, associations })
            },
        )
        .found()
    }

    fn read_associations(&mut self, all: bool) -> CommandResult {
        match self.listed_associations()? {
            Some(_) => self.found_associations(all),
            None => Ok(Outcome::Done),
        }
    }
}

pub(super) fn associations(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_associations(false)
}

pub(super) fn all_associations(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.read_associations(true)
}

pub(super) fn known(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.found_associations(false)
}

pub(super) fn all_known(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    shell.found_associations(true)
}
