//! The lines typed in earlier sessions, kept in a file owned by the user.
//!
//! Only a regular file owned by this user is read or written, and links are not followed. If the home directory belongs
//! to another user, as under `sudo -E`, nothing is saved.

use crate::cli::files;
use nix::fcntl::OFlag;
use nix::unistd::{Uid, geteuid, getuid};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The most lines that are saved.
pub const MAX_LINES: usize = 1000;
/// The most bytes read from the end of the file.
const MAX_OCTETS: u64 = 1 << 18;
/// The first line of the file. In the lines that follow, backslashes are doubled.
const HEADING: &str = "#V2";

/// The history file.
pub struct History {
    path: PathBuf,
}

impl History {
    /// The file for a program, in the user's directory for state files, if there is one.
    pub fn of(program: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        if getuid() != geteuid() {
            return None;
        }
        let path = path_of(program, variable)?;
        // The owner of the nearest existing directory decides whose history it is.
        let folder = path.ancestors().skip(1).find_map(|folder| fs::metadata(folder).ok())?;
        (folder.uid() == geteuid().as_raw()).then_some(Self { path })
    }

    /// The lines, oldest first. A file with far more lines than are kept is truncated.
    pub fn read(&self) -> Vec<String> {
        // There is no file before the first session; an unreadable file counts as empty.
        let Ok((text, is_whole)) = self.text() else { return Vec::new() };
        let text = String::from_utf8_lossy(&text);
        let mut lines = VecDeque::new();
        let mut count = 0;
        // If the beginning was skipped, the first line is incomplete.
        for line in
            text.lines().skip(usize::from(!is_whole)).filter(|line| !line.is_empty() && *line != HEADING)
        {
            count += 1;
            lines.push_back(line);
            if lines.len() > MAX_LINES {
                lines.pop_front();
            }
        }
        if !is_whole || count > 2 * MAX_LINES {
            let kept: String =
                std::iter::once(&HEADING).chain(&lines).map(|line| format!("{line}\n")).collect();
            // On failure it is truncated the next time.
            let _ = files::write(&self.path, 0o600, kept.as_bytes());
        }
        lines.into_iter().map(|line| line.replace("\\\\", "\\")).collect()
    }

    /// Appends a line.
    ///
    /// # Errors
    /// The file cannot be created, or is not a regular file owned by this user.
    pub fn add(&self, line: &str) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.exists()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut file = self.open(OpenOptions::new().append(true).create(true).mode(0o600))?;
        let heading = if file.metadata()?.len() == 0 { format!("{HEADING}\n") } else { String::new() };
        file.write_all(format!("{heading}{}\n", line.replace('\\', "\\\\")).as_bytes())
    }

    /// The end of the file, and whether that is the whole file.
    fn text(&self) -> io::Result<(Vec<u8>, bool)> {
        let mut file = self.open(OpenOptions::new().read(true))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(MAX_OCTETS)))?;
        let mut text = Vec::new();
        file.take(MAX_OCTETS).read_to_end(&mut text)?;
        Ok((text, length <= MAX_OCTETS))
    }

    fn open(&self, options: &mut OpenOptions) -> io::Result<File> {
        // Opening a FIFO would block.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = options.custom_flags(flags.bits()).open(&self.path)?;
        let about = file.metadata()?;
        if !about.is_file() || Uid::from_raw(about.uid()) != geteuid() || about.nlink() != 1 {
            return Err(ErrorKind::PermissionDenied.into());
        }
        Ok(file)
    }
}

fn path_of(program: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    let state =
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join(Path::new("ntpkit").join(format!("{program}_history"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn history(home: &Path) -> Option<History> {
        History::of("ntpq", |name| (name == "HOME").then(|| home.into()))
    }

    /// A home directory with the state directory in place.
    fn home() -> (tempfile::TempDir, History) {
        let home = tempfile::tempdir().unwrap();
        let history = history(home.path()).unwrap();
        fs::create_dir_all(history.path.parent().unwrap()).unwrap();
        (home, history)
    }

    #[test]
    fn the_file_is_in_the_state_directory() {
        let file = |xdg: Option<&str>, home: Option<&str>| {
            path_of("ntpq", |name| match name {
                "XDG_STATE_HOME" => xdg.map(OsString::from),
                _ => home.map(OsString::from),
            })
        };
        assert_eq!(file(Some("/state"), Some("/home/a")), Some("/state/ntpkit/ntpq_history".into()));
        assert_eq!(
            file(Some("relative"), Some("/home/a")),
            Some("/home/a/.local/state/ntpkit/ntpq_history".into())
        );
        assert_eq!(file(None, None), None);
    }

    #[test]
    fn lines_come_back_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        let history = history(home.path()).unwrap();
        assert_eq!(history.read(), Vec::<String>::new());
        let lines = ["peers", r"rv 0 a\b\\c", "caf\u{e9}"];
        for line in lines {
            history.add(line).unwrap();
        }
        assert_eq!(history.read(), lines);
        assert_eq!(fs::metadata(&history.path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn files_of_other_kinds_are_left_alone() {
        let (home, history) = home();
        let victim = home.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        fs::set_permissions(&victim, fs::Permissions::from_mode(0o644)).unwrap();
        let untouched = |history: &History| {
            assert!(history.add("peers").is_err());
            assert_eq!(history.read(), Vec::<String>::new());
            assert_eq!(fs::read(&victim).unwrap(), b"precious");
            assert_eq!(fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o644);
        };
        symlink(&victim, &history.path).unwrap();
        untouched(&history);
        fs::remove_file(&history.path).unwrap();
        fs::hard_link(&victim, &history.path).unwrap();
        untouched(&history);
        fs::remove_file(&history.path).unwrap();
        nix::unistd::mkfifo(&history.path, Mode::from_bits_truncate(0o600)).unwrap();
        untouched(&history);
        fs::remove_file(&history.path).unwrap();
        fs::create_dir(&history.path).unwrap();
        untouched(&history);
    }

    #[test]
    fn another_users_home_has_no_history() {
        assert!(history(Path::new("/nonexistent/home")).is_none() || geteuid().is_root());
        let home = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(home.path(), Some(12), None).is_ok() {
            assert!(history(home.path()).is_none());
        }
    }

    #[test]
    fn a_long_file_keeps_its_last_lines() {
        let (_home, history) = home();
        let text: String = (0..3 * MAX_LINES).map(|number| format!("line {number}\n")).collect();
        fs::write(&history.path, text).unwrap();
        let lines = history.read();
        assert_eq!((lines.len(), lines.last().unwrap().as_str()), (MAX_LINES, "line 2999"));
        assert_eq!(fs::read_to_string(&history.path).unwrap().lines().count(), MAX_LINES + 1);
        assert_eq!(history.read(), lines);

        let file = File::create(&history.path).unwrap();
        file.set_len(1 << 40).unwrap();
        history.add("\npeers").unwrap();
        assert_eq!(history.read(), ["peers"]);
        assert!(fs::metadata(&history.path).unwrap().len() < 2 * MAX_OCTETS);
    }
}
