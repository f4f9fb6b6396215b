"""Command lines with a key, and those that print counters."""
from .case import parse

REPORTS = r"""
-n -c sysstats {each}
-n -c monstats {each}
-n -c timerstats {each}
-n -c sysinfo -c iostats -c kerninfo -c authinfo {hub}
-c sysinfo -c sysstats -c monstats {hub}
-n -r hash -c sysinfo {hub}
-n -c sysinfo -c kerninfo {young}
-n -c sysinfo -c iostats -c authinfo {sec} ## default=no
-n -c kerninfo {sec} ## default=no
-n -c raw -c sysinfo -c sysstats -c monstats {hub}
-n -c 'sysstats > out' -c 'sysinfo > info' {hub}
-n -c 'sysinfo extra' -c 'sysstats 1 2' {hub}
-n -c sysstats -c monstats {hub} {sec}
-n -c sysst -c mon -c ti -c io -c kern -c authi {hub}
-c sysinfo -c 'timeout 300' -c ifstats ## stdin='1\n' slow
-n -c 'timeout 300' -c sysinfo -c sysstats -c authinfo 192.0.2.17 ## slow
-n -c 'timeout 300' -c monstats -c iostats -c kerninfo -c timerstats 192.0.2.18 ## slow
-n -c 'timeout 300' -c 'keyid 2' -c 'passwd x' -c ifstats -c reslist -c ':config disable bclient' 192.0.2.17 ## slow
-n -c 'timeout 300' -c 'keyid 2' -c 'passwd x' -c 'saveconfig x' -c 'writevar 0 a=1' -c writelist 192.0.2.17 ## slow
-n -c 'timeout 300' -c 'authenticate yes' -c 'keyid 2' -c 'passwd x' -c 'rv 0 stratum' 192.0.2.17 ## slow
"""

LISTS = r"""
-c showvars
-c 'addvars a=1,b,c=' -c showvars -c 'rmvars b' -c showvars -c clearvars -c showvars {hub}
-c 'addvars a' -c 'addvars a=2' -c showvars -c 'rmvars zz' -c showvars {hub}
-c 'addvars "a=1"' -c 'addvars ,,a,' -c 'addvars a=b=c' -c showvars {hub}
-c 'addvars stratum,leap' -c rl -c 'rmvars stratum' -c rl {each}
-c 'addvars srcadr,stratum' -c 'rl &1' -c 'mrl &1 &2' {hub}
-c 'addvars nosuchvariable' -c rl {hub}
-c 'addvars clock_var_list' -c cl {hub}
-c addvars -c rmvars -c 'showvars x' -c 'clearvars x' {hub}
-c 'addvars a=1 b' -c showvars {hub}
-c 'addvars a' -c 'showvars > list' {hub}
-c add -c rm -c clear -c show {hub}
-c 'addvars a' -c showvars ## stdin='x'
-c poll {hub}
-c 'poll 3' -c 'poll 3 verbose' -c 'poll x' {hub}
-c keyid -c 'keyid 5' -c keyid {hub}
-c 'keyid x' -c 'keyid -1' -c keyid {hub}
-c 'keyid 70000' -c keyid {hub} ## default=no
-c 'keyid 65535' -c 'keyid 0' -c keyid {hub}
-c keytype -c 'keytype SHA1' -c keytype -c 'keytype md5' -c keytype {hub}
-c 'keytype AES128CMAC' -c keytype -c 'keytype RIPEMD160' -c keytype {hub}
-c 'keytype nosuchtype' -c keytype {hub} ## failure
-c 'keytype ""' -c keytype {hub} ## failure
-c 'keytype SHA256' -c 'keytype SHA512' -c keytype {hub} ## default=no
-c authenticate -c 'authenticate yes' -c authenticate -c 'authenticate no' -c authenticate {hub}
-c 'authenticate maybe' -c authenticate {hub} ## failure
-c 'keyid 2' -c 'passwd ""' {hub} ## default=no
-c 'passwd x' {hub} ## stdin='0\n' failure
-c help {hub} ## default=no
-c '?' {hub} ## default=no
-c mr -c c -c con -c conf -c key -c auth -c save -c s -c wr {hub}
-c 'help mrulist' {hub} ## own=description
-c 'help addvars' {hub} ## own=description
-c 'help keytype' {hub} ## own=description default=no
-c 'help :config' -c '? saveconfig' {hub} ## own=description
-c 'help sysinfo' {hub} ## own=description
-c 'help reslist' {hub} ## own=description
-c :config -c config-from-file -c saveconfig -c writevar -c 'writevar 0' {hub}
-c 'writevar x a=1' -c 'writelist x' {hub}
-c ifstats -c reslist ## where=op
-c 'config-from-file /nonexistent/file' {hub} ## default=no
"""

KEYS = {1: ("MD5", "secretmd5key"), 2: ("SHA1", "sha1asciikey"), 3: ("AES128CMAC", "cmacasciikey")}

# with the daemon's control key
RIGHT_KEY = r"""
-n {key} -c ':config server 203.0.113.{n} maxpoll 6' -c ':config unpeer 203.0.113.{n}' {host}
-n {key} -c ':config nonsense' -c ':config server' {host} ## failure
-n {key} -c ':config' -c ':config  ' -c ':config # comment' {host} ## default=no
-n {key} -c ':config server 203.0.113.{n} prefer key 9 > out' {host} ## failure
-n {key} -c 'config-from-file /dev/stdin' {host} ## stdin='# a comment\nserver 203.0.113.{n}\n\nunpeer 203.0.113.{n} # no more\n'
-n {key} -c 'config-from-file /dev/stdin' {host} ## stdin='nonsense here\n' failure
-n {key} -c 'saveconfig ../outside' -c 'saveconfig /tmp/outside' {host} ## failure
-n {key} -c 'writevar 0 nosuchvariable=1' -c 'writevar 99 stratum=1' {host}
-n {key} -c 'addvars nosuchvariable=1' -c writelist -c 'writelist 0' {host}
-n {key} -c 'authenticate yes' -c 'rv 0 stratum' -c as {host}
"""

# with a key that the daemon rejects
WRONG_KEY = r"""
-n {wrong} -c ifstats -c reslist {host}
-n {wrong} -c ':config server 203.0.113.9' {host}
-n {wrong} -c 'saveconfig x' {host}
-n {wrong} -c 'writevar 0 a=1' -c 'addvars a=1' -c writelist {host}
-n {wrong} -c 'config-from-file /dev/stdin' {host} ## stdin='server 203.0.113.9\n' default=no
-n {wrong} -c 'authenticate yes' -c 'rv 0 stratum' -c as {host} ## failure
"""

OTHERS = r"""
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c ifstats {hub}
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c reslist {hub}
-n -c 'keytype MD5' -c 'keyid 1' -c 'passwd secretmd5key' -c ifstats -c reslist {key1}
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c 'ifstats > interfaces' -c 'reslist > restrictions' {hub}
-c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c ifstats -c reslist {hub}
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c reslist {sec}
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c ifstats {sec} ## default=no
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c 'saveconfig x' {hub} ## failure
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd sha1asciikey' -c 'saveconfig x' {seckey2}
-n -c 'keytype SHA1' -c 'keyid 1' -c 'passwd sha1asciikey' -c ifstats {hub}
-n -c 'keytype SHA1' -c 'keyid 77' -c 'passwd sha1asciikey' -c ifstats {hub}
-n -c 'keytype MD5' -c 'keyid 2' -c 'passwd sha1asciikey' -c ifstats {hub}
-n -c 'keytype SHA1' -c 'keyid 2' -c 'passwd wrong' -c ifstats -c 'passwd sha1asciikey' -c ifstats {hub}
-n -c 'keytype SHA1' -c 'keyid 4' -c 'passwd bd0aa8d8b763670d38a3f00e46979da07e8495ac' -c reslist {key4} ## default=no
"""


def keyed_cases():
    """Returns all cases of this file."""
    cases = [*parse(REPORTS), *parse(LISTS), *parse(OTHERS)]
    number = 100
    for key, (kind, secret) in KEYS.items():
        for host in (f"key{key}", f"seckey{key}"):
            right = f"-c 'keytype {kind}' -c 'keyid {key}' -c 'passwd {secret}'"
            wrong = f"-c 'keytype {kind}' -c 'keyid {key}' -c 'passwd wrong'"
            for line in (RIGHT_KEY + WRONG_KEY).strip().splitlines():
                number += 1
                text = line.replace("{key}", right).replace("{wrong}", wrong).replace("{n}", str(number))
                cases += parse(text.replace("{host}", "{" + host + "}"))
    return cases
