//! What the system refuses: threads, memory, random numbers.

use super::{CALLS, LONGEST, World, assert_sound, text};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Calls that use threads for what they can do one after the other.
const CALLS_WITH_THREADS: [&str; 8] = [
    "ntpq -p localhost:PORT",
    "ntpq -p localhost:PORT HOST",
    "ntpq -c mrulist HOST HOST",
    "ntpq -n --format json -p HOST HOST HOST",
    "ntpkit diag",
    "ntpkit diag HOST HOST",
    "ntpkit fleet HOST localhost:PORT",
    "ntpdate -q -p 1 -t 1 --port PORT localhost",
];

/// As a user who may start no more processes: threads are processes to the kernel.
#[test]
fn no_threads() {
    use std::os::unix::fs::PermissionsExt as _;
    const NOBODY: &str = "65534";
    let world = World::new();
    let folder = world.folder.path();
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.join("ntpkit");
    std::fs::copy(env!("CARGO_BIN_EXE_ntpkit"), &program).unwrap();
    open(folder);
    open(&program);
    let is_root = nix::unistd::geteuid().is_root();
    let limited = |words: &[&str]| {
        let mut command = Command::new(if is_root { "setpriv" } else { "env" });
        if is_root {
            command.args(["--reuid", NOBODY, "--clear-groups", "--"]);
        }
        command.args(["prlimit", "--nproc=0"]).args(words).env_clear();
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/").stdin(Stdio::null());
        command.output().unwrap()
    };
    assert!(!limited(&["sh", "-c", "true & wait $!"]).status.success(), "the limit has no effect");
    for call in CALLS.iter().chain(&CALLS_WITH_THREADS) {
        let words = world.words(call);
        let mut call_words = vec![program.to_str().unwrap()];
        call_words.extend(words.iter().map(String::as_str));
        let begun = Instant::now();
        let output = limited(&call_words);
        assert!(begun.elapsed() < LONGEST, "{call}: {:?}", begun.elapsed());
        assert_sound(call, &output);
        assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{call}");
    }
}

/// What a program may address, from a little more than it needs for a start up to enough for all. Where memory ends, a call ends,
/// with a line about it. (With nothing more than a start, the stack cannot grow, for which the kernel ends it.)
#[test]
fn little_memory() {
    const STEP: u64 = 1 << 20;
    /// Debug builds and threads need the most.
    const ENOUGH: u64 = 256 << 20;
    let world = World::new();
    let limited = |limit: u64, call: &str| {
        world.run(&format!("ulimit -v {}", limit / 1024), "", call, &[("RUST_BACKTRACE", "0")])
    };
    let starts = |limit: &u64| limited(*limit, "ntpkit --version").status.success();
    let least = (1..1024).map(|steps| steps * STEP).find(starts).unwrap();
    for call in CALLS {
        for more in [4, 8, 16] {
            let output = limited(least + more * STEP, call);
            let said = text(&output.stderr);
            if said.contains("memory allocation of ") {
                assert!(!said.contains("panicked"), "{call}, {more} MiB more than a start: {said}");
            } else {
                assert_sound(&format!("{call}, {more} MiB more than a start"), &output);
            }
        }
    }
    for call in CALLS.iter().chain(&CALLS_WITH_THREADS) {
        let output = limited(ENOUGH, call);
        assert_sound(call, &output);
        assert!(!text(&output.stderr).contains("memory"), "{call}: {}", text(&output.stderr));
    }
}

/// Without a random source every call still works, but for those that make keys. Needs root, namespaces and Python.
#[test]
fn no_random_numbers() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/no_randomness.py");
    let run = |words: &[String]| {
        let mut command = Command::new("unshare");
        let shell = "mount -t tmpfs none /dev && exec python3 \"$0\" \"$@\"";
        command.args(["--mount", "--", "sh", "-c", shell, script]).args(words).stdin(Stdio::null());
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.output().unwrap()
    };
    let program = env!("CARGO_BIN_EXE_ntpkit").to_owned();
    let needs_keys = run(&[program.clone(), "ntp-keygen".to_owned(), "-M".to_owned()]);
    let said = text(&needs_keys.stderr);
    if !said.contains("ntp-keygen:") {
        eprintln!("not run: {said}");
        return;
    }
    assert_sound("ntp-keygen -M", &needs_keys);
    assert!(said.contains("ntp-keygen: no randomness: "), "{said}");
    let world = World::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]);
        let output = run(&[vec![program.clone()], world.words(call)].concat());
        assert_sound(call, &output);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), usual.status.code(), "{call}: {said}");
    }
}
