//! The applets, and how a call finds its own.

use crate::app;
use crate::cli::context::{COMPAT_VARIABLE, Context, Terminals, compat_of};
use crate::cli::operands;
use crate::cli::output::Output;
use crate::compat::{Dialect, Quirk, Tables};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// One of the programs in this binary.
pub struct Applet {
    /// Its name, also that of the link through which it is called.
    pub name: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// Runs it and gives the exit status.
    pub run: fn(&mut Context) -> u8,
    /// Its options, for the manual page and the completions.
    pub command: fn() -> clap::Command,
    /// The exit status of wrong usage.
    pub usage_status: u8,
    /// Where options may stand.
    pub options: Options,
}

/// Where a program looks for options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Options {
    /// Anywhere.
    Anywhere,
    /// Before the first operand.
    First,
    /// Before the first operand; behind it, `-4` and `-6` say how the operands that follow are looked up.
    FirstButFamilies,
}

/// All applets that are linked.
pub static APPLETS: &[Applet] = &[
    Applet {
        name: "ntpdate",
        purpose: "set the clock once from NTP servers",
        run: app::ntpdate::run,
        command: app::ntpdate::command,
        usage_status: 2,
        options: Options::First,
    },
    Applet {
        name: "ntpdate-debian",
        purpose: "set the clock once from the NTP servers that the system's configuration names",
        run: app::ntpdate::debian::run,
        command: app::ntpdate::debian::command,
        usage_status: 2,
        options: Options::First,
    },
    Applet {
        name: "ntpdc",
        purpose: "query and change classic NTP daemons over mode 7",
        run: app::ntpdc::run,
        command: app::ntpdc::command,
        usage_status: 1,
        options: Options::FirstButFamilies,
    },
    Applet {
        name: "ntpq",
        purpose: "query NTP daemons: peers, variables, associations",
        run: app::ntpq::run,
        command: app::ntpq::command,
        usage_status: 1,
        options: Options::FirstButFamilies,
    },
    Applet {
        name: "ntp-wait",
        purpose: "wait until the clock is synchronised",
        run: app::ntpstat::run_wait,
        command: app::ntpstat::wait_command,
        usage_status: 2,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntpstat",
        purpose: "tell whether the clock is synchronised",
        run: app::ntpstat::run,
        command: app::ntpstat::command,
        usage_status: 3,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntptime",
        purpose: "read and change the kernel's clock discipline",
        run: app::ntptime::run,
        command: app::ntptime::command,
        usage_status: 2,
        options: Options::First,
    },
    Applet {
        name: "ntp-keygen",
        purpose: "make key files: symmetric keys, Autokey's keys and certificates",
        run: app::ntp_keygen::run,
        command: app::ntp_keygen::command,
        usage_status: 1,
        options: Options::First,
    },
];

/// Runs what the command line asks for; gives the exit status.
///
/// The name of the program picks the applet: `ntpq`, but also `ntpq.real` or `ntpq-4.2`. Under any other name
/// the first argument does.
pub fn run(mut arguments: impl Iterator<Item = OsString>, terminals: Terminals) -> u8 {
    keep_secrets_in_memory();
    let called = arguments.next().unwrap_or_else(|| "ntpkit".into());
    let mut context = Context {
        called: called.clone(),
        arguments: arguments.collect(),
        dialect: Dialect::default(),
        tables: Tables::default(),
        no_color: forbids_color(|name| std::env::var_os(name)),
        terminals,
        output: Output::standard(),
    };
    let applet = named_by(&called);
    if let Some(release) = std::env::var_os(COMPAT_VARIABLE) {
        match compat_of(&release) {
            Ok(compat) => context.choose(Some(compat)),
            Err(reason) => {
                context
                    .output
                    .message(format!("{}: {COMPAT_VARIABLE}: {reason}\n", called.to_string_lossy()));
                return 1;
            }
        }
    }
    match applet {
        Some(applet) => applet.call(&mut context),
        None => app::ntpkit::run(&mut context),
    }
}

/// Keys and passwords must not end in a core dump, nor be seen by another process of the same user. Where the kernel
/// refuses, the program works as well.
fn keep_secrets_in_memory() {
    // No file, and nothing for a program that collects dumps, which no limit stops.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        let _ = setrlimit(Resource::RLIMIT_CORE, 0, hard);
    }
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Whether the environment forbids colour: `NO_COLOR` is set and not empty, or `TERM` does not name a terminal that has
/// any. A pty alone says nothing: containers, ssh and test tools make them without a terminal behind.
fn forbids_color(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    environment("NO_COLOR").is_some_and(|value| !value.is_empty())
        || environment("TERM").is_none_or(|terminal| terminal.is_empty() || terminal == "dumb")
}

impl Applet {
    /// Runs the applet, unless a word of its command line looks like an option and would be taken for an operand.
    pub fn call(&self, context: &mut Context) -> u8 {
        let is_classic =
            names_classic(&context.arguments).unwrap_or(context.dialect.keeps(Quirk::LATE_OPTIONS));
        let takes_late: Option<fn(&str) -> bool> = match self.options {
            Options::First if !is_classic => Some(|_| false),
            Options::FirstButFamilies if !is_classic => {
                Some(|word| word.starts_with("-4") || word.starts_with("-6"))
            }
            Options::First | Options::FirstButFamilies | Options::Anywhere => None,
        };
        if operands::need_check(&context.arguments)
            && let Err(misplaced) = operands::check(&(self.command)(), &context.arguments, takes_late)
        {
            context.output.message(format!("{}: {misplaced}\n", self.name));
            return self.usage_status;
        }
        (self.run)(context)
    }
}

/// Whether the command line itself chooses the dialect of 4.2.8p15; nothing if it chooses none.
fn names_classic(arguments: &[OsString]) -> Option<bool> {
    let mut chosen = None;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let word = word.to_string_lossy();
        let release = match word.strip_prefix("--compat=") {
            Some(release) => OsString::from(release),
            None if word == "--compat" => rest.next().cloned().unwrap_or_default(),
            None => continue,
        };
        chosen = compat_of(&release).ok().map(|compat| compat.dialect.keeps(Quirk::LATE_OPTIONS));
    }
    chosen
}

/// The applet that a program's name stands for: the name itself, or the name and a suffix that begins with
/// anything but a letter or a digit.
pub fn named_by(called: &OsStr) -> Option<&'static Applet> {
    let file = Path::new(called).file_name()?.to_str()?;
    let mut fitting: Vec<&Applet> = APPLETS
        .iter()
        .filter(|applet| {
            file.strip_prefix(applet.name)
                .is_some_and(|suffix| !suffix.starts_with(|letter: char| letter.is_alphanumeric()))
        })
        .collect();
    fitting.sort_by_key(|applet| applet.name.len());
    fitting.pop()
}

/// The applet of exactly this name.
pub fn find(name: &OsStr) -> Option<&'static Applet> {
    APPLETS.iter().find(|applet| name == applet.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_that_has_it() {
        let forbidden = |terminal: Option<&str>, no_color: Option<&str>| {
            forbids_color(|name| match name {
                "TERM" => terminal.map(OsString::from),
                _ => no_color.map(OsString::from),
            })
        };
        assert!(!forbidden(Some("xterm"), None) && !forbidden(Some("xterm"), Some("")));
        assert!(forbidden(None, None) && forbidden(Some(""), None) && forbidden(Some("dumb"), None));
        assert!(forbidden(Some("xterm"), Some("1")));
    }

    #[test]
    fn a_program_name_picks_its_applet() {
        let name = |called: &str| named_by(OsStr::new(called)).map(|applet| applet.name);
        assert_eq!(name("ntpq"), Some("ntpq"));
        assert_eq!(name("/usr/bin/ntpq"), Some("ntpq"));
        assert_eq!(name("./ntpq.real"), Some("ntpq"));
        assert_eq!(name("ntpq-4.2.8"), Some("ntpq"));
        assert_eq!(name("/usr/sbin/ntp-keygen"), Some("ntp-keygen"));
        assert_eq!(name("ntpkit-0.9"), None);
        assert_eq!(name("ntpqx"), None);
        assert_eq!(name("/"), None);
    }
}
