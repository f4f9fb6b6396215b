//! The thread that asks: one for all targets.

use crate::client::admission::Admission;
use crate::client::look::By;
use crate::client::probe::{Doors, Probe, Probed};
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
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// Probes under way at once.
const AT_ONCE: usize = 256;
/// Probes that are under way or wait for it, at most.
const MAX_PENDING: usize = 2048;
/// Sockets of one probe.
const SOCKETS: usize = 2;
/// How long the name service is waited for.
const NAMES_PATIENCE: Duration = Duration::from_secs(5);
/// What a thread needs that keeps all of its state elsewhere.
const STACK: usize = 512 << 10;

struct Task {
    probe: Probe<Sockets>,
    reply: oneshot::Sender<Probed>,
}

/// Asks targets, any number at the same time.
pub struct Prober {
    sender: Sender<Task>,
    waker: Waker,
    pending: Arc<AtomicUsize>,
    admission: Admission,
}

impl Prober {
    /// Begins. Only addresses that are admitted are asked.
    ///
    /// # Errors
    /// The system gives no descriptor or no thread.
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

    /// Asks a target; nothing if there are too many others.
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
            // Places are given in the order in which jobs are taken.
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
            // Nobody may wait for it any more.
            drop(reply.send(probed));
        }
        ControlFlow::Continue(())
    };
    // It ends when nobody can ask any more, or the kernel refuses to wait: then nobody gets an answer.
    drop(run_supplied(network, service, limits, &mut supply, &mut deliver));
}
