"""A laboratory of real NTP programs in network namespaces, for the compliance and network suites.

| module | what it is |
|---|---|
| packages | brings the real programs (Debian's packages, unpacked, not installed) |
| namespaces | network namespaces, and sockets inside them |
| plan | the hosts of the laboratory's world: addresses, daemons, configuration |
| world | builds that world, waits until it has settled, takes it down |
| silence | a name server that never answers and counts what it is asked |
| liar | a time server that is wrong by so much: the falseticker |
| programs | runs one program on one host and keeps what it did |
| mode6 | mode-6 packets to and from bytes |
| mode7 | mode-7 packets to and from bytes |
| fakeserver | a scripted server of queries |
| recorder | a proxy that plays one daemon's answers to two programs alike |
| private_recorder | the same for mode 7 |
| refusal | runs a program that may not even read the kernel's clock discipline |
| fake_kernel.c | preloaded: a kernel whose clock discipline says what it is told to, and that no clock belongs to |
| timesyncd.sh | systemd-timesyncd and a bus in a mount namespace of their own |
| machine | a virtual machine, whose clock may be set |
| relay | a bad network: delay, loss, duplicates, disorder, corruption, and a count |
| report | verdicts, and the line that closes a suite |

No daemon started here can touch this machine's clock: each runs without CAP_SYS_TIME.
"""
