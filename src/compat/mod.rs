//! What differs from the original programs: the dialect, whose tables are printed, and each difference by its name.

pub mod quirks;

pub use quirks::Quirk;

/// The dialect of everything that a person or a script reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The layouts of 4.2.8p15 with unsigned positive numbers (`25.310`), honest exit statuses and the
    /// known faults of the original mended.
    #[default]
    Native,
    /// The exact bytes and exit statuses of the classic 4.2.8p15, its `+0.020` included.
    Classic,
}

impl Dialect {
    /// Whether this is the byte-exact dialect of 4.2.8p15.
    pub fn is_classic(self) -> bool {
        self == Self::Classic
    }

    /// Whether output and behaviour follow 4.2.8p15 in this respect.
    pub fn keeps(self, quirk: Quirk) -> bool {
        self.is_classic() && quirk.kept
    }
}

/// Whose tables are printed, where the programs of the two projects differ in more than a dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// The columns of 4.2.8p15.
    #[default]
    Classic,
    /// The columns of NTPsec's `ntpq` 1.2.2: of `mrulist` and of the billboards of peers.
    Ntpsec,
}
