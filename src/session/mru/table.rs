//! The rows collected so far, one for each address.

use crate::wire::mru::MruEntry;
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The address was not known.
    New,
    /// It takes the place of an older row of the address.
    Updated,
    /// The very row is held already.
    Known,
    /// A newer row of the address is held.
    Stale,
    /// There is no room for more addresses.
    Full,
}

/// Rows, each address once: 56 octets for a row and about 8 for finding it.
#[derive(Debug, Default)]
pub struct Table {
    entries: Vec<MruEntry>,
    index: HashTable<u32>,
    hasher: RandomState,
    updates: u64,
    news: Option<News>,
}

/// Rows not yet passed to a reader who gets them as they come.
#[derive(Debug, Default)]
struct News {
    /// The rows before this one were told.
    reported: usize,
    /// Those of them that were replaced since.
    replaced: Vec<u32>,
}

impl Table {
    /// Takes in a row; of two for one address the later counts.
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

    /// Keeps in mind from now on what [`Table::take_news`] has not given yet.
    pub fn follow(&mut self) {
        self.news.get_or_insert_default();
    }

    /// The rows that are new since this was asked last, and those that took another's place, if they are
    /// followed.
    pub fn take_news(&mut self) -> Vec<MruEntry> {
        let Some(news) = &mut self.news else { return Vec::new() };
        let replaced = std::mem::take(&mut news.replaced);
        let mut rows: Vec<MruEntry> =
            replaced.into_iter().filter_map(|at| self.entries.get(at as usize).copied()).collect();
        rows.extend(self.entries.get(news.reported..).unwrap_or_default());
        news.reported = self.entries.len();
        rows
    }

    /// How many addresses there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many rows took the place of an older one.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index.clear();
        if let Some(news) = &mut self.news {
            *news = News::default();
        }
    }

    /// The rows, in no order that means anything.
    pub fn into_entries(self) -> Vec<MruEntry> {
        self.entries
    }
}

/// What makes an address one: the port does not, the zone does.
fn key(entry: &MruEntry) -> (IpAddr, u32) {
    (entry.address, entry.scope)
}
