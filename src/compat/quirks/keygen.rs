//! ntp-keygen.

use super::quirks;

quirks! {
    kept WEAK_KEYS "weak-keys" ["ntp-keygen"]
        "makes 512-bit keys and 256-bit identity parameters" => "makes 2048-bit ones", "512 bits are broken in hours";
    kept MD5_SIGNATURES "md5-signatures" ["ntp-keygen"]
        "signs certificates with MD5" => "signs with SHA-256", "MD5 collides";
    cured KEY_FILES_0640 "key-files-0640" ["ntp-keygen"]
        "writes keys in place, readable by the group" => "writes them aside with mode 0600 and renames them", "they are secrets";
    cured PASSWORD_IN_MESSAGE "password-in-message" ["ntp-keygen"]
        "prints the password of a private key that it does not open" => "never prints it", "cron mails the output";
    kept OPENSSL_ERRORS "openssl-errors" ["ntp-keygen"] "explains a key that does not open in the words of OpenSSL" => "says what is wrong with it", "there is no OpenSSL in it";
    kept KEYGEN_IGNORES_FAILURES "keygen-ignores-failures" ["ntp-keygen"]
        "ends with 0 when a key, a link or the certificate could not be made" => "ends with 255", "a script must notice";
    kept UNREADABLE_KEYS_ARE_ABSENT "unreadable-keys-are-absent" ["ntp-keygen"]
        "takes a key file that it cannot read for absent and makes another" => "ends with an error", "the old key would be lost";
    kept GROUP_KEYS_NOT_FOUND "group-keys-not-found" ["ntp-keygen"]
        "does not find the keys of a group again" => "links them under the group's name", "Autokey works with them";
    kept MEMBER_KEYS_INCOMPLETE "member-keys-incomplete" ["ntp-keygen"]
        "exports keys for members of IFF, GQ and MV groups that lack a number or suit one ntpd only" =>
        "exports the traditional form that every ntpd reads", "Autokey works with them";
    cured EXPORT_SPOILS_KEYS "export-spoils-keys" ["ntp-keygen"]
        "`-e -q` spoils a key" => "exports it whole", "Autokey works with it";
    kept NOTHING_EXPORTED_IS_OK "nothing-exported-is-ok" ["ntp-keygen"]
        "ends with 0 when there was nothing to export" => "ends with 255", "a script must notice";
    kept SCHEMES_BY_EXACT_NAME "schemes-by-exact-name" ["ntp-keygen"]
        "knows no scheme for DSA but by its full name" => "picks the scheme for the key's type", "the digest is what was chosen";
    kept NO_KEYGEN_WARNINGS "no-keygen-warnings" ["ntp-keygen"]
        "never warns of weak keys" => "warns", "they are weak";
    kept LIFETIME_WRAPS "lifetime-wraps" ["ntp-keygen"]
        "counts the lifetime of a certificate modulo 2^32 seconds" => "refuses what does not fit", "certificates would end in the past";
    kept ONE_SYMMETRIC_LINK "one-symmetric-link" ["ntp-keygen"]
        "links symmetric keys as ntp.keys only" => "also links ntpkey_md5_HOST, the name of 4.2.6", "old guides use it";
    kept KEYGEN_BANNER "keygen-banner" ["ntp-keygen"]
        "begins with the versions of OpenSSL" => "begins with its own version", "there is no OpenSSL in it";
    kept WRITE_ERRORS_WITHOUT_NAME "write-errors-without-name" ["ntp-keygen"]
        "does not name the file that it cannot write" => "names it", "the reader needs it";
    kept EMPTY_NAMES "empty-names" ["ntp-keygen"]
        "accepts an empty host or group name" => "ignores it", "files without a name help nobody";
    kept KEYGEN_OPTIONS "keygen-options" ["ntp-keygen"]
        "knows no `-g` and `--gq-layout`" => "knows them", "GQ keys for every ntpd";
}
