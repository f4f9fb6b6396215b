//! Atomic file writes.
//!
//! After a crash or on a full disk, a name refers either to the old contents or to the complete new ones. Where the
//! file system supports it, a new file has no name until it is complete; elsewhere, and while it replaces an existing
//! file, it has a hidden temporary name. Signals are blocked until then, so that no hidden file is left behind. A
//! symbolic link at the target path is replaced, never followed.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{
    FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown, symlink,
};
use std::path::{Path, PathBuf};

use crate::net::signals::HeldSignals;
use nix::fcntl::{AT_FDCWD, AtFlags, FcntlArg, OFlag, fcntl};
use nix::unistd::{AccessFlags, access, getegid, geteuid, getgid, getuid, linkat};
use rand::TryRng as _;
use rand::rngs::SysRng;

/// Temporary names tried before giving up.
const ATTEMPTS: u32 = 16;
/// The mode of a file until its final mode is set.
const PRIVATE: u32 = 0o600;

/// Creates or replaces the file at `path`: writes it without a name or under a temporary one, syncs it, and then names
/// it. It has `mode`, less the umask, from the start.
///
/// # Errors
/// System errors; nothing has changed then.
pub fn write(path: &Path, mode: u32, contents: &[u8]) -> io::Result<()> {
    replace(path, mode, |_| Ok(()), contents)
}

/// Replaces the contents of the file at `path`, keeping its owner, group and mode.
///
/// # Errors
/// System errors, for example when this user may not create a file for that owner; nothing has changed then.
pub fn rewrite(path: &Path, before: &Metadata, contents: &[u8]) -> io::Result<()> {
    let keep = |file: &File| {
        let new = file.metadata()?;
        let change = |old: u32, new: u32| (old != new).then_some(old);
        fchown(file, change(before.uid(), new.uid()), change(before.gid(), new.gid()))?;
        // Last, because changing the owner may clear some mode bits.
        file.set_permissions(Permissions::from_mode(before.mode() & 0o777))
    };
    replace(path, PRIVATE, keep, contents)
}

/// Writes a new file and names it `path`, after `prepare` has set its owner and mode.
fn replace(
    path: &Path,
    mode: u32,
    prepare: impl Fn(&File) -> io::Result<()>,
    contents: &[u8],
) -> io::Result<()> {
    let _signals = HeldSignals::begin()?;
    let complete = |mut file: &File| {
        prepare(file)?;
        file.write_all(contents)?;
        file.sync_all()
    };
    if let Some(file) = without_name(path, mode) {
        complete(&file)?;
        if name(&file, path).is_ok() {
            return Ok(());
        }
        if let Ok((temporary, ())) = in_temporary_place(path, |temporary| name(&file, temporary)) {
            return rename_or_remove(&temporary, path, Ok(()));
        }
    }
    replace_hidden(path, mode, complete)
}

/// The fallback for file systems without unnamed files.
fn replace_hidden(path: &Path, mode: u32, complete: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
    let (temporary, file) = in_temporary_place(path, |temporary| {
        OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)
    })?;
    rename_or_remove(&temporary, path, complete(&file))
}

/// Creates an unnamed file in the directory of `path`, which disappears with the process if it is never named; `None`
/// if the file system does not support this.
fn without_name(path: &Path, mode: u32) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    OpenOptions::new().write(true).mode(mode).custom_flags(OFlag::O_TMPFILE.bits()).open(folder).ok()
}

/// Gives an unnamed file a name that is not in use.
fn name(file: &File, path: &Path) -> io::Result<()> {
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(AT_FDCWD, descriptor.as_str(), AT_FDCWD, path, AtFlags::AT_SYMLINK_FOLLOW)?)
}

/// Creates the symbolic link at `path`, replacing what exists there.
///
/// # Errors
/// System errors; nothing has changed then.
pub fn link(path: &Path, target: &Path) -> io::Result<()> {
    let _signals = HeldSignals::begin()?;
    if symlink(target, path).is_ok() {
        return Ok(());
    }
    let (temporary, ()) = in_temporary_place(path, |temporary| symlink(target, temporary))?;
    rename_or_remove(&temporary, path, Ok(()))
}

/// Syncs a directory, so that files created or replaced in it survive a crash of the machine.
///
/// # Errors
/// System errors, except that the file system does not support syncing directories.
pub fn keep_names(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

/// Renames the temporary file to its final name, or removes it.
fn rename_or_remove(temporary: &Path, path: &Path, written: io::Result<()>) -> io::Result<()> {
    written.and_then(|()| fs::rename(temporary, path)).inspect_err(|_| {
        // The first error is the one to report.
        drop(fs::remove_file(temporary));
    })
}

/// Creates something under a new temporary name next to `path`.
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

/// Reads a regular file of at most `most` bytes: no endless device, no pipe without a writer. A set-user-ID program
/// does not read what its caller may not read.
///
/// # Errors
/// System errors; the file is not a regular file, or is larger.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_without_waiting(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    read_bounded(file, most)
}

/// Like [`read_regular`], but also accepts a pipe or a terminal: `/dev/stdin`, or what a shell substitutes for
/// `<(command)`. These are read to the end; a pipe without a writer is empty.
///
/// # Errors
/// System errors; the file is of another kind, or larger.
pub fn read_finite(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_without_waiting(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_fifo() || file.is_terminal() {
        // Only `open` must not wait for a writer.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
    } else if !kind.is_file() {
        return Err(io::Error::other("neither a regular file nor a pipe"));
    }
    read_bounded(file, most)
}

/// Reads standard input to the end, at most `most` bytes.
///
/// # Errors
/// System errors, or more input.
pub fn read_standard_input(most: u64) -> io::Result<Vec<u8>> {
    read_at_most(io::stdin().lock(), most)
}

fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)
}

fn read_bounded(file: File, most: u64) -> io::Result<Vec<u8>> {
    if getuid() != geteuid() || getgid() != getegid() {
        // This checks the caller's rights, on the file that is already open.
        access(format!("/proc/self/fd/{}", file.as_raw_fd()).as_str(), AccessFlags::R_OK)?;
    }
    read_at_most(file, most)
}

fn read_at_most(input: impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut octets)?;
    if u64::try_from(octets.len()).is_ok_and(|length| length > most) {
        return Err(io::Error::other(format!("larger than {most} octets")));
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal, raise};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_not_rewritten() {
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

    /// Signals from people, timers and limits, each of which would otherwise end the process. SIGINT is blocked with them, but
    /// would end this process if another test in it had watched for interrupts.
    #[test]
    fn signals_are_blocked_until_the_file_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let signals = [
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGQUIT,
            Signal::SIGALRM,
            Signal::SIGUSR1,
            Signal::SIGXFSZ,
        ];
        let came = signals.map(|signal| {
            let came = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(signal as i32, Arc::clone(&came)).unwrap();
            came
        });
        let count = || came.iter().filter(|came| came.load(Ordering::SeqCst)).count();
        let interrupted = |file: &File| {
            for signal in signals {
                raise(signal).unwrap();
            }
            assert_eq!(count(), 0, "between creating and naming the file");
            file.metadata().map(drop)
        };
        replace(&folder.path().join("key"), 0o600, interrupted, b"secret").unwrap();
        assert_eq!(count(), signals.len());
        assert_eq!(names(folder.path()), ["key"]);
    }

    #[test]
    fn a_file_has_no_name_until_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for before in [&[][..], &["key"]] {
            let looked = |file: &File| {
                // File systems without unnamed files use a hidden name.
                if without_name(&path, 0o600).is_some() {
                    assert_eq!(names(folder.path()), before);
                }
                file.metadata().map(drop)
            };
            replace(&path, 0o640, looked, b"secret").unwrap();
            assert_eq!(
                (names(folder.path()), fs::read(&path).unwrap()),
                (vec!["key".to_owned()], b"secret".to_vec())
            );
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o637, 0o600);
        }
    }

    #[test]
    fn file_systems_without_unnamed_files_use_hidden_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for contents in ["old", "new"] {
            replace_hidden(&path, 0o600, |mut file| file.write_all(contents.as_bytes())).unwrap();
            assert_eq!(
                (names(folder.path()), fs::read(&path).unwrap()),
                (vec!["key".to_owned()], contents.into())
            );
        }
        assert!(replace_hidden(&path, 0o600, |_| Err(io::ErrorKind::StorageFull.into())).is_err());
        assert_eq!(
            (names(folder.path()), fs::read(&path).unwrap()),
            (vec!["key".to_owned()], b"new".to_vec())
        );
    }

    #[test]
    fn rewriting_keeps_the_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("options");
        fs::write(&path, "old").unwrap();
        for mode in [0o666, 0o640, 0o600] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            rewrite(&path, &fs::metadata(&path).unwrap(), b"new").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode, "regardless of the umask");
            assert_eq!(fs::read(&path).unwrap(), b"new");
        }
    }

    #[test]
    fn rewriting_keeps_owner_and_group_or_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("options");
        fs::write(&path, "old").unwrap();
        if std::os::unix::fs::chown(&path, Some(12), Some(34)).is_err() {
            // Only root can give files away; other users cannot keep a foreign owner.
            let root = fs::metadata("/proc/1/stat").unwrap();
            if root.uid() != fs::metadata(&path).unwrap().uid() {
                assert!(rewrite(&path, &root, b"new").is_err());
                assert_eq!(fs::read(&path).unwrap(), b"old");
                assert_eq!(names(folder.path()), ["options"]);
            }
            return;
        }
        rewrite(&path, &fs::metadata(&path).unwrap(), b"new").unwrap();
        let about = fs::metadata(&path).unwrap();
        assert_eq!((about.uid(), about.gid(), fs::read(&path).unwrap()), (12, 34, b"new".to_vec()));
    }

    #[test]
    fn only_directories_are_synced() {
        let folder = tempfile::tempdir().unwrap();
        keep_names(folder.path()).unwrap();
        keep_names(Path::new("/proc/self")).unwrap();
        assert!(keep_names(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(write(&folder.path().join("taken"), 0o600, b"x").is_err(), "a directory is in the way");
        assert!(link(&folder.path().join("taken"), Path::new("x")).is_err());
        assert!(write(&folder.path().join("no/folder"), 0o600, b"x").is_err());
        assert!(write(Path::new("/"), 0o600, b"x").is_err());
        assert_eq!(names(folder.path()), ["taken"]);
    }
}
