"""The files: for each language, names and texts; and those that distributions ship, written anew from the facts in them."""

from . import ntp_conf

FILES = {"ntpd": ntp_conf.CLASSIC, "ntpsec": ntp_conf.NTPSEC}

# (language, name, text, rules that may be reported)
SHIPPED = ntp_conf.SHIPPED
