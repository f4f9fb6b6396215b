//! Variables that say something else than the simulation makes of them.

/// What variables are to say in place of what the simulation makes of them, for data that no sane daemon gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(Vec<(String, Override)>);

/// What is said in place of a value.
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

    /// Puts these octets in the place of the value. A name the daemon does not have goes to the end of the
    /// default set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.0.push((name.to_owned(), Override::Octets(value.into())));
        self
    }

    /// Leaves the variable out, as if there were nothing to say.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.push((name.to_owned(), Override::Nothing));
        self
    }

    /// What is said of this name here, if it is here.
    pub(super) fn of(&self, name: &str) -> Option<&Override> {
        self.0.iter().rev().find(|(ours, _)| ours == name).map(|(_, said)| said)
    }

    /// All names here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}
