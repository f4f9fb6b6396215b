//! The peer billboards.

use super::other_daemons::PeerSource;
use crate::cli::output::Piece;
use crate::client::daemon::QueryError;
use crate::compat::{Dialect, Layout, Quirk};
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::console::failure::fault;
use crate::console::findings::{Findings, Gap};
use crate::console::host::NamesShown;
use crate::console::settings::Settings;
use crate::model::report::{Fault, FaultCause, MissingPeer, PeerColumns, PeersReport, Report};
use crate::model::{Association, NetworkAddress, Origin, PEER_VARIABLES, Peer};
use crate::net::names::NameService;
use crate::render::classic::Style;
use crate::render::classic::escape::{fault_message, kept_fault_line};
use crate::render::classic::peers::{AddressFamily, PeerTable, PeersView, ServerColumn};
use crate::render::ntpsec::peers::PeerTable as NtpsecTable;
use crate::session::control::{Failure, Reply, Request};
use crate::wire::AssociationId;
use crate::wire::control::{ErrorCode, Opcode};
use crate::wire::variables::scan;
use std::net::IpAddr;
use std::sync::Arc;

pub(super) fn peers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let view = PeersView::of_peers(shell.reference_id_form());
    shell.show_peers(view, false, arguments)
}

pub(super) fn lpeers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.show_peers(PeersView::Peers, true, arguments)
}

pub(super) fn apeers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.show_peers(PeersView::AssociationPeers, false, arguments)
}

pub(super) fn opeers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.show_peers(PeersView::OldPeers, false, arguments)
}

pub(super) fn lopeers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    shell.show_peers(PeersView::OldPeers, true, arguments)
}

/// Formats a peer as a line.
type Line<'a> = dyn Fn(&Peer) -> String + 'a;

/// The result for one row.
enum Row {
    /// The peer, and what could not be parsed.
    Peer(Box<Peer>, Unread),
    Missing(Gap),
}

/// What a billboard shows.
#[derive(Clone, Copy)]
struct Billboard {
    view: PeersView,
    /// Only addresses of this family.
    family: Option<AddressFamily>,
    /// Whether the daemon reports only some of the columns.
    is_told_in_part: bool,
}

/// The parts of a reply that could not be parsed.
#[derive(Default)]
struct Unread {
    /// The line that 4.2.8p15 prints before the row, in its dialect.
    line: String,
    message: Option<String>,
}

/// Requests the variables of an association that the billboards show; a daemon that does not know one of them is asked
/// for all its variables.
fn question(id: AssociationId, named: bool) -> Request {
    let data = if named { PEER_VARIABLES.join(",").into_bytes() } else { Vec::new() };
    Request::open(Opcode::READ_VARIABLES, id, data)
}

/// A report without peers.
fn report(view: PeersView, origin: Origin) -> PeersReport {
    let columns = match view {
        PeersView::OldPeers => PeerColumns::Local,
        PeersView::AssociationPeers => PeerColumns::Association,
        PeersView::Peers => PeerColumns::Reference,
    };
    PeersReport { origin, columns, peers: Vec::new(), missing: Vec::new() }
}

/// The findings for these rows.
fn found(board: Billboard, rows: Vec<Row>) -> Findings {
    let mut warnings = String::new();
    let mut gaps = Vec::new();
    let mut unread = Vec::new();
    for row in &rows {
        match row {
            Row::Peer(peer, fault) => {
                warnings += &(fault.line.clone() + &PeerTable::diagnostics(peer));
                unread.push((peer.association, fault.message.clone()));
            }
            Row::Missing(gap) => gaps.push(gap.clone()),
        }
    }
    let findings = Findings::pieces(
        rows,
        move |rows, shell, style| shell.billboard(board, rows, style),
        move |rows, shell, origin| shell.peers_report(board, rows, origin),
    );
    let findings = findings.with_warnings(warnings).with_gaps(gaps);
    unread.into_iter().fold(findings, |findings, (id, message)| findings.with_unread(id, message))
}

impl Shell {
    fn show_peers(&mut self, view: PeersView, all: bool, arguments: &[Argument]) -> CommandResult {
        let source = self.peer_source();
        let is_told_in_part = matches!(source, PeerSource::Other(_));
        let rows: Vec<Row> = match source {
            PeerSource::Nobody => return Err(Failed),
            PeerSource::Other(peers) => {
                peers.into_iter().map(|peer| Row::Peer(Box::new(peer), Unread::default())).collect()
            }
            PeerSource::Control => {
                let list = self.listed_associations()?;
                if list.is_empty() {
                    return self.none_listed(move |origin| Report::Peers(report(view, origin))).found();
                }
                let shown: Vec<Association> =
                    list.into_iter().filter(|entry| all || entry.is_shown_by_default()).collect();
                let answers = self.read_peers(&shown);
                shown.iter().zip(answers).map(|(entry, answer)| self.row(entry, answer)).collect()
            }
        };
        let family = match arguments.first() {
            Some(Argument::IpVersion(4)) => Some(AddressFamily::Inet),
            Some(Argument::IpVersion(_)) => Some(AddressFamily::Inet6),
            _ => None,
        };
        found(Billboard { view, family, is_told_in_part }, rows).found()
    }

    /// The heading and the rows, each after what could not be parsed of it.
    fn billboard(&self, board: Billboard, rows: Vec<Row>, style: &Style<'_>) -> Vec<Piece> {
        let Billboard { view, family, is_told_in_part } = board;
        let server = self.server_column(view);
        let server = server.as_ref().map(|(width, host, is_numeric)| ServerColumn {
            width: *width,
            host,
            is_numeric: *is_numeric,
        });
        let (wide, version) = (self.settings.wide, self.settings.version);
        let width = self.settings.forced_width.or(self.settings.width).unwrap_or(80);
        let style = style.clone();
        let (heading, line): (String, Box<Line>) = if self.settings.layout == Layout::Ntpsec {
            let table = NtpsecTable { view, wide, version, width, server, style };
            (
                table.heading(),
                Box::new(move |peer| if shows(family, peer) { table.line(peer) } else { String::new() }),
            )
        } else {
            let table = PeerTable { view, wide, version, family, server, is_told_in_part, style };
            (table.heading(), Box::new(move |peer| table.line(peer)))
        };
        let mut pieces = Vec::with_capacity(2 * rows.len() + 2);
        if self.settings.dialect.keeps(Quirk::SECOND_LOOKUP) && self.hosts.several {
            // The classic program looks up all operands again for the width of the column.
            let lines: String =
                self.hosts.found.unknown.iter().map(|name| format!("***Can't find host {name}\n")).collect();
            pieces.push(Piece::Message(lines.into_bytes()));
        }
        pieces.push(Piece::Result(heading.into_bytes()));
        for row in rows {
            match row {
                Row::Peer(peer, unread) => {
                    pieces.push(Piece::Message((unread.line + &PeerTable::diagnostics(&peer)).into_bytes()));
                    pieces.push(Piece::Result(self.colored(line(&peer)).into_bytes()));
                }
                // The classic program stops there; ntpkit prints the other rows all the same.
                Row::Missing(_) if self.settings.dialect.keeps(Quirk::BILLBOARD_ENDS_EARLY) => break,
                Row::Missing(_) => {}
            }
        }
        pieces
    }

    /// The rows as a report, including those without a reply.
    fn peers_report(&self, board: Billboard, rows: Vec<Row>, origin: Origin) -> Report {
        let mut report = report(board.view, origin);
        for row in rows {
            match row {
                Row::Peer(peer, _) if shows(board.family, &peer) => report.peers.push(self.named_peer(*peer)),
                Row::Peer(..) => {}
                Row::Missing(Gap::Empty(association)) => {
                    let message = Gap::empty_reply(association);
                    let fault = Fault { cause: FaultCause::Malformed, message };
                    report.missing.push(MissingPeer { association, fault });
                }
                Row::Missing(Gap::Unanswered(association, error)) => {
                    report.missing.push(MissingPeer { association, fault: fault(&error, association) });
                }
            }
        }
        Report::Peers(report)
    }

    fn row(&self, entry: &Association, answer: Result<Reply, QueryError>) -> Row {
        match answer {
            Ok(reply) if reply.data.is_empty() => Row::Missing(Gap::Empty(entry.id)),
            Ok(reply) => {
                let scan = self.scan(&reply.data);
                let fault = Unread {
                    line: kept_fault_line(scan.fault.as_ref(), self.settings.dialect),
                    message: scan.fault.as_ref().map(fault_message),
                };
                Row::Peer(Box::new(Peer::from_variables(entry.id, entry.status, &scan)), fault)
            }
            Err(error) => Row::Missing(Gap::Unanswered(entry.id, error)),
        }
    }

    /// Reads all these associations at once, and starts looking up the peers' names as their addresses arrive.
    fn read_peers(&mut self, shown: &[Association]) -> Vec<Result<Reply, QueryError>> {
        let names = self.settings.host_names.then(|| Arc::clone(&self.names));
        let several = self.hosts.several;
        // NTPsec's billboard shows variables that other daemons do not know.
        let asks_by_name = self.settings.layout != Layout::Ntpsec;
        let requests: Vec<Request> = shown.iter().map(|entry| question(entry.id, asks_by_name)).collect();
        self.ask_all(&requests, &mut |index, outcome| {
            let entry = shown.get(index)?;
            match (outcome, &names) {
                (Err(Failure::Refused(ErrorCode::UNKNOWN_VARIABLE)), _) => Some(question(entry.id, false)),
                (Ok(reply), Some(names)) => {
                    let peer = Peer::from_variables(entry.id, entry.status, &scan(&reply.data));
                    begin_look_ups(names, &peer, several);
                    None
                }
                _ => None,
            }
        })
    }

    /// The width of the server column, the host in it, and whether that is an address.
    fn server_column(&self, view: PeersView) -> Option<(usize, String, bool)> {
        if !self.hosts.several {
            return None;
        }
        let host = self.host_name();
        let is_numeric = host.parse::<IpAddr>().is_ok();
        let Settings { dialect, layout, host_names, .. } = self.settings;
        let shown = operands_shown(view, dialect, layout, host_names);
        Some((self.hosts.found.width(shown, &self.names), host, is_numeric))
    }
}

/// How the server column names the operands. For `opeers` the classic program looks up addresses given as operands,
/// even under `-n`.
fn operands_shown(view: PeersView, dialect: Dialect, layout: Layout, host_names: bool) -> NamesShown {
    match (layout, view) {
        (Layout::Ntpsec, _) => NamesShown::Operands,
        (_, PeersView::OldPeers) if dialect.keeps(Quirk::OPEERS_LOOKS_UP) => NamesShown::AnyOrOperands,
        (_, PeersView::OldPeers) => NamesShown::Operands,
        _ if host_names => NamesShown::Confirmed,
        _ => NamesShown::Addresses,
    }
}

/// Whether a peer has an address of this family, if one is requested.
fn shows(family: Option<AddressFamily>, peer: &Peer) -> bool {
    let address = peer.source_address.as_ref().map(NetworkAddress::ip);
    match family {
        None => true,
        Some(AddressFamily::Inet) => address.is_some_and(|address| address.is_ipv4()),
        Some(AddressFamily::Inet6) => address.is_some_and(|address| address.is_ipv6()),
    }
}

/// Starts looking up the names that a row may show.
fn begin_look_ups(names: &NameService, peer: &Peer, several: bool) {
    let nameable =
        |address: &&NetworkAddress| !address.is_unspecified() && address.reference_clock().is_none();
    if let Some(address) = peer.source_address.as_ref().filter(nameable) {
        names.begin_reverse(address.ip());
    }
    if let Some(address) = peer.destination_address.as_ref().filter(nameable).filter(|_| several) {
        names.begin_reverse(address.ip());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_classic_looks_operands_up_for_opeers_even_under_n() {
        for host_names in [true, false] {
            let shown = |dialect| operands_shown(PeersView::OldPeers, dialect, Layout::Classic, host_names);
            assert_eq!(shown(Dialect::Classic), NamesShown::AnyOrOperands);
            assert_eq!(shown(Dialect::Native), NamesShown::Operands);
        }
    }
}
