//! What `openssl` makes of the files, and what `ntp-keygen` makes of openssl's.

use super::support::{Folder, machine};
use std::fs;
use std::process::{Command, Output};

/// Whether there is an `openssl` to ask. Without, it is said loudly; where everything is required, it fails.
fn is_there() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !found {
        let warning = "*** openssl is not installed: the files of ntp-keygen are NOT checked with it ***\n";
        std::io::Write::write_all(&mut std::io::stderr(), warning.as_bytes()).unwrap();
        assert_ne!(std::env::var("NTPKIT_REQUIRE_ALL").as_deref(), Ok("1"), "openssl is required");
    }
    found
}

fn openssl(folder: &Folder, arguments: &[&str]) -> Output {
    Command::new("openssl").current_dir(folder.path()).args(arguments).output().unwrap()
}

fn succeeds(folder: &Folder, arguments: &[&str]) -> String {
    let output = openssl(folder, arguments);
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn keygen(folder: &Folder, arguments: &[&str]) -> i32 {
    let run = folder.keygen(&[&["-s", "alice@grp", "-p", "secret"], arguments].concat());
    let status = run.status.unwrap();
    assert!(status == 0 || status == 255, "{arguments:?}: {}", run.stderr);
    status
}

#[test]
fn keys_are_valid_and_the_password_matters() {
    if !is_there() {
        return;
    }
    for cipher in ["des-ede3-cbc", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc"] {
        let folder = Folder::new();
        assert_eq!(
            keygen(&folder, &["-m", "1024", "-S", "DSA", "-I", "-V", "2", "-b", "512", "-C", cipher]),
            0
        );
        let host = succeeds(
            &folder,
            &["pkey", "-in", "ntpkey_host_alice", "-passin", "pass:secret", "-check", "-noout"],
        );
        assert!(host.contains("Key is valid"), "{host}");
        for link in ["ntpkey_sign_alice", "ntpkey_iffkey_grp", "ntpkey_mvta_grp"] {
            succeeds(&folder, &["pkey", "-in", link, "-passin", "pass:secret", "-noout"]);
        }
        for link in ["ntpkey_host_alice", "ntpkey_sign_alice", "ntpkey_iffkey_grp", "ntpkey_mvta_grp"] {
            let wrong = openssl(&folder, &["pkey", "-in", link, "-passin", "pass:Secret", "-noout"]);
            assert!(!wrong.status.success(), "{link} with a wrong password");
        }
        let encrypted = folder.read("ntpkey_host_alice");
        assert!(encrypted.contains("BEGIN ENCRYPTED PRIVATE KEY"));
        let mv = folder.read("ntpkey_mvta_grp");
        assert!(mv.contains("Proc-Type: 4,ENCRYPTED\nDEK-Info: "), "{mv}");
    }
}

#[test]
fn certificates_of_every_scheme_verify() {
    if !is_there() {
        return;
    }
    let folder = Folder::new();
    // Not MD4, whose signatures openssl 3.0 finds bad, the classic's too.
    for scheme in [
        "RSA-MD5",
        "RSA-SHA1",
        "RSA-SHA224",
        "RSA-SHA256",
        "RSA-SHA384",
        "RSA-SHA512",
        "RSA-RIPEMD160",
        "SHA3-224",
        "SHA3-256",
        "SHA3-384",
        "SHA3-512",
    ] {
        assert_eq!(keygen(&folder, &["-m", "1024", "-c", scheme]), 0);
        let providers: &[&str] =
            if scheme == "RSA-RIPEMD160" { &["-provider", "legacy", "-provider", "default"] } else { &[] };
        let verify = [
            "verify",
            "-auth_level",
            "0",
            "-check_ss_sig",
            "-CAfile",
            "ntpkey_cert_alice",
            "ntpkey_cert_alice",
        ];
        let (command, rest) = verify.split_at(1);
        let reported = succeeds(&folder, &[command, providers, rest].concat());
        assert!(reported.contains("ntpkey_cert_alice: OK"), "{scheme}: {reported}");
    }
}

#[test]
fn certificates_signed_with_dsa_verify() {
    if !is_there() {
        return;
    }
    let folder = Folder::new();
    assert_eq!(keygen(&folder, &["-m", "1024", "-S", "DSA", "-G", "-b", "512", "-T"]), 0);
    // openssl 3.0 does not relate the names of signatures with longer digests to DSA keys.
    for scheme in ["SHA1", "SHA224", "SHA256"] {
        assert_eq!(keygen(&folder, &["-c", scheme]), 0);
        let reported = succeeds(
            &folder,
            &[
                "verify",
                "-auth_level",
                "0",
                "-check_ss_sig",
                "-CAfile",
                "ntpkey_cert_alice",
                "ntpkey_cert_alice",
            ],
        );
        assert!(reported.contains("ntpkey_cert_alice: OK"), "{scheme}: {reported}");
    }
    let text = succeeds(&folder, &["x509", "-in", "ntpkey_cert_alice", "-noout", "-text"]);
    for part in [
        "Issuer: CN = alice@grp",
        "Trust Root",
        "Subject Key Identifier",
        "CA:TRUE",
        "Digital Signature, Certificate Sign",
    ] {
        assert!(text.contains(part) || text.contains(&part.replace(" = ", "=")), "{part}: {text}");
    }
}

#[test]
fn keys_in_the_forms_of_other_releases_are_read() {
    if !is_there() {
        return;
    }
    let machine = machine();
    for conversion in [
        &["rsa", "-traditional", "-des3"][..],
        &["rsa", "-traditional", "-aes128"],
        &["rsa", "-traditional", "-aes256"],
        &["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1"],
        &["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-iter", "10000"],
    ] {
        let folder = Folder::new();
        succeeds(&folder, &["genrsa", "-out", "plain", "1024"]);
        let (command, options) = conversion.split_at(1);
        let names = ["-in", "plain", "-out", "key", "-passout", &format!("pass:{machine}")];
        succeeds(&folder, &[command, &names[..], options].concat());
        let key = folder.read("key");
        fs::write(
            folder.join("ntpkey_host_alice"),
            format!("# ntpkey_RSAhost_alice.4004178158\n# date\n\n{key}"),
        )
        .unwrap();
        let run = folder.keygen(&["-s", "alice"]);
        assert_eq!(run.status, Some(0), "{conversion:?}: {}", run.stderr);
        assert!(run.stderr.contains("Using host key ntpkey_host_alice\n"), "{}", run.stderr);
        let certified = succeeds(&folder, &["x509", "-in", "ntpkey_cert_alice", "-noout", "-modulus"]);
        assert_eq!(certified, succeeds(&folder, &["rsa", "-in", "plain", "-noout", "-modulus"]));
    }
}
