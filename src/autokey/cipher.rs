//! The ciphers that protect private keys in files.

use super::AutokeyError;
use super::number::fill;
use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyInit,
    KeyIvInit as _,
};
use cbc::{Decryptor, Encryptor};
use des::TdesEde3;
use md5::{Digest as _, Md5};
use pkcs8::pkcs5;
use pkcs8::pkcs5::pbes2::{EncryptionScheme, Kdf, Parameters, Pbkdf2Params};
use zeroize::Zeroizing;

/// The number of PBKDF2 rounds, as in OpenSSL.
const ITERATIONS: u32 = 2048;

/// A block cipher in CBC mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    /// Triple DES, which every release can read.
    #[default]
    DesEde3,
    /// AES with a 128-bit key.
    Aes128,
    /// AES with a 192-bit key.
    Aes192,
    /// AES with a 256-bit key.
    Aes256,
}

impl Cipher {
    /// Finds a cipher by its OpenSSL name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "des-ede3-cbc" | "des3" => Some(Self::DesEde3),
            "aes-128-cbc" | "aes128" => Some(Self::Aes128),
            "aes-192-cbc" | "aes192" => Some(Self::Aes192),
            "aes-256-cbc" | "aes256" => Some(Self::Aes256),
            _ => None,
        }
    }

    /// Its name in the header of the traditional form.
    pub fn name(self) -> &'static str {
        match self {
            Self::DesEde3 => "DES-EDE3-CBC",
            Self::Aes128 => "AES-128-CBC",
            Self::Aes192 => "AES-192-CBC",
            Self::Aes256 => "AES-256-CBC",
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::DesEde3 | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The length of a block, and of the initialisation vector, in octets.
    pub fn block_length(self) -> usize {
        if self == Self::DesEde3 { 8 } else { 16 }
    }

    /// Generates PBES2 parameters (RFC 8018) for this cipher: PBKDF2 with HMAC-SHA-256 and a salt of 8 octets.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`].
    pub fn password_encryption(self) -> Result<Parameters, AutokeyError> {
        let (mut salt, mut iv, mut short) = ([0; 8], [0; 16], [0; 8]);
        fill(&mut salt)?;
        fill(&mut iv)?;
        fill(&mut short)?;
        let encryption = match self {
            Self::DesEde3 => EncryptionScheme::DesEde3Cbc { iv: short },
            Self::Aes128 => EncryptionScheme::Aes128Cbc { iv },
            Self::Aes192 => EncryptionScheme::Aes192Cbc { iv },
            Self::Aes256 => EncryptionScheme::Aes256Cbc { iv },
        };
        let kdf: Kdf = Pbkdf2Params::hmac_sha256(ITERATIONS, &salt)
            .map_err(|_: pkcs5::Error| AutokeyError::Structure)?
            .into();
        Ok(Parameters { kdf, encryption })
    }

    /// Encrypts as the traditional form of PEM does.
    ///
    /// # Errors
    /// [`AutokeyError::Structure`] if the vector has the wrong length.
    pub fn encrypt(self, password: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>, AutokeyError> {
        let key = self.traditional_key(password, iv);
        match self {
            Self::DesEde3 => encrypt::<TdesEde3>(&key, iv, plain),
            Self::Aes128 => encrypt::<Aes128>(&key, iv, plain),
            Self::Aes192 => encrypt::<Aes192>(&key, iv, plain),
            Self::Aes256 => encrypt::<Aes256>(&key, iv, plain),
        }
    }

    /// Decrypts as the traditional form of PEM does.
    ///
    /// # Errors
    /// [`AutokeyError::Structure`] if the vector has the wrong length, [`AutokeyError::Password`].
    pub fn decrypt(
        self,
        password: &[u8],
        iv: &[u8],
        secret: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AutokeyError> {
        let key = self.traditional_key(password, iv);
        match self {
            Self::DesEde3 => decrypt::<TdesEde3>(&key, iv, secret),
            Self::Aes128 => decrypt::<Aes128>(&key, iv, secret),
            Self::Aes192 => decrypt::<Aes192>(&key, iv, secret),
            Self::Aes256 => decrypt::<Aes256>(&key, iv, secret),
        }
    }

    /// Derives the key of the traditional form: repeated MD5 over the previous digest, the password and the first eight
    /// octets of the vector, until the key is long enough.
    fn traditional_key(self, password: &[u8], iv: &[u8]) -> Zeroizing<Vec<u8>> {
        let salt = iv.get(..8).unwrap_or(iv);
        let mut key = Zeroizing::new(Vec::with_capacity(48));
        let mut last = Zeroizing::new(Vec::new());
        while key.len() < self.key_length() {
            let digest = Md5::new().chain_update(&*last).chain_update(password).chain_update(salt).finalize();
            last = Zeroizing::new(digest.to_vec());
            key.extend_from_slice(&last);
        }
        key.truncate(self.key_length());
        key
    }
}

fn encrypt<C: BlockCipherEncrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, AutokeyError> {
    let encryptor = Encryptor::<C>::new_from_slices(key, iv).map_err(|_| AutokeyError::Structure)?;
    Ok(encryptor.encrypt_padded_vec::<Pkcs7>(plain))
}

/// Decrypts in place, so that no plaintext is left behind if the padding is wrong.
fn decrypt<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    secret: &[u8],
) -> Result<Zeroizing<Vec<u8>>, AutokeyError> {
    let decryptor = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| AutokeyError::Structure)?;
    let mut plain = Zeroizing::new(secret.to_vec());
    let length = decryptor.decrypt_padded::<Pkcs7>(&mut plain).map_err(|_| AutokeyError::Password)?.len();
    plain.truncate(length);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_openssl() {
        assert_eq!(Cipher::named("DES-EDE3-CBC"), Some(Cipher::DesEde3));
        assert_eq!(Cipher::named("aes256"), Some(Cipher::Aes256));
        assert_eq!(Cipher::named("bogus"), None);
        for cipher in [Cipher::DesEde3, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            assert_eq!(Cipher::named(cipher.name()), Some(cipher));
            let iv: Vec<u8> = (0..16).take(cipher.block_length()).collect();
            let secret = cipher.encrypt(b"password", &iv, b"twenty octets are it").unwrap();
            assert_eq!(
                cipher.decrypt(b"password", &iv, &secret).unwrap().as_slice(),
                b"twenty octets are it"
            );
            assert!(cipher.decrypt(b"passwort", &iv, &secret).map_or(true, |plain| plain.len() != 20));
            assert_eq!(cipher.encrypt(b"", b"short", b""), Err(AutokeyError::Structure));
        }
    }
}
