//! Explanations of commands, one paragraph each: `help COMMAND` prints it below the summary.

/// The names of commands that share a paragraph, and the paragraph, in lines of at most 78 columns.
pub type Explanation = (&'static str, &'static str);

/// The paragraph about the command with this name, if it is in the table.
pub fn find(table: &'static [Explanation], name: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.split(' ').any(|known| known == name)).map(|(_, text)| *text)
}

/// The commands that all programs have.
pub static SHARED: &[Explanation] = &[
    (
        "? help",
        "\
Without a name, lists all commands. With a name or an unambiguous prefix,
explains that command.",
    ),
    (
        "debug",
        "\
Raises or lowers the debug level. Level 1 traces each datagram, level 4 dumps
its octets; `no' sets level 0.",
    ),
    (
        "exit quit",
        "\
Exits. The end of the input (Ctrl-D on a terminal) does the same.",
    ),
    (
        "hostnames",
        "\
Shows or sets whether addresses are printed as names. `no' avoids lookups
where the name service is slow.",
    ),
    (
        "keytype",
        "\
Shows or sets the digest type of the key. It must match the entry in the
daemon's key file.",
    ),
    (
        "passwd",
        "\
Prompts for the key's secret without echoing it. The secret can also be given
as an argument, where it is visible on the screen. A secret longer than 20
characters is hexadecimal, as in the key file.",
    ),
    (
        "timeout",
        "\
Shows or sets the time to wait for an answer, in milliseconds.",
    ),
];
