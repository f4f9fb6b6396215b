//! The choices of 4.2.8p15, and majorities.

use super::*;
use proptest::prelude::*;

/// Runs of 4.2.8p15: for each server address, stratum, precision, delay, dispersion and offset, and the choice.
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
        offset: fixed(offset, 4_294_967_296.0).into(),
        ..Candidate::default()
    }
}

#[test]
fn the_choice_is_that_of_4_2_8p15() {
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

/// The majority if each server has one vote.
fn vote(servers: &[Candidate]) -> Option<Vec<bool>> {
    majority(servers, &vec![VOTE; servers.len()], 0)
}

#[test]
fn timestamps_are_compared_across_the_end_of_an_era() {
    let good = server(2, -20, "0.02570", "0", "+0.000001");
    let across =
        Candidate { reference_timestamp: u64::MAX - (9 << 32), transmit_timestamp: 20 << 32, ..good };
    assert_eq!((across.unfit(), across.unfit_as_original()), (None, Some(Unfit::VeryBroken)));
    let ahead = Candidate { reference_timestamp: 20 << 32, transmit_timestamp: u64::MAX - (9 << 32), ..good };
    assert_eq!(ahead.unfit(), Some(Unfit::VeryBroken));
    let never = Candidate { reference_timestamp: 0, transmit_timestamp: 0xeeab_74ca << 32, ..good };
    assert_eq!(never.unfit(), Some(Unfit::TooLongWithoutSync));
}

#[test]
fn the_majority_outvotes_the_liar() {
    let at = |offset: &str| server(2, -20, "0.02570", "0", offset);
    let servers = [at("0.0"), at("1000.5"), at("0.001")];
    assert_eq!(vote(&servers), Some(vec![true, false, true]));
    assert_eq!(vote(&[at("0"), at("1"), at("2")]), None);
    assert_eq!(vote(&[at("0"), at("0"), at("2"), at("2")]), None);
    // Two of five that were asked are not a majority yet.
    assert_eq!(majority(&[at("0"), at("0")], &[VOTE; 2], 5 * VOTE), None);
    assert_eq!(majority(&[at("0"), at("0")], &[VOTE; 2], 3 * VOTE), Some(vec![true, true]));
    assert_eq!(vote(&[]), None);
}

#[test]
fn a_liar_that_admits_to_a_large_error_is_not_part_of_the_majority() {
    let honest = |offset: &str| server(2, -20, "0.02600", "0", offset);
    let all = |liar: Candidate| [honest("0.001"), honest("0.002"), liar, honest("-0.001"), honest("0")];
    // Nor is the liar selected for its minimal delay, which an early receive timestamp gives it.
    for (root_dispersion, offset) in [
        (u32::MAX, "-50000"),
        (65_535 << 16, "-50000"),
        (14 << 16, "1.3"),
        (91_750, "1.3"),
        (91_750, "-0.9"),
        (0, "0.05"),
    ] {
        let liar = Candidate { root_dispersion, ..server(1, -20, "0.02000", "0", offset) };
        assert_eq!(vote(&all(liar)), Some(vec![true, true, false, true, true]), "{root_dispersion} {offset}");
    }
    // Within the honest servers' error it may claim anything, and is not selected if it admits to more.
    let liar = Candidate { root_dispersion: 91_750, ..server(1, -20, "0.02000", "0", "0.005") };
    assert_eq!(vote(&all(liar)), Some(vec![true; 5]));
    assert_ne!(choose_confirmed(&all(liar)), Some(2));
}

#[test]
fn a_root_distance_over_a_second_and_a_half_is_too_uncertain() {
    let with = |root_delay, root_dispersion| Candidate {
        root_delay,
        root_dispersion,
        ..server(2, -20, "0.02600", "0", "0")
    };
    assert_eq!(with(0, 65_536 + 32_768 - 852).unfit(), None);
    assert_eq!(with(0, 65_536 + 32_768).unfit(), Some(Unfit::TooUncertain));
    assert_eq!(with(2 << 16, 32_768).unfit(), Some(Unfit::TooUncertain));
    assert_eq!(with(u32::MAX, u32::MAX).unfit(), Some(Unfit::TooUncertain));
    assert_eq!(with(0, u32::MAX).unfit_as_original(), None);
}

#[test]
fn a_name_with_many_addresses_has_one_vote() {
    let at = |offset: &str| server(2, -20, "0.02570", "0", offset);
    let servers = [at("0"), at("0.001"), at("3600"), at("3600"), at("3600"), at("3600"), at("3600")];
    let fifth = VOTE / 5;
    let votes = [VOTE, VOTE, fifth, fifth, fifth, fifth, fifth];
    let honest = vec![true, true, false, false, false, false, false];
    assert_eq!(majority(&servers, &votes, 0), Some(honest));
    // Against a single name it is one to one.
    assert_eq!(majority(&servers[1..], &votes[1..], 0), None);
    // Three names with three addresses each, two of them with a bad one: shares of the honest names still count.
    let third = VOTE / 3;
    let mixed = [at("0"), at("0"), at("50"), at("0"), at("-9"), at("0"), at("0"), at("0"), at("0")];
    let honest: Vec<bool> = mixed.iter().map(|server| server.offset == 0).collect();
    assert_eq!(majority(&mixed, &[third; 9], 0), Some(honest));
}

#[test]
fn offsets_larger_than_half_an_era_can_agree() {
    let at = |seconds: i128| Candidate { offset: seconds << 32, ..server(2, -20, "0.02570", "0", "0") };
    assert_eq!(vote(&[at(2_209_000_000), at(2_209_000_000), at(5)]), Some(vec![true, true, false]));
}

#[test]
fn the_confirmed_one_with_the_least_root_distance_wins_unless_it_is_a_fallback() {
    let at = |stratum: u8, delay: &str| server(stratum, -20, delay, "0", "0");
    assert_eq!(choose_confirmed(&[at(1, "0.09"), at(2, "0.04"), at(4, "0.03"), at(5, "0.02")]), Some(2));
    assert_eq!(choose_confirmed(&[at(3, "0.03"), at(2, "0.03"), at(2, "0.03")]), Some(1));
    let uncertain = Candidate { root_dispersion: 9000, ..at(1, "0.02") };
    assert_eq!(choose_confirmed(&[uncertain, at(2, "0.09")]), Some(1));
    assert_eq!(choose_confirmed(&[]), None);
}

proptest! {
    #[test]
    fn whatever_servers_report_one_of_them_is_chosen(
        raw in prop::collection::vec((1_u8..16, any::<i8>(), 0..i32::MAX, any::<i64>(), 0..1_i64 << 40, any::<u32>()), 1..12)
    ) {
        let servers: Vec<Candidate> = raw
            .into_iter()
            .map(|(stratum, precision, delay, offset, dispersion, root)| Candidate {
                stratum,
                precision,
                root_delay: root,
                root_dispersion: root,
                offset: offset.into(),
                filtered: Filtered { delay, offset, dispersion },
                ..Candidate::default()
            })
            .collect();
        prop_assert!(choose(&servers).is_some_and(|place| place < servers.len()));
        prop_assert!(choose_confirmed(&servers).is_some_and(|place| place < servers.len()));
        if let Some(group) = vote(&servers) {
            let honest: Vec<Candidate> =
                servers.iter().zip(&group).filter(|(_, honest)| **honest).map(|(server, _)| *server).collect();
            prop_assert!(honest.len() * 2 > servers.len());
            // Two majorities share a server, so the accepted range is no wider than the largest error admitted to.
            let widest = servers.iter().map(|server| i128::from(server.distance())).max().unwrap();
            let offsets = || honest.iter().map(|server| server.offset);
            prop_assert!(offsets().max().unwrap() - offsets().min().unwrap() <= 2 * widest);
        }
    }

    #[test]
    fn any_four_time_stamps_are_a_sample(a: u64, b: u64, c: u64, d: u64, precision: i8) {
        let sample = Sample::new(a, b, c, d, precision);
        prop_assert!(sample.delay >= MIN_DELAY || sample == Sample::default());
    }
}

#[test]
fn a_server_half_an_era_away_is_not_near() {
    const HALF: u64 = 1 << 63;
    for (sent, round_trip) in [(0, 2), (7, 1000), (HALF, 1 << 20)] {
        for ahead in
            [HALF - round_trip, HALF - round_trip / 2, HALF - 1, HALF, HALF + 1, HALF + round_trip / 2]
        {
            // The server is this far ahead, in the middle of the round trip.
            let there = ahead.wrapping_add(sent).wrapping_add(round_trip / 2);
            let (delay, offset) = exchange(sent, there, there, sent.wrapping_add(round_trip));
            assert_eq!(i64::from(delay), (round_trip >> 16).cast_signed(), "{ahead}");
            // Halving each difference may lose a unit.
            let error = offset.wrapping_sub(ahead.cast_signed());
            assert!(error.unsigned_abs() <= 1, "{ahead}, round trip {round_trip}: {error}");
        }
    }
}
