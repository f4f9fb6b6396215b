//! The columns of the table.

/// The heading.
pub const HEADING: &str = "\
Host                             st offset(s) version     system       processor
--------------------------------+--+---------+-----------+------------+---------
";
/// The text after a host of which nothing is known.
pub const NOTHING: &[u8] = b" ?";
/// The width of the host name column.
const NAME: usize = 32;

/// A host's line: its name, truncated to the column, and its data.
pub fn line(name: &[u8], known: &[u8]) -> Vec<u8> {
    let mut line = cut(name, NAME).to_vec();
    line.resize(NAME, b' ');
    line.push(b' ');
    line.extend(known);
    line.push(b'\n');
    line
}

/// The line of a host that is already on the path.
pub fn met_again(name: &[u8]) -> Vec<u8> {
    let mut line = cut(name, NAME).to_vec();
    line.resize(NAME, b' ');
    line.push(b'\n');
    line
}

/// The data of a host: its stratum, its offset in seconds, and the truncated texts.
pub fn known(stratum: u8, offset: Option<f64>, daemon: &[u8], system: &[u8], processor: &[u8]) -> Vec<u8> {
    let offset = offset.map_or_else(|| format!("{:>9}", "-"), |offset| format!("{offset:9.3}"));
    let mut row = format!("{stratum:2} {offset} ").into_bytes();
    let (daemon, system, processor) =
        (short_daemon(daemon), short_system(system), short_processor(processor));
    for (text, width) in [(&daemon, 11), (&system, 12)] {
        let mut column = cut(text, width).to_vec();
        column.resize(width, b' ');
        row.extend(column);
        row.push(b' ');
    }
    row.extend(cut(&processor, 9));
    row
}

fn cut(text: &[u8], width: usize) -> &[u8] {
    text.get(..width).unwrap_or(text)
}

/// The version `4.2.8p15@1.3728-o ` from `ntpd 4.2.8p15@1.3728-o Wed Sep 23 ...`: up to the weekday, without the name.
fn short_daemon(text: &[u8]) -> Vec<u8> {
    const ENDS: [&[u8]; 8] = [b";", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    let end = ENDS.iter().filter_map(|end| find(text, end)).min().unwrap_or(text.len());
    let text = text.get(..end).unwrap_or(text);
    let text = without(text, b"version=");
    let text = match find(&text, b"ntpd ") {
        Some(at) if at > 0 && text.get(at - 1) == Some(&b'x') => without(&text, b"xntpd "),
        _ => without(&text, b"ntpd "),
    };
    let text: Vec<u8> = text.into_iter().filter(|octet| !b"()".contains(octet)).collect();
    replaced(&replaced(&text, b"beta", b"b"), b"multicast", b"mc")
}

fn short_system(text: &[u8]) -> Vec<u8> {
    replaced(&replaced(&without(text, b"UNIX/"), b"RELEASE", b"r"), b"CURRENT", b"c")
}

fn short_processor(text: &[u8]) -> Vec<u8> {
    without(text, b"unknown")
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Removes the first of these from the text.
pub fn without(text: &[u8], what: &[u8]) -> Vec<u8> {
    replaced(text, what, b"")
}

/// Replaces the first of these in the text.
fn replaced(text: &[u8], what: &[u8], instead: &[u8]) -> Vec<u8> {
    if what.is_empty() {
        return text.to_vec();
    }
    let Some(at) = find(text, what) else { return text.to_vec() };
    let (before, after) = text.split_at(at);
    [before, instead, after.get(what.len()..).unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_original() {
        let row = |daemon: &str, system: &str, processor: &str| {
            String::from_utf8(known(
                2,
                Some(0.0004),
                daemon.as_bytes(),
                system.as_bytes(),
                processor.as_bytes(),
            ))
            .unwrap()
        };
        assert_eq!(
            row("ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)", "Linux/6.18.44-cloud", "x86_64"),
            " 2     0.000 4.2.8p15@1. Linux/6.18.4 x86_64"
        );
        assert_eq!(
            row("ntpd ntpsec-1.2.2", "UNIX/FreeBSD-9.0-RELEASE", "unknown"),
            " 2     0.000 ntpsec-1.2. FreeBSD-9.0- "
        );
        assert_eq!(
            row("version=\"xntpd 3.5f beta(multicast); x", "", ""),
            " 2     0.000 \"3.5f bmc                "
        );
        assert_eq!(
            String::from_utf8(known(16, None, b"", b"", b"")).unwrap(),
            "16         -                          "
        );
        let long = "n".repeat(40);
        assert_eq!(line(long.as_bytes(), NOTHING), format!("{}  ?\n", "n".repeat(32)).into_bytes());
        assert_eq!(met_again(b" = host"), format!("{:32}\n", " = host").into_bytes());
        assert_eq!(without(b"hub.example.example", b".example"), b"hub.example");
        assert_eq!(without(b"hub", b""), b"hub");
    }
}
