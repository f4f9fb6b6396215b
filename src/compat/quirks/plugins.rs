//! The monitoring plugins, compared with the Monitoring Plugins 2.3.3.

use super::quirks;

quirks! {
    kept LENIENT_RANGES "lenient-ranges" ["check_ntp_time" "check_ntp_peer"]
        "parses as much of a range as is valid, and garbage as 0" => "reports wrong usage", "a typo must not disable a threshold";
    kept MINUS_1_FOR_UNKNOWN "minus-1-for-unknown" ["check_ntp_peer"]
        "treats an unknown offset as 0, and unknown jitter and stratum as -1" =>
        "prints `U` in the performance data and counts them as UNKNOWN", "nothing was measured";
    kept FOUR_AT_ONCE "four-at-once" ["check_ntp_time"]
        "sends four requests as fast as replies arrive, and reports no time if the server limits its clients" =>
        "sends one, and another only after 2 s of silence", "`restrict limited` drops or refuses the rest";
    kept BEST_STRATUM_COUNTS "best-stratum-counts" ["check_ntp_time"]
        "trusts one of a name's servers: the one with the lowest stratum, dispersion and delay" =>
        "trusts the majority of all servers", "a single falseticker must not decide";
    kept PLUGIN_ASKS_NTPD "plugin-asks-ntpd" ["check_ntp_peer"]
        "queries only ntpd" => "also queries chronyd, and ntpd-rs and systemd-timesyncd on this machine", "they are the default on most systems";
    kept NO_REASON "no-reason" ["check_ntp_time" "check_ntp_peer"]
        "reports only that there was no reply" => "names the host and the likely cause", "silence has many causes";
    kept PLUGIN_PORTS "plugin-ports" ["check_ntp_time" "check_ntp_peer"]
        "accepts a port only with `-p`" => "also accepts `NAME:PORT` and `[ADDRESS]:PORT`", "several hosts may have several ports";
}
