//! Threads for calls that may block for long, such as the system's resolver.

use crate::net::signals::block_all;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Maximum number of threads per pool, and so of parallel lookups.
pub(super) const MAX_WORKERS: usize = 32;

/// Lookups need little; glibc's resolver stays below half of this.
const STACK_SIZE: usize = 256 << 10;

type Job = Box<dyn FnOnce() + Send>;

/// Up to [`MAX_WORKERS`] threads, each started when a job finds no idle one. Nothing ever waits for them: they end
/// with the process, or with the pool once their jobs are done.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    workers: usize,
    idle: usize,
    closed: bool,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), work: Condvar::new() }) }
    }

    /// Runs a job in a thread; returns false if there is none and none can be started.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) -> bool {
        let mut state = lock(&self.shared.state);
        if state.idle <= state.queue.len() && state.workers < MAX_WORKERS {
            let shared = Arc::clone(&self.shared);
            let thread = thread::Builder::new().name("names".into()).stack_size(STACK_SIZE);
            if thread
                .spawn(move || {
                    // Signals are for the threads that wait for them.
                    block_all();
                    shared.serve();
                })
                .is_ok()
            {
                state.workers += 1;
            } else if state.workers == 0 {
                return false;
            }
        }
        state.queue.push_back(Box::new(job));
        drop(state);
        self.shared.work.notify_one();
        true
    }

    /// How many threads were started.
    #[cfg(test)]
    pub(super) fn workers(&self) -> usize {
        lock(&self.shared.state).workers
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.state);
        state.closed = true;
        state.queue.clear();
        drop(state);
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn serve(&self) {
        let mut state = lock(&self.state);
        while !state.closed {
            if let Some(job) = state.queue.pop_front() {
                drop(state);
                job();
                state = lock(&self.state);
            } else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

/// Locks even a poisoned mutex: no critical section here leaves its state half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
