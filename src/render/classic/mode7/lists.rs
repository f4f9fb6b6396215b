//! `reslist`, `monlist`, `traps`, `ifstats`, and the reports of counters.

use super::{host, joined, number};
use crate::compat::Quirk;
use crate::render::classic::Style;
use crate::render::classic::escape::escape;
use crate::wire::mode7::Implementation;
use crate::wire::mode7::counters::{Counter, CounterTable, HASH_TABLE};
use crate::wire::mode7::fields::either_order;
use crate::wire::mode7::lists::{Client, ClientForm, Interface, Restriction, Trap};
use std::net::IpAddr;

/// The heading of `reslist`.
pub const RESTRICTIONS_HEADING: &str = "   address          mask            count        flags\n\
     =====================================================================\n";

/// A line of `reslist`: the address is shown as a name if it is a single host, or IPv6.
pub fn restriction(rule: &Restriction, implementation: Implementation, style: &Style<'_>) -> String {
    let by_name = rule.address.is_ipv6() || rule.is_for_one_host();
    let address = if by_name { host(rule.address, style) } else { number(rule.address) };
    format!(
        "{address:<15.15} {:<15.15} {:9}  {}\n",
        number(rule.mask),
        rule.count,
        joined(&rule.flag_names(implementation))
    )
}

/// The heading of `monlist`.
pub fn clients_heading(form: ClientForm) -> String {
    let (heading, width) = match form {
        ClientForm::Local => {
            ("remote address          port local address      count m ver rstr avgint  lstint", 79)
        }
        ClientForm::Plain => ("     address               port     count mode ver rstr avgint  lstint", 79),
        ClientForm::Ages => ("     address          port     count  mode  version  lasttime firsttime", 70),
    };
    format!("{heading}\n{}\n", "=".repeat(width))
}

/// A line of `monlist`.
pub fn client(client: &Client, form: ClientForm, style: &Style<'_>) -> String {
    let Client { port, count, mode, version, restrictions, average_interval, last_interval, .. } = client;
    let remote = host(client.address, style);
    match form {
        ClientForm::Local => {
            let local = number(client.local.unwrap_or(IpAddr::from([0; 4])));
            format!(
                "{remote:<22.22} {port:5} {local:<15} {count:8} {mode:1} {version:1} {restrictions:6x} \
                 {average_interval:6} {last_interval:7}\n"
            )
        }
        ClientForm::Plain => format!(
            "{remote:<25.25} {port:5} {count:9} {mode:4} {version:2} {restrictions:9x} {average_interval:9} \
             {last_interval:9}\n"
        ),
        ClientForm::Ages => format!(
            "{remote:<20.20} {port:5} {count:9} {mode:4}   {version:3} {last_interval:9} {average_interval:9}\n"
        ),
    }
}

/// The paragraph of one trap.
pub fn trap(trap: &Trap, style: &Style<'_>) -> String {
    let flags = if style.dialect.keeps(Quirk::TRAP_FLAGS_IN_NETWORK_ORDER) {
        trap.flags
    } else {
        either_order(trap.flags)
    };
    let is_wildcard = if style.dialect.keeps(Quirk::WILDCARD_BY_IPV4) {
        trap.old_local.is_unspecified()
    } else {
        trap.local.is_unspecified()
    };
    let interface = if is_wildcard { "wildcard".to_owned() } else { number(trap.local) };
    format!(
        "address {}, port {}\ninterface: {interface}, {}\nset for {} secs, last set {} secs ago\n\
         sequence {}, number of resets {}\n",
        number(trap.address),
        trap.port,
        Trap::origin(flags),
        trap.first_set_ago,
        trap.last_set_ago,
        trap.sequence,
        trap.resets
    )
}

/// The heading of `ifstats`.
pub const INTERFACES_HEADING: &str = " # A                           Address/Mask/Broadcast T E      IF name Flg  TL #M  recv  sent  drop  S  PC  uptime\n\
     ==================================================================================================================\n";

/// The lines of one interface.
pub fn interface(interface: &Interface) -> String {
    let action = match interface.action {
        1 => '.',
        2 => '+',
        3 => '-',
        _ => '?',
    };
    let enabled = if interface.ignored { 'D' } else { 'E' };
    let mut text = format!(
        "{:2} {action} {:>48} A {enabled} {:>12.12} {:03x} {:3} {:2} {:5} {:5} {:5} {:2} {:3} {:7}\n",
        interface.number,
        number(interface.address),
        escape(&interface.name),
        interface.flags,
        interface.ttl,
        interface.multicast_groups,
        interface.received,
        interface.sent,
        interface.not_sent,
        interface.scope,
        interface.peers,
        interface.uptime,
    );
    text += &format!("     {:>48} M\n", number(interface.mask));
    let broadcast = interface.broadcast;
    if broadcast.is_ipv4() && interface.flags & Interface::HEARS_BROADCASTS != 0 {
        text += &format!("     {:>48} B\n", number(broadcast));
    }
    text
}

/// A report of counters.
pub fn counters(table: &CounterTable, item: &[u8]) -> String {
    let line = |counter: &Counter| {
        let label = format!("{}:", counter.label());
        format!("{label:<column$}{}\n", counter.value(item), column = table.column)
    };
    table.counters.iter().map(line).collect()
}

/// Occupancy of the hash table, printed below the memory counters.
pub fn hash_table(item: &[u8]) -> String {
    let mut text = String::new();
    for (index, row) in item.get(HASH_TABLE..).unwrap_or_default().chunks(8).enumerate() {
        let label = if index == 0 { "hash table counts:   " } else { "" };
        let cells: String = row.iter().map(|count| format!("{count:4}")).collect();
        text += &format!("{label:<21}{cells}\n");
    }
    text
}
