//! ntp-keygen.

use crate::support::{Ran, Run};
use ntpkit::autokey::private_key::PrivateKey;
use std::path::Path;

/// What both dialects say in an empty folder, and the files that they leave.
fn both(words: &[&str]) -> [(Ran, Vec<String>); 2] {
    [true, false].map(|classic| {
        let folder = tempfile::tempdir().unwrap();
        let ran = keygen(folder.path(), words, classic);
        let entries = std::fs::read_dir(folder.path()).unwrap();
        (ran, entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
    })
}

fn keygen(folder: &Path, words: &[&str], classic: bool) -> Ran {
    let run = Run::called("ntp-keygen", words).folder(folder);
    if classic { run.classic() } else { run }.run()
}

/// Keys that are made at once.
const QUICK: [&str; 4] = ["-s", "alice", "-m", "512"];

#[test]
fn nothing_exported_is_ok() {
    let [(classic, _), (ours, _)] = both(&[&QUICK[..], &["-e"]].concat());
    assert_eq!((classic.status, ours.status), (Some(0), Some(255)), "{classic}{ours}");
}

#[test]
fn no_keygen_warnings() {
    let [(classic, _), (ours, _)] = both(&QUICK);
    assert!(!classic.stderr.contains("warning"), "{classic}");
    assert!(ours.stderr.contains("ntp-keygen: warning: RSA keys of 512 bits are weak\n"), "{ours}");
}

#[test]
fn lifetime_wraps() {
    let [(classic, _), (ours, _)] = both(&[&QUICK[..], &["-l", "4000000"]].concat());
    assert_eq!(classic.status, Some(0), "{classic}");
    assert_eq!(ours.status, Some(255), "{ours}");
}

#[test]
fn one_symmetric_link() {
    let [(_, classic), (_, ours)] = both(&["-M"]);
    assert!(!classic.iter().any(|name| name.starts_with("ntpkey_md5_")), "{classic:?}");
    assert!(ours.iter().any(|name| name.starts_with("ntpkey_md5_")), "{ours:?}");
}

#[test]
fn keygen_banner() {
    let [(classic, _), (ours, _)] = both(&["-M"]);
    assert!(classic.stderr.starts_with("Built against OpenSSL "), "{classic}");
    assert!(ours.stderr.starts_with("Using ntpkit version "), "{ours}");
}

#[test]
fn keygen_options() {
    let [(classic, _), (ours, _)] = both(&[&QUICK[..], &["-g", "-b", "512"]].concat());
    assert!(classic.status != Some(0) && classic.stderr.contains("illegal option -- g"), "{classic}");
    assert_eq!(ours.status, Some(0), "{ours}");
}

#[test]
fn member_keys_incomplete() {
    // The member's part of a GQ group: the original's ntpd and that of OpenSSL 1.1 look for it in different places.
    let clients = [true, false].map(|classic| {
        let folder = tempfile::tempdir().unwrap();
        let words = ["-s", "alice", "-i", "grp", "-m", "512", "-b", "512", "-T", "-G"];
        assert_eq!(keygen(folder.path(), &words, classic).status, Some(0));
        // Keys are looked for under the host's name in the one dialect, under the group's in the other.
        let group = if classic { "alice" } else { "grp" };
        let ran = keygen(folder.path(), &["-s", "alice", "-i", group, "-e"], classic);
        match PrivateKey::from_pem(&ran.stdout, b"") {
            Ok(PrivateKey::Rsa(client)) => client.d == client.e,
            _ => panic!("{ran}"),
        }
    });
    assert_eq!(clients, [false, true]);
}
