//! Lookup errors, with the wording of glibc on every C library.

use dns_lookup::LookupError;
use std::fmt;

/// Why a host has no addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The resolver's error.
    #[error("{0}")]
    Resolver(ResolverError),
    /// The deadline passed first.
    #[error("name look-up timed out")]
    TimedOut,
}

impl From<ResolverError> for NameError {
    fn from(error: ResolverError) -> Self {
        Self::Resolver(error)
    }
}

/// An error of `getaddrinfo` or `getnameinfo` by its number on Linux (`EAI_NONAME` is -2), displayed in glibc's
/// wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResolverError(pub i32);

impl ResolverError {
    /// No such name.
    pub const NO_NAME: Self = Self(-2);
    /// A name server did not answer, or could not.
    pub const AGAIN: Self = Self(-3);
    /// A name server refuses, or its answer is unusable.
    pub const FAIL: Self = Self(-4);
    /// The name exists but has no address.
    pub const NO_DATA: Self = Self(-5);
    /// The host has no address of the requested family.
    pub const ADDRESS_FAMILY: Self = Self(-9);
    /// A system error.
    pub const SYSTEM: Self = Self(-11);

    /// Whether the name service failed: the name itself may be right.
    pub fn is_of_the_service(self) -> bool {
        matches!(self, Self::AGAIN | Self::FAIL)
    }

    /// Whether the resolver does not know the name.
    pub(super) fn is_unknown(self) -> bool {
        matches!(self, Self::NO_NAME | Self::NO_DATA)
    }
}

impl From<&LookupError> for ResolverError {
    fn from(error: &LookupError) -> Self {
        match error.error_num() {
            // The text contains a NUL or is not UTF-8: it is not a name.
            0 => Self::NO_NAME,
            number => Self(number),
        }
    }
}

impl fmt::Display for ResolverError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            -1 => "Bad value for ai_flags",
            -2 => "Name or service not known",
            -3 => "Temporary failure in name resolution",
            -4 => "Non-recoverable failure in name resolution",
            -5 => "No address associated with hostname",
            -6 => "ai_family not supported",
            -7 => "ai_socktype not supported",
            -8 => "Servname not supported for ai_socktype",
            -9 => "Address family for hostname not supported",
            -10 => "Memory allocation failure",
            -11 => "System error",
            -12 => "Result too large for supplied buffer",
            _ => "Unknown error",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_env = "gnu")]
    fn the_wording_is_that_of_the_c_library() {
        for number in (-11..=-1).chain([-99]) {
            let error = LookupError::new(number);
            let words = ResolverError::from(&error).to_string();
            if number != ResolverError::SYSTEM.0 {
                assert!(error.to_string().ends_with(&format!(": {words}")), "{number}: {error}");
            }
        }
    }

    #[test]
    fn numbers_are_preserved() {
        for error in
            [ResolverError::NO_NAME, ResolverError::AGAIN, ResolverError::FAIL, ResolverError::SYSTEM]
        {
            assert_eq!(ResolverError::from(&LookupError::new(error.0)), error);
        }
        assert!(ResolverError::AGAIN.is_of_the_service() && !ResolverError::NO_NAME.is_of_the_service());
    }
}
