"""The test files: names and texts per language, and those shipped by distributions, rewritten from the facts in them."""

from . import chrony_conf, ntp_conf, ntp_toml, timesyncd_conf

FILES = {"ntpd": ntp_conf.CLASSIC, "ntpsec": ntp_conf.NTPSEC, "chrony": chrony_conf.FILES, "ntpd-rs": ntp_toml.FILES,
         "timesyncd": timesyncd_conf.FILES}

# (language, name, text, rules that may be reported)
SHIPPED = ntp_conf.SHIPPED + chrony_conf.SHIPPED + ntp_toml.SHIPPED + timesyncd_conf.SHIPPED
