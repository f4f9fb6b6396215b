//! What keys do. Where NTPsec's ntpmon has a key, it is the same here.

use super::key::Key;
use super::monitor::{Action, Monitor, Pane, Prompt, Question, View};
use crate::render::classic::peers::PeersView;
use std::path::PathBuf;

/// The keys, for the help: those for one host, and those for several.
pub const HELP: &[(&str, &str)] = &[
    ("j k, arrows", "select the next, the previous row"),
    ("Enter", "open the selected host; variables of the selected source"),
    ("Esc", "back"),
    ("p a o", "peers with reference IDs, association IDs, local addresses"),
    ("Space", "the next of these"),
    ("d", "variables of the selected source, or the clients"),
    ("m", "only the clients, or the peers as well"),
    ("n", "names or addresses"),
    ("s", "only reachable sources, or all"),
    ("u", "numbers with units, or without"),
    ("w", "long names in full, or truncated"),
    ("/", "filter by name, address or problem"),
    ("S", "sort by another figure"),
    ("f", "freeze the screen, or go on"),
    ("l", "write JSON lines to a file, or stop"),
    ("+ -", "poll less often, more often"),
    ("Ctrl-L", "draw everything again"),
    ("? h", "this help"),
    ("q x", "quit"),
];

/// Changes the monitor as a key says.
pub fn press(monitor: &mut Monitor, key: Key) -> Action {
    if monitor.prompt.is_some() {
        return type_key(monitor, key);
    }
    monitor.message = None;
    if monitor.helps {
        monitor.helps = false;
        return match key {
            Key::Letter('q' | 'x') => Action::Quit,
            Key::Redraw => Action::Redraw,
            _ => Action::None,
        };
    }
    match key {
        Key::Letter('q' | 'x') => return Action::Quit,
        Key::Redraw => return Action::Redraw,
        Key::Letter('h' | '?') => monitor.helps = true,
        Key::Letter('j') | Key::Down => monitor.go(1),
        Key::Letter('k') | Key::Up => monitor.go(-1),
        Key::PageDown => monitor.go(monitor.page.max(1).cast_signed()),
        Key::PageUp => monitor.go(-monitor.page.max(1).cast_signed()),
        Key::Home => monitor.go(isize::MIN),
        Key::End => monitor.go(isize::MAX),
        Key::Letter('/') => monitor.ask(Question::Filter),
        Key::Letter('S') => sort(monitor),
        Key::Letter('f') => monitor.freeze(),
        Key::Letter('+' | '=') => monitor.change_interval(true),
        Key::Letter('-') => monitor.change_interval(false),
        Key::Letter('l') => return toggle_log(monitor),
        Key::Letter('n') => monitor.look.numeric = !monitor.look.numeric,
        Key::Letter('u') => monitor.look.units = !monitor.look.units,
        Key::Letter('w') => monitor.look.wide = !monitor.look.wide,
        Key::Escape if monitor.view == View::Fleet => {
            monitor.row = None;
            monitor.filter_mut().clear();
        }
        Key::Enter if monitor.view == View::Fleet => {
            let rows = monitor.rows();
            let selected = rows.iter().find(|row| Some(**row) == monitor.row).or(rows.first()).copied();
            if let Some(place) = selected {
                monitor.row = Some(place);
                monitor.open(place);
            }
        }
        _ if monitor.view == View::Host => press_in_host(monitor, key),
        _ => {}
    }
    Action::None
}

fn press_in_host(monitor: &mut Monitor, key: Key) {
    match key {
        Key::Escape | Key::Letter('d') if monitor.pane == Pane::Detail => monitor.pane = Pane::Clients,
        Key::Escape if monitor.peer.is_some() => monitor.peer = None,
        Key::Escape if !monitor.filter().is_empty() => monitor.filter_mut().clear(),
        Key::Escape if monitor.is_fleet() => monitor.close(),
        Key::Letter('d') | Key::Enter => {
            monitor.shows_peers = true;
            monitor.pane = Pane::Detail;
            monitor.select_peer();
        }
        Key::Letter('m') => {
            monitor.shows_peers = !monitor.shows_peers;
            monitor.pane = Pane::Clients;
        }
        Key::Letter('s') => monitor.look.reachable_only = !monitor.look.reachable_only,
        Key::Letter('p') => monitor.look.columns = PeersView::Peers,
        Key::Letter('a') => monitor.look.columns = PeersView::AssociationPeers,
        Key::Letter('o') => monitor.look.columns = PeersView::OldPeers,
        Key::Letter(' ') => {
            monitor.look.columns = match monitor.look.columns {
                PeersView::Peers => PeersView::AssociationPeers,
                PeersView::AssociationPeers => PeersView::OldPeers,
                PeersView::OldPeers => PeersView::Peers,
            }
        }
        _ => {}
    }
}

fn sort(monitor: &mut Monitor) {
    let word = match monitor.view {
        View::Fleet => {
            monitor.row_order = monitor.row_order.next();
            monitor.row_order.word()
        }
        View::Host => {
            monitor.peer_order = monitor.peer_order.next();
            monitor.peer_order.word()
        }
    };
    monitor.message = Some(format!("sorted {word}"));
}

fn toggle_log(monitor: &mut Monitor) -> Action {
    match &monitor.log {
        (_, true) => Action::EndLog,
        (Some(path), false) => Action::Log(path.clone()),
        (None, false) => {
            monitor.ask(Question::Log);
            Action::None
        }
    }
}

/// A key while a line is being typed.
fn type_key(monitor: &mut Monitor, key: Key) -> Action {
    match key {
        Key::Letter(letter) => monitor.type_letter(letter),
        Key::Erase => drop(monitor.prompt.as_mut().and_then(|prompt| prompt.text.pop())),
        Key::EraseAll => monitor.prompt.as_mut().map(|prompt| prompt.text.clear()).unwrap_or_default(),
        Key::Redraw => return Action::Redraw,
        Key::Escape => monitor.prompt = None,
        Key::Enter => match monitor.prompt.take() {
            Some(Prompt { question: Question::Filter, text }) => *monitor.filter_mut() = text,
            Some(Prompt { question: Question::Log, text }) if !text.is_empty() => {
                return Action::Log(PathBuf::from(text));
            }
            _ => {}
        },
        _ => {}
    }
    Action::None
}
