//! The state of the monitor: what is known, what is shown, and how keys change it. Without terminal, network or clock.

use super::data::{Data, Opened, Update};
use super::order::{PeerOrder, RowOrder, shown_peers, shown_rows};
use crate::compat::Dialect;
use crate::model::report::PeerRow;
use crate::render::classic::peers::PeersView;
use crate::wire::AssociationId;
use crate::wire::status::Selection;
use std::path::PathBuf;
use std::time::Duration;

/// The intervals that `+` and `-` choose from, in seconds.
const INTERVALS: [u64; 10] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
/// The longest text that a prompt takes.
const LONGEST_TEXT: usize = 256;

/// What the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All hosts.
    Fleet,
    /// The open host.
    Host,
}

/// The pane below the peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The daemon's clients.
    Clients,
    /// The variables of the selected association.
    Detail,
}

/// What the prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// A filter.
    Filter,
    /// The file for the log.
    Log,
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What it asks for.
    pub question: Question,
    /// What was typed so far.
    pub text: String,
}

/// How things are shown.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key")]
pub struct Look {
    /// Addresses instead of names.
    pub numeric: bool,
    /// Numbers with units.
    pub units: bool,
    /// Long names in full.
    pub wide: bool,
    /// Only sources that are configured or reachable.
    pub reachable_only: bool,
    /// The columns of the peers.
    pub columns: PeersView,
    /// Whether colours may be used.
    pub color: bool,
    /// The dialect of the tables.
    pub dialect: Dialect,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            numeric: false,
            units: false,
            wide: false,
            reachable_only: false,
            columns: PeersView::Peers,
            color: false,
            dialect: Dialect::default(),
        }
    }
}

/// What the network is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The time between two polls.
    pub interval: Duration,
    /// The open host, by number.
    pub open: Option<usize>,
    /// Whether its clients are wanted.
    pub clients: bool,
    /// Whether names are wanted.
    pub names: bool,
}

/// What a key asks of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing more.
    None,
    /// The end.
    Quit,
    /// To write a log to this file.
    Log(PathBuf),
    /// To stop that.
    EndLog,
    /// To draw everything again.
    Redraw,
}

/// The monitor.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// What is known.
    data: Data,
    /// What was known when the screen was frozen.
    frozen: Option<Data>,
    /// What is shown.
    pub view: View,
    /// How.
    pub look: Look,
    /// The pane below the peers.
    pub pane: Pane,
    /// Whether the peers are shown.
    pub shows_peers: bool,
    /// The time between two polls.
    pub interval: Duration,
    /// Whether the help is shown.
    pub helps: bool,
    /// The line that is being typed.
    pub prompt: Option<Prompt>,
    /// The filter of the hosts, and that of the peers.
    pub filters: [String; 2],
    /// The order of the hosts.
    pub row_order: RowOrder,
    /// The order of the peers.
    pub peer_order: PeerOrder,
    /// The selected host, by number.
    pub row: Option<usize>,
    /// The selected association.
    pub peer: Option<AssociationId>,
    /// The file for the log, and whether it is being written.
    pub log: (Option<PathBuf>, bool),
    /// A message for the last line.
    pub message: Option<String>,
    /// The rows of the last screen, for keys that move by a screen.
    pub page: usize,
}

impl Monitor {
    /// A monitor of these hosts. A single one is open from the start.
    pub fn new(hosts: &[String], interval: Duration, look: Look) -> Self {
        let mut monitor = Self {
            data: Data::new(hosts),
            frozen: None,
            view: View::Fleet,
            look,
            pane: Pane::Clients,
            shows_peers: true,
            interval,
            helps: false,
            prompt: None,
            filters: Default::default(),
            row_order: RowOrder::default(),
            peer_order: PeerOrder::default(),
            row: None,
            peer: None,
            log: (None, false),
            message: None,
            page: 10,
        };
        if hosts.len() == 1 {
            monitor.open(0);
        }
        monitor
    }

    /// Takes news.
    pub fn take(&mut self, update: Update) {
        self.data.take(update);
    }

    /// What is shown: what is known, or was when the screen was frozen.
    pub fn shown(&self) -> &Data {
        self.frozen.as_ref().unwrap_or(&self.data)
    }

    /// Whether the screen is frozen.
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Whether there are several hosts.
    pub fn is_fleet(&self) -> bool {
        self.data.rows.len() > 1
    }

    /// Freezes the screen, or lets it go on.
    pub fn freeze(&mut self) {
        self.frozen = if self.frozen.is_some() { None } else { Some(self.data.clone()) };
    }

    /// Opens a host.
    pub fn open(&mut self, place: usize) {
        self.frozen = None;
        self.data.open = Some(Opened { place, ..Opened::default() });
        self.view = View::Host;
        (self.peer, self.pane, self.shows_peers) = (None, Pane::Clients, true);
    }

    /// Closes the open host.
    pub fn close(&mut self) {
        self.frozen = None;
        self.data.open = None;
        self.view = View::Fleet;
    }

    /// The filter of what is shown.
    pub fn filter(&self) -> &str {
        let [rows, peers] = &self.filters;
        if self.view == View::Fleet { rows } else { peers }
    }

    /// The same to be changed.
    pub fn filter_mut(&mut self) -> &mut String {
        let [rows, peers] = &mut self.filters;
        if self.view == View::Fleet { rows } else { peers }
    }

    /// What the network is to be asked for.
    pub fn wishes(&self) -> Wishes {
        let open = self.data.open.as_ref().map(|open| open.place);
        let clients = self.view == View::Host && self.pane == Pane::Clients;
        Wishes { interval: self.interval, open, clients, names: !self.look.numeric }
    }

    /// The next longer or shorter interval.
    pub fn change_interval(&mut self, longer: bool) {
        let seconds = self.interval.as_secs_f64();
        let mut known = INTERVALS.iter().copied().map(Duration::from_secs);
        let next = if longer {
            known.find(|other| other.as_secs_f64() > seconds)
        } else {
            known.rev().find(|other| other.as_secs_f64() < seconds)
        };
        self.interval = next.unwrap_or(self.interval);
    }

    /// Moves the selection by this many rows.
    pub fn go(&mut self, by: isize) {
        let moved = |at: Option<usize>, count: usize| {
            let last = count.saturating_sub(1);
            at.map_or(if by < 0 { last } else { 0 }, |at| at.saturating_add_signed(by).min(last))
        };
        match self.view {
            View::Fleet => {
                let rows = self.rows();
                let at = rows.iter().position(|row| Some(*row) == self.row);
                self.row = rows.get(moved(at, rows.len())).copied();
            }
            View::Host => {
                let peers = self.associations();
                let at = peers.iter().position(|id| Some(*id) == self.peer);
                self.peer = peers.get(moved(at, peers.len())).copied();
            }
        }
    }

    /// The sources that are shown, in order.
    pub fn peers(&self) -> Vec<&PeerRow> {
        shown_peers(self.shown(), self.peer_order, self.filter(), self.look.reachable_only)
    }

    fn associations(&self) -> Vec<AssociationId> {
        self.peers().iter().map(|row| row.peer.association).collect()
    }

    /// The numbers of the hosts that are shown, in order.
    pub fn rows(&self) -> Vec<usize> {
        shown_rows(self.shown(), self.row_order, self.filter())
    }

    /// Selects a source, unless one is selected: the one that the daemon follows.
    pub fn select_peer(&mut self) {
        let peers = self.peers();
        let is_selected = |row: &&&PeerRow| Some(row.peer.association) == self.peer;
        if peers.iter().find(is_selected).is_some() {
            return;
        }
        let followed = peers.iter().find(|row| row.peer.status.selection() >= Selection::SystemPeer);
        self.peer = followed.or(peers.first()).map(|row| row.peer.association);
    }

    /// Opens a prompt.
    pub fn ask(&mut self, question: Question) {
        let text = match question {
            Question::Filter => self.filter().to_owned(),
            Question::Log => String::new(),
        };
        self.prompt = Some(Prompt { question, text });
    }

    /// Adds a letter to what is being typed.
    pub fn type_letter(&mut self, letter: char) {
        if let Some(prompt) = self.prompt.as_mut().filter(|prompt| prompt.text.len() < LONGEST_TEXT) {
            prompt.text.push(letter);
        }
    }
}
