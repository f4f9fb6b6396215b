//! The key for requests, and messages about its file.

use crate::auth::key_file::text_of;
use crate::auth::key_row::{CarriageReturns, LineError, Row, rows};
use crate::auth::key_types::{Standing, TypeName};
use crate::auth::{Key, KeyFile, KeyFileError};
use crate::cli::output::reason;
use crate::compat::{Dialect, Quirk};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The original's default key file, and those of daemon packages.
const DEFAULT_FILES: [&str; 3] = ["etc/ntp.keys", "etc/ntp/keys", "etc/ntpsec/ntp.keys"];
/// The most faults that are reported.
const REPORTED_FAULTS: usize = 5;
/// Faults after which the original stops reading.
const MAX_FAULTS: usize = 16;
/// Permissions that nobody but the owner should have on a file of secrets.
const OTHERS: u32 = 0o077;

/// The default key file: the first of the usual ones that exists. The original knows only one.
pub fn default_file(root: &Path, dialect: Dialect) -> PathBuf {
    let [first, others @ ..] = DEFAULT_FILES.map(|path| root.join(path));
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    if dialect.keeps(Quirk::ONE_KEY_FILE) || is_there(&first) {
        return first;
    }
    others.into_iter().find(is_there).unwrap_or(first)
}

/// The result of reading a key file.
#[derive(Debug, Default)]
pub struct KeyFileReading {
    /// The requested key, if the file contains it.
    pub key: Option<Key>,
    /// Messages, in line order.
    pub messages: Vec<String>,
    /// Whether the file cannot be used at all.
    pub rejected: bool,
    /// Whether other users can read it.
    pub exposed: bool,
    /// The number of AES-CMAC rows, which the original reports.
    pub cmac_rows: usize,
}

/// Reads the key with this number from the key file.
pub fn read(path: &Path, id: i64, dialect: Dialect) -> KeyFileReading {
    let opened = File::open(path).map_err(KeyFileError::from).and_then(|file| {
        let exposed = file.metadata()?.permissions().mode() & OTHERS != 0;
        Ok((text_of(file)?, exposed))
    });
    let unusable = |error: &io::Error| KeyFileReading {
        messages: vec![format!("authreadkeys: file '{}': {}", path.display(), reason(error))],
        rejected: true,
        ..KeyFileReading::default()
    };
    match opened {
        Ok((text, exposed)) => KeyFileReading { exposed, ..parse(&text, path, id, dialect) },
        Err(KeyFileError::Unreadable(error)) => unusable(&error),
        Err(error @ KeyFileError::TooLarge) => unusable(&io::Error::other(error.to_string())),
    }
}

fn parse(text: &[u8], path: &Path, id: i64, dialect: Dialect) -> KeyFileReading {
    if dialect.keeps(Quirk::BAD_ROW_SPOILS_KEYS) {
        return parse_as_original(text, path, id, dialect);
    }
    let file = KeyFile::parse(text);
    let key = u32::try_from(id).ok().and_then(|id| file.key(id)).cloned();
    let mut messages = Vec::new();
    // Faults in other rows do not matter if the key was found.
    if key.is_none() {
        let path = path.display();
        messages.extend(file.faults().iter().take(REPORTED_FAULTS).map(|fault| format!("{path}: {fault}")));
        let more = file.faults().len().saturating_sub(REPORTED_FAULTS);
        if more > 0 {
            messages.push(format!("{path}: {more} more lines without a usable key"));
        }
    }
    KeyFileReading { key, messages, ..KeyFileReading::default() }
}

/// The original rejects the whole file for any fault except an unknown type or a strange mask.
fn parse_as_original(text: &[u8], path: &Path, id: i64, dialect: Dialect) -> KeyFileReading {
    let mut reading = KeyFileReading::default();
    let mut keys = BTreeMap::new();
    let mut faults = 0;
    let returns = if dialect.keeps(Quirk::KEY_FILE_CARRIAGE_RETURNS) {
        CarriageReturns::Kept
    } else {
        CarriageReturns::Dropped
    };
    for row in rows(text, returns) {
        let name = row.type_name();
        let (messages, spoilt): (Vec<LineError>, Vec<LineError>) =
            row.faults().into_iter().partition(|fault| *fault == LineError::LongPrefix);
        let unknown = row.id().ok().and(name).and_then(|name| type_message(name, &row));
        let is_known = unknown.is_none();
        let messages = unknown.into_iter().chain(messages.into_iter().map(|fault| problem(fault, &row)));
        reading.messages.extend(messages.map(|remark| format!("authreadkeys: {remark}")));
        for fault in &spoilt {
            faults += 1;
            if faults <= REPORTED_FAULTS {
                reading.messages.push(format!("authreadkeys: {}", problem(*fault, &row)));
            }
        }
        if faults >= MAX_FAULTS {
            break;
        }
        if is_known && let Ok(key) = row.key() {
            reading.cmac_rows += usize::from(key.key_type() == crate::auth::KeyType::Aes128Cmac);
            // Of two keys with the same identifier, the first wins.
            keys.entry(key.id()).or_insert(key);
        }
    }
    if faults > 0 {
        let end = if faults >= MAX_FAULTS { " (emergency break)" } else { "" };
        let path = path.display();
        reading.messages.push(format!("authreadkeys: rejecting file '{path}' after {faults} error(s){end}"));
        reading.rejected = true;
    } else {
        reading.key = u32::try_from(id).ok().and_then(|id| keys.remove(&id));
    }
    reading
}

/// The original's message about a key type that it does not accept.
fn type_message(name: TypeName, row: &Row<'_>) -> Option<String> {
    let what = match name.classic {
        Standing::Taken | Standing::Useless => return None,
        Standing::Unknown => "invalid type",
        Standing::NoAlgorithm => "no algorithm",
    };
    Some(format!("{what} for {}", name_of(row)))
}

/// The original's message about a fault, without words from the row: the file may be some other file, and contain
/// secrets.
fn problem(fault: LineError, row: &Row<'_>) -> String {
    let name = name_of(row);
    match fault {
        LineError::Identifier => format!("cannot change {name}"),
        LineError::IdentifierOutOfRange => format!("{name} > 65535 reserved for Autokey"),
        LineError::NoKeyType => format!("no key type for {name}"),
        LineError::KeyType(_) => format!("invalid type for {name}"),
        LineError::NoSecret => format!("no key for {name}"),
        LineError::NotHexadecimal => format!("invalid hex digit for {name}"),
        LineError::Address => format!("invalid IP address for {name}"),
        LineError::Prefix => format!("Invalid character in subnet specification in {name}"),
        LineError::LongPrefix => format!("excessive subnet mask for {name}"),
    }
}

/// Identifies a row by its line: its first word may be a secret if the file is not a key file.
fn name_of(row: &Row<'_>) -> String {
    format!("key (line {})", row.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::KeyType;
    use std::fs;

    fn reported(text: &str, id: i64) -> (Vec<String>, bool, Option<KeyType>) {
        let reading = parse(text.as_bytes(), Path::new("badkeys"), id, Dialect::Classic);
        (reading.messages, reading.rejected, reading.key.map(|key| key.key_type()))
    }

    #[test]
    fn of_two_keys_with_one_identifier_the_first_wins() {
        for dialect in [Dialect::Native, Dialect::Classic] {
            let reading = parse(b"1 MD5 first\n1 SHA1 second\n", Path::new("keys"), 1, dialect);
            assert_eq!(reading.key.map(|key| key.key_type()), Some(KeyType::Md5));
        }
    }

    #[test]
    fn faults_have_the_classic_wording_and_reject_the_file_in_the_classic_dialect() {
        let text = "0 MD5 a\n1\n2 MD5\n70000 MD5 a\n3 MD5 0123456789012345678901xyz\n8 MD5 a 1.2.3.4/40\n9 MD5\n10 MD5 a\n";
        let expected = [
            "authreadkeys: cannot change key (line 1)",
            "authreadkeys: no key type for key (line 2)",
            "authreadkeys: no key for key (line 3)",
            "authreadkeys: key (line 4) > 65535 reserved for Autokey",
            "authreadkeys: invalid hex digit for key (line 5)",
            "authreadkeys: excessive subnet mask for key (line 6)",
            "authreadkeys: rejecting file 'badkeys' after 6 error(s)",
        ];
        assert_eq!(reported(text, 10), (expected.map(str::to_owned).to_vec(), true, None));
        let many = reported(&"x\n".repeat(40), 1).0;
        assert_eq!(many.len(), 6);
        assert_eq!(many[5], "authreadkeys: rejecting file 'badkeys' after 16 error(s) (emergency break)");
        // In the default dialect the other keys remain usable.
        let reading = parse(text.as_bytes(), Path::new("badkeys"), 10, Dialect::Native);
        assert_eq!((reading.messages, reading.rejected, reading.key.is_some()), (vec![], false, true));
        let reading = parse(text.as_bytes(), Path::new("badkeys"), 9, Dialect::Native);
        assert_eq!(
            reading.messages[0],
            "badkeys: line 1: the key identifier is not a number from 1 to 65535"
        );
        assert_eq!(reading.messages.last().unwrap(), "badkeys: 1 more lines without a usable key");
    }

    #[test]
    fn no_word_of_a_key_file_is_printed() {
        let text = "root:$6$salt$hash:19000:0:99999:7:::\ncorrect horse battery staple\n4111222233334444 1111\n\
                    77 secretword\n31337 12345\n271 x\n7 MD5 my passphrase, which is long\n8 SHA1 key 192.0.2.1/secret\n9 NOSUCH hidden\n";
        let words: Vec<&str> = text.split_whitespace().filter(|word| word.len() > 2).collect();
        for dialect in [Dialect::Native, Dialect::Classic] {
            let messages = parse(text.as_bytes(), Path::new("f"), 5, dialect).messages.join("\n");
            for word in words.iter().filter(|word| !["key", "MD5", "SHA1"].contains(word)) {
                assert!(!messages.contains(word), "{word}: {messages}");
            }
        }
    }

    #[test]
    fn a_long_line_is_split_into_rows() {
        let (messages, rejected, _) = reported(&format!("1 MD5 {}\n", "a".repeat(1000)), 1);
        assert_eq!((messages.len(), rejected), (2, true));
        assert_eq!(messages[0], "authreadkeys: cannot change key (line 1)");
        assert_eq!(reported("1 MD5 a\0b\n", 1).2, Some(KeyType::Md5));
    }

    #[test]
    fn line_ends_of_other_systems_are_not_part_of_a_key() {
        let compute = |text: &str, dialect| {
            let reading = parse(text.as_bytes(), Path::new("keys"), 1, dialect);
            reading.key.unwrap().compute(b"message").as_bytes().to_vec()
        };
        let key = compute("1 MD5 a\n", Dialect::Classic);
        assert_eq!(compute("1 MD5 a\r\n", Dialect::Native), key);
        assert_ne!(compute("1 MD5 a\r\n", Dialect::Classic), key);
    }

    #[test]
    fn an_unknown_type_invalidates_only_its_row() {
        let text = "1 md5 a#b\n# nothing\n6 nosuch x\n3 AES128CMAC x 10.0.0.0/8,::1\n4 SHA y\n5 sha1 z\n7 md2 x\n8 AES x\n";
        let expected = [
            "authreadkeys: invalid type for key (line 3)",
            "authreadkeys: no algorithm for key (line 5)",
            "authreadkeys: no algorithm for key (line 7)",
            "authreadkeys: invalid type for key (line 8)",
        ];
        assert_eq!(
            reported(text, 3),
            (expected.map(str::to_owned).to_vec(), false, Some(KeyType::Aes128Cmac))
        );
        assert_eq!(reported(text, 8).2, None, "the original does not know AES");
        let reading = parse(text.as_bytes(), Path::new("keys"), 8, Dialect::Native);
        assert_eq!(reading.key.map(|key| key.key_type()), Some(KeyType::Aes128Cmac));
    }

    #[test]
    fn keys_of_all_types_are_accepted() {
        let text: String =
            (1..).zip(KeyType::ALL).map(|(id, key_type)| format!("{id} {key_type} secret\n")).collect();
        for (id, key_type) in (1..).zip(KeyType::ALL) {
            for dialect in [Dialect::Native, Dialect::Classic] {
                let reading = parse(text.as_bytes(), Path::new("keys"), id, dialect);
                assert_eq!(
                    (reading.messages, reading.key.map(|key| key.key_type())),
                    (vec![], Some(key_type))
                );
            }
        }
    }

    #[test]
    fn the_first_existing_default_file_is_read() {
        let root = tempfile::tempdir().unwrap();
        let file = |dialect| default_file(root.path(), dialect).strip_prefix(root.path()).unwrap().to_owned();
        assert_eq!(file(Dialect::Native), Path::new("etc/ntp.keys"), "none exists");
        for (path, chosen) in [
            ("etc/ntpsec/ntp.keys", "etc/ntpsec/ntp.keys"),
            ("etc/ntp/keys", "etc/ntp/keys"),
            ("etc/ntp.keys", "etc/ntp.keys"),
        ] {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            fs::write(root.path().join(path), "").unwrap();
            assert_eq!(file(Dialect::Native), Path::new(chosen));
            assert_eq!(file(Dialect::Classic), Path::new("etc/ntp.keys"));
        }
    }
}
