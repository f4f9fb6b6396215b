"""`ntpkit nts` with real servers: every layer works, and the figures are correct."""
from ntplab.plan import HOSTS

SHORT, LONG = "AEAD_AES_128_GCM_SIV \\(30\\)", "AEAD_AES_SIV_CMAC_256 \\(15\\)"
#        host: negotiated algorithm
AGREED = {"time1": LONG, "time2": SHORT, "time3": LONG, "time4": LONG}


def run(context):
    for host, algorithm in AGREED.items():
        name = f"nts: {host} ({context.daemons[host].__class__.__name__}): every layer"
        if not context.wanted(name):
            continue
        done = context.nts(host)
        context.check(name, done, r"ok +name +", r"ok +tcp +\S+:4460 in", r"ok +tls +TLS 1\.3", r"ok +certificate +CN=" + host, r"8[89] days left",
                     r"ok +alpn +ntske/1", r"ok +aead +" + algorithm, r"ok +cookies +8 of \d+ octets", r"ok +server +", r"ok +ntp +request of \d+",
                     r"authentic answer of \d+", r"offset -?\d", status=0)
    if context.wanted("nts: all servers at once"):
        done = context.nts("--format", "json", *AGREED, HOSTS["time1"].addresses[0], f"[{HOSTS['time2'].addresses[1]}]:4460")
        hosts = context.json(done)["hosts"]
        ok = [host["ok"] for host in hosts] == [True] * 6 and all(abs(host["exchange"]["offset_s"]) < 0.5 for host in hosts)
        context.report.check("nts: all servers at once, by names and addresses", ok and done.status == 0, done.show())
        agreed = [host["aead"]["number"] for host in hosts]
        context.report.check("nts: algorithms", agreed == [15, 30, 15, 15, 15, 30], f"{agreed}")
        compliant = hosts[1]["aead"]["compliant_exporter"]
        context.report.check("nts: chrony 4.6 exports keys of algorithm 30 under its own number", compliant, f"{hosts[1]}")
    if context.wanted("nts: only algorithm 15"):
        context.check("nts: only algorithm 15", context.nts("--aead", "15", "time2"), LONG + " of 15 offered", "authentic", status=0)
    if context.wanted("nts: openmetrics"):
        done = context.nts("--format", "openmetrics", "time1", "time2")
        context.check("nts: openmetrics", done, r'ntpkit_nts_success\{host="time1"\} 1', r'ntpkit_nts_aead\{host="time2"\} 30', "# EOF\n$", status=0)
    for words, status, state in [(["-w", "5", "-c", "1"], 0, "NTS OK: time1: certificate 8"), (["-w", "120", "-c", "1"], 1, "NTS WARNING"),
                                 (["-w", "120", "-c", "100"], 2, "NTS CRITICAL: time1: certificate")]:
        name = f"nts: --check {' '.join(words)}"
        if context.wanted(name):
            context.check(name, context.nts("--check", *words, "time1"), state, r"\| days=8\d;", status=status)
