//! The key for authenticated requests: where it comes from, and the commands that set it.

use super::Shell;
use super::command::{Argument, CommandResult, Failed, Outcome};
use super::key_types::{NoKeyType, key_type_of};
use super::local::text;
use crate::auth::{Key, KeyFile, KeyType};
use crate::cli::prompt;
use crate::client::system_error::SystemError;
use crate::compat::{Dialect, Quirk};
use anyhow::{Context as _, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The highest identifier of a symmetric key.
const HIGHEST_KEY_ID: u32 = 0xffff;

/// Whether and with which key requests are authenticated.
#[derive(Clone)]
pub struct Authentication {
    /// Whether requests that need no key carry one as well.
    always: bool,
    /// The key's identifier; 0 if none has been chosen.
    key_id: u32,
    key_type: KeyType,
    secrets: BTreeMap<u32, Secret>,
}

/// The secret of the key.
#[derive(Clone)]
enum Secret {
    /// A typed secret, with the key type in force at the time.
    Typed(Zeroizing<Vec<u8>>, KeyType),
    /// An entry of a key file.
    Filed(Arc<Key>),
}

impl Default for Authentication {
    fn default() -> Self {
        Self { always: false, key_id: 0, key_type: KeyType::Md5, secrets: BTreeMap::new() }
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { always, key_id, key_type, secrets } = self;
        formatter
            .debug_struct("Authentication")
            .field("always", always)
            .field("key_id", key_id)
            .field("key_type", key_type)
            .field("secrets", &secrets.len())
            .finish()
    }
}

/// Why there is no key, in the classic words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NoKey {
    /// The key type was chosen after the secret and has a different digest length.
    #[error("{} octet MAC, {} expected with {expected} octet digest", length + 4, expected + 4)]
    DigestLength {
        /// The digest length in octets.
        length: usize,
        /// The digest length of the type chosen later.
        expected: usize,
    },
    /// There is no secret.
    #[error("Invalid password")]
    Secret,
    /// Not a valid key identifier.
    #[error("Invalid key identifier")]
    Identifier,
}

impl Authentication {
    /// The key selected by the options: the key file and the identifier of the key to use.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn from_options(file: Option<&Path>, key_id: Option<u32>) -> anyhow::Result<Self> {
        let mut authentication = Self { key_id: key_id.unwrap_or(0), ..Self::default() };
        let Some(path) = file else { return Ok(authentication) };
        let shown = path.display();
        let file = File::open(path).map_err(SystemError::from).with_context(|| shown.to_string())?;
        let keys = KeyFile::read(file).with_context(|| shown.to_string())?;
        let filed = |key: &Key| (key.id(), Secret::Filed(Arc::new(key.clone())));
        authentication.secrets.extend(keys.keys().map(filed));
        match key_id.map(|id| keys.key(id).ok_or(id)) {
            Some(Ok(key)) => authentication.key_type = key.key_type(),
            Some(Err(id)) => {
                let faults: String = keys.faults().iter().map(|fault| format!("\n  {fault}")).collect();
                bail!("{shown}: no usable key {id}{faults}");
            }
            None => {}
        }
        Ok(authentication)
    }

    /// The key's identifier; 0 if none has been chosen.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Whether requests can be authenticated without asking for anything.
    pub fn is_complete(&self) -> bool {
        self.key_id != 0 && self.secrets.contains_key(&self.key_id)
    }

    /// The key for requests.
    ///
    /// # Errors
    /// Why there is none.
    fn key(&self, dialect: Dialect) -> Result<Arc<Key>, NoKey> {
        let made = match self.secrets.get(&self.key_id) {
            Some(Secret::Filed(key)) => return Ok(Arc::clone(key)),
            Some(Secret::Typed(text, then)) => {
                let of_password = dialect.keeps(Quirk::KEYTYPE_AFTER_PASSWD);
                let (length, expected) = (then.digest_length(), self.key_type.digest_length());
                if of_password && length != expected {
                    return Err(NoKey::DigestLength { length, expected });
                }
                let key_type = if of_password { *then } else { self.key_type };
                if dialect.keeps(Quirk::PLAIN_SECRETS) {
                    Key::new(self.key_id, key_type, text.as_slice())
                } else {
                    Key::from_text(self.key_id, key_type, text)
                }
            }
            None => return Err(NoKey::Secret),
        };
        made.map(Arc::new).map_err(|_| NoKey::Identifier)
    }
}

pub(crate) fn key_id(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let classic = shell.settings.dialect.keeps(Quirk::LOOSE_KEY_IDS);
    match arguments.first() {
        Some(&Argument::Unsigned(id)) if id > HIGHEST_KEY_ID && classic => {
            shell.output.result(shell.settings.program.words.bad_key_id);
            shell.settings.authentication.key_id = id;
            return Err(Failed);
        }
        Some(&Argument::Unsigned(id)) if id > HIGHEST_KEY_ID => {
            shell.error("Invalid key identifier\n");
            return Err(Failed);
        }
        Some(&Argument::Unsigned(id)) => shell.settings.authentication.key_id = id,
        _ => {
            let line = match shell.settings.authentication.key_id {
                0 => "no keyid defined\n".to_owned(),
                id => format!("keyid is {id}\n"),
            };
            shell.output.result(line);
        }
    }
    Ok(Outcome::Done)
}

pub(crate) fn key_type(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let Some(name) = text(arguments, 0) else {
        let key_type = shell.settings.authentication.key_type;
        let length = key_type.digest_length();
        shell.output.result(format!("keytype is {key_type} with {length} octet digests\n"));
        return Ok(Outcome::Done);
    };
    let name = String::from_utf8_lossy(name).to_uppercase();
    match key_type_of(&name, shell.settings.dialect) {
        Ok(key_type) => {
            shell.settings.authentication.key_type = key_type;
            Ok(Outcome::Done)
        }
        Err(error) => {
            if error != NoKeyType::Unknown {
                shell.output.message(format!("{error}\n"));
            }
            shell.output.result(shell.settings.program.words.bad_key_type);
            Err(Failed)
        }
    }
}

pub(crate) fn password(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    if shell.settings.authentication.key_id == 0 {
        match shell.ask_for_key_id() {
            0 if shell.is_interrupted() => return Err(Failed),
            0 => {
                shell.output.result("Keyid must be defined\n");
                return Err(Failed);
            }
            id => shell.settings.authentication.key_id = id,
        }
    }
    let secret = match text(arguments, 0) {
        Some(given) => Zeroizing::new(given.to_vec()),
        None => shell.ask_for_password(),
    };
    if secret.is_empty() && shell.is_interrupted() {
        return Err(Failed);
    }
    if secret.is_empty() {
        shell.output.result("Password unchanged\n");
        return Ok(Outcome::Done);
    }
    shell.settings.authentication.remember(secret);
    Ok(Outcome::Done)
}

pub(crate) fn authenticate(shell: &mut Shell, arguments: &[Argument]) -> CommandResult {
    let always = &mut shell.settings.authentication.always;
    match text(arguments, 0) {
        None => {
            let not = if *always { "" } else { "un" };
            shell.output.result(format!("{not}authenticated requests being sent\n"));
        }
        Some(b"yes") => *always = true,
        Some(b"no") => *always = false,
        Some(_) => {
            shell.error("What?\n");
            return Err(Failed);
        }
    }
    Ok(Outcome::Done)
}

impl Authentication {
    fn remember(&mut self, secret: Zeroizing<Vec<u8>>) {
        self.secrets.insert(self.key_id, Secret::Typed(secret, self.key_type));
    }
}

impl Shell {
    /// Whether every request carries a key.
    pub(crate) fn authenticates_all(&self) -> bool {
        self.settings.authentication.always
    }

    /// The key for requests; prompts for missing parts. If there is none, the reason is reported.
    pub(crate) fn request_key(&mut self) -> Option<Arc<Key>> {
        if self.settings.authentication.key_id == 0 {
            match self.ask_for_key_id() {
                id @ 1..=HIGHEST_KEY_ID => self.settings.authentication.key_id = id,
                _ if self.is_interrupted() => return None,
                _ => {
                    self.error("Invalid key identifier\n");
                    return None;
                }
            }
        }
        if !self.settings.authentication.is_complete() {
            let secret = self.ask_for_password();
            if secret.is_empty() && self.is_interrupted() {
                return None;
            }
            if secret.is_empty() {
                self.error("Invalid password\n");
                return None;
            }
            self.settings.authentication.remember(secret);
        }
        match self.settings.authentication.key(self.settings.dialect) {
            Ok(key) => Some(key),
            Err(error) => {
                self.error(&format!("{error}\n"));
                None
            }
        }
    }

    /// Returns 0 if no number was given. The classic program accepts any leading number, however large.
    fn ask_for_key_id(&mut self) -> u32 {
        let answer = prompt::ask("Keyid: ", &mut self.output, self.interrupt.as_deref());
        let answer = String::from_utf8_lossy(&answer);
        let answer = answer.trim();
        if self.settings.dialect.keeps(Quirk::LOOSE_KEY_IDS) {
            let end = answer.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(answer.len());
            return answer.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        }
        answer.parse().ok().filter(|id| *id <= HIGHEST_KEY_ID).unwrap_or(0)
    }

    fn ask_for_password(&mut self) -> Zeroizing<Vec<u8>> {
        let question = format!("{} Password: ", self.settings.authentication.key_type);
        prompt::ask_secret(&question, &mut self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn typed(key_type: KeyType, secret: &str) -> Authentication {
        let mut authentication = Authentication { key_id: 5, key_type, ..Authentication::default() };
        authentication.remember(Zeroizing::new(secret.as_bytes().to_vec()));
        authentication
    }

    #[test]
    fn hexadecimal_secrets_are_decoded_except_in_the_classic_dialect() {
        let digits = "000102030405060708090a0b0c0d0e0f";
        let octets: Vec<u8> = (0..16).collect();
        let key = |dialect| typed(KeyType::Aes128Cmac, digits).key(dialect).unwrap();
        assert_eq!(*key(Dialect::Native), Key::new(5, KeyType::Aes128Cmac, octets).unwrap());
        assert_eq!(*key(Dialect::Classic), Key::new(5, KeyType::Aes128Cmac, digits).unwrap());
    }

    #[test]
    fn a_key_type_chosen_after_the_password_applies_except_in_the_classic_dialect() {
        let mut authentication = typed(KeyType::Md5, "secret");
        authentication.key_type = KeyType::Sha1;
        assert_eq!(authentication.key(Dialect::Native).unwrap().key_type(), KeyType::Sha1);
        assert_eq!(
            authentication.key(Dialect::Classic),
            Err(NoKey::DigestLength { length: 16, expected: 20 })
        );
        authentication.key_type = KeyType::Aes128Cmac;
        assert_eq!(authentication.key(Dialect::Classic).unwrap().key_type(), KeyType::Md5);
    }

    #[test]
    fn keys_are_read_from_files() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"5 SHA1 secret\n6 NOPE x\n").unwrap();
        let authentication = |id| Authentication::from_options(Some(file.path()), id);
        assert!(!authentication(None).unwrap().is_complete());
        let chosen = authentication(Some(5)).unwrap();
        assert!(chosen.is_complete());
        assert_eq!(chosen.key_type, KeyType::Sha1);
        assert_eq!(*chosen.key(Dialect::Native).unwrap(), Key::new(5, KeyType::Sha1, *b"secret").unwrap());
        let why = authentication(Some(6)).unwrap_err();
        assert!(why.to_string().ends_with("no usable key 6\n  line 2: unknown key type"), "{why}");
        let why = Authentication::from_options(Some(Path::new("/nonexistent")), None).unwrap_err();
        assert_eq!(format!("{why:#}"), "/nonexistent: No such file or directory");
    }

    #[test]
    fn debug_output_never_shows_the_secret() {
        assert!(!format!("{:?}", typed(KeyType::Md5, "tell nobody")).contains("tell"));
    }
}
