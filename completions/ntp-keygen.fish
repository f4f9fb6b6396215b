complete -c ntp-keygen -l type -d 'The type of symmetric keys, MD5 and SHA1 without; several types share the keys evenly' -r
complete -c ntp-keygen -l count -d 'How many symmetric keys, 20 without' -r
complete -c ntp-keygen -l first-id -d 'The identifier of the first symmetric key, 1 without; the others follow' -r
complete -c ntp-keygen -l check -d 'Say what daemons would make of this file of symmetric keys, and make nothing' -r -F
complete -c ntp-keygen -s i -l ident -d 'The name of the group' -r
complete -c ntp-keygen -s s -l subject-name -d 'The host, and after an @ the group' -r
complete -c ntp-keygen -s S -l sign-key -d 'Make a new sign key: RSA or DSA; the host key signs without' -r
complete -c ntp-keygen -s m -l modulus -d 'Bits of RSA and DSA keys: 512 to 4096, 2048 without' -r
complete -c ntp-keygen -s c -l certificate -d 'How certificates are signed, RSA-SHA256 without, or as the present certificate is' -r
complete -c ntp-keygen -s C -l cipher -d 'The cipher of private keys: des-ede3-cbc or aes-128-cbc, aes-192-cbc, aes-256-cbc' -r
complete -c ntp-keygen -s l -l lifetime -d 'Days for which certificates hold' -r
complete -c ntp-keygen -s p -l password -d 'The password of private keys, the machine\'s name without. Others can see it in the list of processes: see --password-file' -r
complete -c ntp-keygen -l password-file -d 'Read the password of private keys from the first line of this file; it can also stand in the environment, as NTP_KEYGEN_PASSWORD' -r -F
complete -c ntp-keygen -s q -l export-passwd -d 'Write the group\'s keys for its servers to standard output, encrypted with this password' -r
complete -c ntp-keygen -l export-passwd-file -d 'The same, the password read from the first line of this file; it can also stand in the environment, as NTP_KEYGEN_EXPORT_PASSWD' -r -F
complete -c ntp-keygen -l gq-layout -d 'For which ntpd files of GQ are made, the same as the present keys are without' -r -f -a "original\t'As documented: for an ntpd built with OpenSSL 1.0 or older'
openssl-1.1\t'As an ntpd built with OpenSSL 1.1 expects them'"
complete -c ntp-keygen -s V -l mv-params -d 'Make new keys of the identity scheme MV for this many clients, 1 to 99' -r
complete -c ntp-keygen -s b -l imbits -d 'Bits of the identity schemes\' moduli, 256 to 2048: without, 2048 for IFF, 1016 for GQ and 512 for MV' -r
complete -c ntp-keygen -s D -l set-debug-level -d 'Tell the public parts of what is made if this is not 0' -r
complete -c ntp-keygen -s v -l mv-keys -d 'Refused: it never did anything' -r
complete -c ntp-keygen -l format -d 'The form of what goes to standard output' -r -f -a "text\t'Text for people'
json\t'JSON'"
complete -c ntp-keygen -l load-opts -d 'Take options from this file, besides ~/.ntprc' -r -F
complete -c ntp-keygen -l compat -d 'Speak exactly as this classic release does: 4.2.8p15, or none' -r -f -a "4.2.8p15\t''
none\t''"
complete -c ntp-keygen -s M -l md5key -d 'Make a file of symmetric keys; all options of other files are ignored'
complete -c ntp-keygen -l literal -d 'Make symmetric keys that can be typed after passwd: characters, none of them special, and no hexadecimal numbers, whose digits the classic ntpq and ntpdc take for the secret itself'
complete -c ntp-keygen -l stdout -d 'Write symmetric keys to standard output and not to a file'
complete -c ntp-keygen -s H -l host-key -d 'Make a new RSA host key'
complete -c ntp-keygen -s T -l trusted-cert -d 'Make the host a root of trust'
complete -c ntp-keygen -s P -l pvt-cert -d 'Make a private certificate'
complete -c ntp-keygen -s e -l id-key -d 'Write the group\'s parameters for its clients to standard output'
complete -c ntp-keygen -s I -l iffkey -d 'Make new keys of the identity scheme IFF'
complete -c ntp-keygen -s G -l gq-params -d 'Make new parameters and keys of the identity scheme GQ'
complete -c ntp-keygen -s g -l gq-keys -d 'Make new keys of the identity scheme GQ, with the present parameters if there are any'
complete -c ntp-keygen -s d -l debug-level -d 'Tell the public parts of what is made; may be given several times'
complete -c ntp-keygen -l no-load-opts -d 'Take no options from ~/.ntprc and the environment'
complete -c ntp-keygen -l save-opts -d 'Save the options to this file, else to ~/.ntprc, and exit'
complete -c ntp-keygen -l version -d 'Print the version and exit'
complete -c ntp-keygen -s '?' -l help -d 'Print this help and exit'
complete -c ntp-keygen -l more-help -d 'Print this help through $PAGER and exit'
complete -c ntp-keygen -f -a ""
