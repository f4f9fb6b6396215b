//! The line about the version.

/// The line that `--version` and the command `version` print. Its second word begins with the release whose
/// behaviour this is.
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
