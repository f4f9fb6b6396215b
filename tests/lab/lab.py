#!/usr/bin/env python3
"""The laboratory: real NTP programs in network namespaces, and the suites that use them.

  lab.py fetch                     fetch the real programs (Debian packages, unpacked) into the cache
  lab.py contrib                   install Icinga 2, munin, Ansible, Zabbix and systemd into the cache (1.2 GB), for the suite
                                   `contrib`
  lab.py up | down | hosts         build the network and leave it running; remove it; list its hosts
  lab.py in HOST -- CMD ...        run CMD on one of its hosts
  lab.py ref TOOL ...              run a real program here (ntpq ntpdc ntpdate ntptime ntp-keygen), also useful after `in`
  lab.py relay ADDR TARGET ...     relay ADDR:123 to TARGET:123 as a bad network (--delay MS --loss P --dup P --reorder P --corrupt P)
  lab.py suite [NAME ...]          run suites, each lane in its own network: compliance, generated, private, control, mrulist, badnet,
                                   health, diag, ntpdate, kernel, clock, keys, config, nts, plugins, exporter, contrib, trace, fleet (default: all, in parallel;
                                   --in-turn: one after the other)
  lab.py bench [...]               compare the speed of ours with the reference (bench --help)
  lab.py start [...]               show what a start costs: time, page faults, system calls, memory, size (start --help)

Needs root on Debian (namespaces, apt). No daemon started here can touch this machine's clock.
"""
import argparse
import os
import sys
import time

from ntplab import packages, world
from ntplab.packages import LabError


def main():
    arguments = sys.argv[1:]
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    verbs = {"fetch": fetch, "contrib": contrib, "up": up, "down": down, "hosts": hosts, "in": inside, "ref": reference,
             "relay": relay, "suite": suite, "bench": bench, "start": start}
    if verb not in verbs:
        print(__doc__.strip(), file=sys.stdout if verb in ("-h", "--help") else sys.stderr)
        return 0 if verb in ("-h", "--help") else 2
    try:
        return verbs[verb](rest) or 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 3  # nothing was tested


def fetch(_rest):
    packages.fetch()
    print(packages.CACHE)


def contrib(_rest):
    from contrib import debian
    debian.make(sys.stderr)
    print(debian.TREE)


def up(_rest):
    lab = world.World()
    try:
        lab.up(persistent=True)
        spent = lab.wait_until_ready()
    except BaseException:
        lab.down()
        raise
    print(f"{lab.prefix} is up, ready after {spent:.0f} s")


def down(_rest):
    world.running_world().down()


def hosts(_rest):
    for name, host in world.HOSTS.items():
        print(f"{name:7} {host.daemon or '-':8} {' '.join(host.addresses)}  {host.note}")


def inside(rest):
    name, *command = rest or [""]
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        raise LabError("usage: lab.py in HOST -- CMD ...")
    os.execvp("ip", ["ip", "netns", "exec", world.running_world().namespace(name), *command])


def reference(rest):
    if not rest or rest[0] not in packages.PROGRAMS:
        raise LabError(f"usage: lab.py ref TOOL ... (tools: {' '.join(packages.PROGRAMS)})")
    path = str(packages.program(rest[0]))
    os.execve(path, [rest[0], *rest[1:]], dict(os.environ, LD_LIBRARY_PATH=packages.libraries(rest[0])))


def relay(rest):
    from ntplab.relay import Relay, Impairments
    parser = argparse.ArgumentParser(prog="lab.py relay")
    parser.add_argument("address")
    parser.add_argument("target")
    for name in ("delay", "loss", "dup", "reorder", "corrupt"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(rest)
    impairments = Impairments(delay=chosen.delay / 1000, loss=chosen.loss, duplicate=chosen.dup, reorder=chosen.reorder,
                              corrupt=chosen.corrupt)
    with Relay(None, chosen.address, chosen.target, impairments, chosen.seed) as link:
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            print(link.counts())


def suite(rest):
    """Runs suites; lanes run in parallel, each in its own process and network."""
    import suites
    parser = argparse.ArgumentParser(prog="lab.py suite")
    parser.add_argument("names", nargs="*", choices=[[], *suites.NAMES])
    parser.add_argument("--ours", required=True, help="the multicall binary, or `reference` for the real programs on both sides")
    parser.add_argument("--only", help="run only the cases whose name contains this text")
    parser.add_argument("--classic-only", action="store_true", help="skip the default dialect")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--in-turn", action="store_true", help="run the suites one after the other, in one network")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    parser.add_argument("--totals", help=argparse.SUPPRESS)  # where a lane writes its totals
    parser.add_argument("--lock", help=argparse.SUPPRESS)  # locked while heavy lanes run
    return suites.run(parser.parse_args(rest))


def bench(rest):
    import bench as benches
    return benches.main(rest)


def start(rest):
    import start as starts
    return starts.main(rest)


if __name__ == "__main__":
    sys.exit(main())
