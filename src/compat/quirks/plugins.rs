//! The monitoring plugins, beside those of the Monitoring Plugins 2.3.3.

use super::quirks;

quirks! {
    kept LENIENT_RANGES "lenient-ranges" ["check_ntp_time" "check_ntp_peer"]
        "reads a range as far as it is one, and garbage as 0" => "reports wrong usage", "a threshold must not be lost by a typo";
    kept MINUS_1_FOR_UNKNOWN "minus-1-for-unknown" ["check_ntp_peer"]
        "prints and judges an unknown offset as 0, and unknown jitter and stratum as -1" =>
        "prints `U` among the performance data and counts them as UNKNOWN", "nothing was measured";
    kept FOUR_AT_ONCE "four-at-once" ["check_ntp_time"]
        "asks four times as fast as answers come, and reports no time when the server limits its clients" =>
        "asks once, and again only after 2 s of silence", "`restrict limited` drops or refuses the rest";
    kept BEST_STRATUM_COUNTS "best-stratum-counts" ["check_ntp_time"]
        "believes one of a name's servers: that of the lowest stratum, dispersion and delay" =>
        "believes the majority of all servers", "one lying server must not decide";
    kept PLUGIN_ASKS_NTPD "plugin-asks-ntpd" ["check_ntp_peer"]
        "asks ntpd alone" => "also asks chronyd, and ntpd-rs and systemd-timesyncd of this machine", "they are the default on most systems";
    kept NO_REASON "no-reason" ["check_ntp_time" "check_ntp_peer"]
        "reports silence and nothing else" => "names the host and what is known of the cause", "silence has many causes";
    kept PLUGIN_PORTS "plugin-ports" ["check_ntp_time" "check_ntp_peer"]
        "takes the port with `-p` alone" => "also takes `NAME:PORT` and `[ADDRESS]:PORT`", "several hosts have several ports";
}
