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
    /// Its label in the classic program.
    pub label: &'static str,
    /// Its key in machine-readable formats.
    pub key: &'static str,
    /// Its offset in the item.
    pub offset: usize,
    /// Its size in octets: 2 or 4.
    pub width: usize,
}

impl Counter {
    /// Returns its value; zero if an older daemon's item ends before it.
    pub fn value(&self, item: &[u8]) -> u64 {
        let octets = item.get(self.offset..self.offset + self.width).unwrap_or_default();
        octets.iter().fold(0, |value, octet| value << 8 | u64::from(*octet))
    }
}

const fn counter(label: &'static str, key: &'static str, offset: usize) -> Counter {
    Counter { label, key, offset, width: 4 }
}

const fn short(label: &'static str, key: &'static str, offset: usize) -> Counter {
    Counter { label, key, offset, width: 2 }
}

/// Statistics of received NTP packets.
pub static SYSTEM: CounterTable = CounterTable {
    sizes: &[52, 44, 40],
    column: 24,
    counters: &[
        counter("time since restart", "uptime_s", 0),
        counter("time since reset", "reset_age_s", 4),
        counter("packets received", "received", 36),
        counter("packets processed", "processed", 28),
        counter("current version", "current_version", 16),
        counter("previous version", "previous_version", 12),
        counter("declined", "declined", 20),
        counter("access denied", "restricted", 8),
        counter("bad length or format", "bad_format", 24),
        counter("bad authentication", "bad_authentication", 32),
        counter("rate exceeded", "rate_exceeded", 40),
    ],
};

/// I/O statistics.
pub static INPUT_OUTPUT: CounterTable = CounterTable {
    sizes: &[40],
    column: 22,
    counters: &[
        counter("time since reset", "reset_age_s", 0),
        short("receive buffers", "receive_buffers", 4),
        short("free receive buffers", "free_receive_buffers", 6),
        short("used receive buffers", "used_receive_buffers", 8),
        short("low water refills", "low_water_refills", 10),
        counter("dropped packets", "dropped", 12),
        counter("ignored packets", "ignored", 16),
        counter("received packets", "received", 20),
        counter("packets sent", "sent", 24),
        counter("packets not sent", "not_sent", 28),
        counter("interrupts handled", "interrupts", 32),
        counter("received by int", "received_by_interrupt", 36),
    ],
};

/// Memory used by the associations; the hash table follows.
pub static MEMORY: CounterTable = CounterTable {
    sizes: &[148],
    column: 22,
    counters: &[
        counter("time since reset", "reset_age_s", 0),
        short("total peer memory", "peers", 4),
        short("free peer memory", "free_peers", 6),
        counter("calls to findpeer", "searches", 8),
        counter("new peer allocations", "allocations", 12),
        counter("peer demobilizations", "demobilizations", 16),
    ],
};

/// Where the hash table of [`MEMORY`] begins: 128 counts of one octet.
pub const HASH_TABLE: usize = 20;

/// Timer statistics.
pub static TIMER: CounterTable = CounterTable {
    sizes: &[16],
    column: 19,
    counters: &[
        counter("time since reset", "reset_age_s", 0),
        counter("alarms handled", "alarms", 4),
        counter("alarm overruns", "overruns", 8),
        counter("calls to transmit", "transmit_calls", 12),
    ],
};

/// Authentication statistics.
pub static AUTHENTICATION: CounterTable = CounterTable {
    sizes: &[36],
    column: 22,
    counters: &[
        counter("time since reset", "reset_age_s", 0),
        counter("stored keys", "keys", 4),
        counter("free keys", "free_keys", 8),
        counter("key lookups", "key_lookups", 12),
        counter("keys not found", "keys_not_found", 16),
        counter("uncached keys", "uncached_keys", 32),
        counter("encryptions", "encryptions", 20),
        counter("decryptions", "decryptions", 24),
        counter("expired keys", "expired_keys", 28),
    ],
};

/// Mode 6 statistics.
pub static CONTROL: CounterTable = CounterTable {
    sizes: &[60],
    column: 24,
    counters: &[
        counter("time since reset", "reset_age_s", 0),
        counter("requests received", "requests", 4),
        counter("responses sent", "responses", 12),
        counter("fragments sent", "fragments", 16),
        counter("async messages sent", "asynchronous_messages", 56),
        counter("error msgs sent", "errors", 20),
        counter("total bad pkts", "bad_packets", 8),
        counter("packet too short", "too_short", 24),
        counter("response on input", "responses_received", 28),
        counter("fragment on input", "fragments_received", 32),
        counter("error set on input", "errors_received", 36),
        counter("bad offset on input", "bad_offset", 40),
        counter("bad version packets", "bad_version", 44),
        counter("data in pkt too short", "data_too_short", 48),
        counter("unknown op codes", "unknown_opcodes", 52),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_lie_within_their_items() {
        for table in [&SYSTEM, &INPUT_OUTPUT, &MEMORY, &TIMER, &AUTHENTICATION, &CONTROL] {
            for counter in table.counters {
                assert!(counter.offset + counter.width <= table.sizes[0], "{}", counter.label);
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
