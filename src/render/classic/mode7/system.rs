//! `sysinfo`, `loopinfo`, `kerninfo`.

use super::{host, leap, reference_id};
use crate::compat::Quirk;
use crate::model::mode7::mode_name;
use crate::render::classic::Style;
use crate::render::classic::date::date;
use crate::render::classic::fixed::{plain, signed};
use crate::render::classic::general::general;
use crate::wire::mode7::fields::short;
use crate::wire::mode7::system::{KernelInfo, LoopInfo, SystemInfo};

/// `sysinfo`.
pub fn system(info: &SystemInfo, style: &Style<'_>) -> String {
    let names = info.flag_names();
    // A lone `auth` counts as none in the classic program.
    let is_none = names.is_empty() || style.dialect.keeps(Quirk::LONE_AUTH_IS_NONE) && names == ["auth"];
    let flags =
        if is_none { "none".to_owned() } else { names.iter().map(|name| format!("{name} ")).collect() };
    [
        format!("system peer:          {}\n", host(info.peer, style)),
        format!("system peer mode:     {}\n", mode_name(info.peer_mode)),
        format!("leap indicator:       {}\n", leap(info.leap)),
        format!("stratum:              {}\n", info.stratum),
        format!("precision:            {}\n", info.precision),
        format!("root distance:        {} s\n", plain(info.root_delay, 5)),
        format!("root dispersion:      {} s\n", plain(info.root_dispersion, 5)),
        format!("reference ID:         [{}]\n", reference_id(info.reference_id, info.stratum, false)),
        format!("reference time:       {}\n", date(info.reference_time, style.now, &style.time_zone)),
        format!("system flags:         {flags}\n"),
        format!("jitter:               {} s\n", plain(info.jitter, 6)),
        format!("stability:            {} ppm\n", plain(info.stability, 3)),
        format!("broadcastdelay:       {} s\n", plain(info.broadcast_delay, 6)),
        format!("authdelay:            {} s\n", signed(info.authentication_delay, 6, style.dialect)),
    ]
    .concat()
}

/// `loopinfo`, on one line or on four.
pub fn loop_filter(info: &LoopInfo, one_line: bool, style: &Style<'_>) -> String {
    let offset = signed(info.offset, 6, style.dialect);
    let frequency = signed(info.frequency, 3, style.dialect);
    let (adjust, watchdog) = (info.poll_adjust, info.watchdog);
    if one_line {
        return format!("offset {offset}, frequency {frequency}, time_const {adjust}, watchdog {watchdog}\n");
    }
    format!(
        "offset:               {offset} s\nfrequency:            {frequency} ppm\n\
         poll adjust:          {adjust}\nwatchdog timer:       {watchdog} s\n"
    )
}

/// `kerninfo`.
pub fn kernel(info: &KernelInfo, style: &Style<'_>) -> String {
    let status: String = info.status_names().iter().map(|name| format!(" {name}")).collect();
    let ppm = |frequency: i32, decimals| plain(short(frequency), decimals);
    let micro = |value: u32| general(f64::from(value) * 1e-6);
    let mut text = [
        format!("pll offset:           {} s\n", general(f64::from(info.offset) * info.tick())),
        format!("pll frequency:        {} ppm\n", ppm(info.frequency, 3)),
        format!("maximum error:        {} s\n", micro(info.maximum_error)),
        format!("estimated error:      {} s\n", micro(info.estimated_error)),
        format!("status:               {:04x} {status}\n", info.status),
        format!("pll time constant:    {}\n", info.constant),
        format!("precision:            {} s\n", micro(info.precision)),
        format!("frequency tolerance:  {} ppm\n", tolerance(info.tolerance, style)),
    ]
    .concat();
    if info.shift != 0 {
        let interval = 1_i32.wrapping_shl(info.shift.into());
        text += &[
            format!("pps frequency:        {} ppm\n", ppm(info.pps_frequency, 3)),
            format!("pps stability:        {} ppm\n", ppm(info.pps_stability, 3)),
            format!("pps jitter:           {} s\n", general(f64::from(info.pps_jitter) * info.tick())),
            format!("calibration interval: {interval} s\n"),
            format!("calibration cycles:   {}\n", info.calibration_cycles),
            format!("jitter exceeded:      {}\n", info.jitter_exceeded),
            format!("stability exceeded:   {}\n", info.stability_exceeded),
            format!("calibration errors:   {}\n", info.calibration_errors),
        ]
        .concat();
    }
    text
}

/// Formats a tolerance in whole ppm. The classic dialect loses a digit that rounding adds: 9.9 becomes 0.
fn tolerance(tolerance: i32, style: &Style<'_>) -> String {
    let rounded = plain(short(tolerance), 0);
    let whole = tolerance.unsigned_abs() >> 16;
    let grows = rounded.trim_start_matches('-').len() > whole.to_string().len();
    if grows && style.dialect.keeps(Quirk::TOLERANCE_CARRY_LOST) {
        return if tolerance < 0 { "-0".to_owned() } else { "0".to_owned() };
    }
    rounded
}
