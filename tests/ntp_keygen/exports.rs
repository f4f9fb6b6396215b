//! Keys for export: whole, and found by their group; what is shown of them.

use super::autokey::{classic, quick};
use super::support::Folder;
use super::support::machine;
use ntpkit::autokey::gq::GqKey;
use ntpkit::autokey::gq::GqLayout;
use ntpkit::autokey::iff::IffKey;
use ntpkit::autokey::number::Modulus;
use ntpkit::autokey::number::Number;
use ntpkit::autokey::private_key::PrivateKey;

/// The blocks of standard output, each with its header's first line.
fn exports(stdout: &str) -> Vec<(String, String)> {
    let parts = stdout.split("# ntpkey_").filter(|part| !part.is_empty());
    parts.map(|part| (part.split('_').next().unwrap().to_owned(), part.to_owned())).collect()
}

#[test]
fn exports_are_whole_and_found_by_their_group() {
    let folder = Folder::new();
    let run = quick(&folder, &["-T", "-I", "-G", "-V", "2", "-b", "512", "-i", "grp", "-p", "pw"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    for kind in ["iffkey", "gqkey", "mvta"] {
        assert_eq!(
            folder.target(&format!("ntpkey_{kind}_alice")),
            folder.target(&format!("ntpkey_{kind}_grp"))
        );
    }
    let run = quick(&folder, &["-i", "grp", "-p", "pw", "-e", "-q", "expo"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let exports = exports(&run.stdout);
    let names: Vec<&str> = exports.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["gqpar", "gqkey", "iffpar", "iffkey", "mvpar", "mvkey"]);
    let key = |index: usize| PrivateKey::from_pem(&exports[index].1, b"expo").unwrap();

    let (PrivateKey::Rsa(client), PrivateKey::Rsa(server)) = (key(0), key(1)) else { panic!("GQ") };
    let (gq, _) = GqKey::from_stored(&server).unwrap();
    assert!(gq.confirm() && client == gq.client(GqLayout::Swapped), "what every client can use");

    let (PrivateKey::Dsa(client), PrivateKey::Dsa(server)) = (key(2), key(3)) else { panic!("IFF") };
    let iff = IffKey::from_stored(&server).unwrap();
    assert!(iff.confirm() && iff.try_exchange().unwrap() && client == iff.client());
    assert!(exports[2].1.contains("-----BEGIN DSA PRIVATE KEY-----"));

    // What the client and the server of MV have must fit: gbar^xhat * ghat^xbar * E = 1.
    let (PrivateKey::Dsa(client), PrivateKey::Dsa(server)) = (key(4), key(5)) else { panic!("MV") };
    let p = Modulus::new(&client.parameters.p).unwrap();
    let product =
        p.product(&p.power(&server.private, &client.public), &p.power(&server.public, &client.private));
    assert!(p.product(&product, &server.parameters.g).is_one());

    let run = quick(&folder, &["-i", "other", "-p", "pw", "-e"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(255), ""));
    assert!(run.stderr.ends_with("ntp-keygen: no identity keys of other to export\n"), "{}", run.stderr);
}

#[test]
fn keys_that_the_classic_linked_for_the_host_are_found_for_their_group() {
    let folder = Folder::new();
    assert_eq!(classic(&folder, &["-T", "-I", "-i", "grp", "-p", "pw"]).status, Some(0));
    assert_eq!(classic(&folder, &["-i", "grp", "-p", "pw", "-e"]).stdout, "", "the classic's own");
    let run = quick(&folder, &["-i", "grp", "-p", "pw", "-e"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.starts_with("# ntpkey_iffpar_grp."), "{}", run.stdout);
    // Not those of another group.
    let run = quick(&folder, &["-i", "other", "-p", "pw", "-e"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(255), ""));
}

#[test]
fn the_layout_of_gq_can_be_chosen_and_its_keys_renewed() {
    let folder = Folder::new();
    let run = folder.keygen(&["-s", "alice@grp", "-m", "512", "-b", "512", "-G"]);
    assert!(run.stderr.contains("built with OpenSSL 1.1 cannot use this key of GQ"), "{}", run.stderr);
    let layout = ["-i", "grp", "--gq-layout", "openssl-1.1"];
    let run = quick(&folder, &[&layout[..], &["-b", "512", "-g", "-e", "-q", "x"]].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("Using GQ parameters ntpkey_GQkey_grp."), "{}", run.stderr);
    assert!(!run.stderr.contains("Generating GQ parameters"));
    let exports = exports(&run.stdout);
    let key = |index: usize| match PrivateKey::from_pem(&exports[index].1, b"x").unwrap() {
        PrivateKey::Rsa(key) => key,
        PrivateKey::Dsa(_) => panic!("GQ"),
    };
    let (client, server) = (key(0), key(1));
    assert!(server.e == server.p && client.d == server.d && client.e == server.d, "clients of both kinds");
    let (renewed, layout) = GqKey::from_stored(&server).unwrap();
    assert!(renewed.confirm() && layout == GqLayout::Swapped);
    let run = quick(&folder, &["-i", "grp", "-e"]);
    let PrivateKey::Rsa(again) = PrivateKey::from_pem(&run.stdout, b"").unwrap() else { panic!("GQ") };
    assert!(again == client, "the layout is kept");
}

#[test]
fn only_public_parts_are_shown_and_programs_are_told_the_names() {
    let folder = Folder::new();
    let run = quick(&folder, &["-d", "--format", "json"]);
    let key = PrivateKey::from_pem(&folder.read("ntpkey_host_alice"), machine().as_bytes()).unwrap();
    let PrivateKey::Rsa(key) = key else { panic!("RSA") };
    let shown = run.stderr.replace(['\n', ' ', ':'], "");
    let digits =
        |number: &Number| -> String { number.octets().iter().map(|octet| format!("{octet:02x}")).collect() };
    assert!(shown.contains(&digits(&key.n)), "{}", run.stderr);
    for secret in [&key.d, &key.p, &key.q, &key.dp, &key.dq] {
        assert!(!shown.contains(&digits(secret)[..24]));
    }
    assert!(run.stderr.contains("Issuer: CN=alice\n"));
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["files"][0]["file"], folder.target("ntpkey_host_alice"));
    assert_eq!(json["files"][1]["links"][0], "ntpkey_cert_alice");
    assert!(!quick(&folder, &["-d", "-D", "0"]).stderr.contains("Issuer"));
}
