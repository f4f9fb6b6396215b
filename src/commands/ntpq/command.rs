//! The table of commands, how a command is looked up, and how its arguments are read.

use super::shell::Shell;
use super::{
    associations, authentication, configuration, local, mrulist, ordered_lists, peers, report, variables,
    writing,
};

/// One command.
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// What it may be given.
    pub parameters: &'static [Parameter],
    /// What it does, in one line.
    pub description: &'static str,
    /// Whether it needs no daemon.
    pub local: bool,
    /// Whether its requests carry a key.
    pub authenticated: bool,
    /// Does it.
    pub run: fn(&mut Shell, &[Argument]) -> Verdict,
}

/// What a command may be given at one place.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// How the usage line calls it.
    pub label: &'static str,
    /// What it must look like.
    pub kind: Kind,
    /// Whether it may be missing.
    pub optional: bool,
}

/// What an argument must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything.
    Text,
    /// A number of 32 bits, or `&N`, the N-th association.
    Unsigned,
    /// A number with a sign.
    Integer,
    /// `-4` or `-6`.
    IpVersion,
}

/// An argument that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// As given.
    Text(Vec<u8>),
    /// A number.
    Unsigned(u32),
    /// A number with a sign.
    Integer(i64),
    /// 4 or 6.
    IpVersion(u8),
}

/// Whether a command did what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Done,
    /// It did not, and has said so.
    Failed,
}

/// What a word means as a command.
pub enum Lookup {
    /// This one.
    Found(&'static Command),
    /// None.
    Unknown,
    /// Several.
    Ambiguous,
}

const fn required(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, kind, optional: false }
}

const fn optional(label: &'static str, kind: Kind) -> Parameter {
    Parameter { label, kind, optional: true }
}

const FAMILY: &[Parameter] = &[optional("-4|-6", Kind::IpVersion)];
const VARIABLES: &[Parameter] = &[
    optional("assocID", Kind::Unsigned),
    optional("varname1", Kind::Text),
    optional("varname2", Kind::Text),
    optional("varname3", Kind::Text),
];
const ASSOCIATION: &[Parameter] = &[optional("assocID", Kind::Unsigned)];
const CLOCK: &[Parameter] = &[optional("assocID", Kind::Unsigned), optional("name=value[,...]", Kind::Text)];
const RANGE: &[Parameter] =
    &[required("assocIDlow", Kind::Unsigned), required("assocIDhigh", Kind::Unsigned)];
const RANGE_VARIABLES: &[Parameter] = &[
    required("assocIDlow", Kind::Unsigned),
    required("assocIDhigh", Kind::Unsigned),
    optional("name=value[,...]", Kind::Text),
];

const TAG: Parameter = optional("tag=value", Kind::Text);
const TAGS: &[Parameter] = &[TAG, TAG, TAG, TAG];

const fn asks(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: false, authenticated: false, run }
}

const fn changes(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: false, authenticated: true, run }
}

const fn local(
    name: &'static str,
    parameters: &'static [Parameter],
    description: &'static str,
    run: fn(&mut Shell, &[Argument]) -> Verdict,
) -> Command {
    Command { name, parameters, description, local: true, authenticated: false, run }
}

/// All commands.
pub static COMMANDS: &[Command] = &[
    changes(
        ":config",
        &[required("<configuration command line>", Kind::Text)],
        "change the configuration of the running daemon",
        configuration::configure,
    ),
    local("?", &[optional("command", Kind::Text)], HELP, local::help),
    local(
        "addvars",
        &[required("name[=value][,...]", Kind::Text)],
        "put variables on the list, or give them other values",
        writing::add_variables,
    ),
    asks("apeers", FAMILY, "print the peers with their association identifiers", peers::apeers),
    asks(
        "associations",
        &[],
        "print the associations that are configured or reachable",
        associations::associations,
    ),
    local(
        "authenticate",
        &[optional("yes|no", Kind::Text)],
        "show or choose whether all requests are authenticated",
        authentication::authenticate,
    ),
    asks("authinfo", &[], "print the counters of symmetric authentication", report::authentication),
    asks("cl", ASSOCIATION, CLOCK_LIST, variables::clock_list),
    local("clearvars", &[], "take all variables off the list", writing::clear_variables),
    asks("clocklist", ASSOCIATION, CLOCK_LIST, variables::clock_list),
    asks("clockvar", CLOCK, CLOCK_VARIABLES, variables::clock_variables),
    changes(
        "config-from-file",
        &[required("<configuration filename>", Kind::Text)],
        "change the configuration of the running daemon by the lines of a file",
        configuration::configure_from_file,
    ),
    local("cooked", &[], "print variables decoded", local::cooked),
    asks("cv", CLOCK, CLOCK_VARIABLES, variables::clock_variables),
    local("debug", &[optional("no|more|less", Kind::Text)], "show or change the debug level", local::debug),
    local(
        "delay",
        &[optional("msec", Kind::Integer)],
        "show or set the delay added to time stamps",
        local::delay,
    ),
    local(
        "drefid",
        &[optional("hash|ipv4", Kind::Text)],
        "show or set how reference identifiers are printed",
        local::refid,
    ),
    local("exit", &[], "leave", local::quit),
    local("help", &[optional("command", Kind::Text)], HELP, local::help),
    local(
        "host",
        &[optional("-4|-6", Kind::Text), optional("hostname", Kind::Text)],
        "show or choose the daemon to ask",
        local::host,
    ),
    local(
        "hostnames",
        &[optional("yes|no", Kind::Text)],
        "show or choose whether host names are printed",
        local::host_names,
    ),
    changes(
        "ifstats",
        &[],
        "print the interfaces that the daemon uses, and their counters",
        ordered_lists::interfaces,
    ),
    asks("iostats", &[], "print the counters of network input and output", report::input_output),
    asks("kerninfo", &[], "print the state of the kernel's clock", report::kernel),
    local(
        "keyid",
        &[optional("key#", Kind::Unsigned)],
        "show or choose the key that requests are authenticated with",
        authentication::key_id,
    ),
    local(
        "keytype",
        &[optional("digest-name", Kind::Text)],
        "show or choose the type of the key that requests are authenticated with",
        authentication::key_type,
    ),
    asks("lassociations", &[], "print all associations", associations::all_associations),
    asks("lopeers", FAMILY, "print all peers with their local addresses", peers::lopeers),
    asks("lpassociations", &[], "print all associations of the last list read", associations::all_known),
    asks("lpeers", FAMILY, "print all peers, the unreachable without configuration too", peers::lpeers),
    asks("monstats", &[], "print the counters and limits of the list of clients", report::monitor),
    asks(
        "mreadlist",
        RANGE,
        "read the variables of the list for a range of associations",
        variables::range_list,
    ),
    asks(
        "mreadvar",
        RANGE_VARIABLES,
        "read variables of a range of associations",
        variables::range_variables,
    ),
    asks("mrl", RANGE, "read the variables of the list for a range of associations", variables::range_list),
    asks("mrulist", TAGS, "print the addresses that the daemon heard of last", mrulist::mrulist),
    asks("mrv", RANGE_VARIABLES, "read variables of a range of associations", variables::range_variables),
    local(
        "ntpversion",
        &[optional("version number", Kind::Unsigned)],
        "show or choose the protocol version to claim",
        local::version_claimed,
    ),
    asks("opeers", FAMILY, "print the peers with their local addresses", peers::opeers),
    asks("passociations", &[], "print the associations of the last list read", associations::known),
    local("passwd", &[optional("", Kind::Text)], "give the secret of the key", authentication::password),
    asks("peers", FAMILY, "print the peers", peers::peers),
    local(
        "poll",
        &[optional("n", Kind::Unsigned), optional("verbose", Kind::Text)],
        "poll a server; this was never made",
        local::poll,
    ),
    asks(
        "pstats",
        &[required("assocID", Kind::Unsigned)],
        "print the statistics of one peer",
        report::peer_statistics,
    ),
    local("quit", &[], "leave", local::quit),
    local("raw", &[], "print variables as received", local::raw),
    asks("readlist", ASSOCIATION, "read the variables of the list", variables::read_list),
    asks(
        "readvar",
        VARIABLES,
        "read variables of the daemon or of one association",
        variables::read_variables,
    ),
    changes(
        "reslist",
        &[],
        "print the access restrictions, and how often each was used",
        ordered_lists::restrictions,
    ),
    asks("rl", ASSOCIATION, "read the variables of the list", variables::read_list),
    local(
        "rmvars",
        &[required("name[,...]", Kind::Text)],
        "take variables off the list",
        writing::remove_variables,
    ),
    asks("rv", VARIABLES, "read variables of the daemon or of one association", variables::read_variables),
    changes(
        "saveconfig",
        &[required("filename", Kind::Text)],
        "let the daemon write its configuration to a file",
        configuration::save_configuration,
    ),
    local("showvars", &[], "print the variables on the list", writing::show_variables),
    asks("sysinfo", &[], "print the state of the daemon", report::system),
    asks("sysstats", &[], "print the uptime of the daemon and its counters of packets", report::packets),
    local(
        "timeout",
        &[optional("msec", Kind::Unsigned)],
        "show or set how long to wait for an answer",
        local::timeout,
    ),
    asks("timerstats", &[], "print the counters of the interval timer", report::timer),
    local("version", &[], "print the version", local::version),
    changes("writelist", ASSOCIATION, "write the variables of the list", writing::write_list),
    changes(
        "writevar",
        &[required("assocID", Kind::Unsigned), required("name=value,[...]", Kind::Text)],
        "write variables",
        writing::write_variables,
    ),
];

const HELP: &str = "list the commands, or explain one";
const CLOCK_LIST: &str = "read the variables of the list from a reference clock";
const CLOCK_VARIABLES: &str = "read variables of a reference clock";

/// The command that a word names: exactly, or as an unambiguous beginning.
pub fn look_up(word: &[u8]) -> Lookup {
    if word.is_empty() {
        return Lookup::Unknown;
    }
    let named = COMMANDS.iter().find(|command| command.name.as_bytes() == word);
    let mut begun = COMMANDS.iter().filter(|command| command.name.as_bytes().starts_with(word));
    match (named, begun.next(), begun.next()) {
        (Some(command), ..) | (None, Some(command), None) => Lookup::Found(command),
        (None, None, _) => Lookup::Unknown,
        (None, Some(_), Some(_)) => Lookup::Ambiguous,
    }
}

impl Command {
    /// The line that says how it is called.
    pub fn usage(&self) -> String {
        let mut line = format!("usage: {}", self.name);
        for Parameter { label, optional, .. } in self.parameters {
            line += &if *optional { format!(" [ {label} ]") } else { format!(" {label}") };
        }
        line + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(word: &str) -> Result<&'static str, bool> {
        match look_up(word.as_bytes()) {
            Lookup::Found(command) => Ok(command.name),
            Lookup::Unknown => Err(false),
            Lookup::Ambiguous => Err(true),
        }
    }

    #[test]
    fn beginnings_count_when_they_are_unambiguous() {
        assert_eq!(found("peers"), Ok("peers"));
        assert_eq!(found("pe"), Ok("peers"));
        assert_eq!(found("as"), Ok("associations"));
        assert_eq!(found("rv"), Ok("rv"));
        assert_eq!(found("r"), Err(true));
        assert_eq!(found("xyz"), Err(false));
        assert_eq!(found(""), Err(false));
        assert_eq!(found("pas"), Err(true));
    }

    #[test]
    fn usage_lines_have_the_classic_form() {
        let usage = |name: &str| match look_up(name.as_bytes()) {
            Lookup::Found(command) => command.usage(),
            _ => String::new(),
        };
        assert_eq!(usage("pstats"), "usage: pstats assocID\n");
        assert_eq!(usage("mreadvar"), "usage: mreadvar assocIDlow assocIDhigh [ name=value[,...] ]\n");
        assert_eq!(usage("host"), "usage: host [ -4|-6 ] [ hostname ]\n");
    }

    #[test]
    fn names_are_in_order_and_unique() {
        assert!(COMMANDS.is_sorted_by(|one, other| one.name < other.name));
    }
}
