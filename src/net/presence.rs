//! Traces of time daemons: what can be seen of them without asking them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most of a file of the kernel's that is read.
const READ_LIMIT: u64 = 4 << 20;
/// Processes that are looked at.
const PROCESS_LIMIT: usize = 32_768;

/// The names of daemons' processes, as the kernel cuts them.
const PROCESSES: [&str; 6] = ["ntpd", "chronyd", "ntp-daemon", "systemd-timesyn", "ptp4l", "phc2sys"];

/// The Unix sockets that somebody of this network namespace listens on, as the kernel lists them; even those
/// in folders that are closed to us.
pub fn unix_sockets() -> Vec<PathBuf> {
    let table = read(Path::new("/proc/net/unix")).unwrap_or_default();
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.find('/').and_then(|at| line.get(at..)))
        .map(PathBuf::from)
        .collect()
}

/// A daemon's socket among these, by the end of its path.
pub fn socket_of<'a>(sockets: &'a [PathBuf], end: &str) -> Option<&'a Path> {
    sockets.iter().map(PathBuf::as_path).find(|path| path.ends_with(end))
}

/// The user that listens on a UDP port; `None` if nobody does, or nothing can be seen.
pub fn udp_listener(port: u16) -> Option<u32> {
    ["/proc/net/udp", "/proc/net/udp6"].iter().find_map(|table| listener(&read(Path::new(table))?, port))
}

/// The user of the first unconnected socket at this port.
fn listener(table: &str, port: u16) -> Option<u32> {
    let end = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (local, state) = (fields.nth(1)?, fields.nth(1)?);
        (local.ends_with(&end) && state == "07").then(|| fields.nth(3)?.parse().ok())?
    })
}

/// The time daemons among the processes that are visible from here, with their numbers.
pub fn processes() -> Vec<(u32, String)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers =
        entries.take(PROCESS_LIMIT).filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut found: Vec<(u32, String)> = numbers
        .filter_map(|number: u32| {
            let name = read(Path::new(&format!("/proc/{number}/comm")))?;
            let name = name.trim_end_matches('\n');
            PROCESSES.contains(&name).then(|| (number, name.to_owned()))
        })
        .collect();
    found.sort_unstable();
    found
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(READ_LIMIT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_of_the_kernels_table() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             1: 00000000:007B 0B0200C0:0143 01 00000000:00000000 00:00000000 00000000     7        0 45263 2 0\n\
             2: 00000000:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000   102        0 45261 2 0\n";
        assert_eq!(listener(table, 323), Some(102));
        assert_eq!(listener(table, 123), None);
        assert_eq!(listener("", 123), None);
        assert_eq!(listener("\nshort\n", 123), None);
    }

    #[test]
    fn sockets_are_known_by_their_ends() {
        let sockets = [PathBuf::from("/x/not-chrony/chronyd.sock"), "/run/chrony/chronyd.sock".into()];
        assert_eq!(socket_of(&sockets, "chrony/chronyd.sock"), Some(Path::new("/run/chrony/chronyd.sock")));
        assert_eq!(socket_of(&sockets, "ntpd-rs/observe"), None);
    }
}
