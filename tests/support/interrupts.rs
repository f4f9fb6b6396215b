//! What the programs under test do with signals, however the tests were started.

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::AtomicBool;

/// From now on children begin with the default actions of SIGINT, SIGQUIT and SIGHUP. Where the tests are a background job
/// of a script, or run under `nohup`, they are ignored, and what is ignored stays so through `exec`; what is handled goes
/// back to the default. For this process nothing changes.
#[allow(clippy::expect_used, reason = "what is missing here is a failed test")]
pub fn children_heed_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGINT, SIGQUIT, SIGHUP] {
            let ends_this_process = Arc::new(AtomicBool::new(!is_ignored(signal)));
            signal_hook::flag::register_conditional_default(signal, ends_this_process).expect("a handler");
        }
    });
}

/// Whether this process ignores the signal.
#[allow(clippy::expect_used, reason = "what is missing here is a failed test")]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("this process' status");
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("the ignored signals");
    let mask = u64::from_str_radix(line.trim(), 16).expect("a mask");
    mask >> (signal - 1) & 1 == 1
}
