//! The module `nts`: the layers of Network Time Security, as `ntpkit nts` examines them.

use super::shared::Answer;
use super::target::{Target, forbidden};
use crate::app::ntpkit::nts::{ProbeError, probe};
use crate::client::admission::Admission;
use crate::client::nts::Plan;
use crate::clock::{self, monotonic};
use crate::net::key_exchange::{RootsError, roots};
use crate::render::openmetrics::add_probe;
use crate::render::openmetrics::exposition::Exposition;
use crate::session::nts::Terms;
use rustls::RootCertStore;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The maximum number of servers examined at once; each has a thread.
const AT_ONCE: usize = 16;

/// Examines NTS servers.
pub struct NtsProber {
    store: RootCertStore,
    admission: Admission,
    turn: Arc<Semaphore>,
}

impl NtsProber {
    /// Creates an examiner that trusts the authorities in this file, or the system's, and queries only allowed addresses.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub fn new(ca: Option<&Path>, admission: Admission) -> Result<Self, RootsError> {
        let store = match roots(ca) {
            Ok((store, _)) => store,
            // Without authorities no server is trusted, and the reason says so.
            Err(_) if ca.is_none() => RootCertStore::empty(),
            Err(error) => return Err(error),
        };
        Ok(Self { store, admission, turn: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Examines a server; `None` if that is not possible.
    pub async fn ask(&self, target: &Target, patience: Duration) -> Option<Answer> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.ok()?;
        let begun = monotonic();
        let mut plan = Plan::new(Terms::new(self.store.clone(), clock::now().as_second()));
        plan.patience = patience;
        plan.name_patience = patience;
        plan.admission = self.admission.clone();
        let host = target.host.clone();
        let examined = spawn_blocking(move || {
            let _turn = turn;
            let mut exposition = Exposition::default();
            let failure = probe(&mut exposition, &host, &plan);
            (exposition, failure)
        });
        let (mut exposition, failure) = examined.await.ok()?;
        let took = monotonic().saturating_sub(begun);
        match failure {
            Ok(failure) => add_probe(&mut exposition, failure, took),
            Err(ProbeError::Forbidden(address)) => return Some(Answer::Forbidden(forbidden(address))),
            Err(ProbeError::Socket(_)) => add_probe(&mut exposition, Some("network"), took),
        }
        Some(Answer::Samples(exposition.into_samples()))
    }
}
