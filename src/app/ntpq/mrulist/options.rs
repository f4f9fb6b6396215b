//! The options of `mrulist`: filters, which the daemon applies, and the sort order.

use crate::compat::{Dialect, Quirk};
use crate::console::command::Argument;
use crate::model::mru::{MruOrder, RestrictionNumbering};

/// Filters that every daemon supports.
const FILTERS: [&[u8]; 4] = [b"mincount=", b"resall=", b"resany=", b"laddr="];
/// Filters that NTPsec's daemon supports; others ignore them.
const NTPSEC_FILTERS: [&[u8]; 4] = [b"recent=", b"minlstint=", b"mindrop=", b"minscore="];
const LONGEST_INTERVAL: &[u8] = b"maxlstint=";

/// The parsed options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    filters: Vec<Filter>,
    /// Rows last heard from longer ago than this, in seconds, are omitted.
    pub longest_interval: Option<u32>,
    /// Whether reading starts at a row other than the oldest.
    pub starts_elsewhere: bool,
    /// The sort order of the rows, if one was chosen.
    pub order: Option<MruOrder>,
    /// Unrecognised arguments.
    pub unknown: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Filter {
    Verbatim(Vec<u8>),
    Limited,
    KissOfDeath,
}

impl Options {
    /// Parses the arguments.
    pub fn read(arguments: &[Argument], dialect: Dialect) -> Self {
        let mut options = Self::default();
        for argument in arguments {
            if let Argument::Text(text) = argument {
                options.take(text, dialect.keeps(Quirk::MRU_CLASSIC_FILTERS));
            }
        }
        options
    }

    fn take(&mut self, text: &[u8], classic: bool) {
        let begins = |names: &[&[u8]]| names.iter().any(|name| text.starts_with(name));
        if let Some(order) = text.strip_prefix(b"sort=") {
            match MruOrder::named(order) {
                Some(order) if order.is_of_the_classic() || !classic => self.order = Some(order),
                _ if classic => {}
                _ => self.unknown.push(text.to_vec()),
            }
        } else if let Some(seconds) = text.strip_prefix(LONGEST_INTERVAL) {
            match std::str::from_utf8(seconds).ok().and_then(|seconds| seconds.parse().ok()) {
                // To the daemon, 0 means no limit.
                Some(seconds) => self.longest_interval = Some(seconds).filter(|&seconds| seconds > 0),
                None => self.filters.push(Filter::Verbatim(text.to_vec())),
            }
        } else if text == b"limited" {
            self.filters.push(Filter::Limited);
        } else if text == b"kod" {
            self.filters.push(Filter::KissOfDeath);
        } else if begins(&FILTERS) || !classic && begins(&NTPSEC_FILTERS) {
            self.starts_elsewhere |= text.starts_with(b"recent=");
            self.filters.push(Filter::Verbatim(text.to_vec()));
        } else {
            self.unknown.push(text.to_vec());
        }
    }

    /// The filters as sent, for a daemon with this numbering of restrictions.
    pub fn parameters(&self, numbering: RestrictionNumbering) -> String {
        self.filters
            .iter()
            .map(|filter| match filter {
                Filter::Verbatim(text) => format!(", {}", String::from_utf8_lossy(text)),
                Filter::Limited => format!(", resany=0x{:x}", numbering.limited()),
                Filter::KissOfDeath => format!(", resany=0x{:x}", numbering.kiss_of_death()),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str], dialect: Dialect) -> Options {
        let arguments: Vec<_> = words.iter().map(|word| Argument::Text(word.as_bytes().to_vec())).collect();
        Options::read(&arguments, dialect)
    }

    #[test]
    fn filters_go_to_the_daemon_as_they_are() {
        let options = options(&["resall=0x1", "kod", "mincount=", "limited"], Dialect::Classic);
        let current = options.parameters(RestrictionNumbering::Current);
        assert_eq!(current, ", resall=0x1, resany=0x800, mincount=, resany=0x40");
        let former = options.parameters(RestrictionNumbering::Former);
        assert_eq!(former, ", resall=0x1, resany=0x400, mincount=, resany=0x20");
        assert!(options.unknown.is_empty());
    }

    #[test]
    fn the_longest_interval_is_ours_to_send_unless_it_is_no_number() {
        let options_of = |word| options(&[word], Dialect::Native);
        assert_eq!(options_of("maxlstint=60").longest_interval, Some(60));
        assert_eq!(options_of("maxlstint=0"), Options::default());
        let odd = options_of("maxlstint=x");
        assert_eq!(
            (odd.longest_interval, odd.parameters(RestrictionNumbering::Current).as_str()),
            (None, ", maxlstint=x")
        );
    }

    #[test]
    fn orders_and_what_is_unknown() {
        let unknown = |dialect| options(&["sort=addr", "sort=bogus", "recent=3", "lim"], dialect).unknown;
        assert_eq!(unknown(Dialect::Classic), [&b"recent=3"[..], b"lim"]);
        assert_eq!(unknown(Dialect::Native), [&b"sort=bogus"[..], b"lim"]);
        assert_eq!(options(&["sort=addr", "sort=bogus"], Dialect::Classic).order, Some(MruOrder::Address));
        assert!(options(&["recent=3"], Dialect::Native).starts_elsewhere);
    }
}
