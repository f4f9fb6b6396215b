//! The state of the kernel's clock as JSON and as `OpenMetrics` text.

use super::classic::{STATUS_BITS, code_name};
use crate::app::kernel::{add_kernel, in_unit, is_nano, is_synchronized};
use crate::clock::kernel::KernelState;
use crate::render::json::object_line;
use crate::render::openmetrics::exposition::Exposition;
use serde_json::json;

/// One object on a line, following the schema `ntpkit.kernel-clock.v1`: times in the unit named by the key, `null` for
/// values that the kernel does not provide.
pub fn json(state: &KernelState) -> String {
    let unit = if is_nano(state) { 1e3 } else { 1.0 };
    let bits = state.status.0.cast_unsigned();
    let pps = (state.pps.shift != 0).then(|| {
        json!({
            "interval_s": 1_i64.wrapping_shl(state.pps.shift.cast_unsigned()),
            "frequency_ppm": in_unit(state.pps.frequency, 65_536.0),
            "stability_ppm": in_unit(state.pps.stability, 65_536.0),
            "jitter_us": in_unit(state.pps.jitter, unit),
            "calibrations": state.pps.calibrations,
            "jitter_exceeded": state.pps.jitter_exceeded,
            "stability_exceeded": state.pps.stability_exceeded,
            "errors": state.pps.errors,
        })
    });
    let status: Vec<&str> =
        STATUS_BITS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    let object = json!({
        "schema": "ntpkit.kernel-clock.v1",
        "code": state.code,
        "state": code_name(state.code),
        "synchronized": is_synchronized(state),
        "unix_time_s": unix_time(state),
        "offset_us": in_unit(state.offset, unit),
        "frequency_ppm": in_unit(state.frequency, 65_536.0),
        "maximum_error_us": state.maximum_error,
        "estimated_error_us": state.estimated_error,
        "status": bits,
        "status_bits": status,
        "time_constant": state.constant,
        "precision_us": in_unit(state.precision, unit),
        "tolerance_ppm": in_unit(state.tolerance, 65_536.0),
        "tai_offset_s": state.tai,
        "pps": pps,
    });
    object_line(&object)
}

/// The state as `OpenMetrics` text.
pub fn openmetrics(state: &KernelState) -> String {
    let mut exposition = Exposition::default();
    add_kernel(&mut exposition, state);
    exposition.finish()
}

fn unix_time(state: &KernelState) -> f64 {
    in_unit(state.seconds, 1.0) + in_unit(state.subseconds, if is_nano(state) { 1e9 } else { 1e6 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::kernel::Status;

    #[test]
    fn json_is_numbers_with_units() {
        let state = KernelState {
            code: 0,
            offset: 1500,
            frequency: -65_536,
            status: Status(0x2001),
            seconds: 1_795_176_000,
            subseconds: 250_000_000,
            tai: 37,
            ..KernelState::default()
        };
        let value: serde_json::Value = serde_json::from_str(&json(&state)).unwrap();
        assert_eq!(value["offset_us"], 1.5);
        assert_eq!(value["frequency_ppm"], -1.0);
        assert_eq!(value["unix_time_s"], 1_795_176_000.25);
        assert_eq!(value["status_bits"], serde_json::json!(["PLL", "NANO"]));
        assert_eq!(value["synchronized"], true);
        assert!(value["pps"].is_null());
    }

    #[test]
    fn openmetrics_ends_and_names_its_units() {
        let text = openmetrics(&KernelState { code: 5, offset: -3, ..KernelState::default() });
        assert!(text.contains("# UNIT ntpkit_kernel_offset_seconds seconds\n"));
        assert!(text.contains("\nntpkit_kernel_offset_seconds -0.000003\n"), "{text}");
        assert!(text.contains("\nntpkit_kernel_synchronized 0\n"));
        assert!(text.ends_with("# EOF\n"));
    }
}
