//! The kernel's clock as samples: `ntpkit_kernel_*`, for `ntptime` and the exporter.

use crate::clock::kernel::{KernelState, Status};
use crate::render::openmetrics::exposition::{Exposition, Family, gauge};

const SYNCHRONIZED: Family =
    gauge("ntpkit_kernel_synchronized: Whether the kernel considers its clock synchronised.");
const CODE: Family = gauge("ntpkit_kernel_code: The state of the kernel's clock, 0 to 5.");
const STATUS: Family = gauge("ntpkit_kernel_status: The status bits of the kernel's clock.");
const OFFSET: Family = gauge("ntpkit_kernel_offset_seconds: The offset still to be slewed.");
const MAXIMUM_ERROR: Family = gauge("ntpkit_kernel_maximum_error_seconds: The maximum error.");
const ESTIMATED_ERROR: Family = gauge("ntpkit_kernel_estimated_error_seconds: The estimated error.");
const TAI_OFFSET: Family = gauge("ntpkit_kernel_tai_offset_seconds: TAI minus UTC.");
const FREQUENCY: Family = gauge("ntpkit_kernel_frequency_ratio: The frequency correction.");

/// Whether the kernel counts nanoseconds, not microseconds.
pub fn is_nano(state: &KernelState) -> bool {
    state.status.contains(Status::NANOSECONDS)
}

/// A number of units.
#[expect(clippy::cast_precision_loss, reason = "the kernel's numbers are far below 2^53")]
pub fn in_unit(number: i64, unit: f64) -> f64 {
    number as f64 / unit
}

/// Whether the kernel considers its clock synchronised.
pub fn is_synchronized(state: &KernelState) -> bool {
    state.code != 5 && !state.status.contains(Status::UNSYNCHRONIZED)
}

/// Adds the state of the kernel's clock.
pub fn add_kernel(exposition: &mut Exposition, state: &KernelState) {
    let unit = if is_nano(state) { 1e9 } else { 1e6 };
    for (family, value) in [
        (SYNCHRONIZED, f64::from(u8::from(is_synchronized(state)))),
        (CODE, f64::from(state.code)),
        (STATUS, f64::from(state.status.0)),
        (OFFSET, in_unit(state.offset, unit)),
        (MAXIMUM_ERROR, in_unit(state.maximum_error, 1e6)),
        (ESTIMATED_ERROR, in_unit(state.estimated_error, 1e6)),
        (TAI_OFFSET, f64::from(state.tai)),
        (FREQUENCY, in_unit(state.frequency, 65_536e6)),
    ] {
        exposition.add_alone(&family, value);
    }
}
