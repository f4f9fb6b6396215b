//! Why a daemon is not synchronised, and the next step: the same words in every applet.

use crate::model::{NetworkAddress, Peer};
use crate::text::visible;
use crate::wire::status::Selection;
use std::time::Duration;

/// How long after its start ntpd may be unsynchronised, in seconds.
const YOUNG: u64 = 300;
/// The same for the others, which start with several requests and trust a source sooner.
const YOUNG_OTHER: u64 = 64;
/// The stratum of a clock that is not synchronised.
const NO_STRATUM: u32 = 16;
/// The replies after which ntpd trusts a source: its error has then fallen below the limit.
const ENOUGH_REPLIES: u32 = 4;
const CHRONYD: &str = "chronyd";
const NTPD_RS: &str = "ntpd-rs";
const TIMESYNCD: &str = "systemd-timesyncd";
/// The longest poll interval, as a power of two seconds (RFC 5905 section 7.2).
const LONGEST_POLL: i64 = 17;

/// What is known of a daemon that is not synchronised.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The daemon: `ntpd`, `chronyd`, `ntpd-rs`, `systemd-timesyncd`.
    pub daemon: &'a str,
    /// How long it has been running, if it reports that.
    pub uptime: Option<Duration>,
    /// Its sources.
    pub sources: &'a [&'a Peer],
}

/// Why a daemon is not synchronised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has no sources; with a local clock, none but that.
    NoSources {
        /// The daemon.
        daemon: String,
        /// Whether it has its own local clock.
        has_local_clock: bool,
    },
    /// None of its sources has answered, and it started only recently.
    NoAnswerYet {
        /// The number of sources.
        sources: usize,
        /// Seconds since its start.
        age: u64,
        /// Seconds after which it is no longer young.
        wait: u64,
    },
    /// None of its sources answers.
    NoAnswer {
        /// The number of sources.
        sources: usize,
        /// One of them.
        first: String,
    },
    /// The sources that answer are not synchronised themselves: leap indicator 3 or stratum 16.
    SourcesUnsynchronized {
        /// How many answer.
        answering: usize,
        /// One of them.
        first: String,
    },
    /// Too many sources contradict each other.
    Falsetickers {
        /// How many are falsetickers.
        falsetickers: usize,
        /// How many answer.
        answering: usize,
    },
    /// Sources answer, but their error is too large to be followed.
    TooDistant {
        /// How many answer.
        answering: usize,
        /// One of them.
        first: String,
    },
    /// Sources answer, but none of them is selected yet.
    NotSelectedYet {
        /// How many answer.
        answering: usize,
        /// The number of sources.
        sources: usize,
        /// Seconds until a selection is to be expected.
        wait: u64,
    },
    /// Sources answer, but ntpd-rs does not find enough of them that agree.
    TooFewAgree {
        /// How many answer.
        answering: usize,
    },
    /// systemd-timesyncd has an answer, but it is too old, or the kernel does not count its clock as synchronised.
    NotInForce {
        /// The source.
        source: String,
    },
    /// It follows a source of the highest stratum, so that its own is 16.
    StratumTooHigh {
        /// The source.
        source: String,
    },
    /// It follows a source and has not set the clock yet.
    LeapAlarm {
        /// The source.
        source: String,
    },
}

impl Reason {
    /// Finds the reason.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let local = |peer: &&&Peer| is_local_clock(peer);
        // systemd-timesyncd's only row stays empty until it has chosen a server.
        let is_empty = |peer: &&&Peer| {
            evidence.daemon == TIMESYNCD && peer.source_address.is_none() && peer.source_host.is_none()
        };
        let is_source = |peer: &&&Peer| !local(peer) && !is_empty(peer);
        let sources: Vec<&Peer> = evidence.sources.iter().filter(is_source).copied().collect();
        let answering: Vec<&Peer> = sources.iter().filter(|peer| answers(peer)).copied().collect();
        let (Some(one), count) = (sources.first(), sources.len()) else {
            let has_local_clock = evidence.sources.iter().any(|peer| is_local_clock(peer));
            return Self::NoSources { daemon: evidence.daemon.to_owned(), has_local_clock };
        };
        if let Some(followed) = sources.iter().find(|peer| peer.status.selection() >= Selection::SystemPeer) {
            let source = name(followed);
            return match followed.stratum {
                Some(stratum) if stratum.saturating_add(1) >= NO_STRATUM => Self::StratumTooHigh { source },
                _ => Self::LeapAlarm { source },
            };
        }
        let unsynchronized: Vec<&Peer> =
            sources.iter().filter(|peer| is_unsynchronized(peer)).copied().collect();
        let young = match evidence.daemon {
            CHRONYD | NTPD_RS | TIMESYNCD => YOUNG_OTHER,
            _ => YOUNG,
        };
        let age = evidence.uptime.map(|uptime| uptime.as_secs()).filter(|age| *age < young);
        if let Some(first) = unsynchronized.first()
            && answering.iter().all(|peer| is_unsynchronized(peer))
        {
            return Self::SourcesUnsynchronized { answering: unsynchronized.len(), first: name(first) };
        }
        let Some(first) = answering.first().map(|peer| name(peer)) else {
            return match age {
                Some(age) => Self::NoAnswerYet { sources: count, age, wait: young.saturating_sub(age) },
                None => Self::NoAnswer { sources: count, first: name(one) },
            };
        };
        let number = answering.len();
        let is_false = |peer: &&&Peer| peer.status.selection() == Selection::FalseTicker;
        let falsetickers = answering.iter().filter(is_false).count();
        if falsetickers > 0 && falsetickers * 2 >= number {
            return Self::Falsetickers { falsetickers, answering: number };
        }
        match evidence.daemon {
            NTPD_RS => return Self::TooFewAgree { answering: number },
            TIMESYNCD => return Self::NotInForce { source: first },
            _ => {}
        }
        let wait = answering.iter().filter_map(|peer| until_trusted(peer)).min();
        match (wait, age) {
            (Some(wait), _) => Self::NotSelectedYet { answering: number, sources: count, wait },
            (None, Some(age)) => {
                Self::NotSelectedYet { answering: number, sources: count, wait: young.saturating_sub(age) }
            }
            (None, None) => Self::TooDistant { answering: number, first },
        }
    }

    /// A word for the kind of reason; it does not change with the numbers.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoSources { .. } => "no_sources",
            Self::NoAnswerYet { .. } => "no_answer_yet",
            Self::NoAnswer { .. } => "no_answer",
            Self::SourcesUnsynchronized { .. } => "sources_unsynchronized",
            Self::Falsetickers { .. } => "falsetickers",
            Self::TooDistant { .. } => "too_distant",
            Self::NotSelectedYet { .. } => "not_selected_yet",
            Self::TooFewAgree { .. } => "too_few_agree",
            Self::NotInForce { .. } => "not_in_force",
            Self::StratumTooHigh { .. } => "stratum",
            Self::LeapAlarm { .. } => "leap_alarm",
        }
    }

    /// The reason in words.
    pub fn words(&self) -> String {
        match self {
            Self::NoSources { has_local_clock: false, .. } => "it has no sources".to_owned(),
            Self::NoSources { has_local_clock: true, .. } => {
                "it has no source but its own local clock".to_owned()
            }
            Self::NoAnswerYet { sources: 1, age, .. } => {
                format!("its only source has not answered yet; it started {age} s ago")
            }
            Self::NoAnswerYet { sources, age, .. } => {
                format!("none of its {} has answered yet; it started {age} s ago", count(*sources))
            }
            Self::NoAnswer { sources: 1, .. } => "its only source does not answer".to_owned(),
            Self::NoAnswer { sources, .. } => format!("none of its {} answers", count(*sources)),
            Self::SourcesUnsynchronized { answering: 1, first } => {
                format!(
                    "{first}, the only source that answers, is not synchronised itself (stratum 16 or leap alarm)"
                )
            }
            Self::SourcesUnsynchronized { answering, .. } => format!(
                "the {} that answer are not synchronised themselves (stratum 16 or leap alarm)",
                count(*answering)
            ),
            Self::Falsetickers { falsetickers, answering } => format!(
                "{falsetickers} of the {} that answer are falsetickers: no majority agrees",
                count(*answering)
            ),
            Self::TooDistant { answering, .. } => format!(
                "{} that answer{} too far from a reference clock, or too variable, to be followed",
                count(*answering),
                if *answering == 1 { "s is" } else { " are" }
            ),
            Self::NotSelectedYet { answering, sources, .. } => {
                format!("no source is selected yet; {answering} of {} answer", count(*sources))
            }
            Self::TooFewAgree { answering } => format!(
                "{} answer{}, but fewer than minimum-agreeing-sources agree",
                count(*answering),
                if *answering == 1 { "s" } else { "" }
            ),
            Self::NotInForce { source } => format!(
                "the answer of {source} is too old, or the kernel's clock is not marked as synchronised"
            ),
            Self::StratumTooHigh { source } => {
                format!("its source {source} has stratum 15, so that its own is 16")
            }
            Self::LeapAlarm { source } => {
                format!("it follows {source} but has not set the clock yet (leap alarm)")
            }
        }
    }

    /// The next step: a command, or what to write where.
    pub fn next_step(&self) -> String {
        match self {
            Self::NoSources { daemon, .. } => match daemon.as_str() {
                CHRONYD => "in chrony.conf: pool 2.pool.ntp.org iburst",
                NTPD_RS => "in ntp.toml: [[source]] mode = \"pool\", address = \"2.pool.ntp.org\", count = 4",
                TIMESYNCD => "in timesyncd.conf: NTP=2.pool.ntp.org; then networkctl status",
                _ => "in ntp.conf: pool 2.pool.ntp.org iburst",
            }
            .to_owned(),
            Self::NoAnswer { first, .. } => format!("ntpdate -q -u --explain {first}"),
            Self::SourcesUnsynchronized { first, .. } => format!("ntpstat {first}"),
            Self::Falsetickers { .. } => "ntpq -pn, then add sources until a majority agrees".to_owned(),
            Self::TooDistant { first, .. } => format!("ntpkit ping {first}"),
            Self::NoAnswerYet { wait: seconds, .. } | Self::NotSelectedYet { wait: seconds, .. } => {
                wait(*seconds)
            }
            Self::TooFewAgree { .. } => {
                "in ntp.toml: more [[source]] sections, or [synchronization] minimum-agreeing-sources"
                    .to_owned()
            }
            Self::NotInForce { .. } => "timedatectl timesync-status".to_owned(),
            Self::StratumTooHigh { .. } => {
                "ntptrace, then choose sources that are nearer to stratum 1".to_owned()
            }
            Self::LeapAlarm { .. } => "ntpkit diag".to_owned(),
        }
    }

    /// Both in one line.
    pub fn explain(&self) -> String {
        format!("{}; next: {}", self.words(), self.next_step())
    }
}

fn wait(seconds: u64) -> String {
    format!("wait {seconds} s: ntpstat --wait={seconds}")
}

fn count(sources: usize) -> String {
    format!("{sources} source{}", if sources == 1 { "" } else { "s" })
}

fn is_local_clock(peer: &Peer) -> bool {
    peer.source_address
        .as_ref()
        .and_then(NetworkAddress::reference_clock)
        .is_some_and(|clock| clock.name() == Some("LOCAL"))
}

/// Whether it has answered recently.
fn answers(peer: &Peer) -> bool {
    peer.reach.map_or(peer.status.is_reachable(), |reach| reach & 0xff != 0)
}

/// Whether it says that it has no time.
fn is_unsynchronized(peer: &Peer) -> bool {
    // ntpd does not count such replies, so that the reachability register stays empty.
    let fails = |name: &str| ["pkt_unsync", "pkt_stratum"].contains(&name);
    peer.flash.is_some_and(|flash| flash.names().any(fails))
        || answers(peer) && peer.stratum.is_some_and(|stratum| stratum >= NO_STRATUM)
}

/// Seconds until a source has given as many replies as ntpd needs; `None` if it has.
fn until_trusted(peer: &Peer) -> Option<u64> {
    let replies = (peer.reach? & 0xff).count_ones();
    let missing = ENOUGH_REPLIES.checked_sub(replies).filter(|missing| *missing > 0)?;
    let poll = peer.host_poll.unwrap_or(6).clamp(0, LONGEST_POLL);
    Some(u64::from(missing) << poll)
}

/// The source as it is called on the command line.
fn name(peer: &Peer) -> String {
    let address = || peer.source_address.as_ref().map(ToString::to_string);
    let name = peer.source_host.as_deref().map(visible);
    address().or(name).unwrap_or_else(|| format!("association {}", peer.association.0))
}

#[cfg(test)]
mod tests;
