//! What `ntpkit check-config` looks for, from the table in `src/config/rules.rs`: `docs/check-config.md`.

use ntpkit::config::{Language, RULES};

/// The name and the text of `docs/check-config.md`.
pub fn document() -> (String, String) {
    let mut text = String::from(
        "# What `ntpkit check-config` looks for\n\n\
         <!-- Generated from src/config/rules.rs by tests/generated: BLESS=1 cargo test --test generated -->\n\n\
         `ntpkit check-config [FILE...]` reads configurations of time daemons and prints a line for each finding:\n\n\
         ```\nfile:line:column: error|warning: what: why; better [rule]\n```\n\n\
         The exit status is 0 if there are no findings, 1 with warnings, and 2 with errors or if a file cannot be read.\n\
         `--format json` prints the same for programs, `--suggest` the changes as a unified diff; no file is ever written.\n\n\
         A check mark in the column \"refused\" means that the daemon's own parser refuses the line: the laboratory compares that\n\
         with ntpd 4.2.8p15, NTPsec 1.2.2, chronyd 4.3, timesyncd 252 (which ignores the line) and ntpd-rs 1.4\n\
         (settings of later releases, to 1.9, are accepted). The other rules are about practice.\n\n\
         The daemons, as `--daemon` names them: ",
    );
    text += &Language::ALL.map(|language| format!("`{}`", language.name())).join(", ");
    text += ". Without `--daemon`, the name and the path of a file say whose it is.\n\n\
         | rule | severity | refused | daemons | what | why | better |\n|---|---|---|---|---|---|---|\n";
    for rule in RULES {
        let refused = if rule.is_syntax { "✓" } else { "" };
        text += &format!(
            "| `{}` | {} | {refused} | {} | {} | {} | {} |\n",
            rule.id(),
            rule.severity.name(),
            rule.daemons(),
            rule.what(),
            rule.why(),
            rule.better()
        );
    }
    ("docs/check-config.md".into(), text)
}
