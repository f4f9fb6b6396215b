//! The table of commands.

use super::{associations, configuration, mrulist, ordered_lists, peers, report, variables, writing};
use crate::console::command::{
    Command, Effects, Forms, HELP, Kind, Parameter, Secret, Whose, asks, changes, local, optional, required,
};
use crate::console::key_types::key_types_text;
use crate::console::{authentication, local as own};

const FAMILY: &[Parameter] = &[optional("-4|-6", Kind::IpVersion)];
const VARIABLES: &[Parameter] = &[
    optional("assocID", Kind::Unsigned),
    optional("varname1", Kind::Variables(Whose::Association)),
    optional("varname2", Kind::Variables(Whose::Association)),
    optional("varname3", Kind::Variables(Whose::Association)),
];
const ASSOCIATION: &[Parameter] = &[optional("assocID", Kind::Unsigned)];
const CLOCK: &[Parameter] =
    &[optional("assocID", Kind::Unsigned), optional("name=value[,...]", Kind::Variables(Whose::Clock))];
const RANGE: &[Parameter] =
    &[required("assocIDlow", Kind::Unsigned), required("assocIDhigh", Kind::Unsigned)];
const RANGE_VARIABLES: &[Parameter] = &[
    required("assocIDlow", Kind::Unsigned),
    required("assocIDhigh", Kind::Unsigned),
    optional("name=value[,...]", Kind::Variables(Whose::Association)),
];

const TAG: Parameter = optional("tag=value", Kind::Text);
const TAGS: &[Parameter] = &[TAG, TAG, TAG, TAG];

/// All commands.
pub static COMMANDS: &[Command] = &[
    changes(
        ":config",
        &[required("<configuration command line>", Kind::Text)],
        "configure the running daemon",
        CONFIGURES,
        configuration::configure,
    ),
    local("?", &[optional("command", Kind::Text)], HELP, Effects::NONE, own::help)
        .with_forms(Forms::ClassicOnly),
    local(
        "addvars",
        &[required("name[=value][,...]", Kind::Variables(Whose::Any))],
        "add variables to the list or change their values",
        Effects::NONE,
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
        "show or set whether all requests are authenticated",
        Effects::CHANGES_KEY,
        authentication::authenticate,
    ),
    asks("authinfo", &[], "print symmetric authentication counters", report::authentication),
    asks("cl", ASSOCIATION, CLOCK_LIST, variables::clock_list),
    local("clearvars", &[], "remove all variables from the list", Effects::NONE, writing::clear_variables),
    asks("clocklist", ASSOCIATION, CLOCK_LIST, variables::clock_list),
    asks("clockvar", CLOCK, CLOCK_VARIABLES, variables::clock_variables),
    changes(
        "config-from-file",
        &[required("<configuration filename>", Kind::File)],
        "configure the running daemon with the lines of a file",
        Effects::NONE,
        configuration::configure_from_file,
    ),
    local("cooked", &[], "print variables decoded", Effects::NONE, own::cooked),
    asks("cv", CLOCK, CLOCK_VARIABLES, variables::clock_variables),
    local(
        "debug",
        &[optional("no|more|less", Kind::Text)],
        "show or change the debug level",
        Effects::NONE,
        own::debug,
    ),
    local(
        "delay",
        &[optional("msec", Kind::Integer)],
        "show or set the delay added to timestamps",
        Effects::NONE,
        own::delay,
    ),
    local(
        "drefid",
        &[optional("hash|ipv4", Kind::Text)],
        "show or set how reference identifiers are printed",
        Effects::NONE,
        own::refid,
    ),
    local("exit", &[], "exit", Effects::ENDS_RUN, own::quit),
    local("help", &[optional("command", Kind::Text)], HELP, Effects::NONE, own::help)
        .with_forms(Forms::ClassicOnly),
    local(
        "host",
        &[optional("-4|-6", Kind::Text), optional("hostname", Kind::Text)],
        "show or select the host to query",
        Effects::CHANGES_HOST,
        own::host,
    ),
    local(
        "hostnames",
        &[optional("yes|no", Kind::Text)],
        "show or set whether host names are printed",
        Effects::NONE,
        own::host_names,
    ),
    changes(
        "ifstats",
        &[],
        "print the daemon's network interfaces and their counters",
        Effects::NONE,
        ordered_lists::interfaces,
    )
    .with_forms(Forms::Report),
    asks("iostats", &[], "print network I/O counters", report::input_output),
    asks("kerninfo", &[], "print the state of the kernel clock", report::kernel),
    local(
        "keyid",
        &[optional("key#", Kind::Unsigned)],
        "show or select the key that authenticates requests",
        Effects::CHANGES_KEY,
        authentication::key_id,
    ),
    local(
        "keytype",
        &[optional("digest-name", Kind::Text)],
        "show or set the type of the key that authenticates requests",
        Effects::CHANGES_KEY,
        authentication::key_type,
    )
    .with_choices(key_types_text),
    asks("lassociations", &[], "print all associations", associations::all_associations),
    asks("lopeers", FAMILY, "print all peers with their local addresses", peers::lopeers),
    asks("lpassociations", &[], "print all associations of the list last read", associations::all_known),
    asks("lpeers", FAMILY, "print all peers, including unconfigured unreachable ones", peers::lpeers),
    asks("monstats", &[], "print the counters and limits of the MRU list", report::monitor),
    asks("mreadlist", RANGE, "read the listed variables of a range of associations", variables::range_list),
    asks(
        "mreadvar",
        RANGE_VARIABLES,
        "read variables of a range of associations",
        variables::range_variables,
    ),
    asks("mrl", RANGE, "read the listed variables of a range of associations", variables::range_list),
    asks("mrulist", TAGS, "print the most recently seen clients", mrulist::mrulist)
        .with_effects(Effects::STREAMS_ROWS),
    asks("mrv", RANGE_VARIABLES, "read variables of a range of associations", variables::range_variables),
    local(
        "ntpversion",
        &[optional("version number", Kind::Unsigned)],
        "show or set the protocol version of requests",
        Effects::NONE,
        own::version_claimed,
    ),
    asks("ntsinfo", &[], "print NTS counters (NTPsec)", report::nts).since_then(),
    asks("ntskeinfo", &[], "print counters of NTS key exchanges (NTPsec)", report::key_exchanges)
        .since_then(),
    asks("opeers", FAMILY, "print the peers with their local addresses", peers::opeers),
    asks("passociations", &[], "print the associations of the list last read", associations::known),
    local(
        "passwd",
        &[optional("secret", Kind::Secret).formerly("")],
        "set the secret of the key",
        Effects::TAKES_SECRET,
        authentication::password,
    ),
    asks("peers", FAMILY, "print the peers", peers::peers),
    local(
        "poll",
        &[optional("n", Kind::Unsigned), optional("verbose", Kind::Text)],
        "poll a server (never implemented by the original)",
        Effects::NONE,
        own::poll,
    ),
    asks(
        "pstats",
        &[required("assocID", Kind::Unsigned)],
        "print the statistics of one peer",
        report::peer_statistics,
    ),
    local("quit", &[], "exit", Effects::ENDS_RUN, own::quit),
    local("raw", &[], "print variables as received", Effects::NONE, own::raw),
    asks("readlist", ASSOCIATION, "read the listed variables", variables::read_list),
    asks(
        "readvar",
        VARIABLES,
        "read variables of the daemon or of one association",
        variables::read_variables,
    ),
    changes(
        "reslist",
        &[],
        "print the access restrictions and their hit counts",
        Effects::NONE,
        ordered_lists::restrictions,
    )
    .with_forms(Forms::Report),
    asks("rl", ASSOCIATION, "read the listed variables", variables::read_list),
    local(
        "rmvars",
        &[required("name[,...]", Kind::Variables(Whose::Any))],
        "remove variables from the list",
        Effects::NONE,
        writing::remove_variables,
    ),
    asks("rv", VARIABLES, "read variables of the daemon or of one association", variables::read_variables),
    changes(
        "saveconfig",
        &[required("filename", Kind::Text)],
        "save the daemon's configuration to a file on its host",
        Effects::NONE,
        configuration::save_configuration,
    ),
    local("showvars", &[], "print the variables on the list", Effects::NONE, writing::show_variables)
        .with_forms(Forms::ReportWithoutMetrics),
    asks("sysinfo", &[], "print the state of the daemon", report::system),
    asks("sysstats", &[], "print the daemon's uptime and packet counters", report::packets),
    local(
        "timeout",
        &[optional("msec", Kind::Unsigned)],
        "show or set the timeout for answers",
        Effects::NONE,
        own::timeout,
    ),
    asks("timerstats", &[], "print interval timer counters", report::timer),
    local("version", &[], "print the version", Effects::NONE, own::version).with_forms(Forms::ClassicOnly),
    changes("writelist", ASSOCIATION, "write the listed variables", Effects::NONE, writing::write_list),
    changes(
        "writevar",
        &[
            required("assocID", Kind::Unsigned),
            required("name=value,[...]", Kind::Variables(Whose::Association)),
        ],
        "write variables",
        Effects::NONE,
        writing::write_variables,
    ),
];

const CLOCK_LIST: &str = "read the listed variables of a reference clock";
const CLOCK_VARIABLES: &str = "read variables of a reference clock";

/// The effects of a command that may set a password, as `crypto pw` does.
const CONFIGURES: Effects = Effects { secret: Secret::After("pw"), ..Effects::NONE };

#[cfg(test)]
mod tests {
    use super::super::NTPQ;
    use super::*;
    use crate::compat::Dialect;
    use crate::console::command::Lookup;

    fn found(word: &str) -> Result<&'static str, bool> {
        match NTPQ.look_up(word.as_bytes(), Dialect::Native) {
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
    fn new_commands_leave_the_abbreviations_of_the_old_ones() {
        for word in ["n", "nt"] {
            assert_eq!(found(word), Ok("ntpversion"));
        }
        assert_eq!(
            (found("ntsi"), found("ntskeinfo"), found("nts")),
            (Ok("ntsinfo"), Ok("ntskeinfo"), Err(true))
        );
        for word in ["nts", "ntsi", "ntsinfo"] {
            assert!(matches!(NTPQ.look_up(word.as_bytes(), Dialect::Classic), Lookup::Unknown));
        }
    }

    #[test]
    fn usage_lines_have_the_classic_form() {
        let usage = |name: &str| match NTPQ.look_up(name.as_bytes(), Dialect::Native) {
            Lookup::Found(command) => command.usage(Dialect::Classic),
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
