//! Replacements for the values of variables.

/// Replaces the values that the simulation computes, to produce data that no sane daemon sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(Vec<(String, Override)>);

/// A replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Override {
    /// These octets.
    Octets(Vec<u8>),
    /// Nothing: the variable is left out.
    Nothing,
}

impl Overrides {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Replaces the value by these octets. Unknown names are added to the end of the default set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.0.push((name.to_owned(), Override::Octets(value.into())));
        self
    }

    /// Omits the variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.push((name.to_owned(), Override::Nothing));
        self
    }

    /// The replacement for this name, if any.
    pub(super) fn of(&self, name: &str) -> Option<&Override> {
        self.0.iter().rev().find(|(ours, _)| ours == name).map(|(_, said)| said)
    }

    /// The replaced names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}
