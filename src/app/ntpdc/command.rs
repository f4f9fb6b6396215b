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
        .once("auth|bclient|monitor|pll|kernel|stats"),
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
    .once("ntpport|ignore|noserve|notrust|noquery|nomodify|nopeer|version|kod"),
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

const USE_OF_COMMANDS: &str = "tell the use and syntax of commands";

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
    changes("addtrap", TRAP, "have a receiver told of events", Effects::NONE, change::add_trap),
    asks("authinfo", &[], "print the counters of symmetric authentication", read::authentication)
        .with_forms(Forms::ClassicOnly),
    changes(
        "broadcast",
        &[
            required("addr", Kind::Address),
            optional("keyid", Kind::Text),
            optional("version", Kind::Text),
            optional("'minpoll N'", Kind::Text).once("minpoll"),
        ],
        "configure the broadcasting of time",
        Effects::NONE,
        configure::broadcast,
    ),
    asks("clkbug", CLOCKS, "print what a reference clock's driver shows for debugging", read::clock_bug)
        .with_forms(Forms::ClassicOnly),
    asks("clockstat", CLOCKS, "print the state of reference clocks", read::clock)
        .with_forms(Forms::ClassicOnly),
    changes("clrtrap", TRAP, "have a receiver told of events no longer", Effects::NONE, change::clear_trap),
    changes("controlkey", KEY, "choose the key that mode 6 must use", Effects::NONE, change::control_key),
    asks("ctlstats", &[], "print the counters of mode 6", read::control).with_forms(Forms::ClassicOnly),
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
        "show or set the delay added to time stamps",
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
        "remove a rule of access",
        Effects::NONE,
        change::remove_restriction,
    ),
    changes("disable", SYSTEM_FLAGS, "clear flags of the daemon", Effects::NONE, change::disable),
    asks("dmpeers", FAMILY, "print the peers with their selection", read::selected_peers),
    changes("enable", SYSTEM_FLAGS, "set flags of the daemon", Effects::NONE, change::enable),
    own("exit", &[], "leave", Effects::ENDS_RUN, shared::quit),
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
        "show or choose the daemon to ask",
        Effects::CHANGES_HOST,
        shared::host,
    ),
    own(
        "hostnames",
        &[optional("yes|no", Kind::Text)],
        "show or choose whether host names are printed",
        Effects::NONE,
        shared::host_names,
    ),
    changes(
        "ifreload",
        &[],
        "look for network interfaces again, and print them",
        Effects::NONE,
        read::reload_interfaces,
    )
    .with_forms(Forms::Report),
    changes("ifstats", &[], "print the network interfaces", Effects::NONE, read::interfaces)
        .with_forms(Forms::Report),
    asks("iostats", &[], "print the counters of packets", read::input_output),
    asks("kerninfo", &[], "print the state of the kernel's clock", read::kernel),
    own(
        "keyid",
        &[optional("key#", Kind::Unsigned)],
        "show or choose the key for changes",
        Effects::CHANGES_KEY,
        local::key_id,
    ),
    own(
        "keytype",
        &[optional("digest-name", Kind::Text).once("(md5|des)")],
        "show or choose the digest of the key",
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
    asks("memstats", &[], "print the counters of memory", read::memory).with_forms(Forms::ClassicOnly),
    asks(
        "monlist",
        &[optional("version", Kind::Integer)],
        "print the clients that were heard",
        read::clients,
    ),
    own(
        "passwd",
        &[optional("password", Kind::Secret).once("")],
        "give the password of the key",
        Effects::TAKES_SECRET,
        authentication::password,
    ),
    asks("peers", FAMILY, "display peer summary information [IP Version]", read::peers),
    changes("preset", PEERS, "reset the counters of peers", Effects::NONE, configure::reset_peers),
    asks("pstats", PEERS, "print the counters of peers", read::peer_statistics)
        .with_forms(Forms::ClassicOnly),
    own("quit", &[], "leave", Effects::ENDS_RUN, shared::quit),
    changes("readkeys", &[], "have the key file read again", Effects::NONE, change::read_keys),
    changes("requestkey", KEY, "choose the key that mode 7 must use", Effects::NONE, change::request_key),
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
    asks("reslist", FAMILY, "print the rules of access", read::restrictions),
    changes("restrict", RESTRICTION, "add to a rule of access, or make one", Effects::NONE, change::restrict),
    asks("showpeer", PEERS, "print all about peers", read::peer_details),
    asks("sysinfo", &[], "print the state of the daemon", read::system),
    asks("sysstats", &[], "print the counters of the daemon", read::system_statistics),
    own(
        "timeout",
        &[optional("msec", Kind::Unsigned)],
        "show or set how long to wait for an answer",
        Effects::NONE,
        shared::timeout,
    ),
    asks("timerstats", &[], "print the counters of the timer", read::timer).with_forms(Forms::ClassicOnly),
    asks("traps", &[], "print who is told of events", read::traps).with_forms(Forms::ClassicOnly),
    changes("trustedkey", KEYS, "trust keys", Effects::NONE, change::trust_keys),
    changes("unconfig", PEERS, "remove peers", Effects::NONE, configure::remove_peers),
    changes("unrestrict", RESTRICTION, "take from a rule of access", Effects::NONE, change::unrestrict),
    changes("untrustedkey", KEYS, "trust keys no longer", Effects::NONE, change::distrust_keys),
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

    /// What the original's lines say and it does not take, and what it takes and they do not say.
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
            let (classic, ours) = (usage(name, Dialect::Classic), usage(name, Dialect::Unsigned));
            assert!(classic.contains(stale) && !classic.contains(now), "{classic}");
            assert!(ours.contains(now) && !ours.contains(stale), "{ours}");
        }
    }
}
