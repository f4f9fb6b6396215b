//! The choices of the original, and the majority.

use super::*;
use proptest::prelude::*;

/// Runs of the original: per server address, stratum, precision, delay, dispersion and offset, and who was
/// chosen.
const VECTORS: &str = include_str!("vectors.txt");

fn fixed(text: &str, scale: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let value = (text.parse::<f64>().unwrap() * scale).round() as i64;
    value
}

fn server(stratum: u8, precision: i8, delay: &str, dispersion: &str, offset: &str) -> Candidate {
    Candidate {
        stratum,
        precision,
        transmit_timestamp: 20 << 32,
        reference_timestamp: 10 << 32,
        filtered: Filtered {
            delay: i32::try_from(fixed(delay, 65_536.0)).unwrap(),
            offset: fixed(offset, 4_294_967_296.0),
            dispersion: fixed(dispersion, 65_536.0),
        },
        ..Candidate::default()
    }
}

#[test]
fn the_choice_is_that_of_the_original() {
    let mut runs = 0;
    for run in VECTORS.split("run ").skip(1) {
        let mut names = Vec::new();
        let mut servers = Vec::new();
        let mut chosen = None;
        for line in run.lines().skip(1) {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["chosen", name] => chosen = Some((*name).to_owned()),
                [name, stratum, precision, delay, dispersion, offset] => {
                    names.push((*name).to_owned());
                    let (stratum, precision) = (stratum.parse().unwrap(), precision.parse().unwrap());
                    servers.push(server(stratum, precision, delay, dispersion, offset));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(choose(&servers).map(|place| names[place].clone()), chosen, "run {run}");
        runs += 1;
    }
    assert_eq!(runs, 84);
}

#[test]
fn lost_samples_cost_dispersion() {
    let sample = Sample { delay: 1700, offset: 99 };
    assert_eq!(filter(&[Sample::default(), sample], 2).dispersion, 32 << 16);
    let filtered = filter(&[sample, Sample::default(), sample, Sample::default()], 4);
    assert_eq!((filtered.delay, filtered.offset, filtered.dispersion), (1700, 99, 24 << 16));
    let nothing = filter(&[], 4);
    assert_eq!((nothing.delay, nothing.offset, nothing.dispersion), (0, 0, 64 << 16));
}

#[test]
fn a_sample_has_both_clocks_precision_in_its_delay() {
    let second = 1_u64 << 32;
    // There and back in no time: precision -20 adds nothing to the floor of 2^-6 s and 10 ms.
    let sample = Sample::new(second, second, second, second, -20);
    assert_eq!(sample, Sample { delay: 1024 + 655, offset: 0 });
    let sample = Sample::new(10 * second, 12 * second, 12 * second, 11 * second, -24);
    assert_eq!(sample, Sample { delay: 65_536 + 1679, offset: 3 * (1 << 31) });
    assert!(Sample::new(10 * second, 20 * second, 30 * second, 11 * second, -20).is_lost());
    // The other era is as near as any.
    let sample = Sample::new(u64::MAX - second + 1, second, second, u64::MAX - second + 1, -20);
    assert_eq!(sample.offset, 2 << 32);
}

#[test]
fn reasons_come_in_the_classic_order() {
    let good = server(2, -20, "0.02570", "0", "+0.000001");
    assert_eq!(good.unfit(), None);
    let bad = Candidate { stratum: 16, leap: 3, trust: 1, ..good };
    assert_eq!(bad.unfit(), Some(Unfit::StrataTooHigh));
    assert_eq!(Candidate { leap: 3, trust: 1, ..good }.unfit(), Some(Unfit::LeapNotInSync));
    assert_eq!(Candidate::default().unfit(), Some(Unfit::NoData));
    let old = Candidate { reference_timestamp: 0, transmit_timestamp: 86_400 << 32, ..good };
    assert_eq!(old.unfit(), Some(Unfit::TooLongWithoutSync));
    let fresh = Candidate { reference_timestamp: 1 << 32, transmit_timestamp: 86_400 << 32, ..good };
    assert_eq!(fresh.unfit(), None);
    assert_eq!(Candidate { reference_timestamp: 21 << 32, ..good }.unfit(), Some(Unfit::VeryBroken));
    let before_the_era =
        Candidate { reference_timestamp: 0xffff_fff0 << 32, transmit_timestamp: 1 << 32, ..good };
    assert_eq!(before_the_era.unfit(), None);
    let far = server(2, -20, "8.1", "0", "0");
    assert_eq!(far.unfit(), Some(Unfit::TooFarAway));
}

#[test]
fn the_majority_outvotes_the_liar() {
    let at = |offset: &str| server(2, -20, "0.02570", "0", offset);
    let servers = [at("0.0"), at("1000.5"), at("0.001")];
    assert_eq!(majority(&servers, 3), Some(vec![true, false, true]));
    assert_eq!(majority(&[at("0"), at("1"), at("2")], 3), None);
    assert_eq!(majority(&[at("0"), at("0"), at("2"), at("2")], 4), None);
    // Two of five that were asked are no majority yet.
    assert_eq!(majority(&[at("0"), at("0")], 5), None);
    assert_eq!(majority(&[], 0), None);
}

#[test]
fn the_confirmed_one_with_the_least_delay_wins_unless_it_is_a_fallback() {
    let at = |stratum: u8, delay: &str| server(stratum, -20, delay, "0", "0");
    assert_eq!(choose_confirmed(&[at(1, "0.09"), at(2, "0.04"), at(4, "0.03"), at(5, "0.02")]), Some(2));
    assert_eq!(choose_confirmed(&[at(3, "0.03"), at(2, "0.03"), at(2, "0.03")]), Some(1));
    assert_eq!(choose_confirmed(&[]), None);
}

proptest! {
    #[test]
    fn whatever_servers_say_one_of_them_is_chosen(
        raw in prop::collection::vec((1_u8..16, any::<i8>(), 0..i32::MAX, any::<i64>(), 0..1_i64 << 40, any::<u32>()), 1..12)
    ) {
        let servers: Vec<Candidate> = raw
            .into_iter()
            .map(|(stratum, precision, delay, offset, dispersion, root)| Candidate {
                stratum,
                precision,
                root_delay: root,
                root_dispersion: root,
                filtered: Filtered { delay, offset, dispersion },
                ..Candidate::default()
            })
            .collect();
        prop_assert!(choose(&servers).is_some_and(|place| place < servers.len()));
        prop_assert!(choose_confirmed(&servers).is_some_and(|place| place < servers.len()));
        if let Some(group) = majority(&servers, servers.len()) {
            prop_assert!(group.iter().filter(|member| **member).count() * 2 > servers.len());
        }
    }

    #[test]
    fn any_four_time_stamps_are_a_sample(a: u64, b: u64, c: u64, d: u64, precision: i8) {
        let sample = Sample::new(a, b, c, d, precision);
        prop_assert!(sample.delay >= LEAST_DELAY || sample == Sample::default());
    }
}
