//! `ntpdate-debian`, and other ways of taking the servers from the system's configuration.

use super::Program;
use super::servers::Name;
use crate::cli::context::Context;
use crate::cli::output::reason;
use crate::cli::{files, operands};
use crate::client::system_error::SystemError;
use anyhow::{Context as _, bail};
use std::ffi::OsString;
use std::io;
use std::net::IpAddr;
use std::path::Path;

/// Debian's settings for `ntpdate`.
const SETTINGS: &str = "etc/default/ntpdate";
/// The configuration files with servers, in search order.
const CONFIGURATIONS: [&str; 3] = ["etc/ntp.conf", "etc/ntpsec/ntp.conf", "etc/openntpd/ntpd.conf"];
/// The configuration received by DHCP.
const DHCP: &str = "run/ntpdate.dhcp";
/// The configuration with Red Hat's servers if the list of step tickers is empty.
const FALLBACK: &str = "etc/ntp.conf";
/// The largest list of servers, in bytes.
const LONGEST_LIST: u64 = 64 << 10;
/// The largest daemon configuration, in bytes.
const LONGEST_CONFIGURATION: u64 = 1 << 20;
/// The longest host name, and the longest label in it (RFC 1035 section 2.3.4).
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// The options, for the manual page and the completions.
pub fn command() -> clap::Command {
    super::command()
        .name("ntpdate-debian")
        .about("Set the clock once from the NTP servers that the system's configuration names")
        .override_usage("ntpdate-debian [OPTIONS] [SERVER]...")
}

/// Runs `ntpdate` with the options and servers from the system's configuration.
pub fn run(context: &mut Context) -> u8 {
    let Configured { options, servers, sources } = Configured::read(Path::new("/"));
    let given = std::mem::take(&mut context.arguments);
    context.arguments = options.into_iter().chain(given).collect();
    context.called = "ntpdate".into();
    if let Err(misplaced) = operands::check(&command(), &context.arguments, None) {
        context.output.message(format!("ntpdate-debian: {misplaced} ({})\n", rooted(SETTINGS)));
        return super::USAGE;
    }
    super::run_as(context, &Program { name: "ntpdate-debian", command, servers, sources })
}

/// What the system's configuration contains.
#[derive(Debug, Default, PartialEq, Eq)]
struct Configured {
    options: Vec<OsString>,
    servers: Vec<String>,
    sources: Sources,
}

impl Configured {
    fn read(root: &Path) -> Self {
        let mut sources = Sources::default();
        let settings = sources.read(root, SETTINGS);
        let mut origin = SETTINGS;
        let mut servers = variable(&settings, "NTPSERVERS").unwrap_or_default();
        if variable(&settings, "NTPDATE_USE_NTP_CONF").as_deref() == Some("yes") {
            match CONFIGURATIONS.iter().find(|path| root.join(path).is_file()) {
                Some(path) => {
                    origin = path;
                    servers = configured(&sources.read(root, path)).join(" ");
                }
                None => CONFIGURATIONS.iter().for_each(|path| sources.note_absence(path)),
            }
        }
        if root.join(DHCP).exists()
            && let Some(dhcp) = variable(&sources.read(root, DHCP), "NTPSERVERS")
        {
            origin = DHCP;
            servers = dhcp;
        }
        let options = variable(&settings, "NTPOPTIONS").unwrap_or_default();
        // The contents of the DHCP file are untrusted, and words in a server list are never options.
        let (servers, others): (Vec<&str>, Vec<&str>) =
            servers.split_whitespace().partition(|word| is_host(word));
        if !others.is_empty() {
            let words = if others.len() == 1 { "a word that is" } else { "words that are" };
            sources.problems.push(format!("{}: {words} not a host name, skipped", rooted(origin)));
        }
        Self {
            options: options.split_whitespace().map(OsString::from).collect(),
            servers: servers.into_iter().map(str::to_owned).collect(),
            sources,
        }
    }
}

/// The files that were searched for servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Each file, with the reason if it could not be read.
    pub files: Vec<String>,
    /// Problems found in the files.
    pub problems: Vec<String>,
}

impl Sources {
    /// The text of a file; empty if it does not exist.
    fn read(&mut self, root: &Path, path: &str) -> String {
        let shown = rooted(path);
        match files::read_regular(&root.join(path), LONGEST_CONFIGURATION) {
            Ok(octets) => {
                self.files.push(shown);
                String::from_utf8_lossy(&octets).into_owned()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.note_absence(path);
                String::new()
            }
            Err(error) => {
                self.problems.push(format!("{shown}: {}", reason(&error)));
                self.files.push(shown);
                String::new()
            }
        }
    }

    fn note_absence(&mut self, path: &str) {
        self.files.push(format!("{} (which does not exist)", rooted(path)));
    }
}

/// A path as seen on the system.
fn rooted(path: &str) -> String {
    format!("/{path}")
}

/// The servers in a list of step tickers: all words except comments; those of `ntp.conf` if there are none.
///
/// # Errors
/// The file cannot be read, is not a regular file of sensible size, or is not a server list, in which case nothing in
/// it is looked up. A name without a dot must be alone on its line, in a file that also has a full name or an address,
/// or that is called `step-tickers`. No word is repeated in a message: a user who may run the program with elevated
/// privileges must not be able to read files with it.
pub fn step_tickers(path: &Path) -> anyhow::Result<(Vec<Name>, Sources)> {
    let name = path.display();
    let octets = files::read_regular(path, LONGEST_LIST).map_err(SystemError::from);
    let octets = octets.with_context(|| name.to_string())?;
    let text = String::from_utf8_lossy(&octets);
    let lines: Vec<(u32, Vec<&str>)> = (1..)
        .zip(text.lines())
        .map(|(number, line)| {
            (number, line.split('#').next().unwrap_or_default().split_whitespace().collect())
        })
        .collect();
    let has_full_name = lines.iter().any(|(_, words)| words.iter().any(|word| is_full(word)));
    let is_named_so =
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"step-tickers"));
    let mut servers = Vec::new();
    for (number, words) in lines {
        let fault = if !words.iter().all(|word| is_host(word)) {
            "not the name or the address of a host"
        } else if words.len() > 1 && !words.iter().any(|word| is_full(word)) {
            "words that are not full host names"
        } else if !words.is_empty() && !has_full_name && !is_named_so {
            "a word, and no line has a full name or an address of a host: this is not a list of servers"
        } else {
            let shown = format!("the server on line {number} of {name}");
            servers.extend(words.iter().map(|word| Name {
                text: (*word).to_owned(),
                shown: shown.clone(),
                nts: false,
            }));
            continue;
        };
        bail!("{name}, line {number}: {fault}");
    }
    let mut sources = Sources { files: vec![name.to_string()], ..Sources::default() };
    if servers.is_empty() {
        servers = configured(&sources.read(Path::new("/"), FALLBACK)).into_iter().map(Name::from).collect();
    }
    Ok((servers, sources))
}

/// Whether a word can be a host name or address, including `NAME:PORT` and `[ADDRESS]:PORT`. A host never starts with a
/// hyphen: a word from a file must not become an option.
fn is_host(word: &str) -> bool {
    is_address(word) || is_name(without_port(word))
}

/// Whether a word is an address, or a name with a dot in it. Other words could be anything.
fn is_full(word: &str) -> bool {
    is_address(word)
        || (is_name(without_port(word)) && without_port(word).trim_end_matches('.').contains('.'))
}

fn is_address(word: &str) -> bool {
    let address = match word.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => address,
        Some((address, port)) if port.strip_prefix(':').is_some_and(is_port) => address,
        Some(_) => return false,
        None if word.matches(':').count() == 1 => without_port(word),
        None => word,
    };
    let (address, zone) = address.split_once('%').unwrap_or((address, "0"));
    let is_zone = zone.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    address.parse::<IpAddr>().is_ok() && !zone.is_empty() && is_zone
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

fn without_port(word: &str) -> &str {
    word.split_once(':').filter(|(_, port)| is_port(port)).map_or(word, |(name, _)| name)
}

/// Whether a word is a host name (RFC 1123 section 2.1): no top-level domain is numeric.
fn is_name(word: &str) -> bool {
    let name = word.strip_suffix('.').unwrap_or(word);
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= LONGEST_HOST
        && name.split('.').all(is_label)
        && last.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// The servers in a daemon's configuration, without reference clocks.
fn configured(text: &str) -> Vec<String> {
    text.lines().filter_map(server).filter(|name| !name.starts_with("127.127.")).map(str::to_owned).collect()
}

/// The server on a configuration line, if any.
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

/// The last value assigned to a variable in a file of shell assignments, without quotes.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_in<T>(list: anyhow::Result<T>) -> String {
        list.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }
    use std::fs;

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
        let Configured { options, servers, .. } = Configured::read(root.path());
        let options = options.iter().map(|word| word.to_str().unwrap());
        options.chain(["-q"]).chain(servers.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
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
    fn words_from_dhcp_are_not_options() {
        let dhcp = ("run/ntpdate.dhcp", "NTPSERVERS='-b 10.0.0.1 $(x) -k/etc/shadow'\n");
        assert_eq!(line(&[dhcp]), "-q 10.0.0.1");
        let root = system(&[dhcp]);
        let problem = "/run/ntpdate.dhcp: words that are not a host name, skipped";
        assert_eq!(Configured::read(root.path()).sources.problems, [problem]);
    }

    #[test]
    fn the_searched_files_are_recorded() {
        let files = |files: &[(&str, &str)]| Configured::read(system(files).path()).sources.files.join(", ");
        assert_eq!(files(&[]), "/etc/default/ntpdate (which does not exist)");
        assert_eq!(files(&[(SETTINGS, USE), ("etc/ntp.conf", "")]), "/etc/default/ntpdate, /etc/ntp.conf");
        let none = files(&[(SETTINGS, USE)]);
        assert!(
            none.starts_with("/etc/default/ntpdate, /etc/ntp.conf (which does not exist), /etc/ntpsec"),
            "{none}"
        );
    }

    #[test]
    fn a_list_of_step_tickers_does_not_reveal_other_files() {
        let root = system(&[
            ("shadow", "a.test\nroot:$6$salt$hash:19000:0:99999:7:::\n"),
            ("long", &"a\n".repeat(40_000)),
        ]);
        let wrong = fault_in(step_tickers(&root.path().join("shadow")));
        assert!(wrong.ends_with("shadow, line 2: not the name or the address of a host"), "{wrong}");
        for (text, fault) in [
            ("correct horse battery staple\n", "line 1: words that are not full host names"),
            ("time.test\n\ncorrect horse\n", "line 3: words that are not full host names"),
            ("# mine\nhunter2\n", "line 2: a word, and no line has a full name or an address of a host"),
            ("4111222233334444\n", "line 1: not the name or the address of a host"),
            ("time.test\n1 MD5 secret\n", "line 2: not the name or the address of a host"),
            ("127.0.0.1 localhost\nuser:pass\n", "line 2: not the name or the address of a host"),
        ] {
            let path = root.path().join("foreign");
            fs::write(&path, text).unwrap();
            let wrong = fault_in(step_tickers(&path));
            assert!(wrong.contains(fault), "{text:?}: {wrong}");
        }
        let wrong = fault_in(step_tickers(&root.path().join("long")));
        assert!(wrong.ends_with("long: larger than 65536 octets"), "{wrong}");
        let wrong = fault_in(step_tickers(Path::new("/dev/zero")));
        assert_eq!(wrong, "/dev/zero: not a regular file");
    }

    #[test]
    fn host_names_and_addresses() {
        let longest = format!("{}.test", ["a".repeat(62), "b".repeat(62), "c".repeat(62)].join("."));
        for full in [
            "a.test",
            "a.test.",
            "0.x-y.pool.ntp.org:123",
            "192.0.2.1",
            "192.0.2.1:1123",
            "2001:db8::1",
            "fe80::1%eth0",
            "[2001:db8::1]:123",
            "[::1]",
            "xn--a.xn--b",
            "_ntp._udp.test",
            &longest,
        ] {
            assert!(is_host(full) && is_full(full), "{full}");
        }
        for short in ["ntp1", "localhost", "time:123", "a1-b_c"] {
            assert!(is_host(short) && !is_full(short), "{short}");
        }
        for none in [
            "",
            "-b",
            "a..b",
            ".",
            "a-.test",
            "-a.test",
            "12345",
            "1.2.3",
            "300.0.0.1",
            "a:b:c",
            "a:99999",
            "root:x:0:0",
            "%",
            "::1%",
            "[::1",
            "[::1]x",
            "a%b",
            "caf\u{e9}.test",
            "a/b",
            &"a".repeat(64),
            &longest.repeat(2),
        ] {
            assert!(!is_host(none), "{none}");
        }
    }

    #[test]
    fn a_file_named_step_tickers_may_contain_only_short_names() {
        let root = system(&[("step-tickers", "ntp1\nntp2\n"), ("other", "ntp1\n192.0.2.1\n")]);
        for name in ["step-tickers", "other"] {
            assert_eq!(step_tickers(&root.path().join(name)).unwrap().0.len(), 2);
        }
    }

    #[test]
    fn dhcp_overrides_and_missing_settings_yield_nothing() {
        let dhcp = ("run/ntpdate.dhcp", "NTPSERVERS='10.0.0.1 10.0.0.2'\n");
        assert_eq!(line(&[(SETTINGS, USE), ("etc/ntp.conf", CONF), dhcp]), "-u -t 3 -q 10.0.0.1 10.0.0.2");
        assert_eq!(line(&[]), "-q");
    }

    #[test]
    fn step_tickers_are_all_words_except_comments() {
        let root = system(&[("step-tickers", "# List\nclock.test extra\n\n192.0.2.1 # here\n")]);
        let found = step_tickers(&root.path().join("step-tickers")).unwrap();
        let words: Vec<&str> = found.0.iter().map(|name| name.text.as_str()).collect();
        assert_eq!(words, ["clock.test", "extra", "192.0.2.1"]);
        assert!(found.0[2].shown.starts_with("the server on line 4 of /"), "{:?}", found.0[2]);
        assert!(fault_in(step_tickers(&root.path().join("absent"))).ends_with("No such file or directory"));
    }
}
