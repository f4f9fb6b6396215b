//! Sockets, names, and the loop that drives a session.

pub mod beside;
pub mod chronyd;
mod client_socket;
pub mod confine;
pub mod epoll;
pub mod host;
pub mod interfaces;
pub mod interrupt;
#[cfg(feature = "nts")]
pub mod key_exchange;
pub mod many;
pub mod names;
pub mod ntpd_rs;
pub mod presence;
#[cfg(feature = "nts")]
pub mod probe;
mod ready;
pub(crate) mod signals;
pub mod sockets;
mod stamps;
mod stream;
pub mod timesyncd;

use crate::session::Seed;
use rand::distr::{Distribution, StandardUniform};
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt, SeedableRng, TryRng};

/// Returns an unpredictable seed.
pub fn seed() -> Seed {
    let mut seed = Seed::default();
    if SysRng.try_fill_bytes(&mut seed).is_err() {
        // Without the system's random source, the fraction of the clock is at least not constant.
        let (first, _) = seed.split_at_mut(8);
        first.copy_from_slice(&stamps::ntp_now().to_be_bytes());
    }
    seed
}

/// Returns an unpredictable number. Unlike `rand::random`, it needs no random source: see [`seed`].
pub fn random<T>() -> T
where
    StandardUniform: Distribution<T>,
{
    StdRng::from_seed(seed()).random()
}
