//! What becomes of files when a signal comes while they are made. The laboratory does the same at every system call.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use assert_cmd::cargo::CommandCargoExt as _;
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The moments of a run at which it is ended.
const MOMENTS: u32 = 6;

fn start(words: &[&str], folder: &Path) -> Child {
    Command::cargo_bin("ntpkit")
        .unwrap()
        .args(words)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn hidden(folder: &Path) -> Vec<OsString> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.as_encoded_bytes().starts_with(b".")).collect()
}

/// Whether files in this folder can do without a name.
fn has_nameless_files(folder: &Path) -> bool {
    File::options().write(true).custom_flags(OFlag::O_TMPFILE.bits()).open(folder).is_ok()
}

#[test]
fn no_signal_leaves_a_hidden_file() {
    let runs: [&[&str]; 3] = [
        &["ntp-keygen", "-M"],
        &["ntp-keygen", "-H", "-m", "512", "-p", "pw"],
        &["ntpq", "--save-opts=saved", "-n"],
    ];
    for words in runs {
        let folder = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        start(words, folder.path()).wait().unwrap();
        let whole = begun.elapsed();
        assert!(
            hidden(folder.path()).is_empty() && fs::read_dir(folder.path()).unwrap().count() > 0,
            "{words:?}"
        );
        let mut signals =
            vec![Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGALRM];
        // Nobody can delay this one: nothing may be there to be left. In a new folder no file takes another's place.
        signals.extend(has_nameless_files(folder.path()).then_some(Signal::SIGKILL));
        for signal in signals {
            for moment in 1..=MOMENTS {
                let folder = tempfile::tempdir().unwrap();
                let mut child = start(words, folder.path());
                sleep(whole * moment / MOMENTS);
                // It may have ended: it is a process until it is waited for.
                kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
                child.wait().unwrap();
                assert_eq!(hidden(folder.path()), [""; 0], "{words:?} {signal} {moment}");
            }
        }
    }
}
