//! The key file as `ntpdate` reads it: any fault but an unknown type or a strange mask spoils the whole file.

use crate::auth::{Key, KeyError, KeyType};
use crate::compat::{Dialect, Quirk};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Faults that are told.
const TOLD_FAULTS: usize = 5;
/// Faults after which reading ends.
const MOST_FAULTS: usize = 16;
/// The largest key file.
const LONGEST_FILE: u64 = 8 << 20;
/// The most octets of a row.
const LONGEST_ROW: usize = 511;
/// The largest number of a key; larger ones belong to another scheme.
const LARGEST_ID: i64 = 65_535;
/// Digests that the original knows by name and does not have; SHA is the one before SHA-1.
const WITHOUT_ALGORITHM: [&str; 3] = ["SHA", "MD2", "MDC2"];
/// Rights that a file of secrets should give to nobody but its owner.
const OTHERS: u32 = 0o077;

/// What reading a key file gave.
#[derive(Debug, Default)]
pub struct KeyFileReading {
    /// The keys; none if the file is spoilt.
    pub keys: BTreeMap<u32, Key>,
    /// What is to be told, in the order of the lines.
    pub messages: Vec<String>,
    /// Whether the file cannot be used at all.
    pub rejected: bool,
    /// Whether others may read it.
    pub exposed: bool,
    /// The numbers of keys of AES-CMAC, which the original tells about.
    pub cmac_rows: usize,
}

/// Reads the key file.
pub fn read(path: &Path, dialect: Dialect) -> KeyFileReading {
    let opened = File::open(path).and_then(|file| {
        let mut text = Zeroizing::new(Vec::new());
        let exposed = file.metadata()?.permissions().mode() & OTHERS != 0;
        file.take(LONGEST_FILE).read_to_end(&mut text)?;
        Ok::<_, io::Error>((text, exposed))
    });
    match opened {
        Ok((text, exposed)) => KeyFileReading { exposed, ..parse(&text, path, dialect) },
        Err(error) => KeyFileReading {
            messages: vec![format!(
                "authreadkeys: file '{}': {}",
                path.display(),
                crate::cli::output::reason(&error)
            )],
            rejected: true,
            ..KeyFileReading::default()
        },
    }
}

fn parse(text: &[u8], path: &Path, dialect: Dialect) -> KeyFileReading {
    let mut reading = KeyFileReading::default();
    let mut faults = 0;
    // The original takes what is beyond this length for another row.
    let said = |number: usize, text: &str| {
        if dialect.keeps(Quirk::KEY_FAULTS_WITHOUT_LINE) {
            format!("authreadkeys: {text}")
        } else {
            format!("authreadkeys: line {number}: {text}")
        }
    };
    // The words of a row are never repeated: the file may be another user's, or another file altogether.
    let rows = text.split(|octet| *octet == b'\n').zip(1_usize..);
    for (line, number) in
        rows.flat_map(|(line, number)| line.chunks(LONGEST_ROW).map(move |row| (row, number)))
    {
        match row(line, dialect) {
            Row::Empty => {}
            Row::Key(key, remark) => {
                reading.cmac_rows += usize::from(key.key_type() == KeyType::Aes128Cmac);
                // Of two keys with one identifier the first stands.
                reading.keys.entry(key.id()).or_insert(key);
                reading.messages.extend(remark.map(|remark| said(number, &remark)));
            }
            Row::Ignored(remark) => reading.messages.push(said(number, &remark)),
            Row::Fault(fault) => {
                faults += 1;
                if faults <= TOLD_FAULTS {
                    reading.messages.push(said(number, &fault));
                }
                if faults >= MOST_FAULTS {
                    break;
                }
            }
        }
    }
    if faults > 0 {
        let end = if faults >= MOST_FAULTS { " (emergency break)" } else { "" };
        let path = path.display();
        reading.messages.push(format!("authreadkeys: rejecting file '{path}' after {faults} error(s){end}"));
        reading.rejected = true;
        reading.keys.clear();
    }
    reading
}

/// What a line holds.
enum Row {
    Empty,
    Key(Key, Option<String>),
    Ignored(String),
    Fault(String),
}

fn row(line: &[u8], dialect: Dialect) -> Row {
    let line = line.split(|octet| matches!(octet, b'#' | 0)).next().unwrap_or_default();
    // To the original the carriage return of other systems' files belongs to the key.
    let separates = |octet: &u8| match octet {
        b' ' | b'\t' => true,
        _ => !dialect.keeps(Quirk::KEY_FILE_CARRIAGE_RETURNS) && octet.is_ascii_whitespace(),
    };
    let mut words = line.split(separates).filter(|word| !word.is_empty());
    let Some(token) = words.next() else { return Row::Empty };
    let token = token.escape_ascii().to_string();
    let id = leading_number(&token);
    if id < 1 {
        return Row::Fault(if is_number(&token) {
            format!("cannot change key {token}")
        } else {
            "cannot change key".to_owned()
        });
    }
    let Some(id) = u32::try_from(id).ok().filter(|id| i64::from(*id) <= LARGEST_ID) else {
        return Row::Fault(if is_number(&token) {
            format!("key {token} > 65535 reserved for Autokey")
        } else {
            "key > 65535 reserved for Autokey".to_owned()
        });
    };
    let Some(key_type) = words.next() else { return Row::Fault(format!("no key type for key {id}")) };
    let key_type = key_type.escape_ascii().to_string();
    let Ok(key_type) = key_type.parse::<KeyType>() else {
        let known = WITHOUT_ALGORITHM.iter().any(|name| name.eq_ignore_ascii_case(&key_type));
        let fault = if known { "no algorithm" } else { "invalid type" };
        return Row::Ignored(format!("{fault} for key {id}"));
    };
    let Some(secret) = words.next() else { return Row::Fault(format!("no key for key {id}")) };
    let key = match Key::from_key_file(id, key_type, secret) {
        Ok(key) => key,
        Err(KeyError::NotHexadecimal) => return Row::Fault(format!("invalid hex digit for key {id}")),
        Err(_) => return Row::Fault(format!("no key for key {id}")),
    };
    match words.next().map(|list| addresses(&list.escape_ascii().to_string(), id)) {
        Some(Err(Row::Ignored(remark))) => Row::Key(key, Some(remark)),
        Some(Err(other)) => other,
        Some(Ok(())) | None => Row::Key(key, None),
    }
}

/// The list of addresses that a daemon would believe with the key.
fn addresses(list: &str, id: u32) -> Result<(), Row> {
    for item in list.split(',') {
        let (address, mask) = item.split_once('/').map_or((item, None), |(ip, mask)| (ip, Some(mask)));
        let Ok(address) = address.parse::<IpAddr>() else {
            return Err(Row::Fault(format!("invalid IP address for key {id}")));
        };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        if mask.is_some_and(|mask| leading_number(mask) > longest) {
            return Err(Row::Ignored(format!("excessive subnet mask for key {id}")));
        }
    }
    Ok(())
}

fn is_number(token: &str) -> bool {
    token.len() <= 10 && token.bytes().all(|octet| octet.is_ascii_digit())
}

fn leading_number(text: &str) -> i64 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Vec<String>, bool, Vec<u32>) {
        let reading = parse(text.as_bytes(), Path::new("badkeys"), Dialect::Unsigned);
        (reading.messages, reading.rejected, reading.keys.into_keys().collect())
    }

    #[test]
    fn of_two_keys_with_one_identifier_the_first_stands() {
        let reading = parse(b"1 MD5 first\n1 SHA1 second\n", Path::new("keys"), Dialect::Unsigned);
        assert_eq!(reading.keys.get(&1).map(Key::key_type), Some(KeyType::Md5));
    }

    #[test]
    fn faults_have_the_classic_words_and_spoil_the_file() {
        let text =
            "0 MD5 a\n1\n2 MD5\n70000 MD5 a\n3 MD5 0123456789012345678901xyz\n8 MD5 a 1.2.3.4/40\n9 MD5\n";
        let expected = [
            "authreadkeys: line 1: cannot change key 0",
            "authreadkeys: line 2: no key type for key 1",
            "authreadkeys: line 3: no key for key 2",
            "authreadkeys: line 4: key 70000 > 65535 reserved for Autokey",
            "authreadkeys: line 5: invalid hex digit for key 3",
            "authreadkeys: line 6: excessive subnet mask for key 8",
            "authreadkeys: rejecting file 'badkeys' after 6 error(s)",
        ];
        assert_eq!(told(text), (expected.map(str::to_owned).to_vec(), true, vec![]));
        let many = told(&"x\n".repeat(40)).0;
        assert_eq!(many.len(), 6);
        assert_eq!(many[5], "authreadkeys: rejecting file 'badkeys' after 16 error(s) (emergency break)");
    }

    #[test]
    fn no_word_of_a_foreign_file_is_repeated() {
        let text = b"root:$6$salt$hash:19000:0:99999:7:::\n70000x MD5 a\n1 MD5 a swordfish\n2 MD5 b 10.0.0.1/99secret\n";
        for dialect in [Dialect::Unsigned, Dialect::Classic] {
            let messages = parse(text, Path::new("shadow"), dialect).messages.join("\n");
            for word in ["root", "salt", "70000x", "swordfish", "secret"] {
                assert!(!messages.contains(word), "{messages}");
            }
            assert!(messages.contains("invalid IP address for key 1"), "{messages}");
        }
    }

    #[test]
    fn what_is_too_long_is_rows_of_its_own() {
        let (messages, rejected, _) = told(&format!("1 MD5 {}\n", "a".repeat(1000)));
        assert_eq!((messages.len(), rejected), (2, true));
        assert_eq!(messages[0], "authreadkeys: line 1: cannot change key");
        assert_eq!(told("1 MD5 a\0b\n").2, [1]);
    }

    #[test]
    fn the_line_ends_of_other_systems_are_no_part_of_a_key() {
        let compute = |text: &str, dialect| {
            let reading = parse(text.as_bytes(), Path::new("keys"), dialect);
            reading.keys[&1].compute(b"message").as_bytes().to_vec()
        };
        let key = compute("1 MD5 a\n", Dialect::Classic);
        assert_eq!(compute("1 MD5 a\r\n", Dialect::Unsigned), key);
        assert_ne!(compute("1 MD5 a\r\n", Dialect::Classic), key);
    }

    #[test]
    fn an_unknown_type_costs_its_row_alone() {
        let (messages, rejected, keys) = told(
            "1 md5 a#b\n# nothing\n6 nosuch x\n3 AES128CMAC x 10.0.0.0/8,::1\n4 SHA y\n5 sha1 z\n7 md2 x",
        );
        let expected = [
            "authreadkeys: line 3: invalid type for key 6",
            "authreadkeys: line 5: no algorithm for key 4",
            "authreadkeys: line 7: no algorithm for key 7",
        ];
        assert_eq!(messages, expected);
        assert_eq!((rejected, keys), (false, vec![1, 3, 5]));
    }

    #[test]
    fn keys_of_all_types_are_taken() {
        let text: String =
            (1..).zip(KeyType::ALL).map(|(id, key_type)| format!("{id} {key_type} secret\n")).collect();
        let (messages, rejected, keys) = told(&text);
        assert_eq!((messages, rejected, keys), (vec![], false, (1..=19).collect()));
    }
}
