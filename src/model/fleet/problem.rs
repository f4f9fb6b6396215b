//! What can be wrong with a host.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot be known.
    Unknown,
    /// Somebody should look.
    Warning,
    /// Somebody must.
    Critical,
}

impl Severity {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The kinds of problems, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its clock disagrees with the fleet's majority.
    Disagrees,
    /// It is not synchronised.
    Unsynchronized,
    /// Its offset is outside the range.
    Offset,
    /// Its name has no address.
    NoAddress,
    /// Nobody listens there, or no way leads there.
    Unreachable,
    /// Nothing came from it.
    Silent,
    /// What came from it answers nothing.
    Unusable,
    /// It refuses to give this client the time.
    Refused,
    /// It limits the rate of this client.
    RateLimited,
    /// Its time is not to be used.
    Unfit,
    /// What its daemon reports is not what it serves.
    Contradicts,
    /// Its bound is outside the range.
    Bound,
    /// Its stratum is outside the range.
    Stratum,
    /// Its number of usable sources is outside the range.
    Sources,
    /// It answers no queries of the protocol that was asked for.
    NoQueries,
    /// A figure with a range is not known.
    Unmeasured,
    /// There was an interrupt before it answered.
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

    /// The word for programs.
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

    /// The words for people.
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

    /// Whether nothing is known of a host for this reason.
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Self::NoAddress | Self::Unreachable | Self::Silent | Self::Unusable | Self::Interrupted
        )
    }
}

/// What is wrong with a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Of which kind it is.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// What else there is to say; may be empty.
    pub text: String,
}

impl Problem {
    /// A problem.
    pub fn new(cause: Cause, severity: Severity, text: impl Into<String>) -> Self {
        Self { cause, severity, text: text.into() }
    }

    /// Its place among problems: the worst first.
    pub(super) fn rank(&self) -> (std::cmp::Reverse<Severity>, Cause) {
        (std::cmp::Reverse(self.severity), self.cause)
    }
}
