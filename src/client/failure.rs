//! Why a query failed, as one value: the kind of failure, the host, the error, and a remedy.

use super::daemon::QueryError;
use crate::model::report::FaultCause;
use crate::wire::AssociationId;

/// A failed query.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The daemon's name in messages.
    pub host: String,
    /// The association that the query was about.
    pub association: AssociationId,
    /// The error.
    pub cause: QueryError,
    /// What is known about the cause, and a remedy.
    pub hint: Option<Hint>,
}

/// A sentence about a failure, and the daemon with the address that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The host it is about.
    pub host: String,
    /// The sentence.
    pub advice: String,
}

impl Failure {
    /// The kind, which determines exit status and reports.
    pub fn kind(&self) -> FaultCause {
        self.cause.kind()
    }
}
