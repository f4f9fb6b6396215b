//! The rows of `src/compat/quirks`, and who reads them.

use super::source::{has_word, is_test, split_at_tests};
use ntpkit::compat::Quirk;

/// The names of the constants of what the dialect keeps.
pub fn kept() -> impl Iterator<Item = String> {
    Quirk::all().filter(|quirk| quirk.kept).map(|quirk| quirk.id.to_uppercase().replace('-', "_"))
}

/// Those that no shipped code outside `compat` names.
pub fn unread(files: &[(String, String)]) -> Vec<String> {
    let shipped: Vec<&str> = files
        .iter()
        .filter(|(path, _)| !path.starts_with("src/compat/") && !is_test(path))
        .map(|(_, source)| split_at_tests(source).0)
        .collect();
    kept().filter(|name| !shipped.iter().any(|source| has_word(source, name))).collect()
}
