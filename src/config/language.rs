//! The language of a configuration file, by daemon.

use std::path::Path;

/// The language of a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// ntp.conf of ntp.org's ntpd, 4.2.8.
    Ntpd,
    /// ntp.conf of NTPsec's ntpd.
    Ntpsec,
    /// chrony.conf and its fragments.
    Chrony,
    /// timesyncd.conf and its drop-ins.
    Timesyncd,
    /// ntp.toml of ntpd-rs.
    NtpdRs,
    /// The servers of Red Hat's ntpdate service, one per line.
    StepTickers,
    /// The settings of ntpdate's start scripts.
    Ntpdate,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 7] = [
        Self::Ntpd,
        Self::Ntpsec,
        Self::Chrony,
        Self::Timesyncd,
        Self::NtpdRs,
        Self::StepTickers,
        Self::Ntpdate,
    ];

    /// Its name, as in `--daemon`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ntpd => "ntpd",
            Self::Ntpsec => "ntpsec",
            Self::Chrony => "chrony",
            Self::Timesyncd => "timesyncd",
            Self::NtpdRs => "ntpd-rs",
            Self::StepTickers => "step-tickers",
            Self::Ntpdate => "ntpdate",
        }
    }

    /// The language with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.name() == name)
    }

    /// Determines the language of a file from its name and directory; an `ntp.conf` is NTPsec's if it is in a directory
    /// of that name or uses one of its words.
    pub fn of(path: &Path, text: &[u8]) -> Option<Self> {
        let whole = path.to_string_lossy().to_ascii_lowercase();
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let has = |part: &str| name.contains(part);
        if has("timesyncd") || whole.contains("timesyncd.conf.d/") {
            return Some(Self::Timesyncd);
        }
        let is_toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        if is_toml && whole.contains("ntp") {
            return Some(Self::NtpdRs);
        }
        if name == "step-tickers" {
            return Some(Self::StepTickers);
        }
        if name == "ntpdate" {
            return Some(Self::Ntpdate);
        }
        if whole.contains("chrony") && (has("conf") || has(".sources")) {
            return Some(Self::Chrony);
        }
        if has("ntp") && has("conf") || whole.contains("/ntp.d/") || whole.contains("ntpsec") {
            let is_ntpsec = whole.contains("ntpsec") || uses_ntpsec_words(text);
            return Some(if is_ntpsec { Self::Ntpsec } else { Self::Ntpd });
        }
        None
    }

    /// The usual configuration files of each daemon.
    pub const USUAL: &[(Self, &'static str)] = &[
        (Self::Ntpd, "/etc/ntp.conf"),
        (Self::Ntpsec, "/etc/ntpsec/ntp.conf"),
        (Self::Chrony, "/etc/chrony.conf"),
        (Self::Chrony, "/etc/chrony/chrony.conf"),
        (Self::Timesyncd, "/etc/systemd/timesyncd.conf"),
        (Self::NtpdRs, "/etc/ntpd-rs/ntp.toml"),
        (Self::StepTickers, "/etc/ntp/step-tickers"),
        (Self::Ntpdate, "/etc/default/ntpdate"),
        (Self::Ntpdate, "/etc/sysconfig/ntpdate"),
    ];
}

/// Whether an ntp.conf uses commands or options that only NTPsec knows.
fn uses_ntpsec_words(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("nts" | "refclock" | "unrestrict" | "limit") => true,
            Some("server" | "pool" | "peer") => words.skip(1).any(|word| word == "nts"),
            Some("statistics" | "filegen") => words.any(|word| word == "usestats"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_and_contents_determine_the_language() {
        for (path, text, expected) in [
            ("/etc/ntp.conf", "", Some(Language::Ntpd)),
            ("/etc/ntpsec/ntp.conf", "", Some(Language::Ntpsec)),
            ("/etc/ntp.conf", "server a.example nts # NTS\n", Some(Language::Ntpsec)),
            ("/etc/ntp.conf", "# server a.example nts\n", Some(Language::Ntpd)),
            ("/etc/chrony.conf", "", Some(Language::Chrony)),
            ("/etc/chrony/sources.d/local.sources", "", Some(Language::Chrony)),
            ("/etc/systemd/timesyncd.conf", "", Some(Language::Timesyncd)),
            ("/etc/ntpd-rs/ntp.toml", "", Some(Language::NtpdRs)),
            ("/etc/ntp/step-tickers", "", Some(Language::StepTickers)),
            ("/etc/default/ntpdate", "", Some(Language::Ntpdate)),
            ("my-ntp.conf.bak", "", Some(Language::Ntpd)),
            ("/etc/passwd", "", None),
            ("/", "", None),
        ] {
            assert_eq!(Language::of(Path::new(path), text.as_bytes()), expected, "{path}");
        }
        for language in Language::ALL {
            assert_eq!(Language::named(language.name()), Some(language));
        }
    }
}
