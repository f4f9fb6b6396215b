//! Command lines of ntpq and ntpdc: tokens are parts of the line, in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ntpkit::compat::Dialect;
use ntpkit::console::tokens::{tokenize, words};

fuzz_target!(|line: &[u8]| {
    for dialect in [Dialect::Native, Dialect::Classic] {
        let octets: usize = tokenize(line, dialect).iter().map(Vec::len).sum();
        assert!(octets <= line.len());
    }
    let octets: usize = words(line).iter().map(Vec::len).sum();
    assert!(octets <= line.len());
});
