//! Limits on parallel work.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The default number of parallel jobs.
pub const DEFAULT_JOBS: usize = 1000;
/// Descriptors other than those of conversations: standard streams, files, and the loop's own.
const OTHER_DESCRIPTORS: usize = 16;
/// Descriptors of name lookups.
const NAME_DESCRIPTORS: usize = 32;
/// The number of descriptors to request per parallel job, mostly for jobs that wait. Waiting for a silent host takes
/// seconds, so many silent hosts must be waited for at the same time.
const DESCRIPTORS_FOR_EACH: usize = 10;

/// Limits on parallel work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of jobs whose conversation is young; older ones are mostly waiting and do not delay others.
    pub jobs: usize,
    /// The maximum number of conversations of any age; each has at least one descriptor.
    pub conversations: usize,
    /// Whether outcomes are delivered in order of the jobs; otherwise as they arrive.
    pub in_order: bool,
}

/// How many jobs may run at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jobs {
    /// [`DEFAULT_JOBS`] young ones, and further ones while those are mostly waiting.
    #[default]
    Usual,
    /// At most this many, of any age.
    AtMost(usize),
}

impl Jobs {
    /// The maximum, if there is one.
    pub fn maximum(self) -> Option<usize> {
        match self {
            Self::Usual => None,
            Self::AtMost(most) => Some(most.max(1)),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { jobs: DEFAULT_JOBS, conversations: DEFAULT_JOBS * DESCRIPTORS_FOR_EACH, in_order: true }
    }
}

impl Limits {
    /// Limits for this many jobs with this many sockets each, as far as the system allows. Raises the process's limit on
    /// descriptors if necessary and possible.
    pub fn of_system(jobs: usize, sockets: usize) -> Self {
        Self::beside(OTHER_DESCRIPTORS + NAME_DESCRIPTORS, jobs, sockets)
    }

    /// The chosen limits, with this many sockets for each job, as far as the system allows.
    pub fn chosen(jobs: Jobs, sockets: usize) -> Self {
        Self::chosen_beside(OTHER_DESCRIPTORS + NAME_DESCRIPTORS, jobs, sockets)
    }

    /// The same without name lookups.
    pub fn chosen_without_names(jobs: Jobs, sockets: usize) -> Self {
        Self::chosen_beside(OTHER_DESCRIPTORS, jobs, sockets)
    }

    fn chosen_beside(others: usize, jobs: Jobs, sockets: usize) -> Self {
        let Some(most) = jobs.maximum() else { return Self::beside(others, DEFAULT_JOBS, sockets) };
        let conversations = conversations(others, most, sockets).min(most);
        Self { jobs: most, conversations, in_order: true }
    }

    fn beside(others: usize, jobs: usize, sockets: usize) -> Self {
        let jobs = jobs.max(1);
        let conversations = conversations(others, jobs.saturating_mul(DESCRIPTORS_FOR_EACH), sockets);
        Self { jobs, conversations, in_order: true }
    }
}

/// Requests descriptors for this many conversations with this many sockets each; returns how many are possible, at least one.
fn conversations(others: usize, wanted: usize, sockets: usize) -> usize {
    let sockets = sockets.max(1);
    let descriptors = descriptors(wanted.saturating_mul(sockets).saturating_add(others));
    (descriptors.saturating_sub(others) / sockets).max(1)
}

/// Requests this many descriptors; returns the number available to this process.
fn descriptors(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let most = hard.min(u64::try_from(wanted).unwrap_or(u64::MAX));
    let granted =
        if most > soft && setrlimit(Resource::RLIMIT_NOFILE, most, hard).is_ok() { most } else { soft };
    usize::try_from(granted).unwrap_or(usize::MAX).min(wanted)
}
