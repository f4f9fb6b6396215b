//! One run of the program.

use ntpkit::sim::SimulatedDaemon;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A run that takes longer does not end, whatever the daemon does and however busy this machine is. The longest that
/// is right: six rounds of questions of (150 + 3000) * 2 ms each in the classic.
const LONGEST: Duration = Duration::from_secs(120);
/// What of the environment would change what the program does.
const CHANGES: [&str; 7] =
    ["NTPKIT_COMPAT", "NO_COLOR", "COLUMNS", "NTPQ", "NTPQ_NUMERIC", "HOME", "XDG_STATE_HOME"];

/// A run to be.
pub struct Run {
    program: String,
    arguments: Vec<String>,
    input: Vec<u8>,
    environment: Vec<(String, String)>,
    port: Option<u16>,
    folder: Option<PathBuf>,
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    /// Standard output, with everything that is not UTF-8 replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Standard output as it came.
    pub octets: Vec<u8>,
    /// The exit status; nothing after a signal.
    pub status: Option<i32>,
}

impl Run {
    /// `ntpq` with these arguments.
    pub fn ntpq<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self::called("ntpq", arguments)
    }

    /// The binary under this name with these arguments.
    pub fn called<S: AsRef<str>>(name: &str, arguments: impl IntoIterator<Item = S>) -> Self {
        Self {
            program: name.to_owned(),
            arguments: arguments.into_iter().map(|word| word.as_ref().to_owned()).collect(),
            input: Vec::new(),
            environment: Vec::new(),
            port: None,
            folder: None,
        }
    }

    /// Runs in this folder.
    #[must_use]
    #[allow(dead_code, reason = "not all tests have a folder")]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Speaks the bytes of the classic.
    #[must_use]
    pub fn classic(self) -> Self {
        self.environment("NTPKIT_COMPAT", "4.2.8p15")
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What is on standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Asks this daemon: its address is the last operand, and its port is written `PORT` in what is returned.
    #[must_use]
    pub fn of(mut self, daemon: &SimulatedDaemon) -> Self {
        self.arguments.push(super::host(daemon));
        self.port = Some(daemon.local_address().port());
        self
    }

    /// The process, not yet begun.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        command.arg0(&self.program).args(&self.arguments);
        for name in CHANGES {
            command.env_remove(name);
        }
        // What the terminal can do is the test's to say, not that of the machine the test runs on.
        command.env("TERM", "xterm");
        command.envs(self.environment.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value))));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run(self) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.command());
        let output = command.write_stdin(self.input.clone()).timeout(LONGEST).ok();
        let output = match output {
            Ok(output) => output,
            Err(error) => error.as_output().cloned().expect("the program runs"),
        };
        let text = |octets: &[u8]| {
            let text = String::from_utf8_lossy(octets).into_owned();
            match self.port {
                Some(port) => text.replace(&format!(":{port}"), ":PORT"),
                None => text,
            }
        };
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            status: output.status.code(),
            octets: output.stdout,
        }
    }
}

/// As a shell would be told.
impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("$ ")?;
        for (name, value) in &self.environment {
            write!(formatter, "{name}={value} ")?;
        }
        formatter.write_str(&self.program)?;
        for word in &self.arguments {
            let word = match self.port {
                Some(port) => word.replace(&format!(":{port}"), ":PORT"),
                None => word.clone(),
            };
            if word.is_empty() || word.contains(|letter: char| " &>|\"'\\*?".contains(letter)) {
                write!(formatter, " '{word}'")?;
            } else {
                write!(formatter, " {word}")?;
            }
        }
        Ok(())
    }
}

impl Ran {
    /// Asserts that all went well and nothing was said about it; gives standard output.
    #[track_caller]
    pub fn quiet_success(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{self}");
        self.stdout
    }
}

/// Both streams and the status, as a transcript shows them.
impl fmt::Display for Ran {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.stdout)?;
        if !self.stdout.is_empty() && !self.stdout.ends_with('\n') {
            formatter.write_str("[no newline]\n")?;
        }
        for line in self.stderr.split_inclusive('\n') {
            write!(formatter, "! {line}")?;
        }
        if !self.stderr.is_empty() && !self.stderr.ends_with('\n') {
            formatter.write_str("[no newline]\n")?;
        }
        match self.status {
            Some(status) => writeln!(formatter, "[{status}]"),
            None => formatter.write_str("[killed]\n"),
        }
    }
}
