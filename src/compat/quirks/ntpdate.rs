//! ntpdate: asking, choosing, setting.

use super::quirks;

quirks! {
    cured ONE_SERVER_EVERY_200_MS "one-server-every-200-ms" ["ntpdate"]
        "asks one server every 0.2 s" => "asks all at once", "a run takes one round trip, not one for each server";
    kept TRACE_IN_TURN "trace-in-turn" ["ntpdate"]
        "asks the servers in turn under `-d`" => "asks all at once", "the trace names each server anyway";
    kept IMPOLITE_RETRIES "impolite-retries" ["ntpdate"]
        "asks again after `-t`" => "waits at least 2 s before it asks again", "public servers limit rates";
    kept LOWEST_STRATUM_WINS "lowest-stratum-wins" ["ntpdate"]
        "follows the lowest stratum, or of two the shorter delay" => "follows the majority (RFC 5905 section 11.2.1)",
        "one liar must not set the clock";
    kept EVERY_ADDRESS_VOTES "every-address-votes" ["ntpdate"]
        "asks every address of a name as a server of its own" => "lets the addresses of a name share one vote, if several are named, and asks no more than 8 of them",
        "whoever answers for one name must not outvote the others";
    kept ANY_ROOT_DISTANCE "any-root-distance" ["ntpdate"]
        "follows a server whatever its root distance" => "drops a server whose root distance is more than 1.5 s (RFC 5905)", "it may be that far from the true time";
    kept ANY_YEAR "any-year" ["ntpdate"]
        "sets the clock to any year" => "drops a server whose time is more than a year before this program was built", "that time is wrong";
    kept DISAGREEMENT_UNNOTICED "disagreement-unnoticed" ["ntpdate"]
        "follows one of two servers that disagree without a word" => "warns", "no third says which of them is wrong";
    kept STAMPS_OF_ONE_ERA "stamps-of-one-era" ["ntpdate"]
        "takes a time stamp after the end of an era, as in 2036, for the earlier one" => "compares stamps by their wrapping difference", "servers would be dropped for hours";
    kept STRATUM_16_UNHEARD "stratum-16-unheard" ["ntpdate"]
        "hears no answer of stratum 16" => "reports that the stratum is too high", "the server answered";
    kept FORGERY_CONDEMNS "forgery-condemns" ["ntpdate"]
        "drops a server under `-a` for one answer that is not authentic, and obeys its kiss code" => "passes over that answer and waits for the authentic one", "anybody on the way could end authenticated time";
    cured USER_SPACE_STAMPS "user-space-stamps" ["ntpdate"]
        "reads the clock before it sends and after it was woken" => "takes the kernel's stamps of departure and arrival",
        "a busy machine is not an offset";
    kept FAILED_STEP_IS_OK "failed-step-is-ok" ["ntpdate"]
        "ends with 0 when the kernel refused the step" => "ends with 1", "a script must notice";
    kept ZEROS_ARE_TIME "zeros-are-time" ["ntpdate"]
        "takes the zeros of a server without a sample for its time" => "reports `no data`", "nothing was measured";
    kept SILENT_SERVERS_UNMENTIONED "silent-servers-unmentioned" ["ntpdate"] "says nothing of servers that gave no sample, or prints zeros for them" =>
        "names each with the reason, on standard error but under `-d`, and prints no figures for it",
        "the reader asked for them, and nothing was measured";
    kept SOURCES_UNMENTIONED "sources-unmentioned" ["ntpdate" "ntpdate-debian"]
        "does not say in which files it looked for servers, and shows the usage of `ntpdate` under the name `ntpdate-debian`" =>
        "names them under `-v` and if they have no server, and shows its own usage", "the reader must find the file to mend";
    kept ZEROS_FOR_LOST "zeros-for-lost" ["ntpdate"]
        "prints zeros for lost samples under `-d`" => "prints `-`", "they were not measured";
    kept ERRORS_UNHEARD "errors-unheard" ["ntpdate"]
        "waits its time for a server though word has come that nothing listens there" => "gives it up at once, unless `-a` wants proof",
        "a closed port took 8 s";
    kept COPIES_COUNT "copies-count" ["ntpdate"]
        "takes a copy of a reply for another sample" => "counts a reply once", "a copy measures nothing";
    cured COPIES_COMPLETE_OTHERS "copies-complete-others" ["ntpdate"]
        "takes a copy that comes after a server's last sample for the end of another server" => "asks every server to the end",
        "one server could silence the rest";
    kept GROUP_ANSWERS_UNCOUNTED "group-answers-uncounted" ["ntpdate"]
        "asks whoever answers a multicast anew, and does not count that answer" => "counts the answer as a sample", "it measures as well as any other";
    kept DUPLICATE_SERVERS "duplicate-servers" ["ntpdate"]
        "asks a server that is named twice twice" => "asks it once", "it would have two votes";
    kept ASKS_AFTER_DENY "asks-after-deny" ["ntpdate"]
        "asks on after the kiss codes DENY and RSTR" => "stops asking that server", "RFC 5905 section 7.4";
    cured CLOCK_IN_REQUEST "clock-in-request" ["ntpdate"]
        "sends its clock as the request's transmit time stamp" => "sends a random number", "it reveals nothing and cannot be guessed";
    kept MISSING_KEY_IGNORED "missing-key-ignored" ["ntpdate"]
        "goes on without authentication when the key file lacks the key" => "ends with an error", "authentication was asked for";
    kept NAME_FAILURE_ABORTS "name-failure-aborts" ["ntpdate"]
        "ends the run when the name service fails for one server" => "asks the other servers", "they may have the time";
    cured ENDLESS_TIMEOUT "endless-timeout" ["ntpdate"]
        "waits forever with `-t -1`" => "reports wrong usage", "cron jobs pile up";
    cured SECRETS_IN_TRACE "secrets-in-trace" ["ntpdate"]
        "prints the secrets of all keys under `-dd`" => "never prints a secret", "traces are mailed around";
    kept ONE_KEY_FILE "one-key-file" ["ntpdate"]
        "reads /etc/ntp.keys if no key file is named" => "reads the first of /etc/ntp.keys, /etc/ntp/keys and /etc/ntpsec/ntp.keys that exists",
        "packages of daemons put it there";
    kept BAD_ROW_SPOILS_KEYS "bad-row-spoils-keys" ["ntpdate"]
        "rejects a key file for one bad row, and takes no names of key types but those of its OpenSSL" =>
        "takes the key of any good row, as ntpq does, and the names that NTPsec's ntpd takes too", "the key that is wanted is good";
    kept KEY_FILE_CARRIAGE_RETURNS "key-file-carriage-returns" ["ntpdate"]
        "takes the carriage return at the end of a key file's line for a part of the key" => "takes it for white space", "files come from other systems";
    cured KEY_FAULTS_REPEAT_WORDS "key-faults-repeat-words" ["ntpdate"]
        "names a bad row of a key file by its first word, and repeats others" => "names it by its line, and never repeats a word or a number of the file",
        "it may be a passphrase, a card's number, or /etc/shadow";
    kept OPENSSL_REMARKS "openssl-remarks" ["ntpdate"]
        "prints a line of its libraries for CMAC keys under `-d`" => "prints none", "it means nothing";
    kept READABLE_KEYS_UNNOTICED "readable-keys-unnoticed" ["ntpdate"]
        "does not mind a key file that others may read" => "warns", "it is a secret";
    kept UNROUTABLE_UNNOTICED "unroutable-unnoticed" ["ntpdate"]
        "does not mention addresses without a route" => "mentions them if their server has no other, and under `-v`", "the reader wonders";
    kept NO_DAEMON_WARNING "no-daemon-warning" ["ntpdate"]
        "sets the clock beside a running daemon that does not hold port 123" => "warns", "two programs would set the clock";
    kept SHARED_PORT "shared-port" ["ntpdate"]
        "shares port 123 with a daemon that shares it too, as chronyd does" => "reports that the NTP socket is in use", "the daemon's answers could be taken for its own";
    cured STEPS_TWICE "steps-twice" ["ntpdate"]
        "takes an offset for one of the clock even if somebody else set the clock while the servers were asked" => "ends with 1", "it would be applied twice";
    kept WHOLE_SECOND_SLEWS_SKIPPED "whole-second-slews-skipped" ["ntpdate"]
        "skips a slew of a whole number of seconds" => "slews", "it was decided";
    kept NTPDATE_OPTIONS "ntpdate-options" ["ntpdate"]
        "knows no `--help` and `--version`" => "knows them, and further long options", "people try them";
    kept ANY_VERSION "any-version" ["ntpdate"]
        "sends any version that `-o` names" => "accepts 1 to 7", "the field has three bits";
    kept NTPDATE_BANNER "ntpdate-banner" ["ntpdate"]
        "`-v` prints the banner of 4.2.8p15" => "`-v` prints the version of ntpkit", "honesty";
}
