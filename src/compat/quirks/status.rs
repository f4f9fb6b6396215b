//! ntpstat, ntp-wait and ntptime.

use super::quirks;

quirks! {
    kept LENIENT_HEALTH "lenient-health" ["ntpstat"]
        "prints figures that the daemon did not send as zero or garbage" => "prints them as unknown", "nothing was measured";
    kept NTPTIME_OPTIONS "ntptime-options" ["ntptime"]
        "knows no long options" => "knows them", "scripts read better";
    kept CONSTANT_AND_TAI "constant-and-tai" ["ntptime"]
        "accepts `-t` and `-T` together, though they share a field; the later one wins" => "reports wrong usage", "one of them would be lost";
    kept NUMBERS_AS_FAR_AS_THEY_GO "numbers-as-far-as-they-go" ["ntptime"]
        "reads a number as far as it is one, and garbage as 0" => "reports wrong usage", "the kernel must not be set by a typo";
    kept SILENT_MISUSE "silent-misuse" ["ntptime"]
        "prints only the options after wrong usage" => "says what is wrong", "the reader must find it";
    kept UNREADABLE_IS_0 "unreadable-is-0" ["ntptime"]
        "counts a failed reading of the clock as 0" => "leaves it out", "nothing was measured";
    kept KERNEL_REFUSAL_IS_OK "kernel-refusal-is-ok" ["ntptime"]
        "ends with 0 when the kernel refused" => "ends with 1", "a script must notice";
}
