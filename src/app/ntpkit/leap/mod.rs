//! `ntpkit leap`: checks whether the leap-seconds list is intact and current, and whether kernel and daemon agree with
//! it.

mod daemon;
mod shown;

use crate::app::textfile::OutputArgs;
use crate::cli::context::Context;
use crate::cli::files;
use crate::cli::format::{Format, FormatArgs, OfFigures};
use crate::cli::output::reason;
use crate::clock;
use crate::clock::kernel::{KernelClock as _, SystemClock};
use crate::model::leap_list::LeapList;
use crate::render::openmetrics;
use crate::text::visible;
use std::path::{Path, PathBuf};

/// The options of `ntpkit leap`.
#[derive(Clone, Debug, clap::Args)]
pub struct LeapArgs {
    /// Leap-seconds list [default: from the daemon's configuration, else in the usual places]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print a monitoring plugin's line and use its exit statuses
    #[arg(long, conflicts_with = "format")]
    pub check: bool,
    /// Warn if the list expires within this many days
    #[arg(short, long, value_name = "DAYS", default_value_t = 30, requires = "check")]
    pub warning: u32,
    /// Critical if the list expires within this many days
    #[arg(short, long, value_name = "DAYS", default_value_t = 7, requires = "check")]
    pub critical: u32,
    /// The output format.
    #[command(flatten)]
    pub format: FormatArgs<OfFigures>,
    /// The file of results.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The largest list accepted, in bytes; the real one has about five thousand.
const LARGEST: u64 = 1 << 20;

/// The usual locations of the list.
const USUAL: &[&str] = &[
    "/usr/share/zoneinfo/leap-seconds.list",
    "/var/lib/ntp/leap-seconds.list",
    "/var/lib/ntpsec/leap-seconds.list",
    "/etc/ntp/leap-seconds.list",
    "/etc/leap-seconds.list",
    "/var/db/ntpd.leap-seconds.list",
];

/// Configuration files that may name it, and the keyword before the name.
const CONFIGURATIONS: &[(&str, &str)] = &[
    ("/etc/ntp.conf", "leapfile"),
    ("/etc/ntpsec/ntp.conf", "leapfile"),
    ("/etc/chrony.conf", "leapseclist"),
    ("/etc/chrony/chrony.conf", "leapseclist"),
];

/// All that is known about leap seconds on this machine.
pub struct Known {
    /// The file with the list.
    pub file: String,
    /// The list.
    pub list: LeapList,
    /// The current time, in seconds since 1970.
    pub now: i64,
    /// TAI minus UTC according to the kernel and the daemon, if known.
    pub offsets: Vec<(&'static str, i32)>,
}

/// Runs `ntpkit leap` and returns its exit status: 0 if the list is intact and has not expired, 1 if not, 2 if there is
/// none; with `--check`, the status of a plugin.
pub fn run(context: &mut Context, args: &LeapArgs) -> u8 {
    args.output.begin(&mut context.output, args.format.chosen());
    let file = args.file.clone().or_else(configured).or_else(usual);
    let read = match &file {
        Some(file) => files::read_finite(file, LARGEST)
            .map_err(|error| format!("{}: {}", visible(file.to_string_lossy().as_bytes()), reason(&error))),
        None => Err(format!("no leap-seconds list found: looked for {}", USUAL.join(", "))),
    };
    let text = match read {
        Ok(text) => text,
        Err(problem) if args.check => {
            context.output.result(format!("LEAP UNKNOWN: {}\n", problem.replace('|', "?")));
            return 3;
        }
        Err(problem) => {
            context.output.message(format!("ntpkit: {problem}\n"));
            return 2;
        }
    };
    let file = file.map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let offsets = [("kernel", kernel()), ("daemon", daemon::tai_offset())];
    let offsets = offsets.into_iter().filter_map(|(source, offset)| Some((source, offset?))).collect();
    let known = Known { file, list: LeapList::parse(&text), now: clock::now().as_second(), offsets };
    if args.check {
        let (state, line) = shown::check(&known, args.warning, args.critical);
        context.output.result(line);
        return state;
    }
    context.output.result(match args.format.chosen() {
        Format::Plain | Format::Table | Format::Dot => shown::text(&known),
        Format::Json => shown::json(&known),
        Format::Openmetrics => openmetrics::leap(&known.file, &known.list, known.now, &known.offsets),
    });
    u8::from(shown::fault(&known).is_some())
}

/// This machine's list in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub fault: Option<String>,
    /// The leap second that it announces.
    pub announced: Option<String>,
}

/// This machine's list; `None` if there is none.
pub fn summary() -> Option<Summary> {
    let path = configured().or_else(usual)?;
    let file = visible(path.to_string_lossy().as_bytes());
    let text = match files::read_finite(&path, LARGEST) {
        Ok(text) => text,
        Err(error) => return Some(Summary { file, fault: Some(reason(&error)), announced: None }),
    };
    let offsets = kernel().map(|offset| ("kernel", offset)).into_iter().collect();
    let known =
        Known { file: file.clone(), list: LeapList::parse(&text), now: clock::now().as_second(), offsets };
    let announced = known.list.next(known.now).map(shown::announcement);
    Some(Summary { file, fault: shown::fault(&known), announced })
}

/// TAI minus UTC according to the kernel; 0 means that it was never set.
fn kernel() -> Option<i32> {
    SystemClock.read().ok().map(|state| state.tai).filter(|offset| *offset != 0)
}

/// The list named in a daemon's configuration.
fn configured() -> Option<PathBuf> {
    CONFIGURATIONS.iter().find_map(|(path, word)| {
        let text = files::read_regular(Path::new(path), LARGEST).ok()?;
        named(&String::from_utf8_lossy(&text), word)
    })
}

fn named(text: &str, word: &str) -> Option<PathBuf> {
    text.lines().rev().find_map(|line| {
        let rest = line.trim().strip_prefix(word)?.strip_prefix([' ', '\t'])?;
        let name = match rest.trim().strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?,
            None => rest.split_ascii_whitespace().next()?,
        };
        name.starts_with('/').then(|| PathBuf::from(name))
    })
}

fn usual() -> Option<PathBuf> {
    USUAL.iter().map(PathBuf::from).find(|path| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_name_the_list() {
        let text = "# leapfile /no\nleapfile \"/a list\" ignorehash\nleapfiles /no\n";
        assert_eq!(named(text, "leapfile"), Some(PathBuf::from("/a list")));
        assert_eq!(named("leapseclist /usr/share/l\n", "leapseclist"), Some(PathBuf::from("/usr/share/l")));
        assert_eq!(named("leapfile relative\n", "leapfile"), None);
    }
}
