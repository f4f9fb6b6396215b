//! Files that appear whole or not at all.
//!
//! Whatever happens in between, a crash or a full disk, a name stands for what it stood for before or for
//! what it stands for after. Nothing here follows a symbolic link in the place of the file that is made.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rand::TryRng as _;
use rand::rngs::SysRng;

/// How many names are tried for a temporary file before it is given up.
const ATTEMPTS: u32 = 16;

/// Makes the file at `path`, or replaces what stands there: written beside it under another name, brought to
/// the disk, and renamed. `mode` holds from the first octet on, less what the process's mask forbids.
///
/// # Errors
/// Those of the system; nothing has changed then.
pub fn write(path: &Path, mode: u32, contents: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = in_temporary_place(path, |temporary| {
        OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)
    })?;
    let written = file.write_all(contents).and_then(|()| file.sync_all());
    settle(&temporary, path, written)
}

/// Makes the symbolic link at `path`, or lets what stands there be replaced by it.
///
/// # Errors
/// Those of the system; nothing has changed then.
pub fn link(path: &Path, target: &Path) -> io::Result<()> {
    let (temporary, ()) = in_temporary_place(path, |temporary| symlink(target, temporary))?;
    settle(&temporary, path, Ok(()))
}

/// Brings the names in a folder to the disk: what was made or replaced there outlives the machine's fall.
///
/// # Errors
/// Those of the system, but that it cannot do this with the folders of this file system.
pub fn keep_names(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

/// Gives the file made under the temporary name its own, or takes it away.
fn settle(temporary: &Path, path: &Path, written: io::Result<()>) -> io::Result<()> {
    written.and_then(|()| fs::rename(temporary, path)).inspect_err(|_| {
        // What went wrong before is what matters.
        drop(fs::remove_file(temporary));
    })
}

/// Makes something under a new name beside `path`.
fn in_temporary_place<T>(path: &Path, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut attempt = 0;
    loop {
        let number = SysRng.try_next_u64().map_err(io::Error::other)?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{number:016x}"));
        let temporary = path.with_file_name(hidden);
        match make(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
            result => return Ok((temporary, result?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_not_rewritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write(&path, 0o600, b"old").unwrap();
        let before = fs::metadata(&path).unwrap();
        assert_eq!(before.permissions().mode() & 0o777, 0o600);
        fs::hard_link(&path, folder.path().join("kept")).unwrap();
        write(&path, 0o600, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read(folder.path().join("kept")).unwrap(), b"old");
        assert_ne!(fs::metadata(&path).unwrap().ino(), before.ino());
        assert_eq!(names(folder.path()), ["kept", "key"]);
    }

    #[test]
    fn links_are_replaced_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        for name in ["key", "link"] {
            symlink(&victim, folder.path().join(name)).unwrap();
        }
        write(&folder.path().join("key"), 0o600, b"secret").unwrap();
        link(&folder.path().join("link"), Path::new("key")).unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        assert!(!folder.path().join("key").is_symlink());
        assert_eq!(fs::read_link(folder.path().join("link")).unwrap(), Path::new("key"));
        assert_eq!(names(folder.path()), ["key", "link", "victim"]);
    }

    #[test]
    fn names_are_kept_in_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        keep_names(folder.path()).unwrap();
        keep_names(Path::new("/proc/self")).unwrap();
        assert!(keep_names(&folder.path().join("none")).is_err());
    }

    #[test]
    fn what_cannot_be_made_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write(&folder.path().join("taken"), 0o600, b"x").is_err(), "a folder stands there");
        assert!(link(&folder.path().join("taken"), Path::new("x")).is_err());
        assert!(write(&folder.path().join("no/folder"), 0o600, b"x").is_err());
        assert!(write(Path::new("/"), 0o600, b"x").is_err());
        assert_eq!(names(folder.path()), ["taken"]);
    }
}
