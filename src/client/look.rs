//! A look at one of many hosts: the protocols to use, and the result.

use super::candidate::time;
use crate::cli::output::reason;
use crate::model::daemons;
use crate::model::fleet::{Cause, Host, Own, Problem, Severity, Way};
use crate::model::health::{Health, Reader};
use crate::net::host::{AddressFamily, Host as Name, NTP_PORT};
use crate::net::many::{Found, Job, Jobs, Step};
use crate::net::seed;
use crate::session::chrony::Failure as ChronyFailure;
use crate::session::control::{Failure, Outcome, Reply};
use crate::session::look::{LookSession, OverChrony, OverControl, Questions, Seen};
use crate::session::{PathError, Session};
use crate::wire::chrony::{PORT, SourceState, Tracking};
use crate::wire::status::Selection;
use crate::wire::variables::{Scan, scan, unquote};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The stratum of an unsynchronised daemon, which sends 0.
const UNSYNCHRONIZED: u8 = 16;
/// Octets to keep of a daemon's description.
const DESCRIPTION_LENGTH: usize = 64;

/// The protocol in which to query daemons about themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Whichever they speak.
    #[default]
    Auto,
    /// Over mode 6.
    Control,
    /// Over chronyd's protocol.
    Chrony,
    /// None: only measure the time.
    Sntp,
}

/// How to query hosts.
#[derive(Clone, Copy, Debug)]
pub struct QuerySettings {
    /// The protocol.
    pub by: By,
    /// Which addresses of a name to use.
    pub family: AddressFamily,
    /// The port of hosts given without one.
    pub port: u16,
    /// The port of chronyd's protocol.
    pub chrony_port: u16,
    /// How long a host may take.
    pub patience: Duration,
    /// Whether to measure its clock by SNTP.
    pub measures: bool,
    /// How many hosts to query at once.
    pub jobs: Jobs,
}

impl Default for QuerySettings {
    fn default() -> Self {
        Self {
            by: By::Auto,
            family: AddressFamily::Any,
            port: NTP_PORT,
            chrony_port: PORT,
            patience: Duration::from_secs(5),
            measures: true,
            jobs: Jobs::Usual,
        }
    }
}

impl QuerySettings {
    fn questions(&self) -> Questions {
        Questions {
            control: matches!(self.by, By::Auto | By::Control),
            chrony: matches!(self.by, By::Auto | By::Chrony).then_some(self.chrony_port),
            time: self.measures,
            sources: false,
            patience: self.patience,
        }
    }
}

/// A look at a host, through endpoints made by a function.
#[derive(Debug)]
pub struct Look<E> {
    name: String,
    host: Option<Name>,
    settings: QuerySettings,
    /// Addresses not tried yet.
    addresses: Vec<SocketAddr>,
    endpoint: fn(SocketAddr) -> E,
}

/// The next step of a look.
pub(super) type Next<E> = Step<LookSession, E, Host>;

impl<E> Look<E> {
    /// Creates a look at the host with this name.
    pub fn new(name: String, settings: QuerySettings, endpoint: fn(SocketAddr) -> E) -> Self {
        let named = name.parse().ok();
        let host = named.map(|host: Name| if host.has_port() { host } else { host.at_port(settings.port) });
        Self { name, host, settings, addresses: Vec::new(), endpoint }
    }

    fn next(&mut self, now: Duration) -> Option<Next<E>> {
        let address = self.addresses.pop()?;
        let session = LookSession::new(address, self.settings.questions(), seed(), now);
        Some(Step::Talk(session, (self.endpoint)(address)))
    }

    /// Asks the next address, if this one has nobody.
    ///
    /// # Errors
    /// There is none to ask: what was seen.
    pub(super) fn go_on(&mut self, session: LookSession, now: Duration) -> Result<Next<E>, Box<Seen>> {
        let seen = session.into_seen();
        if seen.heard == 0
            && seen.fault.is_some()
            && let Some(next) = self.next(now)
        {
            return Ok(next);
        }
        Err(Box::new(seen))
    }

    fn lost(&self, address: Option<SocketAddr>, cause: Cause, text: impl Into<String>) -> Host {
        Host::lost(self.name.clone(), address, Problem::new(cause, Severity::Critical, text))
    }
}

impl<E> Job for Look<E> {
    type Session = LookSession;
    type Endpoint = E;
    type Outcome = Host;

    fn host(&self) -> Option<(Name, AddressFamily)> {
        Some((self.host.clone()?, self.settings.family))
    }

    fn begin(&mut self, found: Found, now: Duration) -> Next<E> {
        match found {
            Some(Ok(found)) => {
                self.addresses = found.addresses;
                self.addresses.reverse();
                let next = self.next(now);
                next.unwrap_or_else(|| Step::Done(self.lost(None, Cause::NoAddress, "")))
            }
            Some(Err(error)) => Step::Done(self.lost(None, Cause::NoAddress, error.to_string())),
            None => Step::Done(self.lost(None, Cause::NoAddress, "invalid host name or address")),
        }
    }

    fn event(&mut self, _: &mut LookSession, event: <LookSession as Session>::Event) {
        match event {}
    }

    fn end(&mut self, session: LookSession, _: Result<(), PathError>, now: Duration) -> Next<E> {
        match self.go_on(session, now) {
            Ok(next) => next,
            Err(seen) => Step::Done(host(self.name.clone(), &seen, self.settings.by)),
        }
    }
}

/// Summarises what is known of a host after a look.
pub(super) fn host(name: String, seen: &Seen, by: By) -> Host {
    let address = Some(seen.address);
    let time = seen.time.as_ref().and_then(time);
    let served = seen.time.as_ref().and_then(|server| server.reply);
    let (limited, refused) =
        seen.time.as_ref().map_or((false, false), |server| (server.rate_limited, server.refused));
    let (way, own) = match (&seen.control.system, &seen.chrony.tracking) {
        (Some(Ok(reply)), _) => (Some(Way::Control), of_control(reply, &seen.control)),
        (_, Some(Ok(tracking))) => (Some(Way::Chrony), of_chrony(tracking, &seen.chrony)),
        _ if served.is_some() || limited => (Some(Way::Sntp), Own::default()),
        (Some(Err(Failure::Refused(_))), _) => (Some(Way::Control), Own::default()),
        _ => (None, Own::default()),
    };
    if way.is_none() {
        return Host::lost(name, address, loss(seen));
    }
    let mut host = Host {
        name,
        address,
        way,
        time: time.filter(|_| !refused),
        served_reference: served.filter(|_| time.is_some()).map(|reply| reply.reference_id),
        own,
        ..Host::default()
    };
    if refused {
        host.note(Cause::Refused, Severity::Warning, "");
    }
    if limited {
        host.note(Cause::RateLimited, Severity::Warning, "");
    }
    if served.is_some() && time.is_none() && !refused {
        host.note(Cause::Unfit, Severity::Critical, "its timestamps are inconsistent");
    }
    let wanted = match by {
        By::Auto | By::Sntp => way,
        By::Control => Some(Way::Control),
        By::Chrony => Some(Way::Chrony),
    };
    if way != wanted {
        let text = match &seen.chrony.tracking {
            Some(Err(failure)) if by == By::Chrony => failure.to_string(),
            _ => String::new(),
        };
        host.note(Cause::NoQueries, Severity::Warning, &text);
    } else if let Some(Err(Failure::Refused(code))) = seen.control.system {
        host.note(Cause::NoQueries, Severity::Warning, &format!("refused with code {}", code.0));
    }
    host.note_own_problems();
    host
}

/// Determines why nothing is known.
fn loss(seen: &Seen) -> Problem {
    let is_there = seen.heard > 0
        || matches!(seen.chrony.tracking, Some(Err(ChronyFailure::Unauthorized | ChronyFailure::TooOld)));
    let (cause, text) = match &seen.fault {
        _ if is_there => (Cause::Unusable, String::new()),
        Some(error) => (Cause::Unreachable, reason(error)),
        None => (Cause::Silent, String::new()),
    };
    Problem::new(cause, Severity::Critical, text)
}

/// Summarises what ntpd reports.
fn of_control(reply: &Reply, over: &OverControl) -> Own {
    let read = scan(&reply.data);
    let health = Health::from_variables(reply.status, &reply.data, Reader::Strict);
    let stratum = health.stratum_number().and_then(|stratum| u8::try_from(stratum).ok());
    let leap = u8::try_from(reply.status >> 14).ok();
    let list = over.associations.as_ref();
    let usable =
        list.map(|list| list.iter().filter(|(_, status)| status.selection() >= Selection::Candidate).count());
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Own {
        offset: health.offset.map(|offset| offset / 1000.0),
        bound: health.maximum_error.known().map(|error| error / 1000.0),
        stratum: stratum.map(|stratum| if stratum == 0 { UNSYNCHRONIZED } else { stratum }),
        leap,
        reference: read.value("refid").and_then(reference),
        sources: list.map(|list| count(list.len())),
        usable_sources: usable.map(count),
        reach: over.followed.as_ref().and_then(reach),
        daemon: read.value("version").map(unquote).and_then(description),
    }
}

/// Parses a reference ID written as text.
fn reference(text: &[u8]) -> Option<[u8; 4]> {
    let text = unquote(text);
    let address: Option<Ipv4Addr> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    if let Some(address) = address {
        return Some(address.octets());
    }
    let letters = text.strip_prefix(b".").and_then(|text| text.strip_suffix(b".")).unwrap_or(text);
    let mut octets = [0; 4];
    let place = octets.get_mut(..letters.len()).filter(|place| !place.is_empty())?;
    place.copy_from_slice(letters);
    Some(octets)
}

fn reach(outcome: &Outcome) -> Option<u8> {
    let data = &outcome.as_ref().ok()?.data;
    let read: Scan<'_> = scan(data);
    let text = std::str::from_utf8(read.value("reach")?).ok()?.trim();
    let register = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => u32::from_str_radix(text, 8).ok()?,
    };
    u8::try_from(register & 0xff).ok()
}

/// Shortens `ntpd 4.2.8p15@1.3728-o Wed Sep 23 ...` to `ntpd 4.2.8p15`.
fn description(version: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(version);
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    let joined = words.join(" ");
    let name = joined.split('@').next().unwrap_or_default();
    (!name.is_empty()).then(|| name.chars().take(DESCRIPTION_LENGTH).collect())
}

/// Summarises what chronyd reports.
fn of_chrony(tracking: &Tracking, over: &OverChrony) -> Own {
    let health = daemons::chronyd(tracking, None);
    let followed = over.sources.iter().find(|source| source.state == SourceState::SELECTED);
    let is_usable = |state| [SourceState::SELECTED, SourceState::COMBINED].contains(&state);
    let is_whole = over
        .source_count
        .is_some_and(|count| usize::try_from(count).is_ok_and(|count| over.sources.len() >= count));
    let usable = over.sources.iter().filter(|source| is_usable(source.state)).count();
    let stratum = u8::try_from(tracking.stratum).ok();
    Own {
        offset: health.offset.map(|offset| offset / 1000.0),
        bound: health.maximum_error.known().map(|error| error / 1000.0),
        stratum: stratum.map(|stratum| if stratum == 0 { UNSYNCHRONIZED } else { stratum }),
        leap: u8::try_from(tracking.leap).ok(),
        reference: Some(tracking.reference_id.to_be_bytes()).filter(|id| *id != [0; 4]),
        sources: over.source_count,
        usable_sources: is_whole.then(|| u32::try_from(usable).unwrap_or(u32::MAX)),
        reach: followed.map(|source| u8::try_from(source.reach & 0xff).unwrap_or(0)),
        daemon: Some(health.daemon.to_owned()),
    }
}

#[cfg(test)]
mod tests;
