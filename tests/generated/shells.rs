//! Asks the shells themselves for completions. A shell that is not installed is not asked, and that is reported.

use super::{completions, project};
use std::fs;
use std::process::Command;

/// What is typed, and what is to be among the words offered; with `!` in front, what is not.
const CASES: &[(&str, &[&str])] = &[
    ("ntpq -c pe", &["peers", "!rv"]),
    ("ntpq -n --command mreadv", &["mreadvar"]),
    ("ntpq --form", &["--format", "!--numeric"]),
    ("ntpq --format ", &["classic", "table", "json", "openmetrics"]),
    ("ntpq --refid ", &["hash", "ipv4"]),
    ("ntpq --compat 4", &["4.2.8p15"]),
    ("ntpq --compat n", &["ntpsec", "none"]),
    ("ntpdc --compat n", &["none", "!ntpsec"]),
    ("ntpstat --daemon ", &["ntpd", "chronyd", "ntpd-rs", "timesyncd"]),
    ("ntpkit ntpstat --daemon chr", &["chronyd", "!timesyncd"]),
    ("ntp-wait --daemon t", &["timesyncd", "!chronyd"]),
    ("ntpkit check-config --daemon ", &["ntpd", "ntpsec", "chrony", "step-tickers"]),
    ("ntp-keygen --type A", &["AES128CMAC", "!SHA1"]),
    ("ntp-keygen --type ", &["AES128CMAC", "MD5", "SHA1", "SHA3-512"]),
    ("ntp-keygen --cipher aes", &["aes-256-cbc", "!des-ede3-cbc"]),
    ("ntpdate --format ", &["classic", "json", "openmetrics"]),
    ("ntpdate -U roo", &["root"]),
    ("ntpdate --user roo", &["root"]),
    ("ntpkit ntpdate -U roo", &["root"]),
    ("ntpq know", &["known.example"]),
    ("ntp-wait know", &["known.example"]),
    ("ntpdate-debian know", &["known.example"]),
    ("ntpkit ntp-wait know", &["known.example"]),
    ("ntpkit diag know", &["known.example"]),
    ("ntpkit ping know", &["known.example"]),
    ("ntpkit nt", &["ntpq"]),
    ("ntpkit ", &["ntpq", "install", "demo"]),
    ("ntpkit ntpq -c pe", &["peers"]),
    ("ntpkit ntpq --nam", &["--name-timeout"]),
    ("ntpkit --compat 4.2.8p15 ntpq --nam", &["--name-timeout"]),
    ("ntpkit demo ca", &["campus", "!young"]),
    ("ntpkit install --un", &["--uninstall"]),
    ("ntpkit help n", &["ntpq"]),
];

/// Of what is typed, the only word it can become, as zsh inserts it.
const UNAMBIGUOUS: &[(&str, &str)] = &[
    ("ntpq -c pee", "ntpq -c peers "),
    ("ntpq --format js", "ntpq --format json "),
    ("ntpq --nam", "ntpq --name-timeout="),
    ("ntpq know", "ntpq known.example "),
    ("ntpstat --daemon chr", "ntpstat --daemon chronyd "),
    ("ntp-keygen --type AE", "ntp-keygen --type AES128CMAC "),
    ("ntp-keygen --cipher aes-2", "ntp-keygen --cipher aes-256-cbc "),
    ("ntpkit ntpq", "ntpkit ntpq "),
    ("ntpkit ntpq -c pee", "ntpkit ntpq -c peers "),
    ("ntpkit ntp-wait --daemon t", "ntpkit ntp-wait --daemon timesyncd "),
    ("ntpkit demo ca", "ntpkit demo campus "),
];

#[test]
fn scripts_are_sound() {
    for (name, _) in completions::files() {
        let shell = match name.rsplit_once('.') {
            Some((_, extension)) => extension,
            None => "zsh",
        };
        if is_there(shell) {
            assert_eq!(run(shell, &["-n", &name]), "", "{name}");
        }
    }
}

#[test]
fn bash_offers_what_fits() {
    // The function is called as bash calls it: the program, the word begun, and the word before that.
    const ASK: &str = r#"
        source "completions/$1.bash"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        registered=$(complete -p "$1")
        registered=${registered#*-F }
        "${registered%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    if !is_there("bash") {
        return;
    }
    for (typed, expected) in CASES {
        let words: Vec<&str> = typed.split(' ').collect();
        let arguments = [&["-c", ASK, "bash", words[0]], words.as_slice()].concat();
        check(typed, &run("bash", &arguments), expected);
    }
}

/// With bash-completion, the hosts are those that ssh completes.
#[test]
fn bash_offers_the_hosts_of_ssh() {
    const ASK: &str = r#"
        _known_hosts_real() { COMPREPLY=("$2-of-ssh"); }
        source completions/ntpq.bash
        COMP_WORDS=(ntpq know) COMP_CWORD=1
        _ntpq_with_hosts ntpq know ntpq
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    if is_there("bash") {
        assert_eq!(run("bash", &["-c", ASK]), "know-of-ssh\n");
    }
}

#[test]
fn fish_offers_what_fits() {
    if !is_there("fish") {
        return;
    }
    for (typed, expected) in CASES {
        let program = typed.split(' ').next().unwrap_or_default();
        let ask = format!("source completions/{program}.fish; complete -C '{typed}'");
        check(typed, &run("fish", &["--no-config", "-c", &ask]), expected);
    }
}

/// A terminal with an interactive zsh, in which a key ends each line that is typed. Completion adds words by `compadd`, which
/// records them here, beside the line as it stands in the end.
const ASK_ZSH: &str = r#"
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'autoload -Uz compinit; compinit -D -u; for file in completions/_*; do source $file; done'
    zpty -w shell 'compadd() {
        local -a words
        case " $* " in
        *" -"[AOD]" "*) ;;
        *) builtin compadd -A words "$@"; print -rl -- $words >>$HOME/offered ;;
        esac
        builtin compadd "$@"
    }'
    zpty -w shell 'next() { print -r -- "=$BUFFER=" >>$HOME/offered; BUFFER=; print -r -- LINE$((++lines))DONE; }'
    zpty -w shell 'unsetopt auto_list auto_menu; zle -N next; bindkey "^[z" next; echo $((6 * 7))READY'
    zpty -r -m shell seen '*42READY*'
    lines=0
    for typed; do
        zpty -w -n shell $typed$'\t'$'\ez'
        zpty -r -m shell seen "*LINE$((++lines))DONE*"
    done
    cat $HOME/offered
"#;

/// What zsh offers for each line, and what the line becomes.
fn asked_of_zsh(lines: &[&str]) -> Vec<(Vec<String>, String)> {
    let arguments = [&["60", "zsh", "-f", "-c", ASK_ZSH, "zsh"], lines].concat();
    let mut answers = Vec::new();
    let mut offered = Vec::new();
    for line in run("timeout", &arguments).lines() {
        match line.strip_prefix('=').and_then(|line| line.strip_suffix('=')) {
            Some(line) => answers.push((std::mem::take(&mut offered), line.to_owned())),
            None => offered.push(line.to_owned()),
        }
    }
    assert_eq!(answers.len(), lines.len());
    answers
}

#[test]
fn zsh_offers_what_fits() {
    if !is_there("zsh") {
        return;
    }
    let lines: Vec<&str> = CASES.iter().map(|(typed, _)| *typed).collect();
    for ((typed, expected), (offered, _)) in CASES.iter().zip(asked_of_zsh(&lines)) {
        check(typed, &offered.join("\n"), expected);
    }
}

#[test]
fn zsh_completes_what_is_unambiguous() {
    if !is_there("zsh") {
        return;
    }
    let lines: Vec<&str> = UNAMBIGUOUS.iter().map(|(typed, _)| *typed).collect();
    for ((_, expected), (_, line)) in UNAMBIGUOUS.iter().zip(asked_of_zsh(&lines)) {
        assert_eq!(line, *expected);
    }
}

/// The words offered, each at the beginning of a line, perhaps with a description.
fn check(typed: &str, offered: &str, expected: &[&str]) {
    let words: Vec<&str> = offered.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for word in expected {
        match word.strip_prefix('!') {
            Some(word) => assert!(!words.contains(&word), "{typed}: {word} in {words:?}"),
            None => assert!(words.contains(word), "{typed}: {word} not in {words:?}"),
        }
    }
}

fn is_there(shell: &str) -> bool {
    let there = Command::new(shell).args(["-c", "true"]).output().is_ok();
    if !there {
        eprintln!("{shell} is not installed: its completions are not tried");
    }
    there
}

/// What the shell prints, in the folder of the project. It may have nothing to complain of.
fn run(program: &str, arguments: &[&str]) -> String {
    // A host that ssh knows, and that is in the list of hosts.
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join(".ssh")).expect("a folder");
    fs::write(home.path().join(".ssh/known_hosts"), "known.example ssh-ed25519 AAAA\n").expect("a file");
    fs::write(home.path().join("hosts"), "192.0.2.1 known.example\n").expect("a file");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(project())
        .env("TERM", "dumb")
        .env("HOME", home.path())
        .env("HOSTFILE", home.path().join("hosts"))
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(problem.is_empty() && output.status.success(), "{program} {arguments:?}: {problem}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
