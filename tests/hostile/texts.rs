//! What a terminal would obey, in every string that is printed, in every form: each form escapes it in its own way.

use crate::case::{DATAGRAMS, check_output, ensure, in_parallel};
use crate::speaker::{Speaker, WITH_KEY};
use crate::support::Run;

/// One text a line.
#[rustfmt::skip]
const TEXTS: [(&str, &[u8]); 22] = [
    ("ESC: a colour", b"\x1b[31mred\x1b[0m"),
    ("ESC within quotes: the screen is cleared", b"\"\x1b[2J\x1bc\""),
    ("OSC: the title, ended by BEL", b"\"\x1b]0;title\x07\""),
    ("OSC 52: the clipboard, ended by ST", b"\"\x1b]52;c;cm0gLXJm\x1b\\\""),
    ("DCS and APC", b"\"\x1bP1$r\x1b\\\x1b_x\x1b\\\""),
    ("C1 as octets: CSI, OSC, ST", b"\x9b31m\x9d0;x\x9c"),
    ("C1 in UTF-8: CSI, NEL, ST", "\u{9b}31m\u{85}\u{9c}".as_bytes()),
    ("bidi: override, embedding, isolates, marks", "\u{202e}gnp.exe\u{2066}\u{2069}\u{200f}\u{61c}".as_bytes()),
    ("invisible: zero width, joiners, BOM, soft hyphen", "a\u{200b}b\u{200d}c\u{feff}d\u{ad}e\u{2060}".as_bytes()),
    ("line and paragraph separators", "a\u{2028}b\u{2029}c".as_bytes()),
    ("tags and variation selectors", "a\u{e0041}b\u{fe0f}\u{e0101}".as_bytes()),
    ("not UTF-8: a lone lead, a lone trail, overlong, a surrogate", b"\"\xc3\x28 \x80 \xc0\xaf \xed\xa0\x80 \xff\xfe\""),
    ("NUL within a text", b"\"nul\0nul\""),
    ("NUL alone", b"\0"),
    ("CR and LF within quotes", b"\"two\r\nlines\roverwritten\""),
    ("CR and LF outside", b"1\r\nassid=7\r\n2\r"),
    ("BS, DEL, TAB, VT, FF", b"\"x\x08\x08\x7f\t\x0b\x0c\""),
    ("a quote that is not closed", b"\"never closed"),
    ("quotes and backslashes", b"\"a\\\"b\\\\\"c\\"),
    ("formats and commands", b"%s%n%08x $(reboot) `reboot` ;reboot"),
    ("a row of JSON and a line of metrics", b"\"},{\\\"x\\\":1}\n# EOF\nup 1\""),
    ("3000 letters", &[b'x'; 3000]),
];

/// What moves the cursor, and is kept in the dialect 4.2.8p15 where it prints replies as they came.
const BLANKS: &[u8] = b"\t\x0b\x0c\r";

/// What is asked with ntpq.
const COMMANDS: [&str; 20] = [
    "rv",
    "rv &1",
    "cv &2",
    "peers",
    "apeers",
    "lpeers",
    "lopeers",
    "as",
    "mrl &1 &2",
    "pstats &1",
    "cl &2",
    "mrulist",
    "sysinfo",
    "kerninfo",
    "monstats",
    "iostats",
    "authenticate yes",
    "ifstats",
    "reslist",
    ":config x",
];

/// What else asks with mode 6, each with the form of what it prints.
const OTHERS: [(&str, &[&str], &str); 18] = [
    ("ntpstat", &[], "text"),
    ("ntpstat", &["--format", "json"], "json"),
    ("ntpstat", &["--format", "openmetrics"], "openmetrics"),
    ("ntptrace", &["-m", "2", "-n"], "text"),
    ("ntptrace", &["-m", "2", "-n", "--format", "json"], "json"),
    ("ntptrace", &["-m", "2", "-n", "--format", "dot"], "text"),
    ("ntpsweep", &["-n", "-p", "-l"], "text"),
    ("ntpsweep", &["-n", "-p", "--format", "json", "-l"], "json"),
    ("check_ntp_peer", &["-H"], "text"),
    ("check_ntp_time", &["-H"], "text"),
    ("ntp-wait", &["-n", "1"], "text"),
    ("ntpkit", &["fleet"], "text"),
    ("ntpkit", &["fleet", "--format", "json"], "json"),
    ("ntpkit", &["fleet", "--format", "openmetrics"], "openmetrics"),
    ("ntpkit", &["diag"], "text"),
    ("ntpkit", &["diag", "--format", "json"], "json"),
    ("ntpdate", &["-q", "-d"], "text"),
    ("ntpdate", &["-q", "--format", "json"], "json"),
];

#[test]
fn nothing_raw_is_printed_by_ntpq() {
    in_parallel(&TEXTS, |(name, text)| {
        let words: Vec<&str> = WITH_KEY.iter().chain(&COMMANDS).flat_map(|command| ["-c", command]).collect();
        for (form, is_classic) in crate::case::FORMS {
            let server = Speaker::saying(text).start();
            let host = server.address().to_string();
            let words =
                ["-nw", "--format", form, "-c", "timeout 300"].into_iter().chain(words.iter().copied());
            let run = Run::called("ntpq", words.chain([host.as_str()]));
            let mut ran = if is_classic { run.classic() } else { run }.run();
            if is_classic {
                // The original prints the blanks of a daemon's answer to `:config`.
                ran.octets.retain(|octet| !BLANKS.contains(octet));
            }
            let about = format!("{name} ({form}{})", if is_classic { ", 4.2.8p15" } else { "" });
            check_output(&about, form, &ran)?;
            ensure(server.requests() < 20 * DATAGRAMS, || {
                format!("{about}: {} requests", server.requests())
            })?;
            // What is readable is shown: the run does not just fail.
            ensure(ran.stdout.contains("127.0.0.77"), || format!("{about}: {ran}"))?;
        }
        Ok(())
    });
}

/// What is printed raw is still not what a terminal obeys, but for the blanks of the original.
#[test]
fn nothing_raw_is_printed_in_raw_mode() {
    in_parallel(&TEXTS, |(name, text)| {
        for is_classic in [false, true] {
            let server = Speaker::saying(text).start();
            let words = ["-n", "-c", "raw", "-c", "rv", "-c", "mrl &1 &2", "-c", "cv &2"];
            let host = server.address().to_string();
            let run = Run::called("ntpq", words.into_iter().chain([host.as_str()]));
            let mut ran = if is_classic { run.classic() } else { run }.run();
            if is_classic {
                ran.octets.retain(|octet| !BLANKS.contains(octet));
            }
            check_output(name, "classic", &ran)?;
        }
        Ok(())
    });
}

#[test]
fn nothing_raw_is_printed_in_ntpsecs_tables() {
    in_parallel(&TEXTS, |(name, text)| {
        let server = Speaker::saying(text).start();
        let host = server.address().to_string();
        let words =
            ["-nw", "-c", "timeout 300", "-c", "peers", "-c", "rpeers", "-c", "mrulist", "-c", "rv &1"];
        let run = Run::called("ntpq", words.into_iter().chain([host.as_str()]));
        let ran = run.environment("NTPKIT_COMPAT", "ntpsec").run();
        check_output(name, "classic", &ran)?;
        ensure(ran.stdout.contains("127.0.0.77"), || format!("{name}: {ran}"))
    });
}

#[test]
fn nothing_raw_is_printed_by_the_other_applets() {
    in_parallel(&TEXTS, |(name, text)| {
        for (program, words, form) in OTHERS {
            let server = Speaker::saying(text).start();
            let host = server.address().to_string();
            let ran = Run::called(program, words.iter().copied().chain([host.as_str()])).run();
            let about = format!("{name}: {program} {}", words.join(" "));
            check_output(&about, form, &ran)?;
            ensure(form != "json" || ran.octets.is_ascii(), || format!("{about}: {ran}"))?;
            // A call that asks nothing shows nothing.
            let asked = (1..DATAGRAMS).contains(&server.requests());
            ensure(asked, || format!("{about}: {} requests: {ran}", server.requests()))?;
        }
        Ok(())
    });
}

/// Names on the command line and of files are texts of others, too.
#[test]
fn json_of_every_applet_is_ascii() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("\u{9b}31m\u{202e}.keys");
    std::fs::write(&keys, "1 SHA1 secret\n").unwrap();
    let keys = keys.to_str().unwrap();
    let host = "\u{9b}31m\u{202e}.invalid";
    for words in [
        &["keys", "check", "--format", "json", keys][..],
        &["diag", "--format", "json", host],
        &["exposure", "--format", "json", host],
        &["check-config", "--format", "json", keys],
        &["leap", "--format", "json", keys],
    ] {
        let ran = Run::called("ntpkit", words).run();
        assert!(ran.stdout.starts_with('{') && ran.octets.is_ascii(), "{words:?}: {ran}");
    }
    let ran = Run::called("ntpstat", ["--format", "json", host]).run();
    assert!(ran.stdout.starts_with('{') && ran.octets.is_ascii(), "{ran}");
}
