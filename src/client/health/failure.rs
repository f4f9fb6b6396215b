//! Why the health of a daemon is unknown.

use crate::client::choice::DaemonChoice;
use crate::client::system_error::SystemError;
use crate::model::health::Health;
use crate::model::report::FaultCause;
use crate::net::host::HostError;
use crate::net::names::NameError;

/// What went wrong, in the words of 4.2.8p15 where it has any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No answer in time.
    #[error("timeout")]
    TimedOut,
    /// The port is closed.
    #[error("Unable to talk to NTP daemon. Is it running?")]
    Nobody,
    /// No socket could be opened.
    #[error("On connect: {0}\nunable to connect to socket")]
    Connect(SystemError),
    /// The reply begins with these octets and is invalid.
    #[error("status word is 0x{0:02x}{1:02x}\nreturn data appears to be invalid based on status word")]
    Invalid(u8, u8),
    /// Several daemons answer, and it is unknown which of them sets the clock.
    #[error("more than one NTP daemon answers")]
    Several,
    /// The daemon can only be queried through a socket on its own machine.
    #[error("--daemon {0} works only on this machine")]
    Elsewhere(DaemonChoice),
    /// The host argument is malformed.
    #[error("{0}: {1}")]
    IllFormed(String, HostError),
    /// The host has no address.
    #[error("{0}: {1}")]
    Unknown(String, NameError),
}

/// A daemon that was looked for, and the result.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A description.
    Said(String),
    /// A daemon that answered.
    Answered(Box<Health>),
}

/// Why the health is unknown.
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
    /// Adds what was looked for.
    #[must_use]
    pub fn after(self, findings: Vec<Finding>) -> Self {
        Self { findings, ..self }
    }

    /// Returns what went wrong.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The kind, which determines exit status and reports.
    pub fn kind(&self) -> FaultCause {
        match &self.cause {
            Cause::TimedOut => FaultCause::TimedOut,
            Cause::Nobody | Cause::Connect(_) => FaultCause::Network,
            Cause::Invalid(..) => FaultCause::Malformed,
            Cause::Several | Cause::Elsewhere(_) => FaultCause::Unusable,
            Cause::IllFormed(..) | Cause::Unknown(..) => FaultCause::NoHost,
        }
    }

    /// What was looked for, and the results.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Describes the mode 6 daemon that was asked at this port in a line of the findings.
    pub(super) fn of_ntpd(&self, port: u16) -> Finding {
        let cause = self.cause.to_string();
        let reported = match self.cause {
            Cause::TimedOut => "no answer",
            Cause::Nobody => "not listening",
            _ => cause.lines().last().unwrap_or_default(),
        };
        Finding::Said(format!("ntpd: {reported} (UDP port {port})"))
    }
}
