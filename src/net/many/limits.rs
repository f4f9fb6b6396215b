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

    /// The same without name lookups.
    pub fn without_names(jobs: usize, sockets: usize) -> Self {
        Self::beside(OTHER_DESCRIPTORS, jobs, sockets)
    }

    fn beside(others: usize, jobs: usize, sockets: usize) -> Self {
        let jobs = jobs.max(1);
        let wanted = (jobs * DESCRIPTORS_FOR_EACH).saturating_mul(sockets.max(1)) + others;
        let descriptors = descriptors(wanted).saturating_sub(others);
        Self { jobs, conversations: (descriptors / sockets.max(1)).max(1), in_order: true }
    }
}

/// Requests this many descriptors; returns the number available to this process.
fn descriptors(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let most = hard.min(u64::try_from(wanted).unwrap_or(u64::MAX));
    let granted =
        if most > soft && setrlimit(Resource::RLIMIT_NOFILE, most, hard).is_ok() { most } else { soft };
    usize::try_from(granted).unwrap_or(usize::MAX).min(wanted)
}
