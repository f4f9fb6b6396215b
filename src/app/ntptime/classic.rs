//! The classic lines of `ntptime`.

use crate::app::kernel::{in_unit, is_nano};
use crate::clock::kernel::KernelState;
use crate::render::classic::date::date;
use crate::wire::timestamp::NtpTimestamp;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds from the NTP epoch to the Unix epoch.
const UNIX_EPOCH_IN_NTP: i64 = 2_208_988_800;

const MODES: &[(u32, &str)] = &[
    (0x1, "OFFSET"),
    (0x2, "FREQUENCY"),
    (0x4, "MAXERROR"),
    (0x8, "ESTERROR"),
    (0x10, "STATUS"),
    (0x20, "TIMECONST"),
    (0x400, "PLL"),
    (0x800, "FLL"),
    (0x1000, "MICRO"),
    (0x2000, "NANO"),
    (0x4000, "CLKB"),
    (0x8000, "CLKA"),
];

/// The names of the status bits.
pub const STATUS_BITS: &[(u32, &str)] = &[
    (0x1, "PLL"),
    (0x2, "PPSFREQ"),
    (0x4, "PPSTIME"),
    (0x8, "FLL"),
    (0x10, "INS"),
    (0x20, "DEL"),
    (0x40, "UNSYNC"),
    (0x80, "FREQHOLD"),
    (0x100, "PPSSIGNAL"),
    (0x200, "PPSJITTER"),
    (0x400, "PPSWANDER"),
    (0x800, "PPSERROR"),
    (0x1000, "CLOCKERR"),
    (0x2000, "NANO"),
    (0x4000, "MODE"),
    (0x8000, "CLK"),
];

/// The name of a clock state.
pub fn code_name(code: i32) -> String {
    match code {
        0 => "OK".into(),
        1 => "INS".into(),
        2 => "DEL".into(),
        3 => "OOP".into(),
        4 => "WAIT".into(),
        5 => "ERROR".into(),
        other => format!("TIME-#{other}"),
    }
}

/// The names of the set bits, separated by commas.
pub fn names(bits: u32, names: &[(u32, &'static str)]) -> String {
    let set: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    set.join(",")
}

/// The line about the cost of a reading: the first fraction of a second, then the increments.
pub fn cost(fractions: &[i64]) -> String {
    let mut text = format!("[ us {:06}:", fractions.first().copied().unwrap_or(0));
    for pair in fractions.windows(2) {
        if let [before, after] = pair {
            text += &format!(" {}", after - before);
        }
    }
    text + " ]\n"
}

/// The first block: the time and its errors.
pub fn time(state: &KernelState, raw: bool, zone: &TimeZone) -> String {
    let nano = is_nano(state);
    let width = if nano { 9 } else { 6 };
    let stamp = stamp(state);
    let now = Timestamp::from_second(state.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let date = date(stamp, now, zone);
    let mut text = format!(
        "ntp_gettime() returns code {} ({})\n  time {date}, (.{:0width$}),\n  \
         maximum error {} us, estimated error {} us",
        state.code,
        code_name(state.code),
        state.subseconds,
        state.maximum_error,
        state.estimated_error,
    );
    if raw {
        let calendar = crate::text::date::ctime(zone.to_datetime(now));
        text += &format!(
            "  ntptime={:x}.{:x} unixtime={:x}.{:0width$} {calendar}\n",
            stamp.seconds(),
            stamp.fraction(),
            state.seconds,
            state.subseconds,
        );
    }
    text + &format!(", TAI offset {}\n", state.tai)
}

/// The second block: the whole state.
pub fn adjustment(state: &KernelState) -> String {
    let unit = if is_nano(state) { 1000.0 } else { 1.0 };
    let (code, name) = (state.code, code_name(state.code));
    let (offset, frequency) = (in_unit(state.offset, unit), in_unit(state.frequency, 65_536.0));
    let modes = format!("0x{:x} ({})", state.modes.0, names(state.modes.0, MODES));
    let bits = state.status.0.cast_unsigned();
    let status = format!("0x{bits:x} ({})", names(bits, STATUS_BITS));
    let (precision, tolerance) = (in_unit(state.precision, unit), in_unit(state.tolerance, 65_536.0));
    let mut text = format!(
        "ntp_adjtime() returns code {code} ({name})\n  modes {modes},\n  \
         offset {offset:.3} us, frequency {frequency:.3} ppm, interval {} s,\n  \
         maximum error {} us, estimated error {} us,\n  status {status},\n  \
         time constant {}, precision {precision:.3} us, tolerance {tolerance:.0} ppm,\n",
        1_i32.wrapping_shl(state.pps.shift.cast_unsigned()),
        state.maximum_error,
        state.estimated_error,
        state.constant.cast_unsigned(),
    );
    let pps = &state.pps;
    if pps.shift != 0 {
        text += &format!(
            "  pps frequency {:.3} ppm, stability {:.3} ppm, jitter {:.3} us,\n  \
             intervals {}, jitter exceeded {}, stability exceeded {}, errors {}.\n",
            in_unit(pps.frequency, 65_536.0),
            in_unit(pps.stability, 65_536.0),
            in_unit(pps.jitter, unit),
            pps.calibrations.cast_unsigned(),
            pps.jitter_exceeded.cast_unsigned(),
            pps.stability_exceeded.cast_unsigned(),
            pps.errors.cast_unsigned(),
        );
    }
    text
}

/// The time as an NTP timestamp, with its fraction rounded to the resolution of the kernel's unit.
pub fn stamp(state: &KernelState) -> NtpTimestamp {
    let nano = is_nano(state);
    let microseconds = if nano { state.subseconds / 1000 } else { state.subseconds };
    let exact = (i128::from(microseconds) << 32).saturating_add(500_000).div_euclid(1_000_000);
    let fraction = u32::try_from(exact.rem_euclid(1 << 32)).unwrap_or(0);
    let fraction = if nano {
        fraction.wrapping_add(0x2) & 0xffff_fffc
    } else {
        fraction.wrapping_add(0x800) & 0xffff_f000
    };
    let era_seconds = state.seconds.wrapping_add(UNIX_EPOCH_IN_NTP) & 0xffff_ffff;
    NtpTimestamp::new(u32::try_from(era_seconds).unwrap_or(0), fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::kernel::Status;
    use crate::clock::kernel::{Modes, PulseState};

    fn state(subseconds: i64, status: i32) -> KernelState {
        KernelState {
            seconds: 1_795_176_000,
            subseconds,
            status: Status(status),
            maximum_error: 16_000_000,
            estimated_error: 16_000_000,
            constant: 2,
            precision: 1,
            tolerance: 500 << 16,
            ..KernelState::default()
        }
    }

    #[test]
    fn the_recorded_blocks() {
        let micro = KernelState { code: 5, ..state(84_300, 0x40) };
        assert_eq!(
            time(&micro, false, &TimeZone::UTC),
            "ntp_gettime() returns code 5 (ERROR)\n  \
             time eeaab4c0.1594b000  Fri, Nov 20 2026 12:00:00.084, (.084300),\n  \
             maximum error 16000000 us, estimated error 16000000 us, TAI offset 0\n"
        );
        assert_eq!(
            adjustment(&micro),
            "ntp_adjtime() returns code 5 (ERROR)\n  modes 0x0 (),\n  \
             offset 0.000 us, frequency 0.000 ppm, interval 1 s,\n  \
             maximum error 16000000 us, estimated error 16000000 us,\n  status 0x40 (UNSYNC),\n  \
             time constant 2, precision 1.000 us, tolerance 500 ppm,\n"
        );
        let nano = state(399_441_196, 0x2040);
        assert_eq!(
            time(&nano, true, &TimeZone::UTC),
            "ntp_gettime() returns code 0 (OK)\n  \
             time eeaab4c0.6641c3f0  Fri, Nov 20 2026 12:00:00.399, (.399441196),\n  \
             maximum error 16000000 us, estimated error 16000000 us  \
             ntptime=eeaab4c0.6641c3f0 unixtime=6b003640.399441196 Fri Nov 20 12:00:00 2026\n, TAI offset 0\n"
        );
    }

    #[test]
    fn a_pulse_adds_its_lines() {
        let pulse = PulseState {
            shift: 4,
            frequency: -65_536,
            jitter: 1500,
            stability: 6554,
            calibrations: 7,
            jitter_exceeded: 8,
            stability_exceeded: 9,
            errors: 10,
        };
        let text = adjustment(&KernelState { pps: pulse, modes: Modes(0x80), ..state(0, 0x2107) });
        assert!(text.contains("modes 0x80 (),\n") && text.contains("interval 16 s,\n"), "{text}");
        assert!(text.contains("status 0x2107 (PLL,PPSFREQ,PPSTIME,PPSSIGNAL,NANO),\n"), "{text}");
        assert!(text.ends_with(
            "  pps frequency -1.000 ppm, stability 0.100 ppm, jitter 1.500 us,\n  \
             intervals 7, jitter exceeded 8, stability exceeded 9, errors 10.\n"
        ));
    }

    #[test]
    fn the_cost_line() {
        assert_eq!(cost(&[820_437_611, 820_439_306, 820_439_969]), "[ us 820437611: 1695 663 ]\n");
        assert_eq!(cost(&[42, 40]), "[ us 000042: -2 ]\n");
    }
}
