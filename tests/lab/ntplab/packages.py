"""Fetches the real programs: Debian packages, downloaded with apt from the archive this machine already uses and unpacked
into a cache folder, not installed."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


class LabError(Exception):
    """Something the laboratory needs is missing."""


CACHE = Path(os.environ.get("NTPKIT_LAB_CACHE")
             or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ntpkit-lab")

# folder -> (Debian release, packages unpacked together: the programs, and libraries that a bare machine may lack)
PACKAGES = {
    "classic": ("bullseye", ["ntp", "ntpdate", "libopts25", "libssl1.1", "libedit2", "libbsd0", "libmd0", "libcap2"]),
    "ntpsec": ("bookworm", ["ntpsec", "libcap2", "libssl3", "libbsd0", "libmd0"]),
    "ntpsec-tools": ("bookworm", ["ntpsec", "python3-ntp", "libssl3", "libbsd0", "libmd0"]),
    "chrony": ("bookworm", ["chrony", "libcap2", "libseccomp2", "libgnutls30", "libnettle8", "libhogweed6", "libgmp10",
                            "libidn2-0", "libunistring2", "libp11-kit0", "libtasn1-6", "libffi8", "libedit2"]),
    # the first release with AEAD_AES_128_GCM_SIV; newer than the machine's C library
    "chrony-new": ("trixie", ["chrony", "libc6", "libgcc-s1", "libcap2", "libseccomp2", "libgnutls30t64", "libnettle8t64", "libhogweed6t64",
                              "libgmp10", "libidn2-0", "libunistring5", "libp11-kit0", "libtasn1-6", "libffi8", "libedit2", "libtinfo6",
                              "libbsd0", "libmd0"]),
    "ntpd-rs": ("trixie", ["ntpd-rs", "libc6", "libgcc-s1"]),  # newer than the machine's C library: comes with its own
    "sntp": ("bullseye", ["sntp", "libevent-core-2.1-7", "libevent-pthreads-2.1-7", "libopts25", "libssl1.1"]),
    "plugins": ("bookworm", ["monitoring-plugins-basic"]),
    "prometheus": ("bookworm", ["prometheus", "prometheus-node-exporter"]),
    "yaml": ("bookworm", ["python3-yaml"]),
    "nagios": ("bookworm", ["nagios4-core"]),
    "nftables": ("bookworm", ["nftables", "libnftables1", "libnftnl11", "libmnl0", "libjansson4", "libgmp10", "libedit2", "libxtables12",
                              "libbsd0", "libmd0", "libtinfo6"]),
    "timesyncd": ("bookworm", ["systemd-timesyncd", "libsystemd-shared", "dbus-daemon", "libdbus-1-3", "libsystemd0",
                               "libexpat1", "libapparmor1", "libselinux1", "libaudit1", "libcap-ng0", "libcap2", "libacl1",
                               "libblkid1", "libmount1", "libcrypt1", "libgcrypt20", "libgpg-error0", "libip4tc2", "libkmod2",
                               "liblz4-1", "libzstd1", "liblzma5", "libssl3", "libpam0g", "libseccomp2", "libpcre2-8-0"]),
}

PROGRAMS = {
    "ntpq": "classic/usr/bin/ntpq", "ntpdc": "classic/usr/bin/ntpdc", "ntpdate": "classic/usr/sbin/ntpdate",
    "ntptime": "classic/usr/sbin/ntptime", "sntp": "sntp/usr/bin/sntp", "ntp-keygen": "classic/usr/sbin/ntp-keygen",
    "ntpd": "classic/usr/sbin/ntpd", "ntpsec-ntpd": "ntpsec/usr/sbin/ntpd", "chronyd": "chrony/usr/sbin/chronyd",
    "chronyc": "chrony/usr/bin/chronyc",
    "check_ntp_time": "plugins/usr/lib/nagios/plugins/check_ntp_time", "check_ntp_peer": "plugins/usr/lib/nagios/plugins/check_ntp_peer",
    "prometheus": "prometheus/usr/bin/prometheus", "promtool": "prometheus/usr/bin/promtool",
    "nagios4": "nagios/usr/sbin/nagios4",
    "nft": "nftables/usr/sbin/nft",
    "node-exporter": "prometheus/usr/bin/prometheus-node-exporter",
    "timesyncd": "timesyncd/lib/systemd/systemd-timesyncd", "dbus-daemon": "timesyncd/usr/bin/dbus-daemon",
}

# programs with their own C library -> path
FOREIGN = {"ntp-daemon": "ntpd-rs/usr/bin/ntp-daemon", "ntp-ctl": "ntpd-rs/usr/bin/ntp-ctl", "chronyd-new": "chrony-new/usr/sbin/chronyd",
           "chronyc-new": "chrony-new/usr/bin/chronyc"}
# scripts, whose interpreter finds the libraries
SCRIPTS = {"ntpsec-ntpq": "ntpsec-tools/usr/bin/ntpq"}

REFERENCE_VERSION = "4.2.8p15"

# command -> its Debian package
TOOLS = {"ip": "iproute2", "setpriv": "util-linux", "dpkg": "dpkg", "cc": "gcc", "openssl": "openssl", "perl": "perl-base"}
# file -> its Debian package; without /etc/services the real programs do not know the NTP port
FILES = {"/etc/services": "netbase"}


def run(*command, **options):
    """Runs a command that must succeed; returns its standard output."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        raise LabError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def program(name):
    """Returns the path of a real program."""
    return CACHE / {**PROGRAMS, **SCRIPTS}[name]


def libraries(name):
    """Returns the LD_LIBRARY_PATH with which a real program finds the libraries unpacked with it."""
    folder = CACHE / {**PROGRAMS, **SCRIPTS}[name].split("/")[0]
    patterns = ("lib/*-linux-gnu", "usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/systemd")
    return ":".join(str(path) for pattern in patterns for path in sorted(folder.glob(pattern)))


def foreign(name, preload=None):
    """Returns the command that runs a program with its own C library, optionally with an object preloaded."""
    path = CACHE / FOREIGN[name]
    folder = CACHE / FOREIGN[name].split("/")[0]
    loaders = sorted(folder.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*"))
    if not loaders:
        raise LabError(f"{folder}: no loader")
    preloaded = ["--preload", str(preload)] if preload else []
    return [str(loaders[0]), "--library-path", str(loaders[0].parent), *preloaded, str(path)]


def shared_object(name):
    """Compiles a C file of the laboratory for LD_PRELOAD; returns its path."""
    source = Path(__file__).with_name(f"{name}.c")
    target = CACHE / f"{name}.{source.stat().st_mtime_ns}.so"
    if not target.exists():
        fresh = target.with_suffix(f".{os.getpid()}")
        run("cc", "-O1", "-shared", "-fPIC", "-o", fresh, source)
        fresh.rename(target)
    return target


def fetch(log=sys.stderr):
    """Installs missing tools from Debian, and fetches missing real programs into the cache."""
    install_tools(log)
    for folder, (release, packages) in PACKAGES.items():
        if (CACHE / folder).exists():
            continue
        print(f"lab: fetching {packages[0]} of Debian {release}", file=log, flush=True)
        try:
            unpack(folder, release, packages)
        except LabError as first:
            print(f"lab: retrying after: {first}", file=log, flush=True)
            unpack(folder, release, packages)
    link_module_library()
    check()


def link_module_library():
    """Links NTPsec's library next to its Python modules, which look there before asking the system."""
    link = program("ntpsec-ntpq").parent.parent / "lib/python3/dist-packages/ntp/libntpc.so"
    found = sorted((CACHE / "ntpsec-tools").glob("usr/lib/*-linux-gnu/ntp/libntpc.so.1"))
    if found and not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(found[0], link.parent))


def install_tools(log):
    missing = {package for command, package in TOOLS.items() if not shutil.which(command, path=search_path())}
    missing = sorted(missing | {package for file, package in FILES.items() if not Path(file).exists()})
    if not missing:
        return
    if os.geteuid() != 0:
        raise LabError(f"not installed: {' '.join(missing)}")
    print(f"lab: installing {' '.join(missing)}", file=log, flush=True)
    run("apt-get", "update", "-q")
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin"


def archive():
    """Returns the Debian archive that apt is configured to use."""
    targets = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(COMPONENT) $(SITE)", "Created-By: Packages")
    for line in targets.splitlines():
        uri, *rest = line.split()
        if "Debian" in rest and "main" in rest and "security" not in uri:
            return uri
    raise LabError("apt has no Debian archive configured (run apt-get update?)")


def apt_options(release):
    """Returns options that make apt see one release of the archive and no installed packages."""
    base = CACHE / "apt" / release
    for sub in ("lists/partial", "cache/archives/partial"):
        (base / sub).mkdir(parents=True, exist_ok=True)
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keyring}] " if keyring.exists() else ""
    source = base / "sources.list"
    source.write_text(f"deb {signed}{archive()} {release} main\n")
    settings = {"Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "-", "Dir::State::Lists": base / "lists",
                "Dir::Cache": base / "cache", "Dir::State::Status": "/dev/null", "APT::Sandbox::User": "root",
                "Acquire::Languages": "none"}
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def unpack(folder, release, packages):
    if not list(Path("/var/lib/apt/lists").glob("*_Packages*")) and os.geteuid() == 0:
        run("apt-get", "update", "-q")
    CACHE.mkdir(parents=True, exist_ok=True)
    options = apt_options(release)
    run("apt-get", *options, "update", "-q")
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder}.", dir=CACHE))
    fresh.chmod(0o755)
    try:
        with tempfile.TemporaryDirectory() as debs:
            run("apt-get", *options, "download", *packages, cwd=debs)
            for deb in sorted(Path(debs).glob("*.deb")):
                run("dpkg", "-x", deb, fresh)
        fresh.rename(CACHE / folder)
    except OSError as error:
        if not (CACHE / folder).exists():  # else another run won the race
            raise LabError(f"{CACHE / folder}: {error}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check():
    """Checks that every program finds its libraries, and that the reference has the version we compare with."""
    for name in PROGRAMS:
        found = run("ldd", program(name), env=dict(os.environ, LD_LIBRARY_PATH=libraries(name)))
        missing = [line.split()[0] for line in found.splitlines() if "not found" in line]
        if missing:
            raise LabError(f"{name} lacks {' '.join(missing)}")
    for name in SCRIPTS:
        modules = program(name).parent.parent / "lib/python3/dist-packages"
        environment = dict(os.environ, LD_LIBRARY_PATH=libraries(name), PYTHONPATH=str(modules), PYTHONDONTWRITEBYTECODE="1")
        try:
            run(program(name), "--version", env=environment)
        except LabError as error:
            raise LabError(f"{name} cannot run: {error}") from error
    version = run(program("ntpq"), "--version", env=dict(os.environ, LD_LIBRARY_PATH=libraries("ntpq")))
    if REFERENCE_VERSION not in version:
        raise LabError(f"the reference is not {REFERENCE_VERSION}: {version.strip()}")
