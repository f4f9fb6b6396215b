//! Reports with a line for each value.

use super::number::{age, date, seconds};
use super::{Lines, Style};
use crate::model::NetworkAddress;
use crate::model::chronyd::{address_text, leap, letters, log2_seconds, packet_mode, stamp};
use crate::wire::chrony::{Activity, Address, Measurement, RealTimeClock, ServerStatistics, Time, Tracking};

use std::net::SocketAddr;

/// The highest stratum whose reference ID is letters.
const PRIMARY: u8 = 1;

pub(super) fn tracking(tracking: &Tracking, style: Style<'_>) -> String {
    let mut lines = Lines::new(style);
    let name = match tracking.address {
        Address::None => letters(tracking.reference_id),
        address => (style.name)(&address),
    };
    let time =
        Time { seconds: tracking.reference_time.unwrap_or(0), nanoseconds: tracking.reference_nanoseconds };
    // The daemon reports by how much the clock is too fast.
    let (last_offset, frequency) = (-tracking.last_offset, -tracking.frequency);
    let residual = -tracking.residual_frequency;
    lines.say("Reference ID    : ").same(format_args!("{:08X}", tracking.reference_id));
    lines.say(" (").same(name).say(")\n");
    lines.line("Stratum         : ", tracking.stratum, "");
    lines.say("Ref time (UTC)  : ").put(date(time), seconds(time)).say("\n");
    let correction = tracking.correction;
    let direction = if correction > 0.0 { "slow" } else { "fast" };
    lines.say("System time     : ");
    lines.put(format_args!("{:.9} seconds {direction}", correction.abs()), format_args!("{correction:.9}"));
    lines.say(" of NTP time\nLast offset     : ");
    lines.put(format_args!("{last_offset:+.9}"), format_args!("{last_offset:.9}")).say(" seconds\n");
    lines.line("RMS offset      : ", format_args!("{:.9}", tracking.rms_offset), " seconds");
    let direction = if frequency > 0.0 { "fast" } else { "slow" };
    lines.say("Frequency       : ");
    lines.put(format_args!("{:.3} ppm {direction}", frequency.abs()), format_args!("{frequency:.3}"));
    lines.say("\nResidual freq   : ");
    lines.put(format_args!("{residual:+.3}"), format_args!("{residual:.3}")).say(" ppm\n");
    lines.line("Skew            : ", format_args!("{:.3}", tracking.skew), " ppm");
    lines.line("Root delay      : ", format_args!("{:.9}", tracking.root_delay), " seconds");
    lines.line("Root dispersion : ", format_args!("{:.9}", tracking.root_dispersion), " seconds");
    lines.line("Update interval : ", format_args!("{:.1}", tracking.update_interval), " seconds");
    lines.line("Leap status     : ", leap(tracking.leap).1, "");
    lines.end()
}

/// An address and the reference ID of a server there.
fn address(lines: &mut Lines, label: &str, address: &Address) {
    let reference_id = match address {
        Address::Ip(ip) => NetworkAddress(SocketAddr::new(*ip, 0)).reference_id(),
        _ => 0,
    };
    lines.say(label).same(address_text(address)).say(" (");
    lines.same(format_args!("{reference_id:08X}")).say(")\n");
}

pub(super) fn measurement(measured: &Measurement, style: Style<'_>) -> String {
    let mut lines = Lines::new(style);
    lines.say("\n");
    address(&mut lines, "Remote address  : ", &measured.remote);
    lines.line("Remote port     : ", measured.port, "");
    address(&mut lines, "Local address   : ", &measured.local);
    lines.line("Leap status     : ", leap(measured.leap.into()).1, "");
    lines.line("Version         : ", measured.version, "");
    lines.line("Mode            : ", packet_mode(measured.mode), "");
    lines.line("Stratum         : ", measured.stratum, "");
    lines.say("Poll interval   : ").same(measured.poll).say(" (");
    lines.same(format_args!("{:.0}", log2_seconds(measured.poll))).say(" seconds)\n");
    lines.say("Precision       : ").same(measured.precision).say(" (");
    lines.same(format_args!("{:.9}", log2_seconds(measured.precision))).say(" seconds)\n");
    lines.line("Root delay      : ", format_args!("{:.6}", measured.root_delay), " seconds");
    lines.line("Root dispersion : ", format_args!("{:.6}", measured.root_dispersion), " seconds");
    let id = measured.reference_id;
    lines.say("Reference ID    : ").same(format_args!("{id:08X}")).say(" (");
    lines.same(if measured.stratum <= PRIMARY { letters(id) } else { String::new() }).say(")\n");
    let time = measured.reference_time;
    lines.say("Reference time  : ").put(date(time), seconds(time)).say("\nOffset          : ");
    let offset = measured.offset;
    lines.put(format_args!("{offset:+.9}"), format_args!("{offset:.9}")).say(" seconds\n");
    lines.line("Peer delay      : ", format_args!("{:.9}", measured.delay), " seconds");
    lines.line("Peer dispersion : ", format_args!("{:.9}", measured.dispersion), " seconds");
    lines.line("Response time   : ", format_args!("{:.9}", measured.response_time), " seconds");
    let asymmetry = measured.asymmetry;
    lines.say("Jitter asymmetry: ").put(format_args!("{asymmetry:+.2}"), format_args!("{asymmetry:.2}"));
    lines.say("\nNTP tests       : ");
    let tests = |range: std::ops::Range<u32>| -> String {
        range.map(|test| if measured.passed(test) { '1' } else { '0' }).collect()
    };
    lines.same(tests(0..3)).say(" ").same(tests(3..6)).say(" ").same(tests(6..10)).say("\n");
    lines.line("Interleaved     : ", yes_or_no(measured.is_interleaved()), "");
    lines.line("Authenticated   : ", yes_or_no(measured.is_authenticated()), "");
    lines.line("TX timestamping : ", stamp(measured.transmit_stamp), "");
    lines.line("RX timestamping : ", stamp(measured.receive_stamp), "");
    lines.line("Total TX        : ", measured.sent, "");
    lines.line("Total RX        : ", measured.received, "");
    lines.line("Total valid RX  : ", measured.valid, "");
    lines.line("Total good RX   : ", measured.good, "");
    if let Some([kernel_sent, kernel_received, hardware_sent, hardware_received]) = measured.stamps {
        lines.line("Total kernel TX : ", kernel_sent, "");
        lines.line("Total kernel RX : ", kernel_received, "");
        lines.line("Total HW TX     : ", hardware_sent, "");
        lines.line("Total HW RX     : ", hardware_received, "");
    }
    lines.end()
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

pub(super) fn server(counted: &ServerStatistics, style: Style<'_>) -> String {
    let stamps = [
        "NTP daemon RX timestamps   : ",
        "NTP daemon TX timestamps   : ",
        "NTP kernel RX timestamps   : ",
        "NTP kernel TX timestamps   : ",
        "NTP hardware RX timestamps : ",
        "NTP hardware TX timestamps : ",
    ];
    let rows = [
        ("NTP packets received       : ", Some(counted.received)),
        ("NTP packets dropped        : ", Some(counted.dropped)),
        ("Command packets received   : ", Some(counted.commands)),
        ("Command packets dropped    : ", Some(counted.dropped_commands)),
        ("Client log records dropped : ", Some(counted.dropped_records)),
        ("NTS-KE connections accepted: ", counted.key_establishments),
        ("NTS-KE connections dropped : ", counted.dropped_key_establishments),
        ("Authenticated NTP packets  : ", counted.authenticated),
        ("Interleaved NTP packets    : ", counted.interleaved),
        ("NTP timestamps held        : ", counted.time_stamps),
        ("NTP timestamp span         : ", counted.time_stamp_span),
    ];
    let stamps = stamps.into_iter().zip(counted.stamps.unwrap_or_default().map(Some));
    let mut lines = Lines::new(style);
    for (label, count) in rows.into_iter().chain(stamps.filter(|_| counted.stamps.is_some())) {
        if let Some(count) = count {
            lines.line(label, count, "");
        }
    }
    lines.end()
}

pub(super) fn activity(activity: &Activity, style: Style<'_>) -> String {
    let mut lines = Lines::new(style);
    lines.say("200 OK\n");
    for (count, words) in [
        (activity.online, "sources online\n"),
        (activity.offline, "sources offline\n"),
        (activity.burst_online, "sources doing burst (return to online)\n"),
        (activity.burst_offline, "sources doing burst (return to offline)\n"),
        (activity.unresolved, "sources with unknown address\n"),
    ] {
        lines.same(count).say(" ").say(words);
    }
    lines.end()
}

pub(super) fn real_time_clock(clock: &RealTimeClock, style: Style<'_>) -> String {
    let mut lines = Lines::new(style);
    let time = clock.reference_time;
    lines.say("RTC ref time (UTC) : ").put(date(time), seconds(time)).say("\n");
    lines.line("Number of samples  : ", clock.samples, "");
    lines.line("Number of runs     : ", clock.runs, "");
    let span = Some(clock.span).filter(|span| *span != u32::MAX);
    lines.say("Sample span period : ").put(age(span), clock.span).say("\nRTC is fast by     : ");
    lines.put(format_args!("{:12.6}", clock.offset), format_args!("{:.6}", clock.offset)).say(" seconds\n");
    lines.say("RTC gains time at  : ");
    lines.put(format_args!("{:9.3}", clock.gain), format_args!("{:.3}", clock.gain)).say(" ppm\n");
    lines.end()
}
