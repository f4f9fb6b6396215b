//! The directives of chrony.conf and their arguments: those of chrony 4.3 and the additions of later releases.

/// The arguments of a directive.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// None.
    Nothing,
    /// Anything, ignored.
    Ignored,
    /// One word.
    Word,
    /// One whole number in this range.
    Integer(i64, i64),
    /// At least one whole number.
    Integers,
    /// One number.
    Number,
    /// One argument per letter: `f` a number, `i` a whole number, `w` a word.
    List(&'static str),
    /// One of these words.
    Choice(&'static str),
    /// Any of these words.
    Words(&'static str),
    /// An address.
    Address,
    /// An address, or the path of a socket.
    AddressOrPath,
    /// An optional `all` and an optional network.
    Network,
    /// A host and options.
    Source,
    /// This many words, then options.
    Options(usize, Options),
    /// Folders.
    Folders,
    /// A file, optionally followed by `interval` and a whole number.
    DriftFile,
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// None.
    Flag,
    /// A whole number in this range.
    Integer(i64, i64),
    /// A whole number whose range is enforced by every release.
    Strict(i64, i64),
    /// A number.
    Number,
    /// A hexadecimal extension field number.
    Field,
    /// Up to four letters.
    ReferenceId,
    /// One of these words.
    Choice(&'static str),
}

/// Options: words, and the kind of value that each of them takes.
pub type Options = &'static [(Value, &'static str)];

const INT_MAX: i64 = i32::MAX as i64;
const UINT_MAX: i64 = u32::MAX as i64;
const POLL: Value = Value::Integer(-32, 32);
const COUNT: Value = Value::Integer(0, INT_MAX);

/// The options of `server`, `pool` and `peer`.
pub const SOURCE: Options = &[
    (
        Value::Flag,
        "auto_offline burst copy iburst offline nts xleave noselect prefer require trust ipv4 ipv6",
    ),
    (Value::Integer(0, UINT_MAX), "certset"),
    (Value::Strict(1, UINT_MAX), "key"),
    (Value::Number, "asymmetry maxdelay maxdelayratio maxdelaydevratio maxdelayquant mindelay offset"),
    (Value::Field, "extfield"),
    (COUNT, "filter maxsamples maxunreach minsamples"),
    (POLL, "maxpoll presend"),
    (Value::Integer(i32::MIN as i64, INT_MAX), "minpoll"),
    (Value::Integer(1, INT_MAX), "maxsources polltarget"),
    (Value::Integer(0, 16), "minstratum"),
    (Value::Integer(0, 65535), "ntsport port"),
    (Value::Integer(1, 4), "version"),
];
const CLOCK: Options = &[
    (Value::Flag, "local pps tai noselect prefer require trust"),
    (Value::ReferenceId, "refid lock"),
    (POLL, "poll dpoll"),
    (COUNT, "filter minsamples maxsamples maxlockage maxunreach"),
    (Value::Integer(1, INT_MAX), "rate"),
    (Value::Integer(0, 15), "stratum"),
    (Value::Number, "offset delay precision maxdispersion width"),
];
const LOCAL: Options = &[
    (Value::Flag, "orphan"),
    (Value::Strict(1, 15), "stratum"),
    (Value::Number, "distance activate waitsynced waitunsynced"),
];
const HARDWARE: Options = &[
    (COUNT, "maxsamples minsamples"),
    (POLL, "minpoll maxpoll"),
    (Value::Number, "precision rxcomp txcomp"),
    (Value::Choice("none ntp ptp all"), "rxfilter"),
    (Value::Flag, "nocrossts"),
];
const RATE: Options = &[(POLL, "interval burst leak")];
const RATE_WITH_KOD: Options = &[(POLL, "interval burst leak kod")];

/// The directives in lower case; chronyd ignores case.
pub const DIRECTIVES: &[(Shape, &str)] = &[
    (Shape::Source, "server pool peer"),
    (Shape::Integer(0, 65535), "acquisitionport cmdport port ntsport ptpport"),
    (Shape::Integer(0, 63), "dscp"),
    (Shape::Integer(0, 100), "sched_priority"),
    (Shape::Integer(0, 255), "ptpdomain"),
    (Shape::Integer(0, 1000), "ntsprocesses"),
    (Shape::Integer(0, 1_048_576), "maxtxbuffers"),
    (Shape::Integer(1, INT_MAX), "maxntsconnections minsources"),
    (
        Shape::Integer(0, INT_MAX),
        "logbanner maxsamples maxstratum minsamples minstratum nocerttimecheck ntsrefresh ntsrotate refresh",
    ),
    (
        Shape::Number,
        "clockprecision combinelimit corrtimeratio hwtstimeout logchange maxclockerror maxdistance maxdrift maxjitter \
         maxslewrate maxupdateskew reselectdist rtcautotrim stratumweight",
    ),
    (
        Shape::Word,
        "bindacqdevice bindcmddevice binddevice dumpdir hwclockfile keyfile leapsectz leapseclist logdir ntpsigndsocket \
         ntscachedir ntsdumpdir ntsntpserver ntsservercert ntsserverkey pidfile rtcdevice rtcfile user include",
    ),
    (Shape::Nothing, "lock_all manual noclientlog nosystemcert rtconutc rtcsync"),
    (Shape::Network, "allow deny cmdallow cmddeny"),
    (Shape::Address, "bindacqaddress bindaddress"),
    (Shape::AddressOrPath, "bindcmdaddress"),
    (Shape::Choice("require prefer mix ignore"), "authselectmode"),
    (Shape::Choice("ignore slew step system"), "leapsecmode"),
    (Shape::Integers, "ntsaeads"),
    (Shape::List("i"), "clientloglimit"),
    (Shape::List("ii"), "fallbackdrift"),
    (Shape::List("fi"), "makestep"),
    (Shape::List("fii"), "maxchange"),
    (Shape::List("wf"), "mailonchange"),
    (
        Shape::Words("rawmeasurements measurements selection statistics tracking rtc refclocks tempcomp"),
        "log",
    ),
    (Shape::Folders, "confdir sourcedir"),
    (Shape::DriftFile, "driftfile"),
    (Shape::Options(2, CLOCK), "refclock"),
    (Shape::Options(0, LOCAL), "local"),
    (Shape::Options(1, HARDWARE), "hwtimestamp"),
    (Shape::Options(0, RATE), "cmdratelimit ntsratelimit"),
    (Shape::Options(0, RATE_WITH_KOD), "ratelimit"),
    (
        Shape::Ignored,
        "broadcast dumponexit initstepslew ntstrustedcerts opencommands smoothtime tempcomp commandkey generatecommandkey \
         linux_freq_scale linux_hz",
    ),
];

/// Directives of older releases.
pub const OBSOLETE: &[&str] =
    &["commandkey", "generatecommandkey", "linux_freq_scale", "linux_hz", "dumponexit"];

/// The arguments that a directive takes.
pub fn shape(directive: &str) -> Option<Shape> {
    let directive = directive.to_ascii_lowercase();
    DIRECTIVES
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == directive))
        .map(|(shape, _)| *shape)
}

/// The names of all directives.
pub fn names() -> impl Iterator<Item = &'static str> {
    DIRECTIVES.iter().flat_map(|(_, names)| names.split(' '))
}
