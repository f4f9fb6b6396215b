//! How an applet of this binary is called.

use super::context::{Applet, Context, Options, compat_of};
use super::operands;
use crate::compat::{Dialect, Quirk};
use std::ffi::OsString;

impl Applet {
    /// Runs the applet, unless its command line contains a word that looks like an option but would be taken as an
    /// operand.
    pub fn call(&self, context: &mut Context) -> u8 {
        let is_classic =
            names_classic(&context.arguments).unwrap_or(context.dialect.keeps(Quirk::LATE_OPTIONS));
        let takes_late: Option<fn(&str) -> bool> = match self.options {
            Options::First if !is_classic => Some(|_| false),
            Options::FirstButFamilies if !is_classic => {
                Some(|word| word.starts_with("-4") || word.starts_with("-6"))
            }
            Options::First | Options::FirstButFamilies | Options::Anywhere => None,
        };
        if operands::need_check(&context.arguments)
            && let Err(misplaced) = operands::check(&(self.command)(), &context.arguments, takes_late)
        {
            context.output.message(format!("{}: {misplaced}\n", self.name));
            return self.usage_status;
        }
        (self.run)(context)
    }
}

/// Whether the command line selects the 4.2.8p15 dialect; `None` if it selects no dialect.
fn names_classic(arguments: &[OsString]) -> Option<bool> {
    dialect_in(arguments).map(|dialect| dialect.keeps(Quirk::LATE_OPTIONS))
}

/// The dialect selected on the command line, before it is parsed.
pub fn dialect_in(arguments: &[OsString]) -> Option<Dialect> {
    let mut chosen = None;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let word = word.to_string_lossy();
        let release = match word.strip_prefix("--compat=") {
            Some(release) => OsString::from(release),
            None if word == "--compat" => rest.next().cloned().unwrap_or_default(),
            None => continue,
        };
        chosen = compat_of(&release).ok().map(|compat| compat.dialect);
    }
    chosen
}
