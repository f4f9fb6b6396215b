//! The list of recent clients.

use crate::support::{Transcript, still};
use insta::assert_snapshot;
use ntpkit::sim::{Clients, Faults, Flavour, Scenario};

fn scenario(count: u32, flavour: Flavour) -> Scenario {
    Scenario { clients: Clients { count, ..Clients::default() }, flavour, ..Scenario::default() }
}

#[test]
fn recent_clients() {
    let (unsigned, classic) = Transcript::of(
        &still(scenario(12, Flavour::Classic), Faults::default()),
        &[
            &["-n", "-c", "mrulist", "-c", "mrulist sort=-count"],
            &["-n", "-c", "mrulist mincount=8 sort=addr", "-c", "mrulist mincount=50"],
            &["-n", "-c", "mrulist foo=bar sort=bogus recent=3 lim"],
        ],
    );
    assert_snapshot!("mrulist", unsigned);
    assert_snapshot!("mrulist_classic", classic);
}

#[test]
fn recent_clients_as_received() {
    let (unsigned, classic) = Transcript::of(
        &still(scenario(2, Flavour::Ntpsec), Faults::default()),
        &[&["-n", "-c", "raw", "-c", "mrulist recent=1"]],
    );
    assert_snapshot!("mrulist_raw", without_nonces(&unsigned.to_string()));
    assert_snapshot!("mrulist_raw_classic", without_nonces(&classic.to_string()));
}

#[test]
fn a_daemon_without_a_list() {
    let (unsigned, classic) =
        Transcript::of(&still(scenario(0, Flavour::Classic), Faults::default()), &[&["-n", "-c", "mrulist"]]);
    assert_snapshot!("mrulist_unknown", unsigned);
    assert_snapshot!("mrulist_unknown_classic", classic);
}

#[test]
fn a_list_that_ends_in_silence() {
    // To what it does not understand, the daemon says nothing.
    let (unsigned, classic) = Transcript::of(
        &still(scenario(12, Flavour::Classic), Faults::default()),
        &[&["-n", "-c", "timeout 300", "-c", "mrulist mincount=x"]],
    );
    assert_snapshot!("mrulist_silence", unsigned);
    assert_snapshot!("mrulist_silence_classic", classic);
}

/// Nonces depend on the port that is asked from.
fn without_nonces(text: &str) -> String {
    let mut parts = text.split("nonce=");
    let before = parts.next().unwrap_or_default().to_owned();
    parts.fold(before, |text, part| text + "nonce=NONCE" + part.get(24..).unwrap_or_default())
}
