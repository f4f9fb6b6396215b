//! The applets, and how a call selects one.

use crate::app;
use crate::cli::context::{Applet, COMPAT_VARIABLE, Context, Options, Terminals, compat_of};
use crate::cli::exit;
use crate::cli::output::Output;
use crate::compat::{Dialect, Layout};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use signal_hook::consts::SIGXFSZ;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

/// All applets that are linked.
pub static APPLETS: &[Applet] = &[
    #[cfg(feature = "plugins")]
    Applet {
        name: "check_ntp_peer",
        purpose: "monitoring plugin: how well does an NTP daemon keep its clock?",
        run: app::check_ntp::run_peer,
        command: app::check_ntp::peer_command,
        usage_status: exit::PLUGIN.usage,
        options: Options::Anywhere,
    },
    #[cfg(feature = "plugins")]
    Applet {
        name: "check_ntp_time",
        purpose: "monitoring plugin: how far is this clock from NTP servers?",
        run: app::check_ntp::run_time,
        command: app::check_ntp::time_command,
        usage_status: exit::PLUGIN.usage,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntpdate",
        purpose: "set the clock once from NTP servers",
        run: app::ntpdate::run,
        command: app::ntpdate::command,
        usage_status: exit::NTPDATE.usage,
        options: Options::First,
    },
    Applet {
        name: "ntpdate-debian",
        purpose: "set the clock once from the NTP servers that the system's configuration names",
        run: app::ntpdate::debian::run,
        command: app::ntpdate::debian::command,
        usage_status: exit::NTPDATE.usage,
        options: Options::First,
    },
    #[cfg(feature = "ntpdc")]
    Applet {
        name: "ntpdc",
        purpose: "query and change classic NTP daemons over mode 7",
        run: app::ntpdc::run,
        command: app::ntpdc::command,
        usage_status: exit::SHELL.usage,
        options: Options::FirstButFamilies,
    },
    #[cfg(feature = "tui")]
    Applet {
        name: "ntpmon",
        purpose: "monitor NTP daemons on the whole terminal",
        run: app::ntpmon::run,
        command: app::ntpmon::command,
        usage_status: exit::TOOL.usage,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntpq",
        purpose: "query NTP daemons: peers, variables, associations",
        run: app::ntpq::run,
        command: app::ntpq::command,
        usage_status: exit::SHELL.usage,
        options: Options::FirstButFamilies,
    },
    Applet {
        name: "ntp-wait",
        purpose: "wait until the clock is synchronised",
        run: app::ntpstat::run_wait,
        command: app::ntpstat::wait_command,
        usage_status: exit::NTP_WAIT.usage,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntpstat",
        purpose: "report whether the clock is synchronised",
        run: app::ntpstat::run,
        command: app::ntpstat::command,
        usage_status: exit::NTPSTAT.usage,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntptime",
        purpose: "read and change the kernel's clock discipline",
        run: app::ntptime::run,
        command: app::ntptime::command,
        usage_status: exit::NTPTIME.usage,
        options: Options::First,
    },
    #[cfg(feature = "fleet")]
    Applet {
        name: "ntptrace",
        purpose: "follow a clock to its sources, up to a primary server",
        run: app::ntptrace::run,
        command: app::ntptrace::command,
        usage_status: exit::TOOL.usage,
        options: Options::Anywhere,
    },
    #[cfg(feature = "fleet")]
    Applet {
        name: "ntpsweep",
        purpose: "list hosts with their strata, offsets and programs",
        run: app::ntpsweep::run,
        command: app::ntpsweep::command,
        usage_status: exit::TOOL.usage,
        options: Options::Anywhere,
    },
    Applet {
        name: "ntp-keygen",
        purpose: "make key files: symmetric keys, Autokey's keys and certificates",
        run: app::ntp_keygen::run,
        command: app::ntp_keygen::command,
        usage_status: exit::KEYGEN.usage,
        options: Options::First,
    },
];

/// Runs the applet selected by the call and returns its exit status.
///
/// The program name selects the applet: `ntpq`, but also `ntpq.real` or `ntpq-4.2`. Under any other name the first
/// argument selects it.
pub fn run(mut arguments: impl Iterator<Item = OsString>, terminals: Terminals) -> u8 {
    keep_secrets_in_memory();
    survive_size_limits();
    let called = arguments.next().unwrap_or_else(|| "ntpkit".into());
    let mut context = Context {
        applets: APPLETS,
        called: called.clone(),
        arguments: arguments.collect(),
        dialect: Dialect::default(),
        layout: Layout::default(),
        no_color: forbids_color(|name| std::env::var_os(name)),
        terminals,
        output: Output::standard(),
    };
    context.fold_messages();
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

/// Keys and passwords must not end up in a core dump or be visible to another process of the same user. If the kernel
/// refuses, the program still works.
fn keep_secrets_in_memory() {
    // No file, and nothing for a program that collects dumps, which ignores limits.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE) {
        let _ = setrlimit(Resource::RLIMIT_CORE, 0, hard);
    }
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// A write beyond the limit on file sizes (`ulimit -f`) must fail with an error that is reported, not end the process by a
/// signal. A handler, unlike an ignored signal, is not inherited by other programs.
fn survive_size_limits() {
    // Without a handler the signal still ends the process: no worse than before.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// Whether the environment disables colour: `NO_COLOR` is set and not empty, or `TERM` does not name a terminal with
/// colours. A pty alone proves nothing: containers, ssh and test tools create them without a terminal behind.
fn forbids_color(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    environment("NO_COLOR").is_some_and(|value| !value.is_empty())
        || environment("TERM").is_none_or(|terminal| terminal.is_empty() || terminal == "dumb")
}

/// The applet that a program name stands for: the name itself, or the name with a suffix that starts with neither a
/// letter nor a digit.
pub fn named_by(called: &OsStr) -> Option<&'static Applet> {
    let file = Path::new(called).file_name()?.to_str()?;
    let is_named = |applet: &&Applet| {
        file.strip_prefix(applet.name)
            .is_some_and(|suffix| !suffix.starts_with(|letter: char| letter.is_alphanumeric()))
    };
    APPLETS.iter().filter(is_named).max_by_key(|applet| applet.name.len())
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
