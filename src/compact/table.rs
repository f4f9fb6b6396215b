//! A map from numbers.

use std::collections::BTreeMap;

/// Items by number, in order of the numbers.
#[derive(Debug)]
pub struct Table<T> {
    places: BTreeMap<u64, usize>,
    items: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), items: Vec::new(), free: Vec::new() }
    }
}

impl<T> Table<T> {
    /// Adds an item; returns the one that had this number.
    pub fn insert(&mut self, number: u64, item: T) -> Option<T> {
        let place = self.places.get(&number).copied().or_else(|| self.free.pop());
        let place = place.unwrap_or_else(|| {
            self.items.push(None);
            self.items.len() - 1
        });
        self.places.insert(number, place);
        self.items.get_mut(place)?.replace(item)
    }

    /// Takes an item out.
    pub fn remove(&mut self, number: u64) -> Option<T> {
        let place = self.places.remove(&number)?;
        self.free.push(place);
        self.items.get_mut(place)?.take()
    }

    /// The item with this number, to be changed.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.items.get_mut(*self.places.get(&number)?)?.as_mut()
    }

    /// Whether there is an item with this number.
    pub fn contains(&self, number: u64) -> bool {
        self.places.contains_key(&number)
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All items, in order of their numbers.
    pub fn into_values(mut self) -> impl Iterator<Item = T> {
        self.places.into_values().filter_map(move |place| self.items.get_mut(place)?.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn does_what_a_map_does(steps: Vec<(bool, u8, u32)>) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            for (inserts, number, item) in steps {
                let number = u64::from(number % 16);
                if inserts {
                    prop_assert_eq!(table.insert(number, item), map.insert(number, item));
                } else {
                    prop_assert_eq!(table.remove(number), map.remove(&number));
                }
                prop_assert_eq!(table.len(), map.len());
                prop_assert_eq!(table.is_empty(), map.is_empty());
                prop_assert_eq!(table.contains(number), map.contains_key(&number));
                prop_assert_eq!(table.get_mut(number), map.get_mut(&number));
                prop_assert!(table.items.len() <= 16, "places are used again");
            }
            prop_assert!(table.into_values().eq(map.into_values()));
        }
    }
}
