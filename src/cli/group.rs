//! A group of options with a stack frame of its own.

use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches, Id};
use std::ops::{Deref, DerefMut};

/// Options that a program includes with `#[command(flatten)]`.
///
/// clap's derived code keeps each option that it declares in its frame: 56 KiB of stack for those of ntpq in one piece, and
/// each page is a page fault in a start that takes about a millisecond. Groups that are declared one after the other use the
/// same pages, if the compiler does not merge them again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Group<T>(pub T);

/// Changes an option of a program, in a stack frame of its own.
#[must_use]
#[inline(never)]
pub fn with_option(command: Command, id: &'static str, change: fn(Arg) -> Arg) -> Command {
    command.mut_arg(id, change)
}

impl<T> Deref for Group<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Group<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Args> Args for Group<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    #[inline(never)]
    fn augment_args(command: Command) -> Command {
        T::augment_args(command)
    }

    #[inline(never)]
    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: FromArgMatches> FromArgMatches for Group<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}
