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
        let known = config.users.get(&user);
        let is_known = known.is_some();
        let Some(hash) = known.or_else(|| stand_in(config, &user)).cloned() else { return false };
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

/// The hash to compute for an unknown name, so that it takes as long as a known one: that of one of the users. Each name
/// always gets the same one, and nobody can tell which, so its cost reveals nothing even if the users' costs differ.
fn stand_in<'a>(config: &'a WebConfig, name: &str) -> Option<&'a String> {
    config.users.values().min_by_key(|hash| digest(name, b"", hash))
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
    use std::collections::BTreeSet;

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
    fn unknown_names_cost_as_much_as_known_ones() {
        let users = [("alice", 4), ("bob", 5), ("carol", 6)];
        let users = users.map(|(name, cost)| (name.to_owned(), bcrypt::hash("secret", cost).unwrap()));
        let config = WebConfig { users: users.into(), ..WebConfig::default() };
        let mut seen = BTreeSet::new();
        for number in 0..64 {
            let name = format!("nobody{number}");
            let hash = stand_in(&config, &name).unwrap();
            assert_eq!(stand_in(&config, &name), Some(hash), "always the same");
            seen.insert(hash);
        }
        assert_eq!(seen, config.users.values().collect());
        assert_eq!(stand_in(&WebConfig::default(), "nobody"), None);
    }

    /// The password of the user whose hash stands in does not admit an unknown name.
    #[test]
    fn an_unknown_name_is_not_admitted_by_a_known_password() {
        let users = [("alice".to_owned(), bcrypt::hash("secret", 4).unwrap())];
        let config = WebConfig { users: users.into(), ..WebConfig::default() };
        let guard = Guard::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let admits = |credentials: &str| {
            let header = format!("Basic {}", Base64::encode_string(credentials.as_bytes()));
            runtime.block_on(guard.admits(&config, Some(header.as_bytes())))
        };
        for _ in 0..2 {
            assert!(admits("alice:secret"));
            assert!(!admits("nobody:secret") && !admits("alice:wrong"));
        }
    }
}
