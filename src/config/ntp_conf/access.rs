//! Access rules: the `restrict` lines.

use super::{Configuration, Daemon, Line};
use crate::config::finding::{Edit, Finding};
use crate::config::rules::{
    BAD_MASK, IGNORE_DEFAULT, KOD_ALONE, MODIFY_OPEN, NO_LOOPBACK, NOPEER_POOL, NOTRUST, OBSOLETE, QUERY_OPEN,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

/// Applies all access rules.
pub fn review(configuration: &mut Configuration) {
    let mut found = Vec::new();
    for line in configuration.commands(&["restrict"]) {
        mask(line, &mut found);
        words(configuration.daemon, line, &mut found);
    }
    defaults(configuration, &mut found);
    configuration.findings.extend(found);
}

fn mask(line: &Line, found: &mut Vec<Finding>) {
    let statement = &line.statement;
    let Some(token) = &statement.mask else { return };
    let mask: Result<IpAddr, _> = token.text.parse();
    let address: Option<IpAddr> = statement.subject().parse().ok();
    let what = match (mask, address) {
        (Err(_), _) => format!("the mask {} is not an address", token.text),
        (Ok(mask), Some(address)) if mask.is_ipv4() != address.is_ipv4() => {
            format!("the mask {mask} is not of the same family as {address}")
        }
        (Ok(mask), _) if !is_contiguous(mask) => format!("the bits of the mask {mask} are not contiguous"),
        (Ok(mask), Some(address)) if !covers(mask, address) => {
            format!("{address} has bits outside the mask {mask}")
        }
        _ => return,
    };
    found.push(Finding::new(&BAD_MASK, line.place_of(token), what));
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn is_contiguous(mask: IpAddr) -> bool {
    bits(mask).leading_ones() == bits(mask).count_ones()
}

fn covers(mask: IpAddr, address: IpAddr) -> bool {
    bits(address) & !bits(mask) == 0
}

fn words(daemon: Daemon, line: &Line, found: &mut Vec<Finding>) {
    let statement = &line.statement;
    if let Some(kod) = statement.option("kod").filter(|_| !statement.has("limited")) {
        found.push(
            Finding::new(&KOD_ALONE, line.place_of(&kod.word), "`kod` without `limited`")
                .edit(line.append("limited")),
        );
    }
    if let Some(nopeer) =
        statement.option("nopeer").filter(|_| daemon == Daemon::Ntpsec && statement.subject() != "default")
    {
        let what = "NTPsec ignores `nopeer`";
        found.push(
            Finding::new(&OBSOLETE, line.place_of(&nopeer.word), what).edit(Line::remove(&nopeer.word)),
        );
    }
}

/// The address families that a line applies to: both if it says just `default`.
fn families(line: &Line) -> Vec<Family> {
    let subject = line.statement.subject();
    match line.statement.family.as_ref().map(|family| family.text.as_str()) {
        Some("-4") => vec![Family::V4],
        Some("-6") => vec![Family::V6],
        _ if matches!(subject, "default" | "source") => vec![Family::V4, Family::V6],
        _ => match subject.parse() {
            Ok(IpAddr::V6(_)) => vec![Family::V6],
            _ => vec![Family::V4],
        },
    }
}

/// Whether a line applies to everybody.
fn is_default(line: &Line) -> bool {
    let statement = &line.statement;
    let is_any = |text: &str| {
        text.parse() == Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
            || text.parse() == Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
    };
    let mask = statement.mask.as_ref().map(|mask| mask.text.as_str());
    statement.subject() == "default" || is_any(statement.subject()) && mask.is_some_and(is_any)
}

fn defaults(configuration: &Configuration, found: &mut Vec<Finding>) {
    let lines: Vec<&Line> = configuration.commands(&["restrict"]).filter(|line| is_default(line)).collect();
    let last = |family: Family| lines.iter().rev().find(|line| families(line).contains(&family)).copied();
    let has_sources = !configuration.lines.is_empty();
    let closed = |line: &Line, word: &str| line.statement.has(word) || line.statement.has("ignore");
    let names = [(Family::V4, "IPv4"), (Family::V6, "IPv6")];
    let open: Vec<&str> = names
        .iter()
        .filter(|(family, _)| match last(*family) {
            Some(line) => !closed(line, "noquery"),
            // With no `restrict` line, NTPsec refuses queries.
            None => configuration.daemon == Daemon::Classic,
        })
        .map(|(_, name)| *name)
        .collect();
    if !open.is_empty() && has_sources {
        let place =
            names.iter().find_map(|(family, _)| last(*family).filter(|line| !closed(line, "noquery")));
        let what = format!("mode 6 queries are open to the world over {}", open.join(" and "));
        let finding =
            Finding::new(&QUERY_OPEN, place.map_or_else(|| configuration.whole(), Line::place), what);
        found.push(match place {
            Some(line) if line.file == configuration.file => finding.edit(line.append("noquery")),
            Some(_) => finding,
            None => {
                finding.edit(Edit::After { line: configuration.length, text: closing(configuration, &open) })
            }
        });
    }
    for line in &lines {
        if !closed(line, "nomodify") && !line.statement.has("noquery") {
            found.push(
                Finding::new(&MODIFY_OPEN, line.place(), "the default restriction lacks `nomodify`")
                    .edit(line.append("nomodify")),
            );
        }
        if let Some(notrust) = line.statement.option("notrust") {
            let place = line.place_of(&notrust.word);
            found.push(
                Finding::new(&NOTRUST, place, "`notrust` for everybody").edit(Line::remove(&notrust.word)),
            );
        }
    }
    let source = configuration.commands(&["restrict"]).find(|line| line.statement.subject() == "source");
    sources(configuration, &lines, source.is_some(), found);
    loopback(configuration, &last, found);
}

/// The lines that refuse queries in these families, except from this host.
fn closing(configuration: &Configuration, open: &[&str]) -> String {
    let family = match open {
        ["IPv4"] => "-4 ",
        ["IPv6"] => "-6 ",
        _ => "",
    };
    let mut text = format!("restrict {family}default kod limited nomodify noquery");
    for address in ["127.0.0.1", "::1"] {
        if configuration.commands(&["restrict"]).all(|line| line.statement.subject() != address) {
            text += &format!("\nrestrict {address}");
        }
    }
    text
}

fn sources(configuration: &Configuration, lines: &[&Line], has_source: bool, found: &mut Vec<Finding>) {
    let pool = configuration.commands(&["pool"]).next();
    if has_source {
        return;
    }
    let refused = lines.iter().find(|line| line.statement.has("nopeer"));
    if let (Some(line), Some(_), Daemon::Classic) = (refused, pool, configuration.daemon) {
        let edit = Edit::After {
            line: line.statement.command.line,
            text: "restrict source nomodify noquery notrap".into(),
        };
        let what = "`nopeer` by default, `pool`, and no `restrict source`";
        found.push(Finding::new(&NOPEER_POOL, line.place(), what).edit(edit));
    }
    // Servers given by name cannot be allowed individually without knowing their addresses.
    let ignored = lines.iter().find(|line| line.statement.has("ignore"));
    let allowed =
        |name: &str| configuration.commands(&["restrict"]).any(|line| line.statement.subject() == name);
    let server = configuration
        .commands(&["server", "pool", "peer"])
        .find(|line| !line.statement.subject().starts_with("127.127.") && !allowed(line.statement.subject()));
    if let (Some(line), Some(server)) = (ignored, server) {
        let what = format!("`ignore` for everybody hides {} too", server.statement.subject());
        found.push(Finding::new(&IGNORE_DEFAULT, line.place(), what));
    }
}

fn loopback<'a>(
    configuration: &Configuration,
    last: &impl Fn(Family) -> Option<&'a Line>,
    found: &mut Vec<Finding>,
) {
    let opens = |address: &str| {
        let address: Option<IpAddr> = address.parse().ok();
        configuration.commands(&["restrict"]).any(|line| {
            let statement = &line.statement;
            let network: Option<IpAddr> =
                statement.subject().split('/').next().and_then(|text| text.parse().ok());
            let mask = statement.mask.as_ref().and_then(|mask| mask.text.parse().ok());
            let is_inside = match (network, address, mask) {
                (Some(network), Some(address), Some(mask)) => bits(address) & bits(mask) == bits(network),
                (Some(network), Some(address), None) => match statement.subject().split_once('/') {
                    Some((_, length)) => length.parse().is_ok_and(|length: u32| {
                        network.is_ipv4() == address.is_ipv4()
                            && (bits(network) ^ bits(address)).leading_zeros() >= length
                    }),
                    None => network == address,
                },
                _ => statement.subject() == "localhost",
            };
            is_inside && !is_default(line) && !statement.has("noquery") && !statement.has("ignore")
        })
    };
    let shut =
        |family| last(family).filter(|line| line.statement.has("noquery") || line.statement.has("ignore"));
    let cases = [(Family::V4, "127.0.0.1"), (Family::V6, "::1")];
    let missing: Vec<(&Line, &str)> = cases
        .into_iter()
        .filter_map(|(family, address)| Some((shut(family)?, address)).filter(|_| !opens(address)))
        .collect();
    if let Some((line, _)) = missing.first() {
        let addresses: Vec<&str> = missing.iter().map(|(_, address)| *address).collect();
        let what = format!("queries are refused from this host's {}", addresses.join(" and "));
        let text = addresses.iter().map(|address| format!("restrict {address}")).collect::<Vec<_>>();
        let finding =
            Finding::new(&NO_LOOPBACK, line.place(), what).better(format!("add `{}`", text.join("` and `")));
        found.push(finding.edit(Edit::After { line: line.statement.command.line, text: text.join("\n") }));
    }
}
