//! Autokey's files: texts, names, statuses, what is refused and what is kept.

use super::support::{Folder, Run, machine};
use std::fs;
use std::os::unix::fs::symlink;

/// A run in the classic dialect for the host `alice`.
pub(super) fn classic(folder: &Folder, arguments: &[&str]) -> Run {
    folder.keygen(&[&["--compat", "4.2.8p15", "-s", "alice"], arguments].concat())
}

/// A run for the host and group `alice`, with quick small keys, and what it said without the warnings.
pub(super) fn quick(folder: &Folder, arguments: &[&str]) -> Run {
    let mut run = folder.keygen(&[&["-s", "alice", "-m", "512"], arguments].concat());
    let kept = run.stderr.lines().filter(|line| !line.starts_with("ntp-keygen: warning: "));
    run.stderr = kept.flat_map(|line| [line, "\n"]).collect();
    run
}

/// The text with the stamp of the host key's file replaced.
fn unstamped(folder: &Folder, text: &str) -> String {
    let stamp = folder.target("ntpkey_host_alice").rsplit('.').next().unwrap().to_owned();
    text.replace(&stamp, "STAMP")
}

const BANNER: &str =
    "Built against OpenSSL OpenSSL 1.1.1g  21 Apr 2020, using version OpenSSL 1.1.1w  11 Sep 2023\n";

#[test]
fn the_classic_course() {
    let folder = Folder::new();
    let group = machine();
    let certificate = "Using host key as sign key\nGenerating new certificate alice RSA-MD5\n\
                       X509v3 Basic Constraints: critical,CA:TRUE\nX509v3 Key Usage: digitalSignature,keyCertSign\n\
                       Generating new cert file and link\nntpkey_cert_alice->ntpkey_RSA-MD5cert_alice.STAMP\n";
    let run = classic(&folder, &[]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(
        unstamped(&folder, &run.stderr),
        format!(
            "{BANNER}Using host alice group {group}\nGenerating RSA keys (512 bits)...\n\nGenerating new host file and link\n\
             ntpkey_host_alice->ntpkey_RSAhost_alice.STAMP\n{certificate}"
        )
    );
    let again = classic(&folder, &[]);
    assert_eq!(
        unstamped(&folder, &again.stderr),
        format!(
            "{BANNER}Using host alice group {group}\nUsing host key ntpkey_RSAhost_alice.STAMP\n{certificate}"
        )
    );
    assert_eq!(folder.names().len(), 4, "{:?}", folder.names());
    let host = folder.target("ntpkey_host_alice");
    assert_eq!(folder.mode(&host), 0o600);
    let text = folder.read(&host);
    let first = format!("# {host}\n# ");
    assert!(
        text.starts_with(&first) && text.contains("\n\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n"),
        "{text}"
    );
    // Numbers that begin with zeros are shorter.
    assert!(
        [695, 708, 721, 734].contains(&text.len()),
        "the size that the classic's files have, not {}",
        text.len()
    );
}

#[test]
fn the_classic_texts_of_the_identity_schemes() {
    let folder = Folder::new();
    let run = classic(&folder, &["-i", "alice", "-I", "-G", "-b", "512", "-T"]);
    let text = unstamped(&folder, &run.stderr);
    let scheme = "Generating GQ parameters (512 bits)...\n\nConfirm u^b (u^-1)^b = 1 mod n: yes\n\
                  Confirm g^k = v^r y^b mod n: yes\nGenerating new gqkey file and link\n\
                  ntpkey_gqkey_alice->ntpkey_GQkey_alice.STAMP\n\
                  Generating IFF keys (512 bits)...\n\nConfirm g^(q - b) g^b = 1 mod p: yes\n\
                  Confirm g^k = g^(k + b r) g^(q - b) r: yes\nGenerating new iffkey file and link\n\
                  ntpkey_iffkey_alice->ntpkey_IFFkey_alice.STAMP\nGenerating new certificate alice@alice RSA-MD5\n\
                  X509v3 Basic Constraints: critical,CA:TRUE\nX509v3 Key Usage: digitalSignature,keyCertSign\n\
                  X509v3 Subject Key Identifier\nX509v3 Extended Key Usage: trustRoot\n";
    assert!(text.contains(scheme), "{text}");
    let run = classic(&folder, &["-i", "alice", "-e", "-q", "expo"]);
    let stamp = folder.target("ntpkey_host_alice").rsplit('.').next().unwrap().to_owned();
    for (what, name) in [
        ("GQ parameters", "gqpar"),
        ("GQ keys", "gqkey"),
        ("IFF parameters", "iffpar"),
        ("IFF keys", "iffkey"),
    ] {
        assert!(
            run.stderr.contains(&format!("Writing {what} ntpkey_{name}_alice.{stamp} to stdout\n")),
            "{}",
            run.stderr
        );
        assert!(run.stdout.contains(&format!("# ntpkey_{name}_alice.{stamp}\n# ")));
    }
    assert!(!run.stdout.contains("DSA PRIVATE KEY"));

    let folder = Folder::new();
    let run = classic(&folder, &["-V", "3"]);
    let text = unstamped(&folder, &run.stderr);
    let defective = text.lines().find(|line| line.starts_with("Defective keys regenerated ")).unwrap();
    let bits = text.lines().find(|line| line.starts_with("Generating polynomial")).unwrap();
    let machine = machine();
    let scheme = format!(
        "Generating MV parameters for 3 keys (85 bits)...\nBirthday keys regenerated 0\n{defective}\n{bits}\n\
         Confirm prod(gs[i]^(x[j]^i)) = 1 for all i, j: yes\nGenerating new mvta file and link\n\
         ntpkey_mvta_alice->ntpkey_MVta_{machine}.STAMP\nGenerating MV trusted-authority keys\n\
         Generating MV server keys\nGenerating 3 MV client keys\nRevoke key 3\n"
    );
    assert!(text.contains(&scheme), "{text}");
    assert!(bits.starts_with("Generating polynomial coefficients for 3 roots (25"), "{bits}");
}

#[test]
fn defaults_are_safe_and_weakness_is_told() {
    let folder = Folder::new();
    let run = folder.keygen(&["-s", "alice"]);
    assert_eq!(run.status, Some(0));
    assert!(run.stderr.contains("Generating RSA keys (2048 bits)...\n"), "{}", run.stderr);
    assert!(run.stderr.contains("Generating new certificate alice RSA-SHA256\n"));
    assert!(!run.stderr.contains("warning"));
    assert_eq!(folder.mode(&folder.target("ntpkey_cert_alice")), 0o644);
    let run = folder.keygen(&["-s", "alice", "-H", "-m", "512", "-c", "RSA-MD5", "-P"]);
    assert!(run.stderr.contains("ntp-keygen: warning: RSA keys of 512 bits are weak\n"), "{}", run.stderr);
    assert!(run.stderr.contains("ntp-keygen: warning: certificates signed with RSA-MD5 can be forged"));
    assert_eq!(folder.mode(&folder.target("ntpkey_cert_alice")), 0o600, "a private certificate is a secret");
}

#[test]
fn wrong_numbers_are_refused_with_the_reason() {
    let folder = Folder::new();
    let usage = "\nntp-keygen (ntp) - Create a NTP host key - Ver. 4.2.8p15\n";
    let range = |text: &str| format!("{text}{usage}");
    for (arguments, problem) in [
        (
            &["-m", "100"][..],
            range(
                "ntp-keygen error:  modulus option value 100 is out of range.\nit must be in the range:\n\t512 to 4096",
            ),
        ),
        (
            &["-b", "4096"],
            range(
                "ntp-keygen error:  imbits option value 4096 is out of range.\nit must be in the range:\n\t256 to 2048",
            ),
        ),
        (&["-m", "abc"], range("ntp-keygen error:  'abc' is not a recognizable number.")),
        (
            &["-l", "0"],
            range("ntp-keygen error:  lifetime option value 0 is out of range.\nit must be 1 or more"),
        ),
        (
            &["-V", "0"],
            range(
                "ntp-keygen error:  mv-params option value 0 is out of range.\nit must be in the range:\n\t1 to 99",
            ),
        ),
        (
            &["-V", "100", "-b", "2048"],
            range(
                "ntp-keygen error:  mv-params option value 100 is out of range.\nit must be in the range:\n\t1 to 99",
            ),
        ),
        (
            &["-V", "-1"],
            range(
                "ntp-keygen error:  mv-params option value -1 is out of range.\nit must be in the range:\n\t1 to 99",
            ),
        ),
        (
            &["-V", "30", "-b", "256"],
            range(
                "ntp-keygen error:  256 bits for 30 clients leave primes of 8 bits, of which there are too few;\n12 are needed: raise 'imbits'",
            ),
        ),
        (
            &["-v", "3"],
            range(
                "ntp-keygen error:  the 'mv-keys' option has never had an effect; use 'mv-params' to generate keys",
            ),
        ),
        (&["-S", "EC"], range("ntp-keygen error:  'EC' is not a type of sign keys; choose RSA or DSA")),
        (&["-m", "512", "-m", "512"], range("ntp-keygen error:  only one modulus option allowed")),
    ] {
        let run = folder.keygen(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(run.stderr.starts_with(&problem), "{arguments:?}: {}", run.stderr);
    }
    let run = classic(&folder, &["-m", "100"]);
    assert!(run.stderr.contains("\n\t256 to 2048\n"), "{}", run.stderr);
    let run = folder.keygen(&["--compat", "4.2.8p15", "-g"]);
    assert_eq!(run.status, Some(1));
    assert!(run.stderr.starts_with("ntp-keygen: illegal option -- g\n"));
    for (arguments, text) in [
        (&["-C", "bogus"][..], "Unknown cipher bogus\n"),
        (&["-C", "bogus", "--compat", "4.2.8p15"], "Unknown cipher bogus\n"),
    ] {
        let run = folder.keygen(arguments);
        assert_eq!(run.status, Some(255));
        assert!(run.stderr.ends_with(text));
    }
    assert_eq!(folder.names(), Vec::<String>::new());
}

#[test]
fn there_is_a_status_when_there_is_no_certificate() {
    for (arguments, name, cause) in [
        (
            &["-c", "RSA-SHA512"][..],
            "RSA-SHA512",
            "error:04075070:rsa routines:RSA_sign:digest too big for rsa key",
        ),
        (
            &["-S", "DSA", "-c", "MD5"],
            "RSA-MD5",
            "error:0A07806A:dsa routines:pkey_dsa_ctrl:invalid digest type",
        ),
    ] {
        let folder = Folder::new();
        let text = format!("Verify {name} certificate fails\n{cause}\n");
        let run = quick(&folder, arguments);
        assert_eq!(run.status, Some(255));
        assert!(run.stderr.ends_with(&text), "{}", run.stderr);
        let run = classic(&folder, arguments);
        assert_eq!(run.status, Some(0), "the classic's own");
        assert!(run.stderr.ends_with(&text), "{}", run.stderr);
    }
    for name in ["bogus", "RSA-MD2", "RSA-SHA", "DSA-SHA1"] {
        let folder = Folder::new();
        let run = quick(&folder, &["-c", name]);
        assert_eq!(run.status, Some(255));
        let problem = format!("Invalid digest/signature combination {name}; the schemes are ");
        assert!(run.stderr.contains(&problem) && run.stderr.contains(", RSA-SHA256"), "{}", run.stderr);
    }
}

#[test]
fn a_dsa_certificate_is_renewed() {
    let folder = Folder::new();
    assert_eq!(quick(&folder, &["-S", "DSA"]).status, Some(0));
    let run = quick(&folder, &[]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("Using sign key ntpkey_DSAsign_alice."), "{}", run.stderr);
    assert!(run.stderr.contains("Generating new certificate alice RSA-SHA256\n"));
    let folder = Folder::new();
    assert_eq!(classic(&folder, &["-S", "DSA", "-c", "SHA1"]).status, Some(0));
    let run = classic(&folder, &[]);
    assert_eq!(run.status, Some(255), "the classic's own");
    assert!(run.stderr.ends_with("Invalid digest/signature combination DSA-SHA1\n"));
    assert_eq!(quick(&folder, &["-p", &machine()]).status, Some(0));
}

#[test]
fn the_role_and_the_scheme_are_inherited() {
    let folder = Folder::new();
    quick(&folder, &["-T", "-c", "RSA-SHA224", "-i", "grp"]);
    let run = quick(&folder, &[]);
    let text = "Generating new certificate alice@grp RSA-SHA224\n";
    assert!(run.stderr.contains(text), "{}", run.stderr);
    assert!(run.stderr.contains("X509v3 Extended Key Usage: trustRoot\n"));
    let run = quick(&folder, &["-P", "-c", "SHA256"]);
    assert!(run.stderr.contains("Generating new certificate alice RSA-SHA256\n"), "{}", run.stderr);
    assert!(run.stderr.contains("X509v3 Extended Key Usage: private\n"));
}

#[test]
fn a_wrong_password_is_not_told_and_nothing_is_lost() {
    let folder = Folder::new();
    quick(&folder, &["-p", "redhat"]);
    let before: Vec<(String, String)> =
        folder.names().into_iter().map(|name| (name.clone(), folder.read(&name))).collect();
    let run = quick(&folder, &["-p", "swordfish", "-S", "RSA", "-T"]);
    assert_eq!(run.status, Some(255));
    assert!(
        run.stderr.ends_with(
            "Corrupt file ntpkey_host_alice or wrong key: bad decrypt; it was encrypted with a different password; next: ntp-keygen --password-file FILE\n"
        ),
        "{}",
        run.stderr
    );
    let run = classic(&folder, &["-p", "wrong"]);
    assert_eq!(run.status, Some(255));
    let text = "Corrupt file ntpkey_host_alice or wrong key\n\
                error:06065064:digital envelope routines:EVP_DecryptFinal_ex:bad decrypt\n";
    assert!(run.stderr.ends_with(text), "{}", run.stderr);
    let after: Vec<(String, String)> =
        folder.names().into_iter().map(|name| (name.clone(), folder.read(&name))).collect();
    assert_eq!(before, after);
}

#[test]
fn passwords_come_from_files_and_the_environment_too() {
    let folder = Folder::new();
    fs::write(folder.join("password"), "red hat\nsecond line\n").unwrap();
    assert_eq!(quick(&folder, &["--password-file", "password"]).status, Some(0));
    assert_eq!(quick(&folder, &["-p", "red hat"]).status, Some(0));
    assert_eq!(quick(&folder, &["-p", "red hat\n"]).status, Some(255));
    fs::write(folder.join(".ntprc"), "# presets\npassword red hat\n").unwrap();
    assert_eq!(quick(&folder, &[]).status, Some(0));
    assert_eq!(quick(&folder, &["-p", "x"]).status, Some(255), "the command line goes first");
    let mut command = assert_cmd::Command::cargo_bin("ntpkit").unwrap();
    command.current_dir(folder.path()).args(["ntp-keygen", "-s", "alice"]).env("HOME", "/");
    command.env("NTP_KEYGEN_PASSWORD", "y").assert().code(255);
    fs::remove_file(folder.join(".ntprc")).unwrap();
    command.env("NTP_KEYGEN_PASSWORD", "red hat").assert().code(0);
    command.env("NTP_KEYGEN_PASSWORD", "z").args(["--password-file", "password"]).assert().code(0);
    assert_eq!(quick(&folder, &["--password-file", "password", "-p", "red hat"]).status, Some(1));
    let run = quick(&folder, &["--password-file", "none"]);
    assert_eq!(run.status, Some(255));
    assert!(run.stderr.ends_with("ntp-keygen: none: No such file or directory\n"), "{}", run.stderr);
    for (octets, problem) in [
        (Vec::new(), "it contains no password"),
        (vec![b'x'; 1025], "its first line is too long for a password"),
        (vec![0xff, b'\n'], "the password is not valid UTF-8"),
    ] {
        fs::write(folder.join("password"), octets).unwrap();
        let run = quick(&folder, &["--password-file", "password"]);
        assert_eq!(run.status, Some(255));
        assert!(run.stderr.ends_with(&format!("ntp-keygen: password: {problem}\n")), "{}", run.stderr);
    }
}

#[test]
fn files_that_are_no_key_files_are_left_alone() {
    for (text, problem) in [
        ("", "Empty key file ntpkey_host_alice"),
        ("no stamp\n", "No filestamp found in ntpkey_host_alice"),
        ("# a.b\n", "Invalid filestamp found in ntpkey_host_alice"),
    ] {
        let folder = Folder::new();
        fs::write(folder.join("key"), text).unwrap();
        symlink("key", folder.join("ntpkey_host_alice")).unwrap();
        let run = quick(&folder, &[]);
        assert_eq!(run.status, Some(255));
        assert!(run.stderr.contains(&format!("{problem}: left unchanged")), "{}", run.stderr);
        assert_eq!(folder.names(), ["key", "ntpkey_host_alice"]);
        let run = classic(&folder, &[]);
        assert_eq!(run.status, Some(0));
        assert!(run.stderr.contains(&format!("{problem}\nGenerating RSA keys")), "{}", run.stderr);
        assert_eq!(folder.read("key"), text);
        assert_eq!(quick(&folder, &["-H"]).status, Some(0));
    }
    let folder = Folder::new();
    fs::write(folder.join("ntpkey_host_alice"), "# a.5\n\nnothing\n").unwrap();
    let run = classic(&folder, &["-p", "pw"]);
    let text =
        "Corrupt file ntpkey_host_alice or wrong key\nerror:0909006C:PEM routines:get_name:no start line\n";
    assert!(run.stderr.ends_with(text), "{}", run.stderr);
}

#[test]
fn stamps_of_files_that_are_read_are_used_again() {
    let folder = Folder::new();
    quick(&folder, &[]);
    let host = folder.target("ntpkey_host_alice");
    let old = folder.read(&host).replace(host.rsplit('.').next().unwrap(), "3643512889");
    fs::write(folder.join("ntpkey_RSAhost_alice.3643512889"), old).unwrap();
    fs::remove_file(folder.join("ntpkey_host_alice")).unwrap();
    symlink("ntpkey_RSAhost_alice.3643512889", folder.join("ntpkey_host_alice")).unwrap();
    let run = quick(&folder, &[]);
    assert!(run.stderr.contains("Using host key ntpkey_RSAhost_alice.3643512889\n"), "{}", run.stderr);
    assert_eq!(folder.target("ntpkey_cert_alice"), "ntpkey_RSA-SHA256cert_alice.3643512889");
    // A name for the file as it is: the next one of this name is another file.
    fs::hard_link(folder.join("ntpkey_RSA-SHA256cert_alice.3643512889"), folder.join("kept")).unwrap();
    let kept = folder.read("kept");
    quick(&folder, &["-l", "9"]);
    assert_eq!(folder.read("kept"), kept);
    assert_ne!(folder.read("ntpkey_cert_alice"), kept);
}

/// A thread that is still on its way out takes the signals that are held back while files are written, and ends the program;
/// the kernel leaves those in peace that have begun to exit. No other test of this process searches for primes.
#[test]
fn no_search_outlives_its_result() {
    /// The kernel's flag of a thread that exits (`PF_EXITING`).
    const EXITING: u32 = 4;
    for _ in 0..200 {
        ntpkit::autokey::prime::two_primes(64, |_| true).unwrap();
        let takes_signals = |stat: &String| {
            let Some((_, fields)) = stat.split_once("(primes) ") else { return false };
            let flags: u32 = fields.split(' ').nth(6).unwrap().parse().unwrap();
            flags & EXITING == 0
        };
        let searching = std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok())
            .filter(takes_signals)
            .count();
        assert_eq!(searching, 0);
    }
}
