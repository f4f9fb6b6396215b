//! The facts that the checks judge.

use crate::app::ntpkit::check_config::Summary;
use crate::app::ntpkit::leap;
use crate::client::diagnosis::{Asked, Diagnosis};
use crate::clock::kernel::KernelState;
use crate::model::Peer;
use crate::net::presence::{Holders, Process};
use crate::wire::status::Selection;
use std::net::SocketAddr;
use std::time::Duration;

/// All that is known about one host.
#[derive(Debug, Default)]
pub struct Facts {
    /// What is visible only on this machine; `None` for another host.
    pub here: Option<Here>,
    /// The daemon, if one replied.
    pub daemon: Option<Daemon>,
    /// Why no daemon replied.
    pub silence: Option<Silence>,
    /// The host's clock as measured from here; never set for this machine.
    pub clock: Option<Measured>,
}

/// What is visible on this machine.
#[derive(Debug, Default)]
pub struct Here {
    /// The time daemons running in this network namespace.
    pub processes: Vec<Process>,
    /// The processes that hold UDP port 123.
    pub holders: Holders,
    /// The kernel's clock; `None` if reading it is not permitted.
    pub kernel: Option<KernelState>,
    /// The kernel's clock source.
    pub clock_source: Option<String>,
    /// The hardware clock minus the system clock, in whole seconds.
    pub hardware: Option<i64>,
    /// The leap-seconds list.
    pub leap_list: Option<leap::Summary>,
    /// The findings of `check-config` in its files.
    pub configuration: Option<Summary>,
    /// The results of looking up the names in the configuration.
    pub names: Option<Names>,
}

/// The results of looking up the sources' names.
#[derive(Debug, Default)]
pub struct Names {
    /// The number of names looked up.
    pub asked: usize,
    /// The names without an address, with the reason.
    pub failed: Vec<(String, String)>,
    /// Two names, or a name and an address, that stand for the same server.
    pub same: Option<(String, String)>,
}

/// The state of a daemon.
#[derive(Debug, Default)]
pub struct Daemon {
    /// Its name.
    pub name: String,
    /// The leap indicator.
    pub leap: Option<u8>,
    /// The stratum.
    pub stratum: Option<u32>,
    /// The system peer or reference clock.
    pub reference: Option<String>,
    /// The delay to the root, in seconds.
    pub root_delay: Option<f64>,
    /// The dispersion to the root, in seconds.
    pub root_dispersion: Option<f64>,
    /// The offset of its clock, in seconds.
    pub offset: Option<f64>,
    /// The frequency correction, in parts per million.
    pub frequency: Option<f64>,
    /// Its uptime.
    pub uptime: Option<Duration>,
    /// Its sources.
    pub sources: Vec<Source>,
}

/// A source of a daemon.
#[derive(Debug, Default)]
pub struct Source {
    /// What the daemon reports about it.
    pub peer: Peer,
    /// Whether it replies to a time request from an ephemeral port; `None` if it was not asked.
    pub answers: Option<bool>,
}

/// Why no daemon replied.
#[derive(Debug, Default)]
pub struct Silence {
    /// What was observed.
    pub seen: String,
    /// What was observed of daemons with their own protocols.
    pub others: Vec<String>,
    /// The kind of silence.
    pub kind: SilenceKind,
    /// The next step, if it is known.
    pub next: Option<String>,
    /// Whether the reply to another request may explain it.
    pub is_open: bool,
}

impl Silence {
    /// Adds the explanation that follows from other facts about the host at this address.
    #[must_use]
    pub fn explained_by(self, diagnosis: Option<Diagnosis>, address: Option<SocketAddr>) -> Self {
        let Some(diagnosis) = diagnosis.filter(|_| self.is_open) else { return self };
        let kind = match diagnosis {
            Diagnosis::ServesTimeOnly(_) => SilenceKind::ServesTime,
            Diagnosis::Kiss(_) => SilenceKind::Refuses,
            _ => SilenceKind::Nothing,
        };
        // A reply to another request explains what the errors on the way do not.
        let is_open = matches!(diagnosis, Diagnosis::Nothing);
        let next = Some(diagnosis.next_step(address));
        Self { seen: diagnosis.cause(Asked::State), kind, next, is_open, ..self }
    }

    /// All that was observed.
    pub fn text(&self) -> String {
        std::iter::once(&self.seen).chain(&self.others).cloned().collect::<Vec<_>>().join("; ")
    }
}

/// What is known of a host that does not answer queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SilenceKind {
    /// It serves time.
    ServesTime,
    /// It refuses this client.
    Refuses,
    /// It has no address.
    NoAddress,
    /// Nothing came back.
    #[default]
    Nothing,
}

/// The measured clock of a host.
#[derive(Debug, Default)]
pub struct Measured {
    /// The measured address.
    pub address: Option<SocketAddr>,
    /// Its clock minus this one, in seconds; `None` if it gave no time.
    pub offset: Option<f64>,
    /// Half the round trip, in seconds: the largest error of the offset.
    pub uncertainty: f64,
    /// Why there is no offset.
    pub fault: String,
    /// What its reply, or the lack of one, means for a host that answers no queries; `None` if it was not asked.
    pub diagnosis: Option<Diagnosis>,
}

impl Daemon {
    /// Whether it reports its clock as synchronised.
    pub fn is_synchronized(&self) -> bool {
        self.leap.is_some_and(|leap| leap < 3)
            && self.stratum.is_none_or(|stratum| (1..16).contains(&stratum))
    }

    /// The largest error of its clock, in seconds.
    pub fn bound(&self) -> Option<f64> {
        Some(self.root_dispersion? + self.root_delay.unwrap_or(0.0) / 2.0)
    }

    /// Its sources except the local clock.
    pub fn real_sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| !source.is_local_clock())
    }

    /// The source that it follows.
    pub fn followed(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.selection() >= Selection::SystemPeer)
    }
}

impl Source {
    /// The daemon's selection of it.
    pub fn selection(&self) -> Selection {
        self.peer.status.selection()
    }

    /// Its name, or its address.
    pub fn name(&self) -> String {
        let address = self.peer.source_address.as_ref().map(ToString::to_string);
        let name = self.peer.source_host.as_deref().map(crate::text::visible);
        match (name, address) {
            (Some(name), Some(address)) if name != address => format!("{name} ({address})"),
            (Some(name), None) => name,
            (_, Some(address)) => address,
            (None, None) => format!("association {}", self.peer.association.0),
        }
    }

    /// The reachability register of the last eight polls.
    pub fn reach(&self) -> Option<u8> {
        self.peer.reach.map(|reach| u8::try_from(reach & 0xff).unwrap_or(0))
    }

    /// Whether it is a clock attached to the daemon's machine.
    pub fn is_clock(&self) -> bool {
        self.peer.source_address.as_ref().is_some_and(|address| address.reference_clock().is_some())
    }

    /// Whether it is the undisciplined local clock, the fallback when no other source is available.
    pub fn is_local_clock(&self) -> bool {
        self.peer.source_address.as_ref().is_some_and(|address| {
            address.reference_clock().is_some_and(|clock| clock.name() == Some("LOCAL"))
        })
    }

    /// Whether it sends packets that fail a test.
    pub fn sends_unusable_packets(&self) -> bool {
        self.peer.flash.is_some_and(|flash| flash.names().any(|name| name.starts_with("pkt_")))
    }

    /// Its offset in seconds.
    pub fn offset(&self) -> Option<f64> {
        self.peer.offset.as_ref().map(|offset| offset.value() / 1000.0)
    }
}
