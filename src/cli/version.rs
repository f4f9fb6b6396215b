//! The version line.

/// The line printed by `--version` and by the `version` command. Its second word starts with the release whose
/// behaviour ntpkit reproduces.
pub fn version_line(name: &str) -> String {
    let date = env!("NTPKIT_DATE");
    let blank = if date.is_empty() { "" } else { " " };
    format!("{name} 4.2.8p15@ntpkit-{}{blank}{date}\n", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_line_keeps_its_form() {
        let line = version_line("ntpq");
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("ntpq"));
        assert!(words.next().unwrap().starts_with("4.2.8p15@ntpkit-"));
    }
}
