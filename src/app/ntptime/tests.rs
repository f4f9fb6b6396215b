//! Whole runs on a fake clock.

use super::*;
use crate::clock::kernel::{Modes, Status};
use crate::compat::Dialect;
use std::cell::RefCell;

/// Records the requests, and performs or refuses them.
struct FakeClock {
    state: RefCell<KernelState>,
    refusal: Option<Errno>,
    refuses_all: bool,
}

impl KernelClock for FakeClock {
    fn adjust(&self, change: &Adjustment) -> io::Result<KernelState> {
        let mut state = self.state.borrow_mut();
        if let Some(refusal) = self.refusal.filter(|_| self.refuses_all || !change.modes.is_empty()) {
            return Err(refusal.into());
        }
        if change.modes.0 & Modes::FREQUENCY.0 != 0 {
            state.frequency = change.frequency.clamp(-500 << 16, 500 << 16);
        }
        if change.modes.0 & Modes::STATUS.0 != 0 {
            state.status = change.status;
        }
        Ok(KernelState { modes: change.modes, ..*state })
    }
}

fn run_with(words: &[&str], dialect: Dialect, refusal: Option<Errno>) -> (u8, String, String) {
    run_on_clock(words, dialect, refusal, false)
}

fn run_on_clock(
    words: &[&str],
    dialect: Dialect,
    refusal: Option<Errno>,
    refuses_all: bool,
) -> (u8, String, String) {
    let clock = FakeClock {
        refuses_all,
        state: RefCell::new(KernelState { code: 5, status: Status(0x40), ..KernelState::default() }),
        refusal,
    };
    let mut context = Context::recording("ntptime", words, dialect);
    let status = run_on(&mut context, &clock);
    let (results, messages) = context.output.into_texts();
    (status, results, messages)
}

#[test]
fn the_first_block_is_before_the_change_and_the_second_after_it() {
    let (status, results, messages) = run_with(&["-f", "9999", "-s", "1"], Dialect::Classic, None);
    assert_eq!((status, messages.as_str()), (0, ""));
    let (before, after) = results.split_once("ntp_adjtime()").unwrap();
    assert!(before.starts_with("ntp_gettime() returns code 5 (ERROR)\n"), "{before}");
    assert!(after.contains("modes 0x12 (FREQUENCY,STATUS),\n"), "{after}");
    assert!(after.contains("frequency 500.000 ppm") && after.contains("status 0x1 (PLL),\n"), "{after}");
}

#[test]
fn the_last_of_an_option_counts() {
    let (status, results, _) = run_with(&["-rr", "-f", "1", "-f", "2"], Dialect::Classic, None);
    assert!(status == 0 && results.contains("frequency 2.000 ppm"), "{results}");
}

#[test]
fn a_refused_change_is_told_and_its_status_is_the_dialects() {
    for (dialect, expected) in [(Dialect::Classic, 0), (Dialect::Native, 1)] {
        let (status, results, messages) = run_with(&["-o", "5"], dialect, Some(Errno::EPERM));
        assert_eq!(status, expected);
        assert!(results.contains("ntp_gettime()") && !results.contains("ntp_adjtime()"));
        let next = match dialect {
            Dialect::Classic => "",
            Dialect::Native => {
                "ntptime: next: run it with sudo; in a container, give it CAP_SYS_TIME (--cap-add SYS_TIME)\n"
            }
        };
        let refusal =
            "Must be root to set kernel values\nntp_adjtime() call fails: Operation not permitted\n";
        assert_eq!(messages, format!("{refusal}{next}"));
    }
}

#[test]
fn a_container_that_forbids_reading_is_told_of() {
    let forbidden = |words: &[&str], dialect| run_on_clock(words, dialect, Some(Errno::EPERM), true);
    for words in [&[][..], &["-c"], &["-f", "1"]] {
        let (status, results, messages) = forbidden(words, Dialect::Native);
        assert_eq!((status, results.as_str()), (1, ""));
        assert_eq!(
            messages,
            "ntp_gettime() call fails: Operation not permitted\n\
             ntp_adjtime() call fails: Operation not permitted\n\
             ntptime: even reading is forbidden here: the seccomp profile of a container does that\n"
        );
        let (status, results, messages) = forbidden(words, Dialect::Classic);
        let cost =
            if words == ["-c"] { format!("[ us 000000:{} ]\n", " 0".repeat(19)) } else { String::new() };
        assert_eq!((status, results), (0, cost));
        assert_eq!(
            messages,
            "ntp_gettime() call fails: Operation not permitted\nMust be root to set kernel values\n\
             ntp_adjtime() call fails: Operation not permitted\n"
        );
    }
    let (status, results, messages) = forbidden(&["--format", "json"], Dialect::Native);
    assert!(status == 1 && results.is_empty() && messages.contains("seccomp"), "{messages}");
}

#[test]
fn a_kernel_that_knows_no_discipline_is_told_of_once() {
    const NONE: &str = "NTP user interface routines are not configured in this kernel.\n";
    for words in [&[][..], &["-c"], &["-f", "1"], &["--format", "json"]] {
        let run = |dialect| run_on_clock(words, dialect, Some(Errno::ENOSYS), true);
        let (status, results, messages) = run(Dialect::Native);
        assert_eq!((status, results.as_str()), (1, ""));
        assert!(
            messages.starts_with(&format!("ntptime: {NONE}")) && messages.contains("seccomp"),
            "{messages}"
        );
        assert_eq!(run(Dialect::Classic), (0, NONE.to_owned(), String::new()));
    }
}

#[test]
fn wrong_usage_prints_the_summary_with_status_2() {
    for (words, problem) in [
        (&["-x"][..], "ntptime: unknown option -x\n"),
        (&["-f"], "ntptime: option requires argument -f\n"),
        (&["-h"], ""),
        (&["word"], ""),
        (&["-s", "256"], ""),
        (&["-d"], ""),
        (&["--", "-x"], ""),
        (&["--foo"], "ntptime: unknown option --\n"),
        (&["--help"], "ntptime: unknown option --\n"),
        (&["-hx"], "ntptime: unknown option -x\n"),
        (
            &["-xq", "-f"],
            "ntptime: unknown option -x\nntptime: unknown option -q\nntptime: option requires argument -f\n",
        ),
        (&["-f", "1", "word", "-x"], ""),
        (&["-fx", "-y"], "ntptime: unknown option -y\n"),
        (&["-"], ""),
    ] {
        let (status, results, messages) = run_with(words, Dialect::Classic, None);
        assert_eq!((status, results.as_str()), (2, ""), "{words:?}");
        assert!(
            messages.starts_with(&format!("{problem}usage: ntptime [-MNT:cde:f:hm:o:rs:t:]\n")),
            "{messages}"
        );
    }
    let (status, _, messages) = run_with(&["-s", "abc"], Dialect::Native, None);
    assert!(status == 2 && messages.starts_with("ntptime: -s: invalid integer 'abc'\n"), "{messages}");
}

#[test]
fn what_the_kernel_would_clip_or_ignore_is_told() {
    for (words, problem) in [
        (
            &["-t", "11"][..],
            "ntptime: -t: 11 is not between 0 and 6 (10 with -N, where the kernel counts in nanoseconds)\n",
        ),
        (&["-N", "-t", "11"], "ntptime: -t: 11 is not between 0 and 10\n"),
        (&["-f", "700"], "ntptime: -f: not between -500 and 500 ppm\n"),
        (
            &["-o", "500001"],
            "ntptime: -o: 500001 is not between -500000 and 500000 us; next: ntpdate SERVER steps larger offsets\n",
        ),
        (&["-T", "-1"], "ntptime: -T: -1 is not between 0 and 100000 s\n"),
    ] {
        let (status, results, messages) = run_with(words, Dialect::Native, None);
        assert_eq!((status, results.as_str()), (2, ""), "{words:?}");
        assert!(messages.starts_with(&format!("{problem}usage: ntptime ")), "{messages}");
        assert!(
            messages.contains("(0 .. 6, or 0 .. 10 with NANO)") && !messages.contains("(ms)"),
            "{messages}"
        );
        let (status, _, messages) = run_with(words, Dialect::Classic, None);
        assert_eq!((status, messages.as_str()), (0, ""), "{words:?}");
    }
    for format in ["classic", "json"] {
        let (status, results, messages) = run_with(&["-o", "5", "--format", format], Dialect::Native, None);
        assert!(status == 1 && !results.is_empty() && messages.contains("-o had no effect"), "{messages}");
        let (status, _, messages) =
            run_with(&["-s", "0x2001", "-o", "5", "--format", format], Dialect::Native, None);
        assert_eq!((status, messages.as_str()), (0, ""));
    }
    assert_eq!(run_with(&["-o", "5"], Dialect::Classic, None).0, 0);
}
