//! The association lists.

use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::console::findings::Findings;
use crate::model::Origin;
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
    /// # Errors
    /// The list cannot be read, which has been reported.
    pub(crate) fn listed_associations(&mut self) -> Result<Vec<Association>, Failed> {
        if self.fetch_associations() { Ok(self.associations.clone()) } else { Err(Failed) }
    }

    /// Reads the association list unless it is known, for a command that names associations by their places in it. An
    /// empty list is reported.
    pub(crate) fn know_associations(&mut self) {
        if self.associations.is_empty() && self.fetch_associations() && self.associations.is_empty() {
            let server = self.server_prefix();
            self.note(&(server + classic::associations::NONE_RETURNED));
        }
    }

    /// The findings of a command that needs associations, if the daemon has none: a line, or this report.
    pub(super) fn none_listed(&self, report: impl FnOnce(Origin) -> Report + 'static) -> Findings {
        let line = self.server_prefix() + classic::associations::NONE_RETURNED;
        Findings::of((), move |(), _| line, move |(), _, origin| report(origin))
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
        if self.listed_associations()?.is_empty() {
            let empty = |origin| AssociationsReport { origin, associations: Vec::new() };
            return self.none_listed(move |origin| Report::Associations(empty(origin))).found();
        }
        self.found_associations(all)
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
