//! Why nothing is known of a daemon's health.

use crate::client::choice::DaemonChoice;
use crate::client::system_error::SystemError;
use crate::model::health::Health;
use crate::model::report::FaultCause;
use crate::net::host::{HostError, NTP_PORT};
use crate::net::names::NameError;

/// What went wrong, in the lines of the original where it has any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Nothing came in time.
    #[error("timeout")]
    TimedOut,
    /// Nobody listens.
    #[error("Unable to talk to NTP daemon. Is it running?")]
    Nobody,
    /// No socket could be had.
    #[error("On connect: {0}\nunable to connect to socket")]
    Connect(SystemError),
    /// What came begins with these octets, and is not an answer.
    #[error("status word is 0x{0:02x}{1:02x}\nreturn data appears to be invalid based on status word")]
    Invalid(u8, u8),
    /// Which of those that answer sets the clock is not known.
    #[error("more than one NTP daemon answers")]
    Several,
    /// It is asked over a socket of its own machine.
    #[error("--daemon {0} works only on this machine")]
    Elsewhere(DaemonChoice),
    /// It is not a host's name.
    #[error("{0}: {1}")]
    IllFormed(String, HostError),
    /// The host has no address.
    #[error("{0}: {1}")]
    Unknown(String, NameError),
}

/// What was looked for, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// In words.
    Said(String),
    /// A daemon that answered.
    Answered(Box<Health>),
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    cause: Cause,
    findings: Vec<Finding>,
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, findings: Vec::new() }
    }
}

impl Failure {
    /// The same, with what was looked for.
    #[must_use]
    pub fn after(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }

    /// What went wrong.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Its kind, from which statuses and reports follow.
    pub fn kind(&self) -> FaultCause {
        match &self.cause {
            Cause::TimedOut => FaultCause::TimedOut,
            Cause::Nobody | Cause::Connect(_) => FaultCause::Network,
            Cause::Invalid(..) => FaultCause::Malformed,
            Cause::Several | Cause::Elsewhere(_) => FaultCause::Unusable,
            Cause::IllFormed(..) | Cause::Unknown(..) => FaultCause::NoHost,
        }
    }

    /// What was looked for, and what became of it.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What becomes of the daemon that speaks mode 6 in a line about those that were looked for.
    pub(super) fn of_ntpd(&self) -> Finding {
        let cause = self.cause.to_string();
        let reported = match self.cause {
            Cause::TimedOut => "no answer",
            Cause::Nobody => "nobody listens",
            _ => cause.lines().last().unwrap_or_default(),
        };
        Finding::Said(format!("ntpd: {reported} (UDP port {NTP_PORT})"))
    }
}
