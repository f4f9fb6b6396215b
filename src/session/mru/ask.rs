//! One request for rows, from its first sending to its answer.

use super::walk::{Mark, Walk};
use crate::session::reassembly::Reassembly;
use crate::session::round_trip::RoundTrip;
use crate::wire::control::DATA_LIMIT;
use std::time::Duration;

/// The most fragments that one answer may be asked to have; daemons refuse more.
const MAX_FRAGMENTS: u16 = 128;
/// Beside what was asked for, an answer may have this many fragments more.
const SPARE_FRAGMENTS: usize = 8;
/// The octets of a row, about, and of what stands before the first.
const ROW_LENGTH: usize = 150;
const PREAMBLE: usize = 130;
/// The shortest pause after a fragment that counts as the end of an answer whose end has not come.
const PAUSE: Duration = Duration::from_millis(15);
/// Fragments that overtake each other do so within this.
const SHORTEST_DISORDER: Duration = Duration::from_millis(2);
const LONGEST_DISORDER: Duration = Duration::from_millis(50);
/// The longest pause between two sendings of a request.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Sendings of one request whose answers are waited for at the same time.
const SENDINGS: usize = 4;

/// How much the answer to one request may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// This many fragments.
    Fragments(u16),
    /// This many rows: for daemons that do not know the other limit.
    Rows(u16),
}

impl Capacity {
    /// As much as daemons allow.
    pub const LARGEST: Self = Self::Fragments(MAX_FRAGMENTS);

    /// What to try when a daemon does not take this.
    pub fn smaller(self) -> Option<Self> {
        match self {
            Self::Fragments(fragments) if fragments > 32 => Some(Self::Fragments(32)),
            Self::Fragments(_) => Some(Self::Rows(96)),
            Self::Rows(rows) if rows > 3 => Some(Self::Rows(rows / 2)),
            Self::Rows(_) => None,
        }
    }

    /// Half of it, for a path that loses a large part of each answer.
    pub fn halved(self) -> Self {
        match self {
            Self::Fragments(fragments) => Self::Fragments((fragments / 2).max(16)),
            Self::Rows(rows) => Self::Rows((rows / 2).max(4)),
        }
    }

    /// Twice that, within what the daemon was seen to allow.
    pub fn doubled(self, largest: Self) -> Self {
        match (self, largest) {
            (Self::Fragments(fragments), Self::Fragments(most)) => Self::Fragments((fragments * 2).min(most)),
            (Self::Rows(rows), Self::Rows(most)) => Self::Rows((rows * 2).min(most)),
            _ => largest,
        }
    }

    /// The parameters of the request, for all rows or only so many. (A limit of one row means something
    /// else: the row to continue from.)
    pub fn text(self, rows: Option<u32>) -> String {
        match (self, rows) {
            (Self::Fragments(fragments), None) => format!(", frags={fragments}"),
            (Self::Fragments(fragments), Some(rows)) => format!(", frags={fragments}, limit={}", rows.max(2)),
            (Self::Rows(limit), rows) => {
                format!(", limit={}", rows.map_or(limit.into(), |rows| rows.max(2).min(limit.into())))
            }
        }
    }

    /// How many fragments the answer will have, about.
    pub fn fragments(self, rows: Option<u32>) -> usize {
        let rows = rows.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX));
        // The numbers are the daemon's.
        let of_rows =
            |rows: usize| rows.saturating_mul(ROW_LENGTH).saturating_add(PREAMBLE).div_ceil(DATA_LIMIT);
        match self {
            Self::Fragments(fragments) => rows.map_or(usize::MAX, of_rows).min(fragments.into()),
            Self::Rows(limit) => of_rows(rows.unwrap_or(usize::MAX).min(limit.into())),
        }
    }
}

/// How the answers flow. A daemon writes one after the other, in the order of the requests.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// The path.
    pub round_trip: RoundTrip,
    /// When a fragment of any answer came last.
    pub last_heard: Duration,
    /// Of all sendings that an answer began to come to the latest one: when it was sent, and when that was.
    pub latest_answered: Option<(Duration, Duration)>,
}

impl Flow {
    /// When the answer to something later than what was sent at this instant began to come, if it did.
    fn overtaken(&self, sent: Duration) -> Option<Duration> {
        self.latest_answered.filter(|(later, _)| *later > sent).map(|(_, heard)| heard)
    }

    /// How much time fragments may need to come into their order.
    fn disorder(&self) -> Duration {
        (self.round_trip.smoothed().unwrap_or_default() / 4).clamp(SHORTEST_DISORDER, LONGEST_DISORDER)
    }
}

/// One request.
#[derive(Debug)]
pub struct Ask {
    /// The part of the list that it reads.
    pub walk: Walk,
    /// What the answer may hold.
    pub capacity: Capacity,
    /// How many fragments that will be, about.
    pub fragments: usize,
    /// The rows that it named to continue from.
    pub priors: Vec<Mark>,
    sendings: Vec<Sending>,
    attempts: u32,
    hurried: bool,
}

/// One sending of a request, and what of its answer is there.
#[derive(Debug)]
pub struct Sending {
    /// Its number.
    pub sequence: u16,
    /// When it was sent.
    pub at: Duration,
    /// The answer.
    pub reply: Reassembly,
    /// When the first and the last fragment so far came.
    pub heard: Option<(Duration, Duration)>,
}

impl Sending {
    /// A sending that was not answered yet; the answer may have this many fragments.
    pub fn new(sequence: u16, at: Duration, limit: usize) -> Self {
        let reply = Reassembly::new(limit, limit.saturating_mul(DATA_LIMIT).min(1 << 16));
        Self { sequence, at, reply, heard: None }
    }
}

impl Ask {
    /// A request that was not sent yet.
    pub fn new(walk: Walk, capacity: Capacity) -> Self {
        let fragments = capacity.fragments(walk.rows);
        Self {
            walk,
            capacity,
            fragments,
            priors: Vec::new(),
            sendings: Vec::new(),
            attempts: 0,
            hurried: false,
        }
    }

    /// The most fragments that an answer may have.
    pub fn most_fragments(&self) -> usize {
        let most = match self.capacity {
            Capacity::Fragments(fragments) => usize::from(fragments),
            // A list may hold the longest rows only.
            Capacity::Rows(rows) => usize::from(rows),
        };
        // Of a few rows as many as if each had a fragment of its own.
        let rows = self.walk.rows.map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
        most.min(rows) + SPARE_FRAGMENTS
    }

    /// Notes a sending; gives the numbers of those that are not waited for any more.
    pub fn sent(&mut self, sending: Sending) -> Vec<u16> {
        self.hurried = false;
        self.attempts += 1;
        self.sendings.push(sending);
        let many = self.sendings.len().saturating_sub(SENDINGS);
        self.sendings.drain(..many).map(|sending| sending.sequence).collect()
    }

    /// Lets it be sent again at once, if no part of an answer is there.
    pub fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Whether one of its sendings has this number.
    pub fn has(&self, sequence: u16) -> bool {
        self.sendings.iter().any(|sending| sending.sequence == sequence)
    }

    /// The sending of this number.
    pub fn sending(&mut self, sequence: u16) -> Option<&mut Sending> {
        self.sendings.iter_mut().find(|sending| sending.sequence == sequence)
    }

    /// The numbers of all sendings that are waited for.
    pub fn sequences(&self) -> impl Iterator<Item = u16> {
        self.sendings.iter().map(|sending| sending.sequence)
    }

    /// The sending with the most of an answer, and the walk.
    pub fn into_best(self) -> Option<(Walk, Vec<Mark>, Sending)> {
        let best = self.sendings.into_iter().max_by_key(|sending| sending.reply.octets())?;
        Some((self.walk, self.priors, best))
    }

    /// When it is sent again, if nothing comes. As long as other answers come the daemon is still busy with
    /// them, unless they answer what was asked later: then this one was lost. Without any answer it is sent
    /// again soon at first, then ever later.
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

    /// When what has come of the answer counts as all that will come of it.
    pub fn settle_at(&self, flow: &Flow) -> Duration {
        let Some((sending, (first, last))) = self.heard() else { return Duration::MAX };
        let gaps = u32::try_from(sending.reply.fragments().saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let pace = last.saturating_sub(first) / gaps;
        if let Some(heard) = flow.overtaken(sending.at) {
            return heard.max(last) + flow.disorder().max(pace * 2);
        }
        if sending.reply.end_seen() {
            return last + flow.disorder().max(pace * 2);
        }
        // A busy daemon may stop for a while, and so may a busy reader.
        last + flow.round_trip.wait(0).max(PAUSE).max(pace * 8)
    }

    /// The sending of which a fragment came last.
    fn heard(&self) -> Option<(&Sending, (Duration, Duration))> {
        self.sendings
            .iter()
            .filter_map(|sending| Some((sending, sending.heard?)))
            .max_by_key(|(_, (_, last))| *last)
    }
}
