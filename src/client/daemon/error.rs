//! Why a question has no answer.

use crate::client::choice::DaemonChoice;
use crate::client::diagnosis::Diagnosis;
use crate::client::system_error::SystemError;
use crate::model::report::FaultCause;
use crate::session::PathError;
use crate::session::control::Failure;
use crate::session::drive::ConversationError;
use crate::session::mode7;
use crate::wire::mode7::ErrorCode as Mode7Error;
use std::io;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// The conversation ended without one.
    Failed(Failure),
    /// Sending failed.
    Write(SystemError),
    /// Receiving failed.
    Read(SystemError),
    /// No socket could be opened.
    Open(SystemError),
    /// A mode 7 question was refused; whether an earlier transmission may have taken effect.
    RefusedByMode7(Mode7Error, bool),
    /// It concerns IPv6, which the daemon does not support.
    Ipv4Only,
    /// It was silently abandoned, as in 4.2.8p15.
    GivenUp,
    /// Interrupted.
    Interrupted,
    /// The question's data, of this many octets, does not fit into a packet.
    Oversized(usize),
    /// No key to authenticate the question with; the reason was reported when it was looked up.
    Unauthenticated,
    /// It requires mode 6, which this daemon does not speak.
    NeedsMode6(DaemonChoice),
}

impl QueryError {
    /// Its kind.
    pub fn kind(&self) -> FaultCause {
        match self {
            Self::Failed(Failure::TimedOut) => FaultCause::TimedOut,
            Self::Failed(Failure::Incomplete) => FaultCause::Incomplete,
            Self::Failed(Failure::Malformed | Failure::TooLarge | Failure::NotAReply(..)) => {
                FaultCause::Malformed
            }
            Self::Failed(Failure::Refused(code)) => FaultCause::Refused(code.0),
            Self::RefusedByMode7(code, _) => FaultCause::Refused(code.0),
            Self::Read(_) | Self::Write(_) => FaultCause::Network,
            Self::Open(_) => FaultCause::NoHost,
            Self::Interrupted => FaultCause::Interrupted,
            Self::GivenUp
            | Self::Ipv4Only
            | Self::Oversized(_)
            | Self::Unauthenticated
            | Self::NeedsMode6(_) => FaultCause::Unusable,
        }
    }
}

impl QueryError {
    /// What it means for the path to the daemon, if it is about that.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        match self {
            Self::Read(error) | Self::Write(error) | Self::Open(error) => error.diagnosis(),
            _ => None,
        }
    }
}

impl From<ConversationError> for QueryError {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::Interrupted => Self::Interrupted,
            ConversationError::Path(PathError::Open(error)) => Self::Open(error.into()),
            ConversationError::Path(PathError::Write(error)) => Self::Write(error.into()),
            ConversationError::Path(PathError::Read(error) | PathError::Hint(error)) => {
                Self::Read(error.into())
            }
        }
    }
}

/// The message about a daemon without an address.
pub fn no_address() -> QueryError {
    QueryError::Open(io::Error::new(io::ErrorKind::AddrNotAvailable, "no address").into())
}

/// A mode 7 question's failure.
impl From<mode7::Failure> for QueryError {
    fn from(failure: mode7::Failure) -> Self {
        match failure {
            mode7::Failure::TimedOut => Self::Failed(Failure::TimedOut),
            mode7::Failure::Incomplete => Self::Failed(Failure::Incomplete),
            mode7::Failure::Refused(code, again) => Self::RefusedByMode7(code, again),
            mode7::Failure::Ipv4Only => Self::Ipv4Only,
            mode7::Failure::GivenUp => Self::GivenUp,
        }
    }
}
