//! Seeded mutations of the seeds.

use crate::seeds;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use std::path::{Path, PathBuf};

/// No input is longer.
const LONGEST: usize = 4096;

/// Runs a target on its seeds and on this many mutations of them. With `NTPKIT_SEEDS`, writes the seeds to that folder
/// instead.
pub fn run(target: &str, mutations: usize, run: fn(&[u8])) {
    let seeds = seeds::of(target);
    assert!(!seeds.is_empty(), "no seeds for {target}");
    if let Some(folder) = std::env::var_os("NTPKIT_SEEDS") {
        return write(&Path::new(&folder).join(target), &seeds);
    }
    let words = dictionary(target);
    let mut random = StdRng::seed_from_u64(0x6e74_706b_6974);
    for seed in &seeds {
        try_out(target, run, seed);
    }
    for _ in 0..mutations {
        let mut input = seeds[random.random_range(0..seeds.len())].clone();
        for _ in 0..random.random_range(1..6) {
            mutate(&mut input, &seeds, &words, &mut random);
        }
        input.truncate(LONGEST);
        try_out(target, run, &input);
    }
}

/// Runs on an input; if that panics, shows the input.
fn try_out(target: &str, run: fn(&[u8]), input: &[u8]) {
    let done = std::panic::catch_unwind(|| run(input));
    assert!(done.is_ok(), "{target} fails on b\"{}\"", input.escape_ascii());
}

fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>], random: &mut StdRng) {
    let at = random.random_range(0..=input.len());
    match random.random_range(0..8) {
        0 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
        1 if at < input.len() => input[at] = [0, 1, 0x1b, 0x7f, 0x80, 0xfe, 0xff][at % 7],
        2 => {
            let end = (at + random.random_range(0..9)).min(input.len());
            drop(input.drain(at..end));
        }
        3 => {
            let mut octets = vec![0; random.random_range(1..9)];
            random.fill_bytes(&mut octets);
            drop(input.splice(at..at, octets));
        }
        4 => {
            let end = (at + random.random_range(0..200)).min(input.len());
            let copy = input[at..end].to_vec();
            drop(input.splice(at..at, copy));
        }
        5 => {
            let other = &seeds[random.random_range(0..seeds.len())];
            let from = random.random_range(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        6 if !words.is_empty() => {
            let word = words[random.random_range(0..words.len())].clone();
            drop(input.splice(at..at, word));
        }
        _ => input.truncate(at),
    }
}

/// The words in the dictionary of a target, if it has one.
fn dictionary(target: &str) -> Vec<Vec<u8>> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/dictionaries"));
    let text = std::fs::read_to_string(path.join(format!("{target}.dict"))).unwrap_or_default();
    let words = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    words
        .map(|word| word.replace("\\x0a", "\n").replace("\\x1b", "\x1b").replace("\\\"", "\"").into_bytes())
        .collect()
}

fn write(folder: &Path, seeds: &[Vec<u8>]) {
    std::fs::create_dir_all(folder).unwrap();
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
    }
}
