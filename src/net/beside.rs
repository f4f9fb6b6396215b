//! Work on threads beside the calling one. Where the system starts no more threads, the calling thread does all of it.

use crate::compact;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

/// Runs `beside` on a thread of its own while `here` runs; or before it, where there is no thread to be had. `None`
/// stands for the result of a thread that has panicked.
pub fn both<A: Send, B>(beside: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (Option<A>, B) {
    let work = Mutex::new(Some(beside));
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).take();
    let run = || take().map(|beside| beside());
    thread::scope(|scope| match Builder::new().spawn_scoped(scope, run) {
        Ok(thread) => {
            let here = here();
            (thread.join().ok().flatten(), here)
        }
        Err(_) => (run(), here()),
    })
}

/// Applies `work` to each item on at most this many threads, the calling one among them. The results are in order.
pub fn map<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            if Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    compact::sort_by_key(&mut done, |&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::current;

    #[test]
    fn two_pieces_of_work_have_two_threads() {
        let (beside, here) = both(|| current().id(), || current().id());
        assert!(beside.is_some_and(|beside| beside != here) && here == current().id());
    }

    #[test]
    fn results_are_in_order_whoever_worked_on_them() {
        let items: Vec<u32> = (0..100).collect();
        for threads in [0, 1, 3, 200] {
            let doubled = map(&items, threads, |item| {
                thread::yield_now();
                item * 2
            });
            assert!(doubled.iter().copied().eq((0..100).map(|item| item * 2)));
        }
        assert!(map(&items[..0], 4, |item| *item).is_empty());
    }
}
