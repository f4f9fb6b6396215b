//! ntpstat, ntp-wait and ntptime.

use super::quirks;

quirks! {
    kept LENIENT_HEALTH "lenient-health" ["ntpstat"]
        "prints zero or garbage for values that the daemon did not send" => "prints them as unknown", "nothing was measured";
    cured STAT_CRASHES "stat-crashes" ["ntpstat"]
        "crashes if a variable has no value" => "reports it as unreadable", "no reply may crash a program";
    kept WAIT_ENDS_WITHOUT_DAEMON "wait-ends-without-daemon" ["ntp-wait"]
        "exits with `Leap status not available` as soon as no daemon answers by mode 6, and otherwise gives a reason only with `-v`" =>
        "queries other daemons, too, reports whether no daemon answers or none is synchronised, and waits in both cases",
        "at boot the daemon may start later";
    kept NTPTIME_OPTIONS "ntptime-options" ["ntptime"]
        "has no long options" => "has some", "scripts are easier to read";
    kept CONSTANT_AND_TAI "constant-and-tai" ["ntptime"]
        "accepts `-t` and `-T` together, though they share a field; the later one wins" => "reports wrong usage", "one of them would be lost";
    kept NUMBERS_AS_FAR_AS_THEY_GO "numbers-as-far-as-they-go" ["ntptime"]
        "parses as much of a number as is valid, and garbage as 0; so `-s 0x2001` clears all status bits" =>
        "reports wrong usage, and accepts a status in hexadecimal, as it is printed", "a typo must not change the kernel clock";
    kept CLIPPED_VALUES "clipped-values" ["ntptime"]
        "lets the kernel clip or ignore values out of range: `-t 11`, `-f 700`, `-o` without PLL" => "reports them",
        "the kernel would not do what was requested";
    kept STALE_SUMMARY "stale-summary" ["ntptime"]
        "gives wrong units and ranges in the summary of `-h`" => "gives those that the kernel accepts", "a summary should be correct";
    kept SILENT_MISUSE "silent-misuse" ["ntptime"]
        "prints only the options on wrong usage" => "says what is wrong", "the user must find the mistake";
    kept UNREADABLE_IS_0 "unreadable-is-0" ["ntptime"]
        "counts a failed clock reading as 0" => "omits it", "nothing was measured";
    kept KERNEL_REFUSAL_IS_OK "kernel-refusal-is-ok" ["ntptime"]
        "exits with 0 if the kernel refuses" => "exits with 1", "scripts must notice";
}
