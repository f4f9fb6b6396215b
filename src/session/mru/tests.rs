//! Parts of MRU list reading; whole lists are read in `tests/mru.rs`.

use super::segment::{Mark, Tail};
use super::table::{Inserted, Table};
use super::*;
use crate::wire::mru::{Dropped, Score};
use std::net::IpAddr;

fn entry(number: u32, last: u64) -> MruEntry {
    MruEntry {
        last: NtpTimestamp(last << 32),
        first: NtpTimestamp(0),
        count: 1,
        scope: 0,
        port: 123,
        restrictions: 0,
        address: IpAddr::V4(number.into()),
        mode_version: 0x23,
        score: Score::default(),
        dropped: Dropped::default(),
    }
}

#[test]
fn the_later_row_of_an_address_counts() {
    let mut table = Table::new(5);
    assert_eq!(table.insert(entry(1, 5), 2), Inserted::New);
    assert_eq!(table.insert(entry(1, 5), 2), Inserted::Known);
    assert_eq!(table.insert(MruEntry { port: 124, ..entry(1, 6) }, 2), Inserted::Updated);
    assert_eq!(table.insert(entry(1, 5), 2), Inserted::Stale);
    assert_eq!(table.insert(MruEntry { scope: 7, ..entry(1, 5) }, 2), Inserted::New, "another zone");
    assert_eq!(table.insert(entry(2, 5), 2), Inserted::Full);
    assert_eq!((table.len(), table.updates()), (2, 1));
    assert_eq!(table.into_entries().first().map(|entry| (entry.port, entry.last.seconds())), Some((124, 6)));
}

#[test]
fn a_tail_keeps_the_nearest_rows_and_some_farther_back() {
    let mut tail = Tail::default();
    for number in 1..=1000 {
        tail.push(Mark::from(&entry(number, number.into())));
    }
    let mut request = String::from("nonce=0");
    let priors: Vec<_> = tail.append_to(&mut request).iter().map(|mark| mark.last.seconds()).collect();
    assert_eq!(priors.get(..6), Some(&[1000, 999, 998, 997, 996, 995][..]));
    assert!(priors.get(6).is_some_and(|&farther| (970..995).contains(&farther)), "{priors:?}");
    assert!(request.len() <= DATA_LIMIT);
    assert!(request.starts_with("nonce=0, addr.0=0.0.3.232:123, last.0=0x000003e8.00000000, addr.1="));
    let mut left = 0;
    while !tail.is_empty() {
        tail.drop_newest(1);
        left += 1;
    }
    assert!((20..40).contains(&left), "{left}");
}

#[test]
fn limits_are_written_as_daemons_expect_them() {
    assert_eq!(Capacity::LARGEST.text(None), ", frags=128");
    assert_eq!(Capacity::LARGEST.text(Some(1)), ", frags=128, limit=2");
    assert_eq!(Capacity::Rows(96).text(Some(200)), ", limit=96");
    let smaller: Vec<_> = std::iter::successors(Some(Capacity::LARGEST), |size| size.smaller()).collect();
    assert_eq!(
        smaller.get(1..4),
        Some(&[Capacity::Fragments(32), Capacity::Rows(96), Capacity::Rows(48)][..])
    );
    assert_eq!(smaller.len(), 8);
    assert_eq!(Capacity::Fragments(64).doubled(Capacity::Fragments(128)), Capacity::LARGEST);
    assert_eq!(Capacity::Fragments(32).doubled(Capacity::Fragments(32)), Capacity::Fragments(32));
    assert_eq!(Capacity::LARGEST.fragments(Some(3)), 2);
}

#[test]
fn faults_use_the_classic_wording() {
    let stamp = NtpTimestamp(0xeeaa_e900_0000_0001);
    for (fault, text) in [
        (Fault::NewestBeforeNow(b"0x1".to_vec()), "last.newest 0x1 before now="),
        (Fault::NewestMismatch(b"0x1".to_vec(), stamp), "last.newest 0x1 mismatches eeaae900.00000001"),
        (Fault::IncompleteRow(b"0x1".to_vec(), 0x3e), "last.newest 0x1 before complete row, got = 0x3e"),
        (
            Fault::LastMismatch(b"0x1".to_vec(), stamp),
            "last.older 0x1 mismatches 0xeeaae900.00000001 expected.",
        ),
        (Fault::AddressUnknown(b"1.2.3.4:5".to_vec()), "addr.older 1.2.3.4:5 not in hash table"),
    ] {
        assert_eq!(fault.to_string(), text);
    }
}
