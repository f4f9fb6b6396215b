//! Why a list is incomplete.

use crate::wire::control::ErrorCode;
use crate::wire::timestamp::NtpTimestamp;
use std::fmt;

/// Why a list is incomplete. Text from the network is kept verbatim; escape it before display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The reader stopped.
    Interrupted,
    /// No more replies arrived.
    TimedOut,
    /// The daemon refused.
    Refused(ErrorCode),
    /// The daemon does not know the rows to continue from, although none were given.
    NoPriors,
    /// The rows to continue from had moved, again and again.
    Restarts,
    /// Rows move faster than they can be read.
    TooFast,
    /// The daemon's replies contain nothing new.
    Stalled,
    /// There are more addresses than the limit.
    TooMany,
    /// With its filters, a request would be longer than a packet may be.
    RequestTooLong,
    /// `last.newest` without `now`.
    NewestBeforeNow(Vec<u8>),
    /// `last.newest` differs from the timestamp of the last row.
    NewestMismatch(Vec<u8>, NtpTimestamp),
    /// A row lacks fields; a bit mask of those it has.
    IncompleteRow(Vec<u8>, u8),
    /// `addr.older` before `last.older`.
    AddressBeforeLast(Vec<u8>),
    /// `addr.older` is not an address.
    AddressGarbled(Vec<u8>),
    /// `addr.older` is not among the rows to continue from.
    AddressUnknown(Vec<u8>),
    /// `last.older` is not a timestamp.
    LastGarbled(Vec<u8>),
    /// `last.older` differs from the timestamp of the row `addr.older`.
    LastMismatch(Vec<u8>, NtpTimestamp),
}

/// Uses the wording of the classic program where it has one.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let stamp = |stamp: &NtpTimestamp| format!("{:08x}.{:08x}", stamp.seconds(), stamp.fraction());
        match self {
            Self::Interrupted => formatter.write_str("interrupted"),
            Self::TimedOut => formatter.write_str("no more replies"),
            Self::Refused(ErrorCode(code)) => write!(formatter, "refused with code {code}"),
            Self::NoPriors => formatter.write_str("CERR_UNKNOWNVAR from ntpd but no priors given."),
            Self::Restarts => formatter.write_str(
                "Giving up after 8 restarts from the beginning.\n\
                 With high-traffic NTP servers, this can occur if the\n\
                 MRU list is limited to less than about 16 seconds' of\n\
                 entries.  See the 'mru' ntp.conf directive to adjust.",
            ),
            Self::TooFast => formatter.write_str("the list changes faster than it can be read"),
            Self::Stalled => formatter.write_str("the daemon's replies contain nothing new"),
            Self::TooMany => formatter.write_str("the list has too many addresses"),
            Self::RequestTooLong => formatter.write_str("the parameters do not fit into a request"),
            Self::NewestBeforeNow(newest) => write!(formatter, "last.newest {} before now=", text(newest)),
            Self::NewestMismatch(newest, held) => {
                write!(formatter, "last.newest {} mismatches {}", text(newest), stamp(held))
            }
            Self::IncompleteRow(newest, fields) if newest.is_empty() => {
                write!(formatter, "a row lacks fields, got = 0x{fields:x}")
            }
            Self::IncompleteRow(newest, fields) => {
                write!(formatter, "last.newest {} before complete row, got = 0x{fields:x}", text(newest))
            }
            Self::AddressBeforeLast(address) => {
                write!(formatter, "addr.older {} before last.older", text(address))
            }
            Self::AddressGarbled(address) => write!(formatter, "addr.older {} garbled", text(address)),
            Self::AddressUnknown(address) => {
                write!(formatter, "addr.older {} not in hash table", text(address))
            }
            Self::LastGarbled(last) => write!(formatter, "last.older {} garbled", text(last)),
            Self::LastMismatch(last, expected) => {
                write!(formatter, "last.older {} mismatches 0x{} expected.", text(last), stamp(expected))
            }
        }
    }
}
