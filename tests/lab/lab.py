#!/usr/bin/env python3
"""The laboratory: real NTP programs in network namespaces, and the suites that need them.

  lab.py fetch                     bring the real programs (Debian's packages, unpacked) into the cache
  lab.py up | down | hosts         build the world and leave it standing; end it; list its hosts
  lab.py in HOST -- CMD ...        run CMD on one of its hosts
  lab.py ref TOOL ...              run a real tool here (ntpq ntpdc ntpdate ntptime ntp-keygen); goes well inside `in`
  lab.py relay ADDR TARGET ...     a bad network: ADDR:123 leads to TARGET:123 (--delay MS --loss P --dup P --reorder P --corrupt P)
  lab.py suite [NAME ...]          run suites in worlds of their own: compliance, generated, private, control, mrulist, badnet, health,
                                   ntpdate, kernel, clock, keys, config, nts, plugins, trace (default: all, side by side; --in-turn: in turn)
  lab.py bench [...]               figures of ours beside the reference's (bench --help)

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
    verbs = {"fetch": fetch, "up": up, "down": down, "hosts": hosts, "in": inside, "ref": reference, "relay": relay,
             "suite": suite, "bench": bench}
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


def up(_rest):
    lab = world.World()
    try:
        lab.up(kept=True)
        spent = lab.settle()
    except BaseException:
        lab.down()
        raise
    print(f"{lab.prefix} is up, settled in {spent:.0f} s")


def down(_rest):
    world.standing().down()


def hosts(_rest):
    for name, host in world.HOSTS.items():
        print(f"{name:7} {host.daemon or '-':8} {' '.join(host.addresses)}  {host.note}")


def inside(rest):
    name, *command = rest or [""]
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        raise LabError("in HOST -- CMD ...")
    os.execvp("ip", ["ip", "netns", "exec", world.standing().namespace(name), *command])


def reference(rest):
    if not rest or rest[0] not in packages.PROGRAMS:
        raise LabError(f"ref TOOL ...: one of {' '.join(packages.PROGRAMS)}")
    path = str(packages.program(rest[0]))
    os.execve(path, [rest[0], *rest[1:]], dict(os.environ, LD_LIBRARY_PATH=packages.libraries(rest[0])))


def relay(rest):
    from ntplab.relay import Relay, Weather
    parser = argparse.ArgumentParser(prog="lab.py relay")
    parser.add_argument("address")
    parser.add_argument("target")
    for name in ("delay", "loss", "dup", "reorder", "corrupt"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(rest)
    weather = Weather(delay=chosen.delay / 1000, loss=chosen.loss, duplicate=chosen.dup, reorder=chosen.reorder,
                      corrupt=chosen.corrupt)
    with Relay(None, chosen.address, chosen.target, weather, chosen.seed) as road:
        try:
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            print(road.counts())


def suite(rest):
    """Runs suites; those of different lanes side by side, each lane in a process and a world of its own."""
    import suites
    parser = argparse.ArgumentParser(prog="lab.py suite")
    parser.add_argument("names", nargs="*", choices=[[], *suites.NAMES])
    parser.add_argument("--ours", required=True, help="the multicall binary, or `reference`: the real programs on both sides")
    parser.add_argument("--only", help="only the cases whose name contains this text")
    parser.add_argument("--classic-only", action="store_true", help="leave the default dialect out")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--in-turn", action="store_true", help="one suite after the other, in one world")
    parser.add_argument("--verbose", action="store_true", help="name every case")
    parser.add_argument("--totals", help=argparse.SUPPRESS)  # where a lane leaves its totals
    parser.add_argument("--lock", help=argparse.SUPPRESS)  # what is locked while there are heavy lanes
    return suites.run(parser.parse_args(rest))


def bench(rest):
    import bench as benches
    return benches.main(rest)


if __name__ == "__main__":
    sys.exit(main())
