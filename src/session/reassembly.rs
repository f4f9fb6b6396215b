//! Reassembles the fragments of one reply (RFC 9327 section 2, "Offset" and the M bit).

use crate::wire::control::Message;
use std::collections::BTreeMap;

/// Maximum number of fragments per reply.
pub const FRAGMENT_LIMIT: usize = 32;
/// Maximum data per reply, in octets: 32 times the 480 that the classic program allows per fragment.
pub const DATA_LIMIT: usize = 32 * 480;

/// The result of adding a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// New, and kept.
    Kept,
    /// Nothing new: a duplicate, an overlap, an empty fragment with the M bit set, a second end, or data after the end.
    Ignored,
    /// The reply would exceed its limits.
    TooLarge,
}

/// The fragments of one reply so far.
#[derive(Clone, Debug)]
pub struct Reassembly {
    fragments: BTreeMap<usize, Vec<u8>>,
    end: Option<usize>,
    octets: usize,
    fragment_limit: usize,
    data_limit: usize,
}

/// An empty reassembly with the limits [`FRAGMENT_LIMIT`] and [`DATA_LIMIT`].
impl Default for Reassembly {
    fn default() -> Self {
        Self::new(FRAGMENT_LIMIT, DATA_LIMIT)
    }
}

impl Reassembly {
    /// Creates an empty reassembly with these limits on fragments and octets of data.
    pub fn new(fragment_limit: usize, data_limit: usize) -> Self {
        Self { fragments: BTreeMap::new(), end: None, octets: 0, fragment_limit, data_limit }
    }

    /// Adds a fragment.
    pub fn add(&mut self, message: &Message<'_>) -> Added {
        let offset = usize::from(message.header.offset);
        let length = message.data.len();
        let end = offset + length;
        if end > self.data_limit {
            return Added::TooLarge;
        }
        if message.header.more && message.data.is_empty() {
            return Added::Ignored;
        }
        if self.fragments.contains_key(&offset) || self.overlaps(offset, end) {
            return Added::Ignored;
        }
        if message.header.more {
            if self.end.is_some_and(|known| end > known) {
                return Added::Ignored;
            }
        } else if self.end.is_some() || self.extent() > end {
            return Added::Ignored;
        }
        if self.fragments.len() >= self.fragment_limit {
            return Added::TooLarge;
        }
        if !message.header.more {
            self.end = Some(end);
        }
        self.octets += length;
        self.fragments.insert(offset, message.data.to_vec());
        Added::Kept
    }

    /// Whether no fragment has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.fragments.is_empty()
    }

    /// Returns all the data, once the last fragment has arrived and no gap is left.
    pub fn complete(&self) -> Option<Vec<u8>> {
        let end = self.end?;
        let mut data = Vec::with_capacity(end);
        for (&offset, fragment) in &self.fragments {
            if offset != data.len() {
                return None;
            }
            data.extend_from_slice(fragment);
        }
        (data.len() == end).then_some(data)
    }

    /// Whether the last fragment has arrived and no gap is left.
    pub fn is_complete(&self) -> bool {
        // There are no overlaps, so the number of octets suffices.
        self.end == Some(self.octets)
    }

    /// Returns the number of octets received.
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// Returns the number of fragments received.
    pub fn fragments(&self) -> usize {
        self.fragments.len()
    }

    /// Whether the last fragment has arrived, even with gaps before it.
    pub fn end_seen(&self) -> bool {
        self.end.is_some()
    }

    /// Returns the contiguous runs in order, each with its offset.
    pub fn stretches(&self) -> Vec<(usize, Vec<u8>)> {
        let mut stretches: Vec<(usize, Vec<u8>)> = Vec::new();
        for (&offset, fragment) in &self.fragments {
            match stretches.last_mut() {
                Some((start, data)) if *start + data.len() == offset => data.extend_from_slice(fragment),
                _ => stretches.push((offset, fragment.clone())),
            }
        }
        stretches
    }

    /// Returns the end of the furthest fragment.
    pub fn extent(&self) -> usize {
        self.fragments.last_key_value().map_or(0, |(offset, data)| offset + data.len())
    }

    /// Whether any octets from `offset` to `end` have already been received. An empty range overlaps nothing.
    fn overlaps(&self, offset: usize, end: usize) -> bool {
        let before = self.fragments.range(..offset).next_back();
        let after = self.fragments.range(offset..).next();
        before.is_some_and(|(start, data)| start + data.len() > offset)
            || after.is_some_and(|(&start, _)| start < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::AssociationId;
    use crate::wire::control::{Header, Opcode};
    use proptest::prelude::*;

    fn fragment(offset: u16, data: &[u8], more: bool) -> (Header, Vec<u8>) {
        let header = Header::request(Opcode::READ_VARIABLES, AssociationId(1), 1, 2);
        (Header { response: true, more, offset, ..header }, data.to_vec())
    }

    fn add(to: &mut Reassembly, (header, data): &(Header, Vec<u8>)) -> Added {
        to.add(&Message { header: *header, data, tail: &[] })
    }

    #[test]
    fn neither_order_nor_duplicates_matter() {
        let parts = [fragment(8, b"cd", false), fragment(0, b"abcd", true), fragment(4, b"efgh", true)];
        let mut reply = Reassembly::default();
        assert_eq!(parts.each_ref().map(|part| add(&mut reply, part)), [Added::Kept; 3]);
        assert_eq!(add(&mut reply, &parts[1]), Added::Ignored);
        assert_eq!(reply.complete().unwrap(), b"abcdefghcd");
    }

    #[test]
    fn gaps_overlaps_and_second_ends_are_rejected() {
        let mut reply = Reassembly::default();
        assert_eq!(add(&mut reply, &fragment(0, b"0123456789", true)), Added::Kept);
        assert_eq!(add(&mut reply, &fragment(4, b"xx", false)), Added::Ignored);
        assert_eq!(add(&mut reply, &fragment(12, b"end", false)), Added::Kept);
        assert_eq!(add(&mut reply, &fragment(15, b"more", false)), Added::Ignored);
        assert_eq!(add(&mut reply, &fragment(15, b"more", true)), Added::Ignored);
        assert_eq!(add(&mut reply, &fragment(20, b"", true)), Added::Ignored);
        assert_eq!(reply.complete(), None, "two octets are missing");
        assert_eq!(add(&mut reply, &fragment(10, b"xy", true)), Added::Kept);
        assert_eq!(reply.complete().unwrap(), b"0123456789xyend");
    }

    #[test]
    fn an_empty_reply_is_complete() {
        let mut reply = Reassembly::default();
        assert_eq!(add(&mut reply, &fragment(0, b"", false)), Added::Kept);
        assert_eq!(reply.complete().unwrap(), b"");
    }

    #[test]
    fn an_empty_end_may_follow_the_data() {
        let mut reply = Reassembly::default();
        assert_eq!(add(&mut reply, &fragment(0, b"abcd", true)), Added::Kept);
        assert_eq!(add(&mut reply, &fragment(4, b"", false)), Added::Kept);
        assert_eq!(reply.complete().unwrap(), b"abcd");
    }

    #[test]
    fn an_endless_stream_is_limited() {
        let mut reply = Reassembly::default();
        let verdicts: Vec<_> =
            (0..40).map(|n| add(&mut reply, &fragment(n * 468, &[b'z'; 468], true))).collect();
        assert_eq!(verdicts.iter().filter(|&&verdict| verdict == Added::Kept).count(), 32);
        assert_eq!(verdicts.last(), Some(&Added::TooLarge));
        let mut crumbs = Reassembly::default();
        assert_eq!(
            (0..40).map(|n| add(&mut crumbs, &fragment(n, b"z", true))).nth(32),
            Some(Added::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn any_fragments_are_safe(parts in proptest::collection::vec((any::<u16>(), 0usize..500, any::<bool>()), 0..80)) {
            let mut reply = Reassembly::default();
            for (offset, length, more) in parts {
                add(&mut reply, &fragment(offset % 2000, &vec![7; length], more));
            }
            if let Some(whole) = reply.complete() {
                prop_assert!(whole.len() <= DATA_LIMIT);
            }
        }

        /// Duplicates do not matter in any order, and overlaps of the same octets do not invent others: the reply is the
        /// original, or there is none.
        #[test]
        fn any_permutation_with_duplicates_and_overlaps_is_the_original_or_nothing(
            original in proptest::collection::vec(any::<u8>(), 1..3000),
            cuts in proptest::collection::btree_set(1..2999_usize, 0..20),
            copies in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
            overlaps in proptest::collection::vec((any::<proptest::sample::Index>(), 1..468_usize), 0..6),
            seed: u64,
        ) {
            let part = |start: usize, end: usize| {
                fragment(u16::try_from(start).unwrap(), &original[start..end], end < original.len())
            };
            let cuts: Vec<usize> = cuts.into_iter().filter(|&cut| cut < original.len()).collect();
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let ends = cuts.iter().copied().chain([original.len()]);
            let mut parts: Vec<_> = starts.zip(ends).map(|(start, end)| part(start, end)).collect();
            let copies: Vec<_> = copies.iter().map(|copy| copy.get(&parts).clone()).collect();
            parts.extend(copies);
            let is_consistent = overlaps.is_empty();
            for (start, length) in overlaps {
                let start = start.index(original.len());
                parts.push(part(start, (start + length).min(original.len())));
            }
            parts.sort_by_cached_key(|(header, data)| {
                (seed ^ u64::from(header.offset) << 17 ^ data.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
            let mut reply = Reassembly::default();
            for part in &parts {
                prop_assert!(add(&mut reply, part) != Added::TooLarge);
                if let Some(whole) = reply.complete() {
                    prop_assert_eq!(&whole, &original);
                }
            }
            prop_assert!(!is_consistent || reply.complete() == Some(original));
        }

        #[test]
        fn every_order_gives_the_same_reply(order in Just((0..9u16).collect::<Vec<_>>()).prop_shuffle()) {
            let mut reply = Reassembly::default();
            for n in order {
                let data = [u8::try_from(n).unwrap(); 4];
                prop_assert!(reply.complete().is_none());
                prop_assert_eq!(add(&mut reply, &fragment(n * 4, &data, n < 8)), Added::Kept);
            }
            prop_assert_eq!(reply.complete().unwrap().len(), 36);
        }
    }
}
