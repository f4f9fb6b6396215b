//! Values of JSON and YAML documents.

/// A value of a JSON or YAML document.
pub trait Value: Sized {
    /// The line where it starts, from 1.
    fn line(&self) -> usize;
    /// Its text, if it is a string.
    fn text(&self) -> Option<String>;
    /// The items, if it is a list.
    fn items(&self) -> Option<Vec<Self>>;
    /// The entries, if it is a mapping; keys that are not strings are skipped.
    fn entries(&self) -> Option<Vec<(String, Self)>>;

    /// The value of a mapping's key.
    fn get(&self, key: &str) -> Option<Self> {
        self.entries()?.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}
