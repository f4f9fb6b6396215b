//! The directory where a run creates its files.

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

/// Permissions of files with secrets.
const SECRET: u32 = 0o600;

/// Permissions of public files.
const PUBLIC: u32 = 0o644;

/// The working directory, where all files are created.
pub struct Store {
    /// When the run started.
    pub started: Timestamp,
    /// The timestamp in the names of new files.
    pub stamp: u32,
    time_zone: TimeZone,
    written: Vec<Value>,
}

/// A file to create.
pub struct NewFile<'a> {
    /// Its name in messages: `md5`, `host`, `cert` …
    pub kind: &'a str,
    /// The type in its file name: `MD5key`, `RSAhost` …
    pub file_type: &'a str,
    /// Its owner: the host or the group.
    pub owner: &'a str,
    /// The links through which it is found.
    pub links: &'a [String],
    /// The contents after the header.
    pub body: &'a [u8],
    /// Whether only its owner may read it.
    pub is_secret: bool,
}

impl Store {
    /// The working directory at this time.
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

    /// Creates a file and its links, and reports it.
    ///
    /// # Errors
    /// The file or a link cannot be created; whatever had their names is unchanged.
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
                // The classic program reports it and continues.
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

    /// The created files, as an object for programs.
    pub fn to_json(&self) -> Value {
        json!({ "schema": "ntpkit.key-files.v1", "stamp": self.stamp, "files": self.written })
    }

    /// Gives a regular file in the place of a link a second name, so that it is kept when the link is created.
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
