//! The words of ntp.conf for both daemons, and the grammar of each command as a table.

/// How the scanner reads the items after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// As words of the language.
    Token,
    /// The next item as text.
    Text,
    /// All items on the line as text.
    Texts,
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// None.
    Flag,
    /// A whole number.
    Integer,
    /// A whole number, possibly large or hexadecimal.
    Whole,
    /// Any number.
    Number,
    /// 0 or 1, true or false.
    Boolean,
    /// A stratum from 0 to 16.
    Stratum,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static str),
}

/// Options: words, and the kind of value that each of them takes.
pub type Options = &'static [(Value, &'static str)];

/// The items after a command.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// An optional `-4` or `-6`, and a text.
    Address,
    /// A text.
    Text,
    /// An optional text.
    MaybeText,
    /// At least one text.
    Texts,
    /// At least one address.
    Addresses,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// An optional fraction.
    MaybeDouble,
    /// At least one whole number.
    Integers,
    /// At least one whole number, or `(1 ... 5)`.
    Ranges,
    /// One of these words.
    Word(&'static str),
    /// One of these words, or nothing.
    MaybeWord(&'static str),
    /// One of these words or a text.
    WordOrText(&'static str),
    /// An optional word and a whole number.
    MaybeNumbered(&'static str),
    /// Any number of options.
    Options(Options),
    /// At least one option.
    SomeOptions(Options),
    /// The network of a restriction.
    Network,
    /// The network of a restriction; a mask may follow even an address whose family is given.
    NetworkOfFamily,
    /// `=` and a text.
    Assigned,
    /// The pairs of `pollskewlist`.
    Skews,
}

/// The language of one daemon.
#[derive(Debug)]
pub struct Words {
    /// Words followed by further words.
    tokens: &'static str,
    /// Words followed by a text.
    texts: &'static str,
    /// Words followed by texts.
    lists: &'static str,
    /// The commands.
    pub commands: &'static [(&'static str, &'static [Part])],
    /// Commands that need a feature which distributions do not build in.
    pub unbuilt: &'static [&'static str],
}

impl Words {
    /// How the scanner reads the items after this word; `None` if it is not a word of the language.
    pub fn follow(&self, word: &str) -> Option<Follow> {
        let has = |list: &str| list.split_ascii_whitespace().any(|known| known == word);
        let lists = [(self.tokens, Follow::Token), (self.texts, Follow::Text), (self.lists, Follow::Texts)];
        lists.into_iter().find(|(list, _)| has(list)).map(|(_, follow)| follow)
    }

    /// The items that a command takes.
    pub fn parts(&self, command: &str) -> Option<&'static [Part]> {
        self.commands
            .iter()
            .find(|(names, _)| names.split(' ').any(|name| name == command))
            .map(|(_, parts)| *parts)
    }

    /// The names of all commands.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.commands.iter().flat_map(|(names, _)| names.split(' '))
    }
}

const CLASSIC_SOURCE: Options = &[
    (Value::Flag, "autokey burst iburst noselect preempt prefer true xleave xmtnonce"),
    (Value::Whole, "key minpoll maxpoll ttl mode version"),
    (Value::Text, "ident"),
];
const NTPSEC_SOURCE: Options = &[
    (Value::Flag, "burst iburst noselect prefer true noval nts"),
    (Value::Whole, "key minpoll maxpoll mode version subtype baud"),
    (Value::Stratum, "stratum"),
    (Value::Number, "bias time1 time2"),
    (Value::Boolean, "flag1 flag2 flag3 flag4"),
    (Value::Text, "refid path ppspath ca cert aead"),
];
const CLASSIC_ACCESS: Options = &[
    (
        Value::Flag,
        "flake ignore kod limited lowpriotrap mssntp nomodify nomrulist noepeer epeer nopeer noquery noserve notrap \
         notrust ntpport version",
    ),
    (Value::Word("fuzz"), "serverresponse"),
];
const NTPSEC_ACCESS: Options = &[(
    Value::Flag,
    "flake ignore kod limited mssntp nomodify nomrulist nopeer noquery noserve notrap notrust ntpport version",
)];
const FILEGEN: Options = &[
    (Value::Text, "file"),
    (Value::Word("none pid day week month year age"), "type"),
    (Value::Flag, "link nolink enable disable"),
];
const RLIMIT: Options = &[(Value::Integer, "memlock stacksize filenum")];
const TINKER: Options =
    &[(Value::Number, "allan dispersion freq huffpuff panic step stepback stepfwd stepout tick")];
const COUNTERS: Options = &[(Value::Flag, "allpeers auth ctl io mem sys timer")];
const INTERFACE: &[Part] = &[Part::Word("listen ignore drop"), Part::WordOrText("all ipv4 ipv6 wildcard")];

/// ntpd of ntp.org, 4.2.8p15.
pub static CLASSIC: Words = Words {
    tokens: "... allpeers automax broadcastclient broadcastdelay ctl disable dscp enable end filegen io leapsmearinterval mem \
        discard reset restrict rlimit statistics sys tick timer tinker tos controlkey crypto requestkey revoke trustedkey -4 \
        -6 autokey burst iburst key maxpoll mdnstries minpoll mode noselect preempt true false prefer ttl version xleave \
        clockstats cryptostats loopstats peerstats rawstats sysstats protostats timingstats link nolink type age day month \
        none pid week year minclock maxclock minsane floor ceiling cohort mindist maxdist beacon orphan orphanwait \
        nonvolatile default source flake ignore limited mssntp kod lowpriotrap mask nomodify nomrulist nopeer noquery \
        noserve notrap notrust ntpport average minimum monitor incalloc incmem initalloc initmem mindepth maxage maxdepth \
        maxmem mru flag1 flag2 flag3 flag4 stratum time1 time2 auth bclient calibrate kernel ntp mode7 stats \
        unpeer_crypto_early unpeer_crypto_nak_early unpeer_digest_early memlock stacksize filenum step stepback stepfwd \
        panic dispersion stepout allan huffpuff freq port interface nic all ipv4 ipv6 wildcard listen drop simulate \
        simulation_duration beep_delay duration server_offset freq_offset wander jitter prop_delay proc_delay xmtnonce \
        epeer noepeer ippeerlimit serverresponse fuzz bcpollbstep peer_clear_digest_early pollskewlist minjitter \
        checkhash ignorehash poll",
    texts: "broadcast driftfile fudge includefile leapfile logfile manycastclient peer pidfile pool server setvar statsdir \
        trap unconfig unpeer keys keysdir ntpsigndsocket host ident pw randfile digest file abbrev refid saveconfigdir \
        basedate",
    lists: "logconfig manycastserver multicastclient phone",
    commands: &[
        ("server pool peer broadcast manycastclient", &[Part::Address, Part::Options(CLASSIC_SOURCE)]),
        ("unconfig unpeer", &[Part::Address]),
        ("broadcastclient", &[]),
        ("manycastserver multicastclient", &[Part::Addresses]),
        ("mdnstries automax controlkey requestkey revoke dscp leapsmearinterval", &[Part::Integer]),
        (
            "crypto",
            &[Part::Options(&[(Value::Text, "host ident pw randfile digest"), (Value::Integer, "revoke")])],
        ),
        (
            "keys keysdir ntpsigndsocket statsdir includefile ident logfile pidfile saveconfigdir",
            &[Part::Text],
        ),
        ("leapfile", &[Part::Text, Part::MaybeWord("checkhash ignorehash")]),
        ("trustedkey", &[Part::Ranges]),
        (
            "tos",
            &[Part::SomeOptions(&[
                (
                    Value::Integer,
                    "ceiling floor orphan orphanwait minclock maxclock minsane beacon bcpollbstep",
                ),
                (Value::Number, "mindist maxdist"),
                (Value::Boolean, "cohort"),
                (Value::Text, "basedate"),
            ])],
        ),
        (
            "statistics",
            &[Part::SomeOptions(&[(
                Value::Flag,
                "clockstats cryptostats loopstats peerstats rawstats sysstats timingstats protostats",
            )])],
        ),
        (
            "filegen",
            &[
                Part::Word(
                    "clockstats cryptostats loopstats peerstats rawstats sysstats timingstats protostats",
                ),
                Part::Options(FILEGEN),
            ],
        ),
        ("discard", &[Part::SomeOptions(&[(Value::Integer, "average minimum monitor")])]),
        (
            "mru",
            &[Part::SomeOptions(&[(
                Value::Integer,
                "incalloc incmem initalloc initmem maxage maxdepth maxmem mindepth",
            )])],
        ),
        (
            "restrict",
            &[Part::NetworkOfFamily, Part::MaybeNumbered("ippeerlimit"), Part::Options(CLASSIC_ACCESS)],
        ),
        (
            "fudge",
            &[
                Part::Address,
                Part::SomeOptions(&[
                    (Value::Number, "time1 time2 minjitter"),
                    (Value::Boolean, "flag1 flag2 flag3 flag4"),
                    (Value::Stratum, "stratum"),
                    (Value::Text, "abbrev refid"),
                ]),
            ],
        ),
        ("rlimit", &[Part::SomeOptions(RLIMIT)]),
        (
            "enable disable",
            &[Part::SomeOptions(&[(
                Value::Flag,
                "auth bclient calibrate kernel monitor ntp mode7 stats unpeer_crypto_early unpeer_crypto_nak_early \
                 unpeer_digest_early peer_clear_digest_early",
            )])],
        ),
        ("tinker", &[Part::SomeOptions(TINKER)]),
        ("broadcastdelay nonvolatile tick", &[Part::Number]),
        ("end", &[]),
        ("driftfile", &[Part::MaybeText, Part::MaybeDouble]),
        ("logconfig phone", &[Part::Texts]),
        ("setvar", &[Part::Text, Part::Assigned, Part::MaybeWord("default")]),
        ("trap", &[Part::Text, Part::Options(&[(Value::Integer, "port"), (Value::Text, "interface")])]),
        ("ttl", &[Part::Integers]),
        ("interface nic", INTERFACE),
        ("reset", &[Part::SomeOptions(COUNTERS)]),
        ("pollskewlist", &[Part::Skews]),
    ],
    unbuilt: &["leapsmearinterval"],
};

/// ntpd of NTPsec, 1.2.
pub static NTPSEC: Words = Words {
    tokens: "... allpeers bias baud cookie ctl disable dscp enable end filegen io leapsmearinterval mem port reset restrict \
        rlimit statistics sys tick timer tinker tos unit unrestrict controlkey requestkey trustedkey -4 -6 burst iburst key \
        maxpoll mdnstries minpoll mode noselect true false prefer subtype version clockstats loopstats peerstats protostats \
        rawstats sysstats usestats link nolink type age day month none pid week year minclock maxclock minsane floor ceiling \
        mindist maxdisp maxdist orphan orphanwait nonvolatile default source flake ignore limit limited mssntp kod mask \
        nomodify nomrulist nopeer noquery notrap noserve notrust ntpport average monitor incalloc incmem initalloc initmem \
        mindepth maxdepth maxage minage maxmem mru flag1 flag2 flag3 flag4 stratum time1 time2 auth calibrate kernel ntp \
        stats memlock stacksize filenum step stepback stepfwd panic dispersion stepout allan huffpuff freq interface nic all \
        ipv4 ipv6 wildcard listen drop nts noval cert ca mintls maxtls",
    texts: "aead clock driftfile fudge includefile leapfile logfile path peer pidfile pool ppspath refclock server setvar \
        statsdir unconfig unpeer keys ntpsigndsocket file refid tlsciphersuites",
    lists: "logconfig phone",
    commands: &[
        ("server pool peer", &[Part::Address, Part::Options(NTPSEC_SOURCE)]),
        ("refclock", &[Part::Text, Part::MaybeNumbered("unit"), Part::Options(NTPSEC_SOURCE)]),
        ("unconfig unpeer", &[Part::Address]),
        ("mdnstries controlkey requestkey dscp leapsmearinterval", &[Part::Integer]),
        ("keys ntpsigndsocket statsdir includefile leapfile logfile pidfile", &[Part::Text]),
        ("trustedkey", &[Part::Ranges]),
        (
            "tos",
            &[Part::SomeOptions(&[
                (Value::Integer, "ceiling floor orphan orphanwait minsane"),
                (Value::Number, "mindist maxdist maxdisp minclock maxclock"),
            ])],
        ),
        (
            "statistics",
            &[Part::SomeOptions(&[(
                Value::Flag,
                "clockstats loopstats peerstats rawstats sysstats protostats usestats",
            )])],
        ),
        (
            "filegen",
            &[
                Part::Word("clockstats loopstats peerstats rawstats sysstats protostats usestats"),
                Part::Options(FILEGEN),
            ],
        ),
        ("limit", &[Part::SomeOptions(&[(Value::Number, "average burst kod")])]),
        (
            "mru",
            &[Part::SomeOptions(&[(
                Value::Integer,
                "incalloc incmem initalloc initmem maxage minage maxdepth maxmem mindepth",
            )])],
        ),
        ("restrict unrestrict", &[Part::Network, Part::Options(NTPSEC_ACCESS)]),
        (
            "fudge",
            &[
                Part::Address,
                Part::SomeOptions(&[
                    (Value::Number, "time1 time2"),
                    (Value::Boolean, "flag1 flag2 flag3 flag4"),
                    (Value::Stratum, "stratum"),
                    (Value::Text, "refid"),
                ]),
            ],
        ),
        ("rlimit", &[Part::SomeOptions(RLIMIT)]),
        ("enable disable", &[Part::SomeOptions(&[(Value::Flag, "calibrate kernel monitor ntp stats")])]),
        ("tinker", &[Part::SomeOptions(TINKER)]),
        ("nonvolatile tick", &[Part::Number]),
        ("end", &[]),
        ("driftfile", &[Part::MaybeText, Part::MaybeDouble]),
        ("logconfig phone", &[Part::Texts]),
        ("setvar", &[Part::Text, Part::Assigned, Part::MaybeWord("default")]),
        ("interface nic", INTERFACE),
        ("reset", &[Part::SomeOptions(COUNTERS)]),
        (
            "nts",
            &[Part::SomeOptions(&[
                (Value::Text, "aead ca cert cookie key maxtls mintls tlsciphersuites"),
                (Value::Flag, "enable disable"),
            ])],
        ),
    ],
    unbuilt: &["leapsmearinterval"],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// A command that the scanner does not know as a word could never be read.
    #[test]
    fn every_command_and_option_is_a_word() {
        for words in [&CLASSIC, &NTPSEC] {
            for name in words.names() {
                assert!(words.follow(name).is_some(), "{name}");
            }
            for (command, parts) in words.commands {
                for part in *parts {
                    let (Part::Options(options) | Part::SomeOptions(options)) = part else { continue };
                    for name in options.iter().flat_map(|(_, names)| names.split(' ')) {
                        assert!(words.follow(name).is_some(), "{command}: {name}");
                    }
                }
            }
        }
    }
}
