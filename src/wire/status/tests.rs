//! Descriptions of status words: recorded ones, and names by number.

use super::*;

#[test]
fn system_words() {
    for (word, text) in [
        (0x0615, "leap_none, sync_ntp, 1 event, clock_sync"),
        (0x0000, "leap_none, sync_unspec, no events, unspecified"),
        (0x961a, "leap_del_sec, sync_22, 1 event, leap_disarmed"),
        (0xc928, "leap_alarm, sync_telephone, 2 events, no_sys_peer"),
        (0x4aff, "leap_add_sec, sync_10, 15 events, stale_leapsecond_values"),
    ] {
        assert_eq!(SystemStatusWord(word).description(), text, "{word:04x}");
    }
}

#[test]
fn peer_words() {
    for (word, text) in [
        (0x961a, "conf, reach, sel_sys.peer, 1 event, sys_peer"),
        (0xf314, "conf, authenb, auth, reach, sel_outlier, 1 event, reachable"),
        (0x8811, "conf, bcast, sel_reject, 1 event, mobilize"),
        (0x0615, ", sel_sys.peer, 1 event, restart"),
        (0xb000, "conf, auth, reach, sel_reject, no events"),
    ] {
        assert_eq!(PeerStatusWord(word).description(), text, "{word:04x}");
    }
}

#[test]
fn clock_words() {
    assert_eq!(ClockStatusWord(0x0011).description(), "1 event, clk_no_reply");
    assert_eq!(ClockStatusWord(0xff07).description(), "no events, clk_7");
}

#[test]
fn tallies_and_conditions_of_version_1() {
    let tallies = |version| (0..8).map(|bits| PeerStatusWord(bits << 8).tally(version)).collect::<String>();
    assert_eq!(tallies(2), " x.-+#*o");
    assert_eq!(tallies(1), " .+* .+*");
    for (word, condition) in [
        (0x961a, "sync_cand"),
        (0x9414, "insane"),
        (0x931a, "sys_peer"),
        (0x8811, "hi_disp"),
        (0x8c11, ""),
        (0x8511, "sel_cand"),
    ] {
        assert_eq!(PeerStatusWord(word).condition(1), condition, "{word:04x}");
    }
}
