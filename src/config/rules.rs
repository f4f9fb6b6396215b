//! The rules: what to look for in a configuration, why it matters, and what to do instead. `docs/check-config.md` is
//! generated from them.

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It works, but not as well as it could or not as it appears to.
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

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// How serious it is.
    pub severity: Severity,
    /// Whether the daemon's own parser refuses it.
    pub is_syntax: bool,
    /// The other texts, a line each.
    lines: &'static str,
}

impl Rule {
    /// Its identifier: stable, for scripts.
    pub fn id(&self) -> &'static str {
        self.line(0)
    }

    /// The daemons whose configurations it applies to.
    pub fn daemons(&self) -> &'static str {
        self.line(1)
    }

    /// What is found, in general terms; a finding quotes the file.
    pub fn what(&self) -> &'static str {
        self.line(2)
    }

    /// Why it matters.
    pub fn why(&self) -> &'static str {
        self.line(3)
    }

    /// What to do instead.
    pub fn better(&self) -> &'static str {
        self.line(4)
    }

    fn line(&self, at: usize) -> &'static str {
        self.lines.split('\n').nth(at).unwrap_or_default()
    }
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $syntax:literal $daemons:literal: $what:literal, $why:literal, $better:literal;)*) => {
        $(
            #[doc = $what]
            pub const $name: Rule = Rule {
                severity: Severity::$severity,
                is_syntax: $syntax,
                lines: concat!($id, "\n", $daemons, "\n", $what, "\n", $why, "\n", $better),
            };
        )*
        /// All rules, in the order of the documentation.
        pub const RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNKNOWN_WORD "unknown-word" Error true "all":
        "a word that the daemon does not know",
        "the daemon refuses the line or the whole file, or ignores it from there on",
        "correct the spelling or remove it";
    BAD_VALUE "bad-value" Error true "all":
        "a missing value or one of the wrong kind",
        "the daemon refuses the line or the whole file, or ignores it from there on",
        "use a value that the daemon can read";
    TOML_SYNTAX "toml-syntax" Error true "ntpd-rs":
        "a line that is not TOML",
        "the daemon refuses the file",
        "write `[section]`, `[[section]]` or `name = value`, with texts in quotes";
    OUT_OF_RANGE "out-of-range" Error false "chrony":
        "a number outside the option's range",
        "recent releases of chronyd refuse it, older ones use a different value",
        "use a number in the range";
    TOO_LONG "too-long" Error true "all":
        "a line or word longer than the daemon can read",
        "the daemon exits when it reads it",
        "shorten it";
    NOT_BUILT "not-built" Error true "ntpd, NTPsec, ntpd-rs":
        "an option that needs a special build of the daemon",
        "distributions build the daemon without it: it is ignored, or refused by ntpd-rs",
        "remove the line";
    UNREADABLE "unreadable" Error false "all":
        "an included file or folder that cannot be read",
        "its settings are missing",
        "correct the path or remove the line";
    UNREADABLE_CERTIFICATE "unreadable-certificate" Error true "ntpd-rs":
        "a certificate file that cannot be read",
        "the daemon refuses the configuration",
        "correct the path";
    TOO_MANY "too-many" Warning false "all":
        "a configuration of thousands of lines",
        "the rest of it is not checked",
        "split it";
    INCLUDE_LOOP "include-loop" Error false "ntpd, NTPsec, chrony":
        "files that include one another recursively, or are nested too deeply",
        "the daemon stops reading there",
        "remove one of the lines";
    NOT_ASCII "not-ascii" Warning false "ntpd, NTPsec":
        "non-ASCII characters",
        "the daemon drops them from the word",
        "write the word in ASCII";
    OBSOLETE "obsolete" Warning false "all":
        "an option that is accepted but no longer has any effect",
        "the daemon ignores it",
        "remove it";
    FEW_SOURCES "few-sources" Warning false "all":
        "fewer than four sources",
        "with fewer than four, one wrong source may not be outvoted (RFC 8633, section 3.2)",
        "configure a pool or at least four servers run by different operators";
    FEW_AGREE "few-agree" Error false "ntpd-rs":
        "fewer sources than have to agree",
        "the daemon never sets the clock: `minimum-agreeing-sources` is 3 by default",
        "configure more sources: a pool counts as its `count`";
    NO_SOURCES "no-sources" Warning false "all":
        "no source of time",
        "the clock is never synchronised",
        "configure a pool or at least four servers";
    DUPLICATE_SOURCE "duplicate-source" Warning false "all":
        "a source that is listed twice",
        "it counts once, or a falseticker gets two votes",
        "remove one of the lines";
    SMEAR_MIX "smear-mix" Warning false "all":
        "sources that smear leap seconds mixed with sources that do not",
        "they differ by up to a second for a day around a leap second",
        "use only sources of one kind";
    NO_IBURST "no-iburst" Warning false "ntpd, NTPsec, chrony":
        "a source without `iburst`",
        "the first synchronisation takes minutes instead of seconds",
        "add iburst";
    POLL_RANGE "poll-range" Warning false "ntpd, NTPsec, chrony, timesyncd, ntpd-rs":
        "a poll interval that the daemon does not use",
        "the daemon replaces it by the nearest allowed value, or the two contradict each other",
        "use values in the daemon's range, with minpoll not above maxpoll";
    VALUE_RANGE "value-range" Warning false "ntpd, NTPsec":
        "a number outside the meaningful range",
        "the daemon ignores the option",
        "use a number in the range";
    BAD_MASK "bad-mask" Error false "ntpd, NTPsec":
        "an invalid mask",
        "the restriction covers addresses other than those intended, or none",
        "write contiguous bits, such as 255.255.255.0";
    QUERY_OPEN "query-open" Warning false "ntpd, NTPsec":
        "mode 6 queries are open to the world",
        "anybody may read the daemon's variables, and replies are larger than requests",
        "add `restrict default kod limited nomodify noquery` and open it for the addresses that need it";
    MODIFY_OPEN "modify-open" Warning false "ntpd, NTPsec":
        "the default restriction lacks `nomodify`",
        "anyone who has the control key may reconfigure the daemon from anywhere",
        "add nomodify";
    NO_LOOPBACK "no-loopback" Warning false "ntpd, NTPsec":
        "queries are refused even from this host",
        "ntpq gets no reply on this host and times out",
        "add `restrict 127.0.0.1` and `restrict ::1`";
    NOTRUST "notrust" Warning false "ntpd, NTPsec":
        "`notrust` for everybody",
        "since 4.2 it refuses all packets without a valid key, including those from servers",
        "remove notrust, unless all sources and clients use keys";
    NOPEER_POOL "nopeer-pool" Warning false "ntpd":
        "`nopeer` by default, `pool`, and no `restrict source`",
        "the pool's servers are refused as peers, so the daemon has no sources",
        "add `restrict source nomodify noquery notrap`";
    IGNORE_DEFAULT "ignore-default" Warning false "ntpd, NTPsec":
        "`ignore` for everybody and no `restrict source`",
        "replies from servers are ignored too",
        "use noquery, or allow each server with its own restriction";
    KOD_ALONE "kod-alone" Warning false "ntpd, NTPsec":
        "`kod` without `limited`",
        "it has no effect: kiss-o'-death packets are sent only to rate-limited clients",
        "add limited, or remove kod";
    MODE7 "mode7" Warning false "ntpd":
        "mode 7 is enabled",
        "monlist replies are many times larger than the request: an amplifier (CVE-2013-5211)",
        "remove it, and use ntpq instead of ntpdc";
    MONITOR_OFF "monitor-off" Warning false "ntpd, NTPsec":
        "monitoring is disabled",
        "mrulist shows nothing, and rate limits have no effect",
        "remove it; `noquery` keeps others from reading the list";
    LOG_ALL "log-all" Warning false "ntpd, NTPsec":
        "everything is logged",
        "events of every source fill the log",
        "use `logconfig =syncstatus +sysevents`";
    NO_KEYS_FILE "no-keys-file" Error false "ntpd, NTPsec, chrony":
        "a key is used but no key file is set",
        "packets cannot be authenticated, and the source is never used",
        "set the key file";
    KEYS_UNREADABLE "keys-unreadable" Error false "ntpd, NTPsec, chrony":
        "the key file cannot be read",
        "no packet can be authenticated",
        "create it with `ntp-keygen -M`, or correct the path";
    KEYS_OPEN "keys-open" Warning false "ntpd, NTPsec, chrony, ntpd-rs":
        "the key file is world-readable",
        "its keys are not secret",
        "chmod o-rwx on it, and replace the keys";
    KEY_UNKNOWN "key-unknown" Error false "ntpd, NTPsec, chrony":
        "a key that is not in the key file",
        "packets cannot be authenticated, and the source is never used",
        "add the key to the file";
    KEY_UNTRUSTED "key-untrusted" Error false "ntpd, NTPsec":
        "a key that is not trusted",
        "packets authenticated with it are refused",
        "add it to trustedkey";
    BROADCAST_OPEN "broadcast-open" Warning false "ntpd":
        "broadcasts are believed without authentication",
        "anybody on the network may set the clock",
        "remove `disable auth`, and use keys";
    CRYPTO "autokey" Warning false "ntpd":
        "Autokey",
        "anyone who sees the packets can recover its keys",
        "use NTS (NTPsec, chrony, ntpd-rs) or symmetric keys";
    LOCAL_STRATUM "local-stratum" Warning false "ntpd, NTPsec, chrony, ntpd-rs":
        "a local clock with too low a stratum",
        "clients prefer this unsynchronised clock to real servers",
        "give it stratum 10 or more, or use `tos orphan`";
    LOCAL_ALONE "local-alone" Warning false "ntpd, NTPsec":
        "the local clock is the only source",
        "the daemon reports itself as synchronised while the clock drifts",
        "configure real sources";
    PANIC_OFF "panic-off" Warning false "ntpd, NTPsec, ntpd-rs":
        "no limit for a step of the clock",
        "the daemon follows its sources whatever time they claim, even years away",
        "remove it: one large step at startup is allowed by ntpd's option -g, and by ntpd-rs";
    NO_DRIFTFILE "no-driftfile" Warning false "ntpd, NTPsec, chrony":
        "no drift file",
        "after each restart the daemon has to learn the clock's frequency again",
        "set a drift file";
    DRIFT_FOLDER "drift-folder" Warning false "ntpd, NTPsec, chrony":
        "a drift file whose directory is missing or not writable",
        "the daemon cannot save the clock's frequency",
        "create the directory and make it writable for the daemon's user";
    NO_MAKESTEP "no-makestep" Warning false "chrony":
        "no `makestep`",
        "an offset of hours at startup is slewed, which takes days",
        "add `makestep 1 3`";
    ALWAYS_STEP "always-step" Warning false "chrony":
        "the clock may be stepped at any time",
        "time may jump backwards while programs are running",
        "limit it to the first updates: `makestep 1 3`";
    NO_RTCSYNC "no-rtcsync" Warning false "chrony":
        "no `rtcsync`",
        "the kernel considers the clock unsynchronised, monitoring reports that, and the hardware clock drifts",
        "add `rtcsync`";
    TRAILING_COMMENT "trailing-comment" Error true "chrony":
        "a comment after a directive",
        "chronyd reads it as arguments: a comment must be a whole line",
        "put the comment on a separate line";
    COMMANDS_OPEN "commands-open" Warning false "chrony":
        "chronyd answers commands from other hosts",
        "anybody may read its sources and state, and replies can be sent to forged addresses",
        "remove bindcmdaddress or cmdallow, or allow only the addresses that need it";
    NO_OBSERVATION "no-observation" Warning false "ntpd-rs":
        "no `observation-path`",
        "neither ntp-ctl nor ntpstat can read the daemon's state",
        "add `observation-path = \"/var/run/ntpd-rs/observe\"` under [observability]";
    PERMISSIONS "permissions" Warning false "ntpd-rs":
        "permissions that are not written as an octal number",
        "the socket gets other permissions than those intended",
        "write them with the prefix 0o, such as 0o666";
    RATE_ALONE "rate-alone" Warning false "ntpd-rs":
        "half of a rate limit",
        "clients are limited only if both the cache and the cutoff are set",
        "set both rate-limiting-cache-size and rate-limiting-cutoff-ms, or neither";
    CUT_SHORT "cut-short" Error true "timesyncd":
        "a broken section header, or text that is not UTF-8",
        "timesyncd stops reading the file there",
        "correct the line";
    BAD_SERVER "bad-server" Error false "timesyncd":
        "a word that cannot be the name of a server",
        "timesyncd looks it up in vain",
        "separate names by spaces, and put comments on separate lines";
    NOT_READ "not-read" Warning false "timesyncd":
        "a setting outside its section, or an unknown section",
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
    fn rules_have_unique_names_and_reasons() {
        for (at, rule) in RULES.iter().enumerate() {
            assert!(RULES.iter().skip(at + 1).all(|other| other.id() != rule.id()), "{}", rule.id());
            assert!(
                rule.id()
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
            );
            for text in [rule.what(), rule.why(), rule.better()] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}", rule.id());
            }
            assert_eq!(rule.lines.lines().count(), 5, "{}", rule.id());
            assert!(!rule.is_syntax || rule.severity == Severity::Error);
        }
    }
}
