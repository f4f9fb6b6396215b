//! A folder in which commands of the documentation run as in a user's shell: the program and its links are in the PATH, and
//! the hosts of the examples are simulated daemons.

use crate::chronyd::chronyd;
use crate::page::project;
use ntpkit::sim::{Faults, SimulatedDaemon, demo};
use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The hosts of the examples that run ntpd.
const NTPD: [&str; 7] =
    ["[2001:db8::1]:1123", "one.example", "two.example", "three.example", "time.example", "host1", "host2"];
/// Those that run chronyd.
const CHRONYD: [&str; 2] = ["ntp1.example", "ntp2.example"];

/// The folder, and the daemons, which answer as long as it lives.
pub struct Sandbox {
    folder: tempfile::TempDir,
    hosts: Vec<(&'static str, String)>,
    _daemons: Vec<SimulatedDaemon>,
}

impl Sandbox {
    pub fn new() -> Self {
        let daemons: Vec<SimulatedDaemon> = NTPD.iter().map(|_| daemon()).collect();
        let ntpd = NTPD.into_iter().zip(daemons.iter().map(|daemon| daemon.local_address().to_string()));
        let hosts = ntpd.chain(CHRONYD.map(|name| (name, chronyd(|_| {})))).collect();
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let sandbox = Self { folder, hosts, _daemons: daemons };
        for name in ["bin", "work", "home"] {
            fs::create_dir(sandbox.path(name)).expect("a folder");
        }
        for name in ["man", "completions"] {
            symlink(project().join(name), sandbox.path("work").join(name)).expect("a link");
        }
        let program = sandbox.path("bin/ntpkit");
        fs::hard_link(env!("CARGO_BIN_EXE_ntpkit"), &program)
            .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_ntpkit"), &program).map(drop))
            .expect("the program");
        sandbox.script("bin/start-the-database", "#!/bin/sh\necho started\n");
        let installed = sandbox.shell("ntpkit install");
        assert!(installed.status.success(), "{installed:?}");
        sandbox
    }

    /// Runs a command of the documentation, with its hosts replaced.
    pub fn run(&self, command: &str) -> Output {
        let mut command = command.to_owned();
        for (name, address) in &self.hosts {
            command = command.replace(name, address);
        }
        assert!(
            !command.contains(".example") && !command.contains("2001:db8::1"),
            "an unknown host: {command}"
        );
        self.shell(&command)
    }

    /// Runs a script of bash.
    pub fn shell(&self, script: &str) -> Output {
        // Nothing here may set this machine's clock, even if the tests run as root.
        const DROP: [&str; 5] = ["--bounding-set", "-sys_time", "--inh-caps", "-all", "--"];
        let is_allowed = Command::new("setpriv").args(DROP).arg("true").output();
        let is_allowed = is_allowed.is_ok_and(|tried| tried.status.success());
        let words = ["setpriv"].into_iter().chain(DROP).filter(|_| is_allowed);
        Command::new("env")
            .args(words)
            .args(["timeout", "60", "bash", "-o", "pipefail", "-c", script])
            .current_dir(self.path("work"))
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("PROJECT", project())
            .stdin(Stdio::null())
            .output()
            .expect("bash")
    }

    /// Whether this machine has a program that a command needs besides ntpkit.
    pub fn has(&self, program: &str) -> bool {
        self.shell(&format!("command -v {program}")).status.success()
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::write(&path, text).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(Path::new(name))
    }
}

fn daemon() -> SimulatedDaemon {
    let scenario = demo().into_iter().find(|known| known.name == "campus").expect("a scenario");
    SimulatedDaemon::start(scenario, Faults::default(), (Ipv4Addr::LOCALHOST, 0).into()).expect("a daemon")
}
