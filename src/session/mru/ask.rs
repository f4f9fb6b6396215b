//! One request for rows, from its first transmission to its reply.

use super::segment::{Mark, Segment};
use crate::session::reassembly::Reassembly;
use crate::session::round_trip::RoundTrip;
use crate::wire::control::DATA_LIMIT;
use std::time::Duration;

/// Maximum number of fragments to request per reply; daemons reject more.
const MAX_FRAGMENTS: u16 = 128;
/// Fragments that a reply may have beyond those requested.
const SPARE_FRAGMENTS: usize = 8;
/// Approximate octets per row, and before the first row.
const ROW_LENGTH: usize = 150;
const PREAMBLE: usize = 130;
/// The shortest pause after a fragment that counts as the end of a reply whose end has not arrived.
const PAUSE: Duration = Duration::from_millis(15);
/// Reordered fragments arrive within this time.
const SHORTEST_DISORDER: Duration = Duration::from_millis(2);
const LONGEST_DISORDER: Duration = Duration::from_millis(50);
/// The longest pause between two sendings of a request.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Maximum number of transmissions of one request that await replies.
const SENDINGS: usize = 4;

/// Limit on the reply to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// This many fragments.
    Fragments(u16),
    /// This many rows, for daemons that do not know the other limit.
    Rows(u16),
}

impl Capacity {
    /// The most that daemons allow.
    pub const LARGEST: Self = Self::Fragments(MAX_FRAGMENTS);

    /// What to try after a daemon rejected this.
    pub fn smaller(self) -> Option<Self> {
        match self {
            Self::Fragments(fragments) if fragments > 32 => Some(Self::Fragments(32)),
            Self::Fragments(_) => Some(Self::Rows(96)),
            Self::Rows(rows) if rows > 3 => Some(Self::Rows(rows / 2)),
            Self::Rows(_) => None,
        }
    }

    /// Half as much, for a path that loses a large part of each reply.
    pub fn halved(self) -> Self {
        match self {
            Self::Fragments(fragments) => Self::Fragments((fragments / 2).max(16)),
            Self::Rows(rows) => Self::Rows((rows / 2).max(4)),
        }
    }

    /// Twice as much, up to what the daemon has been seen to allow.
    pub fn doubled(self, largest: Self) -> Self {
        match (self, largest) {
            (Self::Fragments(fragments), Self::Fragments(most)) => Self::Fragments((fragments * 2).min(most)),
            (Self::Rows(rows), Self::Rows(most)) => Self::Rows((rows * 2).min(most)),
            _ => largest,
        }
    }

    /// The parameters of a request for all rows, or for only `rows`. (A limit of one row means something else: the row
    /// to continue from.)
    pub fn text(self, rows: Option<u32>) -> String {
        match (self, rows) {
            (Self::Fragments(fragments), None) => format!(", frags={fragments}"),
            (Self::Fragments(fragments), Some(rows)) => format!(", frags={fragments}, limit={}", rows.max(2)),
            (Self::Rows(limit), rows) => {
                format!(", limit={}", rows.map_or(limit.into(), |rows| rows.max(2).min(limit.into())))
            }
        }
    }

    /// The approximate number of fragments in the reply.
    pub fn fragments(self, rows: Option<u32>) -> usize {
        let rows = rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
        // The daemon's own constants.
        let of_rows =
            |rows: usize| rows.saturating_mul(ROW_LENGTH).saturating_add(PREAMBLE).div_ceil(DATA_LIMIT);
        match self {
            Self::Fragments(fragments) => rows.map_or(usize::MAX, of_rows).min(fragments.into()),
            Self::Rows(limit) => of_rows(rows.unwrap_or(usize::MAX).min(limit.into())),
        }
    }
}

/// The flow of replies. A daemon writes them one after the other, in order of the requests.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// The path's round trip.
    pub round_trip: RoundTrip,
    /// When a fragment of any reply last arrived.
    pub last_heard: Duration,
    /// For the latest transmission whose reply has begun to arrive: when it was sent, and when the reply began.
    pub latest_answered: Option<(Duration, Duration)>,
}

impl Flow {
    /// When the reply to something sent after `sent` began to arrive, if one did.
    fn overtaken(&self, sent: Duration) -> Option<Duration> {
        self.latest_answered.filter(|(later, _)| *later > sent).map(|(_, heard)| heard)
    }

    /// How long reordered fragments may take.
    fn disorder(&self) -> Duration {
        (self.round_trip.smoothed().unwrap_or_default() / 4).clamp(SHORTEST_DISORDER, LONGEST_DISORDER)
    }
}

/// One request.
#[derive(Debug)]
pub struct Ask {
    /// The part of the list that it reads.
    pub segment: Segment,
    /// The limit on the reply.
    pub capacity: Capacity,
    /// The approximate number of fragments in the reply.
    pub fragments: usize,
    /// The rows it named to continue from.
    pub priors: Vec<Mark>,
    sendings: Vec<Sending>,
    attempts: u32,
    hurried: bool,
}

/// One transmission of a request, and what has arrived of its reply.
#[derive(Debug)]
pub struct Sending {
    /// Its sequence number.
    pub sequence: u16,
    /// When it was sent.
    pub at: Duration,
    /// The reply.
    pub reply: Reassembly,
    /// When the first and the latest fragment arrived.
    pub heard: Option<(Duration, Duration)>,
}

impl Sending {
    /// Creates a transmission whose reply may have this many fragments.
    pub fn new(sequence: u16, at: Duration, limit: usize) -> Self {
        let reply = Reassembly::new(limit, limit.saturating_mul(DATA_LIMIT).min(1 << 16));
        Self { sequence, at, reply, heard: None }
    }
}

impl Ask {
    /// Creates a request that has not been sent yet.
    pub fn new(segment: Segment, capacity: Capacity) -> Self {
        let fragments = capacity.fragments(segment.rows);
        Self {
            segment,
            capacity,
            fragments,
            priors: Vec::new(),
            sendings: Vec::new(),
            attempts: 0,
            hurried: false,
        }
    }

    /// The maximum number of fragments of a reply.
    pub fn most_fragments(&self) -> usize {
        let most = match self.capacity {
            Capacity::Fragments(fragments) => usize::from(fragments),
            // Every row may have the maximum length.
            Capacity::Rows(rows) => usize::from(rows),
        };
        // For a limited number of rows, as if each had its own fragment.
        let rows = self.segment.rows.map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
        most.min(rows) + SPARE_FRAGMENTS
    }

    /// Records a transmission; returns the sequence numbers of those no longer waited for.
    pub fn sent(&mut self, sending: Sending) -> Vec<u16> {
        self.hurried = false;
        self.attempts += 1;
        self.sendings.push(sending);
        let many = self.sendings.len().saturating_sub(SENDINGS);
        self.sendings.drain(..many).map(|sending| sending.sequence).collect()
    }

    /// Allows resending it at once if no part of a reply has arrived.
    pub fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Whether a transmission has this sequence number.
    pub fn has(&self, sequence: u16) -> bool {
        self.sendings.iter().any(|sending| sending.sequence == sequence)
    }

    /// Returns the transmission with this sequence number.
    pub fn sending(&mut self, sequence: u16) -> Option<&mut Sending> {
        self.sendings.iter_mut().find(|sending| sending.sequence == sequence)
    }

    /// Returns the sequence numbers still waited for.
    pub fn sequences(&self) -> impl Iterator<Item = u16> {
        self.sendings.iter().map(|sending| sending.sequence)
    }

    /// Returns the segment and the transmission with the most complete reply.
    pub fn into_best(self) -> Option<(Segment, Vec<Mark>, Sending)> {
        let best = self.sendings.into_iter().max_by_key(|sending| sending.reply.octets())?;
        Some((self.segment, self.priors, best))
    }

    /// When to resend the request if nothing arrives. While other replies arrive, the daemon is still busy with them,
    /// unless they answer later requests: then this one was lost. Without any reply it is resent soon at first, then at
    /// growing intervals.
    pub fn resend_at(&self, flow: &Flow) -> Duration {
        let Some(last) = self.sendings.last() else { return Duration::ZERO };
        if self.heard().is_some() {
            return Duration::MAX;
        }
        if self.hurried {
            return last.at;
        }
        if let Some(heard) = flow.overtaken(last.at) {
            return heard + flow.disorder();
        }
        let base = flow.round_trip.wait(0);
        let wait = match self.attempts {
            0..=3 => flow.round_trip.wait(self.attempts.saturating_sub(1)),
            more => base.saturating_mul(1 << (more - 3).min(16)),
        };
        (last.at + wait.min(LONGEST_WAIT.max(base))).max(flow.last_heard + base)
    }

    /// When to stop waiting for the rest of the reply.
    pub fn reply_deadline(&self, flow: &Flow) -> Duration {
        let Some((sending, (first, last))) = self.heard() else { return Duration::MAX };
        let gaps = u32::try_from(sending.reply.fragments().saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let pace = last.saturating_sub(first) / gaps;
        if let Some(heard) = flow.overtaken(sending.at) {
            return heard.max(last) + flow.disorder().max(pace * 2);
        }
        if sending.reply.end_seen() {
            return last + flow.disorder().max(pace * 2);
        }
        // A busy daemon may pause for a while, and so may a busy reader.
        last + flow.round_trip.wait(0).max(PAUSE).max(pace * 8)
    }

    /// Returns the transmission whose fragment arrived last.
    fn heard(&self) -> Option<(&Sending, (Duration, Duration))> {
        self.sendings
            .iter()
            .filter_map(|sending| Some((sending, sending.heard?)))
            .max_by_key(|(_, (_, last))| *last)
    }
}
