complete -c ntp-keygen -l type -d 'Types of the symmetric keys; several types get equal shares [default: MD5 and SHA1]' -r -f -a "AES128CMAC\t''
MD5\t''
SHA1\t''
SHA224\t''
SHA256\t''
SHA384\t''
SHA512\t''
SHA3-256\t''
SHA3-512\t''"
complete -c ntp-keygen -l count -d 'Number of symmetric keys [default: 20]' -r
complete -c ntp-keygen -l first-id -d 'Identifier of the first symmetric key [default: 1]' -r
complete -c ntp-keygen -l check -d 'Check how daemons read this file of symmetric keys; generate nothing' -r -F
complete -c ntp-keygen -s i -l ident -d 'Name of the group' -r
complete -c ntp-keygen -s s -l subject-name -d 'Name of the host, optionally followed by @ and the group' -r
complete -c ntp-keygen -s S -l sign-key -d 'Generate a new sign key: RSA or DSA [default: the host key signs]' -r -f -a "RSA\t''
DSA\t''"
complete -c ntp-keygen -s m -l modulus -d 'Bits of RSA and DSA keys, 512 to 4096 [default: 2048]' -r
complete -c ntp-keygen -s c -l certificate -d 'Signature scheme of certificates [default: that of the existing certificate, or RSA-SHA256]' -r
complete -c ntp-keygen -s C -l cipher -d 'Cipher for private keys: des-ede3-cbc or aes-128-cbc, aes-192-cbc, aes-256-cbc' -r -f -a "des-ede3-cbc\t''
aes-128-cbc\t''
aes-192-cbc\t''
aes-256-cbc\t''"
complete -c ntp-keygen -s l -l lifetime -d 'Validity of certificates, in days' -r
complete -c ntp-keygen -s p -l password -d 'Password of private keys [default: the host name]. Other users can see it in the process list; see --password-file' -r
complete -c ntp-keygen -l password-file -d 'Read the password of private keys from the first line of this file; it can also be set in the environment as NTP_KEYGEN_PASSWORD' -r -F
complete -c ntp-keygen -s q -l export-passwd -d 'Write the group\'s server keys to standard output, encrypted with this password' -r
complete -c ntp-keygen -l export-passwd-file -d 'Likewise, with the password from the first line of this file; it can also be set in the environment as NTP_KEYGEN_EXPORT_PASSWD' -r -F
complete -c ntp-keygen -l gq-layout -d 'Layout of GQ files, which depends on the ntpd build [default: that of the existing keys]' -r -f -a "original\t'For an ntpd built with OpenSSL 1.0 or older, as documented'
openssl-1.1\t'For an ntpd built with OpenSSL 1.1'"
complete -c ntp-keygen -s V -l mv-params -d 'Generate new MV identity keys for this many clients, 1 to 99' -r
complete -c ntp-keygen -s b -l imbits -d 'Bits of identity scheme moduli, 256 to 2048 [default: 2048 for IFF, 1016 for GQ, 512 for MV]' -r
complete -c ntp-keygen -s D -l set-debug-level -d 'Print the public values of new keys unless this is 0' -r
complete -c ntp-keygen -s v -l mv-keys -d 'Refused, because it never had an effect' -r
complete -c ntp-keygen -l load-opts -d 'Read options from this file, in addition to ~/.ntprc' -r -F
complete -c ntp-keygen -l compat -d 'Reproduce this release of the classic program exactly: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntp-keygen -l format -d 'Format of standard output [default: text]' -r -f -a "text\t'Human-readable text'
json\t'JSON'"
complete -c ntp-keygen -s M -l md5key -d 'Generate symmetric keys; ignore the options of all other files'
complete -c ntp-keygen -l literal -d 'Generate symmetric keys that can be typed at the passwd prompt: plain characters instead of hexadecimal digits, which the classic ntpq and ntpdc use as the secret itself'
complete -c ntp-keygen -l stdout -d 'Write symmetric keys to standard output instead of a file'
complete -c ntp-keygen -s H -l host-key -d 'Generate a new RSA host key'
complete -c ntp-keygen -s T -l trusted-cert -d 'Make the host a root of trust'
complete -c ntp-keygen -s P -l pvt-cert -d 'Make a private certificate'
complete -c ntp-keygen -s e -l id-key -d 'Write the group\'s client parameters to standard output'
complete -c ntp-keygen -s I -l iffkey -d 'Generate new IFF identity keys'
complete -c ntp-keygen -s G -l gq-params -d 'Generate new GQ identity parameters and keys'
complete -c ntp-keygen -s g -l gq-keys -d 'Generate new GQ identity keys from the existing parameters, if any'
complete -c ntp-keygen -s d -l debug-level -d 'Print the public values of new keys; repeatable'
complete -c ntp-keygen -l no-load-opts -d 'Read no options from ~/.ntprc or the environment'
complete -c ntp-keygen -l save-opts -d 'Save the options to this file (default ~/.ntprc) and exit'
complete -c ntp-keygen -l version -d 'Print the version and exit'
complete -c ntp-keygen -s '?' -l help -d 'Print this help and exit'
complete -c ntp-keygen -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntp-keygen -f -a ""
