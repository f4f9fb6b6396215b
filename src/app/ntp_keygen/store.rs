//! The folder in which the files of a run are made.

use super::names::{filestamp, header};
use super::{Failure, denied};
use crate::cli::context::Context;
use crate::cli::files;
use crate::cli::output::reason;
use crate::compat::Quirk;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

/// The permissions of files with secrets.
const SECRET: u32 = 0o600;

/// The permissions of files that everybody may read.
const PUBLIC: u32 = 0o644;

/// The working folder: the place where all files are made.
pub struct Store {
    /// When the run began.
    pub started: Timestamp,
    /// The timestamp in the names of new files.
    pub stamp: u32,
    time_zone: TimeZone,
    written: Vec<Value>,
}

/// A file to make.
pub struct NewFile<'a> {
    /// What messages call it: `md5`, `host`, `cert` …
    pub kind: &'a str,
    /// Its type as its name has it: `MD5key`, `RSAhost` …
    pub file_type: &'a str,
    /// Whose it is: the host's or the group's.
    pub owner: &'a str,
    /// The links through which it is found.
    pub links: &'a [String],
    /// What follows the header.
    pub body: &'a [u8],
    /// Whether nobody else may read it.
    pub is_secret: bool,
}

impl Store {
    /// The working folder at a moment.
    pub fn new(started: Timestamp) -> Self {
        Self {
            started,
            stamp: filestamp(started),
            time_zone: crate::clock::zone::local(),
            written: Vec::new(),
        }
    }

    /// A file's name.
    pub fn name(&self, file_type: &str, owner: &str) -> String {
        format!("ntpkey_{file_type}_{owner}.{}", self.stamp)
    }

    /// A file's text: the header and what follows it.
    pub fn text(&self, name: &str, body: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(body.len() + 256));
        text.extend_from_slice(header(name, self.started, &self.time_zone).as_bytes());
        text.extend_from_slice(body);
        text
    }

    /// Makes a file and its links, and says so.
    ///
    /// # Errors
    /// The file or a link cannot be made; what stood under their names stands there still.
    pub fn make(&mut self, context: &mut Context, new: &NewFile<'_>) -> Result<(), Failure> {
        let name = self.name(new.file_type, new.owner);
        let mode = if new.is_secret { SECRET } else { PUBLIC };
        files::write(Path::new(&name), mode, &self.text(&name, new.body))
            .map_err(|error| denied(context.dialect, &name, &error))?;
        context.output.message(format!("Generating new {} file and link\n", new.kind));
        for link in new.links {
            self.keep_a_file(context, link)?;
            match files::link(Path::new(link), Path::new(&name)) {
                Ok(()) => {}
                // The classic says so and goes on.
                Err(error) if context.dialect.keeps(Quirk::KEYGEN_IGNORES_FAILURES) => {
                    context.output.message(format!("{}: {}\n", new.file_type, reason(&error)));
                }
                Err(error) => return Err(denied(context.dialect, link, &error)),
            }
            context.output.message(format!("{link}->{name}\n"));
        }
        files::keep_names(Path::new(".")).map_err(|error| denied(context.dialect, &name, &error))?;
        self.written.push(json!({ "kind": new.kind, "file": name, "links": new.links }));
        Ok(())
    }

    /// What was made, as an object for programs.
    pub fn to_json(&self) -> Value {
        json!({ "schema": "ntpkit.key-files.v1", "stamp": self.stamp, "files": self.written })
    }

    /// Gives a file that stands where a link belongs a second name, so that it outlives the link's making.
    fn keep_a_file(&self, context: &mut Context, link: &str) -> Result<(), Failure> {
        if !fs::symlink_metadata(link).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(());
        }
        let kept = format!("{link}.{}", self.stamp);
        match fs::hard_link(link, &kept) {
            Ok(()) => {
                context.output.message(format!("{link} was a regular file; it has been renamed to {kept}\n"));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let text = format!(
                    "ntp-keygen: {link} is a regular file and {kept} exists: both are left unchanged"
                );
                return Err(Failure::Failed(text));
            }
            Err(error) => return Err(denied(context.dialect, &kept, &error)),
        }
        Ok(())
    }
}
