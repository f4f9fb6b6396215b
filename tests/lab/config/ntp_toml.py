"""ntp.toml files for ntpd-rs."""

SOURCES = '[[source]]\nmode = "pool"\naddress = "pool.example"\n'
OBSERVED = '[observability]\nobservation-path = "/run/ntpd-rs/observe"\n'


def source(mode, *lines):
    return "\n".join(["[[source]]", f'mode = "{mode}"', *lines]) + "\n"


def section(name, *lines):
    """A section behind sources that are enough."""
    return SOURCES + "\n".join([f"[{name}]", *lines]) + "\n"


FILES = {
    "sources": source("server", 'address = "a.example"') + source("pool", 'address = "b.example:1123"', "count = 2", 'ignore = ["192.0.2.1", "::1"]')
               + source("nts", 'address = "[2001:db8::1]:4460"') + source("sock", 'path = "/run/gps.sock"', "measurement_noise_estimate = 1e-6"),
    "addresses": source("server", 'address = "::1"') + source("server", 'address = ""') + source("server", "address = 'a.'") + source("server", 'address = "::"'),
    "a port that is too large": source("server", 'address = "a.example:99999"'),
    "a port that is none": source("server", 'address = "a.example:ntp"'),
    "colons": source("server", 'address = "a:b:c"'),
    "an address that is a number": source("server", "address = 1"),
    "no address": source("pool", "count = 4"),
    "no mode": '[[source]]\naddress = "a.example"\n',
    "a misspelt mode": source("sever", 'address = "a.example"'),
    "a mode that is a number": '[[source]]\nmode = 1\naddress = "a.example"\n',
    "an option of another mode": source("server", 'address = "a.example"', "count = 4"),
    "a misspelt option": source("pool", 'address = "a.example"', "cuont = 4"),
    "a negative count": source("pool", 'address = "a.example"', "count = -1"),
    "a broken count": source("pool", 'address = "a.example"', "count = 1.5"),
    "a count in quotes": source("pool", 'address = "a.example"', 'count = "4"'),
    "ignored names": source("pool", 'address = "a.example"', 'ignore = ["a.example"]'),
    "a certificate that is missing": source("nts", 'address = "a.example"', 'certificate-authority = "/nonexistent/ca.pem"') + SOURCES,
    "a socket without noise": SOURCES + source("sock", 'path = "/run/gps.sock"'),
    "a source that is a table": '[source]\nmode = "pool"\naddress = "a.example"\n',
    "two sources of one table": source("server", 'address = "a.example"', 'mode = "pool"'),
    "one server of three": source("server", 'address = "a.example"'),
    "two servers of two": source("server", 'address = "a.example"') + source("server", 'address = "b.example"') + "[synchronization]\nminimum-agreeing-sources = 2\n",
    "a small pool": source("pool", 'address = "a.example"', "count = 2"),
    "nothing": "",
    "comments": "# one\n   # two\n" + SOURCES + "# three",
    "no TOML": "server a.example iburst\n",
    "no value": "[keyset]\nstale-key-count =\n",
    "a word without quotes": "[observability]\nlog-level = info\n",
    "an open string": '[observability]\nlog-level = "info\n',
    "an open table": "[observability\n",
    "a table twice": "[keyset]\n[keyset]\n",
    "a key twice": section("keyset", "stale-key-count = 1", "stale-key-count = 2"),
    "an unknown section": section("observabilty"),
    "a setting before all sections": 'log-level = "info"\n' + SOURCES,
    "capitals": section("Observability"),
    "the clock": section("clock", 'timestamp-mode = "software"'),
    "observability": section("observability", 'log-level = "warn"', "ansi-colors = false", 'observation-path = "/run/o"', "observation-permissions = 0o660",
                             'metrics-exporter-listen = "127.0.0.1:9975"'),
    "a misspelt level": section("observability", 'log-level = "warning"'),
    "colours that are a text": section("observability", 'ansi-colors = "no"'),
    "permissions in quotes": section("observability", 'observation-permissions = "0o660"'),
    "permissions that are too large": section("observability", "observation-permissions = 0xfffffffff"),
    "permissions in decimal": section("observability", "observation-permissions = 666"),
    "an exporter without a port": section("observability", 'metrics-exporter-listen = "127.0.0.1"'),
    "thresholds": section("synchronization", "single-step-panic-threshold = 10", 'startup-step-panic-threshold = { forward = "inf", backward = 86400.5 }',
                          "accumulated-step-panic-threshold = 0"),
    "no thresholds": section("synchronization", 'single-step-panic-threshold = "inf"', "startup-step-panic-threshold = {}"),
    "a negative threshold": section("synchronization", "single-step-panic-threshold = -1"),
    "an infinite threshold": section("synchronization", "single-step-panic-threshold = inf"),
    "a misspelt direction": section("synchronization", "single-step-panic-threshold = { forwards = 1 }"),
    "a threshold that is a word": section("synchronization", 'single-step-panic-threshold = "none"'),
    "a direction that is a word": section("synchronization", 'single-step-panic-threshold = { forward = "none" }'),
    "an infinite sum": section("synchronization", "accumulated-step-panic-threshold = inf"),
    "the sum's old name": section("synchronization", "accumulated-threshold = 1800"),
    "strata": section("synchronization", "local-stratum = 255"),
    "a stratum that is too large": section("synchronization", "local-stratum = 256"),
    "half a source": section("synchronization", "minimum-agreeing-sources = 2.5"),
    "algorithm": section("synchronization.algorithm", "step-threshold = 1", "precision-hysteresis = 8", "meddling-threshold = 5.5", "initial-wander = 1e-9",
                         "ignore-server-dispersion = true"),
    "a misspelt parameter": section("synchronization.algorithm", "step-treshold = 1"),
    "a broken hysteresis": section("synchronization.algorithm", "poll-interval-hysteresis = 1.5"),
    "a flag that is a number": section("synchronization.algorithm", "ignore-server-dispersion = 1"),
    "an infinite parameter": section("synchronization.algorithm", "step-threshold = inf"),
    "an infinite duration": section("synchronization.algorithm", "meddling-threshold = inf"),
    "an algorithm that is a word": section("synchronization", 'algorithm = "kalman"'),
    "poll intervals": section("source-defaults", "poll-interval-limits = { min = 4, max = 10 }", "initial-poll-interval = 6"),
    "half a poll interval": section("source-defaults", "poll-interval-limits = { min = 4 }"),
    "a poll interval that is too large": section("source-defaults", "initial-poll-interval = 128"),
    "a poll interval with more": section("source-defaults", "poll-interval-limits = { min = 4, max = 10, mean = 6 }"),
    "a poll interval that is a number": section("source-defaults", "poll-interval-limits = 6"),
    "keys": section("keyset", "stale-key-count = 0", "key-rotation-interval = 3600", 'key-storage-path = "/var/lib/ntpd-rs/keys"'),
    "a path that is a number": section("keyset", "key-storage-path = 1"),
    "servers": section("[server]", 'listen = "[::]:123"', 'denylist = { filter = ["192.0.2.0/24", "2001:db8::/32"], action = "deny" }',
                       'allowlist = { filter = [], action = "ignore" }', "rate-limiting-cache-size = 1024", "rate-limiting-cutoff-ms = 1000", 'require-nts = "deny"'),
    "a server without an address": section("[server]", "rate-limiting-cache-size = 1024"),
    "a server that is a table": section("server", 'listen = "[::]:123"'),
    "a star": section("[server]", 'listen = "*:123"'),
    "a network without bits": section("[server]", 'listen = "[::]:123"', 'denylist = { filter = ["192.0.2.1"], action = "deny" }'),
    "too many bits": section("[server]", 'listen = "[::]:123"', 'denylist = { filter = ["192.0.2.0/33"], action = "deny" }'),
    "an unknown action": section("[server]", 'listen = "[::]:123"', 'denylist = { filter = [], action = "drop" }'),
    "no action": section("[server]", 'listen = "[::]:123"', "denylist = { filter = [] }"),
    "a filter with more": section("[server]", 'listen = "[::]:123"', 'denylist = { filter = [], action = "deny", note = 1 }'),
    "NTS by a flag": section("[server]", 'listen = "[::]:123"', "require-nts = true"),
    "NTS by a wrong word": section("[server]", 'listen = "[::]:123"', 'require-nts = "yes"'),
    "key exchange": section("[nts-ke-server]", 'listen = "[::]:4460"', 'certificate-chain-path = "/c"', 'private-key-path = "/k"', "key-exchange-timeout-ms = 1000",
                            "concurrent-connections = 10", "ntp-port = 123", 'ntp-server = "a.example"'),
    "key exchange without a key": section("[nts-ke-server]", 'listen = "[::]:4460"', 'certificate-chain-path = "/c"'),
    "a port of key exchange that is too large": section("[nts-ke-server]", 'listen = "[::]:4460"', 'certificate-chain-path = "/c"', 'private-key-path = "/k"',
                                                        "ntp-port = 70000"),
    "one line": 'source = [{ mode = "pool", address = "a.example" }]\nkeyset = { stale-key-count = 1 }\n',
    "dotted names": 'keyset.stale-key-count = 1\nsynchronization.algorithm.step-threshold = 1\n' + SOURCES,
    "quoted names": '["keyset"]\n"stale-key-count" = 1\n"stale" = 1\n',
}

SHIPPED = [
    ("ntpd-rs", "Debian, ntpd-rs", '[observability]\nlog-level = "info"\nobservation-path = "/var/run/ntpd-rs/observe"\n' + '[[source]]\nmode = "pool"\n'
     'address = "ntpd-rs.pool.ntp.org"\ncount = 4\n[synchronization]\nsingle-step-panic-threshold = 1800\n'
     'startup-step-panic-threshold = { forward="inf", backward = 86400 }\n'),
]
