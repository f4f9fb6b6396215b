//! Queries ntpd-rs through its observation socket.

use super::stream::Stream;
use crate::wire::ntpd_rs::{LENGTH_LIMIT, Observation};
use nix::sys::socket::UnixAddr;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

/// Where packages put the daemon's socket.
pub const SOCKET: &str = "/run/ntpd-rs/observe";

/// Reads the daemon's state, within `limit`.
///
/// # Errors
/// Nothing listens there, the reply is not an observation, or it takes too long.
pub fn observe(path: &Path, limit: Duration) -> io::Result<Observation> {
    let mut stream = Stream::connect(&UnixAddr::new(path)?, limit)?;
    let mut length = [0; 8];
    stream.read_exact(&mut length)?;
    let length = u64::from_be_bytes(length);
    let Some(length) = usize::try_from(length).ok().filter(|_| (1..=LENGTH_LIMIT).contains(&length)) else {
        return Err(io::Error::new(ErrorKind::InvalidData, "reply with an invalid length"));
    };
    let mut json = vec![0; length];
    stream.read_exact(&mut json)?;
    Observation::parse(&json).ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "invalid reply"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A daemon that gives everyone who asks the same observation, while the test runs.
    pub(crate) struct Served {
        /// Its socket.
        pub(crate) path: PathBuf,
        asked: Arc<AtomicUsize>,
        _folder: tempfile::TempDir,
    }

    impl Served {
        pub(crate) fn new() -> Self {
            const OBSERVATION: &[u8] = include_bytes!("../../tests/daemons/ntpd-rs.json");
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("observe");
            let listener = UnixListener::bind(&path).unwrap();
            let asked = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&asked);
            std::thread::spawn(move || {
                while let Ok((mut stream, _)) = listener.accept() {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let length = u64::try_from(OBSERVATION.len()).unwrap().to_be_bytes();
                    let _ = stream.write_all(&[&length, OBSERVATION].concat());
                }
            });
            Self { path, asked, _folder: folder }
        }

        /// How often it was asked.
        pub(crate) fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn observed(answer: &'static [u8]) -> io::Result<Observation> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("observe");
        let listener = UnixListener::bind(&path).unwrap();
        let daemon = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(answer).unwrap();
            listener
        });
        let observation = observe(&path, Duration::from_secs(5));
        drop(daemon.join());
        observation
    }

    #[test]
    fn a_daemon_is_observed() {
        let observation = observed(b"\0\0\0\0\0\0\0\x1a{\"system\":{\"stratum\":16}} trailing");
        assert_eq!(observation.unwrap().system.stratum, Some(16));
    }

    #[test]
    fn nonsense_is_refused() {
        for answer in [
            &b""[..],
            b"\0\0\0\0\0\0\0\0",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\0\0\0\0\0\x20\0\0{}",
            b"\0\0\0\0\0\0\0\x05{\"sys",
            b"\0\0\0\0\0\0\0\x05{\"s",
        ] {
            assert!(observed(answer).is_err(), "{answer:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(observe(&folder.path().join("none"), Duration::from_secs(1)).is_err());
        assert!(observe(Path::new(&"/x".repeat(200)), Duration::from_secs(1)).is_err());
    }

    #[test]
    fn a_slow_daemon_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("observe");
        let _listener = UnixListener::bind(&path).unwrap();
        let error = observe(&path, Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
