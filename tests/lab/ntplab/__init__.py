"""Runs the real NTP programs in network namespaces, for the suites.

| module | contents |
|---|---|
| packages | fetches the real programs (Debian packages, unpacked, not installed) |
| namespaces | network namespaces, and sockets inside them |
| plan | the hosts of the laboratory: addresses, daemons, configuration |
| world | builds the network of these hosts, waits until it is ready, takes it down |
| silence | a name server that never answers and counts its queries |
| liar | a time server with a fixed error: the falseticker |
| programs | runs a program on a host and keeps its outcome |
| mode6 | mode 6 packets to and from bytes |
| mode7 | mode 7 packets to and from bytes |
| fakeserver | a scripted server for mode 6 and mode 7 queries |
| recorder | a proxy that replays one daemon's replies to two programs |
| private_recorder | the same for mode 7 |
| refusal | runs a program that may not even read the kernel clock discipline |
| fake_kernel.c | preloaded: a fake kernel clock discipline that returns given values and controls no clock |
| timesyncd.sh | systemd-timesyncd and a D-Bus daemon in their own mount namespace |
| machine | a virtual machine whose clock may be set |
| relay | a bad network: delays, drops, duplicates, reorders and corrupts datagrams, and counts them |
| report | counts verdicts and prints the totals |

No daemon started here can touch this machine's clock: all run without CAP_SYS_TIME.
"""
