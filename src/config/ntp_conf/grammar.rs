//! Tokens of a line -> a statement, or the reason the daemon's parser refuses it.

use super::scanner::{Kind, Token};
use super::words::{Options, Part, Value, Words};

/// An option and its value.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The option's word.
    pub word: Token,
    /// Its value, if it takes one.
    pub value: Option<Token>,
}

/// A line that a daemon accepts, or the part that it accepts.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The command.
    pub command: Token,
    /// `-4` or `-6` before the address.
    pub family: Option<Token>,
    /// The address, network or first text.
    pub subject: Option<Token>,
    /// The mask of a restriction.
    pub mask: Option<Token>,
    /// Further texts, words and numbers.
    pub items: Vec<Token>,
    /// The options; for `trustedkey`, the first and last key of each range.
    pub options: Vec<Setting>,
}

impl Statement {
    /// Whether the command is one of these.
    pub fn is(&self, commands: &[&str]) -> bool {
        commands.contains(&self.command.text.as_str())
    }

    /// The text of the subject, or an empty string.
    pub fn subject(&self) -> &str {
        self.subject.as_ref().map_or("", |token| &token.text)
    }

    /// The option with this name.
    pub fn option(&self, name: &str) -> Option<&Setting> {
        self.options.iter().find(|setting| setting.word.text == name)
    }

    /// Whether the option is present.
    pub fn has(&self, name: &str) -> bool {
        self.option(name).is_some()
    }

    /// The numeric value of this option.
    pub fn number(&self, name: &str) -> Option<(f64, &Token)> {
        let token = self.option(name)?.value.as_ref()?;
        token.text.parse().ok().map(|number| (number, token))
    }
}

/// What the grammar allows at the point of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these words.
    Words(Vec<&'static str>),
    /// A token of this kind.
    Kind(&'static str),
    /// The end of the line.
    End,
}

/// Why the daemon's parser refuses a line.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The refused token; `None` if the line ends too early.
    pub found: Option<Token>,
    /// Offset in the line, in octets.
    pub start: usize,
    /// The option whose value was expected.
    pub option: Option<Token>,
    /// What is allowed there.
    pub expected: Expected,
}

/// Parses a line; the part understood before a refusal is returned with it.
pub fn parse(tokens: &[Token], words: &Words) -> (Option<Statement>, Option<Refusal>) {
    let Some(command) = tokens.first() else { return (None, None) };
    let parts = (command.kind == Kind::Keyword).then(|| words.parts(&command.text)).flatten();
    let Some(parts) = parts else {
        let expected = Expected::Words(words.names().collect());
        let refusal = Refusal { found: Some(command.clone()), start: command.start, option: None, expected };
        return (None, Some(refusal));
    };
    let statement = Statement {
        command: command.clone(),
        family: None,
        subject: None,
        mask: None,
        items: Vec::new(),
        options: Vec::new(),
    };
    let mut parser = Parser { tokens, at: 1, statement, further: Vec::new() };
    let refusal = parser.parts(parts).err().map(|refusal| *refusal);
    (Some(parser.statement), refusal)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    statement: Statement,
    /// The words that would have been allowed where the last part ended.
    further: Vec<&'static str>,
}

impl<'a> Parser<'a> {
    fn parts(&mut self, parts: &[Part]) -> Result<(), Box<Refusal>> {
        for part in parts {
            self.part(*part)?;
        }
        match self.peek() {
            None => Ok(()),
            Some(_) if self.further.is_empty() => Err(self.refuse(Expected::End)),
            Some(_) => {
                let further = std::mem::take(&mut self.further);
                Err(self.refuse(Expected::Words(further)))
            }
        }
    }

    fn part(&mut self, part: Part) -> Result<(), Box<Refusal>> {
        self.further.clear();
        match part {
            Part::Address => self.address("an address or a host name"),
            Part::Text => {
                let text = self.take(is_text, "a text")?;
                self.subject(text);
                Ok(())
            }
            Part::MaybeText => {
                if let Some(text) = self.take_if(is_text) {
                    self.subject(text);
                }
                Ok(())
            }
            Part::Texts => self.many(is_text, "a text"),
            Part::Addresses => {
                self.address("an address")?;
                while self.peek().is_some() {
                    self.address("an address")?;
                }
                Ok(())
            }
            Part::Integer => self.one(is_integer, "a whole number"),
            Part::Number => self.one(is_number, "a number"),
            Part::MaybeDouble => {
                let double = self.take_if(|token| token.kind == Kind::Double);
                self.statement.items.extend(double);
                Ok(())
            }
            Part::Integers => self.many(is_integer, "a whole number"),
            Part::Ranges => self.ranges(),
            Part::Word(choice) => {
                let word = self.word(choice)?;
                self.statement.items.push(word);
                Ok(())
            }
            Part::MaybeWord(choice) => {
                let word = self.take_if(|token| is_one_of(token, choice));
                if word.is_none() {
                    self.further = choice.split(' ').collect();
                }
                self.statement.items.extend(word);
                Ok(())
            }
            Part::WordOrText(choice) => {
                let item = match self.take_if(|token| is_one_of(token, choice)) {
                    Some(item) => item,
                    None => self.take(is_text, "an interface, an address or one of its words")?,
                };
                self.statement.items.push(item);
                Ok(())
            }
            Part::MaybeNumbered(name) => match self.take_if(|token| token.is(name)) {
                Some(word) => {
                    let value = self.value(&word, Value::Integer)?;
                    self.statement.options.push(Setting { word, value });
                    Ok(())
                }
                None => Ok(()),
            },
            Part::Options(options) => self.options(options),
            Part::SomeOptions(options) => {
                if self.peek().is_none() {
                    return Err(self.refuse(Expected::Words(names(options).collect())));
                }
                self.options(options)
            }
            Part::Network => self.network(false),
            Part::NetworkOfFamily => self.network(true),
            Part::Assigned => {
                self.take(|token| token.is("="), "`=` with a space before it")?;
                self.one(is_text, "a text")
            }
            Part::Skews => self.skews(),
        }
    }

    fn options(&mut self, options: Options) -> Result<(), Box<Refusal>> {
        while let Some(token) = self.peek() {
            let known = options.iter().find(|(_, names)| is_one_of(token, names));
            let Some((kind, _)) = known else {
                self.further = names(options).collect();
                return Ok(());
            };
            let word = token.clone();
            self.at += 1;
            let value = match self.value(&word, *kind) {
                Ok(value) => value,
                Err(refusal) => return Err(Box::new(Refusal { option: Some(word), ..*refusal })),
            };
            self.statement.options.push(Setting { word, value });
        }
        Ok(())
    }

    fn value(&mut self, word: &Token, kind: Value) -> Result<Option<Token>, Box<Refusal>> {
        let value = match kind {
            Value::Flag => return Ok(None),
            Value::Integer => self.take(is_integer, "a whole number"),
            Value::Whole => {
                self.take(|token| matches!(token.kind, Kind::Integer | Kind::Unsigned), "a whole number")
            }
            Value::Number => self.take(is_number, "a number"),
            Value::Boolean => {
                self.take(|token| token.is("true") || token.is("false") || is_integer(token), "0 or 1")
            }
            Value::Stratum => self.take(is_integer, "a stratum from 0 to 16"),
            Value::Text => self.take(is_text, "a text"),
            Value::Word(choice) => self.word(choice),
        };
        let value = value.map_err(|refusal| Box::new(Refusal { option: Some(word.clone()), ..*refusal }))?;
        let number: Option<i64> = value.text.parse().ok();
        let range = match kind {
            Value::Boolean if is_integer(&value) => Some((0..=1, "0 or 1")),
            Value::Stratum => Some((0..=16, "a stratum from 0 to 16")),
            _ => None,
        };
        match range {
            Some((range, what)) if number.is_none_or(|number| !range.contains(&number)) => {
                Err(Box::new(Refusal {
                    start: value.start,
                    found: Some(value),
                    option: Some(word.clone()),
                    expected: Expected::Kind(what),
                }))
            }
            _ => Ok(Some(value)),
        }
    }

    fn address(&mut self, what: &'static str) -> Result<(), Box<Refusal>> {
        if let Some(family) = self.take_if(|token| token.kind == Kind::Family) {
            self.statement.family = Some(family);
        }
        let text = self.take(is_text, what)?;
        self.subject(text);
        Ok(())
    }

    fn network(&mut self, has_masks_of_families: bool) -> Result<(), Box<Refusal>> {
        let what = "an address, `default` or `source`";
        self.statement.family = self.take_if(|token| token.kind == Kind::Family);
        let of_family = self.statement.family.is_some();
        let fits = |token: &Token| is_text(token) || token.is("default") || !of_family && token.is("source");
        let network = self.take(fits, what)?;
        let is_address = is_text(&network) && (!of_family || has_masks_of_families);
        self.subject(network);
        if is_address && self.take_if(|token| token.is("mask")).is_some() {
            self.statement.mask = Some(self.take(is_text, "a mask")?);
        }
        Ok(())
    }

    fn ranges(&mut self) -> Result<(), Box<Refusal>> {
        loop {
            if self.take_if(|token| token.is("(")).is_some() {
                let low = self.take(is_integer, "a whole number")?;
                self.take(|token| token.is("..."), "`...` between spaces")?;
                let high = self.take(is_integer, "a whole number")?;
                self.take(|token| token.is(")"), "`)`")?;
                self.statement.options.push(Setting { word: low, value: Some(high) });
            } else {
                let number = self.take(is_integer, "a key number")?;
                self.statement.items.push(number);
            }
            if self.peek().is_none() {
                return Ok(());
            }
        }
    }

    fn skews(&mut self) -> Result<(), Box<Refusal>> {
        while self.peek().is_some() {
            let poll =
                self.take(|token| token.is("default") || is_integer(token), "a poll exponent or `default`")?;
            let low = self.take(is_integer, "a whole number")?;
            self.take(|token| token.is("|"), "`|`")?;
            let high = self.take(is_integer, "a whole number")?;
            self.statement.items.extend([poll, low, high]);
        }
        Ok(())
    }

    fn subject(&mut self, token: Token) {
        if self.statement.subject.is_none() {
            self.statement.subject = Some(token);
        } else {
            self.statement.items.push(token);
        }
    }

    fn one(&mut self, fits: fn(&Token) -> bool, what: &'static str) -> Result<(), Box<Refusal>> {
        let token = self.take(fits, what)?;
        self.statement.items.push(token);
        Ok(())
    }

    fn many(&mut self, fits: fn(&Token) -> bool, what: &'static str) -> Result<(), Box<Refusal>> {
        self.one(fits, what)?;
        while self.peek().is_some() {
            self.one(fits, what)?;
        }
        Ok(())
    }

    fn word(&mut self, choice: &'static str) -> Result<Token, Box<Refusal>> {
        match self.take_if(|token| is_one_of(token, choice)) {
            Some(word) => Ok(word),
            None => Err(self.refuse(Expected::Words(choice.split(' ').collect()))),
        }
    }

    fn take(&mut self, fits: impl Fn(&Token) -> bool, what: &'static str) -> Result<Token, Box<Refusal>> {
        self.take_if(fits).ok_or_else(|| self.refuse(Expected::Kind(what)))
    }

    fn take_if(&mut self, fits: impl Fn(&Token) -> bool) -> Option<Token> {
        let token = self.peek().filter(|token| fits(token))?.clone();
        self.at += 1;
        Some(token)
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn refuse(&self, expected: Expected) -> Box<Refusal> {
        let found = self.peek().cloned();
        let end = self.tokens.last().map_or(0, |token| token.end);
        Box::new(Refusal {
            start: found.as_ref().map_or(end, |token| token.start),
            found,
            option: None,
            expected,
        })
    }
}

/// The names of all options.
fn names(options: Options) -> impl Iterator<Item = &'static str> {
    options.iter().flat_map(|(_, names)| names.split(' '))
}

fn is_one_of(token: &Token, names: &str) -> bool {
    token.kind == Kind::Keyword && names.split(' ').any(|name| name == token.text)
}

fn is_text(token: &Token) -> bool {
    token.kind == Kind::Text
}

fn is_integer(token: &Token) -> bool {
    token.kind == Kind::Integer
}

fn is_number(token: &Token) -> bool {
    matches!(token.kind, Kind::Integer | Kind::Double)
}
