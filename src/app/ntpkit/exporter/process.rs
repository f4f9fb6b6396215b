//! The exporter's own process: `process_*`, named as in other exporters.

use crate::clock;
use crate::render::openmetrics::exposition::{Exposition, Family, Labels, counter, gauge};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::fs;

const CPU: Family = counter("process_cpu_seconds: User and system CPU time used by the exporter.");
const MEMORY: Family = gauge("process_resident_memory_bytes: Memory of the exporter in RAM.");
const OPEN_FILES: Family = gauge("process_open_fds: File descriptors that the exporter has open.");
const STARTED: Family = gauge("process_start_time_seconds: When the exporter was started, in Unix time.");

/// This process.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    /// When it was started, in seconds of Unix time.
    started: f64,
}

impl Process {
    /// Creates it at the start of the process.
    pub fn started_now() -> Self {
        Self { started: clock::now().as_duration().as_secs_f64() }
    }

    /// Adds its metrics. A figure that the system does not provide has no sample.
    pub fn add(self, exposition: &mut Exposition) {
        exposition.add_alone(&STARTED, self.started);
        for (family, value) in [(CPU, cpu_seconds()), (MEMORY, resident_octets()), (OPEN_FILES, open_files())]
        {
            exposition.add_known(&family, &Labels::default(), value);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "centuries of microseconds are below 2^53")]
fn cpu_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    Some((usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6)
}

fn resident_octets() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(f64::from(kibibytes) * 1024.0)
}

fn open_files() -> Option<f64> {
    // One of them is the directory being read.
    let count = fs::read_dir("/proc/self/fd").ok()?.count().checked_sub(1)?;
    u32::try_from(count).ok().map(f64::from)
}
