//! The files and directories that a configuration refers to, on this machine or under another root.

use crate::cli::files;
use crate::cli::output::reason;
use crate::compact;
use crate::config::{LARGEST_FILE, MAX_FILES, Surroundings, Unreadable};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The system whose files are checked.
#[derive(Debug)]
pub struct System {
    /// The directory to use as `/`, if not `/` itself.
    pub root: Option<PathBuf>,
}

/// A path in the checked system, as seen from this one.
pub fn beneath(root: Option<&Path>, path: &str) -> PathBuf {
    match root {
        Some(root) if path.starts_with('/') => root.join(path.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// The users that daemons run as once they have started.
const DAEMON_USERS: &[&str] = &["ntp", "ntpsec", "_ntp", "chrony", "_chrony"];

impl System {
    fn place(&self, path: &str) -> PathBuf {
        beneath(self.root.as_deref(), path)
    }

    /// Whether the system has a dedicated user for a daemon.
    fn has_daemon_user(&self) -> bool {
        let users = files::read_regular(&self.place("/etc/passwd"), LARGEST_FILE as u64).unwrap_or_default();
        String::from_utf8_lossy(&users)
            .lines()
            .filter_map(|line| line.split(':').next())
            .any(|user| DAEMON_USERS.contains(&user))
    }
}

impl Surroundings for System {
    fn read(&self, path: &str) -> Result<Vec<u8>, Unreadable> {
        files::read_regular(&self.place(path), LARGEST_FILE as u64).map_err(|error| because(&error))
    }

    fn list(&self, folder: &str, ending: &str) -> Result<Vec<String>, Unreadable> {
        let entries = fs::read_dir(self.place(folder)).map_err(|error| because(&error))?;
        let mut names: Vec<String> = entries
            .take(MAX_FILES * 10)
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(ending))
            .collect();
        compact::sort(&mut names);
        names.truncate(MAX_FILES);
        Ok(names.into_iter().map(|name| format!("{}/{name}", folder.trim_end_matches('/'))).collect())
    }

    fn mode(&self, path: &str) -> Option<u32> {
        let metadata = fs::metadata(self.place(path)).ok()?;
        metadata.is_file().then(|| metadata.permissions().mode())
    }

    fn why_not_writable(&self, folder: &str) -> Option<String> {
        let place = self.place(folder);
        let metadata = match fs::metadata(&place) {
            Ok(metadata) => metadata,
            // Another user's directory: nothing is known.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return None,
            Err(error) => return Some(format!("{folder}: {}", reason(&error))),
        };
        if !metadata.is_dir() {
            return Some(format!("{folder} is not a directory"));
        }
        if statvfs(&place).is_ok_and(|system| system.flags().contains(FsFlags::ST_RDONLY)) {
            return Some(format!("{folder} is on a file system that is mounted read-only"));
        }
        let is_roots =
            metadata.uid() == 0 && metadata.gid() == 0 && metadata.permissions().mode() & 0o002 == 0;
        (is_roots && self.has_daemon_user())
            .then(|| format!("only root may write to {folder}, and the daemon runs as a dedicated user"))
    }
}

fn because(error: &io::Error) -> Unreadable {
    Unreadable::Because(reason(error))
}
