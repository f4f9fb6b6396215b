//! A folder to run `ntp-keygen` in.

use assert_cmd::Command;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An empty folder, gone at the end.
pub struct Folder(TempDir);

/// What a run said and left.
pub struct Run {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// `ntp-keygen` with these arguments, run here.
    pub fn keygen(&self, arguments: &[&str]) -> Run {
        self.run(&[&["ntp-keygen"], arguments].concat())
    }

    /// `ntpkit` with these arguments, run here.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::cargo_bin("ntpkit").unwrap();
        let output = command
            .current_dir(self.path())
            .args(arguments)
            .env_remove("NTPKIT_COMPAT")
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .output()
            .unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        Run { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).unwrap()
    }

    pub fn target(&self, link: &str) -> String {
        fs::read_link(self.join(link)).unwrap().into_os_string().into_string().unwrap()
    }

    pub fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.join(name)).unwrap().permissions().mode() & 0o7777
    }
}

/// The name of this machine.
pub fn machine() -> String {
    nix::unistd::gethostname().unwrap().into_string().unwrap()
}
