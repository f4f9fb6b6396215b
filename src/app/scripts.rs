//! What the classic Perl scripts have in common: they run `ntpq` and parse its output.

use crate::app::options::{CompatArgs, NameTimeoutArgs};
use crate::cli::applet::dialect_in;
use crate::cli::context::{Compat, Context, Terminals};
use crate::cli::exit;
use crate::cli::getopt_long::{Normal, PerlOption, normalize};
use crate::cli::output::{Output, Piece};
use crate::cli::pager;
use crate::cli::seconds;
use crate::cli::version::version_line;
use crate::compat::{Layout, Quirk};
use crate::net::host::{AddressFamily, Host};
use crate::net::interrupt;
use crate::net::names::{NameService, ReverseName};
use crate::wire::number::{atof, atoi};
use clap::{Args, FromArgMatches};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

/// The start of an `ntpq` line after which a script ignores the host.
const REFUSED: &[u8] = b"Connection refused";

/// Variables by name, as a script has parsed them.
#[derive(Debug, Default)]
pub struct ScriptVariables(BTreeMap<Vec<u8>, Vec<u8>>);

impl ScriptVariables {
    /// The text of a variable.
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name.as_bytes()).map(Vec::as_slice)
    }

    /// A variable as a number; 0 if it is not one.
    pub fn number(&self, name: &str) -> f64 {
        self.text(name).map_or(0.0, |text| atof(&String::from_utf8_lossy(text)))
    }

    /// A variable as an integer; 0 if it is not one.
    pub fn integer(&self, name: &str) -> i32 {
        self.text(name).map_or(0, |text| atoi(&String::from_utf8_lossy(text)))
    }
}

/// A script: its name, its options for the parser and in Perl, and the original's text below an error.
pub struct Script {
    /// Its name.
    pub name: &'static str,
    /// Its options.
    pub command: fn() -> clap::Command,
    /// The options of the original, and the one that selects the dialect.
    pub original: &'static [PerlOption],
    /// The title and the usage line of the original.
    pub original_usage: &'static str,
    /// The usage line.
    pub usage: &'static str,
}

/// The timeouts of a script.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct PatienceArgs {
    /// Wait no longer than this for a host
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = patience)]
    pub timeout: Duration,
    /// The time limit of name lookups.
    #[command(flatten)]
    pub names: NameTimeoutArgs,
}

fn patience(text: &str) -> anyhow::Result<Duration> {
    Ok(seconds::parse(text, Duration::from_millis(1)..=Duration::from_secs(3600))?)
}

/// The dialect of a script, and what it says of itself.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct DescribedArgs {
    /// The dialect.
    #[command(flatten)]
    pub compat: CompatArgs,
    /// Print this help and exit
    #[arg(short = 'h', visible_short_alias = '?', long)]
    pub help: bool,
    /// Print this help through $PAGER and exit
    #[arg(long)]
    pub more_help: bool,
    /// Print the version and exit
    #[arg(short = 'V', long)]
    pub version: bool,
}

/// The options of a script, which hold those that all scripts have.
pub trait ScriptArgs: FromArgMatches {
    /// Those that all have.
    fn described(&self) -> &DescribedArgs;
}

impl Script {
    /// Parses the command line, runs `work`, and returns the exit status; `misuse` is the status for usage and output
    /// errors.
    pub fn run<T: ScriptArgs>(
        &self,
        context: &mut Context,
        misuse: fn(&Context) -> u8,
        work: impl FnOnce(&mut Context, &T) -> u8,
    ) -> u8 {
        let status = match self.parse::<T>(context) {
            Ok(args) => {
                context.choose(args.described().compat.compat);
                match Description::of(args.described()) {
                    Some(wish) => {
                        self.describe(context, wish);
                        0
                    }
                    None => work(context, &args),
                }
            }
            Err(ScriptMisuse(problem)) => {
                context.output.message(problem);
                context.choose(dialect_in(&context.arguments).map(Compat::from));
                misuse(context)
            }
        };
        let unwritten = misuse(context);
        let status = exit::conclude(&mut context.output, self.name, status, unwritten);
        if status == exit::INTERRUPTED {
            interrupt::die();
        }
        status
    }

    /// Parses the command line: in the 4.2.8p15 dialect as Perl does.
    ///
    /// # Errors
    /// The error messages, and the usage.
    pub fn parse<T: FromArgMatches>(&self, context: &Context) -> Result<T, ScriptMisuse> {
        let dialect = dialect_in(&context.arguments).unwrap_or(context.dialect);
        let first = std::iter::once(OsString::from(self.name));
        let words: Vec<OsString> = if dialect.keeps(Quirk::PERL_OPTIONS) {
            let Normal { words, errors } = normalize(&context.arguments, self.original);
            if !errors.is_empty() {
                return Err(ScriptMisuse([&errors, self.original_usage.as_bytes()].concat()));
            }
            first.chain(words).collect()
        } else {
            first.chain(context.arguments.iter().cloned()).collect()
        };
        let parsed = (self.command)().infer_long_args(true).try_get_matches_from(words);
        parsed.and_then(|matches| T::from_arg_matches(&matches)).map_err(|error| {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            ScriptMisuse(format!("{}: {line}\n{}", self.name, self.usage).into_bytes())
        })
    }

    /// Prints the help or the version; the original's help goes to standard error.
    pub fn describe(&self, context: &mut Context, wish: Description) {
        let help = || (self.command)().render_help().to_string();
        match wish {
            Description::Version => context.output.result(version_line(self.name)),
            Description::Help if context.dialect.keeps(Quirk::HELP_ON_STANDARD_ERROR) => {
                context.output.message(help());
            }
            Description::Help => context.output.result(help()),
            Description::PagedHelp => pager::page(&mut context.output, &help()),
        }
    }
}

/// Information about a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// Its version.
    Version,
    /// Its options.
    Help,
    /// Its options, through a pager.
    PagedHelp,
}

impl Description {
    /// The first that is requested.
    pub fn of(args: &DescribedArgs) -> Option<Self> {
        [(args.help, Self::Help), (args.more_help, Self::PagedHelp), (args.version, Self::Version)]
            .into_iter()
            .find_map(|(is_wanted, description)| is_wanted.then_some(description))
    }
}

/// What is wrong with a command line, and the usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptMisuse(pub Vec<u8>);

/// Runs `ntpq` for this host and returns its output. Its messages are printed.
pub fn ntpq(context: &mut Context, words: &[&str], host: &str) -> Vec<u8> {
    let Some(applet) = context.applet("ntpq".as_ref()) else { return Vec::new() };
    let mut inner = Context {
        applets: context.applets,
        called: "ntpq".into(),
        // A host is never an option, whatever it looks like.
        arguments: words.iter().chain(&["--", host]).map(OsString::from).collect(),
        dialect: context.dialect,
        layout: Layout::default(),
        no_color: true,
        terminals: Terminals::default(),
        output: Output::record(),
    };
    (applet.run)(&mut inner);
    let mut results = Vec::new();
    for piece in inner.output.into_pieces() {
        match piece {
            Piece::Result(octets) => results.extend(octets),
            Piece::Message(octets) => context.output.message(octets),
        }
    }
    results
}

/// Reads variables of the daemon or of one of its associations: all of them, or one.
pub fn read_variables(
    context: &mut Context,
    association: &str,
    name: &str,
    host: &str,
) -> Option<ScriptVariables> {
    let command = format!("rv {association} {name}");
    let printed = ntpq(context, &["-n", "-c", &command], host);
    let mut variables = BTreeMap::new();
    for line in printed.split_inclusive(|octet| *octet == b'\n') {
        if line.windows(REFUSED.len()).any(|window| window == REFUSED) {
            return None;
        }
        for (name, value) in pairs(line) {
            let name: &[u8] = match name {
                b"phase" => b"offset",
                b"rootdispersion" => b"rootdisp",
                name => name,
            };
            variables.insert(name.to_vec(), value.to_vec());
        }
    }
    Some(ScriptVariables(variables))
}

/// `name=value`, where the value is followed by a comma, a blank, or both; quotes around it are removed.
fn pairs(line: &[u8]) -> Vec<(&[u8], &[u8])> {
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'_';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let Some(equals) = rest.iter().position(|octet| *octet == b'=').map(|place| at + place) else {
            break;
        };
        let before = line.get(at..equals).unwrap_or_default();
        let length = before.iter().rev().take_while(|octet| is_name(octet)).count();
        let value_at = equals + 1;
        let end = value_end(line, value_at).filter(|_| length > 0);
        let (Some(name), Some((value, next))) = (
            line.get(equals - length..equals),
            end.and_then(|(end, next)| Some((line.get(value_at..end)?, next))),
        ) else {
            at = value_at;
            continue;
        };
        let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
        let unquoted = unquoted.filter(|inner| !inner.is_empty() && !inner.contains(&b'"'));
        found.push((name, unquoted.unwrap_or(value)));
        at = next;
    }
    found
}

/// The end of the value that starts here, and the start of what follows it.
fn value_end(line: &[u8], begin: usize) -> Option<(usize, usize)> {
    let is_blank = |at: usize| line.get(at).is_some_and(u8::is_ascii_whitespace);
    let comma = line.iter().skip(begin).position(|octet| *octet == b',').map(|place| begin + place);
    let end = comma.unwrap_or(line.len());
    if comma.is_some() && is_blank(end + 1) && end > begin {
        return Some((end, end + 2));
    }
    // Up to a blank, the last one before the comma.
    (begin + 1..end).rev().find(|at| is_blank(*at)).map(|at| (at, at + 1))
}

/// The name of a host's first address, or the host as given.
pub fn canonical_name(names: &NameService, host: &str) -> String {
    let Ok(parsed) = host.parse::<Host>() else { return host.to_owned() };
    let found = names.forward(&parsed, AddressFamily::Any).ok();
    let name = found.and_then(|found| names.reverse(found.addresses.first()?.ip()));
    match name {
        Some(ReverseName::Confirmed(name) | ReverseName::Unconfirmed(name)) => name,
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Perl finds with `/(\w+)=([^,]+),?\s/g`.
    #[test]
    fn pairs_are_found_as_perl_finds_them() {
        let found = |line: &str| -> Vec<(String, String)> {
            let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
            pairs(line.as_bytes()).into_iter().map(|(name, value)| (text(name), text(value))).collect()
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            found("associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,\n"),
            [pair("associd", "0 status=0615 leap_none")]
        );
        assert_eq!(
            found("version=\"ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)\",\n"),
            [pair("version", "ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)")]
        );
        assert_eq!(
            found("processor=\"x86_64\", system=\"Linux/6.1\", leap=00, stratum=2,\n"),
            [
                pair("processor", "x86_64"),
                pair("system", "Linux/6.1"),
                pair("leap", "00"),
                pair("stratum", "2")
            ]
        );
        assert_eq!(found("a=1,b=2, c=,d=3\n"), [pair("b", "2"), pair("d", "3")]);
        assert_eq!(found("srcadr=192.0.2.11\n"), [pair("srcadr", "192.0.2.11")]);
        assert_eq!(found("x=\"a,b\", y=\"\"\n"), [pair("y", "\"\"")]);
        assert_eq!(found("nothing here, =5, \u{e9}=4 \n"), [] as [(String, String); 0]);
    }

    #[test]
    fn a_host_without_a_name_keeps_its_own() {
        let names = NameService::system(std::time::Duration::from_millis(1));
        for host in ["nosuch.invalid", "[", "192.0.2.99"] {
            assert_eq!(canonical_name(&names, host), host);
        }
    }
}
