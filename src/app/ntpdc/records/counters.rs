//! The fields of the counters.

use crate::model::records::{Subject, counter, gauge};

/// The fields of `sysstats`, in the order of the counters.
pub static SYSTEM_STATISTICS: Subject = Subject {
    schema: "ntpkit.mode7.sysstats.v1",
    list: None,
    fields: &[
        gauge(
            "uptime_s | Time since restart [s] | ntpkit_mode7_system_uptime_seconds: Time since the daemon started.",
        ),
        gauge(
            "reset_age_s | Time since reset [s] | ntpkit_mode7_system_reset_age_seconds: Time since the counters were reset.",
        ),
        counter("received | Packets received | ntpkit_mode7_system_received_packets: Packets received."),
        counter("processed | Packets processed | ntpkit_mode7_system_processed_packets: Packets processed."),
        counter(
            "current_version | Current version | ntpkit_mode7_system_current_version_packets: Packets of the current version.",
        ),
        counter(
            "previous_version | Previous version | ntpkit_mode7_system_previous_version_packets: Packets of older versions.",
        ),
        counter("declined | Declined | ntpkit_mode7_system_declined_packets: Packets declined."),
        counter(
            "restricted | Access denied | ntpkit_mode7_system_restricted_packets: Packets that rules of access forbid.",
        ),
        counter(
            "bad_format | Bad length or format | ntpkit_mode7_system_bad_format_packets: Packets of a bad form.",
        ),
        counter(
            "bad_authentication | Bad authentication | ntpkit_mode7_system_bad_authentication_packets: Packets not authentic.",
        ),
        counter(
            "rate_exceeded | Rate exceeded | ntpkit_mode7_system_rate_exceeded_packets: Packets that came too fast.",
        ),
    ],
};

/// The fields of `iostats`, in the order of the counters.
pub static INPUT_OUTPUT: Subject = Subject {
    schema: "ntpkit.mode7.iostats.v1",
    list: None,
    fields: &[
        gauge(
            "reset_age_s | Time since reset [s] | ntpkit_mode7_io_reset_age_seconds: Time since the counters were reset.",
        ),
        gauge("receive_buffers | Receive buffers | ntpkit_mode7_io_receive_buffers: Buffers for packets."),
        gauge(
            "free_receive_buffers | Free receive buffers | ntpkit_mode7_io_free_receive_buffers: Those that are free.",
        ),
        gauge(
            "used_receive_buffers | Used receive buffers | ntpkit_mode7_io_used_receive_buffers: Those that are full.",
        ),
        counter(
            "low_water_refills | Low water refills | ntpkit_mode7_io_low_water_refills: How often buffers were added.",
        ),
        counter(
            "dropped | Dropped packets | ntpkit_mode7_io_dropped_packets: Packets dropped for want of buffers.",
        ),
        counter(
            "ignored | Ignored packets | ntpkit_mode7_io_ignored_packets: Packets to interfaces that are not listened on.",
        ),
        counter("received | Received packets | ntpkit_mode7_io_received_packets: Packets received."),
        counter("sent | Packets sent | ntpkit_mode7_io_sent_packets: Packets sent."),
        counter(
            "not_sent | Packets not sent | ntpkit_mode7_io_not_sent_packets: Packets that could not be sent.",
        ),
        counter("interrupts | Interrupts handled | ntpkit_mode7_io_interrupts: Interrupts handled."),
        counter(
            "received_by_interrupt | Received by interrupt | ntpkit_mode7_io_interrupt_packets: Packets received by interrupts.",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::records::Field;
    use crate::wire::mode7::counters::{self, Counter};

    #[test]
    fn counters_have_the_same_keys_as_their_fields() {
        for (table, subject) in
            [(&counters::SYSTEM, &SYSTEM_STATISTICS), (&counters::INPUT_OUTPUT, &INPUT_OUTPUT)]
        {
            let keys = table.counters.iter().map(Counter::key);
            assert!(keys.eq(subject.fields.iter().map(Field::key)), "{}", subject.schema);
        }
    }
}
