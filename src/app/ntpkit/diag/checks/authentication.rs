//! Whether the sources are authenticated as configured.

use super::super::facts::{Daemon, Facts, Source};
use super::{Verdict, count, listed};
use crate::cli::plugin::State;
use crate::model::authentication::Mechanism;
use crate::text::visible;

/// What is wrong with the authentication of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It has no cookies, and nothing can be asked of it.
    NoCookies,
    /// The daemon has no key of this number.
    MissingKey(u32),
    /// Its packets are not authentic.
    NotAuthentic,
    /// It answers requests without NTS, but none of the daemon's.
    IgnoresNts,
    /// The server rejected cookies so many times.
    Refused(u32),
    /// So many key exchanges in a row failed; old cookies are left.
    FailedExchanges(u32),
}

impl Fault {
    /// What is wrong with this source.
    fn of(daemon: &Daemon, source: &Source) -> Option<Self> {
        let known = &source.peer.authentication;
        if is_nts(source) {
            let attempts = known.attempts.unwrap_or(0);
            // One attempt may be under way.
            let is_failing = known.key_age.is_none() && known.attempts != Some(0) || attempts > 1;
            return match source.peer.nts_cookies {
                Some(0) if is_silent(source) && is_failing => Some(Self::NoCookies),
                _ => match (known.refusals.unwrap_or(0), attempts) {
                    (refusals @ 1.., _) => Some(Self::Refused(refusals)),
                    (0, attempts @ 2..) => Some(Self::FailedExchanges(attempts)),
                    (0, _) => rejects_key(daemon, source).then_some(Self::IgnoresNts),
                },
            };
        }
        if !source.peer.status.is_authentication_enabled() {
            return None;
        }
        let is_missing = known.mechanism == Some(Mechanism::SymmetricKey) && known.key_bits == Some(0);
        if is_missing {
            return Some(Self::MissingKey(known.key_id.unwrap_or(0)));
        }
        let is_heard = source.reach() != Some(0);
        let is_wrong = is_heard && !source.peer.status.is_authentic() || rejects_key(daemon, source);
        is_wrong.then_some(Self::NotAuthentic)
    }

    fn state(self, source: &Source) -> State {
        match self {
            Self::Refused(_) if is_silent(source) => State::Critical,
            Self::NoCookies | Self::MissingKey(_) | Self::NotAuthentic | Self::IgnoresNts => State::Critical,
            Self::Refused(_) | Self::FailedExchanges(_) => State::Warning,
        }
    }

    fn seen(self, source: &Source) -> String {
        let name = source.name();
        let known = &source.peer.authentication;
        match self {
            Self::NoCookies => {
                let attempts = match known.attempts {
                    Some(attempts @ 1..) => {
                        format!(" in {}", count(usize::try_from(attempts).unwrap_or(0), "attempt"))
                    }
                    _ => String::new(),
                };
                format!("{name} has no NTS cookies: no key exchange has succeeded{attempts}")
            }
            Self::MissingKey(number) => format!("{name}: the daemon has no key {number}"),
            Self::NotAuthentic => format!("not authentic: {name}"),
            Self::IgnoresNts => format!("{name} answers requests without NTS, but not those with it"),
            Self::Refused(number) => {
                format!(
                    "{name} rejects its NTS cookies ({number} NTS NAK{})",
                    if number == 1 { "" } else { "s" }
                )
            }
            Self::FailedExchanges(number) => {
                format!("{name}: {number} NTS key exchanges since the last one that succeeded")
            }
        }
    }

    fn why(self) -> &'static str {
        match self {
            Self::NoCookies | Self::MissingKey(_) => "the daemon cannot ask it for the time",
            Self::NotAuthentic => "its packets are discarded",
            Self::IgnoresNts => "it rejects the cookies, or long packets are lost on the way",
            Self::Refused(_) => "the server has lost its cookie keys, or another server answers",
            Self::FailedExchanges(_) => "once the cookies are used up, it cannot be asked for the time",
        }
    }

    fn mend(self, source: &Source) -> String {
        match self {
            Self::NoCookies | Self::Refused(_) | Self::FailedExchanges(_) => {
                format!("ntpkit nts {}", host(source))
            }
            Self::IgnoresNts => format!("ntpkit nts --lengths {}", host(source)),
            Self::MissingKey(number) => {
                format!("add key {number} to the keyfile of chrony.conf, then: chronyc rekey")
            }
            Self::NotAuthentic => {
                "compare number, type and secret of the key on both sides, and its trustedkey line: \
                                   ntpkit keys check FILE"
                    .to_owned()
            }
        }
    }
}

/// The source as it is called on the command line.
fn host(source: &Source) -> String {
    let name = source.peer.source_host.as_deref().map(visible);
    let address = || source.peer.source_address.as_ref().map(ToString::to_string);
    name.or_else(address).unwrap_or_else(|| "HOST".to_owned())
}

/// Whether it has not answered recently.
fn is_silent(source: &Source) -> bool {
    source.reach().map_or(!source.peer.status.is_reachable(), |reach| reach == 0)
}

/// Whether the source is configured for NTS.
fn is_nts(source: &Source) -> bool {
    source.peer.nts_cookies.is_some_and(|cookies| cookies >= 0)
        || source.peer.authentication.mechanism == Some(Mechanism::Nts)
}

/// Whether a source is silent because of its keys: then no packet filter is to blame.
pub fn is_unusable(daemon: &Daemon, source: &Source) -> bool {
    is_silent(source) && Fault::of(daemon, source).is_some_and(|fault| fault.state(source) == State::Critical)
}

/// Whether a source answers requests without a MAC from here, but none of the daemon's, which have one, although the daemon
/// reaches other sources.
fn rejects_key(daemon: &Daemon, source: &Source) -> bool {
    source.peer.status.is_authentication_enabled()
        && !source.peer.status.is_authentic()
        && source.reach() == Some(0)
        && source.answers == Some(true)
        && daemon.real_sources().any(|other| other.reach() != Some(0))
}

/// Whether the sources with keys are authenticated. Without any, or if the daemon does not report it, there is no verdict.
pub fn sources(facts: &Facts) -> Option<Verdict> {
    let daemon = facts.daemon.as_ref()?;
    let faults: Vec<(&Source, Fault)> =
        daemon.sources.iter().filter_map(|source| Some((source, Fault::of(daemon, source)?))).collect();
    let is_critical = |(source, fault): &&(&Source, Fault)| fault.state(source) == State::Critical;
    let worst = faults.iter().find(is_critical).or_else(|| faults.first());
    if let Some((source, fault)) = worst {
        let seen: Vec<String> = faults.iter().map(|(source, fault)| fault.seen(source)).collect();
        return Some(Verdict {
            state: fault.state(source),
            seen: listed(&seen),
            why: fault.why(),
            mend: fault.mend(source),
        });
    }
    let is_secured = |source: &&Source| is_nts(source) || source.peer.status.is_authentication_enabled();
    let secured = daemon.sources.iter().filter(is_secured).count();
    (secured > 0)
        .then(|| Verdict::ok(format!("{secured} of {} authenticated", count(daemon.sources.len(), "source"))))
}
