//! What a run finds around it: the clock to set, the time that passes meanwhile, and the network.

use super::set;
use crate::client::time::speak;
use crate::clock::kernel::SystemClock;
use crate::clock::monotonic;
use crate::clock::setting::SettableClock;
use crate::net::epoll::Waker;
use crate::net::sockets::Sockets;
use crate::session::drive::Watch;
use crate::session::sntp::SntpSession;
use std::time::Duration;

/// What a run needs of the machine it is on. The tests have one whose time is virtual.
pub trait Surroundings {
    /// The clock to set.
    fn clock(&self) -> &dyn SettableClock;

    /// A daemon that may set the clock, described.
    fn daemon(&self) -> Option<String>;

    /// A clock that only goes forward; the questions go by it too.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn pause(&self, length: Duration);

    /// Lets the questions speak through the sockets until they are done. If this machine refuses what
    /// that takes, the questions fail for that reason. The waker, if any, ends a wait.
    fn converse(
        &self,
        sockets: &mut Sockets,
        session: &mut SntpSession,
        watch: &mut dyn Watch<SntpSession>,
        waker: Option<&Waker>,
    );
}

/// This machine.
pub struct Machine;

impl Surroundings for Machine {
    fn clock(&self) -> &dyn SettableClock {
        &SystemClock
    }

    fn daemon(&self) -> Option<String> {
        set::daemon()
    }

    fn elapsed(&self) -> Duration {
        monotonic()
    }

    fn pause(&self, length: Duration) {
        std::thread::sleep(length);
    }

    fn converse(
        &self,
        sockets: &mut Sockets,
        session: &mut SntpSession,
        watch: &mut dyn Watch<SntpSession>,
        waker: Option<&Waker>,
    ) {
        speak(sockets, session, watch, waker);
    }
}
