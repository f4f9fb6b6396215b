//! ntp-keygen.

use super::quirks;

quirks! {
    kept WEAK_KEYS "weak-keys" ["ntp-keygen"]
        "generates 512-bit keys and 256-bit identity parameters" => "generates 2048-bit ones", "512 bits are broken in hours";
    kept MD5_SIGNATURES "md5-signatures" ["ntp-keygen"]
        "signs certificates with MD5" => "signs with SHA-256", "MD5 collides";
    cured KEY_FILES_0640 "key-files-0640" ["ntp-keygen"]
        "writes keys in place, readable by the group" => "writes them to a temporary file with mode 0600 and renames it", "they are secrets";
    cured PASSWORD_IN_MESSAGE "password-in-message" ["ntp-keygen"]
        "prints the password of a private key that it cannot decrypt" => "never prints it", "cron mails the output";
    kept OPENSSL_ERRORS "openssl-errors" ["ntp-keygen"] "prints OpenSSL's error for a key that it cannot decrypt" => "explains what is wrong", "ntpkit does not use OpenSSL";
    kept KEYGEN_IGNORES_FAILURES "keygen-ignores-failures" ["ntp-keygen"]
        "ends with 0 when a key, a link or the certificate could not be created" => "ends with 255", "a script must notice";
    kept UNREADABLE_KEYS_ARE_ABSENT "unreadable-keys-are-absent" ["ntp-keygen"]
        "treats an unreadable key file as missing and creates another" => "ends with an error", "the old key would be lost";
    kept GROUP_KEYS_NOT_FOUND "group-keys-not-found" ["ntp-keygen"]
        "does not find a group's keys later" => "links them under the group's name", "Autokey works with them";
    kept MEMBER_KEYS_INCOMPLETE "member-keys-incomplete" ["ntp-keygen"]
        "exports keys for members of IFF, GQ and MV groups that lack a number or work with only one ntpd" =>
        "exports the traditional form that every ntpd reads", "Autokey works with them";
    cured EXPORT_SPOILS_KEYS "export-spoils-keys" ["ntp-keygen"]
        "`-e -q` damages a key" => "exports it intact", "Autokey works with it";
    kept NOTHING_EXPORTED_IS_OK "nothing-exported-is-ok" ["ntp-keygen"]
        "ends with 0 when there was nothing to export" => "ends with 255", "a script must notice";
    kept SCHEMES_BY_EXACT_NAME "schemes-by-exact-name" ["ntp-keygen"]
        "accepts a scheme for DSA only by its full name" => "selects the scheme for the key's type", "the user chose the digest";
    kept NO_KEYGEN_WARNINGS "no-keygen-warnings" ["ntp-keygen"]
        "never warns of weak keys" => "warns", "they are weak";
    kept LIFETIME_WRAPS "lifetime-wraps" ["ntp-keygen"]
        "computes the lifetime of a certificate modulo 2^32 seconds" => "rejects values that do not fit", "certificates would end in the past";
    kept ONE_SYMMETRIC_LINK "one-symmetric-link" ["ntp-keygen"]
        "links symmetric keys as ntp.keys only" => "also links ntpkey_md5_HOST, the name of 4.2.6", "old guides use it";
    kept KEYGEN_BANNER "keygen-banner" ["ntp-keygen"]
        "begins with the versions of OpenSSL" => "begins with its own version", "ntpkit does not use OpenSSL";
    kept WRITE_ERRORS_WITHOUT_NAME "write-errors-without-name" ["ntp-keygen"]
        "does not name the file that it cannot write" => "names it", "the reader needs it";
    kept EMPTY_NAMES "empty-names" ["ntp-keygen"]
        "accepts an empty host or group name" => "ignores it", "files without a name are useless";
    kept KEYGEN_OPTIONS "keygen-options" ["ntp-keygen"]
        "does not have `-g` and `--gq-layout`" => "has them", "GQ keys for every ntpd";
}
