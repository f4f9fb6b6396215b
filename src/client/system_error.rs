//! A system error as a value.

use super::diagnosis::Diagnosis;
use crate::cli::output::reason;
use std::io;
use std::sync::Arc;

/// A system error that can be copied and compared.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", reason(.0))]
pub struct SystemError(Arc<io::Error>);

impl SystemError {
    /// Returns its kind.
    pub fn kind(&self) -> io::ErrorKind {
        self.0.kind()
    }

    /// What it means for the path to a daemon, if it is about that.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        Diagnosis::of_error(&self.0)
    }
}

impl SystemError {
    /// Copies an error that its owner keeps.
    pub fn of(error: &io::Error) -> Self {
        let copy = match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        copy.into()
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

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn system_errors_are_compared_by_kind_and_number() {
        let error = |errno: Errno| SystemError::from(io::Error::from(errno));
        assert_eq!(error(Errno::ECONNREFUSED), error(Errno::ECONNREFUSED));
        assert_ne!(error(Errno::ECONNREFUSED), error(Errno::ENETUNREACH));
        assert_eq!(error(Errno::ECONNREFUSED).kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(error(Errno::ECONNREFUSED).to_string(), "Connection refused");
    }
}
