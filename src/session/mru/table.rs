//! The rows collected so far, one per address.

use crate::wire::mru::MruEntry;
use hashbrown::HashTable;
use std::hash::{BuildHasher, DefaultHasher, Hasher as _};
use std::net::IpAddr;

/// The result of inserting a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The address is new.
    New,
    /// It replaced an older row for the address.
    Updated,
    /// The same row is already there.
    Known,
    /// A newer row for the address is already there.
    Stale,
    /// There is no room for more addresses.
    Full,
}

/// Makes hashes that depend on a secret: unlike the standard library's state, it needs no source of random numbers.
#[derive(Clone, Copy, Debug)]
struct Keyed(u64);

impl BuildHasher for Keyed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

/// Rows, one per address: 56 octets per row and about 8 for the index.
#[derive(Debug)]
pub struct Table {
    entries: Vec<MruEntry>,
    index: HashTable<u32>,
    hasher: Keyed,
    updates: u64,
    news: Option<News>,
}

/// Rows not yet passed to a reader that follows the list.
#[derive(Debug, Default)]
struct News {
    /// The rows before this index were reported.
    reported: usize,
    /// Those of them that were replaced since.
    replaced: Vec<u32>,
}

impl Table {
    /// No rows. A server that knows the secret could choose addresses that make the table slow.
    pub fn new(secret: u64) -> Self {
        Self { entries: Vec::new(), index: HashTable::new(), hasher: Keyed(secret), updates: 0, news: None }
    }

    /// Inserts a row; of two rows for one address the later counts.
    pub fn insert(&mut self, entry: MruEntry, most: usize) -> Inserted {
        let Self { entries, index, hasher, updates, news } = self;
        let key = key(&entry);
        let hash = hasher.hash_one(key);
        let held = |&at: &u32| entries.get(at as usize).is_some_and(|held| self::key(held) == key);
        if let Some(&at) = index.find(hash, held) {
            let Some(held) = entries.get_mut(at as usize) else { return Inserted::Full };
            return match entry.last.since(held.last) {
                ..0 => Inserted::Stale,
                0 if held.port == entry.port => Inserted::Known,
                _ => {
                    *held = entry;
                    *updates += 1;
                    if let Some(news) = news.as_mut().filter(|news| (at as usize) < news.reported) {
                        news.replaced.push(at);
                    }
                    Inserted::Updated
                }
            };
        }
        let Ok(at) = u32::try_from(entries.len()) else { return Inserted::Full };
        if entries.len() >= most {
            return Inserted::Full;
        }
        entries.push(entry);
        index.insert_unique(hash, at, |&at| {
            entries.get(at as usize).map_or(0, |entry| hasher.hash_one(self::key(entry)))
        });
        Inserted::New
    }

    /// Starts recording rows for [`Table::take_news`].
    pub fn follow(&mut self) {
        self.news.get_or_insert_default();
    }

    /// Returns the rows that are new or replaced since the last call, if the list is followed.
    pub fn take_news(&mut self) -> Vec<MruEntry> {
        let Some(news) = &mut self.news else { return Vec::new() };
        let replaced = std::mem::take(&mut news.replaced);
        let mut rows: Vec<MruEntry> =
            replaced.into_iter().filter_map(|at| self.entries.get(at as usize).copied()).collect();
        rows.extend(self.entries.get(news.reported..).unwrap_or_default());
        news.reported = self.entries.len();
        rows
    }

    /// The number of addresses.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of rows that replaced an older one.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index.clear();
        if let Some(news) = &mut self.news {
            *news = News::default();
        }
    }

    /// Returns the rows, in no particular order.
    pub fn into_entries(self) -> Vec<MruEntry> {
        self.entries
    }
}

/// The identity of an address: without the port, with the zone.
fn key(entry: &MruEntry) -> (IpAddr, u32) {
    (entry.address, entry.scope)
}
