//! The status words of control messages (RFC 9327 section 3).
//!
//! The numbers stay as received; the texts are those of the classic query program.

use std::borrow::Cow;

/// The system status word (RFC 9327 section 3.1): leap indicator, clock source, event count and code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SystemStatusWord(pub u16);

impl SystemStatusWord {
    /// The leap indicator, 0 to 3.
    pub fn leap(self) -> u8 {
        bits(self.0, 14, 0x3)
    }

    /// The number of the clock source, 0 to 63.
    pub fn source(self) -> u8 {
        bits(self.0, 8, 0x3f)
    }

    /// The number of events since the last time this word was read, 15 at most.
    pub fn event_count(self) -> u8 {
        bits(self.0, 4, 0xf)
    }

    /// The number of the latest event, 0 to 15.
    pub fn event(self) -> u8 {
        bits(self.0, 0, 0xf)
    }

    /// The name of the leap indicator.
    pub fn leap_name(self) -> &'static str {
        name(&["leap_none", "leap_add_sec", "leap_del_sec", "leap_alarm"], self.leap())
    }

    /// The name of the clock source.
    pub fn source_name(self) -> Cow<'static, str> {
        numbered_name(&SOURCES, self.source(), "sync")
    }

    /// The name of the latest event.
    pub fn event_name(self) -> &'static str {
        name(&SYSTEM_EVENTS, self.event())
    }

    /// Describes the whole word: `leap_none, sync_ntp, 1 event, clock_sync`.
    pub fn description(self) -> String {
        let events = events(self.event_count());
        format!("{}, {}, {events}, {}", self.leap_name(), self.source_name(), self.event_name())
    }
}

/// The result of the selection algorithms for an association (RFC 9327 section 3.2, "SEL").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Selection {
    /// Rejected as invalid.
    Reject,
    /// Discarded by the intersection algorithm.
    FalseTicker,
    /// Discarded by the table overflow.
    Excess,
    /// Discarded by the cluster algorithm.
    Outlier,
    /// Included by the combine algorithm.
    Candidate,
    /// A backup for more survivors than needed.
    Backup,
    /// The system peer.
    SystemPeer,
    /// The peer of the pulse-per-second signal.
    PpsPeer,
}

impl Selection {
    /// All of them, by number.
    pub const ALL: [Self; 8] = [
        Self::Reject,
        Self::FalseTicker,
        Self::Excess,
        Self::Outlier,
        Self::Candidate,
        Self::Backup,
        Self::SystemPeer,
        Self::PpsPeer,
    ];

    /// The name in the association list; preceded by `sel_`, the one in the status text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::FalseTicker => "falsetick",
            Self::Excess => "excess",
            Self::Outlier => "outlier",
            Self::Candidate => "candidate",
            Self::Backup => "backup",
            Self::SystemPeer => "sys.peer",
            Self::PpsPeer => "pps.peer",
        }
    }

    /// The tally code before a peer's row.
    pub fn tally(self) -> char {
        match self {
            Self::Reject => ' ',
            Self::FalseTicker => 'x',
            Self::Excess => '.',
            Self::Outlier => '-',
            Self::Candidate => '+',
            Self::Backup => '#',
            Self::SystemPeer => '*',
            Self::PpsPeer => 'o',
        }
    }
}

/// The peer status word (RFC 9327 section 3.2): flags, selection, event count and code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PeerStatusWord(pub u16);

impl PeerStatusWord {
    /// Whether the association is configured rather than ephemeral.
    pub fn is_configured(self) -> bool {
        self.0 & 0x8000 != 0
    }

    /// Whether authentication is required.
    pub fn is_authentication_enabled(self) -> bool {
        self.0 & 0x4000 != 0
    }

    /// Whether the latest packet was authentic.
    pub fn is_authentic(self) -> bool {
        self.0 & 0x2000 != 0
    }

    /// Whether the peer answered recently.
    pub fn is_reachable(self) -> bool {
        self.0 & 0x1000 != 0
    }

    /// Whether this is a broadcast association.
    pub fn is_broadcast(self) -> bool {
        self.0 & 0x0800 != 0
    }

    /// The result of the selection algorithms.
    pub fn selection(self) -> Selection {
        Selection::ALL.get(usize::from(bits(self.0, 8, 0x7))).copied().unwrap_or(Selection::Reject)
    }

    /// The number of events since the last time this word was read, 15 at most.
    pub fn event_count(self) -> u8 {
        bits(self.0, 4, 0xf)
    }

    /// The number of the latest event, 0 to 15.
    pub fn event(self) -> u8 {
        bits(self.0, 0, 0xf)
    }

    /// The name of the latest event; empty for 0.
    pub fn event_name(self) -> &'static str {
        name(&PEER_EVENTS, self.event())
    }

    /// The name of the latest event in the association list, which differs for one event.
    pub fn listed_event_name(self) -> &'static str {
        match self.event() {
            11 => "clock_alarm",
            _ => self.event_name(),
        }
    }

    /// The tally code before a peer's row, for a daemon that speaks this version of NTP.
    pub fn tally(self, version: u8) -> char {
        if version > 1 {
            return self.selection().tally();
        }
        match bits(self.0, 8, 0x3) {
            0 => ' ',
            1 => '.',
            2 => '+',
            _ => '*',
        }
    }

    /// The condition in the association list, for a daemon that speaks this version of NTP: version 1 had two bits for
    /// the selection, and two for why a peer is unfit.
    pub fn condition(self, version: u8) -> &'static str {
        if version > 1 {
            return self.selection().name();
        }
        match bits(self.0, 8, 0x3) {
            0 if self.0 & 0x0800 == 0 => "insane",
            0 if self.0 & 0x0400 == 0 => "hi_disp",
            0 => "",
            1 => "sel_cand",
            2 => "sync_cand",
            _ => "sys_peer",
        }
    }

    /// Describes the whole word: `conf, reach, sel_sys.peer, 1 event, sys_peer`.
    ///
    /// If no flag is set, the text begins with the comma, as in the classic program.
    pub fn description(self) -> String {
        let flags = [
            (self.is_configured(), "conf"),
            (self.is_authentication_enabled(), "authenb"),
            (self.is_authentic(), "auth"),
            (self.is_reachable(), "reach"),
            (self.is_broadcast(), "bcast"),
        ];
        let set: Vec<_> = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        let mut text =
            format!("{}, sel_{}, {}", set.join(", "), self.selection().name(), events(self.event_count()));
        if self.event() != 0 {
            text.push_str(", ");
            text.push_str(self.event_name());
        }
        text
    }
}

/// The clock status word (RFC 9327 section 3.3): event count and code of a reference clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClockStatusWord(pub u16);

impl ClockStatusWord {
    /// The number of events since the last time this word was read, 15 at most.
    pub fn event_count(self) -> u8 {
        bits(self.0, 4, 0xf)
    }

    /// The number of the clock's state, 0 to 15.
    pub fn code(self) -> u8 {
        bits(self.0, 0, 0xf)
    }

    /// The name of the clock's state.
    pub fn code_name(self) -> Cow<'static, str> {
        numbered_name(&CLOCK_CODES, self.code(), "clk")
    }

    /// Describes the whole word: `1 event, clk_no_reply`.
    pub fn description(self) -> String {
        format!("{}, {}", events(self.event_count()), self.code_name())
    }
}

/// A status word; its kind depends on what the reply is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusWord {
    /// Of the daemon itself.
    System(SystemStatusWord),
    /// Of an association.
    Peer(PeerStatusWord),
    /// Of a reference clock.
    Clock(ClockStatusWord),
}

impl StatusWord {
    /// The word as received.
    pub fn bits(self) -> u16 {
        match self {
            Self::System(word) => word.0,
            Self::Peer(word) => word.0,
            Self::Clock(word) => word.0,
        }
    }

    /// Describes the whole word.
    pub fn description(self) -> String {
        match self {
            Self::System(word) => word.description(),
            Self::Peer(word) => word.description(),
            Self::Clock(word) => word.description(),
        }
    }
}

const SOURCES: [&str; 10] = [
    "sync_unspec",
    "sync_pps",
    "sync_lf_radio",
    "sync_hf_radio",
    "sync_uhf_radio",
    "sync_local",
    "sync_ntp",
    "sync_other",
    "sync_wristwatch",
    "sync_telephone",
];

const SYSTEM_EVENTS: [&str; 16] = [
    "unspecified",
    "freq_not_set",
    "freq_set",
    "spike_detect",
    "freq_mode",
    "clock_sync",
    "restart",
    "panic_stop",
    "no_sys_peer",
    "leap_armed",
    "leap_disarmed",
    "leap_event",
    "clock_step",
    "kern",
    "TAI",
    "stale_leapsecond_values",
];

const PEER_EVENTS: [&str; 16] = [
    "",
    "mobilize",
    "demobilize",
    "unreachable",
    "reachable",
    "restart",
    "no_reply",
    "rate_exceeded",
    "access_denied",
    "leap_armed",
    "sys_peer",
    "clock_event",
    "bad_auth",
    "popcorn",
    "interleave_mode",
    "interleave_error",
];

const CLOCK_CODES: [&str; 7] = [
    "clk_unspec",
    "clk_no_reply",
    "clk_bad_format",
    "clk_fault",
    "clk_bad_signal",
    "clk_bad_date",
    "clk_bad_time",
];

fn bits(word: u16, shift: u32, mask: u16) -> u8 {
    let [_, low] = (word >> shift & mask).to_be_bytes();
    low
}

fn name(names: &[&'static str], number: u8) -> &'static str {
    names.get(usize::from(number)).copied().unwrap_or_default()
}

/// Returns the name by number, or `prefix_number` for unknown numbers.
fn numbered_name(names: &[&'static str], number: u8, prefix: &str) -> Cow<'static, str> {
    match names.get(usize::from(number)) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("{prefix}_{number}")),
    }
}

fn events(count: u8) -> Cow<'static, str> {
    match count {
        0 => "no events".into(),
        1 => "1 event".into(),
        _ => format!("{count} events").into(),
    }
}

#[cfg(test)]
mod tests;
