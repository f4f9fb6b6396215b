//! Symmetric keys: random secrets, and the rows of a key file.

use crate::auth::KeyType;
use anyhow::bail;
use rand::TryRng;
use serde::Serialize;
use std::io;
use zeroize::Zeroizing;

/// The most characters of a secret that is not a number.
const LITERAL_LENGTH: usize = 20;

/// The characters of a secret for AES-128, which takes exactly this many octets.
const AES_LENGTH: usize = 16;

/// The characters of such secrets: all visible ones except the comment character.
fn is_literal(octet: u8) -> bool {
    octet.is_ascii_graphic() && octet != b'#'
}

/// Those that also need no escaping in a command of ntpq and ntpdc, where `"` and `>` do, or between the quotes of a
/// shell.
fn is_typable(octet: u8) -> bool {
    is_literal(octet) && !matches!(octet, b'"' | b'\'' | b'>' | b'\\')
}

/// The keys to generate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    types: Vec<KeyType>,
    count: u16,
    first_id: u16,
    is_literal: bool,
}

impl Plan {
    /// Keys of these types (MD5 and SHA1 if empty), `count` in total, numbered from `first_id`. If `is_literal`, all
    /// secrets can be typed: the classic ntpq and ntpdc use hexadecimal digits literally as the secret.
    ///
    /// # Errors
    /// A message if there are not enough identifiers, or fewer keys than types.
    pub fn new(types: &[KeyType], count: u16, first_id: u16, is_literal: bool) -> anyhow::Result<Self> {
        if u32::from(first_id) + u32::from(count) - 1 > u32::from(u16::MAX) {
            bail!("{count} keys starting at {first_id} would exceed the last identifier, 65535");
        }
        let types = if types.is_empty() { vec![KeyType::Md5, KeyType::Sha1] } else { types.to_vec() };
        Ok(Self { types, count, first_id, is_literal })
    }

    /// The type of each key: equal shares, larger shares first.
    fn types(&self) -> impl Iterator<Item = KeyType> {
        let (count, kinds) = (usize::from(self.count), self.types.len().max(1));
        let shares = self.types.iter().zip(0..).map(move |(&key_type, index)| {
            let share = count / kinds + usize::from(index < count % kinds);
            std::iter::repeat_n(key_type, share)
        });
        shares.flatten()
    }

    /// Generates the keys.
    ///
    /// # Errors
    /// The source of randomness fails.
    pub fn generate<R: TryRng>(&self, random: &mut R) -> Result<Vec<SymmetricKey>, R::Error> {
        self.types()
            .zip(self.first_id..=u16::MAX)
            .map(|(key_type, id)| Ok(SymmetricKey { id, key_type, secret: self.secret(key_type, random)? }))
            .collect()
    }

    /// A secret as daemons read it: up to 20 characters are literal, longer ones hexadecimal.
    fn secret<R: TryRng>(&self, key_type: KeyType, random: &mut R) -> Result<Zeroizing<String>, R::Error> {
        match (octets(key_type), key_type) {
            (Some(octets), _) if !self.is_literal => hexadecimal(octets, random),
            (_, KeyType::Aes128Cmac) => literal(AES_LENGTH, is_typable, random),
            _ => literal(LITERAL_LENGTH, if self.is_literal { is_typable } else { is_literal }, random),
        }
    }
}

/// The row of a key in a key file.
pub struct SymmetricKey {
    id: u16,
    key_type: KeyType,
    secret: Zeroizing<String>,
}

/// The keys as an object for programs on a single line; it contains the secrets.
///
/// # Errors
/// None: writing to memory cannot fail.
pub fn to_json(keys: &[SymmetricKey]) -> io::Result<Zeroizing<Vec<u8>>> {
    #[derive(Serialize)]
    struct Keys<'a> {
        keys: Vec<Key<'a>>,
        schema: &'static str,
    }
    #[derive(Serialize)]
    struct Key<'a> {
        id: u16,
        secret: &'a str,
        r#type: &'static str,
    }
    let listed =
        keys.iter().map(|key| Key { id: key.id, secret: &key.secret, r#type: key.key_type.name() }).collect();
    // As for the rows. Every character of a secret may need escaping.
    let mut text = Zeroizing::new(Vec::with_capacity(64 + keys.len() * 240));
    serde_json::to_writer(&mut *text, &Keys { keys: listed, schema: "ntpkit.keys.v1" })?;
    text.push(b'\n');
    Ok(text)
}

/// The rows of a key file.
pub fn rows(keys: &[SymmetricKey]) -> Zeroizing<String> {
    // Capacity for everything in advance: growing would leave copies of secrets behind.
    let mut rows = Zeroizing::new(String::with_capacity(keys.len() * 120));
    for SymmetricKey { id, key_type, secret } in keys {
        let parts = [&format!("{id:2} {key_type} "), secret.as_str(), &format!("  # {key_type} key\n")];
        for part in parts {
            rows.push_str(part);
        }
    }
    rows
}

/// The length of a hexadecimal secret in octets; `None` for types whose secrets are never hexadecimal.
fn octets(key_type: KeyType) -> Option<usize> {
    match key_type {
        KeyType::Md4 | KeyType::Md5 => None,
        KeyType::Aes128Cmac => Some(16),
        KeyType::Ripemd160 | KeyType::Sha1 => Some(20),
        // The classic daemon accepts no more.
        _ => Some(32),
    }
}

/// The hexadecimal digits of this many random octets, at most 32.
fn hexadecimal<R: TryRng>(octets: usize, random: &mut R) -> Result<Zeroizing<String>, R::Error> {
    let mut number = Zeroizing::new([0; 32]);
    random.try_fill_bytes(&mut *number)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * octets));
    for octet in number.iter().take(octets) {
        for digit in [octet >> 4, octet & 15] {
            text.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
        }
    }
    Ok(text)
}

/// Uniformly distributed characters: octets outside the set are discarded.
fn literal<R: TryRng>(
    length: usize,
    is_one: fn(u8) -> bool,
    random: &mut R,
) -> Result<Zeroizing<String>, R::Error> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut octets = Zeroizing::new([0; 64]);
    while text.len() < length {
        random.try_fill_bytes(&mut *octets)?;
        let missing = length - text.len();
        text.extend(octets.iter().copied().filter(|&octet| is_one(octet)).take(missing).map(char::from));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::key_check::KeyFileReview;
    use crate::auth::{Key, KeyFile};
    use rand::SeedableRng as _;
    use rand::rngs::{StdRng, SysRng};

    fn generate(types: &[KeyType], count: u16, first_id: u16) -> String {
        let keys = Plan::new(types, count, first_id, false)
            .unwrap()
            .generate(&mut StdRng::seed_from_u64(7))
            .unwrap();
        rows(&keys).to_string()
    }

    #[test]
    fn secrets_can_be_typed_if_asked_for() {
        let plan = Plan::new(&KeyType::ALL, 18, 1, true).unwrap();
        for SymmetricKey { key_type, secret, .. } in plan.generate(&mut SysRng).unwrap() {
            let length = if key_type == KeyType::Aes128Cmac { 16 } else { 20 };
            assert_eq!(secret.len(), length, "{key_type}");
            assert!(secret.bytes().all(is_typable));
        }
    }

    #[test]
    fn rows_have_the_form_of_key_files() {
        let rows = generate(&[], 20, 1);
        let rows: Vec<&str> = rows.lines().collect();
        assert_eq!(rows.len(), 20);
        for (row, id) in rows.iter().zip(1..) {
            let (name, length) = if id <= 10 { ("MD5", 20) } else { ("SHA1", 40) };
            let rest = row.strip_prefix(&format!("{id:2} {name} ")).unwrap();
            let secret = rest.strip_suffix(&format!("  # {name} key")).unwrap();
            assert_eq!(secret.len(), length);
            assert!(secret.bytes().all(is_literal));
            assert!(length == 20 || secret.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f')));
        }
    }

    #[test]
    fn types_share_the_keys_evenly() {
        let rows = generate(&[KeyType::Sha256, KeyType::Aes128Cmac, KeyType::Sha512], 5, 65531);
        let file = KeyFile::parse(rows.as_bytes());
        let of = |id| file.key(id).map(Key::key_type);
        assert_eq!(
            (65531..=65535).map(of).collect::<Vec<_>>(),
            [KeyType::Sha256, KeyType::Sha256, KeyType::Aes128Cmac, KeyType::Aes128Cmac, KeyType::Sha512]
                .map(Some)
        );
        assert_eq!(generate(&KeyType::ALL, 1, 9).lines().count(), 1);
        assert!(Plan::new(&[], 20, 65517, false).is_err());
        assert!(Plan::new(&[], 20, 65516, false).is_ok());
    }

    #[test]
    fn nothing_is_found_fault_with_in_the_keys() {
        for (key_type, is_literal) in KeyType::ALL.into_iter().flat_map(|kind| [(kind, false), (kind, true)])
        {
            let keys = Plan::new(&[key_type], 200, 1, is_literal).unwrap().generate(&mut SysRng).unwrap();
            let review = KeyFileReview::of(rows(&keys).as_bytes());
            assert_eq!((review.classic_keys, review.ntpsec_keys), (200, 200));
            let is_old = matches!(key_type, KeyType::Md4 | KeyType::Md5);
            assert_eq!(review.findings.len(), usize::from(is_old), "{:?}", review.findings);
        }
    }

    /// Chi-square over a million characters, 92 degrees of freedom: a value above 155 occurs once in 20,000 runs.
    #[test]
    fn every_character_is_as_likely_as_any_other() {
        let mut counts = [0_u32; 128];
        for _ in 0..50_000 {
            for octet in literal(LITERAL_LENGTH, is_literal, &mut SysRng).unwrap().bytes() {
                counts[usize::from(octet)] += 1;
            }
        }
        let expected = 1_000_000.0 / 93.0;
        let mut chi_square = 0.0;
        for (octet, count) in (0_u8..128).zip(counts) {
            if is_literal(octet) {
                chi_square += (f64::from(count) - expected).powi(2) / expected;
            } else {
                assert_eq!(count, 0, "{octet:#x}");
            }
        }
        assert!(chi_square < 155.0, "chi-square {chi_square}");
        assert!(chi_square > 47.0, "too even to be random: chi-square {chi_square}");
    }
}
