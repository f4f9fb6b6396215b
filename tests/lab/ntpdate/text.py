"""Masks the parts of the programs' output that are not compared."""
import re

MASKS = [
    (r"[ \d]\d [A-Z][a-z]{2} \d\d:\d\d:\d\d ntpdate\[\d+\]:", "NOW ntpdate[N]:"),
    (r"[0-9a-f]{8}\.[0-9a-f]{8}  \w{3}, \w{3} [ \d]\d \d{4} [ \d]\d:\d\d:\d\d\.\d{3}", "STAMP"),
    (r"[-+]0\.00\d{4}", "±0.00"),
    (r"0\.1[12]\d{4}", "0.12"),  # may be slightly less
    (r"(\d+\.\d\d)\d{4}", r"\1"),
    (r"(\d{4}\.\d\d)\d\d\b", r"\1"),  # cut to ten characters
    (r"0\.0[2-5]\d{3}", "0.02"),
    (r"0\.2[7-9]\d{3}\b", "0.27"),
    (r"dispersion (\d+)\.00\d{3}", r"dispersion \1.00"),
    (r"delay (-?\d+)\.00\d{3}", r"delay \1.00"),
    (r"(?m)^(offset: \S+|ssl_init.*\n|auth_setkey.*\n)", ""),
    # no word from a key file is printed
    (r"(?m)(authreadkeys: .*\bkey) (\d+|a{100,}|\(line \d+\))", r"\1"),
    (r"excessive subnet mask <\S+> for", "excessive subnet mask for"),
]


def unsigned(text):
    """Returns the text as the default dialect prints it: no plus signs, another banner, a newline that the original lacks;
    the sign of small numbers is dropped."""
    text = re.sub(r"\+(?=\d)|-(?=0\.00\d{4})", "", text)
    text = re.sub(r"(cannot be used: .* \(-3\))(?!\n)", r"\1\n", text)
    return re.sub(r"(ntpdate\[\d+\]: ntpdate ).*", r"\1VERSION", text)


def without_notes(text):
    """Returns a query's output without what only the default dialect reports on standard error, such as dropped servers and
    two that disagree, and without the original's messages about unused lines of the key file."""
    before, mark, after = text.partition("--- stderr\n")
    after = re.sub(r"(?m)^(\S+: Server dropped: .*|.*\]: (the two servers disagree |\S+: line \d+: |no route to |"
                   r"no server in |authreadkeys: (invalid type|no algorithm) for key \d).*)\n", "", after)
    return before + mark + after if after.strip() else before.rstrip("\n") + "\n"


def masked(text):
    """Returns the text without varying parts."""
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text
