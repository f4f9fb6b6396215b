//! Look-ups that know addresses alone, for networks in memory.

use ntpkit::net::host::{AddressFamily, Host as Name};
use ntpkit::net::many::LookUps;
use ntpkit::net::names::{Forward, Lookup, NameError, NameService, ResolvedHost, ResolverError};
use std::net::IpAddr;
use std::time::Duration;

/// Knows addresses alone.
pub struct Numeric(NameService, Vec<(usize, Result<ResolvedHost, NameError>)>);

impl Default for Numeric {
    fn default() -> Self {
        Self(NameService::new(Nobody, Duration::ZERO), Vec::new())
    }
}

/// A resolver that is never asked.
struct Nobody;

impl Lookup for Nobody {
    fn forward(&self, _: &str, _: AddressFamily) -> Result<Forward, NameError> {
        Err(ResolverError::NO_NAME.into())
    }

    fn addresses(&self, _: &str, _: AddressFamily) -> Result<Vec<IpAddr>, NameError> {
        Ok(Vec::new())
    }

    fn reverse(&self, _: IpAddr) -> Result<Option<String>, NameError> {
        Ok(None)
    }
}

impl LookUps for Numeric {
    fn begin(&mut self, number: usize, host: &Name, family: AddressFamily, _: Duration) {
        let found = self.0.forward_at_once(host, family).unwrap_or(Err(ResolverError::NO_NAME.into()));
        self.1.push((number, found));
    }

    fn take(&mut self, _: Duration) -> Vec<(usize, Result<ResolvedHost, NameError>)> {
        std::mem::take(&mut self.1)
    }

    fn deadline(&self) -> Option<Duration> {
        (!self.1.is_empty()).then_some(Duration::ZERO)
    }
}
