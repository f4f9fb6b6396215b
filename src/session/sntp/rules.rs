//! What counts as an answer, and for how much.

/// Rules of older clients that differ from those of RFC 5905 and of good sense. By default none is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule by itself")]
pub struct Rules {
    /// A reply that comes again is another sample, even of a server that is complete.
    pub copies_count: bool,
    /// An answer that is not authentic counts against its server, and its kiss code is obeyed.
    pub forgeries_count: bool,
    /// Stratum 16 is not an answer.
    pub stratum_16_is_no_answer: bool,
    /// A server is asked on after the kiss codes DENY and RSTR.
    pub refusals_are_answers: bool,
    /// Stamps are compared as numbers, across the end of an era too.
    pub one_era: bool,
    /// Word that a request cannot arrive changes nothing.
    pub errors_are_ignored: bool,
    /// Whoever answers a multicast is asked anew, and that answer is not a sample.
    pub groups_are_asked_anew: bool,
}
