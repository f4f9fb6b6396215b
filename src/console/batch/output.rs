//! What the commands for one host print.

use crate::cli::exit::RunOutcome;
use crate::cli::output::Recorded;
use crate::console::Shell;
use crate::model::Report;

/// The outcome of a host's commands.
pub(super) struct HostOutput {
    pub(super) outcome: RunOutcome,
    /// The separator after earlier hosts that have printed something.
    pub(super) separation: String,
    pub(super) separates: bool,
    pub(super) recorded: Recorded,
    pub(super) reports: Vec<Report>,
}

impl HostOutput {
    /// The same for an interrupted run.
    pub(super) fn interrupted(self) -> Self {
        Self { outcome: RunOutcome::Interrupted, ..self }
    }

    pub(super) fn by(shell: Shell) -> Self {
        Self {
            outcome: shell.outcome(),
            // The state left by earlier hosts was unknown to this one.
            separation: shell.separation(shell.unseparated),
            separates: shell.separates,
            reports: shell.reporting.reports,
            recorded: shell.output.into_recorded(),
        }
    }
}
