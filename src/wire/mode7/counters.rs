//! Items that consist of counters only.

/// A kind of item.
#[derive(Debug)]
pub struct CounterTable {
    /// Sizes of an item, newest first.
    pub sizes: &'static [usize],
    /// The column in which the classic program prints the values.
    pub column: usize,
    /// The counters, in the order in which they are printed.
    pub counters: &'static [Counter],
}

/// One counter.
#[derive(Debug)]
pub struct Counter {
    /// Its key in machine-readable formats, a colon, and its label in the classic program.
    text: &'static str,
    /// Its offset in the item.
    pub offset: usize,
    /// Its size in octets: 2 or 4.
    pub width: usize,
}

impl Counter {
    /// Its key in machine-readable formats.
    pub fn key(&self) -> &'static str {
        self.text.split_once(": ").map_or(self.text, |(key, _)| key)
    }

    /// Its label in the classic program.
    pub fn label(&self) -> &'static str {
        self.text.split_once(": ").map_or("", |(_, label)| label)
    }

    /// Returns its value; zero if an older daemon's item ends before it.
    pub fn value(&self, item: &[u8]) -> u64 {
        let octets = item.get(self.offset..self.offset + self.width).unwrap_or_default();
        octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet))
    }
}

const fn counter(text: &'static str, offset: usize) -> Counter {
    Counter { text, offset, width: 4 }
}

const fn short(text: &'static str, offset: usize) -> Counter {
    Counter { text, offset, width: 2 }
}

/// Statistics of received NTP packets.
pub static SYSTEM: CounterTable = CounterTable {
    sizes: &[52, 44, 40],
    column: 24,
    counters: &[
        counter("uptime_s: time since restart", 0),
        counter("reset_age_s: time since reset", 4),
        counter("received: packets received", 36),
        counter("processed: packets processed", 28),
        counter("current_version: current version", 16),
        counter("previous_version: previous version", 12),
        counter("declined: declined", 20),
        counter("restricted: access denied", 8),
        counter("bad_format: bad length or format", 24),
        counter("bad_authentication: bad authentication", 32),
        counter("rate_exceeded: rate exceeded", 40),
    ],
};

/// I/O statistics.
pub static INPUT_OUTPUT: CounterTable = CounterTable {
    sizes: &[40],
    column: 22,
    counters: &[
        counter("reset_age_s: time since reset", 0),
        short("receive_buffers: receive buffers", 4),
        short("free_receive_buffers: free receive buffers", 6),
        short("used_receive_buffers: used receive buffers", 8),
        short("low_water_refills: low water refills", 10),
        counter("dropped: dropped packets", 12),
        counter("ignored: ignored packets", 16),
        counter("received: received packets", 20),
        counter("sent: packets sent", 24),
        counter("not_sent: packets not sent", 28),
        counter("interrupts: interrupts handled", 32),
        counter("received_by_interrupt: received by int", 36),
    ],
};

/// Memory used by the associations; the hash table follows.
pub static MEMORY: CounterTable = CounterTable {
    sizes: &[148],
    column: 22,
    counters: &[
        counter("reset_age_s: time since reset", 0),
        short("peers: total peer memory", 4),
        short("free_peers: free peer memory", 6),
        counter("searches: calls to findpeer", 8),
        counter("allocations: new peer allocations", 12),
        counter("demobilizations: peer demobilizations", 16),
    ],
};

/// Where the hash table of [`MEMORY`] begins: 128 counts of one octet.
pub const HASH_TABLE: usize = 20;

/// Timer statistics.
pub static TIMER: CounterTable = CounterTable {
    sizes: &[16],
    column: 19,
    counters: &[
        counter("reset_age_s: time since reset", 0),
        counter("alarms: alarms handled", 4),
        counter("overruns: alarm overruns", 8),
        counter("transmit_calls: calls to transmit", 12),
    ],
};

/// Authentication statistics.
pub static AUTHENTICATION: CounterTable = CounterTable {
    sizes: &[36],
    column: 22,
    counters: &[
        counter("reset_age_s: time since reset", 0),
        counter("keys: stored keys", 4),
        counter("free_keys: free keys", 8),
        counter("key_lookups: key lookups", 12),
        counter("keys_not_found: keys not found", 16),
        counter("uncached_keys: uncached keys", 32),
        counter("encryptions: encryptions", 20),
        counter("decryptions: decryptions", 24),
        counter("expired_keys: expired keys", 28),
    ],
};

/// Mode 6 statistics.
pub static CONTROL: CounterTable = CounterTable {
    sizes: &[60],
    column: 24,
    counters: &[
        counter("reset_age_s: time since reset", 0),
        counter("requests: requests received", 4),
        counter("responses: responses sent", 12),
        counter("fragments: fragments sent", 16),
        counter("asynchronous_messages: async messages sent", 56),
        counter("errors: error msgs sent", 20),
        counter("bad_packets: total bad pkts", 8),
        counter("too_short: packet too short", 24),
        counter("responses_received: response on input", 28),
        counter("fragments_received: fragment on input", 32),
        counter("errors_received: error set on input", 36),
        counter("bad_offset: bad offset on input", 40),
        counter("bad_version: bad version packets", 44),
        counter("data_too_short: data in pkt too short", 48),
        counter("unknown_opcodes: unknown op codes", 52),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_lie_within_their_items() {
        for table in [&SYSTEM, &INPUT_OUTPUT, &MEMORY, &TIMER, &AUTHENTICATION, &CONTROL] {
            for counter in table.counters {
                assert!(counter.offset + counter.width <= table.sizes[0], "{}", counter.label());
            }
        }
    }

    #[test]
    fn an_older_item_ends_earlier() {
        let item: Vec<u8> = (1..=10_u32).flat_map(u32::to_be_bytes).collect();
        let values: Vec<u64> = SYSTEM.counters.iter().map(|counter| counter.value(&item)).collect();
        assert_eq!(values, [1, 2, 10, 8, 5, 4, 6, 3, 7, 9, 0]);
    }
}
