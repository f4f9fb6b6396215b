//! The commands that only ask.

use super::arguments::{addresses, wanted};
use super::query::Question;
use super::records;
use crate::client::daemon::QueryError;
use crate::compat::Quirk;
use crate::console::Shell;
use crate::console::command::{Argument, Verdict};
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

/// Reads all items; one that cannot be read is passed over.
fn parse_all<T>(items: &[Vec<u8>], parse: impl Fn(&[u8]) -> Option<T>) -> Vec<T> {
    items.iter().filter_map(|item| parse(item)).collect()
}

pub(super) fn peer_list(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let Some(reply) = shell.ask_items(Question::open(RequestCode::PEER_LIST), &PeerEntry::SIZES) else {
        return Verdict::Failed;
    };
    let mut entries = parse_all(&reply.items, PeerEntry::parse);
    entries.retain(|entry| wanted(arguments, entry.address));
    shell.peers = entries.iter().map(|entry| entry.address).collect();
    shell.look_up_addresses(entries.iter().map(|entry| entry.address));
    let text: String =
        entries.iter().map(|entry| shell.with_style(|style| peers::entry(entry, style))).collect();
    shell.output.result(text);
    Verdict::Done
}

/// The addresses of all associations, if the daemon tells them. A failure is not told.
pub(super) fn associates(shell: &mut Shell) -> Option<Vec<IpAddr>> {
    let reply = shell.send_mode7(Question::open(RequestCode::PEER_LIST), None).ok()?;
    Some(parse_all(&reply.items, PeerEntry::parse).into_iter().map(|entry| entry.address).collect())
}

pub(super) fn peers(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    summaries(shell, arguments, Tally::Mode)
}

pub(super) fn selected_peers(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    summaries(shell, arguments, Tally::Selection)
}

fn summaries(shell: &mut Shell, arguments: &[Argument], tally: Tally) -> Verdict {
    let Some(reply) = shell.ask_items(Question::open(RequestCode::PEER_LIST_SUM), &PeerSummary::SIZES) else {
        return Verdict::Failed;
    };
    let mut rows = parse_all(&reply.items, PeerSummary::parse);
    rows.retain(|peer| wanted(arguments, peer.remote));
    shell.peers = rows.iter().map(|peer| peer.remote).collect();
    shell.look_up_addresses(rows.iter().map(|peer| peer.remote));
    if shell.settings.format.reports() {
        return records::peers(shell, &rows);
    }
    let lines: String =
        rows.iter().map(|peer| shell.with_style(|style| peers::summary(peer, tally, style))).collect();
    shell.output.result(format!("{}{lines}", peers::HEADING));
    Verdict::Done
}

/// The associations that the arguments name.
fn queried(arguments: &[Argument]) -> Vec<Queried> {
    addresses(arguments).into_iter().map(Queried).collect()
}

pub(super) fn peer_details(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let question = Question::about(RequestCode::PEER_INFO, &queried(arguments));
    let Some(reply) = shell.ask_items(question, &PeerDetail::SIZES) else { return Verdict::Failed };
    let order = if shell.settings.dialect.keeps(Quirk::ONE_MACHINE_ORDER) {
        MachineOrder::LowestFirst
    } else {
        MachineOrder::FoundOut
    };
    let details = parse_all(&reply.items, |item| PeerDetail::parse(item, order));
    if shell.settings.format.reports() {
        return records::peer_details(shell, &details);
    }
    let paragraphs: Vec<String> =
        details.iter().map(|peer| shell.with_style(|style| peers::detail(peer, style))).collect();
    shell.output.result(paragraphs.join("\n"));
    Verdict::Done
}

pub(super) fn peer_statistics(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let question = Question::about(RequestCode::PEER_STATS, &queried(arguments));
    let Some(reply) = shell.ask_items(question, &PeerStatistics::SIZES) else { return Verdict::Failed };
    let statistics = parse_all(&reply.items, PeerStatistics::parse);
    let last = statistics.len().saturating_sub(1);
    let text: String = statistics
        .iter()
        .enumerate()
        .map(|(at, peer)| shell.with_style(|style| peers::statistics(peer, at < last, style)))
        .collect();
    shell.output.result(text);
    Verdict::Done
}

pub(super) fn loop_filter(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let one_line = match arguments.first() {
        None => false,
        Some(Argument::Text(word)) if word == b"oneline" => true,
        Some(Argument::Text(word)) if word == b"multiline" => false,
        Some(_) => {
            shell.complain("How many lines?\n");
            return Verdict::Failed;
        }
    };
    let Some(info) =
        shell.ask_item(RequestCode::LOOP_INFO, &LoopInfo::SIZES).and_then(|item| LoopInfo::parse(&item))
    else {
        return Verdict::Failed;
    };
    if shell.settings.format.reports() {
        return records::loop_filter(shell, &info);
    }
    let text = shell.with_style(|style| systems::loop_filter(&info, one_line, style));
    shell.output.result(text);
    Verdict::Done
}

pub(super) fn system(shell: &mut Shell, _: &[Argument]) -> Verdict {
    let Some(info) =
        shell.ask_item(RequestCode::SYS_INFO, &SystemInfo::SIZES).and_then(|item| SystemInfo::parse(&item))
    else {
        return Verdict::Failed;
    };
    if shell.settings.format.reports() {
        return records::system(shell, &info);
    }
    let text = shell.with_style(|style| systems::system(&info, style));
    shell.output.result(text);
    Verdict::Done
}

pub(super) fn kernel(shell: &mut Shell, _: &[Argument]) -> Verdict {
    let Some(info) = shell
        .ask_item(RequestCode::KERNEL_INFO, &KernelInfo::SIZES)
        .and_then(|item| KernelInfo::parse(&item))
    else {
        return Verdict::Failed;
    };
    if shell.settings.format.reports() {
        return records::kernel(shell, &info);
    }
    let text = shell.with_style(|style| systems::kernel(&info, style));
    shell.output.result(text);
    Verdict::Done
}

pub(super) fn system_statistics(shell: &mut Shell, _: &[Argument]) -> Verdict {
    counted(shell, RequestCode::SYS_STATS, &counters::SYSTEM, |shell, item| {
        records::counters(shell, &records::SYSTEM_STATISTICS, &counters::SYSTEM, item)
    })
}

pub(super) fn input_output(shell: &mut Shell, _: &[Argument]) -> Verdict {
    counted(shell, RequestCode::IO_STATS, &counters::INPUT_OUTPUT, |shell, item| {
        records::counters(shell, &records::INPUT_OUTPUT, &counters::INPUT_OUTPUT, item)
    })
}

/// A report of counters; in other forms than the classic one, what `report` makes of it.
fn counted(
    shell: &mut Shell,
    code: RequestCode,
    table: &CounterTable,
    report: impl Fn(&mut Shell, &[u8]) -> Verdict,
) -> Verdict {
    let Some(item) = shell.ask_item(code, table.sizes) else { return Verdict::Failed };
    if shell.settings.format.reports() {
        return report(shell, &item);
    }
    shell.output.result(lists::counters(table, &item));
    Verdict::Done
}

/// A report of counters that has the classic form only.
fn plain(shell: &mut Shell, code: RequestCode, table: &CounterTable) -> Verdict {
    let Some(item) = shell.ask_item(code, table.sizes) else { return Verdict::Failed };
    shell.output.result(lists::counters(table, &item));
    Verdict::Done
}

pub(super) fn memory(shell: &mut Shell, _: &[Argument]) -> Verdict {
    let Some(item) = shell.ask_item(RequestCode::MEM_STATS, counters::MEMORY.sizes) else {
        return Verdict::Failed;
    };
    let text = lists::counters(&counters::MEMORY, &item) + &lists::hash_table(&item);
    shell.output.result(text);
    Verdict::Done
}

pub(super) fn timer(shell: &mut Shell, _: &[Argument]) -> Verdict {
    plain(shell, RequestCode::TIMER_STATS, &counters::TIMER)
}

pub(super) fn authentication(shell: &mut Shell, _: &[Argument]) -> Verdict {
    plain(shell, RequestCode::AUTH_INFO, &counters::AUTHENTICATION)
}

pub(super) fn control(shell: &mut Shell, _: &[Argument]) -> Verdict {
    plain(shell, RequestCode::CONTROL_STATS, &counters::CONTROL)
}

pub(super) fn restrictions(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let Some(reply) = shell.ask_items(Question::open(RequestCode::RESTRICTIONS), &Restriction::SIZES) else {
        return Verdict::Failed;
    };
    let mut rules = parse_all(&reply.items, Restriction::parse);
    rules.retain(|rule| wanted(arguments, rule.address));
    if shell.settings.format.reports() {
        return records::restrictions(shell, &rules, reply.implementation);
    }
    let named = rules.iter().filter(|rule| rule.address.is_ipv6() || rule.is_for_one_host());
    shell.look_up_addresses(named.map(|rule| rule.address));
    let lines: String = rules
        .iter()
        .map(|rule| shell.with_style(|style| lists::restriction(rule, reply.implementation, style)))
        .collect();
    shell.output.result(format!("{}{lines}", lists::RESTRICTIONS_HEADING));
    Verdict::Done
}

/// Without a number the newer request, and where it is not known the older.
pub(super) fn clients(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
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
    let Some(reply) = shell.told(answer) else { return Verdict::Failed };
    // The classic takes every item for one of the largest that the request has, whose end is zero.
    let pads = shell.settings.dialect.keeps(Quirk::SHORT_ITEMS_PADDED);
    let sizes: &[usize] = if pads && fell_back && reply.item_size != Client::LARGEST {
        &[Client::PLAIN]
    } else {
        &Client::SIZES
    };
    let Some(mut reply) = shell.sized(reply, sizes) else { return Verdict::Failed };
    if pads && sizes.len() > 1 {
        reply.item_size = Client::LARGEST;
        reply.items.iter_mut().for_each(|item| item.resize(Client::LARGEST, 0));
    }
    if !arguments.is_empty() && shell.settings.dialect.keeps(Quirk::CLIENTS_WITHOUT_ROWS) {
        reply.items.clear();
    }
    let form: ClientForm = Client::form(reply.item_size);
    let clients = parse_all(&reply.items, |item| Client::parse(item, form));
    shell.look_up_addresses(clients.iter().map(|client| client.address));
    if shell.settings.format.reports() {
        return records::clients(shell, &clients, form);
    }
    let lines: String =
        clients.iter().map(|client| shell.with_style(|style| lists::client(client, form, style))).collect();
    shell.output.result(lists::clients_heading(form) + &lines);
    Verdict::Done
}

pub(super) fn traps(shell: &mut Shell, _: &[Argument]) -> Verdict {
    let Some(reply) = shell.ask_items(Question::open(RequestCode::TRAPS), &Trap::SIZES) else {
        return Verdict::Failed;
    };
    let mut traps = parse_all(&reply.items, Trap::parse);
    if let (Some(first), true) =
        (traps.first().cloned(), shell.settings.dialect.keeps(Quirk::FIRST_TRAP_REPEATED))
    {
        // The classic says of all what is true of the first.
        traps.fill(first);
    }
    let paragraphs: Vec<String> =
        traps.iter().map(|trap| shell.with_style(|style| lists::trap(trap, style))).collect();
    shell.output.result(paragraphs.join("\n"));
    Verdict::Done
}

pub(super) fn interfaces(shell: &mut Shell, _: &[Argument]) -> Verdict {
    list_interfaces(shell, RequestCode::INTERFACE_STATS)
}

pub(super) fn reload_interfaces(shell: &mut Shell, _: &[Argument]) -> Verdict {
    list_interfaces(shell, RequestCode::INTERFACE_RELOAD)
}

fn list_interfaces(shell: &mut Shell, code: RequestCode) -> Verdict {
    let Some(reply) = shell.ask_items(Question::sealed(code), &Interface::SIZES) else {
        return Verdict::Failed;
    };
    let interfaces = parse_all(&reply.items, Interface::parse);
    if shell.settings.format.reports() {
        return records::interfaces(shell, &interfaces);
    }
    let lines: String = interfaces.iter().map(lists::interface).collect();
    shell.output.result(format!("{}{lines}", lists::INTERFACES_HEADING));
    Verdict::Done
}

/// A question about clocks. The classic sets the items eight octets apart and says that they have four.
fn about_clocks(shell: &Shell, code: RequestCode, arguments: &[Argument]) -> Question {
    let apart = if shell.settings.dialect.keeps(Quirk::CLOCKS_EIGHT_APART) { 8 } else { CLOCK_LENGTH };
    let addresses = addresses(arguments);
    let octets = clocks(&addresses, apart);
    let items = Items { size: CLOCK_LENGTH, count: addresses.len(), octets };
    Question { old_items: Some(items.clone()), items, ..Question::open(code) }
}

pub(super) fn clock(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let question = about_clocks(shell, RequestCode::CLOCK_INFO, arguments);
    let Some(reply) = shell.ask_items(question, &ClockInfo::SIZES) else { return Verdict::Failed };
    let paragraphs: Vec<String> = parse_all(&reply.items, ClockInfo::parse)
        .iter()
        .map(|clock| shell.with_style(|style| clock_layout::clock(clock, style)))
        .collect();
    shell.output.result(paragraphs.join("\n"));
    Verdict::Done
}

pub(super) fn clock_bug(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let question = about_clocks(shell, RequestCode::CLOCK_BUG_INFO, arguments);
    let Some(reply) = shell.ask_items(question, &ClockBug::SIZES) else { return Verdict::Failed };
    let paragraphs: Vec<String> = parse_all(&reply.items, ClockBug::parse)
        .iter()
        .map(|clock| shell.with_style(|style| clock_layout::clock_bug(clock, style)))
        .collect();
    shell.output.result(paragraphs.join("\n"));
    Verdict::Done
}

impl Shell {
    /// Begins the look-ups of these addresses, so that they run at the same time.
    pub(super) fn look_up_addresses(&self, addresses: impl Iterator<Item = IpAddr>) {
        if !self.settings.host_names {
            return;
        }
        for address in addresses.filter(|address| !address.is_unspecified()) {
            if crate::model::mode7::address(address).reference_clock().is_none() {
                self.names.begin_reverse(address);
            }
        }
    }
}
