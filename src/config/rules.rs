//! The rules: what is looked for in a configuration, why it matters, and what is better. `docs/check-config.md` is made of them.

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, but not as well as it could, or not as it seems.
    Warning,
    /// The daemon refuses it, or it cannot work.
    Error,
}

impl Severity {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name: stable, for scripts.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the daemon's own parser refuses it.
    pub is_syntax: bool,
    /// Whose configurations it concerns.
    pub daemons: &'static str,
    /// What is found, in general; a finding says it with the words of the file.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What is better.
    pub better: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $syntax:literal $daemons:literal: $what:literal, $why:literal, $better:literal;)*) => {
        $(
            #[doc = $what]
            pub const $name: Rule = Rule {
                id: $id, severity: Severity::$severity, is_syntax: $syntax, daemons: $daemons,
                what: $what, why: $why, better: $better,
            };
        )*
        /// All rules, in the order of the documentation.
        pub const RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNKNOWN_WORD "unknown-word" Error true "all":
        "a word that the daemon does not know",
        "the daemon refuses the line or ignores it from there on",
        "correct the spelling or remove it";
    BAD_VALUE "bad-value" Error true "all":
        "a value of the wrong kind, or none",
        "the daemon refuses the line or ignores it from there on",
        "give a value that the daemon can read";
    OUT_OF_RANGE "out-of-range" Error false "chrony":
        "a number outside the range of its option",
        "recent releases of chronyd refuse it, older ones use another value",
        "use a number from the range";
    TOO_LONG "too-long" Error true "all":
        "a line or word longer than the daemon can read",
        "the daemon ends when it reads it",
        "shorten it";
    NOT_BUILT "not-built" Error true "ntpd, NTPsec":
        "an option of daemons that are built specially",
        "the daemons of distributions are built without it and ignore it",
        "remove the line";
    UNREADABLE "unreadable" Error false "all":
        "an included file or folder that cannot be read",
        "what it should add is missing",
        "correct the path or remove the line";
    TOO_MANY "too-many" Warning false "all":
        "a configuration of thousands of lines",
        "the rest of it is not checked",
        "divide it";
    INCLUDE_LOOP "include-loop" Error false "ntpd, NTPsec, chrony":
        "files that include one another in a circle, or too deeply",
        "the daemon stops reading there",
        "remove one of the lines";
    NOT_ASCII "not-ascii" Warning false "ntpd, NTPsec":
        "letters outside ASCII",
        "the daemon leaves them out of the word",
        "write the word in ASCII";
    OBSOLETE "obsolete" Warning false "all":
        "an option that is accepted but has no effect any more",
        "the daemon ignores it",
        "remove it";
    FEW_SOURCES "few-sources" Warning false "all":
        "fewer than four sources",
        "with fewer than four, one wrong source may not be outvoted (RFC 8633, section 3.2)",
        "configure a pool or at least four servers of different operators";
    NO_SOURCES "no-sources" Warning false "all":
        "no source of time",
        "the clock is never synchronised",
        "configure a pool or at least four servers";
    DUPLICATE_SOURCE "duplicate-source" Warning false "all":
        "the same source twice",
        "it counts once, or one liar gets two votes",
        "remove one of the lines";
    SMEAR_MIX "smear-mix" Warning false "all":
        "sources that smear leap seconds beside sources that do not",
        "they differ by up to a second for a day around a leap second",
        "use only sources of one kind";
    NO_IBURST "no-iburst" Warning false "ntpd, NTPsec, chrony":
        "a source without `iburst`",
        "the first synchronisation takes minutes instead of seconds",
        "add iburst";
    POLL_RANGE "poll-range" Warning false "ntpd, NTPsec, chrony, timesyncd":
        "a poll interval that the daemon does not use",
        "the daemon replaces it by the nearest that it allows, or the two contradict each other",
        "use values from the daemon's range, minpoll not above maxpoll";
    VALUE_RANGE "value-range" Warning false "ntpd, NTPsec":
        "a number outside the range that has a meaning",
        "the daemon ignores the option",
        "use a number from the range";
    BAD_MASK "bad-mask" Error false "ntpd, NTPsec":
        "an invalid mask",
        "the restriction covers other addresses than meant, or none",
        "write contiguous bits, such as 255.255.255.0";
    QUERY_OPEN "query-open" Warning false "ntpd, NTPsec":
        "mode 6 queries are open to the world",
        "anybody may read the daemon's variables, and answers are larger than questions",
        "add `restrict default kod limited nomodify noquery` and open it for the addresses that need it";
    MODIFY_OPEN "modify-open" Warning false "ntpd, NTPsec":
        "the default restriction lacks `nomodify`",
        "whoever has the control key may reconfigure the daemon from anywhere",
        "add nomodify";
    NO_LOOPBACK "no-loopback" Warning false "ntpd, NTPsec":
        "queries are refused from this host too",
        "ntpq gets no answer on this host and times out",
        "add `restrict 127.0.0.1` and `restrict ::1`";
    NOTRUST "notrust" Warning false "ntpd, NTPsec":
        "`notrust` for everybody",
        "since 4.2 it refuses all packets without a valid key, those of servers too",
        "remove notrust, unless all sources and clients use keys";
    NOPEER_POOL "nopeer-pool" Warning false "ntpd":
        "`nopeer` by default, `pool`, and no `restrict source`",
        "the servers of the pool are refused as peers, and the daemon stays without them",
        "add `restrict source nomodify noquery notrap`";
    IGNORE_DEFAULT "ignore-default" Warning false "ntpd, NTPsec":
        "`ignore` for everybody and no `restrict source`",
        "the answers of servers are ignored, too",
        "use noquery, or allow each server by a restriction of its own";
    KOD_ALONE "kod-alone" Warning false "ntpd, NTPsec":
        "`kod` without `limited`",
        "kisses of death are sent only to rate-limited clients: it has no effect",
        "add limited, or remove kod";
    MODE7 "mode7" Warning false "ntpd":
        "mode 7 is enabled",
        "its monlist answers are many times larger than the question: an amplifier (CVE-2013-5211)",
        "remove it, and use ntpq instead of ntpdc";
    MONITOR_OFF "monitor-off" Warning false "ntpd, NTPsec":
        "monitoring is disabled",
        "mrulist shows nothing, and rate limits have no effect",
        "remove it; `noquery` keeps others from reading the list";
    LOG_ALL "log-all" Warning false "ntpd, NTPsec":
        "everything is logged",
        "each event of each source fills the log",
        "use `logconfig =syncstatus +sysevents`";
    NO_KEYS_FILE "no-keys-file" Error false "ntpd, NTPsec, chrony":
        "a key is used, but no file of keys is named",
        "packets cannot be authenticated, and the source is never used",
        "name the file of keys";
    KEYS_UNREADABLE "keys-unreadable" Error false "ntpd, NTPsec, chrony":
        "the file of keys cannot be read",
        "no packet can be authenticated",
        "create it with `ntp-keygen -M`, or correct the path";
    KEYS_OPEN "keys-open" Warning false "ntpd, NTPsec, chrony":
        "everybody may read the file of keys",
        "its keys are not secret",
        "chmod o-rwx on it, and replace the keys";
    KEY_UNKNOWN "key-unknown" Error false "ntpd, NTPsec, chrony":
        "a key that is not in the file of keys",
        "packets cannot be authenticated, and the source is never used",
        "add the key to the file";
    KEY_UNTRUSTED "key-untrusted" Error false "ntpd, NTPsec":
        "a key that is not trusted",
        "packets that are sealed with it are refused",
        "add it to trustedkey";
    BROADCAST_OPEN "broadcast-open" Warning false "ntpd":
        "broadcasts are believed without authentication",
        "anybody on the network may set the clock",
        "remove `disable auth`, and use keys";
    CRYPTO "autokey" Warning false "ntpd":
        "Autokey",
        "its keys can be found by whoever sees the packets",
        "use NTS (NTPsec, chrony, ntpd-rs) or symmetric keys";
    LOCAL_STRATUM "local-stratum" Warning false "ntpd, NTPsec, chrony":
        "a local clock of too low a stratum",
        "clients prefer this unsynchronised clock to real servers",
        "give it stratum 10 or more, or use `tos orphan`";
    LOCAL_ALONE "local-alone" Warning false "ntpd, NTPsec":
        "the local clock is the only source",
        "the daemon reports itself as synchronised while the clock drifts",
        "configure real sources";
    PANIC_OFF "panic-off" Warning false "ntpd, NTPsec":
        "`tinker panic 0`",
        "the daemon follows its sources whatever time they claim, even years away",
        "remove it; option -g allows one large step at the start";
    NO_DRIFTFILE "no-driftfile" Warning false "ntpd, NTPsec, chrony":
        "no drift file",
        "after each restart the daemon learns the clock's frequency anew",
        "name a drift file";
    DRIFT_FOLDER "drift-folder" Warning false "ntpd, NTPsec, chrony":
        "a drift file whose folder is missing or cannot be written",
        "the daemon cannot save the clock's frequency",
        "create the folder, and let the daemon's user write there";
    NO_MAKESTEP "no-makestep" Warning false "chrony":
        "no `makestep`",
        "an offset of hours at the start is only slewed, for days",
        "add `makestep 1 3`";
    ALWAYS_STEP "always-step" Warning false "chrony":
        "the clock may be stepped at any time",
        "time may jump back in front of running programs",
        "limit it to the first updates: `makestep 1 3`";
    NO_RTCSYNC "no-rtcsync" Warning false "chrony":
        "no `rtcsync`",
        "the kernel counts the clock as unsynchronised, monitoring reports that, and the hardware clock drifts",
        "add `rtcsync`";
    TRAILING_COMMENT "trailing-comment" Error true "chrony":
        "a comment behind a directive",
        "chronyd reads it as arguments: only whole lines can be comments",
        "put the comment on a line of its own";
    COMMANDS_OPEN "commands-open" Warning false "chrony":
        "chronyd answers commands of other hosts",
        "anybody may read its sources and state, and answers can be sent to forged addresses",
        "remove bindcmdaddress or cmdallow, or allow only the addresses that need it";
    NOT_READ "not-read" Warning false "timesyncd":
        "a setting outside its section, or in an unknown one",
        "timesyncd ignores it",
        "put it under [Time]";
    UNUSED_DEFAULT "unused-default" Warning false "ntpdate":
        "a setting that ntpdate-debian and the start scripts do not read",
        "it has no effect",
        "correct the spelling or remove it";
    STEP_FEW "step-few" Warning false "step-tickers, ntpdate":
        "fewer than four servers to set the clock from",
        "one wrong server cannot be outvoted",
        "name a pool or four servers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_of_their_own_and_say_why() {
        for (at, rule) in RULES.iter().enumerate() {
            assert!(RULES.iter().skip(at + 1).all(|other| other.id != rule.id), "{}", rule.id);
            assert!(
                rule.id
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
            );
            for text in [rule.what, rule.why, rule.better] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}", rule.id);
            }
            assert!(!rule.is_syntax || rule.severity == Severity::Error);
        }
    }
}
