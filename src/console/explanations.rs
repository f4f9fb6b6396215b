//! What commands are good for, in a paragraph each: `help COMMAND` prints it below the line of the table.

/// Names that share a paragraph, and the paragraph, in lines of 78 columns at most.
pub type Explanation = (&'static [&'static str], &'static str);

/// The paragraph about the command of this name, if it is in the table.
pub fn find(table: &'static [Explanation], name: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.contains(&name)).map(|(_, text)| *text)
}

/// The commands that all programs have.
pub static SHARED: &[Explanation] = &[
    (
        &["?", "help"],
        "\
Without a name this lists all commands. A name, or the beginning of one that
leaves no doubt, explains that command.",
    ),
    (
        &["debug"],
        "\
Tells more or less about what happens: level 1 tells of each datagram, level 4
prints its octets. `no' goes back to level 0.",
    ),
    (
        &["exit", "quit"],
        "\
Leaves. The end of the input (Ctrl-D on a terminal) does the same.",
    ),
    (
        &["hostnames"],
        "\
Says, or chooses, whether addresses are printed as names. Names take time to
look up where the name service is slow; `no' asks none.",
    ),
    (
        &["keytype"],
        "\
Says, or chooses, the digest that the key is used with. It must be the one
that the daemon's key file has for this key.",
    ),
    (
        &["passwd"],
        "\
Asks for the key's secret without showing it. The secret can be given as an
argument, too, but then it can be seen on the screen. Secrets of more than 20
characters are hexadecimal digits, as in the key file.",
    ),
    (
        &["timeout"],
        "\
Says, or chooses, how long to wait for an answer, in milliseconds, before the
request is given up.",
    ),
];
