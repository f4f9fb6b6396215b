//! Traces of time daemons: what can be seen without querying them.

use crate::compact;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Usual size of a file in /proc.
const USUAL_LENGTH: usize = 4 << 10;
/// Maximum amount of a file in /proc to read.
const READ_LIMIT: u64 = 4 << 20;
/// Maximum number of processes to inspect.
const PROCESS_LIMIT: usize = 32_768;

/// Maximum number of descriptors to inspect per process.
const DESCRIPTOR_LIMIT: usize = 65_536;

/// Units per second of the times in /proc/PID/stat: on Linux 100 on every architecture that Rust supports.
const TICKS: u64 = 100;

/// The capability to set the clock (`CAP_SYS_TIME`).
const SET_CLOCK: u64 = 1 << 25;

/// The process names of daemons, as truncated by the kernel.
const PROCESSES: [&str; 6] = ["ntpd", "chronyd", "ntp-daemon", "systemd-timesyn", "ptp4l", "phc2sys"];

/// Returns the Unix sockets in this network namespace that are listening, according to the kernel, including those in
/// directories that are closed to us.
pub fn unix_sockets() -> Vec<PathBuf> {
    let table = read(Path::new("/proc/net/unix")).unwrap_or_default();
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.find('/').and_then(|at| line.get(at..)))
        .map(PathBuf::from)
        .collect()
}

/// Returns a daemon's socket among these, by the end of its path.
pub fn socket_of<'a>(sockets: &'a [PathBuf], end: &str) -> Option<&'a Path> {
    sockets.iter().map(PathBuf::as_path).find(|path| path.ends_with(end))
}

/// The UDP listeners, according to the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UdpListeners {
    tables: [Option<String>; 2],
}

impl UdpListeners {
    /// Returns the current listeners.
    pub fn now() -> Self {
        Self { tables: ["/proc/net/udp", "/proc/net/udp6"].map(|table| read(Path::new(table))) }
    }

    /// Returns the user that listens on a port; `None` if nobody does, or nothing can be seen.
    pub fn user(&self, port: u16) -> Option<u32> {
        self.tables.iter().flatten().find_map(|table| listener(table, port))
    }

    /// Whether somebody listens on a port of the loopback address itself, as ntpd does, rather than on the wildcard
    /// address.
    pub fn has_loopback(&self, port: u16) -> bool {
        self.tables.iter().flatten().any(|table| is_bound_to_loopback(table, port))
    }
}

/// The owners of a UDP port, as far as visible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// The processes: ID, and name as truncated by the kernel.
    pub processes: Vec<(u32, String)>,
    /// The users of the sockets.
    pub users: Vec<u32>,
}

/// Returns the owners of a UDP port in this network namespace. Only privileged users can see other users' processes.
pub fn holders(port: u16) -> Holders {
    let tables = UdpListeners::now().tables;
    let sockets: Vec<(u32, u64)> =
        tables.iter().flatten().flat_map(|table| sockets_at(table, port)).collect();
    let mut users: Vec<u32> = sockets.iter().map(|(user, _)| *user).collect();
    compact::sort(&mut users);
    users.dedup();
    let links: Vec<String> = sockets.iter().map(|(_, inode)| format!("socket:[{inode}]")).collect();
    let holds = |number: &u32| {
        let entries = fs::read_dir(format!("/proc/{number}/fd")).into_iter().flatten().take(DESCRIPTOR_LIMIT);
        entries.flatten().any(|entry| {
            fs::read_link(entry.path())
                .is_ok_and(|target| links.iter().any(|link| target.as_os_str() == link.as_str()))
        })
    };
    let numbers = if links.is_empty() { Vec::new() } else { process_numbers() };
    let processes = numbers.into_iter().filter(holds).map(|number| (number, process_name(number))).collect();
    Holders { processes, users }
}

/// Returns the user and the inode of each socket on this port.
fn sockets_at(table: &str, port: u16) -> Vec<(u32, u64)> {
    let end = format!(":{port:04X}");
    let socket = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        fields.nth(1).filter(|local| local.ends_with(&end))?;
        let user = fields.nth(5)?.parse().ok()?;
        Some((user, fields.nth(1)?.parse().ok()?))
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// Returns the IDs of the visible processes, in order.
fn process_numbers() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().take(PROCESS_LIMIT);
    let mut numbers: Vec<u32> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    compact::sort(&mut numbers);
    numbers
}

/// Returns the name of a process, with terminal control characters removed.
fn process_name(number: u32) -> String {
    let name = read(Path::new(&format!("/proc/{number}/comm"))).unwrap_or_default();
    name.trim_end_matches('\n').chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

/// Whether an unconnected socket is bound to the loopback address itself.
fn is_bound_to_loopback(table: &str, port: u16) -> bool {
    let word = |octets: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(octets));
    let zero = word([0; 4]);
    let own = [
        format!("{}:{port:04X}", word([127, 0, 0, 1])),
        format!("{zero}{zero}{zero}{}:{port:04X}", word([0, 0, 0, 1])),
    ];
    table.lines().skip(1).any(|line| {
        let mut fields = line.split_ascii_whitespace();
        let local = fields.nth(1).unwrap_or_default();
        own.iter().any(|address| address == local) && fields.nth(1) == Some("07")
    })
}

/// Returns the user of the first unconnected socket on this port.
fn listener(table: &str, port: u16) -> Option<u32> {
    let end = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        (local.ends_with(&end) && state == "07").then(|| fields.nth(3)?.parse().ok())?
    })
}

/// The process of a time daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its process ID.
    pub number: u32,
    /// Its name, as truncated by the kernel.
    pub name: String,
    /// Whether it is able to set the clock, and not configured to leave it alone; `None` if unknown.
    pub may_set_clock: Option<bool>,
    /// Whether it is known to be in another network namespace than this process.
    pub is_elsewhere: bool,
}

/// Returns the time daemons among the visible processes.
pub fn processes() -> Vec<Process> {
    let network = |process: &str| fs::read_link(format!("/proc/{process}/ns/net")).ok();
    let here = network("self");
    process_numbers()
        .into_iter()
        .filter_map(|number| {
            let name = read(Path::new(&format!("/proc/{number}/comm")))?;
            let name = name.trim_end_matches('\n');
            PROCESSES.contains(&name).then(|| Process {
                number,
                name: name.to_owned(),
                may_set_clock: may_set_clock(
                    name,
                    read(Path::new(&format!("/proc/{number}/status"))).as_deref(),
                    read(Path::new(&format!("/proc/{number}/uid_map"))).as_deref(),
                    read(Path::new(&format!("/proc/{number}/cmdline"))).as_deref(),
                ),
                is_elsewhere: network(&number.to_string()).is_some_and(|there| Some(there) != here),
            })
        })
        .collect()
}

/// Returns how long a daemon has been running in this network namespace, by the age of its oldest process; `None` if none
/// is visible. `name`: as truncated by the kernel.
pub fn uptime(name: &str) -> Option<Duration> {
    let now = uptime_of_machine(&read(Path::new("/proc/uptime"))?)?;
    let started = |process: Process| started(&read(Path::new(&format!("/proc/{}/stat", process.number)))?);
    let processes = processes().into_iter().filter(|process| process.name == name && !process.is_elsewhere);
    Some(now.saturating_sub(processes.filter_map(started).min()?))
}

/// The first field of /proc/uptime: the time since the machine started, suspended or not.
fn uptime_of_machine(text: &str) -> Option<Duration> {
    let seconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Field 22 of /proc/PID/stat: when the process started, since the machine did. Field 2, in parentheses, is a name that may
/// contain anything.
fn started(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_ascii_whitespace().nth(19)?.parse().ok()?;
    Some(Duration::from_millis(ticks.checked_mul(1000 / TICKS)?))
}

/// Whether a process has the capability to set the clock, and is not a chronyd with the option `-x` (which to ntpd
/// means to slew).
///
/// A capability counts only in the initial user namespace: every user can have all of them in a namespace of their own,
/// which is visible in its mapping of user IDs.
fn may_set_clock(name: &str, status: Option<&str>, users: Option<&str>, words: Option<&str>) -> Option<bool> {
    let effective = status?.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    let capabilities = u64::from_str_radix(effective.trim(), 16).ok()?;
    let leaves_alone =
        name == "chronyd" && words.is_some_and(|words| words.split('\0').any(|word| word == "-x"));
    let is_confined = users.is_some_and(|users| !users.split_ascii_whitespace().eq(["0", "0", "4294967295"]));
    Some(capabilities & SET_CLOCK != 0 && !leaves_alone && !is_confined)
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::with_capacity(USUAL_LENGTH);
    fs::File::open(path).ok()?.take(READ_LIMIT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_are_read_from_the_kernels_table() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             1: 00000000:007B 0B0200C0:0143 01 00000000:00000000 00:00000000 00000000     7        0 45263 2 0\n\
             2: 00000000:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 45261 2 0\n";
        assert_eq!(listener(table, 323), Some(102));
        assert_eq!(listener(table, 123), None);
        assert_eq!(listener("", 123), None);
        assert_eq!(listener("\nshort\n", 123), None);
    }

    #[test]
    fn the_process_that_owns_a_port_is_found() {
        for any in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = std::net::UdpSocket::bind(any) else { continue };
            let port = socket.local_addr().unwrap().port();
            let found = holders(port).processes;
            assert!(
                found.iter().any(|(number, name)| *number == std::process::id() && !name.is_empty()),
                "{found:?}"
            );
            drop(socket);
            assert_eq!(holders(port), Holders::default());
        }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn ntpd_listens_on_each_address_separately() {
        let table = |local: &str, state: &str| {
            format!(
                "heading\n 1: {local}:007B 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 0 0 1 2 0\n"
            )
        };
        for (local, is_loopback) in [
            ("0100007F", true),
            ("00000000000000000000000001000000", true),
            ("00000000", false),
            ("0B0200C0", false),
            ("00000000000000000000000000000000", false),
        ] {
            assert_eq!(is_bound_to_loopback(&table(local, "07"), 123), is_loopback, "{local}");
        }
        assert!(!is_bound_to_loopback(&table("0100007F", "01"), 123), "connected");
        assert!(!is_bound_to_loopback(&table("0100007F", "07"), 323));
        assert!(!is_bound_to_loopback("", 123));
    }

    #[test]
    fn the_ability_to_set_the_clock_is_recognised() {
        let status = |capabilities: &str| format!("Name:\tchronyd\nCapPrm:\tffff\nCapEff:\t{capabilities}\n");
        let all_users = Some("         0          0 4294967295\n");
        let judge_named = |name: &str, capabilities: &str, words: &str| {
            may_set_clock(name, Some(&status(capabilities)), all_users, Some(words))
        };
        let judge = |capabilities: &str, words: &str| judge_named("chronyd", capabilities, words);
        assert_eq!(
            judge_named("ntpd", "0000000002000400", "/usr/sbin/ntpd\0-x\0-g\0"),
            Some(true),
            "it slews"
        );
        let confined =
            may_set_clock("ntpd", Some(&status("000001ffffffffff")), Some("0 1000 1\n"), Some("ntpd\0"));
        assert_eq!(confined, Some(false), "in a user namespace of its own");
        assert_eq!(judge("0000000002000400", "/usr/sbin/chronyd\0-F\x001\0"), Some(true));
        assert_eq!(judge("0000000002000400", "/usr/sbin/chronyd\0-x\0"), Some(false));
        assert_eq!(judge("000001fffdffffff", "ntpd\0"), Some(false));
        assert_eq!(judge("nonsense", "ntpd\0"), None);
        assert_eq!(may_set_clock("ntpd", None, None, None), None);
    }

    #[test]
    fn the_age_of_a_process_is_read_from_the_kernels_files() {
        let stat = "42 (odd) name (x) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 999 1 18446744073709551615";
        assert_eq!(started(stat), Some(Duration::from_millis(123_450)));
        for broken in ["", "42 (x)", "42 (x) S 1", "42 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x"]
        {
            assert_eq!(started(broken), None, "{broken}");
        }
        assert_eq!(uptime_of_machine("350735.47 234388.90\n"), Some(Duration::from_secs_f64(350_735.47)));
        for broken in ["", "x", "-1 2", "1e300 2", "nan"] {
            assert_eq!(uptime_of_machine(broken), None, "{broken}");
        }
        let stat = read(Path::new("/proc/self/stat")).unwrap();
        let machine = uptime_of_machine(&read(Path::new("/proc/uptime")).unwrap()).unwrap();
        assert!(started(&stat).unwrap() <= machine);
        assert_eq!(uptime("no such daemon"), None);
    }

    #[test]
    fn sockets_are_recognised_by_the_end_of_their_path() {
        let sockets = [PathBuf::from("/x/not-chrony/chronyd.sock"), "/run/chrony/chronyd.sock".into()];
        assert_eq!(socket_of(&sockets, "chrony/chronyd.sock"), Some(Path::new("/run/chrony/chronyd.sock")));
        assert_eq!(socket_of(&sockets, "ntpd-rs/observe"), None);
    }
}
