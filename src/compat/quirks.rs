//! What 4.2.8p15 does and this program does not: every difference by its name, with the reason.
//!
//! Code asks [`Dialect::keeps`](super::Dialect::keeps) for one difference by name; nothing else decides by the
//! dialect. `docs/differences.md` and a section of each manual page are generated from [`Quirk::all`].

mod console;
mod keygen;
mod ntpdate;
mod ntpdc;
mod ntpq;
mod ntptrace;
mod plugins;
mod presets;
mod status;

/// One difference between 4.2.8p15 and this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// Its name, in lower case with hyphens, as documentation and tests refer to it.
    pub id: &'static str,
    /// The programs that show it.
    pub applets: &'static [&'static str],
    /// What 4.2.8p15 does.
    pub classic: &'static str,
    /// What this program does instead.
    pub native: &'static str,
    /// Why.
    pub why: &'static str,
    /// Whether the dialect of 4.2.8p15 keeps what the original does. It keeps no secret in sight, believes no forged
    /// answer and hangs nowhere.
    pub kept: bool,
}

impl Quirk {
    /// All of them, grouped as the manual groups them.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [
            console::QUIRKS,
            ntpq::QUIRKS,
            ntpdc::QUIRKS,
            ntpdate::QUIRKS,
            ntptrace::QUIRKS,
            status::QUIRKS,
            keygen::QUIRKS,
            presets::QUIRKS,
            plugins::QUIRKS,
        ]
        .into_iter()
        .flatten()
    }

    /// Those of one program.
    pub fn of(applet: &str) -> impl Iterator<Item = &'static Self> {
        Self::all().filter(move |quirk| quirk.applets.contains(&applet))
    }
}

/// Defines quirks: `kept` or `cured`, the constant's name, its identifier, what 4.2.8p15 does, `=>` what this program
/// does, and why.
macro_rules! quirks {
    ($($state:ident $name:ident $id:literal [$($applet:literal)+] $classic:literal => $native:literal, $why:literal;)+) => {
        impl super::Quirk {
            $(
                #[doc = concat!("4.2.8p15 ", $classic, ".")]
                pub const $name: Self = Self {
                    id: $id,
                    applets: &[$($applet),+],
                    classic: $classic,
                    native: $native,
                    why: $why,
                    kept: quirks!(@$state),
                };
            )+
        }

        /// The quirks of this group.
        pub(super) const QUIRKS: &[super::Quirk] = &[$(super::Quirk::$name),+];
    };
    (@kept) => { true };
    (@cured) => { false };
}
use quirks;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compat::Dialect;
    use std::collections::BTreeSet;

    #[test]
    fn identifiers_are_unique() {
        let mut seen = BTreeSet::new();
        for quirk in Quirk::all() {
            assert!(seen.insert(quirk.id), "{} twice", quirk.id);
            assert!(
                !quirk.applets.is_empty()
                    && quirk.id.bytes().all(|octet| matches!(octet, b'-' | b'0'..=b'9' | b'a'..=b'z'))
            );
        }
    }

    #[test]
    fn only_the_classic_dialect_keeps_a_quirk_and_only_one_that_is_kept() {
        for quirk in Quirk::all() {
            assert!(!Dialect::Native.keeps(*quirk));
            assert_eq!(Dialect::Classic.keeps(*quirk), quirk.kept);
        }
    }
}
