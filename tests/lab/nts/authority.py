"""The laboratory's certificate authority, made with OpenSSL."""
from datetime import datetime, timedelta, timezone

from ntplab.packages import run

CONFIGURATION = """[ca]
default_ca = here
[here]
dir = @DIR@
database = @DIR@/index
new_certs_dir = @DIR@
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = @NAMES@
[req]
distinguished_name = none
[none]
"""


class Authority:
    """Signs certificates for any period."""

    def __init__(self, folder, name="Laboratory CA"):
        self._folder = folder
        folder.mkdir(parents=True)
        (folder / "index").touch()
        self.certificate = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._sign("ca", name, "", self.certificate, self._key, "authority", -30, 3650, ["-selfsign", "-keyfile", self._key])

    def issue(self, label, names, begin=-1, days=90):
        """Returns a certificate for these names, valid from `begin` days from now, and its key."""
        certificate, key = self._folder / f"{label}.pem", self._folder / f"{label}.key"
        listed = ",".join(f"IP:{name}" if name.replace(".", "").isdigit() or ":" in name else f"DNS:{name}" for name in names)
        own = ["-cert", self.certificate, "-keyfile", self._key]
        self._sign(label, names[0], listed, certificate, key, "server", begin, days, own)
        return certificate, key

    def _sign(self, label, subject, names, certificate, key, kind, begin, days, own):
        settings = self._folder / f"{label}.cnf"
        settings.write_text(CONFIGURATION.replace("@DIR@", str(self._folder)).replace("@NAMES@", names or "DNS:none"))
        request = self._folder / f"{label}.csr"
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        run("openssl", "req", "-new", "-config", settings, "-key", key, "-subj", f"/CN={subject}", "-out", request)
        start = datetime.now(timezone.utc) + timedelta(days=begin)
        times = [(start + span).strftime("%Y%m%d%H%M%SZ") for span in (timedelta(), timedelta(days=days))]
        run("openssl", "ca", "-batch", "-config", settings, *own, "-in", request, "-out", certificate, "-notext", "-startdate", times[0],
            "-enddate", times[1], "-extensions", kind)
        for file in (certificate, key):
            file.chmod(0o644)
