//! Completion of the word before the cursor.

use super::command::{Command, Kind, Lookup, Parameter, Whose};
use super::program::{Arguments, Program};
use crate::auth::KeyType;
use crate::compact;
use crate::compat::Dialect;
use crate::wire::AssociationId;
use std::net::IpAddr;

/// Words that earlier commands have brought up.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// The dialect, which determines the commands.
    pub dialect: Dialect,
    /// The associations in the list read last.
    pub associations: Vec<AssociationId>,
    /// The names of the variables printed last.
    pub seen: Vec<String>,
    /// The addresses of the peers printed last.
    pub peers: Vec<IpAddr>,
}

/// A completion of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How it is listed.
    pub shown: String,
    /// The replacement for the word.
    pub text: String,
}

/// Names of system variables (RFC 9327, ntpd).
const SYSTEM: &str = "clk_jitter clk_wander clock expire frequency leap leapsec mintc offset peer peeradr \
    peermode precision processor refid reftime rootdelay rootdisp stratum sys_jitter sys_var_list system tai tc \
    version mru_deepest mru_depth mru_enabled mru_maxage mru_maxdepth mru_maxmem mru_mem mru_mindepth ss_badauth \
    ss_badformat ss_declined ss_kodsent ss_limited ss_oldver ss_processed ss_received ss_reset ss_restricted \
    ss_thisver ss_uptime";
/// Names of association variables.
const PEER: &str = "authenable authentic badauth bias bogusorg candidate config delay dispersion dstadr dstport \
    filtdelay filtdisp filtoffset flash headway hmode host hpoll ident jitter keyid leap offset oldpkt \
    peer_var_list pmode ppoll precision reach rec received refid reftime rootdelay rootdisp selbroken seldisp sent \
    srcadr srchost srcport stratum timer timereach timerec ttl unreach xleave";
/// Names of reference clock variables.
const CLOCK: &str = "badformat baddata clock_var_list device flags fudgetime1 fudgetime2 noreply poll refid stratum \
    timecode type";
/// The options that filter and sort a client list.
const CLIENT_LIST: [&str; 8] =
    ["kod", "laddr=", "limited", "maxlstint=", "mincount=", "resall=", "resany=", "sort="];
const CLIENT_ORDERS: [&str; 8] = [
    "sort=addr",
    "sort=-addr",
    "sort=avgint",
    "sort=-avgint",
    "sort=count",
    "sort=-count",
    "sort=lstint",
    "sort=-lstint",
];

/// Where the word before the cursor starts, and its completions.
pub fn complete(program: &Program, before: &str, vocabulary: &Vocabulary) -> (usize, Vec<Candidate>) {
    let start = before.rfind([' ', '\t']).map_or(0, |at| at + 1);
    let (earlier, word) = before.split_at_checked(start).unwrap_or(("", before));
    let mut earlier = earlier.split_ascii_whitespace();
    let Some(command) = earlier.next() else { return (start, commands(program, word, vocabulary.dialect)) };
    let Lookup::Found(command) = program.look_up(command.as_bytes(), vocabulary.dialect) else {
        return (start, Vec::new());
    };
    let takes_all = matches!(program.grammar.arguments, Arguments::All(_));
    let is_family = |word: &&str| takes_all && matches!(*word, "-4" | "-6");
    let arguments: Vec<&str> = earlier.filter(|word| !is_family(word)).collect();
    let Some(parameter) = parameter_at(program, command, arguments.len()) else { return (start, Vec::new()) };
    if let Kind::Variables(whose) = parameter.kind {
        let names = match (whose, arguments.first()) {
            (Whose::Clock, _) => vec![CLOCK],
            (Whose::Any, _) => vec![SYSTEM, PEER, CLOCK],
            (Whose::Association, None | Some(&"0")) => vec![SYSTEM],
            (Whose::Association, Some(_)) => vec![PEER],
        };
        // Several names can be in one word, separated by commas.
        let part = word.rfind(',').map_or(0, |at| at + 1);
        return (start + part, variables(word.get(part..).unwrap_or_default(), &names, &vocabulary.seen));
    }
    (start, values(program, parameter, word, vocabulary))
}

/// The parameter at this position. Commands that take all words accept further words of a choice, whatever the earlier
/// positions are called.
fn parameter_at<'a>(program: &Program, command: &'a Command, place: usize) -> Option<&'a Parameter> {
    let parameter = command.parameters.get(place);
    let is_open = parameter.is_none_or(|parameter| matches!(parameter.label, "..." | "keyid" | "version"));
    let goes_on = command.parameters.last().is_some_and(|last| last.label.contains("..."));
    if matches!(program.grammar.arguments, Arguments::Declared(_)) || !is_open || !goes_on {
        return parameter;
    }
    command.parameters.iter().rfind(|parameter| parameter.label.contains('|')).or(parameter)
}

/// Whether the word before the cursor is a file name: the target of a redirection, or a file that the command reads.
pub fn wants_file(program: &Program, before: &str, dialect: Dialect) -> bool {
    let start = before.rfind([' ', '\t']).map_or(0, |at| at + 1);
    let (earlier, word) = before.split_at_checked(start).unwrap_or(("", before));
    let mut earlier = earlier.split_ascii_whitespace();
    let Some(first) = earlier.next() else { return false };
    let arguments: Vec<&str> = earlier.collect();
    if !first.starts_with(':') && (word.starts_with('>') || arguments.last() == Some(&">")) {
        return true;
    }
    let Lookup::Found(command) = program.look_up(first.as_bytes(), dialect) else { return false };
    command.parameters.get(arguments.len()).is_some_and(|parameter| parameter.kind == Kind::File)
}

fn values(program: &Program, parameter: &Parameter, word: &str, vocabulary: &Vocabulary) -> Vec<Candidate> {
    let Parameter { label, kind, .. } = *parameter;
    if kind == Kind::Unsigned && label.starts_with("assocID") {
        return associations(word, &vocabulary.associations);
    }
    match (kind, label) {
        (Kind::IpVersion, _) => matching(word, ["-4", "-6"]),
        (Kind::Address, _) if word.starts_with('-') => matching(word, ["-4", "-6"]),
        (Kind::Address, _) => {
            let peers: Vec<String> = vocabulary.peers.iter().map(IpAddr::to_string).collect();
            matching(word, peers.iter().map(String::as_str))
        }
        (_, "command") => commands(program, word, vocabulary.dialect),
        (_, "tag=value") if word.starts_with("sort=") => matching(word, CLIENT_ORDERS),
        (_, "tag=value") => matching(word, CLIENT_LIST),
        (_, "digest-name") => matching(word, KeyType::ALL.iter().map(|key_type| key_type.name())),
        (_, choice) if choice.contains('|') => matching(word, choice.split('|').filter_map(keyword)),
        _ => Vec::new(),
    }
}

/// The word that a choice starts with, if it is to be typed literally.
fn keyword(choice: &str) -> Option<&str> {
    choice.trim_matches(['(', ')', '\'']).split(' ').next().filter(|word| !word.contains('#'))
}

fn commands(program: &Program, word: &str, dialect: Dialect) -> Vec<Candidate> {
    let names = program.commands(dialect).map(|command| command.name);
    let mut found = matching(word, names.filter(|&name| name != "?"));
    if let [only] = found.as_mut_slice()
        && let Lookup::Found(command) = program.look_up(only.text.as_bytes(), dialect)
        && !command.parameters.is_empty()
    {
        only.text.push(' ');
    }
    found
}

/// Association identifiers or, after a `&`, positions in the list.
fn associations(word: &str, known: &[AssociationId]) -> Vec<Candidate> {
    if word.starts_with('&') {
        let places = (1..).zip(known).map(|(place, id)| (format!("&{place}"), id));
        return places
            .filter(|(text, _)| text.starts_with(word))
            .map(|(text, id)| Candidate { shown: format!("{text} ({})", id.0), text })
            .collect();
    }
    let identifiers: Vec<String> = known.iter().map(|id| id.0.to_string()).collect();
    matching(word, std::iter::once("0").chain(identifiers.iter().map(String::as_str)))
}

fn variables(part: &str, names: &[&str], seen: &[String]) -> Vec<Candidate> {
    if part.contains('=') {
        return Vec::new();
    }
    let known = names.iter().flat_map(|names| names.split_ascii_whitespace());
    let mut found = matching(part, known.chain(seen.iter().map(String::as_str)));
    compact::sort_by(&mut found, |one, other| one.text.cmp(&other.text));
    found.dedup();
    found
}

fn matching<'a>(word: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<Candidate> {
    texts
        .into_iter()
        .filter(|text| text.starts_with(word))
        .map(|text| Candidate { shown: text.to_owned(), text: text.to_owned() })
        .collect()
}
