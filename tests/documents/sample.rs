//! The sample of docs/testing.md, as a test of its own.

use crate::page::page;
use crate::support::{Run, scenario, still};
use ntpkit::sim::Faults;

// The page has these lines.
#[test]
fn a_lost_reply_is_asked_for_again() {
    let daemon = still(scenario("campus"), Faults { loss: 0.2, seed: 3, ..Faults::default() });
    let printed = Run::ntpq(["-n", "-c", "rv 0 stratum"]).of(&daemon).run().quiet_success();
    assert_eq!(printed, "stratum=2\n");
}

#[test]
fn the_page_has_this_sample() {
    let blocks = page("docs/testing.md").blocks();
    let sample = blocks.iter().find(|block| block.language.as_deref() == Some("rust")).expect("a sample");
    assert!(include_str!("sample.rs").contains(&sample.lines.join("\n")), "{}", sample.lines.join("\n"));
}
