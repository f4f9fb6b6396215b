//! The single thread that queries all targets.

use crate::client::admission::Admission;
use crate::client::look::By;
use crate::client::probe::{Doors, Probe, Probed};
use crate::compact::{Receiver, Sender, channel};
use crate::net::epoll::{Epoll, Waker};
use crate::net::host::Host;
use crate::net::many::{Limits, Names, Supply, run_supplied};
use crate::net::names::NameService;
use crate::net::sockets::Sockets;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::TryRecvError;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// The maximum number of probes in progress.
const AT_ONCE: usize = 256;
/// The maximum number of probes in progress or queued.
const MAX_PENDING: usize = 2048;
/// The number of sockets of a probe.
const SOCKETS: usize = 2;
/// The timeout for name lookups.
const NAMES_PATIENCE: Duration = Duration::from_secs(5);
/// The stack size of a thread that keeps its state on the heap.
const STACK: usize = 512 << 10;

struct Task {
    probe: Probe<Sockets>,
    reply: oneshot::Sender<Probed>,
}

/// Queries any number of targets at once.
pub struct Prober {
    sender: Sender<Task>,
    waker: Waker,
    pending: Arc<AtomicUsize>,
    admission: Admission,
}

impl Prober {
    /// Starts the thread. Only allowed addresses are queried.
    ///
    /// # Errors
    /// The system has no descriptors or threads left.
    pub fn start(admission: Admission) -> io::Result<Self> {
        let mut network = Epoll::new(None)?;
        let waker = network.waker()?;
        let (sender, tasks) = channel();
        let pending = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&pending);
        let (names, work) = (waker.clone(), move |names| work(network, names, &tasks, &count));
        thread::Builder::new().name("prober".into()).stack_size(STACK).spawn(move || work(names))?;
        Ok(Self { sender, waker, pending, admission })
    }

    /// Queries a target; `None` if there are too many others.
    pub fn ask(&self, target: &Host, by: By, patience: Duration) -> Option<oneshot::Receiver<Probed>> {
        if self.pending.load(Ordering::Relaxed) >= MAX_PENDING {
            return None;
        }
        self.pending.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let doors = Doors { look: |_| Sockets::stamped_by_address(), ask: Sockets::open };
        let probe = Probe::new(target, by, patience, self.admission.clone(), doors);
        self.sender.send(Task { probe, reply }).ok()?;
        self.waker.wake();
        Some(answer)
    }
}

fn work(network: Epoll, waker: Waker, tasks: &Receiver<Task>, pending: &AtomicUsize) {
    let service = Names::new(Arc::new(NameService::system(NAMES_PATIENCE)), waker);
    let limits = Limits { in_order: false, ..Limits::of_system(AT_ONCE, SOCKETS) };
    let replies: RefCell<HashMap<usize, oneshot::Sender<Probed>>> = RefCell::new(HashMap::new());
    let mut taken = 0;
    let mut supply = || match tasks.try_recv() {
        Ok(Task { probe, reply }) => {
            // Indices are assigned in the order in which jobs are taken.
            replies.borrow_mut().insert(taken, reply);
            taken += 1;
            Supply::Job(probe)
        }
        Err(TryRecvError::Empty) => Supply::Later,
        Err(TryRecvError::Disconnected) => Supply::End,
    };
    let mut deliver = |place: usize, probed| {
        pending.fetch_sub(1, Ordering::Relaxed);
        if let Some(reply) = replies.borrow_mut().remove(&place) {
            // The client may be gone.
            drop(reply.send(probed));
        }
        ControlFlow::Continue(())
    };
    // The thread ends when all senders are gone or the kernel cannot wait; then pending requests get no answer.
    drop(run_supplied(network, service, limits, &mut supply, &mut deliver));
}
