//! ntpdate: querying, selection, setting.

use super::quirks;

quirks! {
    cured ONE_SERVER_EVERY_200_MS "one-server-every-200-ms" ["ntpdate"]
        "queries one server every 0.2 s" => "queries all at once", "a run takes one round trip, not one per server";
    kept TRACE_IN_TURN "trace-in-turn" ["ntpdate"]
        "queries the servers in turn with `-d`" => "queries all at once", "the trace names each server anyway";
    kept IMPOLITE_RETRIES "impolite-retries" ["ntpdate"]
        "sends the next request after `-t`" => "waits at least 2 s before the next request", "public servers limit rates";
    kept LOWEST_STRATUM_WINS "lowest-stratum-wins" ["ntpdate"]
        "follows the lowest stratum, or of two the shorter delay" => "follows the majority (RFC 5905 section 11.2.1)",
        "one liar must not set the clock";
    kept EVERY_ADDRESS_VOTES "every-address-votes" ["ntpdate"]
        "treats every address of a name as a separate server" => "gives the addresses of a name one vote together if several names are given, and queries no more than 8 of them",
        "one name must not outvote the others";
    kept ANY_ROOT_DISTANCE "any-root-distance" ["ntpdate"]
        "follows a server whatever its root distance" => "drops a server whose root distance is more than 1.5 s (RFC 5905)", "it may be that far from the true time";
    kept ANY_YEAR "any-year" ["ntpdate"]
        "sets the clock to any year" => "drops a server whose time is more than a year before this program was built", "that time is wrong";
    kept DISAGREEMENT_UNNOTICED "disagreement-unnoticed" ["ntpdate"]
        "follows one of two servers that disagree without a word" => "warns", "no third says which of them is wrong";
    kept STAMPS_OF_ONE_ERA "stamps-of-one-era" ["ntpdate"]
        "considers a timestamp after the end of an era, as in 2036, the earlier one" => "compares timestamps by their wrapping difference", "servers would be dropped for hours";
    kept STRATUM_16_UNHEARD "stratum-16-unheard" ["ntpdate"]
        "ignores answers with stratum 16" => "reports that the stratum is too high", "the server answered";
    kept FORGERY_CONDEMNS "forgery-condemns" ["ntpdate"]
        "drops a server with `-a` for one answer that is not authentic, and obeys its kiss code" => "ignores that answer and waits for the authentic one", "anybody on the path could end authenticated time";
    cured USER_SPACE_STAMPS "user-space-stamps" ["ntpdate"]
        "reads the clock before it sends and after it wakes up" => "uses the kernel's departure and arrival timestamps",
        "load must not look like an offset";
    kept FAILED_STEP_IS_OK "failed-step-is-ok" ["ntpdate"]
        "ends with 0 when the kernel refused the step" => "ends with 1", "a script must notice";
    kept ZEROS_ARE_TIME "zeros-are-time" ["ntpdate"]
        "treats the zeros of a server without a sample as its time" => "reports `no data`", "nothing was measured";
    kept SILENT_SERVERS_UNMENTIONED "silent-servers-unmentioned" ["ntpdate"] "does not mention servers without a sample, or prints zeros for them" =>
        "reports each with the reason, on standard error except with `-d`, and prints no values for it",
        "the user listed them, and nothing was measured";
    kept SOURCES_UNMENTIONED "sources-unmentioned" ["ntpdate" "ntpdate-debian"]
        "does not report in which files it looked for servers, and shows the usage of `ntpdate` under the name `ntpdate-debian`" =>
        "lists them with `-v` and if they contain no server, and shows its own usage", "the user must find the file to fix";
    kept ZEROS_FOR_LOST "zeros-for-lost" ["ntpdate"]
        "prints zeros for lost samples with `-d`" => "prints `-`", "they were not measured";
    kept ERRORS_UNHEARD "errors-unheard" ["ntpdate"]
        "waits for a server although an ICMP error has reported a closed port" => "gives up on it at once, except with `-a`",
        "a closed port took 8 s";
    kept COPIES_COUNT "copies-count" ["ntpdate"]
        "counts a duplicate reply as another sample" => "counts a reply once", "a duplicate measures nothing";
    cured COPIES_COMPLETE_OTHERS "copies-complete-others" ["ntpdate"]
        "treats a duplicate after a server's last sample as the completion of another server" => "completes every server",
        "one server could silence the rest";
    kept GROUP_ANSWERS_UNCOUNTED "group-answers-uncounted" ["ntpdate"]
        "queries a server that answers a multicast again, and does not count that answer" => "counts the answer as a sample", "it is as good a measurement as any";
    kept DUPLICATE_SERVERS "duplicate-servers" ["ntpdate"]
        "queries a server twice if it is listed twice" => "queries it once", "it would have two votes";
    kept ASKS_AFTER_DENY "asks-after-deny" ["ntpdate"]
        "continues after the kiss codes DENY and RSTR" => "stops querying that server", "RFC 5905 section 7.4";
    cured CLOCK_IN_REQUEST "clock-in-request" ["ntpdate"]
        "sends its clock as the request's transmit timestamp" => "sends a random number", "it reveals nothing and cannot be guessed";
    kept MISSING_KEY_IGNORED "missing-key-ignored" ["ntpdate"]
        "continues without authentication when the key file lacks the key" => "ends with an error", "authentication was requested";
    kept NAME_FAILURE_ABORTS "name-failure-aborts" ["ntpdate"]
        "ends the run when the name service fails for one server" => "queries the other servers", "they may work";
    cured ENDLESS_TIMEOUT "endless-timeout" ["ntpdate"]
        "waits forever with `-t -1`" => "reports wrong usage", "cron jobs pile up";
    cured SECRETS_IN_TRACE "secrets-in-trace" ["ntpdate"]
        "prints the secrets of all keys with `-dd`" => "never prints a secret", "traces are mailed around";
    kept ONE_KEY_FILE "one-key-file" ["ntpdate"]
        "reads /etc/ntp.keys if no key file is given" => "reads the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists",
        "packages of daemons put it there";
    kept BAD_ROW_SPOILS_KEYS "bad-row-spoils-keys" ["ntpdate"]
        "rejects a key file for one bad row, and accepts only its OpenSSL's names of key types" =>
        "accepts the key of any good row, like ntpq, and the names that NTPsec's ntpd accepts too", "the requested key is good";
    kept KEY_FILE_CARRIAGE_RETURNS "key-file-carriage-returns" ["ntpdate"]
        "treats the carriage return at the end of a line in a key file as part of the key" => "treats it as white space", "files come from other systems";
    cured KEY_FAULTS_REPEAT_WORDS "key-faults-repeat-words" ["ntpdate"]
        "identifies a bad row of a key file by its first word, and quotes others" => "identifies it by its line number, and never quotes the file",
        "it may be a passphrase, a card's number, or /etc/shadow";
    kept OPENSSL_REMARKS "openssl-remarks" ["ntpdate"]
        "prints a line about its libraries for CMAC keys with `-d`" => "prints none", "it has no meaning";
    kept READABLE_KEYS_UNNOTICED "readable-keys-unnoticed" ["ntpdate"]
        "accepts a key file that others may read" => "warns", "it is a secret";
    kept UNROUTABLE_UNNOTICED "unroutable-unnoticed" ["ntpdate"]
        "does not mention addresses without a route" => "mentions them if their server has no other, and with `-v`", "they explain a missing answer";
    kept NO_DAEMON_WARNING "no-daemon-warning" ["ntpdate"]
        "sets the clock next to a running daemon that does not use port 123" => "warns", "two programs would set the clock";
    kept SHARED_PORT "shared-port" ["ntpdate"]
        "shares port 123 with a daemon that shares it too, as chronyd does" => "reports that the NTP socket is in use", "the daemon's replies could be mistaken for its own";
    cured STEPS_TWICE "steps-twice" ["ntpdate"]
        "applies an offset even if something else set the clock while the servers were queried" => "ends with 1", "it would be applied twice";
    kept WHOLE_SECOND_SLEWS_SKIPPED "whole-second-slews-skipped" ["ntpdate"]
        "skips a slew of a whole number of seconds" => "slews", "the offset is real";
    kept NTPDATE_OPTIONS "ntpdate-options" ["ntpdate"]
        "does not have `--help` and `--version`" => "has them, and further long options", "people try them";
    kept ANY_VERSION "any-version" ["ntpdate"]
        "sends any version given with `-o`" => "accepts 1 to 7", "the field has three bits";
    kept NTPDATE_BANNER "ntpdate-banner" ["ntpdate"]
        "`-v` prints the banner of 4.2.8p15" => "`-v` prints the version of ntpkit", "it is not 4.2.8p15";
}
