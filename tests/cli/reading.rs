//! Associations, variables and statistics.

use crate::support::{Transcript, daemon, scenario, still};
use insta::assert_snapshot;
use ntpkit::sim::{Faults, Scenario};

#[test]
fn associations() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &["-c", "as", "-c", "las"],
            &["-c", "passociations", "-c", "lpas", "-c", "as", "-c", "passociations", "-c", "lpas"],
            &["-c", "ntpversion 1", "-c", "las"],
        ],
    );
    assert_snapshot!("associations", unsigned);
    assert_snapshot!("associations_classic", classic);
}

#[test]
fn system_variables() {
    for name in ["campus", "ntpsec", "pulse", "young"] {
        let (unsigned, classic) = Transcript::of(&daemon(name), &[&["-n", "-c", "rv", "-c", "rl 0"]]);
        assert_snapshot!(format!("system_variables_{name}"), unsigned);
        assert_snapshot!(format!("system_variables_{name}_classic"), classic);
    }
}

#[test]
fn named_variables() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &["-c", "rv 0 stratum", "-c", "rv 0 stratum,offset,leap", "-c", "rv 0 stratum offset leap"],
            &["--old-rv", "-n", "-c", "rv 0 stratum", "-c", "rv &1 offset,srcadr"],
            &["-c", "rv 0 stratum,,offset", "-c", "rv 0 stratum=3", "-c", "rv 0 leap,leap"],
            &["-c", "rv 0 reftime,clock,frequency,version"],
            &["-c", "raw", "-c", "rv 0 stratum,offset", "-c", "cooked", "-c", "rv 0 stratum,offset"],
            &["-n", "-r", "hash", "-c", "rv 0 refid", "-c", "rv &1 refid", "-c", "rv &3 refid"],
        ],
    );
    assert_snapshot!("named_variables", unsigned);
    assert_snapshot!("named_variables_classic", classic);
}

#[test]
fn peer_variables() {
    let (unsigned, classic) = Transcript::of(
        &daemon("campus"),
        &[&["-n", "-c", "mrl &1 &18"], &["-n", "-c", "raw", "-c", "rv &5"]],
    );
    assert_snapshot!("peer_variables", unsigned);
    assert_snapshot!("peer_variables_classic", classic);
}

#[test]
fn stale_filters_stop_no_more_than_the_reply_they_are_in() {
    for stale_filters in [false, true] {
        let daemon = still(Scenario { stale_filters, ..scenario("ntpsec") }, Faults::default());
        let (unsigned, classic) =
            Transcript::of(&daemon, &[&["-n", "-c", "mrv &1 &11", "-c", "rv &1 reach"]]);
        let kind = if stale_filters { "stale" } else { "clean" };
        assert_snapshot!(format!("peer_variables_ntpsec_{kind}"), unsigned);
        assert_snapshot!(format!("peer_variables_ntpsec_{kind}_classic"), classic);
    }
}

#[test]
fn ranges() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &["-n", "-c", "mrv &1 &3 srcadr,stratum", "-c", "mrv 44161 44159 offset"],
            &["-n", "-c", "mrl &17 &18"],
            &["-n", "-c", "mrv &17 &99 reach", "-c", "mrv 1 2", "-c", "mrv &1", "-c", "mrl x y"],
        ],
    );
    assert_snapshot!("ranges", unsigned);
    assert_snapshot!("ranges_classic", classic);
}

#[test]
fn clock_variables() {
    for (name, clock, no_clock) in [("campus", "18", "1"), ("pulse", "1", "3"), ("ntpsec", "11", "1")] {
        let (clock, no_clock) = (format!("cv &{clock}"), format!("cl &{no_clock}"));
        let (unsigned, classic) = Transcript::of(
            &daemon(name),
            &[
                &["-c", "cv", "-c", "cl", "-c", &clock, "-c", &no_clock],
                &["-c", &format!("{clock} device,timecode"), "-c", &format!("{clock} nonsense")],
                &["-c", "raw", "-c", &clock],
            ],
        );
        assert_snapshot!(format!("clock_variables_{name}"), unsigned);
        assert_snapshot!(format!("clock_variables_{name}_classic"), classic);
    }
}

#[test]
fn peer_statistics() {
    let daemon = daemon("campus");
    let (unsigned, classic) = Transcript::of(
        &daemon,
        &[
            &[
                "-n",
                "-c",
                "pstats &1",
                "-c",
                "pstats &7",
                "-c",
                "pstats &11",
                "-c",
                "pstats &16",
                "-c",
                "pstats &18",
            ],
            &["-n", "-c", "pstats 0", "-c", "pstats", "-c", "pstats 99", "-c", "pstats 70000"],
        ],
    );
    assert_snapshot!("peer_statistics", unsigned);
    assert_snapshot!("peer_statistics_classic", classic);
    let (unsigned, classic) =
        Transcript::of(&crate::support::daemon("ntpsec"), &[&["-n", "-c", "pstats &1"]]);
    assert_snapshot!("peer_statistics_ntpsec", unsigned);
    assert_snapshot!("peer_statistics_ntpsec_classic", classic);
}
