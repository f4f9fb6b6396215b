//! ntptrace and ntpsweep, the Perl scripts.

use super::quirks;

quirks! {
    kept TRACE_BY_MODE6 "trace-by-mode6" ["ntptrace"]
        "asks by mode 6 alone, and ends at the first host that does not speak it" =>
        "also asks chronyd, and follows the reference identifier of a server that gives nothing but the time",
        "they keep most clocks today";
    kept TRACE_ENDS_WITH_0 "trace-ends-with-0" ["ntptrace"]
        "ends with 0 wherever the trace ends, and with 1 after wrong usage" =>
        "ends with 1 where it does not come to a primary server, with 2 after wrong usage", "a script must notice";
    kept LOOPS_ARE_FOLLOWED "loops-are-followed" ["ntptrace"]
        "goes round a loop until it has printed 99 lines" => "names the loop and ends", "a loop is a fault of its own";
    cured ENDLESS_TRACES "endless-traces" ["ntptrace"]
        "goes round a loop forever under `-m 0`" => "ends where it has been before", "nobody wants that";
    cured COMMANDS_IN_ADDRESSES "commands-in-addresses" ["ntptrace" "ntpsweep"]
        "passes host names, and what daemons reply, to a shell" => "passes them to no shell",
        "a daemon could run any command on the asking machine";
    cured PERL_WARNINGS "perl-warnings" ["ntptrace" "ntpsweep"]
        "prints warnings of the Perl interpreter about what a reply lacks" => "prints none", "they say nothing about the daemon";
    cured LOOKUPS_THAT_KILL "lookups-that-kill" ["ntptrace" "ntpsweep"]
        "dies when a host has no name and the name service does not answer" => "prints the address", "the other hosts are wanted";
    kept SWEEP_BY_MODE6 "sweep-by-mode6" ["ntpsweep"]
        "asks one host after the other, by mode 6 alone" => "asks all hosts at once, and chronyd, too",
        "hundreds of hosts take as long as one";
    kept SWEEP_ENDS_WITH_0 "sweep-ends-with-0" ["ntpsweep"]
        "ends with 0 whatever the hosts answer, and with 1 after wrong usage" =>
        "reports why a host told nothing and ends with 1, with 2 after wrong usage", "a script must notice";
    kept SIGNS_ARE_NO_PEERS "signs-are-no-peers" ["ntpsweep"]
        "loses peers whose row has a `+` or a parenthesis, and reports the row as an error" => "lists all peers",
        "its own ntpq prints positive offsets with a sign";
    cured STRIP_IS_A_PATTERN "strip-is-a-pattern" ["ntpsweep"]
        "takes the text of `-s` for a regular expression" => "takes it as it stands", "a dot in a domain is a dot";
    kept PERL_OPTIONS "perl-options" ["ntptrace" "ntpsweep"]
        "reads options as Perl does: `-N`, `+n` and `-num` are `-n`, and `-nm1` is none" =>
        "reads them as other programs do", "letters can be put together";
    kept HELP_ON_STANDARD_ERROR "help-on-standard-error" ["ntptrace" "ntpsweep"]
        "prints its help on standard error" => "prints it on standard output", "help that was asked for is a result";
}
