//! The commands that add and remove associations.

use super::arguments::{addresses, words};
use super::query::Question;
use super::read;
use crate::compat::{Dialect, Quirk};
use crate::console::Shell;
use crate::console::command::{Argument, CommandResult, Failed};
use crate::wire::mode7::RequestCode;
use crate::wire::mode7::requests::{AUTHENTICATED, BURST, Changed, INITIAL_BURST, NewAssociation, PREFER};
use std::net::IpAddr;

const SYMMETRIC_ACTIVE: u8 = 1;
const CLIENT: u8 = 3;
const BROADCAST: u8 = 5;

/// The range of poll exponents.
const POLLS: std::ops::RangeInclusive<u32> = 3..=17;

pub(super) fn add_peer(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    add(shell, arguments, SYMMETRIC_ACTIVE, false)
}

pub(super) fn add_server(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    add(shell, arguments, CLIENT, false)
}

pub(super) fn add_clock(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    add(shell, arguments, CLIENT, true)
}

pub(super) fn broadcast(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    add(shell, arguments, BROADCAST, false)
}

pub(super) fn remove_peers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_peers(shell, arguments, RequestCode::UNCONFIG)
}

pub(super) fn reset_peers(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    change_peers(shell, arguments, RequestCode::RESET_PEER)
}

fn change_peers(shell: &mut Shell, arguments: &[Argument], code: RequestCode) -> CommandResult {
    let addresses = addresses(arguments);
    let changed: Vec<Changed> = addresses.iter().copied().map(Changed).collect();
    let question = Question::change(code, &changed);
    shell.change_unless(question, |shell| {
        code == RequestCode::UNCONFIG
            && read::associates(shell)
                .is_some_and(|known| !addresses.iter().any(|address| known.contains(address)))
    })
}

/// The options given by the words after the address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Options {
    key_id: u32,
    version: u32,
    mode: u32,
    minimum_poll: u32,
    maximum_poll: u32,
    flags: u8,
}

/// A bad argument.
#[derive(Clone, Debug, PartialEq, Eq)]
struct BadArgument {
    /// The message.
    line: String,
    /// Whether the classic program prints it on standard error rather than among the results.
    is_error: bool,
}

fn bad_argument(line: String, is_error: bool) -> BadArgument {
    BadArgument { line, is_error }
}

/// What the next bare number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    KeyId,
    Version,
    MinimumPoll,
    MaximumPoll,
    Mode,
    Nothing,
}

fn add(shell: &mut Shell, arguments: &[Argument], mode: u8, is_clock: bool) -> CommandResult {
    let Some(&address) = addresses(arguments).first() else { return Err(Failed) };
    let mut options = Options::default();
    let mut expected = if is_clock { Expected::Mode } else { Expected::KeyId };
    // A clock's mode has already been parsed as a number.
    if let Some(&Argument::Unsigned(mode)) = arguments.get(1) {
        options.mode = mode;
        expected = Expected::Nothing;
    }
    let words: Vec<String> = words(arguments).collect();
    let mistakes = options.read(&words, is_clock, expected, shell.settings.dialect);
    if !mistakes.is_empty() {
        for BadArgument { line, is_error } in mistakes {
            if is_error {
                shell.error(&line);
            } else {
                shell.fail_with_note(&line);
            }
        }
        return Err(Failed);
    }
    let question = Question::change(RequestCode::CONFIG, &[options.association(address, mode)]);
    shell.change_unless(question, |shell| {
        read::associates(shell).is_some_and(|known| known.contains(&address))
    })
}

impl Default for Options {
    fn default() -> Self {
        Self { key_id: 0, version: 3, mode: 0, minimum_poll: 6, maximum_poll: 10, flags: 0 }
    }
}

impl Options {
    /// Parses the words and collects all errors. A name says what the number after it means; of numbers without a name,
    /// the first is the key and the second the version. Clocks have neither.
    ///
    /// The classic program ignores a name without its number, and truncates polls to the octet that is sent. It takes
    /// anything else as the previous number.
    fn read(
        &mut self,
        words: &[String],
        is_clock: bool,
        mut expected: Expected,
        dialect: Dialect,
    ) -> Vec<BadArgument> {
        let mut mistakes = Vec::new();
        let mut last = 0_i64;
        let mut pending = None;
        for word in words {
            let named = match word.as_str() {
                "prefer" => {
                    self.flags |= PREFER;
                    continue;
                }
                "burst" => {
                    self.flags |= BURST;
                    continue;
                }
                "iburst" => {
                    self.flags |= INITIAL_BURST;
                    continue;
                }
                "keyid" if !is_clock => Some(Expected::KeyId),
                "version" if !is_clock => Some(Expected::Version),
                "minpoll" => Some(Expected::MinimumPoll),
                "maxpoll" => Some(Expected::MaximumPoll),
                _ => None,
            };
            if let Some(named) = named {
                expected = named;
                pending = Some(word);
                continue;
            }
            pending = None;
            let number = number(word);
            last = number.unwrap_or(last);
            if number.is_none() || !self.place(expected, last, dialect) {
                mistakes.push(bad_argument(format!("*** '{word}' not understood\n"), false));
                expected = Expected::Nothing;
            }
            if last < 0 && (number.is_some() || dialect.keeps(Quirk::UNSIGNED_COMPLAINTS)) {
                mistakes.push(bad_argument(format!("*** Value '{word}' should be unsigned\n"), true));
            }
            expected = if expected == Expected::KeyId { Expected::Version } else { Expected::Nothing };
        }
        if let Some(word) = pending.filter(|_| !dialect.keeps(Quirk::UNSIGNED_COMPLAINTS)) {
            mistakes.push(bad_argument(format!("*** '{word}' lacks its number\n"), false));
        }
        // An unrecognised word may have been meant for these.
        if mistakes.is_empty() || dialect.keeps(Quirk::UNSIGNED_COMPLAINTS) {
            mistakes.extend(self.check());
        }
        mistakes
    }

    /// Assigns a number to what is expected; returns whether anything is.
    fn place(&mut self, expected: Expected, number: i64, dialect: Dialect) -> bool {
        let [low, ..] = number.to_le_bytes();
        let whole = u32::try_from(number).unwrap_or(0);
        let octet = if dialect.keeps(Quirk::UNSIGNED_COMPLAINTS) { low.into() } else { whole };
        match expected {
            Expected::KeyId => self.key_id = whole,
            Expected::Version => self.version = whole,
            Expected::MinimumPoll => self.minimum_poll = octet,
            Expected::MaximumPoll => self.maximum_poll = octet,
            Expected::Mode => self.mode = octet,
            Expected::Nothing => return false,
        }
        true
    }

    fn check(&self) -> Vec<BadArgument> {
        let mut mistakes = Vec::new();
        if !(1..=4).contains(&self.version) {
            mistakes.push(bad_argument(format!("***invalid version number: {}\n", self.version), false));
        }
        let polls = [self.minimum_poll, self.maximum_poll];
        if !polls.is_sorted() || !polls.iter().all(|poll| POLLS.contains(poll)) {
            let (least, most) = (POLLS.start(), POLLS.end());
            mistakes.push(bad_argument(format!("***min/max-poll must be within {least}..{most}\n"), false));
        }
        mistakes
    }

    fn association(&self, address: IpAddr, mode: u8) -> NewAssociation {
        let octet = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        NewAssociation {
            address,
            mode,
            version: octet(self.version),
            minimum_poll: octet(self.minimum_poll),
            maximum_poll: octet(self.maximum_poll),
            flags: self.flags | if self.key_id > 0 { AUTHENTICATED } else { 0 },
            ttl: octet(self.mode),
            key_id: self.key_id,
        }
    }
}

/// A number in decimal digits, optionally with a minus sign.
fn number(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let number: i64 = word.parse().ok()?;
    (digits.bytes().all(|digit| digit.is_ascii_digit()) && i32::try_from(number).is_ok()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(dialect: Dialect, line: &str) -> (Options, Vec<BadArgument>) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut options = Options::default();
        let mistakes = options.read(&words, false, Expected::KeyId, dialect);
        (options, mistakes)
    }

    fn read(line: &str) -> Options {
        let (options, mistakes) = read_as(Dialect::Native, line);
        assert_eq!(mistakes, [], "{line}");
        assert_eq!(read_as(Dialect::Classic, line), (options.clone(), mistakes), "{line}");
        options
    }

    #[test]
    fn words_are_understood_in_any_order() {
        let options = read("5 4 iburst prefer");
        assert_eq!((options.key_id, options.version, options.flags), (5, 4, PREFER | INITIAL_BURST));
        let options = read("minpoll 5 maxpoll 8 keyid 7 version 2 burst");
        assert_eq!((options.minimum_poll, options.maximum_poll, options.key_id), (5, 8, 7));
        assert_eq!((options.version, options.flags), (2, BURST));
        assert_eq!(read("keyid 1 keyid 2").key_id, 2);
        assert_eq!(read("keyid 3 1").version, 1);
        assert_eq!(read("maxpoll prefer 9").maximum_poll, 9);
    }

    #[test]
    fn mistakes_are_reported_in_the_classic_words() {
        for (line, reported, on_error) in [
            ("bogus", "*** 'bogus' not understood\n", false),
            ("+5", "*** '+5' not understood\n", false),
            ("99999999999", "*** '99999999999' not understood\n", false),
            ("-3", "*** Value '-3' should be unsigned\n", true),
            ("keyid 4 9", "***invalid version number: 9\n", false),
            ("5 minpoll 6 9", "*** '9' not understood\n", false),
            ("1 9", "***invalid version number: 9\n", false),
            ("minpoll 2", "***min/max-poll must be within 3..17\n", false),
            ("minpoll 10 maxpoll 5", "***min/max-poll must be within 3..17\n", false),
        ] {
            for dialect in [Dialect::Native, Dialect::Classic] {
                assert_eq!(read_as(dialect, line).1, [bad_argument(reported.into(), on_error)], "{line}");
            }
        }
        let reported = |dialect, line| {
            let mistakes = read_as(dialect, line).1;
            mistakes.into_iter().map(|bad: BadArgument| bad.line).collect::<String>()
        };
        assert_eq!(reported(Dialect::Classic, "key 5"), "*** 'key' not understood\n*** '5' not understood\n");
        assert_eq!(
            reported(Dialect::Classic, "minpoll -3 keyid x"),
            "*** Value '-3' should be unsigned\n*** 'x' not understood\n*** Value 'x' should be unsigned\n\
             ***min/max-poll must be within 3..17\n"
        );
        assert_eq!(
            reported(Dialect::Native, "minpoll -3 keyid x"),
            "*** Value '-3' should be unsigned\n*** 'x' not understood\n"
        );
    }

    #[test]
    fn a_name_without_its_number_is_a_mistake_but_for_the_classic() {
        for name in ["keyid", "version", "minpoll", "maxpoll"] {
            let line = format!("prefer {name}");
            assert_eq!(read_as(Dialect::Classic, &line).1, []);
            let reported = format!("*** '{name}' lacks its number\n");
            assert_eq!(read_as(Dialect::Native, &line).1, [bad_argument(reported, false)]);
        }
        let (options, mistakes) = read_as(Dialect::Classic, "minpoll 260");
        assert_eq!((options.minimum_poll, mistakes), (4, vec![]), "the octet that is sent");
        assert_eq!(read_as(Dialect::Native, "minpoll 260").1.len(), 1);
        assert_eq!(read_as(Dialect::Classic, "1 260").1.len(), 1);
    }

    #[test]
    fn clocks_have_neither_key_nor_version() {
        let words = ["keyid".to_owned(), "5".to_owned()];
        let reported = |dialect| Options::default().read(&words, true, Expected::Nothing, dialect).len();
        assert_eq!((reported(Dialect::Classic), reported(Dialect::Native)), (2, 2));
    }
}
