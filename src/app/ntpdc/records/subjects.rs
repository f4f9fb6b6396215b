//! The fields of each report.

use crate::model::records::{Subject, counter, gauge, label, parts_per_million, plain};

pub(super) static PEERS: Subject = Subject {
    schema: "ntpkit.mode7.peers.v1",
    list: Some("peers"),
    fields: &[
        plain("name | Remote"),
        label("address | Address"),
        plain("local_address | Local"),
        plain("mode | Mode"),
        plain("selection | Selection"),
        gauge("stratum | St | ntpkit_mode7_peer_stratum: Stratum of the peer."),
        gauge("poll_s | Poll [s] | ntpkit_mode7_peer_poll_seconds: Time between polls."),
        gauge(
            "reach | Reach | ntpkit_mode7_peer_reach: Which of the last eight polls were answered, as bits.",
        ),
        gauge("delay_s | Delay [s] | ntpkit_mode7_peer_delay_seconds: Round trip to the peer."),
        gauge(
            "offset_s | Offset [s] | ntpkit_mode7_peer_offset_seconds: By how much the peer's clock is ahead.",
        ),
        gauge(
            "dispersion_s | Dispersion [s] | ntpkit_mode7_peer_dispersion_seconds: Error that may be in the offset.",
        ),
        plain("flags | Flags"),
    ],
};

pub(super) static PEER_DETAILS: Subject = Subject {
    schema: "ntpkit.mode7.showpeer.v1",
    list: Some("peers"),
    fields: &[
        plain("name | Remote"),
        label("address | Address"),
        plain("local_address | Local"),
        plain("mode | Mode"),
        plain("peer_mode | Peer's mode"),
        plain("association_id | Association"),
        gauge("stratum | Stratum | ntpkit_mode7_peer_stratum: Stratum of the peer."),
        plain("precision_log2s | Precision [log2 s]"),
        plain("leap | Leap"),
        plain("refid | Refid"),
        gauge(
            "root_delay_s | Root delay [s] | ntpkit_mode7_peer_root_delay_seconds: Round trip from the peer to its primary clock.",
        ),
        gauge(
            "root_dispersion_s | Root dispersion [s] | ntpkit_mode7_peer_root_dispersion_seconds: Dispersion of the peer.",
        ),
        plain("peer_poll_log2s | Peer's poll [log2 s]"),
        plain("host_poll_log2s | Poll [log2 s]"),
        plain("key_id | Key"),
        plain("version | Version"),
        gauge(
            "reach | Reach | ntpkit_mode7_peer_reach: Which of the last eight polls were answered, as bits.",
        ),
        gauge("unreach | Unreach | ntpkit_mode7_peer_unreach: Polls since the last answer."),
        plain("flash | Flash"),
        plain("broadcast_offset_s | Broadcast offset [s]"),
        plain("ttl | TTL or mode"),
        plain("timer_s | Timer [s]"),
        plain("flags | Flags"),
        plain("reference_time | Reference time"),
        plain("originate_time | Originate time"),
        plain("receive_time | Receive time"),
        plain("transmit_time | Transmit time"),
        plain("filter_delay_s | Filter delay [s]"),
        plain("filter_offset_s | Filter offset [s]"),
        gauge(
            "offset_s | Offset [s] | ntpkit_mode7_peer_offset_seconds: By how much the peer's clock is ahead.",
        ),
        gauge("delay_s | Delay [s] | ntpkit_mode7_peer_delay_seconds: Round trip to the peer."),
        gauge(
            "dispersion_s | Error bound [s] | ntpkit_mode7_peer_dispersion_seconds: Error that may be in the offset.",
        ),
        plain("filter_error_s | Filter error [s]"),
    ],
};

pub(super) static SYSTEM: Subject = Subject {
    schema: "ntpkit.mode7.sysinfo.v1",
    list: None,
    fields: &[
        plain("system_peer | System peer"),
        plain("system_peer_mode | System peer mode"),
        gauge("leap | Leap indicator | ntpkit_mode7_system_leap: Leap indicator; 3 means not synchronised."),
        gauge("stratum | Stratum | ntpkit_mode7_system_stratum: Stratum of the daemon."),
        plain("precision_log2s | Precision [log2 s]"),
        gauge(
            "root_delay_s | Root distance [s] | ntpkit_mode7_system_root_delay_seconds: Round trip to the primary clock.",
        ),
        gauge(
            "root_dispersion_s | Root dispersion [s] | ntpkit_mode7_system_root_dispersion_seconds: Dispersion to the primary clock.",
        ),
        plain("refid | Reference ID"),
        plain("reference_time | Reference time"),
        plain("flags | System flags"),
        gauge("jitter_s | Jitter [s] | ntpkit_mode7_system_jitter_seconds: Jitter of the daemon."),
        parts_per_million(
            "stability_ppm | Stability [ppm] | ntpkit_mode7_system_stability_ratio: How much the frequency wanders.",
        ),
        plain("broadcast_delay_s | Broadcast delay [s]"),
        plain("authentication_delay_s | Authentication delay [s]"),
    ],
};

pub(super) static LOOP_FILTER: Subject = Subject {
    schema: "ntpkit.mode7.loopinfo.v1",
    list: None,
    fields: &[
        gauge("offset_s | Offset [s] | ntpkit_mode7_loop_offset_seconds: Offset of the clock."),
        parts_per_million(
            "frequency_ppm | Frequency [ppm] | ntpkit_mode7_loop_frequency_ratio: Correction of the clock.",
        ),
        gauge(
            "poll_adjust | Poll adjust | ntpkit_mode7_loop_poll_adjust: How far the poll interval is from its next change.",
        ),
        gauge(
            "watchdog_s | Watchdog timer [s] | ntpkit_mode7_loop_watchdog_seconds: Time since the clock was last set.",
        ),
    ],
};

pub(super) static KERNEL: Subject = Subject {
    schema: "ntpkit.mode7.kerninfo.v1",
    list: None,
    fields: &[
        gauge("offset_s | Offset [s] | ntpkit_mode7_kernel_offset_seconds: Offset that the kernel works on."),
        parts_per_million(
            "frequency_ppm | Frequency [ppm] | ntpkit_mode7_kernel_frequency_ratio: Correction of the clock.",
        ),
        gauge(
            "maximum_error_s | Maximum error [s] | ntpkit_mode7_kernel_maximum_error_seconds: Largest error.",
        ),
        gauge(
            "estimated_error_s | Estimated error [s] | ntpkit_mode7_kernel_estimated_error_seconds: Estimated error.",
        ),
        plain("status | Status"),
        plain("flags | Flags"),
        gauge(
            "time_constant | Time constant | ntpkit_mode7_kernel_time_constant: Exponent of the loop's time constant.",
        ),
        gauge("precision_s | Precision [s] | ntpkit_mode7_kernel_precision_seconds: Precision of the clock."),
        parts_per_million(
            "tolerance_ppm | Frequency tolerance [ppm] | ntpkit_mode7_kernel_tolerance_ratio: Largest correction.",
        ),
        parts_per_million(
            "pps_frequency_ppm | PPS frequency [ppm] | ntpkit_mode7_kernel_pps_frequency_ratio: Frequency by the pulse signal.",
        ),
        parts_per_million(
            "pps_stability_ppm | PPS stability [ppm] | ntpkit_mode7_kernel_pps_stability_ratio: How much that wanders.",
        ),
        gauge(
            "pps_jitter_s | PPS jitter [s] | ntpkit_mode7_kernel_pps_jitter_seconds: Jitter of the pulse signal.",
        ),
        gauge(
            "calibration_interval_s | Calibration interval [s] | ntpkit_mode7_kernel_calibration_interval_seconds: Time of one calibration.",
        ),
        counter("calibration_cycles | Calibration cycles | ntpkit_mode7_kernel_calibrations: Calibrations."),
        counter(
            "jitter_exceeded | Jitter exceeded | ntpkit_mode7_kernel_jitter_exceeded: Pulses with too much jitter.",
        ),
        counter(
            "stability_exceeded | Stability exceeded | ntpkit_mode7_kernel_stability_exceeded: Calibrations that wandered too far.",
        ),
        counter(
            "calibration_errors | Calibration errors | ntpkit_mode7_kernel_calibration_errors: Calibrations that failed.",
        ),
    ],
};
