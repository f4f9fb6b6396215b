//! The manual pages: the prose of `man/src`, and in the places of its `@NAMES@` what the program knows.

use super::{differences, project};
use clap::Command;
use clap_mangen::Man;
use ntpkit::app::applet::APPLETS;
use ntpkit::app::ntpdc;
use ntpkit::app::ntpq::COMMANDS;
use ntpkit::compat::Dialect;
use ntpkit::console::command::Command as NtpqCommand;
use ntpkit::model::FlashWord;
use ntpkit::wire::status::{ClockStatusWord, PeerStatusWord, Selection, SystemStatusWord};
use std::fs;

/// When the prose was last changed.
const DATE: &str = "2026-11-21";

/// The names and texts of all pages.
pub fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = APPLETS
        .iter()
        .map(|applet| (path(applet.name), page(&(applet.command)(), applet.name, applet.purpose)))
        .collect();
    let ntpkit = ntpkit::app::ntpkit::command(ntpkit::app::applet::APPLETS);
    let about = ntpkit.get_about().expect("a purpose").to_string();
    pages.push((path("ntpkit"), page(&ntpkit, "ntpkit", &decapitalized(&about))));
    pages
}

fn path(name: &str) -> String {
    format!("man/{name}.1")
}

/// A page: its source with every line `@NAME@` replaced.
fn page(command: &Command, name: &str, purpose: &str) -> String {
    let source = project().join(format!("man/src/{name}.1.in"));
    let source = fs::read_to_string(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
    let mut text =
        format!(".\\\" Made of man/src/{name}.1.in and of the program: see tests/generated/main.rs\n");
    for line in source.lines() {
        match line.strip_prefix('@').and_then(|line| line.strip_suffix('@')) {
            Some(place) => text += filling(place, command, name, purpose).trim_end_matches('\n'),
            None => text += line,
        }
        text.push('\n');
    }
    text
}

fn filling(place: &str, command: &Command, name: &str, purpose: &str) -> String {
    match place {
        "TITLE" => format!(
            ".TH {} 1 {DATE} \"ntpkit {}\" \"User Commands\"",
            name.to_uppercase(),
            env!("CARGO_PKG_VERSION")
        ),
        "NAME" => format!(".SH NAME\n{name} \\- {}", escaped(purpose)),
        "SYNOPSIS" => synopsis(command),
        "OPTIONS" => options(command),
        "HOSTFILES" => {
            fs::read_to_string(project().join("man/src/hosts.part")).expect("the text about files of hosts")
        }
        place if place.starts_with("SUBCOMMAND ") => subcommand(command, &place["SUBCOMMAND ".len()..]),
        "APPLETS" => applets(),
        "PAGES" => APPLETS.iter().map(|applet| format!(".BR {} (1)\n", applet.name)).collect(),
        "COMMANDS" if name == "ntpdc" => commands(ntpdc::COMMANDS),
        "COMMANDS" => commands(COMMANDS),
        "DIFFERENCES" => differences::section(name),
        "TALLIES" => tallies(),
        "SYSTEM_SOURCES" => named(SYSTEM_SOURCES, &system_sources()),
        "SYSTEM_EVENTS" => named(SYSTEM_EVENTS, &events(|word| SystemStatusWord(word).event_name())),
        "PEER_EVENTS" => named(PEER_EVENTS, &events(|word| PeerStatusWord(word).event_name())),
        "CLOCK_CODES" => named(CLOCK_CODES, &clock_codes()),
        "FLASH" => flash(),
        _ => panic!("{name}.1.in: nothing is known for @{place}@"),
    }
}

/// The line of usage, its first words in bold.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let (name, rest) = usage.split_at(usage.find(" [").unwrap_or(usage.len()));
    format!(".SH SYNOPSIS\n.B {}\n{}\n", escaped(name), escaped(rest.trim_start()))
}

/// The options, their possible values in one sentence with them.
fn options(command: &Command) -> String {
    let command = command.clone().mut_args(|arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let values: Vec<String> = arg
            .get_possible_values()
            .iter()
            .filter(|_| arg.get_action().takes_values())
            .map(|value| match value.get_help() {
                Some(help) => format!("`{}` ({})", value.get_name(), decapitalized(&help.to_string())),
                None => format!("`{}`", value.get_name()),
            })
            .collect();
        if values.is_empty() {
            return arg;
        }
        arg.help(format!("{help}: {}", values.join(", "))).hide_possible_values(true)
    });
    let text = rendered(&command, Man::render_options_section);
    // The brackets around the names of values, and not the letter of the option `->`.
    let text = text.replace("\\->\\fR", LETTER).replace("\\fI<", "\\fI").replace(">\\fR", "\\fR");
    bold_quotations(&text.replace(LETTER, "\\->\\fR"))
}

/// Stands for the letter of the option `->` for a while.
const LETTER: &str = "\u{1}";

/// The section of the subcommand of this path; what the page has to say of it follows.
fn subcommand(command: &Command, path: &str) -> String {
    let all = leaves(command, "");
    let (_, subcommand) = all.iter().find(|(known, _)| known == path).expect("a subcommand");
    let called = format!("{} {path}", command.get_name());
    let usage = (*subcommand).clone().bin_name(called).disable_help_flag(true);
    let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
    let synopsis = synopsis(&usage).replace(".SH SYNOPSIS\n", "");
    let options = options(&usage).replace(".SH OPTIONS\n", "");
    format!(".SS {}\n{}\n.PP\n{}.\n{}", quoted(path), synopsis.trim_end(), escaped(&about), options)
}

/// The subcommands that have none themselves, with their names from the top.
pub fn leaves<'a>(command: &'a Command, prefix: &str) -> Vec<(String, &'a Command)> {
    let leaves = command.get_subcommands().flat_map(|subcommand| {
        let path = format!("{prefix}{}", subcommand.get_name());
        if subcommand.has_subcommands() {
            return leaves(subcommand, &format!("{path} "));
        }
        vec![(path, subcommand)]
    });
    leaves.collect()
}

/// Words as one argument of a request.
fn quoted(words: &str) -> String {
    if words.contains(' ') { format!("\"{}\"", escaped(words)) } else { escaped(words) }
}

/// What `clap_mangen` makes of a command, without the lines that each page has once.
fn rendered(command: &Command, render: fn(&Man, &mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    render(&Man::new(command.clone()), &mut bytes).expect("memory takes all");
    let text = String::from_utf8(bytes).expect("a page is text");
    text.lines()
        .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el ") && !line.is_empty())
        .map(|line| line.trim_end().replace("\\*(Aq", "\\(aq") + "\n")
        .collect()
}

fn applets() -> String {
    let rows = APPLETS.iter().map(|applet| {
        format!(".TP 12\n.BR {} (1)\n{}\n", applet.name, escaped(&capitalized(applet.purpose)))
    });
    rows.collect()
}

/// The interactive commands; those that are the same under several names in one row.
fn commands(table: &'static [NtpqCommand]) -> String {
    let mut rows: Vec<Vec<&NtpqCommand>> = Vec::new();
    for command in table {
        let same = |row: &&mut Vec<&NtpqCommand>| {
            row[0].description == command.description && usage(row[0]) == usage(command)
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.push(command),
            None => rows.push(vec![command]),
        }
    }
    for row in &mut rows {
        row.sort_by_key(|command| std::cmp::Reverse(command.name.len()));
    }
    rows.sort_by_key(|row| row[0].name);
    rows.into_iter()
        .map(|row| {
            let names: Vec<String> =
                row.iter().map(|command| format!("\\fB{}\\fR", escaped(command.name))).collect();
            let (names, usage) = (names.join(", "), escaped(&usage(row[0])));
            format!(".TP\n{names}{usage}\n{}.\n", escaped(&capitalized(row[0].description)))
        })
        .collect()
}

/// What follows the name in a command's line of usage.
fn usage(command: &NtpqCommand) -> String {
    let usage = command.usage(Dialect::Native);
    let (_, rest) = usage.trim_end().split_once(command.name).expect("the usage names the command");
    rest.replace("[ ", "[").replace(" ]", "]")
}

fn tallies() -> String {
    let rows = Selection::ALL.map(|selection| {
        let meaning = match selection {
            Selection::Reject => "unreachable, unsynchronised, in a loop or too far away",
            Selection::FalseTicker => "contradicts the majority of the others",
            Selection::Excess => "good, but more than are wanted",
            Selection::Outlier => "good, but scatters more than the others",
            Selection::Candidate => "good: its offset goes into the average",
            Selection::Backup => "good: kept as a spare beyond those averaged",
            Selection::SystemPeer => "the one that the daemon follows",
            Selection::PpsPeer => "the one that the daemon follows, by its pulse per second",
        };
        let tally = match selection.tally() {
            ' ' => "blank".to_owned(),
            tally => format!("\\fB{}\\fR    ", escaped(&tally.to_string())),
        };
        format!(".TP 20\n{tally}  \\fB{}\\fR\n{meaning}\n", selection.name())
    });
    compact(&rows.concat())
}

const SYSTEM_SOURCES: &[(&str, &str)] = &[
    ("sync_unspec", "none yet"),
    ("sync_pps", "a pulse per second"),
    ("sync_lf_radio", "a radio clock, long wave"),
    ("sync_hf_radio", "a radio clock, short wave"),
    ("sync_uhf_radio", "a radio clock of very short waves, a satellite for example"),
    ("sync_local", "this machine's own clock or one attached to it"),
    ("sync_ntp", "another NTP daemon"),
    ("sync_other", "another protocol"),
    ("sync_wristwatch", "somebody's watch"),
    ("sync_telephone", "a telephone service"),
];

const SYSTEM_EVENTS: &[(&str, &str)] = &[
    ("unspecified", "none"),
    ("freq_not_set", "the clock's frequency is not known"),
    ("freq_set", "the frequency was taken from its file"),
    ("spike_detect", "a sudden offset, waited out"),
    ("freq_mode", "the frequency is being measured"),
    ("clock_sync", "the clock is synchronised"),
    ("restart", "the daemon has started"),
    ("panic_stop", "the offset was too large: the daemon stopped"),
    ("no_sys_peer", "there is nobody left to follow"),
    ("leap_armed", "a leap second is to come"),
    ("leap_disarmed", "the leap second will not come"),
    ("leap_event", "the leap second has come"),
    ("clock_step", "the clock was stepped"),
    ("kern", "the kernel reported something"),
    ("TAI", "the offset to TAI was set"),
    ("stale_leapsecond_values", "the leap second file has expired"),
];

const PEER_EVENTS: &[(&str, &str)] = &[
    ("mobilize", "the association was made"),
    ("demobilize", "it was dropped"),
    ("unreachable", "the peer answers no more"),
    ("reachable", "the peer answers"),
    ("restart", "it was begun anew"),
    ("no_reply", "the peer has not answered"),
    ("rate_exceeded", "the peer said that it is asked too often"),
    ("access_denied", "the peer refused"),
    ("leap_armed", "the peer announces a leap second"),
    ("sys_peer", "the daemon follows this peer"),
    ("clock_event", "the reference clock reported something; in the list of associations: clock_alarm"),
    ("bad_auth", "authentication failed"),
    ("popcorn", "a sudden offset was passed over"),
    ("interleave_mode", "interleaved mode began"),
    ("interleave_error", "interleaved mode failed"),
];

const CLOCK_CODES: &[(&str, &str)] = &[
    ("clk_unspec", "nothing to report"),
    ("clk_no_reply", "it does not answer"),
    ("clk_bad_format", "what it says cannot be read"),
    ("clk_fault", "it, or its driver, is out of order"),
    ("clk_bad_signal", "its signal is bad"),
    ("clk_bad_date", "its date is impossible"),
    ("clk_bad_time", "its time is impossible"),
];

const FLASH: &[(&str, &str)] = &[
    ("pkt_dup", "the packet came twice"),
    ("pkt_bogus", "it answers nothing that was asked"),
    ("pkt_unsync", "one of the timestamps is missing"),
    ("pkt_denied", "access was denied"),
    ("pkt_auth", "authentication failed"),
    ("pkt_stratum", "the server is unsynchronised, or its stratum is impossible"),
    ("pkt_header", "delay or dispersion to the root are impossible"),
    ("pkt_autokey", "the Autokey exchange failed"),
    ("pkt_crypto", "the Autokey exchange broke its protocol"),
    ("peer_stratum", "the peer is unsynchronised, or its stratum too high"),
    ("peer_dist", "the peer is too far from the root"),
    ("peer_loop", "the peer follows this daemon"),
    ("peer_unreach", "the peer is unreachable"),
];

fn system_sources() -> Vec<String> {
    let all = (0..64).map(|number| SystemStatusWord(number << 8).source_name().into_owned());
    all.enumerate().filter(|(number, name)| *name != format!("sync_{number}")).map(|(_, name)| name).collect()
}

fn events(name: fn(u16) -> &'static str) -> Vec<String> {
    (0..16).map(name).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn clock_codes() -> Vec<String> {
    let all = (0..16).map(|number| ClockStatusWord(number).code_name().into_owned());
    all.enumerate().filter(|(number, name)| *name != format!("clk_{number}")).map(|(_, name)| name).collect()
}

fn flash() -> String {
    let bits = (0..32).flat_map(|bit| FlashWord(1 << bit).names().map(move |name| (bit, name)));
    let (values, names): (Vec<String>, Vec<String>) =
        bits.map(|(bit, name)| (format!("{:04x}", 1_u32 << bit), name.to_owned())).unzip();
    assert_eq!(names, FLASH.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let rows = values.iter().zip(FLASH).map(|(value, (name, meaning))| {
        format!(".TP 22\n{value}  \\fB{}\\fR\n{}\n", escaped(name), escaped(meaning))
    });
    compact(&rows.collect::<String>())
}

/// A row for each name. The names must be those of the program, in its order.
fn named(meanings: &[(&str, &str)], names: &[String]) -> String {
    assert_eq!(names, meanings.iter().map(|(name, _)| *name).collect::<Vec<_>>(), "the meanings of names");
    let rows = meanings
        .iter()
        .map(|(name, meaning)| format!(".TP 26\n\\fB{}\\fR\n{}\n", escaped(name), escaped(meaning)));
    compact(&rows.collect::<String>())
}

/// Rows without empty lines between them.
fn compact(rows: &str) -> String {
    format!(".PD 0\n{rows}.PD\n")
}

/// Text as it is: no character of it means anything to roff.
pub fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

/// What stands between backquotes in bold.
pub fn bold_quotations(text: &str) -> String {
    let mut bold = false;
    let mut out = String::new();
    for letter in text.chars() {
        if letter == '`' {
            bold = !bold;
            out += if bold { "\\fB" } else { "\\fR" };
        } else {
            out.push(letter);
        }
    }
    assert!(!bold, "a backquote without its fellow: {text}");
    out
}

fn capitalized(text: &str) -> String {
    changed(text, |letter| letter.to_ascii_uppercase())
}

/// With a small letter at its beginning, unless its first word has another capital, as a name does.
fn decapitalized(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    if word.chars().skip(1).any(|letter| letter.is_ascii_uppercase()) || text.starts_with('`') {
        return text.to_owned();
    }
    changed(text, |letter| letter.to_ascii_lowercase())
}

fn changed(text: &str, change: fn(char) -> char) -> String {
    let mut letters = text.chars();
    letters.next().map(change).into_iter().chain(letters).collect()
}

/// No page gives mandoc reason to complain, where it is installed.
#[test]
fn pages_are_sound() {
    let files = pages();
    for (name, _) in &files {
        let lint = std::process::Command::new("mandoc")
            .args(["-Tlint", "-W", "warning", name])
            .current_dir(project())
            .output();
        match lint {
            Ok(lint) => assert_eq!(String::from_utf8_lossy(&lint.stdout), "", "{name}"),
            Err(_) => return eprintln!("mandoc is not installed: the pages are not tried"),
        }
    }
}

#[test]
fn every_short_option_is_in_its_page() {
    for (name, text) in pages() {
        assert!(!text.contains("\\fB\\-\\fR, "), "{name}: an option without its letter");
    }
    for name in ["ntpq", "ntpdc", "ntp-keygen"] {
        let (_, page) =
            pages().into_iter().find(|(file, _)| *file == format!("man/{name}.1")).expect("a page");
        assert!(page.contains("\\fB\\->\\fR, \\fB\\-\\-save\\-opts"), "{name}");
    }
}
