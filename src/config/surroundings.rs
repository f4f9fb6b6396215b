//! What a configuration's rules ask about the system that it is for.

/// Why a file or folder cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nobody looked: the configuration is another system's.
    NotLooked,
    /// The system's reason.
    Because(String),
}

/// The system that a configuration is for.
pub trait Surroundings {
    /// The octets of a file, bounded.
    ///
    /// # Errors
    /// [`Unreadable`].
    fn read(&self, path: &str) -> Result<Vec<u8>, Unreadable>;

    /// The files of a folder with this ending, in the order of their names.
    ///
    /// # Errors
    /// [`Unreadable`].
    fn list(&self, folder: &str, ending: &str) -> Result<Vec<String>, Unreadable>;

    /// The permissions of a file, if there is one.
    fn mode(&self, path: &str) -> Option<u32>;

    /// Why a daemon cannot write into this folder; nothing if it can, or nobody looked.
    fn why_not_writable(&self, folder: &str) -> Option<String>;
}

/// A system of which nothing is known.
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
