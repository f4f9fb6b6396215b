//! What holds keys and passwords.

use assert_cmd::cargo::CommandCargoExt as _;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The least core dump that this process permits itself, in octets, as the kernel has it.
fn core_limit(pid: u32) -> Option<String> {
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size"))?;
    line.split_whitespace().next().map(str::to_owned)
}

#[test]
fn no_core_dump_holds_a_secret() {
    let silent = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let keys = folder.path().join("keys");
    std::fs::write(&keys, "1 MD5 secret\n").unwrap();
    let (pipe, keys) = (pipe.to_str().unwrap(), keys.to_str().unwrap());
    let runs: [&[&str]; 4] = [
        &["ntpq", "-c", "timeout 60000", "-c", "rv", &host],
        &["ntpdc", "-c", "timeout 60000", "-c", "sysinfo", &host],
        &["ntpdate", "-q", "-a", "1", "-k", keys, "-t", "60", "-p", "1", &host],
        &["ntp-keygen", "--password-file", pipe],
    ];
    for words in runs {
        let program = Command::cargo_bin("ntpkit").unwrap().get_program().to_owned();
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -S -c $(ulimit -H -c); exec \"$0\" \"$@\""])
            .arg(program)
            .args(words)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while core_limit(child.id()).as_deref() != Some("0") {
            assert!(child.try_wait().unwrap().is_none(), "{words:?} has ended");
            assert!(begun.elapsed() < Duration::from_mins(1), "{words:?} permits core dumps");
            std::thread::sleep(Duration::from_millis(5));
        }
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGABRT).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(
            (status.signal(), status.core_dumped()),
            (Some(Signal::SIGABRT as i32), false),
            "{words:?}"
        );
    }
}
