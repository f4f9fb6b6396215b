//! Everything learnt, as JSON lines in a file.

use super::data::{Seen, Update};
use crate::model::report::{PeerColumns, PeersReport, Report};
use crate::render::json;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The file.
#[derive(Debug)]
pub struct Log(File);

impl Log {
    /// Opens the file; what it contains remains.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(OpenOptions::new().append(true).create(true).open(path)?))
    }

    /// Writes what is new.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, update: &Update, now: Timestamp) -> io::Result<()> {
        // All lines at once, so that another program that reads along sees whole lines.
        self.0.write_all(lines(update, now).as_bytes())
    }
}

/// The lines of this news.
fn lines(update: &Update, now: Timestamp) -> String {
    match update {
        Update::Look { host, .. } => json::fleet_host_at(host, now),
        Update::Seen(seen) => [json::fleet_host_at(&seen.host, now), reports(seen)].concat(),
        Update::Clients { list: Some(list), .. } => json::line(&Report::Mru(Box::new((**list).clone()))),
        Update::Clients { list: None, .. } | Update::RoundOver | Update::Names(_) => String::new(),
    }
}

fn reports(seen: &Seen) -> String {
    let Some(system) = &seen.system else { return String::new() };
    let peers = PeersReport {
        origin: system.origin.clone(),
        columns: PeerColumns::default(),
        peers: seen.peers.clone(),
        missing: Vec::new(),
    };
    let system = Report::Variables(Box::new(system.clone()));
    [system, Report::Peers(peers)].iter().map(json::line).collect()
}
