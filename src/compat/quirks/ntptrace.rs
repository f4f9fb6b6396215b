//! ntptrace and ntpsweep, the Perl scripts.

use super::quirks;

quirks! {
    kept TRACE_BY_MODE6 "trace-by-mode6" ["ntptrace"]
        "queries by mode 6 only, and stops at the first host that does not support it" =>
        "also queries chronyd, and follows the reference ID of a server that answers only time requests",
        "they discipline most clocks today";
    kept TRACE_ENDS_WITH_0 "trace-ends-with-0" ["ntptrace"]
        "exits with 0 wherever the trace ends, and with 1 on wrong usage" =>
        "exits with 1 if it does not reach a primary server, with 2 on wrong usage", "scripts must notice";
    kept LOOPS_ARE_FOLLOWED "loops-are-followed" ["ntptrace"]
        "follows a loop until it has printed 99 lines" => "reports the loop and stops", "a loop is a fault in itself";
    cured ENDLESS_TRACES "endless-traces" ["ntptrace"]
        "follows a loop forever with `-m 0`" => "stops at a host it has visited", "the trace would never end";
    cured COMMANDS_IN_ADDRESSES "commands-in-addresses" ["ntptrace" "ntpsweep"]
        "passes host names and replies to a shell" => "uses no shell",
        "a daemon could run any command on the querying machine";
    cured PERL_WARNINGS "perl-warnings" ["ntptrace" "ntpsweep"]
        "prints the Perl interpreter's warnings about values missing from a reply" => "prints none", "they say nothing about the daemon";
    cured LOOKUPS_THAT_KILL "lookups-that-kill" ["ntptrace" "ntpsweep"]
        "dies if a host has no name and DNS does not answer" => "prints the address", "the other hosts matter";
    kept SWEEP_BY_MODE6 "sweep-by-mode6" ["ntpsweep"]
        "queries hosts sequentially, by mode 6 only" => "queries all hosts in parallel, and chronyd, too",
        "hundreds of hosts take as long as one";
    kept SWEEP_ENDS_WITH_0 "sweep-ends-with-0" ["ntpsweep"]
        "exits with 0 whatever the hosts answer, and with 1 on wrong usage" =>
        "reports why a host did not answer and exits with 1, with 2 on wrong usage", "scripts must notice";
    kept SIGNS_ARE_NO_PEERS "signs-are-no-peers" ["ntpsweep"]
        "drops peers whose row has a `+` or a parenthesis, and reports the row as an error" => "lists all peers",
        "its own ntpq prints positive offsets with a sign";
    cured STRIP_IS_A_PATTERN "strip-is-a-pattern" ["ntpsweep"]
        "reads the text of `-s` as a regular expression" => "removes the text literally", "a dot in a domain is a dot";
    kept PERL_OPTIONS "perl-options" ["ntptrace" "ntpsweep"]
        "parses options as Perl does: `-N`, `+n` and `-num` mean `-n`, and `-nm1` is unknown" =>
        "parses them as other programs do", "letters can be combined";
    kept HELP_ON_STANDARD_ERROR "help-on-standard-error" ["ntptrace" "ntpsweep"]
        "prints its help on standard error" => "prints it on standard output", "requested help is a result";
}
