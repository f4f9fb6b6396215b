//! Values of whichever notation.

/// A value of a JSON or YAML document.
pub trait Value: Sized {
    /// The line in which it begins; the first is 1.
    fn line(&self) -> usize;
    /// A text.
    fn text(&self) -> Option<String>;
    /// What a list has.
    fn items(&self) -> Option<Vec<Self>>;
    /// What a mapping has; keys that are not texts are left out.
    fn entries(&self) -> Option<Vec<(String, Self)>>;

    /// The value under a key of a mapping.
    fn get(&self, key: &str) -> Option<Self> {
        self.entries()?.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}
