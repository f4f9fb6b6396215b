//! Files of presets: each chosen option stands on a line of the file, and the options of a command line are parsed or refused.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use ntpkit::app::ntpq;
use ntpkit::cli::presets::{Presets, Source};
use ntpkit::compat::Dialect;

fuzz_target!(|text: &[u8]| {
    let command = ntpq::command();
    let lines = text.split(|octet| *octet == b'\n').count();
    for dialect in [Dialect::Native, Dialect::Classic] {
        let presets = Presets::new(&command, &ntpq::PROGRAM_INFO, dialect, std::iter::empty());
        let found = presets.lines(text, Path::new("file"));
        assert!(found.len() <= lines);
        for option in &found {
            assert!(matches!(&option.source, Source::File(_, line) if (1..=lines).contains(line)));
            assert!(option.value.as_ref().is_none_or(|value| value.len() <= text.len()));
        }
        let typed = command.clone().get_matches_from(["ntpq"]);
        if let Err(error) = presets.parse(&found, &typed) {
            assert!(!presets.explain("ntpq".as_ref(), &error).is_empty());
        }
    }
});
