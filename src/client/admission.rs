//! Which addresses may be asked, where a name that others choose leads to them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Decides of an address whether it may be asked.
#[derive(Clone)]
pub struct Admission(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl Admission {
    /// Those may be asked of which this is true.
    pub fn new(admits: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(admits))
    }

    /// All may be asked.
    pub fn all() -> Self {
        Self::new(|_| true)
    }

    /// Whether this one may be asked.
    pub fn admits(&self, address: IpAddr) -> bool {
        (self.0)(address)
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Admission")
    }
}
