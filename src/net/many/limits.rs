//! How much may be under way at once.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// How many jobs are under way at once unless told otherwise.
pub const DEFAULT_JOBS: usize = 1000;
/// Descriptors that are not for conversations: the standard streams, files, and those of the loop itself.
const OTHER_DESCRIPTORS: usize = 16;
/// Those of name look-ups.
const NAME_DESCRIPTORS: usize = 32;
/// For each job that may be under way, how many descriptors are asked of the system: most for those that wait. A silent host is
/// waited for for seconds, and what many silent hosts cost is the time from the first question to the last.
const DESCRIPTORS_FOR_EACH: usize = 10;

/// How much may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Jobs whose conversation has begun just now, less than 60 ms ago; one that lasts longer keeps no other from beginning.
    pub jobs: usize,
    /// Conversations of any age, each of which has at least one descriptor.
    pub conversations: usize,
    /// Whether outcomes are handed out in the order of the jobs; otherwise as they come.
    pub in_order: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { jobs: DEFAULT_JOBS, conversations: DEFAULT_JOBS * DESCRIPTORS_FOR_EACH, in_order: true }
    }
}

impl Limits {
    /// This many jobs, as far as the system allows when each of their conversations has this many sockets. The process' limit
    /// on descriptors is raised as far as it is needed and may be.
    pub fn of_system(jobs: usize, sockets: usize) -> Self {
        Self::beside(OTHER_DESCRIPTORS + NAME_DESCRIPTORS, jobs, sockets)
    }

    /// The same, where no names are looked up.
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

/// How many descriptors this process may have, after this many were asked for.
fn descriptors(wanted: usize) -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let most = hard.min(u64::try_from(wanted).unwrap_or(u64::MAX));
    let granted =
        if most > soft && setrlimit(Resource::RLIMIT_NOFILE, most, hard).is_ok() { most } else { soft };
    usize::try_from(granted).unwrap_or(usize::MAX).min(wanted)
}
