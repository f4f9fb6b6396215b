//! The commands that only query.

use super::arguments::{addresses, wanted};
use super::query::Question;
use super::records;
use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::console::findings::Findings;
use crate::model::records::Subject;
use crate::render::classic::Style;
use crate::render::classic::mode7::peers::{self, Tally};
use crate::render::classic::mode7::{clock as clock_layout, lists, system as systems};
use crate::session::mode7::Items;
use crate::wire::mode7::clock::{ClockBug, ClockInfo};
use crate::wire::mode7::counters::{self, CounterTable};
use crate::wire::mode7::lists::{Client, ClientForm, Interface, Restriction, Trap};
use crate::wire::mode7::peer::{MachineOrder, PeerDetail, PeerEntry, PeerStatistics, PeerSummary};
use crate::wire::mode7::requests::{CLOCK_LENGTH, Queried, clocks};
use crate::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};
use crate::wire::mode7::{ErrorCode, RequestCode};
use std::net::IpAddr;

/// Parses all items; an item that cannot be parsed is skipped.
fn parse_all<T>(items: &[Vec<u8>], parse: impl Fn(&[u8]) -> Option<T>) -> Vec<T> {
    items.iter().filter_map(|item| parse(item)).collect()
}

/// The lines of all these, concatenated.
fn lines<T>(all: &[T], style: &Style<'_>, line: impl Fn(&T, &Style<'_>) -> String) -> String {
    all.iter().map(|one| line(one, style)).collect()
}

/// The paragraphs of all these, separated by empty lines.
fn paragraphs<T>(all: &[T], style: &Style<'_>, paragraph: impl Fn(&T, &Style<'_>) -> String) -> String {
    all.iter().map(|one| paragraph(one, style)).collect::<Vec<_>>().join("\n")
}

pub(super) fn peer_list(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let reply = shell.ask_items(Question::open(RequestCode::PEER_LIST), &PeerEntry::SIZES)?;
    let mut entries = parse_all(&reply.items, PeerEntry::parse);
    entries.retain(|entry| wanted(arguments, entry.address));
    shell.peers = entries.iter().map(|entry| entry.address).collect();
    Findings::in_lines(move |style| lines(&entries, style, peers::entry)).naming(shell.peers.clone()).found()
}

/// The addresses of all associations, if the daemon reports them. A failure is not reported.
pub(super) fn associates(shell: &mut Shell) -> Option<Vec<IpAddr>> {
    let reply = shell.send_mode7(Question::open(RequestCode::PEER_LIST), None).ok()?;
    Some(parse_all(&reply.items, PeerEntry::parse).into_iter().map(|entry| entry.address).collect())
}

pub(super) fn peers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    summaries(shell, arguments, Tally::Mode)
}

pub(super) fn selected_peers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    summaries(shell, arguments, Tally::Selection)
}

fn summaries(shell: &mut Shell, arguments: &[Argument], tally: Tally) -> CommandResult {
    let reply = shell.ask_items(Question::open(RequestCode::PEER_LIST_SUM), &PeerSummary::SIZES)?;
    let mut rows = parse_all(&reply.items, PeerSummary::parse);
    rows.retain(|peer| wanted(arguments, peer.remote));
    shell.peers = rows.iter().map(|peer| peer.remote).collect();
    Findings::of(
        rows,
        move |rows, style| {
            peers::HEADING.to_owned() + &lines(rows, style, |peer, style| peers::summary(peer, tally, style))
        },
        |rows, shell, origin| records::peers(rows, shell, origin),
    )
    .naming(shell.peers.clone())
    .found()
}

/// The associations named by the arguments.
fn queried(arguments: &[Argument]) -> Vec<Queried> {
    addresses(arguments).into_iter().map(Queried).collect()
}

pub(super) fn peer_details(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let question = Question::about(RequestCode::PEER_INFO, &queried(arguments));
    let reply = shell.ask_items(question, &PeerDetail::SIZES)?;
    let order = if shell.settings.dialect.keeps(Quirk::ONE_MACHINE_ORDER) {
        MachineOrder::LowestFirst
    } else {
        MachineOrder::FoundOut
    };
    Findings::of(
        parse_all(&reply.items, |item| PeerDetail::parse(item, order)),
        |details, style| paragraphs(details, style, peers::detail),
        |details, shell, origin| records::peer_details(details, shell, origin),
    )
    .found()
}

pub(super) fn peer_statistics(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let question = Question::about(RequestCode::PEER_STATS, &queried(arguments));
    let reply = shell.ask_items(question, &PeerStatistics::SIZES)?;
    let statistics = parse_all(&reply.items, PeerStatistics::parse);
    let last = statistics.len().saturating_sub(1);
    Findings::in_lines(move |style| {
        let numbered = statistics.iter().enumerate();
        numbered.map(|(at, peer)| peers::statistics(peer, at < last, style)).collect::<String>()
    })
    .found()
}

pub(super) fn loop_filter(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let one_line = match arguments.first() {
        None => false,
        Some(Argument::Text(word)) if word == b"oneline" => true,
        Some(Argument::Text(word)) if word == b"multiline" => false,
        Some(_) => {
            shell.error("How many lines?\n");
            return Err(Failed);
        }
    };
    let item = shell.ask_item(RequestCode::LOOP_INFO, &LoopInfo::SIZES)?;
    Findings::of(
        LoopInfo::parse(&item).ok_or(Failed)?,
        move |info, style| systems::loop_filter(info, one_line, style),
        |info, _, origin| records::loop_filter(info, origin),
    )
    .found()
}

pub(super) fn system(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    let item = shell.ask_item(RequestCode::SYS_INFO, &SystemInfo::SIZES)?;
    let info = SystemInfo::parse(&item).ok_or(Failed)?;
    Findings::of(info, systems::system, |info, _, origin| records::system(info, origin)).found()
}

pub(super) fn kernel(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    let item = shell.ask_item(RequestCode::KERNEL_INFO, &KernelInfo::SIZES)?;
    let info = KernelInfo::parse(&item).ok_or(Failed)?;
    Findings::of(info, systems::kernel, |info, _, origin| records::kernel(info, origin)).found()
}

pub(super) fn system_statistics(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    counted(shell, RequestCode::SYS_STATS, &counters::SYSTEM, &records::SYSTEM_STATISTICS)
}

pub(super) fn input_output(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    counted(shell, RequestCode::IO_STATS, &counters::INPUT_OUTPUT, &records::INPUT_OUTPUT)
}

/// Counters with a report: `subject`.
fn counted(
    shell: &mut Shell,
    code: RequestCode,
    table: &'static CounterTable,
    subject: &'static Subject,
) -> CommandResult {
    Findings::of(
        shell.ask_item(code, table.sizes)?,
        move |item, _| lists::counters(table, item),
        move |item, _, origin| records::counters(subject, table, item, origin),
    )
    .found()
}

/// Counters with the classic format only.
fn plain(shell: &mut Shell, code: RequestCode, table: &'static CounterTable) -> CommandResult {
    let item = shell.ask_item(code, table.sizes)?;
    Findings::in_lines(move |_| lists::counters(table, &item)).found()
}

pub(super) fn memory(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    let item = shell.ask_item(RequestCode::MEM_STATS, counters::MEMORY.sizes)?;
    Findings::in_lines(move |_| lists::counters(&counters::MEMORY, &item) + &lists::hash_table(&item)).found()
}

pub(super) fn timer(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    plain(shell, RequestCode::TIMER_STATS, &counters::TIMER)
}

pub(super) fn authentication(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    plain(shell, RequestCode::AUTH_INFO, &counters::AUTHENTICATION)
}

pub(super) fn control(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    plain(shell, RequestCode::CONTROL_STATS, &counters::CONTROL)
}

pub(super) fn restrictions(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let reply = shell.ask_items(Question::open(RequestCode::RESTRICTIONS), &Restriction::SIZES)?;
    let from = reply.implementation;
    let mut rules = parse_all(&reply.items, Restriction::parse);
    rules.retain(|rule| wanted(arguments, rule.address));
    let named = rules.iter().filter(|rule| rule.address.is_ipv6() || rule.is_for_one_host());
    let named: Vec<IpAddr> = named.map(|rule| rule.address).collect();
    Findings::of(
        rules,
        move |rules, style| {
            lists::RESTRICTIONS_HEADING.to_owned()
                + &lines(rules, style, |rule, style| lists::restriction(rule, from, style))
        },
        move |rules, _, origin| records::restrictions(rules, from, origin),
    )
    .naming_in_lines(named)
    .found()
}

/// Without a version number, the newer request, and the older one if that is not supported.
pub(super) fn clients(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let newer = matches!(arguments.first(), None | Some(Argument::Integer(1)));
    let code = if newer { RequestCode::MON_LIST_1 } else { RequestCode::MON_LIST };
    let mut fell_back = false;
    let answer = match shell.send_mode7(Question::open(code), None) {
        Err(QueryError::RefusedByMode7(ErrorCode::REQUEST, _)) if arguments.is_empty() => {
            fell_back = true;
            shell.send_mode7(Question::open(RequestCode::MON_LIST), None)
        }
        answer => answer,
    };
    let reply = shell.reported(answer)?;
    // The classic program takes every item as one of the largest for the request, padded with zeros.
    let pads = shell.settings.dialect.keeps(Quirk::SHORT_ITEMS_PADDED);
    let sizes: &[usize] = if pads && fell_back && reply.item_size != Client::LARGEST {
        &[Client::PLAIN]
    } else {
        &Client::SIZES
    };
    let mut reply = shell.sized(reply, sizes)?;
    if pads && sizes.len() > 1 {
        reply.item_size = Client::LARGEST;
        reply.items.iter_mut().for_each(|item| item.resize(Client::LARGEST, 0));
    }
    if !arguments.is_empty() && shell.settings.dialect.keeps(Quirk::CLIENTS_WITHOUT_ROWS) {
        reply.items.clear();
    }
    let form: ClientForm = Client::form(reply.item_size);
    let clients = parse_all(&reply.items, |item| Client::parse(item, form));
    let named: Vec<IpAddr> = clients.iter().map(|client| client.address).collect();
    Findings::of(
        clients,
        move |clients, style| {
            lists::clients_heading(form)
                + &lines(clients, style, |client, style| lists::client(client, form, style))
        },
        move |clients, shell, origin| records::clients(clients, form, shell, origin),
    )
    .naming(named)
    .found()
}

pub(super) fn traps(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    let reply = shell.ask_items(Question::open(RequestCode::TRAPS), &Trap::SIZES)?;
    let mut traps = parse_all(&reply.items, Trap::parse);
    if let (Some(first), true) =
        (traps.first().cloned(), shell.settings.dialect.keeps(Quirk::FIRST_TRAP_REPEATED))
    {
        // The classic program prints the first trap for all.
        traps.fill(first);
    }
    Findings::in_lines(move |style| paragraphs(&traps, style, lists::trap)).found()
}

pub(super) fn interfaces(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    list_interfaces(shell, RequestCode::INTERFACE_STATS)
}

pub(super) fn reload_interfaces(shell: &mut Shell, _: &[Argument]) -> CommandResult {
    list_interfaces(shell, RequestCode::INTERFACE_RELOAD)
}

fn list_interfaces(shell: &mut Shell, code: RequestCode) -> CommandResult {
    let reply = shell.ask_items(Question::sealed(code), &Interface::SIZES)?;
    Findings::of(
        parse_all(&reply.items, Interface::parse),
        |interfaces, style| {
            lists::INTERFACES_HEADING.to_owned()
                + &lines(interfaces, style, |interface, _| lists::interface(interface))
        },
        |interfaces, _, origin| records::interfaces(interfaces, origin),
    )
    .found()
}

/// A query about clocks. The classic program places the items eight octets apart but declares a size of four.
fn about_clocks(shell: &Shell, code: RequestCode, arguments: &[Argument]) -> Question {
    let apart = if shell.settings.dialect.keeps(Quirk::CLOCKS_EIGHT_APART) { 8 } else { CLOCK_LENGTH };
    let addresses = addresses(arguments);
    let octets = clocks(&addresses, apart);
    let items = Items { size: CLOCK_LENGTH, count: addresses.len(), octets };
    Question { old_items: Some(items.clone()), items, ..Question::open(code) }
}

pub(super) fn clock(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let question = about_clocks(shell, RequestCode::CLOCK_INFO, arguments);
    let reply = shell.ask_items(question, &ClockInfo::SIZES)?;
    let clocks = parse_all(&reply.items, ClockInfo::parse);
    Findings::in_lines(move |style| paragraphs(&clocks, style, clock_layout::clock)).found()
}

pub(super) fn clock_bug(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let question = about_clocks(shell, RequestCode::CLOCK_BUG_INFO, arguments);
    let reply = shell.ask_items(question, &ClockBug::SIZES)?;
    let clocks = parse_all(&reply.items, ClockBug::parse);
    Findings::in_lines(move |style| paragraphs(&clocks, style, clock_layout::clock_bug)).found()
}
