//! ntpstat, ntp-wait and ntptime.

use super::quirks;

quirks! {
    kept LENIENT_HEALTH "lenient-health" ["ntpstat"]
        "prints figures that the daemon did not send as zero or garbage" => "prints them as unknown", "nothing was measured";
    cured STAT_CRASHES "stat-crashes" ["ntpstat"]
        "crashes where nothing follows the name of a variable" => "reports it as unreadable", "it should not crash";
    kept WAIT_ENDS_WITHOUT_DAEMON "wait-ends-without-daemon" ["ntp-wait"]
        "ends with `Leap status not available` as soon as nobody answers in mode 6, and else only with `-v` says why" =>
        "asks daemons of other kinds too, reports whether nobody answers or nobody is synchronised, and waits for either",
        "at boot the daemon may start later";
    kept NTPTIME_OPTIONS "ntptime-options" ["ntptime"]
        "knows no long options" => "knows them", "scripts read better";
    kept CONSTANT_AND_TAI "constant-and-tai" ["ntptime"]
        "accepts `-t` and `-T` together, though they share a field; the later one wins" => "reports wrong usage", "one of them would be lost";
    kept NUMBERS_AS_FAR_AS_THEY_GO "numbers-as-far-as-they-go" ["ntptime"]
        "reads a number as far as it is one, and garbage as 0; so `-s 0x2001` clears all status bits" =>
        "reports wrong usage, and takes a status in hexadecimal, as it is printed", "the kernel must not be set by a typo";
    kept CLIPPED_VALUES "clipped-values" ["ntptime"]
        "lets the kernel clip or ignore what is out of range: `-t 11`, `-f 700`, `-o` without PLL" => "reports it",
        "the kernel does not do what was asked for";
    kept STALE_SUMMARY "stale-summary" ["ntptime"]
        "gives wrong units and ranges in the summary of `-h`" => "gives those that the kernel takes", "a summary should be true";
    kept SILENT_MISUSE "silent-misuse" ["ntptime"]
        "prints only the options after wrong usage" => "says what is wrong", "the reader must find it";
    kept UNREADABLE_IS_0 "unreadable-is-0" ["ntptime"]
        "counts a failed reading of the clock as 0" => "leaves it out", "nothing was measured";
    kept KERNEL_REFUSAL_IS_OK "kernel-refusal-is-ok" ["ntptime"]
        "ends with 0 when the kernel refused" => "ends with 1", "a script must notice";
}
