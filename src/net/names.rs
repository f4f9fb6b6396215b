//! Name lookups in both directions, each with a deadline.
//!
//! The system's resolver blocks for as long as it likes. Here it runs in threads of its own: the lookups of many hosts
//! are started together, and a caller waits until the round's common deadline at most. Later answers are kept for the
//! next call; nothing waits for them, least of all the end of the process.

mod answers;
mod canonical;
mod error;
mod lookup;
mod loopback;
mod pool;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use self::answers::{Answers, Claim, Outcome};
pub use self::error::{NameError, ResolverError};
use self::lookup::numeric;
pub use self::lookup::{EveryAddress, Forward, Lookup, SystemLookup};
use self::pool::{Pool, lock};
use super::host::{AddressFamily, Host};
use crate::wire::ip_text::ip_text;

/// How long to wait for answers by default.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(2);

/// Far beyond any sensible patience, but an instant that can still be computed.
const LONGEST_PATIENCE: Duration = Duration::from_secs(86_400);

/// The longest name that is shown, as in the classic tools; a longer one counts as no name.
const LONGEST_NAME: usize = 127;

/// Maximum number of addresses whose names are kept; a server may list any number of clients.
const MAX_ADDRESSES: usize = 1 << 16;

/// A name service with deadlines.
///
/// A deadline applies to a *round*: a command, or the opening of all hosts. A round's clock starts with its first
/// lookup, and no name of an address is waited for longer than the patience after that, however many there are. The
/// addresses of hosts matter more: they are waited for as long as the name service keeps answering. Threads are started
/// with the first lookup that needs one.
pub struct NameService {
    lookup: Arc<dyn Lookup>,
    patience: Duration,
    round: Mutex<Round>,
    /// What is different for one host of many; see [`NameService::for_one_of_many`].
    one_of_many: Option<OneOfMany>,
    pool: Arc<Pool>,
    forward: Arc<Answers<(String, AddressFamily), Result<Forward, NameError>>>,
    reverse: Arc<Answers<IpAddr, Result<Option<ReverseName>, NameError>>>,
    /// Whether the hosts file names `localhost`.
    hosts_name_it: Arc<OnceLock<bool>>,
    /// The round's deadline for hosts named by commands, if many hosts share their addresses.
    arguments: Arc<Mutex<Option<Instant>>>,
}

#[derive(Clone, Copy, Default)]
struct Round {
    number: u64,
    deadline: Option<Instant>,
}

#[derive(Default)]
struct OneOfMany {
    waits: AtomicBool,
    is_behind: AtomicBool,
}

impl NameService {
    /// Uses the system's resolver, waiting no longer than `patience` per round.
    pub fn system(patience: Duration) -> Self {
        Self::new(SystemLookup, patience)
    }

    /// Uses any resolver, waiting no longer than `patience` per round.
    pub fn new(lookup: impl Lookup, patience: Duration) -> Self {
        Self {
            lookup: Arc::new(lookup),
            patience: patience.min(LONGEST_PATIENCE),
            round: Mutex::default(),
            one_of_many: None,
            pool: Arc::new(Pool::new()),
            forward: Arc::default(),
            reverse: Arc::default(),
            hosts_name_it: Arc::default(),
            arguments: Arc::default(),
        }
    }

    /// A service for one host of many in this round. Lookups and their results are shared by all; the deadline starts
    /// with the host's own first lookup. It does not wait for the names of addresses before
    /// [`NameService::wait_from_now_on`]: the lookup is started, and the address counts as unnamed until its name is
    /// known.
    #[must_use]
    pub fn for_one_of_many(&self) -> Self {
        let number = lock(&self.round).number;
        Self {
            lookup: Arc::clone(&self.lookup),
            patience: self.patience,
            round: Mutex::new(Round { number, deadline: None }),
            one_of_many: Some(OneOfMany::default()),
            pool: Arc::clone(&self.pool),
            forward: Arc::clone(&self.forward),
            reverse: Arc::clone(&self.reverse),
            hosts_name_it: Arc::clone(&self.hosts_name_it),
            arguments: Arc::clone(&self.arguments),
        }
    }

    /// Whether names of addresses are waited for.
    pub fn waits(&self) -> bool {
        self.one_of_many.as_ref().is_none_or(|one| one.waits.load(Ordering::Relaxed))
    }

    /// Waits for the names of addresses, which is the default.
    pub fn wait_from_now_on(&self) {
        if let Some(one) = &self.one_of_many {
            one.waits.store(true, Ordering::Relaxed);
        }
    }

    /// Records that something depends on a lookup that has not finished.
    pub fn fall_behind(&self) {
        if let Some(one) = &self.one_of_many {
            one.is_behind.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a name was wanted since the last call that may yet be found in time.
    pub fn was_behind(&self) -> bool {
        self.one_of_many.as_ref().is_some_and(|one| one.is_behind.swap(false, Ordering::Relaxed))
    }

    /// Starts a new round: the next lookup starts its clock. Lookups of earlier rounds that are still running are not
    /// waited for again.
    pub fn start_round(&self) {
        let mut round = lock(&self.round);
        *round = Round { number: round.number.wrapping_add(1), deadline: None };
        *lock(&self.arguments) = None;
    }

    /// Starts the lookup of a host, unless it is a numeric address or already being looked up.
    pub fn begin_forward(&self, host: &Host, family: AddressFamily) {
        if numeric(host.name(), family).is_none() && !self.is_known_loopback(host) {
            self.look_up_host(host, family);
        }
    }

    /// Returns the addresses and the canonical name of a host: at once if it is numeric, otherwise as soon as its
    /// lookup, started before or now, has finished. Each name is looked up once per round.
    ///
    /// # Errors
    /// [`NameError`]: the resolver's error, or the round's deadline has passed and the name service has been silent for as
    /// long. An interrupt ends the wait like a deadline.
    pub fn forward(&self, host: &Host, family: AddressFamily) -> Result<ResolvedHost, NameError> {
        let found = if let Some(address) = numeric(host.name(), family) {
            Forward { canonical_name: None, addresses: vec![address?] }
        } else if self.is_known_loopback(host) {
            loopback::forward(host.name(), family)
        } else {
            let deadline = self.look_up_host(host, family);
            let key = (host.name().to_owned(), family);
            let found = self.forward.wait_longer(&key, deadline, self.patience);
            match found.unwrap_or(Err(NameError::TimedOut)) {
                // A machine without a network, or with IPv6 only on its loopback interface, knows its own name.
                Err(_) if loopback::is_own_name(host.name()) => loopback::forward(host.name(), family),
                found => found?,
            }
        };
        ResolvedHost::new(found, host.port())
    }

    /// Returns the addresses of a host if no resolver is needed: a numeric address, or this machine's own name.
    pub fn forward_at_once(
        &self,
        host: &Host,
        family: AddressFamily,
    ) -> Option<Result<ResolvedHost, NameError>> {
        if let Some(address) = numeric(host.name(), family) {
            let found = address.map(|address| Forward { canonical_name: None, addresses: vec![address] });
            return Some(found.and_then(|found| ResolvedHost::new(found, host.port())));
        }
        let found = self.is_known_loopback(host).then(|| loopback::forward(host.name(), family))?;
        Some(ResolvedHost::new(found, host.port()))
    }

    /// Looks a host up, however long that takes; the thread that did it calls `done` with the result. Returns false if
    /// there is no thread for it.
    pub fn forward_then(
        &self,
        host: &Host,
        family: AddressFamily,
        done: impl FnOnce(Result<ResolvedHost, NameError>) + Send + 'static,
    ) -> bool {
        let (lookup, host) = (Arc::clone(&self.lookup), host.clone());
        self.pool.submit(move || {
            let found = match lookup.forward(host.name(), family) {
                Err(_) if loopback::is_own_name(host.name()) => Ok(loopback::forward(host.name(), family)),
                found => found,
            };
            done(found.and_then(|found| ResolvedHost::new(found, host.port())));
        })
    }

    /// Returns the patience.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Starts the lookup of an address's name, unless it is known or being looked up. A lookup that failed or never
    /// started is retried once per round.
    pub fn begin_reverse(&self, address: IpAddr) {
        self.look_up_name(address);
    }

    /// Returns the name of an address as soon as the lookup, started before or now, has finished. `None` if the address
    /// has no name, or none was found before the round's deadline.
    pub fn reverse(&self, address: IpAddr) -> Option<ReverseName> {
        let deadline = self.look_up_name(address);
        if self.waits() {
            return self.reverse.wait(&address, deadline)?.ok().flatten();
        }
        match self.reverse.state(&address)? {
            Outcome::Answered(answer) => answer.ok().flatten(),
            Outcome::TooLate => None,
            Outcome::UnderWay => {
                if Instant::now() < deadline {
                    self.fall_behind();
                }
                None
            }
        }
    }

    /// Formats an address: as its name if that name resolves back to it, otherwise as the address followed by the
    /// unconfirmed name in parentheses. If no name is found in time, the address alone.
    pub fn host_text(&self, address: IpAddr) -> String {
        match self.reverse(address) {
            None => ip_text(address),
            Some(ReverseName::Confirmed(name)) => name,
            Some(ReverseName::Unconfirmed(name)) => format!("{} ({name})", ip_text(address)),
        }
    }

    /// Whether the name of a host alone says that it is this machine, and the hosts file does not override it, so that
    /// no name server is needed (RFC 6761 section 6.3).
    fn is_known_loopback(&self, host: &Host) -> bool {
        loopback::is_own_name(host.name())
            && !*self.hosts_name_it.get_or_init(|| loopback::hosts_name_it(Path::new("/etc/hosts")))
    }

    /// Starts the lookup of a host unless it is running; returns the deadline.
    fn look_up_host(&self, host: &Host, family: AddressFamily) -> Instant {
        let (round, mut deadline) = self.round();
        if self.one_of_many.is_some() {
            deadline = *lock(&self.arguments).get_or_insert(deadline);
        }
        let key = (host.name().to_owned(), family);
        if self.forward.claim(&key, round, deadline, |_| true, usize::MAX) == Claim::Granted {
            let (lookup, answers) = (Arc::clone(&self.lookup), Arc::clone(&self.forward));
            let job_key = key.clone();
            let submitted = self.pool.submit(move || {
                answers.look_up(&job_key, round, || lookup.forward(&job_key.0, job_key.1), is_answer);
            });
            if !submitted {
                self.forward.give(&key, round, Outcome::Answered(Err(ResolverError::SYSTEM.into())));
            }
        }
        deadline
    }

    /// Starts the lookup of an address unless it is running; returns the deadline.
    fn look_up_name(&self, address: IpAddr) -> Instant {
        let (round, deadline) = self.round();
        let claim = self.reverse.claim(&address, round, deadline, Result::is_err, MAX_ADDRESSES);
        if claim == Claim::Granted {
            let (lookup, answers) = (Arc::clone(&self.lookup), Arc::clone(&self.reverse));
            let submitted = self.pool.submit(move || {
                answers.look_up_before(&address, round, deadline, || confirmed_name(&*lookup, address));
            });
            if !submitted {
                self.reverse.give(&address, round, Outcome::Answered(Err(ResolverError::SYSTEM.into())));
            }
        }
        if claim == Claim::EarlierRound { Instant::now() } else { deadline }
    }

    /// The number of the round and its deadline, which starts now if this is the round's first lookup.
    fn round(&self) -> (u64, Instant) {
        let mut round = lock(&self.round);
        let deadline = *round.deadline.get_or_insert_with(|| Instant::now() + self.patience);
        (round.number, deadline)
    }
}

/// The result of a host's lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedHost {
    /// What to call the host from now on: its canonical name, or its first address if it was given as an address or the
    /// canonical name cannot be displayed.
    pub name: String,
    /// Its addresses in order of preference, at least one, with the port of the host argument.
    pub addresses: Vec<SocketAddr>,
}

impl ResolvedHost {
    fn new(found: Forward, port: u16) -> Result<Self, NameError> {
        let mut addresses = found.addresses;
        for address in &mut addresses {
            address.set_port(port);
        }
        let Some(first) = addresses.first() else { return Err(ResolverError::NO_DATA.into()) };
        let name = found.canonical_name.and_then(presentable).unwrap_or_else(|| address_text(*first));
        Ok(Self { name, addresses })
    }
}

/// Whether the name service has answered.
fn is_answer(found: &Result<Forward, NameError>) -> bool {
    match found {
        Ok(_) => true,
        Err(NameError::Resolver(error)) => error.is_unknown(),
        Err(NameError::TimedOut) => false,
    }
}

/// Formats an address without its port, an IPv6 zone as a number.
fn address_text(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(ipv6) if ipv6.scope_id() != 0 => format!("{}%{}", ipv6.ip(), ipv6.scope_id()),
        _ => ip_text(address.ip()),
    }
}

/// The name of an address: printable ASCII without spaces, at most 127 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReverseName {
    /// The name resolves back to the address.
    Confirmed(String),
    /// It does not: the owner of an address can give it any name.
    Unconfirmed(String),
}

/// Looks up the name of an address and, if it has one, the name's addresses of the same family.
fn confirmed_name(lookup: &dyn Lookup, address: IpAddr) -> Result<Option<ReverseName>, NameError> {
    let Some(name) = lookup.reverse(address)?.and_then(presentable) else { return Ok(None) };
    let family = if address.is_ipv4() { AddressFamily::Ipv4 } else { AddressFamily::Ipv6 };
    let confirmed = lookup.addresses(&name, family).is_ok_and(|found| found.contains(&address));
    Ok(Some(if confirmed { ReverseName::Confirmed(name) } else { ReverseName::Unconfirmed(name) }))
}

/// Returns the name if it can be displayed as it is: spaces and control characters from the network could pass for
/// further columns, lines or terminal commands.
fn presentable(name: String) -> Option<String> {
    let fit = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|octet| octet.is_ascii_graphic());
    fit.then_some(name)
}
