//! The shell of ntpq and ntpdc: statuses, hosts, command lines, keys.

use super::quirks;

quirks! {
    kept FAILURES_END_WITH_0 "failures-end-with-0" ["ntpq" "ntpdc"]
        "ends with 0 after a timeout, an unknown host or an unknown command" =>
        "ends with 1", "a script must notice";
    kept NO_HINTS "no-hints" ["ntpq" "ntpdc" "ntpdate"]
        "reports a timeout and nothing else" =>
        "adds a line about the likely cause and the remedy", "silence has many causes";
    kept SLOW_TIMEOUTS "slow-timeouts" ["ntpq" "ntpdc"]
        "waits 5 s, sends the request again, and gives up after 10 s" =>
        "resends lost requests after a few round trips and gives up on a silent daemon after 5 s",
        "networks lose packets, and fleets have dead hosts";
    cured ONE_QUESTION_AT_A_TIME "one-question-at-a-time" ["ntpq" "ntpdc"]
        "sends one request at a time" => "sends all requests at once", "a table takes one round trip";
    cured ONE_HOST_AT_A_TIME "one-host-at-a-time" ["ntpq" "ntpdc"]
        "queries hosts sequentially" => "queries them in parallel and prints them in the order given",
        "hundreds of hosts take as long as one";
    kept LATE_OPTIONS "late-options" ["ntpq" "ntpdc" "ntpdate" "ntptime" "ntp-keygen"]
        "treats an option after the first operand as another operand: `ntpq HOST -p` prints nothing" =>
        "reports wrong usage", "the option would have no effect";
    kept LONG_OPTIONS_ARE_CLUSTERS "long-options-are-clusters" ["ntpdate" "ntptime"]
        "reads a misspelt long option as a cluster of letters: `--explian` is `-e xplian`" =>
        "names the option and the nearest one", "the error message would be about something else";
    kept NO_SUGGESTIONS "no-suggestions" ["ntpq" "ntpdc" "ntp-keygen"]
        "reports an unknown option or an ambiguous command and nothing else" =>
        "suggests what was probably meant", "the next try should succeed";
    cured PRIVILEGED_PAGER "privileged-pager" ["ntpq" "ntpdc" "ntp-keygen"]
        "`--more-help` runs a pager with the privileges of sudo" => "prints the text", "pagers run commands";
    cured DASHES_ARE_HOSTS "dashes-are-hosts" ["ntpq" "ntpdc" "ntpdate" "ntpstat" "ntptime" "ntp-keygen"]
        "treats a word that begins with an en dash, as printed on web pages, as an operand: `ntpdate –d HOST` sets the clock" =>
        "reports wrong usage and suggests the hyphen", "the clock must not be set by a typo";
    kept ONE_ADDRESS "one-address" ["ntpq" "ntpdc"]
        "tries only one address of a host" => "tries the next address when one refuses",
        "hosts have IPv6 addresses that their daemons do not listen on";
    cured NO_PORTS "no-ports" ["ntpq" "ntpdc" "ntpdate"]
        "always uses port 123" => "also accepts `NAME:PORT` and `[ADDRESS]:PORT`", "for forwarded ports and tests";
    kept NETWORKS_ARE_NAMES "networks-are-names" ["ntpq" "ntpdc" "ntpdate"]
        "treats `192.0.2.0/24` as a name" => "queries all hosts in the network", "a name contains no slash";
    kept ERRORS_WITHOUT_HOST "errors-without-host" ["ntpq" "ntpdc"]
        "does not name the host in several errors" => "names it, with its port if several hosts are queried",
        "with many hosts it is unclear which one is meant";
    kept EAGER_LOOKUP "eager-lookup" ["ntpq" "ntpdc"]
        "opens the default host before the first command" => "opens it when a command needs it",
        "local commands work without a host";
    kept FAILED_OPEN_ABORTS "failed-open-aborts" ["ntpq" "ntpdc"]
        "ends the run when a socket cannot be opened" => "reports it and continues with the next host",
        "the other hosts may work";
    cured ENDLESS_LOOKUPS "endless-lookups" ["ntpq" "ntpdc"]
        "waits for the name service as long as it takes" => "waits for `--name-timeout`, 2 s by default, then prints addresses",
        "these tools are needed when the name service is broken";
    cured SWALLOWED_INTERRUPTS "swallowed-interrupts" ["ntpq"]
        "ignores an interrupt with `-c` and continues until its timeouts" => "ends at once, printing what it has of each host",
        "Ctrl-C means stop";
    kept INTERRUPT_KILLS "interrupt-kills" ["ntpq" "ntpdc"]
        "is killed by an interrupt during a batch" => "prints what it has and ends with 130", "a partial result is useful";
    cured END_OF_INPUT_LOOPS "end-of-input-loops" ["ntpq" "ntpdc"]
        "loops forever at the end of standard input" => "ends", "nothing more can arrive";
    kept SILENT_PIPED_PROMPT "silent-piped-prompt" ["ntpq" "ntpdc"]
        "ignores `-i` when standard input is not a terminal" => "prompts", "`-i` requests it";
    kept SEVEN_WORDS "seven-words" ["ntpq"]
        "drops the words of a command line after the seventh" => "reads all of them", "they were typed for a reason";
    kept LATE_REDIRECTION "late-redirection" ["ntpq"]
        "treats the words of a redirection as surplus arguments" => "redirects", "`> FILE` means one thing";
    kept NO_REDIRECTION "no-redirection" ["ntpdc"]
        "treats `>` as an argument" => "redirects, like ntpq", "one shell for both programs";
    kept NO_PLUS "no-plus" ["ntpq" "ntpdc"]
        "refuses `+5` as an integer" => "accepts it", "it is a number";
    kept QUOTES_SPLIT_WORDS "quotes-split-words" ["ntpq" "ntpdc"]
        "ends a quoted word at the quote, whatever follows" => "drops one quote that follows directly", "quoted words stay whole";
    kept UNEXPLAINED_HELP "unexplained-help" ["ntpq" "ntpdc"]
        "`help COMMAND` prints one line and the usage" => "also explains the output", "the columns are not obvious";
    kept STALE_USAGE "stale-usage" ["ntpq" "ntpdc"]
        "lists words in usage lines that it refuses, such as `pll` and `des`, and omits some that it accepts" =>
        "lists those that it accepts", "a usage line should work";
    kept SIGNED_TIMEOUT "signed-timeout" ["ntpq" "ntpdc"]
        "prints a timeout above 2^31 ms as a negative number" => "prints the number", "it is not negative";
    kept UNSIGNED_DELAY "unsigned-delay" ["ntpq" "ntpdc"]
        "prints a negative `delay` modulo 2^32" => "prints its sign", "the value was accepted as negative";
    kept EXTRA_WORDS_RENAME_HOST "extra-words-rename-host" ["ntpdc"]
        "`host -4 NAME MORE` looks up a host named `-4`" => "ignores the surplus word", "`-4` is an option";
    kept OVERSTATED_PAYLOAD_IS_A_RESULT "overstated-payload-is-a-result" ["ntpq"]
        "prints its message about a reply that claims too many octets among the results" => "prints it on standard error",
        "standard output is for results only";
    kept OVERSIZE_IS_INTERNAL "oversize-is-internal" ["ntpq"]
        "calls a request that does not fit a packet an internal error" => "reports the length and the limit", "the caller can shorten it";
    kept MAC_UNCHECKED "mac-unchecked" ["ntpq"]
        "never verifies the MAC of a reply" => "accepts only authentic replies to authenticated requests where they can be verified",
        "replies can be forged";
    cured ANY_ASSOCIATION "any-association" ["ntpq"]
        "accepts a reply for another association and counts its requests from 1" =>
        "matches the association and starts from a random number", "replies can be forged";
    kept LOOSE_KEY_IDS "loose-key-ids" ["ntpq" "ntpdc"]
        "keeps a `keyid` above 65535 after an error message, and reads one typed at the prompt up to its first letter" =>
        "refuses it", "the request would carry another key";
    kept KEYTYPE_AFTER_PASSWD "keytype-after-passwd" ["ntpq" "ntpdc"]
        "ignores a `keytype` that follows `passwd`" => "applies it", "the order of two settings should not matter";
    kept PLAIN_SECRETS "plain-secrets" ["ntpq" "ntpdc"]
        "uses the secret verbatim, so hexadecimal keys do not work" =>
        "reads more than 20 characters as hexadecimal", "that is how daemons read their key files";
    kept SHORT_DIGESTS "short-digests" ["ntpq" "ntpdc"]
        "accepts digests of at most 20 octets and OpenSSL's spellings" =>
        "accepts longer digests and common spellings", "daemons support them";
}
