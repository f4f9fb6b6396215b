//! A Unix datagram socket next to a daemon's socket, for the duration of a conversation.
//!
//! The daemon sends its replies to a path, so we need one. Its directory may belong to the daemon's user, so nothing in
//! it is trusted: no link is followed, and only what was created here is removed.

use super::signals::BlockedSignals;
use crate::net;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstat, fstatat};
use nix::unistd::{UnlinkatFlags, geteuid, unlinkat};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// How many names to try if some are taken.
const NAMES: usize = 4;
/// The daemon's user must be able to write to our socket.
const SOCKET_MODE: Mode = Mode::from_bits_truncate(0o666);
/// Permissions that the directory of the sockets must not give to others.
const OTHERS: u32 = 0o007;
/// Permissions that only the owner may have in the directories above it.
const WRITE_BY_OTHERS: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// A socket connected to a daemon's socket. Dropping it removes its path; until then, signals that would end the
/// process are blocked.
#[derive(Debug)]
pub(super) struct ClientSocket {
    socket: UnixDatagram,
    folder: OwnedFd,
    name: OsString,
    /// Device and inode of the socket created here.
    made: (u64, u64),
    // Must be the last field, so that it is dropped last.
    signals: BlockedSignals,
}

impl ClientSocket {
    /// Connects to a daemon's socket from one next to it. `users`: the users, apart from root and this user, who may
    /// own the directory and the socket.
    ///
    /// # Errors
    /// There is no such socket, it cannot be trusted, or the system refuses.
    pub(super) fn connect(path: &Path, users: &[u32]) -> io::Result<Self> {
        let (Some(parent), Some(daemon)) = (path.parent(), path.file_name()) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let folder = folder(parent, users)?;
        let target = openat(&folder, daemon, LOOK, Mode::empty())?;
        let status = fstat(&target)?;
        if !is_socket(&status) || !is_owned(&status, users) {
            return Err(distrusted("not a socket of the daemon"));
        }
        let signals = BlockedSignals::begin()?;
        let (name, socket) = bind(parent)?;
        let ours = openat(&folder, name.as_os_str(), LOOK, Mode::empty())?;
        let made = fstat(&ours)?;
        let client = Self { socket, folder, name, made: (made.st_dev, made.st_ino), signals };
        if !client.is_ours(&made) || made.st_nlink != 1 {
            return Err(distrusted("the directory is being changed"));
        }
        // Both by descriptor, so that nothing can take their places meanwhile.
        fchmodat(AT_FDCWD, by_descriptor(&ours).as_str(), SOCKET_MODE, FchmodatFlags::FollowSymlink)?;
        client.socket.connect(by_descriptor(&target))?;
        client.socket.set_nonblocking(true)?;
        Ok(client)
    }

    /// The socket.
    pub(super) fn socket(&self) -> &UnixDatagram {
        &self.socket
    }

    /// The blocked signals.
    pub(super) fn signals(&self) -> &BlockedSignals {
        &self.signals
    }

    fn is_ours(&self, status: &FileStat) -> bool {
        is_socket(status)
            && status.st_uid == geteuid().as_raw()
            && (status.st_dev, status.st_ino) == self.made
    }
}

/// Flags to open a file only to inspect it: this has no side effects and does not follow links.
const LOOK: OFlag = OFlag::O_PATH.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

fn by_descriptor(descriptor: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", descriptor.as_raw_fd())
}

impl Drop for ClientSocket {
    fn drop(&mut self) {
        let name = self.name.as_os_str();
        let status = fstatat(&self.folder, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        if status.is_ok_and(|status| self.is_ours(&status)) {
            // One that cannot be removed does no harm: the next gets another name.
            let _ = unlinkat(&self.folder, name, UnlinkatFlags::NoRemoveDir);
        }
    }
}

/// Opens the directory of the sockets, which only root and these users may control.
fn folder(path: &Path, users: &[u32]) -> io::Result<OwnedFd> {
    let folder = openat(AT_FDCWD, path, LOOK | OFlag::O_DIRECTORY, Mode::empty())?;
    let status = fstat(&folder)?;
    if !is_owned(&status, users) || status.st_mode & OTHERS != 0 {
        return Err(distrusted("the directory is not private to the daemon"));
    }
    for above in path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
        let status = fstatat(AT_FDCWD, above, AtFlags::empty())?;
        let is_shared = status.st_mode & WRITE_BY_OTHERS != 0 && status.st_mode & STICKY == 0;
        if !is_owned(&status, users) || is_shared {
            return Err(distrusted("other users may replace the directory"));
        }
    }
    Ok(folder)
}

/// Binds a socket to an unused path in this directory.
fn bind(parent: &Path) -> io::Result<(OsString, UnixDatagram)> {
    let mut taken = ErrorKind::AddrInUse.into();
    for _ in 0..NAMES {
        // The name that chronyd's AppArmor profile expects, with an unpredictable number.
        let number: u32 = net::random();
        let name = OsString::from(format!("chronyc.{}.{number:08x}.sock", std::process::id()));
        let path: PathBuf = parent.join(&name);
        match UnixDatagram::bind(&path) {
            Ok(socket) => return Ok((name, socket)),
            Err(error) if error.kind() == ErrorKind::AddrInUse => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

fn is_socket(status: &FileStat) -> bool {
    SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFSOCK
}

fn is_owned(status: &FileStat, users: &[u32]) -> bool {
    status.st_uid == 0 || status.st_uid == geteuid().as_raw() || users.contains(&status.st_uid)
}

fn distrusted(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::PermissionDenied, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// Creates a directory as daemons do, and a socket in it.
    fn daemon() -> (tempfile::TempDir, PathBuf, UnixDatagram) {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        let path = folder.path().join("daemon.sock");
        let socket = UnixDatagram::bind(&path).unwrap();
        (folder, path, socket)
    }

    fn entries(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_conversation_leaves_nothing_behind() {
        let (folder, path, daemon) = daemon();
        let client = ClientSocket::connect(&path, &[]).unwrap();
        assert_eq!(entries(folder.path()).len(), 2);
        let mode = fs::symlink_metadata(folder.path().join(&client.name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o666, "the daemon's user may answer");
        client.socket().send(b"how are you?").unwrap();
        let mut buffer = [0; 64];
        let (_, from) = daemon.recv_from(&mut buffer).unwrap();
        daemon.send_to(b"fine", from.as_pathname().unwrap()).unwrap();
        assert_eq!(client.socket().recv(&mut buffer).unwrap(), 4);
        drop(client);
        assert_eq!(entries(folder.path()), ["daemon.sock"]);
    }

    #[test]
    fn a_file_that_replaced_the_socket_is_kept() {
        let (folder, path, _daemon) = daemon();
        let client = ClientSocket::connect(&path, &[]).unwrap();
        let ours = folder.path().join(&client.name);
        fs::remove_file(&ours).unwrap();
        fs::write(&ours, "another's").unwrap();
        drop(client);
        assert_eq!(fs::read(&ours).unwrap(), b"another's");
    }

    #[test]
    fn links_and_other_users_directories_are_not_trusted() {
        let refused = |path: &Path| {
            let error = ClientSocket::connect(path, &[]).unwrap_err();
            (error.kind(), error.to_string())
        };
        let (folder, path, _daemon) = daemon();
        let link = folder.path().join("link.sock");
        symlink(&path, &link).unwrap();
        assert_eq!(refused(&link).0, ErrorKind::PermissionDenied);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(refused(&file).0, ErrorKind::PermissionDenied);
        assert_eq!(refused(&folder.path().join("none")).0, ErrorKind::NotFound);
        let aside = tempfile::tempdir().unwrap();
        let linked = aside.path().join("folder");
        symlink(folder.path(), &linked).unwrap();
        assert_ne!(refused(&linked.join("daemon.sock")).0, ErrorKind::NotFound);
        for (mode, word) in [(0o755, "private"), (0o777, "private")] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert!(refused(&path).1.contains(word), "{mode:o}");
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        let long = folder.path().join("x".repeat(200)).join("daemon.sock");
        assert!(ClientSocket::connect(&long, &[]).is_err());
        assert!(ClientSocket::connect(Path::new("/"), &[]).is_err());
        assert_eq!(entries(folder.path()).len(), 3, "nothing was left behind");
    }

    #[test]
    fn a_directory_that_others_can_replace_is_not_trusted() {
        let above = tempfile::tempdir().unwrap();
        fs::set_permissions(above.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let folder = above.path().join("run");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let path = folder.join("daemon.sock");
        let _daemon = UnixDatagram::bind(&path).unwrap();
        let error = ClientSocket::connect(&path, &[]).unwrap_err();
        assert!(error.to_string().contains("replace"), "{error}");
    }
}
