//! ntpdc: mode 7.

use super::quirks;

quirks! {
    kept SHORT_OWN_KEYS "short-own-keys" ["ntpdc"]
        "`requestkey` and `controlkey` send 32 bits, which every 64-bit ntpd rejects" =>
        "sends 64 bits, and 32 if the daemon expects them", "the commands should work";
    kept MIXED_FAMILIES "mixed-families" ["ntpdc"]
        "sends a restriction whose address and mask are of different families" => "refuses it", "it cannot be intended";
    kept HEX_FLAGS_WITHOUT_PREFIX "hex-flags-without-prefix" ["ntpdc"]
        "reads `flags` of `fudge` without `0x`" => "accepts the prefix", "hexadecimal numbers are usually written that way";
    kept UNSIGNED_COMPLAINTS "unsigned-complaints" ["ntpdc"]
        "reports negative numbers twice, overlooks a missing one and uses the low octet of a large one" =>
        "reports each error once, and checks ranges", "a daemon must not be configured by accident";
    kept GIVES_UP_EARLY "gives-up-early" ["ntpdc"]
        "gives up silently when a daemon rejects the format of a request for interfaces" =>
        "retries in the older format", "the daemon may understand it";
    kept ASSUMES_OLD_DAEMON "assumes-old-daemon" ["ntpdc"]
        "assumes an old daemon when no key is given" => "reports that the key is missing", "the cause is known";
    kept SHORT_ITEMS_PADDED "short-items-padded" ["ntpdc"]
        "accepts items of any smaller size and treats missing fields as zero" => "accepts only the sizes that daemons send", "zeros were not measured";
    kept REPEATED_SIZE_COMPLAINTS "repeated-size-complaints" ["ntpdc"]
        "reports item sizes that it accepts as errors" => "reports the expected size", "one message is enough";
    kept RESENT_CHANGE_UNCHECKED "resent-change-unchecked" ["ntpdc"]
        "reports a change as refused when its first transmission had already worked" => "checks whether it was made", "the change took effect";
    kept FIRST_TRAP_REPEATED "first-trap-repeated" ["ntpdc"]
        "prints the first trap for every trap" => "prints each", "they differ";
    kept CLOCKS_EIGHT_APART "clocks-eight-apart" ["ntpdc"]
        "places several clocks in one request eight octets apart" => "places them four octets apart, as the daemon expects", "the second clock is found";
    kept UNSIGNED_MODE7_NUMBERS "unsigned-mode7-numbers" ["ntpdc"]
        "prints negative timers and clock values as large positive numbers" => "prints their sign", "they are signed";
    kept BINARY_CLOCK_IDS "binary-clock-ids" ["ntpdc"]
        "prints the reference identifier of a clock as text at every stratum" => "prints an address if it is one", "text above stratum 1 is noise";
    kept TRAP_FLAGS_IN_NETWORK_ORDER "trap-flags-in-network-order" ["ntpdc"]
        "reads trap flags in network byte order" => "detects the byte order", "daemons use their machine's";
    kept ONE_MACHINE_ORDER "one-machine-order" ["ntpdc"]
        "reads the key and test bits of `showpeer` as little-endian" => "detects the byte order", "daemons use their machine's";
    kept WILDCARD_BY_IPV4 "wildcard-by-ipv4" ["ntpdc"]
        "calls the interface of every IPv6 trap `wildcard`" => "prints its address", "it has one";
    kept CLIENTS_WITHOUT_ROWS "clients-without-rows" ["ntpdc"]
        "prints only the heading of `monlist` when a version is given" => "prints the clients", "they were requested";
    kept CLAIMED_CLOCK_VALUES "claimed-clock-values" ["ntpdc"]
        "prints the counts that the daemon claims above the values of `clkbug`" => "prints how many are shown", "the item has room for no more";
    kept LONE_AUTH_IS_NONE "lone-auth-is-none" ["ntpdc"]
        "prints the system flags as `none` when only `auth` is set" => "prints `auth`", "it is set";
    kept TOLERANCE_CARRY_LOST "tolerance-carry-lost" ["ntpdc"]
        "prints a frequency tolerance that rounds up to a power of ten as 0" => "prints it", "the digit counts";
}
