//! Problems of a host.

/// The severity of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot be determined.
    Unknown,
    /// It should be looked at.
    Warning,
    /// It must be fixed.
    Critical,
}

impl Severity {
    /// Returns its keyword for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The kinds of problems, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its clock disagrees with the fleet's majority.
    Disagrees,
    /// It is not synchronised.
    Unsynchronized,
    /// Its offset is out of range.
    Offset,
    /// Its name has no address.
    NoAddress,
    /// The port is closed, or there is no route.
    Unreachable,
    /// It sent nothing.
    Silent,
    /// It sent no valid reply.
    Unusable,
    /// It refuses to serve time to this client.
    Refused,
    /// It limits the rate of this client.
    RateLimited,
    /// Its time must not be used.
    Unfit,
    /// Its daemon's report differs from what it serves.
    Contradicts,
    /// Its maximum error is out of range.
    Bound,
    /// Its stratum is out of range.
    Stratum,
    /// Its number of usable sources is out of range.
    Sources,
    /// It answers no queries in the requested protocol.
    NoQueries,
    /// A value with a threshold is unknown.
    Unmeasured,
    /// An interrupt came before its answer.
    Interrupted,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Disagrees,
        Self::Unsynchronized,
        Self::Offset,
        Self::NoAddress,
        Self::Unreachable,
        Self::Silent,
        Self::Unusable,
        Self::Refused,
        Self::RateLimited,
        Self::Unfit,
        Self::Contradicts,
        Self::Bound,
        Self::Stratum,
        Self::Sources,
        Self::NoQueries,
        Self::Unmeasured,
        Self::Interrupted,
    ];

    /// Returns its keyword for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disagrees => "disagrees",
            Self::Unsynchronized => "unsynchronized",
            Self::Offset => "offset",
            Self::NoAddress => "no_address",
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Unusable => "unusable",
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
            Self::Unfit => "unfit",
            Self::Contradicts => "contradicts",
            Self::Bound => "bound",
            Self::Stratum => "stratum",
            Self::Sources => "sources",
            Self::NoQueries => "no_queries",
            Self::Unmeasured => "unmeasured",
            Self::Interrupted => "interrupted",
        }
    }

    /// Returns its description for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Disagrees => "clock disagrees with the majority",
            Self::Unsynchronized => "not synchronised",
            Self::Offset => "offset out of range",
            Self::NoAddress => "no address",
            Self::Unreachable => "unreachable",
            Self::Silent => "no answer",
            Self::Unusable => "no valid answer",
            Self::Refused => "refuses this client",
            Self::RateLimited => "limits this client's rate",
            Self::Unfit => "time not usable",
            Self::Contradicts => "reports other than it serves",
            Self::Bound => "error bound out of range",
            Self::Stratum => "stratum out of range",
            Self::Sources => "number of sources out of range",
            Self::NoQueries => "answers no queries",
            Self::Unmeasured => "figure unknown",
            Self::Interrupted => "not asked to the end",
        }
    }

    /// Whether it means that nothing is known about the host.
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Self::NoAddress | Self::Unreachable | Self::Silent | Self::Unusable | Self::Interrupted
        )
    }
}

/// A problem of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub cause: Cause,
    /// Its severity.
    pub severity: Severity,
    /// Further details; may be empty.
    pub text: String,
}

impl Problem {
    /// Creates a problem.
    pub fn new(cause: Cause, severity: Severity, text: impl Into<String>) -> Self {
        Self { cause, severity, text: text.into() }
    }

    /// Its sort key: the worst first.
    pub(super) fn rank(&self) -> (std::cmp::Reverse<Severity>, Cause) {
        (std::cmp::Reverse(self.severity), self.cause)
    }
}
