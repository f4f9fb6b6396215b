//! The table of commands.

use super::{change, configure, local, read};
use crate::console::authentication;
use crate::console::command::{
    Command, Effects, Forms, Kind, Parameter, asks, changes, local as own, optional, required,
};
use crate::console::local as shared;

const FAMILY: &[Parameter] = &[optional("-4|-6", Kind::IpVersion)];
const PEERS: &[Parameter] = &[
    required("peer_address", Kind::Address),
    optional("peer2_addr", Kind::Address),
    optional("peer3_addr", Kind::Address),
    optional("peer4_addr", Kind::Address),
];
const CLOCKS: &[Parameter] = &[
    required("address", Kind::Address),
    optional("address", Kind::Address),
    optional("address", Kind::Address),
    optional("address", Kind::Address),
];
const PEER_OPTIONS: &[Parameter] = &[
    required("addr", Kind::Address),
    optional("keyid", Kind::Text),
    optional("version", Kind::Text),
    optional("minpoll#|prefer|burst|iburst|'minpoll N'|'maxpoll N'|'keyid N'|'version N' ...", Kind::Text),
];
const SYSTEM_FLAGS: &[Parameter] = &[
    required("auth|bclient|calibrate|kernel|monitor|ntp|pps|stats", Kind::Text)
        .formerly("auth|bclient|monitor|pll|kernel|stats"),
    optional("...", Kind::Text),
    optional("...", Kind::Text),
    optional("...", Kind::Text),
];
const RESTRICTION: &[Parameter] = &[
    required("address", Kind::Address),
    required("mask", Kind::Address),
    required(
        "ntpport|ignore|noserve|notrust|noquery|nomodify|nopeer|notrap|lptrap|limited|version|kod",
        Kind::Text,
    )
    .formerly("ntpport|ignore|noserve|notrust|noquery|nomodify|nopeer|version|kod"),
    optional("...", Kind::Text),
];
const KEYS: &[Parameter] = &[
    required("keyid", Kind::Unsigned),
    optional("keyid", Kind::Unsigned),
    optional("keyid", Kind::Unsigned),
    optional("keyid", Kind::Unsigned),
];
const TRAP: &[Parameter] = &[
    required("address", Kind::Address),
    optional("port", Kind::Unsigned),
    optional("interface", Kind::Address),
];
const KEY: &[Parameter] = &[required("keyid", Kind::Unsigned)];

const USE_OF_COMMANDS: &str = "show the commands and their syntax";

/// All commands.
pub static COMMANDS: &[Command] = &[
    own("?", &[optional("command", Kind::Text)], USE_OF_COMMANDS, Effects::NONE, shared::help)
        .with_forms(Forms::ClassicOnly),
    changes("addpeer", PEER_OPTIONS, "configure a new peer association", Effects::NONE, configure::add_peer),
    changes(
        "addrefclock",
        &[
            required("addr", Kind::Address),
            optional("mode", Kind::Unsigned),
            optional("minpoll|prefer", Kind::Text),
            optional("minpoll|prefer", Kind::Text),
        ],
        "configure a new reference clock",
        Effects::NONE,
        configure::add_clock,
    ),
    changes("addserver", PEER_OPTIONS, "configure a new server", Effects::NONE, configure::add_server),
    changes("addtrap", TRAP, "add a trap receiver", Effects::NONE, change::add_trap),
    asks("authinfo", &[], "print symmetric authentication counters", read::authentication)
        .with_forms(Forms::ClassicOnly),
    changes(
        "broadcast",
        &[
            required("addr", Kind::Address),
            optional("keyid", Kind::Text),
            optional("version", Kind::Text),
            optional("'minpoll N'", Kind::Text).formerly("minpoll"),
        ],
        "configure a broadcast server",
        Effects::NONE,
        configure::broadcast,
    ),
    asks("clkbug", CLOCKS, "print debugging information of reference clock drivers", read::clock_bug)
        .with_forms(Forms::ClassicOnly),
    asks("clockstat", CLOCKS, "print the state of reference clocks", read::clock)
        .with_forms(Forms::ClassicOnly),
    changes("clrtrap", TRAP, "remove a trap receiver", Effects::NONE, change::clear_trap),
    changes("controlkey", KEY, "set the key that mode 6 requires", Effects::NONE, change::control_key),
    asks("ctlstats", &[], "print mode 6 counters", read::control).with_forms(Forms::ClassicOnly),
    own(
        "debug",
        &[optional("no|more|less", Kind::Text)],
        "show or change the debug level",
        Effects::NONE,
        shared::debug,
    ),
    own(
        "delay",
        &[optional("msec", Kind::Integer)],
        "show or set the delay added to timestamps",
        Effects::NONE,
        shared::delay,
    ),
    changes(
        "delrestrict",
        &[
            required("address", Kind::Address),
            required("mask", Kind::Address),
            optional("ntpport", Kind::Text),
        ],
        "remove an access restriction",
        Effects::NONE,
        change::remove_restriction,
    ),
    changes("disable", SYSTEM_FLAGS, "clear system flags", Effects::NONE, change::disable),
    asks("dmpeers", FAMILY, "print the peers with their selection", read::selected_peers),
    changes("enable", SYSTEM_FLAGS, "set system flags", Effects::NONE, change::enable),
    own("exit", &[], "exit", Effects::ENDS_RUN, shared::quit),
    changes(
        "fudge",
        &[
            required("address", Kind::Address),
            required("time1|time2|val1|val2|flags", Kind::Text),
            required("value", Kind::Text),
        ],
        "change a parameter of a reference clock",
        Effects::NONE,
        change::fudge,
    ),
    own("help", &[optional("command", Kind::Text)], USE_OF_COMMANDS, Effects::NONE, shared::help)
        .with_forms(Forms::ClassicOnly),
    own(
        "host",
        &[optional("-4|-6", Kind::Text), optional("hostname", Kind::Text)],
        "show or select the host to query",
        Effects::CHANGES_HOST,
        shared::host,
    ),
    own(
        "hostnames",
        &[optional("yes|no", Kind::Text)],
        "show or set whether host names are printed",
        Effects::NONE,
        shared::host_names,
    ),
    changes(
        "ifreload",
        &[],
        "rescan the network interfaces and print them",
        Effects::NONE,
        read::reload_interfaces,
    )
    .with_forms(Forms::Report),
    changes("ifstats", &[], "print the network interfaces", Effects::NONE, read::interfaces)
        .with_forms(Forms::Report),
    asks("iostats", &[], "print packet counters", read::input_output),
    asks("kerninfo", &[], "print the state of the kernel clock", read::kernel),
    own(
        "keyid",
        &[optional("key#", Kind::Unsigned)],
        "show or select the key for changes",
        Effects::CHANGES_KEY,
        local::key_id,
    ),
    own(
        "keytype",
        &[optional("digest-name", Kind::Text).formerly("(md5|des)")],
        "show or set the digest type of the key",
        Effects::CHANGES_KEY,
        authentication::key_type,
    ),
    asks("listpeers", FAMILY, "print the list of peers", read::peer_list).with_forms(Forms::ClassicOnly),
    asks(
        "loopinfo",
        &[optional("oneline|multiline", Kind::Text)],
        "print the state of the loop filter",
        read::loop_filter,
    ),
    asks("memstats", &[], "print memory counters", read::memory).with_forms(Forms::ClassicOnly),
    asks(
        "monlist",
        &[optional("version", Kind::Integer)],
        "print the clients that the daemon has seen",
        read::clients,
    ),
    own(
        "passwd",
        &[optional("password", Kind::Secret).formerly("")],
        "set the password of the key",
        Effects::TAKES_SECRET,
        authentication::password,
    ),
    asks("peers", FAMILY, "print the peers", read::peers),
    changes("preset", PEERS, "reset peer counters", Effects::NONE, configure::reset_peers),
    asks("pstats", PEERS, "print peer counters", read::peer_statistics).with_forms(Forms::ClassicOnly),
    own("quit", &[], "exit", Effects::ENDS_RUN, shared::quit),
    changes("readkeys", &[], "reread the key file", Effects::NONE, change::read_keys),
    changes("requestkey", KEY, "set the key that mode 7 requires", Effects::NONE, change::request_key),
    changes(
        "reset",
        &[
            required("io|sys|mem|timer|auth|ctl|allpeers", Kind::Text),
            optional("...", Kind::Text),
            optional("...", Kind::Text),
            optional("...", Kind::Text),
        ],
        "reset counters",
        Effects::NONE,
        change::reset,
    ),
    asks("reslist", FAMILY, "print the access restrictions", read::restrictions),
    changes(
        "restrict",
        RESTRICTION,
        "add an access restriction or flags to one",
        Effects::NONE,
        change::restrict,
    ),
    asks("showpeer", PEERS, "print the details of peers", read::peer_details),
    asks("sysinfo", &[], "print the state of the daemon", read::system),
    asks("sysstats", &[], "print system counters", read::system_statistics),
    own(
        "timeout",
        &[optional("msec", Kind::Unsigned)],
        "show or set the timeout for answers",
        Effects::NONE,
        shared::timeout,
    ),
    asks("timerstats", &[], "print timer counters", read::timer).with_forms(Forms::ClassicOnly),
    asks("traps", &[], "print the trap receivers", read::traps).with_forms(Forms::ClassicOnly),
    changes("trustedkey", KEYS, "trust keys", Effects::NONE, change::trust_keys),
    changes("unconfig", PEERS, "remove peers", Effects::NONE, configure::remove_peers),
    changes(
        "unrestrict",
        RESTRICTION,
        "remove flags from an access restriction",
        Effects::NONE,
        change::unrestrict,
    ),
    changes("untrustedkey", KEYS, "stop trusting keys", Effects::NONE, change::distrust_keys),
    own("version", &[], "print the version", Effects::NONE, shared::version).with_forms(Forms::ClassicOnly),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::Dialect;

    #[test]
    fn names_are_in_order_and_unique() {
        assert!(COMMANDS.is_sorted_by(|one, other| one.name < other.name));
        assert_eq!(COMMANDS.len(), 54);
    }

    #[test]
    fn usage_lines_have_the_classic_form() {
        let usage = |name| {
            COMMANDS
                .iter()
                .find(|command| command.name == name)
                .map(|command| command.usage(Dialect::Classic))
        };
        assert_eq!(
            usage("showpeer").as_deref(),
            Some("usage: showpeer [ -4|-6 ] peer_address [ peer2_addr ] [ peer3_addr ] [ peer4_addr ]\n")
        );
        assert_eq!(usage("passwd").as_deref(), Some("usage: passwd [  ]\n"));
        assert_eq!(
            usage("delrestrict").as_deref(),
            Some("usage: delrestrict [ -4|-6 ] address mask [ ntpport ]\n")
        );
    }

    /// Words that the original lists but does not accept, and words that it accepts but does not list.
    #[test]
    fn usage_lines_name_what_is_taken() {
        let usage = |name, dialect| {
            let command = COMMANDS.iter().find(|command| command.name == name).unwrap();
            command.usage(dialect)
        };
        for (name, stale, now) in [
            ("enable", "pll", "calibrate|kernel|monitor|ntp|pps"),
            ("restrict", "nopeer|version", "nopeer|notrap|lptrap|limited|version"),
            ("keytype", "(md5|des)", "[ digest-name ]"),
            ("passwd", "[  ]", "[ password ]"),
            ("broadcast", "[ minpoll ]", "[ 'minpoll N' ]"),
        ] {
            let (classic, ours) = (usage(name, Dialect::Classic), usage(name, Dialect::Native));
            assert!(classic.contains(stale) && !classic.contains(now), "{classic}");
            assert!(ours.contains(now) && !ours.contains(stale), "{ours}");
        }
    }
}
