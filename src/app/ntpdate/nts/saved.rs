//! The file in which NTS keys and cookies are kept between runs. It contains secrets: only its owner may read it.

use super::Known;
use crate::auth::aead::{Aead, AeadKey};
use crate::cli::files;
use crate::cli::output::reason;
use crate::session::nts::{Association, Validity};
use nix::fcntl::OFlag;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use thiserror::Error;
use zeroize::Zeroizing;

const SCHEMA: &str = "ntpkit.nts-keys.v1";
/// The largest file in bytes, and the most servers in it.
const LARGEST: u64 = 1 << 20;
const MAX_SERVERS: usize = 256;
/// Permissions for other users, none of which are allowed.
const OTHERS: u32 = 0o077;
const PRIVATE: u32 = 0o600;

#[derive(Serialize, Deserialize)]
struct Whole {
    schema: String,
    servers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    host: String,
    server: String,
    aead: u16,
    to_server: String,
    from_server: String,
    cookies: Vec<String>,
    not_before: i64,
    not_after: i64,
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum SavedError {
    /// It cannot be read.
    #[error("{}", reason(.0))]
    Unreadable(#[from] io::Error),
    /// It is a directory, a pipe or the like.
    #[error("not a regular file")]
    Irregular,
    /// Its secrets may have been disclosed.
    #[error("others may read or write it (chmod go= makes it private)")]
    Exposed,
    /// It has other contents.
    #[error("not a file of NTS keys")]
    Foreign,
}

/// Reads the file; a missing file counts as empty.
///
/// # Errors
/// [`SavedError`].
pub fn read(path: &Path) -> Result<Vec<Known>, SavedError> {
    let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
    let file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(SavedError::Irregular);
    }
    if about.mode() & OTHERS != 0 {
        return Err(SavedError::Exposed);
    }
    let mut octets = Zeroizing::new(Vec::new());
    file.take(LARGEST + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > LARGEST {
        return Err(SavedError::Foreign);
    }
    let whole: Whole = serde_json::from_slice(&octets).map_err(|_| SavedError::Foreign)?;
    if whole.schema != SCHEMA {
        return Err(SavedError::Foreign);
    }
    Ok(whole.servers.iter().take(MAX_SERVERS).filter_map(known).collect())
}

/// Writes the file, completely or not at all.
///
/// # Errors
/// System errors; nothing has changed then.
pub fn write<'a>(path: &Path, servers: impl Iterator<Item = &'a Known>) -> io::Result<()> {
    let servers = servers.take(MAX_SERVERS).map(entry).collect();
    let whole = Whole { schema: SCHEMA.to_owned(), servers };
    let text = Zeroizing::new(serde_json::to_vec(&whole).map_err(io::Error::from)?);
    files::write(path, PRIVATE, &text)
}

fn known(entry: &Entry) -> Option<Known> {
    let aead = Aead::from_number(entry.aead)?;
    let key = |text: &str| AeadKey::new(aead, &octets(text)?);
    let cookies: Vec<Vec<u8>> = entry.cookies.iter().filter_map(|text| octets(text)).collect();
    let association = Association::new(key(&entry.to_server)?, key(&entry.from_server)?, cookies);
    if association.cookies().len() == 0 {
        return None;
    }
    Some(Known {
        host: entry.host.clone(),
        number: 0,
        server: entry.server.parse().ok()?,
        association,
        validity: Some(Validity { not_before: entry.not_before, not_after: entry.not_after }),
        clock_disbelieved: false,
        from_file: true,
    })
}

fn entry(known: &Known) -> Entry {
    let (to_server, from_server) = known.association.keys();
    // Without a validity period the keys are useless: the next run obtains new ones.
    let validity = known.validity.unwrap_or(Validity { not_before: 0, not_after: 0 });
    Entry {
        host: known.host.clone(),
        server: known.server.to_string(),
        aead: known.association.algorithm().number(),
        to_server: hexadecimal(to_server.octets()),
        from_server: hexadecimal(from_server.octets()),
        cookies: known.association.cookies().map(hexadecimal).collect(),
        not_before: validity.not_before,
        not_after: validity.not_after,
    }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn sample() -> Known {
        let key = |octet| AeadKey::new(Aead::Aes128GcmSiv, &[octet; 16]).unwrap();
        Known {
            host: "nts.example".to_owned(),
            number: 3,
            server: "192.0.2.1:123".parse().unwrap(),
            association: Association::new(key(1), key(2), [vec![7; 68], vec![8; 68]]),
            validity: Some(Validity { not_before: 5, not_after: 9 }),
            clock_disbelieved: false,
            from_file: false,
        }
    }

    #[test]
    fn keys_are_stored_privately_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        assert!(read(&path).unwrap().is_empty(), "there is none yet");
        write(&path, [sample()].iter()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let back = read(&path).unwrap().pop().unwrap();
        assert_eq!((back.host.as_str(), back.server, back.from_file), ("nts.example", sample().server, true));
        assert_eq!(back.association.keys().0.octets(), [1; 16]);
        assert_eq!(back.association.cookies().collect::<Vec<_>>(), [&[7; 68][..], &[8; 68]]);
        assert_eq!(back.validity, sample().validity);
    }

    #[test]
    fn exposed_and_invalid_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        write(&path, [sample()].iter()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read(&path), Err(SavedError::Exposed)));
        assert!(read(folder.path()).is_err());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err());
        for text in ["", "{}", "[1]", "{\"schema\":\"other\",\"servers\":[]}"] {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            fs::write(&path, text).unwrap();
            assert!(read(&path).is_err(), "{text}");
        }
        // A broken entry affects only itself.
        write(&path, [sample(), sample()].iter()).unwrap();
        let text = fs::read_to_string(&path).unwrap().replacen("\"aead\":30", "\"aead\":15", 1);
        fs::write(&path, text).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1);
    }
}
