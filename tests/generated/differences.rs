//! What differs from 4.2.8p15, from the table in `src/compat/quirks`: `docs/differences.md` and a section of each page.

use super::manual::{bold_quotations, escaped};
use ntpkit::compat::Quirk;

/// The programs in the order of `docs/differences.md`.
const PROGRAMS: [&str; 6] = ["ntpq", "ntpdc", "ntpdate", "ntpstat", "ntptime", "ntp-keygen"];

/// The name and the text of `docs/differences.md`.
pub fn document() -> (String, String) {
    let mut text = String::from(
        "# Differences from 4.2.8p15\n\n\
         <!-- Generated from src/compat/quirks by tests/generated: BLESS=1 cargo test --test generated -->\n\n\
         By default ntpkit prints the layouts of ntp.org's 4.2.8p15 and corrects what is known to be wrong with it. With\n\
         `--compat 4.2.8p15`, or `NTPKIT_COMPAT=4.2.8p15` in the environment, the output has the exact bytes of that release,\n\
         and the exit statuses are its own. A check mark in the last column means that the difference disappears then. The\n\
         others stay in both dialects: no secret is printed, no forged reply believed, and nothing waits forever.\n\n\
         The identifier names the row in the source: `Quirk` in [`src/compat/quirks`](../src/compat/quirks).\n",
    );
    for program in PROGRAMS {
        text += &format!(
            "\n## {program}\n\n| 4.2.8p15 | ntpkit | because | identifier | as 4.2.8p15 with `--compat` |\n|---|---|---|---|---|\n"
        );
        for quirk in Quirk::of(program) {
            let kept = if quirk.kept { "✓" } else { "" };
            text += &format!(
                "| {} | {} | {} | `{}` | {kept} |\n",
                quirk.classic, quirk.native, quirk.why, quirk.id
            );
        }
    }
    ("docs/differences.md".into(), text)
}

/// The section of a program's manual page.
pub fn section(program: &str) -> String {
    let mut text = format!(
        ".SH \"DIFFERENCES FROM 4.2.8p15\"\n\
         What {} of ntp.org's 4.2.8p15 does, and what this program does instead.\n\
         With\n.BR \"\\-\\-compat 4.2.8p15\" ,\n\
         rows marked with an asterisk do as 4.2.8p15 does.\n",
        escaped(program)
    );
    for quirk in Quirk::of(program) {
        let star = if quirk.kept { " *" } else { "" };
        let sentence = format!("4.2.8p15 {}; ntpkit {}.{star}", quirk.classic, quirk.native);
        text += &format!(".IP \\(bu 2\n{}\n", bold_quotations(&escaped(&sentence)));
    }
    text
}
