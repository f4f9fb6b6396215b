//! What the system can do to a program: each applet, with streams that are closed or full, without descriptors, with nonsense in
//! its environment, and without /etc, /proc or /dev. It ends by itself, without a panic, and says what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what is missing here is a failed test"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "shared with other tests")]
mod support;

mod limits;

use ntpkit::sim::{Faults, Scenario, SimulatedDaemon};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::scenario;

/// No run may take longer, however busy the machine is.
const LONGEST: Duration = Duration::from_secs(60);

/// The applets, one call a line. `HOST`, `PORT` and `FOLDER` are replaced.
const CALLS: [&str; 25] = [
    "ntpq -pn HOST",
    "ntpq -n --format json -c rv -c as HOST",
    "ntpq -n --format table -p HOST",
    "ntpq -n --format openmetrics -p HOST",
    "ntpq -n -c mrulist HOST",
    "ntpdc -n -c sysinfo HOST",
    "ntpdc -n -c peers HOST",
    "ntpdate -q -p 1 -t 1 --port PORT 127.0.0.1",
    "ntpstat HOST",
    "ntp-wait -v -n 1 HOST",
    "ntptime",
    "ntptrace -n -m 1 HOST",
    "ntpsweep -n -l HOST",
    "check_ntp_peer -H HOST",
    "check_ntp_time -H 127.0.0.1 -p PORT",
    "ntp-keygen --help",
    "ntpmon -n HOST",
    "ntpkit fleet HOST",
    "ntpkit ping -c 1 HOST",
    "ntpkit diag HOST",
    "ntpkit exposure HOST",
    "ntpkit check-config FOLDER/ntp.conf",
    "ntpkit keys check FOLDER/ntp.keys",
    "ntpkit leap FOLDER/leap",
    "ntpkit --help",
];

/// A daemon and files for the applets.
struct World {
    daemon: SimulatedDaemon,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let campus = scenario("campus");
        let scenario =
            Scenario { mode7_clients: Some(3), associations: campus.associations[..3].to_vec(), ..campus };
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ntp.conf"), "server ntp1.example iburst\n").unwrap();
        std::fs::write(folder.path().join("ntp.keys"), "1 SHA1 secret words\n").unwrap();
        std::fs::write(folder.path().join("leap"), "#@\t3991593600\n2272060800\t10\n").unwrap();
        Self { daemon: SimulatedDaemon::start_on_loopback(scenario, Faults::default()).unwrap(), folder }
    }

    /// The words of a call, without the program.
    fn words(&self, call: &str) -> Vec<String> {
        let address = self.daemon.local_address();
        let call = call
            .replace("HOST", &address.to_string())
            .replace("PORT", &address.port().to_string())
            .replace("FOLDER", self.folder.path().to_str().unwrap());
        // `exec -a` is not in every shell; the binary takes the applet's name as its first argument.
        call.split(' ').skip_while(|word| *word == "ntpkit").map(str::to_owned).collect()
    }

    /// Runs a call by a shell that first does something.
    fn run(&self, before: &str, redirect: &str, call: &str, environment: &[(&str, &str)]) -> Output {
        let words = self.words(call);
        let mut command = Command::new("sh");
        command.args([
            "-c",
            &format!("{before}\nexec \"$0\" \"$@\" {redirect}"),
            env!("CARGO_BIN_EXE_ntpkit"),
        ]);
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(environment.iter().copied());
        command.stdin(Stdio::null()).current_dir(self.folder.path());
        let begun = Instant::now();
        let output = command.output().unwrap();
        assert!(begun.elapsed() < LONGEST, "{call}: {:?}", begun.elapsed());
        output
    }
}

fn text(octets: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(octets)
}

/// Asserts that the program has ended by itself, with a status that it documents, and without a panic.
#[track_caller]
fn assert_sound(about: &str, output: &Output) {
    let said = text(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=3 | 255)), "{about}: {:?} {said}", output.status);
    assert!(!said.contains("panicked"), "{about}: {said}");
}

#[test]
fn every_call_succeeds_without_faults() {
    let world = World::new();
    for call in CALLS {
        let output = world.run("", "", call, &[]);
        assert_sound(call, &output);
        assert!(!output.stdout.is_empty(), "{call}: {}", text(&output.stderr));
    }
}

#[test]
fn a_full_standard_output_is_an_error() {
    let world = World::new();
    for call in CALLS {
        let output = world.run("", ">/dev/full", call, &[]);
        assert_sound(call, &output);
        let said = text(&output.stderr);
        assert!(said.contains("write error: No space left on device\n"), "{call}: {said}");
        assert_ne!(output.status.code(), Some(0), "{call}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let world = World::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]).status.code();
        // The reader has gone before the first line.
        let words = world.words(call);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        let output = command.args(words).env_clear().stdin(Stdio::null()).stdout(writer).output().unwrap();
        assert_sound(call, &output);
        let said = text(&output.stderr);
        assert!(!said.contains("write error"), "{call}: {said}");
        assert!([usual, Some(0)].contains(&output.status.code()), "{call}: {:?} {said}", output.status);
    }
}

#[test]
fn closed_streams() {
    let world = World::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]);
        for redirect in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let output = world.run("", redirect, call, &[]);
            let about = format!("{call} {redirect}");
            assert_sound(&about, &output);
            assert_eq!(output.status.code(), usual.status.code(), "{about}");
            // No socket has taken the place of a stream: what is printed goes nowhere else.
            assert!(
                !redirect.contains(' ') || output.stdout.is_empty() && output.stderr.is_empty(),
                "{about}"
            );
        }
    }
}

/// With few descriptors a call works or says what is missing; it does not hang.
#[test]
fn few_descriptors() {
    let world = World::new();
    let mut unsaid = Vec::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]);
        for count in 3..9 {
            let output = world.run(&format!("ulimit -n {count}"), "", call, &[]);
            let about = format!("{call} with {count} descriptors");
            // The loader itself needs one for the C library.
            if count > 3 {
                assert_sound(&about, &output);
            }
            let is_usual = usual.status.code() == output.status.code();
            let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
            // In the words of the original, or of the loader.
            let reasons = [
                "Too many open files",
                "Unable to talk to NTP daemon",
                "unable to connect to socket",
                "Error 24",
            ];
            if !is_usual && !reasons.iter().any(|reason| said.contains(reason)) {
                unsaid.push(format!("{about}: {said}"));
            }
        }
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}

/// One environment a line.
const ENVIRONMENTS: [&[(&str, &str)]; 8] = [
    &[("TZ", ":/etc/passwd"), ("LANG", "xx_YY.nonsense"), ("LC_ALL", "\u{1b}[31m"), ("TERM", "\u{1b}")],
    &[("TZ", "Nowhere/Nothing"), ("COLUMNS", "0"), ("LINES", "0")],
    &[("TZ", "../../../../etc/shadow"), ("COLUMNS", "-1"), ("HOME", "/dev/null")],
    &[("TZ", ""), ("COLUMNS", "99999999999999999999"), ("HOME", "")],
    &[("TZ", "XXX999YYY-999,M99.99.99"), ("COLUMNS", "nonsense"), ("HOME", "relative")],
    &[("HOME", "/proc/self/mem"), ("XDG_STATE_HOME", "\n"), ("PAGER", "/nonexistent"), ("TERM", "")],
    &[("SOURCE_DATE_EPOCH", "x"), ("RUST_BACKTRACE", "full"), ("RUST_LOG", "trace"), ("LD_BIND_NOW", "1")],
    &[
        ("RES_OPTIONS", "timeout:-1"),
        ("LOCALDOMAIN", "\u{1b}"),
        ("HOSTALIASES", "/dev/zero"),
        ("NO_COLOR", ""),
    ],
];

#[test]
fn nonsense_in_the_environment() {
    let world = World::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]);
        for environment in ENVIRONMENTS {
            let output = world.run("", "", call, environment);
            let about = format!("{call} {environment:?}");
            assert_sound(&about, &output);
            assert_eq!(output.status.code(), usual.status.code(), "{about}: {}", text(&output.stderr));
            assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{about}");
        }
    }
}

/// In a file system of its own, with an empty folder instead of each of these. Needs root and namespaces.
#[test]
fn missing_folders() {
    let may = Command::new("unshare").args(["--mount", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: mount namespaces are not permitted here");
        return;
    }
    let world = World::new();
    for call in CALLS {
        let usual = world.run("", "", call, &[]);
        for missing in
            ["/etc", "/proc", "/dev", "/usr/share", "/run", "/var", "/etc /proc /dev /run /var /usr/share"]
        {
            if missing.split(' ').any(|folder| Path::new(env!("CARGO_BIN_EXE_ntpkit")).starts_with(folder)) {
                continue;
            }
            let mounts: String = missing
                .split(' ')
                .map(|folder| format!("mount -t tmpfs none {folder} || exit 99; "))
                .collect();
            let words = world.words(call);
            let script = format!("{mounts} exec \"$0\" \"$@\"");
            let mut command = Command::new("unshare");
            command.args(["--mount", "--", "sh", "-c", &script, env!("CARGO_BIN_EXE_ntpkit")]).args(words);
            command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null());
            let output = command.output().unwrap();
            let about = format!("{call} without {missing}");
            assert_sound(&about, &output);
            let said = text(&output.stderr);
            // What is asked of the network does not depend on any of them.
            let depends = call.contains("diag") || call == "ntptime";
            assert!(
                depends || output.status.code() == usual.status.code(),
                "{about}: {:?} {said}",
                output.status
            );
        }
    }
}

/// Calls that only ask a daemon; `HOST` and `PORT` are those of one that never answers.
const ASKING: [&str; 15] = [
    "ntpq -n -p HOST",
    "ntpq -n -c rv HOST HOST",
    "ntpdc -n -c sysinfo HOST",
    "ntpdate -q -u -p 1 -t 9 --port PORT 127.0.0.1",
    "ntpdate -d -p 1 -t 9 --port PORT 127.0.0.1",
    "ntpstat HOST",
    "ntp-wait -n 1 HOST",
    "ntptrace -n HOST",
    "ntpsweep -n -l HOST",
    "check_ntp_peer -H HOST",
    "check_ntp_time -H 127.0.0.1 -p PORT",
    "ntpkit fleet HOST",
    "ntpkit ping -c 1 HOST",
    "ntpkit diag HOST",
    "ntpkit exposure HOST",
];

/// What each of them has given up is tested beside the code (`src/net/confine.rs`).
#[test]
fn applets_that_only_ask_give_up_everything_else() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let mut unconfined = Vec::new();
    for call in ASKING {
        let call = call.replace("HOST", &address.to_string()).replace("PORT", &address.port().to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        command.args(call.split(' ').skip_while(|word| *word == "ntpkit")).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = command.spawn().unwrap();
        // With Landlock comes the promise to gain no privileges, which the kernel shows, also where it lacks Landlock.
        let mut is_confined = false;
        let begun = Instant::now();
        while !is_confined && running.try_wait().unwrap().is_none() && begun.elapsed() < LONGEST {
            let status = std::fs::read_to_string(format!("/proc/{}/status", running.id()));
            is_confined = status.is_ok_and(|status| status.contains("NoNewPrivs:\t1\n"));
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = running.kill();
        running.wait().unwrap();
        if !is_confined {
            unconfined.push(call);
        }
    }
    assert_eq!(unconfined, [""; 0]);
}

/// What this machine refuses is not blamed on a server.
#[test]
fn a_missing_descriptor_is_the_fault_of_no_server() {
    let world = World::new();
    for (call, status, message) in [
        (
            "check_ntp_time -H 127.0.0.1 -p PORT",
            3,
            "NTP UNKNOWN: 127.0.0.1 gave no time within 10 s: this machine: Too many open files",
        ),
        ("ntpkit ping -c 1 HOST", 1, ": 1: this machine: Too many open files\n"),
        (
            "ntpdate -q -p 1 -t 1 --port PORT 127.0.0.1",
            1,
            "127.0.0.1: Server dropped: no data: Too many open files\n",
        ),
        (
            "ntpdate -q -p 1 -t 1 --explain --port PORT 127.0.0.1",
            1,
            "this machine: Too many open files; next: ulimit -a",
        ),
    ] {
        let output = world.run("ulimit -n 5", "", call, &[]);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(
            output.status.code() == Some(status) && said.contains(message),
            "{call}: {:?} {said}",
            output.status
        );
    }
}
