//! Puts the packets of one reply in order.

use crate::wire::mode7::{DATA_LIMIT, Message, PACKET_LIMIT};
use std::collections::BTreeMap;

/// The packets of one reply, in order of arrival.
#[derive(Debug, Default)]
pub struct Assembly {
    packets: BTreeMap<u8, Vec<Vec<u8>>>,
    item_size: Option<usize>,
    last: Option<u8>,
}

impl Assembly {
    /// Adds a packet; a duplicate, or one that does not fit the others, is skipped.
    ///
    /// If the server was asked more than once and its list grew or shrank in between, two replies of different lengths
    /// arrive: the later one counts.
    pub fn add(&mut self, message: &Message<'_>) -> bool {
        let header = &message.header;
        let size = usize::from(header.item_size);
        if header.item_count > 0 && (size == 0 || self.item_size.is_some_and(|known| known != size)) {
            return false;
        }
        if header.more && header.item_count == 0 || message.items.len() > DATA_LIMIT {
            return false;
        }
        let ends_here = self
            .last
            .is_some_and(|last| if header.more { header.sequence >= last } else { header.sequence != last });
        let beyond = !header.more && self.packets.keys().any(|&known| known > header.sequence);
        if ends_here || beyond {
            *self = Self::default();
        }
        if self.packets.contains_key(&header.sequence) {
            return false;
        }
        if header.item_count > 0 {
            self.item_size = Some(size);
        }
        if !header.more {
            self.last = Some(header.sequence);
        }
        let items = match size {
            0 => Vec::new(),
            size => message.items.chunks_exact(size).map(<[u8]>::to_vec).collect(),
        };
        self.packets.insert(header.sequence, items);
        true
    }

    /// Whether no packet has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Whether the maximum number of packets has arrived without the last one.
    pub fn is_endless(&self) -> bool {
        self.last.is_none() && self.packets.len() >= PACKET_LIMIT
    }

    /// Returns the size of the items and the items, once all packets have arrived. Without items, the size is zero.
    pub fn complete(&mut self) -> Option<(usize, Vec<Vec<u8>>)> {
        let last = self.last?;
        if self.packets.len() != usize::from(last) + 1 {
            return None;
        }
        let items = std::mem::take(&mut self.packets).into_values().flatten().collect();
        Some((self.item_size.unwrap_or(0), items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mode7::{Header, Implementation, RequestCode};
    use proptest::prelude::*;

    fn header(sequence: u8, more: bool, count: u16, size: u16) -> Header {
        Header {
            response: true,
            more,
            sequence,
            item_count: count,
            item_size: size,
            ..Header::request(Implementation::CURRENT, RequestCode::PEER_LIST)
        }
    }

    fn add(assembly: &mut Assembly, sequence: u8, more: bool, items: &[u8]) -> bool {
        let count = u16::try_from(items.len()).unwrap();
        assembly.add(&Message { header: header(sequence, more, count, 1), items, rest: b"" })
    }

    #[test]
    fn duplicates_and_packets_that_do_not_fit_are_skipped() {
        let mut assembly = Assembly::default();
        assert!(add(&mut assembly, 0, true, b"ab"));
        assert!(!add(&mut assembly, 0, true, b"xy"));
        assert!(!assembly.add(&Message { header: header(1, false, 1, 2), items: b"zz", rest: b"" }));
        assert!(!assembly.add(&Message { header: header(1, false, 9, 0), items: b"", rest: b"" }));
        assert!(!add(&mut assembly, 1, true, b""));
        assert!(!add(&mut assembly, 1, false, &[0; DATA_LIMIT + 1]), "more than any daemon sends");
        assert_eq!(assembly.complete(), None);
        assert!(add(&mut assembly, 1, false, b"c"));
        assert_eq!(assembly.complete().unwrap().1, [b"a", b"b", b"c"]);
    }

    #[test]
    fn a_reply_without_items_is_complete() {
        let mut assembly = Assembly::default();
        assert!(assembly.add(&Message { header: header(0, false, 0, 0), items: b"", rest: b"" }));
        assert_eq!(assembly.complete(), Some((0, Vec::new())));
    }

    #[test]
    fn a_list_that_shrank_is_read_again() {
        let mut assembly = Assembly::default();
        assert!(add(&mut assembly, 0, true, b"ab"));
        assert!(add(&mut assembly, 2, false, b"ef"));
        assert!(add(&mut assembly, 1, false, b"d"));
        assert_eq!(assembly.complete(), None);
        assert!(add(&mut assembly, 0, true, b"bc"));
        assert_eq!(assembly.complete().unwrap().1.concat(), b"bcd");
    }

    #[test]
    fn an_endless_reply_ends() {
        let mut assembly = Assembly::default();
        for sequence in 0..128 {
            assert!(!assembly.is_endless());
            assert!(add(&mut assembly, sequence, true, b"x"));
        }
        assert!(assembly.is_endless());
    }

    proptest! {
        #[test]
        fn any_permutation_with_duplicates_is_the_original(
            original in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 1..100),
            order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
        ) {
            let last = original.len() - 1;
            let mut numbers: Vec<usize> = order.iter().map(|index| index.index(original.len())).collect();
            numbers.extend(0..original.len());
            let mut assembly = Assembly::default();
            let mut whole = None;
            for number in numbers {
                add(&mut assembly, u8::try_from(number).unwrap(), number < last, &original[number]);
                if whole.is_none() {
                    whole = assembly.complete();
                }
            }
            prop_assert_eq!(whole.unwrap().1.concat(), original.concat());
        }
        #[test]
        fn every_order_gives_the_same_reply(order in Just((0..9_u8).collect::<Vec<_>>()).prop_shuffle()) {
            let mut assembly = Assembly::default();
            for sequence in order {
                prop_assert!(assembly.complete().is_none());
                prop_assert!(add(&mut assembly, sequence, sequence < 8, &[sequence]));
            }
            prop_assert_eq!(assembly.complete().unwrap().1.concat(), (0..9).collect::<Vec<u8>>());
        }
    }
}
