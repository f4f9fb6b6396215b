//! A target and the result of its probe.

use super::shared::Answer;
use crate::client::look::By;
use crate::client::probe::Probed;
use crate::model::fleet::{Cause, Host as Known, Way};
use crate::model::report::Report;
use crate::net::host::Host;
use crate::render::openmetrics::exposition::Exposition;
use crate::render::openmetrics::{add_host, add_probe, add_reports};
use std::net::IpAddr;
use std::time::Duration;
use thiserror::Error;

/// The maximum length of a target in octets.
const LONGEST: usize = 261;

/// How to query a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// In whichever protocol it speaks.
    Auto,
    /// Over mode 6.
    Control,
    /// Over chronyd's protocol.
    Chrony,
    /// The time only.
    Sntp,
    /// Authenticated time.
    #[cfg(feature = "nts")]
    Nts,
}

impl Module {
    /// The names of the modules.
    pub const WORDS: &[&str] = &[
        "auto",
        "control",
        "chrony",
        "sntp",
        #[cfg(feature = "nts")]
        "nts",
    ];

    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::Auto,
            "control" => Self::Control,
            "chrony" => Self::Chrony,
            "sntp" => Self::Sntp,
            #[cfg(feature = "nts")]
            "nts" => Self::Nts,
            _ => return None,
        })
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Control => "control",
            Self::Chrony => "chrony",
            Self::Sntp => "sntp",
            #[cfg(feature = "nts")]
            Self::Nts => "nts",
        }
    }

    /// The protocol.
    pub fn by(self) -> By {
        match self {
            Self::Auto => By::Auto,
            Self::Control => By::Control,
            Self::Chrony => By::Chrony,
            Self::Sntp => By::Sntp,
            #[cfg(feature = "nts")]
            Self::Nts => By::Sntp,
        }
    }
}

/// Why a request has no valid target.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Misuse {
    /// No target.
    #[error("The parameter target is missing: /probe?target=HOST[:PORT]")]
    Missing,
    /// Several targets.
    #[error("The parameter {0} is given twice")]
    Twice(&'static str),
    /// Not a host.
    #[error("The target is not HOST or HOST:PORT")]
    NoHost,
    /// Unknown module.
    #[error("Unknown module: it is one of {}", Module::WORDS.join(", "))]
    Module,
}

/// A host and how to query it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The host.
    pub host: Host,
    /// How to query it.
    pub module: Module,
}

impl Target {
    /// Parses the target in these parameters.
    pub fn of(parameters: &[(String, String)]) -> Result<Self, Misuse> {
        let one = |name: &'static str| {
            let mut values = parameters.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
            let first = values.next();
            if values.next().is_some() { Err(Misuse::Twice(name)) } else { Ok(first) }
        };
        let named = one("target")?.filter(|target| !target.is_empty()).ok_or(Misuse::Missing)?;
        let is_host = named.len() <= LONGEST && named.bytes().all(|octet| octet.is_ascii_graphic());
        // Normalised, so that different spellings are the same target.
        let lower = named.to_ascii_lowercase();
        let host: Host = lower.parse().ok().filter(|_| is_host).ok_or(Misuse::NoHost)?;
        let host = match host.name().strip_suffix('.') {
            Some(name) if host.has_port() => Host::named(name).at_port(host.port()),
            Some(name) => Host::named(name),
            None => host,
        };
        if host.name().is_empty() {
            return Err(Misuse::NoHost);
        }
        let module = match one("module")? {
            Some(word) => Module::named(word).ok_or(Misuse::Module)?,
            None => Module::Auto,
        };
        Ok(Self { host, module })
    }

    /// The key that identifies it.
    pub fn key(&self) -> String {
        // An explicit default port is the same target, except for NTS, where it is the port of the key exchange.
        let host = match (self.host.has_port(), self.host.port()) {
            (true, 123) => Host::named(self.host.name()).to_string(),
            _ => self.host.to_string(),
        };
        format!("{} {host}", self.module.word())
    }

    /// The metrics of the answer.
    pub fn answer(&self, probed: Probed, took: Duration) -> Answer {
        let (host, reports) = match probed {
            Probed::Forbidden(address) => {
                return Answer::Forbidden(forbidden(address));
            }
            Probed::Seen(host, reports) => (host, reports),
        };
        let mut exposition = Exposition::default();
        add_probe(&mut exposition, self.failure(&host, &reports), took);
        add_host(&mut exposition, &host);
        add_reports(&mut exposition, &reports);
        Answer::Samples(exposition.into_samples())
    }

    /// Why the probe failed, if it did.
    fn failure(&self, host: &Known, reports: &[Report]) -> Option<&'static str> {
        let succeeded = match self.module.by() {
            By::Auto => host.is_answered() && (host.time.is_some() || !reports.is_empty()),
            By::Control => host.way == Some(Way::Control) && !reports.is_empty(),
            By::Chrony => host.way == Some(Way::Chrony),
            By::Sntp => host.time.is_some(),
        };
        if succeeded {
            return None;
        }
        let has = |cause: &Cause| host.problems.iter().any(|problem| problem.cause == *cause);
        if !host.is_answered() {
            return Some(host.worst().map_or("unmeasured", |problem| problem.cause.word()));
        }
        if matches!(self.module.by(), By::Control | By::Chrony) {
            return Some(Cause::NoQueries.word());
        }
        let causes = [Cause::Refused, Cause::RateLimited, Cause::Unfit, Cause::NoQueries];
        Some(causes.iter().find(|cause| has(cause)).map_or("unmeasured", |cause| cause.word()))
    }
}

/// The message about a forbidden address.
pub fn forbidden(address: IpAddr) -> String {
    format!("{address} is outside the networks whose hosts may be asked (--allow-targets)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &[(&str, &str)]) -> Result<Target, Misuse> {
        let owned: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Target::of(&owned)
    }

    #[test]
    fn one_target_has_one_name() {
        let key = |target: &str| of(&[("target", target)]).map(|target| target.key());
        for (target, known) in [
            ("Time.Example", "auto time.example"),
            ("time.example.", "auto time.example"),
            ("time.example:123", "auto time.example"),
            ("time.example:1123", "auto time.example:1123"),
            ("[2001:DB8::1]:123", "auto 2001:db8::1"),
            ("[2001:db8::1]:1123", "auto [2001:db8::1]:1123"),
        ] {
            assert_eq!(key(target).as_deref(), Ok(known), "{target}");
        }
    }

    #[test]
    fn what_is_no_target() {
        assert_eq!(of(&[]), Err(Misuse::Missing));
        assert_eq!(of(&[("target", "")]), Err(Misuse::Missing));
        assert_eq!(of(&[("target", "a"), ("target", "b")]), Err(Misuse::Twice("target")));
        assert_eq!(of(&[("target", "a b")]), Err(Misuse::NoHost));
        assert_eq!(of(&[("target", ".")]), Err(Misuse::NoHost));
        assert_eq!(of(&[("target", &"a".repeat(300))]), Err(Misuse::NoHost));
        assert_eq!(of(&[("target", "a"), ("module", "icmp")]), Err(Misuse::Module));
        assert_eq!(of(&[("target", "a"), ("module", "sntp")]).unwrap().module, Module::Sntp);
        assert!(Misuse::Module.to_string().contains("auto, control, chrony, sntp"));
    }
}
