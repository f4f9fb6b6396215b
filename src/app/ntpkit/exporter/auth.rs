//! Basic authentication (RFC 7617) of the configured users.

use super::web_config::WebConfig;
use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::HashSet;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The maximum number of digests of recent valid passwords to keep.
const REMEMBERED: usize = 128;
/// The maximum length of name and password in octets.
const LONGEST: usize = 1024;
/// A hash that matches no password, so that unknown names take as long as known ones.
const NOBODY: &str = "$2b$10$XXXXXXXXXXXXXXXXXXXXXuNOtapasswordofanybodyatall01232";

/// Checks passwords. Hashing is deliberately slow, so only one is hashed at a time, and valid ones are remembered.
pub struct Guard {
    right: RefCell<HashSet<[u8; 32]>>,
    turn: Semaphore,
}

impl Guard {
    /// Creates an instance without remembered passwords.
    pub fn new() -> Self {
        Self { right: RefCell::default(), turn: Semaphore::new(1) }
    }

    /// Whether this header contains a configured user with the right password.
    pub async fn admits(&self, config: &WebConfig, header: Option<&[u8]>) -> bool {
        let Some((user, password)) = header.and_then(credentials) else { return false };
        let (hash, is_known) = match config.users.get(&user) {
            Some(hash) => (hash.clone(), true),
            None => (NOBODY.to_owned(), false),
        };
        let digest = digest(&user, &password, &hash);
        if is_known && self.right.borrow().contains(&digest) {
            return true;
        }
        let Ok(_turn) = self.turn.acquire().await else { return false };
        let verified = spawn_blocking(move || bcrypt::verify(password, &hash)).await;
        let is_right = is_known && matches!(verified, Ok(Ok(true)));
        if is_right {
            let mut right = self.right.borrow_mut();
            if right.len() >= REMEMBERED {
                right.clear();
            }
            right.insert(digest);
        }
        is_right
    }
}

fn digest(user: &str, password: &[u8], hash: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [user.as_bytes(), password, hash.as_bytes()] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Parses name and password of an `Authorization` header.
fn credentials(header: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = std::str::from_utf8(header).ok().filter(|text| text.len() <= 2 * LONGEST)?;
    let (scheme, encoded) = text.split_once(' ')?;
    let decoded = Base64::decode_vec(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let colon = decoded.iter().position(|octet| *octet == b':')?;
    let (user, password) = decoded.split_at(colon);
    Some((String::from_utf8(user.to_vec()).ok()?, password.get(1..)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_base64_with_a_colon() {
        let read = |header: &str| credentials(header.as_bytes());
        assert_eq!(read("Basic YTpiOmM="), Some(("a".into(), b"b:c".to_vec())));
        assert_eq!(read("basic YTo="), Some(("a".into(), Vec::new())));
        for header in ["", "Basic", "Basic YQ==", "Bearer YTpi", "Basic ???", "Basic /zpi"] {
            assert_eq!(read(header), None, "{header}");
        }
    }

    #[test]
    fn the_hash_of_nobody_is_one() {
        assert!(NOBODY.parse::<bcrypt::HashParts>().is_ok());
        assert!(matches!(bcrypt::verify("x", NOBODY), Ok(false)));
    }
}
