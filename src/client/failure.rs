//! Why a question has no answer, as one value: of what kind, of which host, by which error, and what can be done about it.

use super::daemon::QueryError;
use crate::model::report::FaultCause;
use crate::wire::AssociationId;

/// A question that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The daemon, as messages name it.
    pub host: String,
    /// What the question was about.
    pub association: AssociationId,
    /// What went wrong.
    pub cause: QueryError,
    /// What is known of the cause and can be done about it.
    pub hint: Option<Hint>,
}

/// A sentence about a failure, and the daemon with the address that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Whom it is about.
    pub host: String,
    /// The sentence.
    pub advice: String,
}

impl Failure {
    /// Its kind, from which statuses and reports follow.
    pub fn kind(&self) -> FaultCause {
        self.cause.kind()
    }
}
