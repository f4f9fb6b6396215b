//! The peer billboards.

use super::other_daemons::PeerSource;
use crate::client::daemon::QueryError;
use crate::compat::{Dialect, Layout, Quirk};
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed, Outcome};
use crate::console::failure::fault;
use crate::console::host::NamesShown;
use crate::console::settings::Settings;
use crate::model::report::{Fault, FaultCause, MissingPeer, PeerColumns, PeersReport, Report};
use crate::model::{Association, NetworkAddress, PEER_VARIABLES, Peer};
use crate::net::names::NameService;
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
    Empty(AssociationId),
    Missing(AssociationId, QueryError),
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
                let Some(list) = self.listed_associations()? else { return Ok(Outcome::Done) };
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
        if self.settings.format.reports() {
            self.report_peers(view, family, rows);
        } else {
            self.print_peers(view, family, rows, is_told_in_part);
        }
        Ok(Outcome::Done)
    }

    /// The rows as a report, including those without a reply. The latter are reported as errors, too.
    fn report_peers(&mut self, view: PeersView, family: Option<AddressFamily>, rows: Vec<Row>) {
        let mut peers = Vec::with_capacity(rows.len());
        let mut missing = Vec::new();
        let mut reported = Vec::new();
        let mut unread = Vec::new();
        for row in rows {
            match row {
                Row::Peer(peer, fault) => {
                    self.output.message(format!("{}{}", fault.line, PeerTable::diagnostics(&peer)));
                    unread.extend(fault.message.map(|message| (peer.association, message)));
                    if shows(family, &peer) {
                        peers.push(self.named_peer(*peer));
                    }
                }
                Row::Empty(association) => {
                    let message = format!("No information returned for association {association}");
                    self.host_error(&format!("***{message}\n"));
                    let fault = Fault { cause: FaultCause::Malformed, message };
                    missing.push(MissingPeer { association, fault });
                }
                Row::Missing(association, error) => {
                    missing.push(MissingPeer { association, fault: fault(&error, association) });
                    reported.push((association, error));
                }
            }
        }
        let columns = match view {
            PeersView::OldPeers => PeerColumns::Local,
            PeersView::AssociationPeers => PeerColumns::Association,
            PeersView::Peers => PeerColumns::Reference,
        };
        self.report_missing(reported);
        let origin = self.origin();
        self.deliver(Report::Peers(PeersReport { origin, columns, peers, missing }));
        for unread in unread {
            self.report_unread(Some(unread));
        }
    }

    /// Prints the rows. A missing row is reported: the classic program stops there, ntpkit prints the other rows all
    /// the same.
    fn print_peers(
        &mut self,
        view: PeersView,
        family: Option<AddressFamily>,
        rows: Vec<Row>,
        is_told_in_part: bool,
    ) {
        let server = self.server_column(view);
        if self.settings.dialect.keeps(Quirk::SECOND_LOOKUP) && self.hosts.several {
            // The classic program looks up all operands again for the width of the column.
            let lines: String =
                self.hosts.found.unknown.iter().map(|name| format!("***Can't find host {name}\n")).collect();
            self.output.message(lines);
        }
        let (wide, version) = (self.settings.wide, self.settings.version);
        let ends_early = self.settings.dialect.keeps(Quirk::BILLBOARD_ENDS_EARLY);
        let is_ntpsec = self.settings.layout == Layout::Ntpsec;
        let width = self.settings.forced_width.or(self.settings.width).unwrap_or(80);
        let lines: Vec<(String, Option<String>)> = self.with_style(|style| {
            let server = server.as_ref().map(|(width, host, is_numeric)| ServerColumn {
                width: *width,
                host,
                is_numeric: *is_numeric,
            });
            let style = style.clone();
            let (heading, line): (String, Box<Line>) = if is_ntpsec {
                let table = NtpsecTable { view, wide, version, width, server, style };
                (
                    table.heading(),
                    Box::new(move |peer| if shows(family, peer) { table.line(peer) } else { String::new() }),
                )
            } else {
                let table = PeerTable { view, wide, version, family, server, is_told_in_part, style };
                (table.heading(), Box::new(move |peer| table.line(peer)))
            };
            let lines = rows.iter().map(|row| match row {
                Row::Peer(peer, fault) => {
                    (format!("{}{}", fault.line, PeerTable::diagnostics(peer)), Some(line(peer)))
                }
                Row::Empty(_) | Row::Missing(..) => (String::new(), None),
            });
            std::iter::once((String::new(), Some(heading))).chain(lines).collect()
        });
        let mut lines = lines.into_iter();
        if let Some((_, Some(heading))) = lines.next() {
            self.output.result(heading);
        }
        let mut reported: Vec<(AssociationId, QueryError)> = Vec::new();
        let mut unread = Vec::new();
        for (row, (diagnostics, line)) in rows.into_iter().zip(lines) {
            self.output.message(diagnostics);
            if let Some(line) = line {
                self.output.result(self.colored(line));
            }
            match row {
                Row::Peer(peer, fault) => {
                    unread.extend(fault.message.map(|message| (peer.association, message)));
                }
                Row::Empty(id) => {
                    self.host_error(&format!("***No information returned for association {id}\n"));
                    if ends_early {
                        break;
                    }
                }
                Row::Missing(id, error) if ends_early => {
                    self.report_failure(&error, id);
                    break;
                }
                Row::Missing(id, error) => reported.push((id, error)),
            }
        }
        self.report_missing(reported);
        for unread in unread {
            self.report_unread(Some(unread));
        }
    }

    /// Reports each cause once, and the associations that are missing.
    fn report_missing(&mut self, missing: Vec<(AssociationId, QueryError)>) {
        let mut reasons: Vec<(QueryError, Vec<AssociationId>)> = Vec::new();
        for (id, error) in missing {
            match reasons.iter_mut().find(|(known, _)| *known == error) {
                Some((_, ids)) => ids.push(id),
                None => reasons.push((error, vec![id])),
            }
        }
        for (error, ids) in reasons {
            self.report_failure(&error, ids.first().copied().unwrap_or_default());
            let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let host = self.host_label();
            self.advise(&host, &format!("missing above: associations {}", names.join(" ")));
        }
    }

    fn row(&self, entry: &Association, answer: Result<Reply, QueryError>) -> Row {
        match answer {
            Ok(reply) if reply.data.is_empty() => Row::Empty(entry.id),
            Ok(reply) => {
                let scan = self.scan(&reply.data);
                let fault = Unread {
                    line: kept_fault_line(scan.fault.as_ref(), self.settings.dialect),
                    message: scan.fault.as_ref().map(fault_message),
                };
                Row::Peer(Box::new(Peer::from_variables(entry.id, entry.status, &scan)), fault)
            }
            Err(error) => Row::Missing(entry.id, error),
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
