//! The bodies of the fuzz targets, run by the stable compiler without instrumentation: on seeds, and on a fixed number of
//! mutations of them. `fuzz/run` runs the targets with coverage, from the same seeds.
#![allow(unused_attributes, reason = "each target says that it has no main function")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing here is a failed test")]

// What the targets take from other crates is here.
extern crate self as libfuzzer_sys;
extern crate self as ntpkit_fuzz;

#[path = "../../fuzz/src/lib.rs"]
#[allow(
    clippy::pedantic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the scripts of the targets"
)]
mod script;

mod mutation;
mod seeds;

pub use script::*;

/// An input as the crate `arbitrary` makes it from octets.
pub trait Input<'a>: Sized {
    /// Takes all octets; `None` if there are too few.
    fn take(octets: &'a [u8]) -> Option<Self>;
}

impl<'a> Input<'a> for &'a [u8] {
    fn take(octets: &'a [u8]) -> Option<Self> {
        Some(octets)
    }
}

impl<'a> Input<'a> for &'a str {
    fn take(octets: &'a [u8]) -> Option<Self> {
        Some(octets.utf8_chunks().next().map_or("", |chunk| chunk.valid()))
    }
}

impl<'a> Input<'a> for (u8, &'a [u8]) {
    fn take(octets: &'a [u8]) -> Option<Self> {
        octets.split_first().map(|(first, rest)| (*first, rest))
    }
}

impl<'a> Input<'a> for (u8, u16, &'a [u8]) {
    fn take(octets: &'a [u8]) -> Option<Self> {
        let (&[one, low, high], rest) = octets.split_first_chunk()?;
        Some((one, u16::from_le_bytes([low, high]), rest))
    }
}

impl<'a> Input<'a> for (u8, u16, u16, &'a [u8]) {
    fn take(octets: &'a [u8]) -> Option<Self> {
        let (&first, rest) = octets.split_first()?;
        Input::take(rest).map(|(second, third, rest)| (first, second, third, rest))
    }
}

impl<'a> Input<'a> for (u16, u16, &'a [u8]) {
    fn take(octets: &'a [u8]) -> Option<Self> {
        let (&[a, b, c, d], rest) = octets.split_first_chunk()?;
        Some((u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), rest))
    }
}

/// Defines `run`, which takes any octets.
#[macro_export]
macro_rules! fuzz_target {
    (|$input:ident: $type:ty| $body:block) => {
        fn body($input: $type) $body

        /// Runs the target on these octets.
        pub fn run(octets: &[u8]) {
            if let Some(input) = $crate::Input::take(octets) {
                body(input);
            }
        }
    };
}

/// Each target, the number of its mutations, and its path, in a test of its name.
macro_rules! targets {
    ($($(#[$attribute:meta])* $name:ident $count:literal $path:literal)*) => {
        $(
            $(#[$attribute])*
            #[path = $path]
            #[allow(unused_imports, clippy::pedantic, clippy::expect_used, clippy::indexing_slicing, reason = "as in fuzz")]
            mod $name;

            $(#[$attribute])*
            #[test]
            fn $name() {
                mutation::run(stringify!($name), $count, $name::run);
            }
        )*

        /// The names of all targets.
        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

targets! {
    authenticator 2000 "../../fuzz/fuzz_targets/authenticator.rs"
    chrony_replies 2000 "../../fuzz/fuzz_targets/chrony_replies.rs"
    chrony_session 2000 "../../fuzz/fuzz_targets/chrony_session.rs"
    command_line 2000 "../../fuzz/fuzz_targets/command_line.rs"
    #[cfg(feature = "diagnosis")]
    config 1000 "../../fuzz/fuzz_targets/config.rs"
    control_message 2000 "../../fuzz/fuzz_targets/control_message.rs"
    control_session 2000 "../../fuzz/fuzz_targets/control_session.rs"
    daemons 2000 "../../fuzz/fuzz_targets/daemons.rs"
    #[cfg(feature = "exporter")]
    exporter_requests 2000 "../../fuzz/fuzz_targets/exporter_requests.rs"
    host 2000 "../../fuzz/fuzz_targets/host.rs"
    #[cfg(feature = "inventories")]
    hosts 2000 "../../fuzz/fuzz_targets/hosts.rs"
    key_file 2000 "../../fuzz/fuzz_targets/key_file.rs"
    leap_list 2000 "../../fuzz/fuzz_targets/leap_list.rs"
    mode7_records 2000 "../../fuzz/fuzz_targets/mode7_records.rs"
    mode7_session 2000 "../../fuzz/fuzz_targets/mode7_session.rs"
    mru_session 300 "../../fuzz/fuzz_targets/mru_session.rs"
    #[cfg(feature = "nts")]
    nts_fields 2000 "../../fuzz/fuzz_targets/nts_fields.rs"
    #[cfg(feature = "nts")]
    nts_records 2000 "../../fuzz/fuzz_targets/nts_records.rs"
    #[cfg(feature = "nts")]
    nts_session 60 "../../fuzz/fuzz_targets/nts_session.rs"
    presets 300 "../../fuzz/fuzz_targets/presets.rs"
    #[cfg(feature = "autokey")]
    private_key 200 "../../fuzz/fuzz_targets/private_key.rs"
    reassembly 2000 "../../fuzz/fuzz_targets/reassembly.rs"
    reports 300 "../../fuzz/fuzz_targets/reports.rs"
    sntp_session 2000 "../../fuzz/fuzz_targets/sntp_session.rs"
    variables 2000 "../../fuzz/fuzz_targets/variables.rs"
}

#[test]
fn every_target_is_run() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/fuzz_targets")).unwrap();
    let mut files: Vec<String> =
        folder.map(|file| file.unwrap().file_name().into_string().unwrap().replace(".rs", "")).collect();
    files.sort();
    assert_eq!(files, NAMES);
}
