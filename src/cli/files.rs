//! Files that appear whole or not at all.
//!
//! Whatever happens in between, a crash or a full disk, a name stands for what it stood for before or for
//! what it stands for after. A file has no name until it is whole, where the file system can do that; elsewhere, and for
//! the moment in which one file takes another's place, it has a hidden one. Signals wait until then, so that no hidden
//! file stays behind. Nothing here follows a symbolic link in the place of the file that is made.

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

/// How many names are tried for a temporary file before it is given up.
const ATTEMPTS: u32 = 16;
/// The mode of a file until its own is set.
const PRIVATE: u32 = 0o600;

/// Makes the file at `path`, or replaces what stands there: written without a name, or beside it under another one,
/// brought to the disk, and named. `mode` holds from the first octet on, less what the process's mask forbids.
///
/// # Errors
/// Those of the system; nothing has changed then.
pub fn write(path: &Path, mode: u32, contents: &[u8]) -> io::Result<()> {
    replace(path, mode, |_| Ok(()), contents)
}

/// Gives the file at `path` other contents, and leaves it its owner, group and mode.
///
/// # Errors
/// Those of the system, such as that this user may not make a file of that owner; nothing has changed then.
pub fn rewrite(path: &Path, before: &Metadata, contents: &[u8]) -> io::Result<()> {
    let keep = |file: &File| {
        let new = file.metadata()?;
        let change = |old: u32, new: u32| (old != new).then_some(old);
        fchown(file, change(before.uid(), new.uid()), change(before.gid(), new.gid()))?;
        // Last, for a change of the owner may take away some of it.
        file.set_permissions(Permissions::from_mode(before.mode() & 0o777))
    };
    replace(path, PRIVATE, keep, contents)
}

/// Writes a new file and gives it the name `path`, once `prepare` has made it what it is to be.
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
            return settle(&temporary, path, Ok(()));
        }
    }
    replace_hidden(path, mode, complete)
}

/// As it is done where files need a name.
fn replace_hidden(path: &Path, mode: u32, complete: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
    let (temporary, file) = in_temporary_place(path, |temporary| {
        OpenOptions::new().write(true).create_new(true).mode(mode).open(temporary)
    })?;
    settle(&temporary, path, complete(&file))
}

/// A new file in the folder of `path` that has no name, and goes with the process if it never gets one; nothing where the
/// file system has no such files.
fn without_name(path: &Path, mode: u32) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    OpenOptions::new().write(true).mode(mode).custom_flags(OFlag::O_TMPFILE.bits()).open(folder).ok()
}

/// Gives such a file a name that is free.
fn name(file: &File, path: &Path) -> io::Result<()> {
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(AT_FDCWD, descriptor.as_str(), AT_FDCWD, path, AtFlags::AT_SYMLINK_FOLLOW)?)
}

/// Creates the symbolic link at `path`, replacing what exists there.
///
/// # Errors
/// Those of the system; nothing has changed then.
pub fn link(path: &Path, target: &Path) -> io::Result<()> {
    let _signals = HeldSignals::begin()?;
    if symlink(target, path).is_ok() {
        return Ok(());
    }
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

/// The octets of a regular file of at most this size: no device that never ends, no pipe that never begins. A program that
/// was given more rights by its file's owner (set-user-ID) does not read with them what its caller may not read.
///
/// # Errors
/// What the system says, or that it is not a regular file, or larger.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_without_waiting(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    read_bounded(file, most)
}

/// As [`read_regular`], of a pipe or a terminal too: `/dev/stdin`, or what a shell puts for `<(command)`. They are read to
/// their end, and a pipe that nobody writes to is empty.
///
/// # Errors
/// What the system says, or that it is something else, or larger.
pub fn read_finite(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_without_waiting(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_fifo() || file.is_terminal() {
        // Only the opening must not wait for a writer.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
    } else if !kind.is_file() {
        return Err(io::Error::other("neither a regular file nor a pipe"));
    }
    read_bounded(file, most)
}

/// The octets of standard input to its end, if there are at most so many.
///
/// # Errors
/// What the system says, or that there are more.
pub fn read_standard_input(most: u64) -> io::Result<Vec<u8>> {
    read_at_most(io::stdin().lock(), most)
}

fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path)
}

fn read_bounded(file: File, most: u64) -> io::Result<Vec<u8>> {
    if getuid() != geteuid() || getgid() != getegid() {
        // This asks for the caller, and of the very file that is open.
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

    /// Those that people, timers and limits send: each would end the process otherwise.
    #[test]
    fn signals_wait_for_the_file_to_be_whole() {
        let folder = tempfile::tempdir().unwrap();
        let signals = [
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGINT,
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
            assert_eq!(count(), 0, "between the making of the file and its name");
            file.metadata().map(drop)
        };
        replace(&folder.path().join("key"), 0o600, interrupted, b"secret").unwrap();
        assert_eq!(count(), signals.len());
        assert_eq!(names(folder.path()), ["key"]);
    }

    #[test]
    fn a_file_has_no_name_until_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for before in [&[][..], &["key"]] {
            let looked = |file: &File| {
                // Where the file system has no such files, it has a hidden name.
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
    fn other_file_systems_have_hidden_names() {
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
    fn contents_change_and_the_mode_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("options");
        fs::write(&path, "old").unwrap();
        for mode in [0o666, 0o640, 0o600] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            rewrite(&path, &fs::metadata(&path).unwrap(), b"new").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode, "whatever the mask");
            assert_eq!(fs::read(&path).unwrap(), b"new");
        }
    }

    #[test]
    fn the_owner_and_the_group_stay_or_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("options");
        fs::write(&path, "old").unwrap();
        if std::os::unix::fs::chown(&path, Some(12), Some(34)).is_err() {
            // Only root can give files away; nobody else can keep an owner that is not his.
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
