//! The explanations that `help` prints.

use crate::app::ntpdc::NTPDC;
use crate::app::ntpq::NTPQ;
use crate::console::explanations::{SHARED, find};
use crate::console::program::Program;

fn check(program: &Program) {
    for command in program.commands {
        let text = program.explanation(command.name).unwrap_or_default();
        assert!(!text.is_empty(), "{} {} has no explanation", program.name, command.name);
        for line in text.lines() {
            assert!(line.len() <= 78, "{} {}: {line}", program.name, command.name);
        }
    }
    for (names, _) in program.explanations {
        for name in names.split(' ') {
            assert!(program.commands.iter().any(|command| command.name == name), "{name} is no command");
            assert_eq!(find(SHARED, name), None, "{name} is explained twice");
        }
    }
    assert_eq!(program.explanation("zzz"), None);
}

#[test]
fn every_command_is_explained_within_a_terminals_width() {
    check(&NTPQ);
    check(&NTPDC);
}

#[test]
fn the_columns_of_peers_are_explained() {
    let text = NTPQ.explanation("peers").unwrap_or_default();
    for word in
        ["st: ", " t: ", "refid: ", ".INIT.", ".STEP.", ".RATE.", "when: ", "poll: ", "reach: ", "jitter: "]
    {
        assert!(text.contains(word), "{word}");
    }
}
