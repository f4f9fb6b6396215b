//! Switching to another user who may do nothing but set the clock.

use anyhow::{Context as _, anyhow, bail};
use caps::{CapSet, Capability, CapsHashSet};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{User, setgid, setgroups, setuid};

/// Switches to this user, keeping only the privilege to set the clock.
///
/// # Errors
/// A message: there is no such user, or the change is refused.
pub fn drop_to(name: &str) -> anyhow::Result<()> {
    let refused = |error: Errno| anyhow!("cannot become user {name}: {}", error.desc());
    let user = User::from_name(name).map_err(refused)?.with_context(|| format!("no such user: {name}"))?;
    if user.uid.is_root() {
        bail!("cannot drop privileges to {name}: it is the superuser");
    }
    prctl::set_keepcaps(true).map_err(refused)?;
    setgroups(&[user.gid]).map_err(refused)?;
    setgid(user.gid).map_err(refused)?;
    setuid(user.uid).map_err(refused)?;
    prctl::set_keepcaps(false).map_err(refused)?;
    let mut wanted = CapsHashSet::new();
    if caps::has_cap(None, CapSet::Permitted, Capability::CAP_SYS_TIME).unwrap_or(false) {
        wanted.insert(Capability::CAP_SYS_TIME);
    }
    let none = CapsHashSet::new();
    // In this order each set stays within those that bound it.
    for (set, keep) in [
        (CapSet::Effective, &none),
        (CapSet::Inheritable, &none),
        (CapSet::Permitted, &wanted),
        (CapSet::Effective, &wanted),
    ] {
        caps::set(None, set, keep).map_err(|error| anyhow!("cannot drop privileges: {error}"))?;
    }
    // No program may regain them either.
    prctl::set_no_new_privs().map_err(refused)
}
