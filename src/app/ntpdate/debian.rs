//! `ntpdate-debian` and what else takes the servers from the system's configuration.

use crate::cli::context::Context;
use crate::cli::files;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Debian's settings for `ntpdate`.
const SETTINGS: &str = "etc/default/ntpdate";
/// Where the servers stand, in the order of search.
const CONFIGURATIONS: [&str; 3] = ["etc/ntp.conf", "etc/ntpsec/ntp.conf", "etc/openntpd/ntpd.conf"];
/// What the address given by DHCP came with.
const DHCP: &str = "run/ntpdate.dhcp";
/// Where Red Hat's servers stand if the list of step tickers has none.
const FALLBACK: &str = "/etc/ntp.conf";
/// The most octets of a list of servers.
const LONGEST_LIST: u64 = 64 << 10;
/// The longest name of a host (RFC 1035 section 2.3.4), with a port.
const LONGEST_HOST: usize = 255 + 8;

/// The options, for the manual page and the completions.
pub fn command() -> clap::Command {
    super::command().name("ntpdate-debian").override_usage("ntpdate-debian [OPTIONS] [SERVER]...")
}

/// Runs `ntpdate` with the options and servers of the system's configuration.
pub fn run(context: &mut Context) -> u8 {
    context.arguments = arguments(Path::new("/"), &context.arguments);
    context.called = "ntpdate".into();
    super::run(context)
}

/// The whole command line: the configured options, those given, and the configured servers.
fn arguments(root: &Path, given: &[OsString]) -> Vec<OsString> {
    let settings = read(root, SETTINGS);
    let mut servers = variable(&settings, "NTPSERVERS").unwrap_or_default();
    if variable(&settings, "NTPDATE_USE_NTP_CONF").as_deref() == Some("yes") {
        let configuration = CONFIGURATIONS.iter().find(|path| root.join(path).is_file());
        if let Some(path) = configuration {
            servers = configured(&read(root, path)).join(" ");
        }
    }
    if let Some(dhcp) = variable(&read(root, DHCP), "NTPSERVERS") {
        servers = dhcp;
    }
    let options = variable(&settings, "NTPOPTIONS").unwrap_or_default();
    let words = |text: &str| text.split_whitespace().map(OsString::from).collect::<Vec<_>>();
    // What DHCP brought is a stranger's: no word of it becomes an option.
    let servers = words(&servers).into_iter().filter(|word| word.to_str().is_some_and(is_host));
    words(&options).into_iter().chain(given.iter().cloned()).chain(servers).collect()
}

/// The servers in a list of step tickers: all words but comments; those of `ntp.conf` if it has none.
///
/// # Errors
/// A message: the file cannot be read, is not a regular file of sensible size, or has a word that no host is called. The
/// word is not repeated: whoever may run the program with more rights than their own must not read files with it.
pub fn step_tickers(path: &Path) -> Result<Vec<String>, String> {
    let name = path.display();
    let octets = files::read_regular(path, LONGEST_LIST)
        .map_err(|error| format!("{name}: {}", crate::cli::output::reason(&error)))?;
    let text = String::from_utf8_lossy(&octets);
    let mut servers = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for word in line.split('#').next().unwrap_or_default().split_whitespace() {
            if !is_host(word) {
                return Err(format!("{name}, line {number}: not the name or the address of a host"));
            }
            servers.push(word.to_owned());
        }
    }
    if servers.is_empty() {
        return Ok(configured(&fs::read_to_string(FALLBACK).unwrap_or_default()));
    }
    Ok(servers)
}

/// Whether a word can be a host's name or address, `NAME:PORT` and `[ADDRESS]:PORT` included. None begins with a hyphen:
/// a word from a file must not become an option.
fn is_host(word: &str) -> bool {
    !word.starts_with('-')
        && word.len() <= LONGEST_HOST
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.:[]%".contains(letter))
}

/// The servers of a daemon's configuration, reference clocks left out.
fn configured(text: &str) -> Vec<String> {
    text.lines().filter_map(server).filter(|name| !name.starts_with("127.127.")).map(str::to_owned).collect()
}

/// The server on a line that begins with one.
fn server(line: &str) -> Option<&str> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    let mut words = line.split_whitespace();
    if !matches!(words.next()?, "server" | "servers" | "peer" | "pool") {
        return None;
    }
    let name = words.find(|word| !matches!(*word, "-4" | "-6"))?;
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.:".contains(letter));
    name.get(..end.unwrap_or(name.len())).filter(|name| !name.is_empty())
}

/// The last value that a file of the shell's assignments gives a variable, without its quotes.
fn variable(text: &str, name: &str) -> Option<String> {
    let mut values = text.lines().filter_map(|line| {
        let value = line.trim_start().trim_start_matches("export ").strip_prefix(name)?.strip_prefix('=')?;
        Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..)?.split(quote).next()?.to_owned(),
            _ => value.split(|letter: char| letter.is_whitespace() || letter == '#').next()?.to_owned(),
        })
    });
    values.by_ref().last()
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn line(files: &[(&str, &str)]) -> String {
        let root = system(files);
        let words = arguments(root.path(), &["-q".into()]);
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    const USE: &str = "# a comment\nNTPDATE_USE_NTP_CONF=yes\nNTPSERVERS=\"0.x 1.x\"\nNTPOPTIONS='-u -t 3'\n";
    const CONF: &str = "driftfile /x\npool -4 a.test iburst\n  server indented\n#server no\nserver 127.127.1.0\nserver b.test\npeer 2001:db8::1\n";

    #[test]
    fn servers_come_from_the_daemons_configuration() {
        assert_eq!(line(&[(SETTINGS, USE)]), "-u -t 3 -q 0.x 1.x");
        let expected = "-u -t 3 -q a.test b.test 2001:db8::1";
        assert_eq!(line(&[(SETTINGS, USE), ("etc/ntp.conf", CONF)]), expected);
        assert_eq!(line(&[(SETTINGS, USE), ("etc/ntpsec/ntp.conf", CONF)]), expected);
    }

    #[test]
    fn words_from_dhcp_are_no_options() {
        let dhcp = ("run/ntpdate.dhcp", "NTPSERVERS='-b 10.0.0.1 $(x) -k/etc/shadow'\n");
        assert_eq!(line(&[dhcp]), "-q 10.0.0.1");
    }

    #[test]
    fn a_list_of_step_tickers_shows_no_foreign_file() {
        let root = system(&[
            ("shadow", "a.test\nroot:$6$salt$hash:19000:0:99999:7:::\n"),
            ("long", &"a\n".repeat(40_000)),
        ]);
        let wrong = step_tickers(&root.path().join("shadow")).unwrap_err();
        assert!(wrong.ends_with("shadow, line 2: not the name or the address of a host"), "{wrong}");
        let wrong = step_tickers(&root.path().join("long")).unwrap_err();
        assert!(wrong.ends_with("long: larger than 65536 octets"), "{wrong}");
        let wrong = step_tickers(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(wrong, "/dev/zero: not a regular file");
    }

    #[test]
    fn dhcp_overrides_and_no_settings_give_nothing() {
        let dhcp = ("run/ntpdate.dhcp", "NTPSERVERS='10.0.0.1 10.0.0.2'\n");
        assert_eq!(line(&[(SETTINGS, USE), ("etc/ntp.conf", CONF), dhcp]), "-u -t 3 -q 10.0.0.1 10.0.0.2");
        assert_eq!(line(&[]), "-q");
    }

    #[test]
    fn step_tickers_are_all_words_but_comments() {
        let root = system(&[("step-tickers", "# List\nclock.test extra\n\n192.0.2.1 # here\n")]);
        let found = step_tickers(&root.path().join("step-tickers")).unwrap();
        assert_eq!(found, ["clock.test", "extra", "192.0.2.1"]);
        assert!(
            step_tickers(&root.path().join("absent")).unwrap_err().ends_with("No such file or directory")
        );
    }
}
