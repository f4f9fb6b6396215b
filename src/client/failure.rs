//! Why a question has no answer, as one value: of what kind, of which host, by which error, and what can be done about it.

use super::daemon::QueryError;
use crate::cli::output::reason;
use crate::model::report::FaultCause;
use crate::wire::AssociationId;
use std::io;
use std::sync::Arc;

/// An error of the system, which can be copied and compared.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", reason(.0))]
pub struct SystemError(Arc<io::Error>);

impl SystemError {
    /// Of what kind it is.
    pub fn kind(&self) -> io::ErrorKind {
        self.0.kind()
    }
}

impl From<io::Error> for SystemError {
    fn from(error: io::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl PartialEq for SystemError {
    fn eq(&self, other: &Self) -> bool {
        (self.0.kind(), self.0.raw_os_error()) == (other.0.kind(), other.0.raw_os_error())
    }
}

impl Eq for SystemError {}

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

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn errors_of_the_system_are_compared_by_kind_and_number() {
        let error = |errno: Errno| SystemError::from(io::Error::from(errno));
        assert_eq!(error(Errno::ECONNREFUSED), error(Errno::ECONNREFUSED));
        assert_ne!(error(Errno::ECONNREFUSED), error(Errno::ENETUNREACH));
        assert_eq!(error(Errno::ECONNREFUSED).kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(error(Errno::ECONNREFUSED).to_string(), "Connection refused");
    }
}
