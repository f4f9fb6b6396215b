//! A channel between threads: the standard library's for signals, with the items beside it.

use std::collections::VecDeque;
use std::sync::mpsc::{self, RecvError, RecvTimeoutError, SendError, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

type Queue<T> = Arc<Mutex<VecDeque<T>>>;

/// Creates a channel without a limit.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel();
    let queue = Queue::default();
    (Sender { signal: sender, queue: Arc::clone(&queue) }, Receiver { signal: receiver, rest: Rest(queue) })
}

/// Where items are put in.
#[derive(Debug)]
pub struct Sender<T> {
    signal: mpsc::Sender<()>,
    queue: Queue<T>,
}

/// Where they come out, in the same order.
#[derive(Debug)]
pub struct Receiver<T> {
    // Dropped first: from then on, senders know that nobody will take their items.
    signal: mpsc::Receiver<()>,
    rest: Rest<T>,
}

/// The items of a receiver, dropped with it.
#[derive(Debug)]
struct Rest<T>(Queue<T>);

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { signal: self.signal.clone(), queue: Arc::clone(&self.queue) }
    }
}

impl<T> Sender<T> {
    /// Puts an item in.
    ///
    /// # Errors
    /// The receiver is gone; so is the item.
    pub fn send(&self, item: T) -> Result<(), SendError<()>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(item);
        self.signal.send(()).inspect_err(|_| clear(&self.queue))
    }
}

impl<T> Receiver<T> {
    /// Waits for an item.
    ///
    /// # Errors
    /// There is none, and all senders are gone.
    pub fn recv(&self) -> Result<T, RecvError> {
        self.signal.recv()?;
        self.first().ok_or(RecvError)
    }

    /// Waits for an item, but no longer than this.
    ///
    /// # Errors
    /// There was none, or all senders are gone.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.signal.recv_timeout(timeout)?;
        self.first().ok_or(RecvTimeoutError::Disconnected)
    }

    /// Takes an item if there is one.
    ///
    /// # Errors
    /// There is none at the moment, or all senders are gone.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.signal.try_recv()?;
        self.first().ok_or(TryRecvError::Disconnected)
    }

    /// The item of a signal.
    fn first(&self) -> Option<T> {
        self.rest.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// The items, until all senders are gone.
impl<T> Iterator for Receiver<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.recv().ok()
    }
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        clear(&self.0);
    }
}

/// Drops all items, without the lock: an item may have a sender of the same channel.
fn clear<T>(queue: &Queue<T>) {
    let items = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
    drop(items);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn items_of_each_sender_arrive_in_order_until_all_are_gone() {
        let (sender, mut receiver) = channel();
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let sender = sender.clone();
                thread::spawn(move || {
                    for item in 0..100 {
                        sender.send((number, item)).unwrap();
                    }
                })
            })
            .collect();
        drop(sender);
        let mut found = [const { Vec::new() }; 4];
        for (number, item) in receiver.by_ref() {
            let of_sender: &mut Vec<i32> = &mut found[number];
            of_sender.push(item);
        }
        assert!(found.iter().all(|items| items.iter().copied().eq(0..100)), "{found:?}");
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn an_empty_channel_says_so() {
        let (sender, receiver) = channel();
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
        sender.send(5).unwrap();
        assert_eq!(receiver.recv_timeout(Duration::MAX), Ok(5));
        drop(sender);
        assert_eq!(receiver.recv(), Err(RecvError));
        assert_eq!(receiver.recv_timeout(Duration::MAX), Err(RecvTimeoutError::Disconnected));
    }

    /// A request in a queue that nobody reads any more would wait for its answer for ever.
    #[test]
    fn no_item_outlives_the_receiver() {
        let (sender, receiver) = channel();
        let item = Arc::new(());
        sender.send(Arc::clone(&item)).unwrap();
        assert_eq!(Arc::strong_count(&item), 2);
        drop(receiver);
        assert_eq!(Arc::strong_count(&item), 1);
        assert_eq!(sender.send(Arc::clone(&item)), Err(SendError(())));
        assert_eq!(Arc::strong_count(&item), 1);
    }
}
