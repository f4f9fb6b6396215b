//! Stable sorts: what is sorted are places, and then the items are exchanged.

use std::cmp::Ordering;

/// Sorts by the items' own order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts by this comparison. Equal items keep their order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let exchanges = exchanges(items.len(), &mut |one, other| match (items.get(one), items.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    for (one, other) in exchanges {
        items.swap(one, other);
    }
}

/// The exchanges of two places that sort this many items, to be made in this order.
fn exchanges(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut sources: Vec<usize> = (0..count).collect();
    sources.sort_by(|one, other| compare(*one, *other));
    let mut exchanges = Vec::new();
    for start in 0..count {
        // Follows the cycle of places that take each other's items.
        let mut at = start;
        while let Some(source) = sources.get_mut(at).map(|source| std::mem::replace(source, at))
            && source != start
        {
            exchanges.push((at, source));
            at = source;
        }
    }
    exchanges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(mut items: Vec<(u8, u8)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut items, |(key, _)| *key);
            prop_assert_eq!(items, expected);
        }
    }

    #[test]
    fn each_item_is_moved_at_most_once_to_its_place() {
        let order = [3, 0, 1, 2, 4, 6, 5];
        let found = exchanges(order.len(), &mut |one, other| order[one].cmp(&order[other]));
        assert_eq!(found.len(), 4, "a cycle of four, one of two: {found:?}");
        let mut sorted = ["d", "a", "b", "c", "e", "g", "f"];
        sort(&mut sorted);
        assert_eq!(sorted, ["a", "b", "c", "d", "e", "f", "g"]);
    }
}
