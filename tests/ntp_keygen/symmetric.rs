//! `-M`, and the check of key files.

use super::support::{Folder, machine};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The classic text of a run, with the stamp that it used.
fn classic_run(folder: &Folder, arguments: &[&str]) -> (String, String) {
    let run = folder.keygen(&[&["--compat", "4.2.8p15"], arguments].concat());
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    let stamp = folder.target("ntp.keys").rsplit('.').next().unwrap().to_owned();
    (run.stderr.replace(&stamp, "STAMP"), stamp)
}

#[test]
fn the_classic_texts_and_names() {
    let folder = Folder::new();
    let machine = machine();
    let (text, stamp) = classic_run(&folder, &["-M"]);
    assert_eq!(
        text,
        format!(
            "Built against OpenSSL OpenSSL 1.1.1g  21 Apr 2020, using version OpenSSL 1.1.1w  11 Sep 2023\n\
             Generating new md5 file and link\nntp.keys->ntpkey_MD5key_{machine}.STAMP\n"
        )
    );
    let file = format!("ntpkey_MD5key_{machine}.{stamp}");
    assert_eq!(folder.names(), ["ntp.keys".to_owned(), file.clone()]);
    assert_eq!(folder.mode(&file), 0o600);
    let keys = folder.read(&file);
    let lines: Vec<&str> = keys.lines().collect();
    assert_eq!(lines.len(), 23);
    assert_eq!(lines[0], format!("# {file}"));
    assert_eq!(lines[2], "");
    assert_eq!(keys.len(), 1059 + machine.len() - "grp".len());

    let (text, _) = classic_run(&folder, &["-M", "-i", "grp", "-s", "bob"]);
    assert!(text.ends_with("\nntp.keys->ntpkey_MD5key_grp.STAMP\n"), "{text}");
}

#[test]
fn the_link_of_older_releases_is_made_too() {
    let folder = Folder::new();
    let machine = machine();
    let run = folder.keygen(&["--md5key"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    let file = folder.target("ntp.keys");
    assert_eq!(folder.target(&format!("ntpkey_md5_{machine}")), file);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        run.stderr,
        format!(
            "Using ntpkit version {version}\nGenerating new md5 file and link\nntp.keys->{file}\n\
             ntpkey_md5_{machine}->{file}\n"
        )
    );
}

#[test]
fn types_numbers_and_forms_can_be_chosen() {
    let folder = Folder::new();
    let run = folder.keygen(&["-M", "--stdout", "--type", "sha256,AES", "--count", "5", "--first-id", "9"]);
    assert_eq!(run.status, Some(0));
    assert_eq!(folder.names(), Vec::<String>::new());
    let rows: Vec<Vec<&str>> =
        run.stdout.lines().skip(3).map(|row| row.split_whitespace().collect()).collect();
    let heads: Vec<String> =
        rows.iter().map(|row| format!("{} {} {}", row[0], row[1], row[2].len())).collect();
    assert_eq!(
        heads,
        ["9 SHA256 64", "10 SHA256 64", "11 SHA256 64", "12 AES128CMAC 32", "13 AES128CMAC 32"]
    );

    let run = folder.keygen(&["-M", "--stdout", "--format", "json", "--count=2"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["keys"][1]["type"], "SHA1");
    assert_eq!(json["keys"][1]["secret"].as_str().unwrap().len(), 40);

    let run = folder.keygen(&["-M", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["files"][0]["file"], folder.target("ntp.keys"));
    assert!(!run.stdout.contains("secret"));
}

#[test]
fn a_wrong_command_line_changes_nothing() {
    let folder = Folder::new();
    let tail = "ntp-keygen (ntp) - Create a NTP host key - Ver. 4.2.8p15\n\
                Usage:  ntp-keygen [ -<flag> [<val>] | --<name>[{=| }<val>] ]...\n\
                Try 'ntp-keygen --help' for more information.\n";
    for (arguments, problem) in [
        (&["-Z"][..], "ntp-keygen: illegal option -- Z\n"),
        (&["--type", "SHA1"], "ntp-keygen error:  the 'type' option goes with 'md5key' only\n"),
        (&["--count", "3"], "ntp-keygen error:  the 'count' option goes with 'md5key' only\n"),
        (&["--first-id=1"], "ntp-keygen error:  the 'first-id' option goes with 'md5key' only\n"),
        (&["--literal"], "ntp-keygen error:  the 'literal' option goes with 'md5key' only\n"),
        (&["--stdout"], "ntp-keygen error:  the 'stdout' option goes with 'md5key' only\n"),
        (&["-M", "extra"], "ntp-keygen: Command line arguments are not allowed.\n"),
        (&["-M", "-i"], "ntp-keygen: The 'ident' option requires an argument.\n"),
        (&["-M", "-i", "a/b"], "ntp-keygen error:  'a/b' cannot be a part of a file's name\n"),
        (
            &["-M", "--first-id", "65530"],
            "ntp-keygen error:  20 keys starting at 65530 would exceed the last identifier, 65535\n",
        ),
        (
            &["-M", "--type", "ROT13"],
            "ntp-keygen error:  'ROT13' is not a type of symmetric keys; choose from AES128CMAC, MD4, MD5, MD5-SHA1, \
             RIPEMD160, SHA1, SHA224, SHA256, SHA3-224, SHA3-256, SHA3-384, SHA3-512, SHA384, SHA512, SHA512-224, \
             SHA512-256, SHAKE128, SHAKE256, SM3\n",
        ),
    ] {
        let run = folder.keygen(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert_eq!(run.stderr, format!("{problem}{tail}"), "{arguments:?}");
    }
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn hostile_links_are_replaced_and_files_are_kept() {
    let folder = Folder::new();
    let elsewhere = Folder::new();
    fs::write(elsewhere.join("precious"), "precious").unwrap();
    let stamp_of = |text: &str| text.rsplit('.').next().unwrap().trim().to_owned();
    // The names of the files are known beforehand, for everybody can read a clock.
    let probe = folder.keygen(&["-M"]);
    let stamp: u64 = stamp_of(&probe.stderr).parse().unwrap();
    for second in 0..5 {
        let name = format!("ntpkey_MD5key_{}.{}", machine(), stamp + second);
        drop(fs::remove_file(folder.join(&name)));
        symlink(elsewhere.join("precious"), folder.join(&name)).unwrap();
    }
    fs::remove_file(folder.join("ntp.keys")).unwrap();
    fs::write(folder.join("ntp.keys"), "1 SHA1 typed-by-hand-1234567\n").unwrap();
    let run = folder.keygen(&["-M"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(elsewhere.read("precious"), "precious");
    let file = folder.target("ntp.keys");
    assert!(!folder.join(&file).is_symlink());
    let kept = format!("ntp.keys.{}", stamp_of(&run.stderr));
    assert!(
        run.stderr.contains(&format!("ntp.keys was a regular file; it has been renamed to {kept}\n")),
        "{}",
        run.stderr
    );
    assert_eq!(folder.read(&kept), "1 SHA1 typed-by-hand-1234567\n");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    // The folders of the kernel cannot be written, not even by the superuser.
    for (compat, text) in [("none", "cannot be written: "), ("4.2.8p15", "Write: ")] {
        let output = assert_cmd::Command::cargo_bin("ntpkit")
            .unwrap()
            .current_dir("/proc")
            .args(["ntp-keygen", "--compat", compat, "-M"])
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(255), "{stderr}");
        assert!(stderr.lines().last().unwrap().contains(text), "{stderr}");
    }
}

#[test]
fn killed_at_any_moment_it_leaves_the_old_file_or_the_new() {
    let folder = Folder::new();
    let program = assert_cmd::cargo::cargo_bin("ntpkit");
    let begun = Instant::now();
    assert_eq!(folder.keygen(&["-M"]).status, Some(0));
    let whole = begun.elapsed().max(Duration::from_millis(2));
    for attempt in 0..200 {
        let mut child = Command::new(&program)
            .current_dir(folder.path())
            .args(["ntp-keygen", "-M", "-i", &format!("g{}", attempt % 7)])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * attempt / 160);
        child.kill().unwrap();
        child.wait().unwrap();
        let keys = folder.read("ntp.keys");
        assert_eq!(keys.lines().count(), 23, "attempt {attempt}");
        assert!(keys.ends_with("  # SHA1 key\n"), "attempt {attempt}");
    }
}

#[test]
fn key_files_are_checked() {
    let folder = Folder::new();
    fs::write(folder.join("good"), "1 SHA1 8a98caf52b5ab97beb7f654e33ffd938e54e0bec\n").unwrap();
    fs::write(folder.join("bad"), "1 SHA1 0123456789abcdef#x\n70000 SHA1 a\n1 FOO x\n").unwrap();
    for (name, mode) in [("good", 0o600), ("bad", 0o644)] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(folder.join(name), mode).unwrap();
    }
    let run = folder.run(&["keys", "check", "good"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), "good: daemons accept all 1 keys\n"));
    let expected = "bad: warning: readable by everybody: its keys are not secret (chmod o-rwx)\n\
                    bad:1: warning: key 1: a `#` within the secret cuts it off: daemons take only what stands before\n\
                    bad:2: error: the key identifier is above 65535\n\
                    bad:3: error: key 1: unknown key type\n\
                    bad: classic ntpd rejects the whole file; NTPsec's ntpd accepts 1 keys\n";
    for arguments in [&["keys", "check", "bad"], &["ntp-keygen", "--check", "bad"]] {
        let run = folder.run(arguments);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (Some(1), expected, ""));
    }
    let run = folder.run(&["keys", "check", "--format", "json", "bad"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["findings"][2]["code"], "identifier");
    let run = folder.run(&["keys", "check", "good", "none"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(2), "none: No such file or directory\n"));
}
