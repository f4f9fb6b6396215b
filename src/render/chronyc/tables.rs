//! Reports with a row for each source or client.

use super::legends;
use super::number::{age, client_interval, frequency, interval, offset, signed_frequency, whole_age};
use super::{Lines, Style};
use crate::model::chronyd::{authentication as mechanism, clock_letters, leap, letters, mode, state};
use crate::wire::chrony::{
    Address, Authentication, Client, Selection, SelectionOptions, SourceData, SourceStatistics,
};

/// The explanations, if they are wanted, the heading, and a line below it; nothing in the CSV.
fn heading(style: Style<'_>, legend: &str, heading: &str) -> String {
    if style.csv {
        return String::new();
    }
    let legend = if style.verbose { legend } else { "" };
    format!("{legend}{heading}\n{}\n", "=".repeat(heading.len()))
}

fn is_listed(address: &Address, style: Style<'_>) -> bool {
    style.all || !matches!(address, Address::Unresolved(_))
}

/// The name of a source, or the letters of a reference clock.
fn name(address: &Address, reference_id: u32, style: Style<'_>) -> String {
    if *address == Address::None { letters(reference_id) } else { style.short_name(address) }
}

pub(super) fn sources(sources: &[SourceData], style: Style<'_>) -> String {
    let row = |source: &SourceData| {
        let name = clock_letters(source).map_or_else(|| style.short_name(&source.address), letters);
        let mut row = Lines::new(style);
        row.same(mode(source.mode).0).same(state(source.state).0).say(" ");
        row.put(format_args!("{name:<27}"), &name).say("  ");
        row.put(format_args!("{:2}", source.stratum), source.stratum).say("  ");
        row.put(format_args!("{:2}", source.poll), source.poll).say("   ");
        row.put(format_args!("{:3o}", source.reach), format_args!("{:o}", source.reach)).say("  ");
        row.put(age(source.age), whole_age(source.age)).say("  ");
        row.put(offset(source.offset), format_args!("{:.9}", source.offset)).say("[");
        row.put(offset(source.measured_offset), format_args!("{:.9}", source.measured_offset)).say("] +/- ");
        row.put(interval(source.error), format_args!("{:.9}", source.error)).say("\n");
        row.end()
    };
    let listed = sources.iter().filter(|source| is_listed(&source.address, style));
    heading(style, legends::SOURCES, legends::SOURCES_HEADING) + &listed.map(row).collect::<String>()
}

pub(super) fn statistics(rows: &[SourceStatistics], style: Style<'_>) -> String {
    let line = |source: &SourceStatistics| {
        let name = name(&source.address, source.reference_id, style);
        let mut row = Lines::new(style);
        row.put(format_args!("{name:<25}"), &name).say(" ");
        row.put(format_args!("{:3}", source.samples), source.samples).say(" ");
        row.put(format_args!("{:3}", source.runs), source.runs).say("  ");
        let span = Some(source.span).filter(|span| *span != u32::MAX);
        row.put(age(span), source.span).say(" ");
        let residual = source.residual_frequency;
        row.put(signed_frequency(residual), format_args!("{residual:.3}")).say(" ");
        row.put(frequency(source.skew), format_args!("{:.3}", source.skew)).say("  ");
        row.put(offset(source.offset), format_args!("{:.9}", source.offset)).say("  ");
        row.put(interval(source.deviation), format_args!("{:.9}", source.deviation)).say("\n");
        row.end()
    };
    let listed = rows.iter().filter(|row| is_listed(&row.address, style));
    heading(style, legends::STATISTICS, legends::STATISTICS_HEADING) + &listed.map(line).collect::<String>()
}

pub(super) fn selection(rows: &[Selection], style: Style<'_>) -> String {
    let line = |source: &Selection| {
        let name = name(&source.address, source.reference_id, style);
        let mut row = Lines::new(style);
        // Whatever octet the daemon sends must not reach a terminal.
        let letter = char::from(source.state);
        row.same(if letter.is_ascii_graphic() { letter } else { ' ' }).say(" ");
        row.put(format_args!("{name:<25}"), &name).say(" ");
        row.same(if source.is_authenticated { 'Y' } else { 'N' }).say(" ");
        for options in [source.configured, source.effective] {
            for (bit, (letter, _)) in SelectionOptions::NAMES.into_iter().enumerate() {
                row.same(if options.has(bit) { letter } else { '-' });
            }
            row.same('-').say(" ");
        }
        row.put(age(source.age), whole_age(source.age)).say(" ");
        row.put(format_args!("{:5.1}", source.score), format_args!("{:.1}", source.score)).say(" ");
        let [low, high] = source.interval;
        row.put(offset(low), format_args!("{low:.9}")).say(" ");
        row.put(offset(high), format_args!("{high:.9}")).say("  ");
        let (letter, words) = leap(source.leap.into());
        row.put(letter, words).say("\n");
        row.end()
    };
    let listed = rows.iter().filter(|row| is_listed(&row.address, style));
    heading(style, legends::SELECTION, legends::SELECTION_HEADING) + &listed.map(line).collect::<String>()
}

pub(super) fn authentication(rows: &[(Address, Authentication)], style: Style<'_>) -> String {
    let line = |(address, source): &(Address, Authentication)| {
        let name = style.short_name(address);
        let mut row = Lines::new(style);
        row.put(format_args!("{name:<27}"), &name).say(" ");
        let kind = mechanism(source.mode).0;
        row.put(format_args!("{kind:>4}"), kind).say(" ");
        row.put(format_args!("{:5}", source.key_id), source.key_id).say(" ");
        row.put(format_args!("{:4}", source.key_type), source.key_type).say(" ");
        row.put(format_args!("{:4}", source.key_length), source.key_length).say(" ");
        row.put(age(source.age), whole_age(source.age));
        for count in [source.attempts, source.refusals, source.cookies, source.cookie_length] {
            row.say(" ").put(format_args!("{count:4}"), count);
        }
        row.say("\n");
        row.end()
    };
    let listed = rows.iter().filter(|(address, _)| is_listed(address, style));
    heading(style, legends::AUTHENTICATION, legends::AUTHENTICATION_HEADING)
        + &listed.map(line).collect::<String>()
}

pub(super) fn clients(clients: &[Client], style: Style<'_>) -> String {
    let line = |client: &Client| {
        let name = style.short_name(&client.address);
        let other = if style.key_establishments { client.key_establishment } else { client.command };
        let mut row = Lines::new(style);
        row.put(format_args!("{name:<25}"), &name).say("  ");
        row.put(format_args!("{:6}", client.ntp.received), client.ntp.received).say("  ");
        row.put(format_args!("{:5}", client.ntp.dropped), client.ntp.dropped).say("  ");
        row.put(client_interval(client.ntp.interval), client.ntp.interval).say("  ");
        row.put(client_interval(client.limited_interval), client.limited_interval).say("  ");
        row.put(age(client.ntp.age), whole_age(client.ntp.age)).say("  ");
        row.put(format_args!("{:6}", other.received), other.received).say("  ");
        row.put(format_args!("{:5}", other.dropped), other.dropped).say("  ");
        row.put(client_interval(other.interval), other.interval).say("  ");
        row.put(age(other.age), whole_age(other.age)).say("\n");
        row.end()
    };
    let titles =
        if style.key_establishments { legends::KEY_CLIENTS_HEADING } else { legends::CLIENTS_HEADING };
    heading(style, "", titles) + &clients.iter().map(line).collect::<String>()
}
