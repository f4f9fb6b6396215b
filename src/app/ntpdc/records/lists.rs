//! The fields of the lists.

use crate::model::records::{Subject, counter, gauge, label, plain};

pub(super) static RESTRICTIONS: Subject = Subject {
    schema: "ntpkit.mode7.reslist.v1",
    list: Some("restrictions"),
    fields: &[
        label("address | Address"),
        label("mask | Mask"),
        counter("count | Count | ntpkit_mode7_restriction_hits: Packets that the rule was applied to."),
        // One address can have several rules, for packets of different kinds.
        label("flags | Flags"),
    ],
};

pub(super) static CLIENTS: Subject = Subject {
    schema: "ntpkit.mode7.monlist.v1",
    list: Some("clients"),
    fields: &[
        plain("name | Remote"),
        label("address | Address"),
        label("port | Port"),
        plain("local_address | Local"),
        counter("count | Count | ntpkit_mode7_client_packets: Packets of the client."),
        plain("mode | Mode"),
        plain("version | Version"),
        plain("restrictions | Restrictions"),
        gauge(
            "average_interval_s | Average interval [s] | ntpkit_mode7_client_average_interval_seconds: Time between packets.",
        ),
        plain("first_s | First [s]"),
        gauge("last_s | Last [s] | ntpkit_mode7_client_last_seconds: Time since the last packet."),
    ],
};

pub(super) static INTERFACES: Subject = Subject {
    schema: "ntpkit.mode7.ifstats.v1",
    list: Some("interfaces"),
    fields: &[
        plain("number | #"),
        label("name | Name"),
        label("address | Address"),
        plain("mask | Mask"),
        plain("broadcast | Broadcast"),
        gauge("enabled | Enabled | ntpkit_mode7_interface_enabled: Whether packets are taken there."),
        plain("flags | Flags"),
        plain("ttl | TTL"),
        plain("multicast_groups | Groups"),
        counter("received | Received | ntpkit_mode7_interface_received_packets: Packets received."),
        counter("sent | Sent | ntpkit_mode7_interface_sent_packets: Packets sent."),
        counter(
            "not_sent | Not sent | ntpkit_mode7_interface_not_sent_packets: Packets that could not be sent.",
        ),
        plain("scope | Scope"),
        gauge("peers | Peers | ntpkit_mode7_interface_peers: Associations that use it."),
        plain("uptime_s | Uptime [s]"),
    ],
};
