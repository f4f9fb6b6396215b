//! Which replies count, and how.

/// Rules of older clients that deviate from RFC 5905 and from good sense. The default follows none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the rules are independent")]
pub struct Rules {
    /// A duplicate reply is another sample, even from a server that is complete.
    pub copies_count: bool,
    /// A reply that is not authentic counts against its server, and its kiss code is obeyed.
    pub forgeries_count: bool,
    /// A reply with stratum 16 does not count.
    pub stratum_16_is_no_answer: bool,
    /// A server is still asked after the kiss codes DENY and RSTR.
    pub refusals_are_answers: bool,
    /// Timestamps are compared as numbers, even across the end of an era.
    pub one_era: bool,
    /// Delivery errors are ignored.
    pub errors_are_ignored: bool,
    /// A server that answers a multicast is asked again by itself, and its answer is not a sample.
    pub groups_are_asked_anew: bool,
}
