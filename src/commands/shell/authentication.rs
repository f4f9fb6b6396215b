//! The key that requests are authenticated with: where it comes from, and the commands about it.

use super::Shell;
use super::command::{Argument, Verdict};
use super::local::text;
use crate::auth::{Key, KeyFile, KeyType};
use crate::commands::prompt;
use crate::dialect::Dialect;
use crate::output::reason;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The highest identifier of a symmetric key.
const HIGHEST_KEY_ID: u32 = 0xffff;

/// The longest digest that the classic takes.
const CLASSIC_DIGEST_LIMIT: usize = 20;

/// What the classic takes; it lists these.
const CLASSIC_KEY_TYPES: [KeyType; 6] =
    [KeyType::Aes128Cmac, KeyType::Md4, KeyType::Md5, KeyType::Ripemd160, KeyType::Sha1, KeyType::Shake128];

/// Digests that the classic knows and refuses as too long, with their octets.
const CLASSIC_TOO_LONG: [(&str, usize); 14] = [
    ("MD5-SHA1", 36),
    ("SHA224", 28),
    ("SHA256", 32),
    ("SHA3-224", 28),
    ("SHA3-256", 32),
    ("SHA3-384", 48),
    ("SHA3-512", 64),
    ("SHA384", 48),
    ("SHA512", 64),
    ("SHA512-224", 28),
    ("SHA512-256", 32),
    ("SHAKE256", 32),
    ("SM3", 32),
    ("RSA-SHA256", 32),
];

/// Digests that the classic knows by name only.
const CLASSIC_UNSUPPORTED: [&str; 4] = ["DSA", "MD2", "MDC2", "SHA"];

/// Further spellings, which NTPsec takes.
const OTHER_SPELLINGS: [(&str, KeyType); 5] = [
    ("AES", KeyType::Aes128Cmac),
    ("AES-128", KeyType::Aes128Cmac),
    ("AES-CMAC", KeyType::Aes128Cmac),
    ("CMAC", KeyType::Aes128Cmac),
    ("SHA-1", KeyType::Sha1),
];

/// Whether and with what requests are authenticated.
#[derive(Clone)]
pub struct Authentication {
    /// Requests that need no key carry one as well.
    always: bool,
    /// The key's identifier; 0 while none was chosen.
    key_id: u32,
    key_type: KeyType,
    secrets: BTreeMap<u32, Secret>,
}

/// What is known of a key besides its identifier.
#[derive(Clone)]
enum Secret {
    /// What was typed, and the key type at that moment.
    Typed(Zeroizing<Vec<u8>>, KeyType),
    /// A line of a key file.
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

impl Authentication {
    /// What the options say: the keys of a file, and the identifier of the one to use.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn from_options(file: Option<&Path>, key_id: Option<u32>) -> Result<Self, String> {
        let mut authentication = Self { key_id: key_id.unwrap_or(0), ..Self::default() };
        let Some(path) = file else { return Ok(authentication) };
        let shown = path.display();
        let unreadable = |why: &dyn fmt::Display| format!("{shown}: {why}");
        let keys = File::open(path)
            .map_err(|error| unreadable(&reason(&error)))
            .and_then(|file| KeyFile::read(file).map_err(|error| unreadable(&error)))?;
        let filed = |key: &Key| (key.id(), Secret::Filed(Arc::new(key.clone())));
        authentication.secrets = keys.keys().map(filed).collect();
        match key_id.map(|id| keys.key(id).ok_or(id)) {
            Some(Ok(key)) => authentication.key_type = key.key_type(),
            Some(Err(id)) => {
                let faults: String = keys.faults().iter().map(|fault| format!("\n  {fault}")).collect();
                return Err(format!("{shown}: no usable key {id}{faults}"));
            }
            None => {}
        }
        Ok(authentication)
    }

    /// Whether nothing has to be asked for before requests can be authenticated.
    pub fn is_complete(&self) -> bool {
        self.key_id != 0 && self.secrets.contains_key(&self.key_id)
    }

    /// The key.
    ///
    /// # Errors
    /// The line that says why there is none.
    fn key(&self, dialect: Dialect) -> Result<Arc<Key>, String> {
        let made = match self.secrets.get(&self.key_id) {
            Some(Secret::Filed(key)) => return Ok(Arc::clone(key)),
            Some(Secret::Typed(text, then)) if dialect.is_classic() => {
                let (length, expected) = (then.digest_length(), self.key_type.digest_length());
                if length != expected {
                    return Err(format!(
                        "{} octet MAC, {} expected with {expected} octet digest\n",
                        length + 4,
                        expected + 4
                    ));
                }
                Key::new(self.key_id, *then, text.as_slice())
            }
            Some(Secret::Typed(text, _)) => Key::from_text(self.key_id, self.key_type, text),
            None => return Err("Invalid password\n".into()),
        };
        made.map(Arc::new).map_err(|_| "Invalid key identifier\n".into())
    }
}

pub(in crate::commands) fn key_id(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let classic = shell.settings.dialect.is_classic();
    match arguments.first() {
        Some(&Argument::Unsigned(id)) if id > HIGHEST_KEY_ID && classic => {
            if !shell.settings.program.is_private {
                shell.output.result("Invalid key identifier\n");
            }
            shell.settings.authentication.key_id = id;
            return Verdict::Failed;
        }
        Some(&Argument::Unsigned(id)) if id > HIGHEST_KEY_ID => {
            shell.complain("Invalid key identifier\n");
            return Verdict::Failed;
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
    Verdict::Done
}

pub(in crate::commands) fn key_type(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let Some(name) = text(arguments, 0) else {
        let key_type = shell.settings.authentication.key_type;
        let length = key_type.digest_length();
        shell.output.result(format!("keytype is {key_type} with {length} octet digests\n"));
        return Verdict::Done;
    };
    let name = String::from_utf8_lossy(name).to_uppercase();
    match key_type_of(&name, shell.settings.dialect) {
        Ok(key_type) => {
            shell.settings.authentication.key_type = key_type;
            Verdict::Done
        }
        Err(why) => {
            shell.output.message(why);
            shell.output.result(if shell.settings.program.is_private {
                "keytype must be 'md5' or a digest type provided by OpenSSL\n"
            } else {
                "keytype is not valid. Type \"help keytype\" for the available digest types.\n"
            });
            Verdict::Failed
        }
    }
}

/// The key type of a name in capitals; else what the classic has to say about it, if it has.
fn key_type_of(name: &str, dialect: Dialect) -> Result<KeyType, String> {
    let parsed = name.parse::<KeyType>().ok();
    if !dialect.is_classic() {
        let spelling = OTHER_SPELLINGS.iter().find(|(known, _)| *known == name);
        return parsed.or(spelling.map(|&(_, key_type)| key_type)).ok_or_else(String::new);
    }
    if let Some((_, length)) = CLASSIC_TOO_LONG.iter().find(|(known, _)| *known == name) {
        return Err(format!(
            "key type {name} {length} octet digests are too big, max {CLASSIC_DIGEST_LIMIT}\n"
        ));
    }
    if CLASSIC_UNSUPPORTED.contains(&name) {
        return Err(format!("key type {name} is not supported by OpenSSL\n"));
    }
    match parsed {
        Some(key_type) if CLASSIC_KEY_TYPES.contains(&key_type) => Ok(key_type),
        None if name == "CMAC" => Ok(KeyType::Aes128Cmac),
        _ => Err(String::new()),
    }
}

/// What follows the description of the command `keytype`: the key types to choose from.
pub(in crate::commands) fn key_types_text(dialect: Dialect) -> String {
    let known: &[KeyType] = if dialect.is_classic() { &CLASSIC_KEY_TYPES } else { &KeyType::ALL };
    let lines: Vec<String> = known
        .chunks(8)
        .map(|line| {
            let names: Vec<&str> = line.iter().map(|key_type| key_type.name()).collect();
            format!("\n    {}", names.join(", "))
        })
        .collect();
    format!(", one of:{}", lines.join(","))
}

pub(in crate::commands) fn password(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    if shell.settings.authentication.key_id == 0 {
        match shell.ask_for_key_id() {
            0 if shell.is_interrupted() => return Verdict::Failed,
            0 => {
                shell.output.result("Keyid must be defined\n");
                return Verdict::Failed;
            }
            id => shell.settings.authentication.key_id = id,
        }
    }
    let secret = match text(arguments, 0) {
        Some(given) => Zeroizing::new(given.to_vec()),
        None => shell.ask_for_password(),
    };
    if secret.is_empty() && shell.is_interrupted() {
        return Verdict::Failed;
    }
    if secret.is_empty() {
        shell.output.result("Password unchanged\n");
        return Verdict::Done;
    }
    shell.settings.authentication.remember(secret);
    Verdict::Done
}

pub(in crate::commands) fn authenticate(shell: &mut Shell, arguments: &[Argument]) -> Verdict {
    let always = &mut shell.settings.authentication.always;
    match text(arguments, 0) {
        None => {
            let not = if *always { "" } else { "un" };
            shell.output.result(format!("{not}authenticated requests being sent\n"));
        }
        Some(b"yes") => *always = true,
        Some(b"no") => *always = false,
        Some(_) => {
            shell.complain("What?\n");
            return Verdict::Failed;
        }
    }
    Verdict::Done
}

impl Authentication {
    fn remember(&mut self, secret: Zeroizing<Vec<u8>>) {
        self.secrets.insert(self.key_id, Secret::Typed(secret, self.key_type));
    }
}

impl Shell {
    /// Whether every request carries a key.
    pub(in crate::commands) fn authenticates_all(&self) -> bool {
        self.settings.authentication.always
    }

    /// The key for requests; what is missing of it is asked for. Says why there is none.
    pub(in crate::commands) fn request_key(&mut self) -> Option<Arc<Key>> {
        if self.settings.authentication.key_id == 0 {
            match self.ask_for_key_id() {
                id @ 1..=HIGHEST_KEY_ID => self.settings.authentication.key_id = id,
                _ if self.is_interrupted() => return None,
                _ => {
                    self.complain("Invalid key identifier\n");
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
                self.complain("Invalid password\n");
                return None;
            }
            self.settings.authentication.remember(secret);
        }
        match self.settings.authentication.key(self.settings.dialect) {
            Ok(key) => Some(key),
            Err(line) => {
                self.complain(&line);
                None
            }
        }
    }

    /// 0 when no number was given. The classic takes any beginning that is a number, however large.
    fn ask_for_key_id(&mut self) -> u32 {
        let answer = prompt::ask("Keyid: ", &mut self.output, self.interrupt.as_deref());
        let answer = String::from_utf8_lossy(&answer);
        let answer = answer.trim();
        if self.settings.dialect.is_classic() {
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
    fn names_of_key_types() {
        let ours = |name| key_type_of(name, Dialect::Unsigned);
        let classic = |name| key_type_of(name, Dialect::Classic);
        assert_eq!(ours("SHA256"), Ok(KeyType::Sha256));
        assert_eq!(ours("AES-CMAC"), Ok(KeyType::Aes128Cmac));
        assert_eq!(ours("SHA-1"), Ok(KeyType::Sha1));
        assert_eq!(ours("NOPE"), Err(String::new()));
        assert_eq!(classic("SHA1"), Ok(KeyType::Sha1));
        assert_eq!(classic("M"), Ok(KeyType::Md5));
        assert_eq!(classic("CMAC"), Ok(KeyType::Aes128Cmac));
        assert_eq!(classic("SHA256"), Err("key type SHA256 32 octet digests are too big, max 20\n".into()));
        assert_eq!(classic("MDC2"), Err("key type MDC2 is not supported by OpenSSL\n".into()));
        assert_eq!(classic("AES-CMAC"), Err(String::new()));
    }

    #[test]
    fn the_list_of_key_types() {
        assert_eq!(
            key_types_text(Dialect::Classic),
            ", one of:\n    AES128CMAC, MD4, MD5, RIPEMD160, SHA1, SHAKE128"
        );
        assert!(key_types_text(Dialect::Unsigned).ends_with("SHA384, SHA512,\n    SHAKE128"));
    }

    #[test]
    fn secrets_in_hexadecimal_are_decoded_but_by_the_classic() {
        let digits = "000102030405060708090a0b0c0d0e0f";
        let octets: Vec<u8> = (0..16).collect();
        let key = |dialect| typed(KeyType::Aes128Cmac, digits).key(dialect).unwrap();
        assert_eq!(*key(Dialect::Unsigned), Key::new(5, KeyType::Aes128Cmac, octets).unwrap());
        assert_eq!(*key(Dialect::Classic), Key::new(5, KeyType::Aes128Cmac, digits).unwrap());
    }

    #[test]
    fn a_key_type_chosen_after_the_password_holds_but_for_the_classic() {
        let mut authentication = typed(KeyType::Md5, "secret");
        authentication.key_type = KeyType::Sha1;
        assert_eq!(authentication.key(Dialect::Unsigned).unwrap().key_type(), KeyType::Sha1);
        assert_eq!(
            authentication.key(Dialect::Classic),
            Err("20 octet MAC, 24 expected with 20 octet digest\n".into())
        );
        authentication.key_type = KeyType::Aes128Cmac;
        assert_eq!(authentication.key(Dialect::Classic).unwrap().key_type(), KeyType::Md5);
    }

    #[test]
    fn keys_come_from_files() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"5 SHA1 secret\n6 NOPE x\n").unwrap();
        let authentication = |id| Authentication::from_options(Some(file.path()), id);
        assert!(!authentication(None).unwrap().is_complete());
        let chosen = authentication(Some(5)).unwrap();
        assert!(chosen.is_complete());
        assert_eq!(chosen.key_type, KeyType::Sha1);
        assert_eq!(*chosen.key(Dialect::Unsigned).unwrap(), Key::new(5, KeyType::Sha1, *b"secret").unwrap());
        let why = authentication(Some(6)).unwrap_err();
        assert!(why.ends_with("no usable key 6\n  line 2: unknown key type"), "{why}");
        let why = Authentication::from_options(Some(Path::new("/nonexistent")), None).unwrap_err();
        assert_eq!(why, "/nonexistent: No such file or directory");
    }

    #[test]
    fn nothing_shows_the_secret() {
        assert!(!format!("{:?}", typed(KeyType::Md5, "tell nobody")).contains("tell"));
    }
}
