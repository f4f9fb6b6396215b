//! ntpq: columns, tables, variables and configuration.

use super::quirks;

quirks! {
    kept SIGNED_OFFSETS "signed-offsets" ["ntpq" "ntpdc" "ntpdate"]
        "prints positive offsets with a sign: `+0.020`" => "prints `0.020`",
        "4.2.6 and NTPsec print it that way, and most scripts expect it";
    kept UNSIGNED_INTERVALS "unsigned-intervals" ["ntpq" "ntpdc"]
        "prints a negative delay or jitter as `4294967`" => "prints its sign", "the number was never measured";
    kept NO_COLOR "no-color" ["ntpq"]
        "prints without color" => "colors tally codes on a terminal", "what matters stands out";
    kept UNNAMED_EVENTS "unnamed-events" ["ntpq"]
        "prints no name for the events 12 to 15 of an association, so its row has one column less" => "prints it",
        "scripts count columns";
    kept WHEN_AS_DIFFERENCE "when-as-difference" ["ntpq"]
        "computes `when` wrongly across the era's end in 2036" => "computes it modulo 2^32", "time goes on";
    kept SERVER_OF_HIDDEN_ROWS "server-of-hidden-rows" ["ntpq"]
        "prints the server column of rows that it omits" => "prints nothing for them", "half a row misleads";
    kept IPV6_HASH_IS_0 "ipv6-hash-is-0" ["ntpq"]
        "prints `0` for an IPv6 reference identifier shown as a hash" => "prints the address", "it is known";
    kept BILLBOARD_ENDS_EARLY "billboard-ends-early" ["ntpq"]
        "ends the table of peers at the first association that does not answer" =>
        "prints the other rows and names those that are missing", "half a table is better than none";
    kept SECOND_LOOKUP "second-lookup" ["ntpq"]
        "looks all hosts up again for the width of a column, and repeats the errors" => "looks them up once", "once is enough";
    kept OPEERS_LOOKS_UP "opeers-looks-up" ["ntpq"]
        "`opeers` looks addresses up even with `-n`" => "obeys `-n`", "`-n` means no lookups";
    kept MODE6_ONLY "mode6-only" ["ntpq"]
        "does not support daemons without mode 6" => "shows the peers, variables and associations of chronyd, ntpd-rs and systemd-timesyncd where they answer instead",
        "they keep most clocks today";
    kept MISSING_ADDRESS_IS_ZERO "missing-address-is-zero" ["ntpq"]
        "prints `0.0.0.0:0` in `pstats` and `sysinfo` for an address that the daemon did not send" => "omits the line",
        "it is not a real address";
    kept ALL_OR_NOTHING_REPORTS "all-or-nothing-reports" ["ntpq"]
        "fails a report when the daemon lacks one of its variables" => "prints the variables that it has", "NTPsec lacks some";
    kept NO_NTS_COUNTERS "no-nts-counters" ["ntpq"]
        "has no commands `ntsinfo` and `ntskeinfo`" => "prints the NTS counters of NTPsec's ntpd",
        "whether NTS works shows nowhere else";
    kept SHORT_ROWS_LOST "short-rows-lost" ["ntpq"]
        "drops a row of `ifstats` or `reslist` that lacks fields" => "prints `-` for them", "NTPsec omits fields";
    kept MODES_OF_64_BITS "modes-of-64-bits" ["ntpq"]
        "sign-extends a mode beyond 31 bits to 64 bits" => "prints the number received", "that is its value";
    kept EMPTY_LINES_AFTER_FAILURES "empty-lines-after-failures" ["ntpq"]
        "`mreadlist` prints an empty line for an association that did not answer" => "prints none", "standard output is for results only";
    kept LINES_END_REPLIES "lines-end-replies" ["ntpq"]
        "ends a list of variables at a line break within quotes, and at anything it cannot parse, with status 0" =>
        "accepts line breaks within quotes, and reports what cannot be parsed, with status 1", "variables were lost silently";
    kept RAW_CARRIAGE_RETURNS "raw-carriage-returns" ["ntpq"]
        "prints carriage returns, tabs and form feeds in the daemon's text" =>
        "drops carriage returns at line ends and escapes the others", "they overwrite the line";
    cured CRASH_WITHOUT_LEAP "crash-without-leap" ["ntpq"]
        "`sysinfo` crashes if the reply lacks `leap`, `peermode` or `refid`" => "omits the line", "it should not crash";
    kept CONFIG_LINE_VERBATIM "config-line-verbatim" ["ntpq"]
        "`:config` sends trailing blanks, which daemons refuse, and prints the reply's line ends" =>
        "trims both", "they are not part of the line";
    kept CONFIG_FILE_RETRIES "config-file-retries" ["ntpq"]
        "`config-from-file` resends lines that were refused, ignores its `>`, and treats `#` inside quotes as a comment" =>
        "resends only lost lines, redirects, and respects quotes", "a refusal is an answer";
    kept MRU_ALL_OR_NOTHING "mru-all-or-nothing" ["ntpq"]
        "`mrulist` prints no count for an incomplete list" => "reports how many addresses were read", "the user must know";
    kept MRU_HEADING_PAST_REDIRECTION "mru-heading-past-redirection" ["ntpq"]
        "prints the heading of `mrulist` on the terminal when the rows go to a file" => "writes it into the file", "it belongs to the rows";
    kept MRU_PROGRESS_ANYWHERE "mru-progress-anywhere" ["ntpq"]
        "prints its progress even if there is no terminal" => "prints it on a terminal only", "logs fill up";
    kept MRU_UNENDED_LINE "mru-unended-line" ["ntpq"]
        "does not end its line about a newest entry that does not match" => "ends it", "the prompt follows";
    kept MRU_CLASSIC_FILTERS "mru-classic-filters" ["ntpq"]
        "ignores unknown orders and filters of `mrulist`" => "names them, and knows NTPsec's", "a typo must show";
    kept RESTRICTIONS_BY_NUMBER "restrictions-by-number" ["ntpq"]
        "names the restriction flags of `mrulist` as its own daemon numbers them" => "asks the daemon's release first", "NTPsec numbers them otherwise";
}
