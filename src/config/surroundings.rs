//! What the rules need to know about the system that a configuration is for.

/// Why a file or folder cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Not checked: the configuration belongs to another system.
    NotLooked,
    /// The system's reason.
    Because(String),
}

/// The system that a configuration is for.
pub trait Surroundings {
    /// The contents of a file, up to a limit.
    ///
    /// # Errors
    /// [`Unreadable`].
    fn read(&self, path: &str) -> Result<Vec<u8>, Unreadable>;

    /// The files in a directory with this suffix, in name order.
    ///
    /// # Errors
    /// [`Unreadable`].
    fn list(&self, folder: &str, ending: &str) -> Result<Vec<String>, Unreadable>;

    /// The permissions of a file, if there is one.
    fn mode(&self, path: &str) -> Option<u32>;

    /// Why a daemon cannot write to this directory; `None` if it can, or if that was not checked.
    fn why_not_writable(&self, folder: &str) -> Option<String>;
}

/// An unknown system.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere;

impl Surroundings for Elsewhere {
    fn read(&self, _path: &str) -> Result<Vec<u8>, Unreadable> {
        Err(Unreadable::NotLooked)
    }

    fn list(&self, _folder: &str, _ending: &str) -> Result<Vec<String>, Unreadable> {
        Err(Unreadable::NotLooked)
    }

    fn mode(&self, _path: &str) -> Option<u32> {
        None
    }

    fn why_not_writable(&self, _folder: &str) -> Option<String> {
        None
    }
}
