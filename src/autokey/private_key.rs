//! Private keys in files: PKCS#8, with or without encryption, and the traditional forms.

use super::AutokeyError;
use super::asn1::{
    Algorithm, DSA_ENCRYPTION, DsaParameters as DsaParametersDer, Encrypted, PublicKeyInfo, RSA_ENCRYPTION,
    RsaPublic, number, numbers, sequence, uint,
};
use super::budget::Budget;
use super::cipher::Cipher;
use super::dsa::{DsaKey, DsaParameters, MAX_DSA_BITS};
use super::number::{Modulus, Number, fill};
use super::pem::{self, Block};
use super::rsa::RsaKey;
use super::scheme::{Scheme, SignedDigest};
use der::asn1::{BitString, Null, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Any, Decode as _, Encode as _};
use pkcs8::pkcs5;
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

/// The largest RSA modulus in bits, as in OpenSSL (`OPENSSL_RSA_MAX_MODULUS_BITS`).
const MAX_RSA_BITS: u64 = 16_384;

/// Above this number of bits of an RSA modulus, OpenSSL allows only short exponents (`OPENSSL_RSA_SMALL_MODULUS_BITS`).
const LARGE_RSA_BITS: u64 = 3072;

/// The largest exponent for such a modulus, in bits (`OPENSSL_RSA_MAX_PUBEXP_BITS`).
const MAX_EXPONENT_BITS: u64 = 64;

/// A private key of either kind.
#[derive(Clone, PartialEq, Eq)]
pub enum PrivateKey {
    /// An RSA key.
    Rsa(RsaKey),
    /// A DSA key.
    Dsa(DsaKey),
}

/// The encoding of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// PKCS#8 (RFC 5208), which has no room for a DSA key's public number.
    Pkcs8,
    /// The older form, which has room for it.
    Traditional,
}

/// The password and the cipher of a file.
#[derive(Clone, Copy)]
pub struct Protection<'a> {
    /// The cipher.
    pub cipher: Cipher,
    /// The password.
    pub password: &'a [u8],
}

impl PrivateKey {
    /// The name of the algorithm in file names: `RSA` or `DSA`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Dsa(_) => "DSA",
        }
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> u64 {
        match self {
            Self::Rsa(key) => key.n.bits(),
            Self::Dsa(key) => key.parameters.p.bits(),
        }
    }

    /// Signs a digest.
    ///
    /// # Errors
    /// [`AutokeyError::DigestTooBig`], [`AutokeyError::DigestType`], [`AutokeyError::Randomness`].
    pub fn sign(&self, digest: &SignedDigest) -> Result<Vec<u8>, AutokeyError> {
        match self {
            Self::Rsa(key) => key.sign(digest),
            Self::Dsa(key) => key.sign(digest),
        }
    }

    /// Verifies the signature of a digest.
    pub fn verify(&self, digest: &SignedDigest, signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => key.verify(digest, signature),
            Self::Dsa(key) => key.verify(digest, signature),
        }
    }

    /// The name of the signature of a scheme with this key, if the two can be combined.
    ///
    /// # Errors
    /// [`AutokeyError::DigestType`].
    pub fn signature_algorithm(&self, scheme: &Scheme) -> Result<Algorithm, AutokeyError> {
        match self {
            Self::Rsa(_) => Ok(Algorithm { oid: scheme.rsa_oid, parameters: Some(Any::encode_from(&Null)?) }),
            Self::Dsa(_) => {
                let (oid, _) = scheme.dsa.ok_or(AutokeyError::DigestType)?;
                Ok(Algorithm { oid, parameters: None })
            }
        }
    }

    /// The public key, for a certificate.
    ///
    /// # Errors
    /// [`AutokeyError::Structure`] for numbers that are too large to encode.
    pub fn public_key(&self) -> Result<PublicKeyInfo, AutokeyError> {
        let octets = match self {
            Self::Rsa(key) => RsaPublic { n: uint(&key.n)?, e: uint(&key.e)? }.to_der()?,
            Self::Dsa(key) => uint(&key.public)?.to_der()?,
        };
        Ok(PublicKeyInfo { algorithm: self.algorithm()?, public_key: BitString::from_bytes(&octets)? })
    }

    /// Writes the key as a block of PEM.
    ///
    /// # Errors
    /// [`AutokeyError::Randomness`]; [`AutokeyError::Structure`] for numbers that are too large to encode.
    pub fn to_pem(
        &self,
        form: Form,
        protection: Option<Protection<'_>>,
    ) -> Result<Zeroizing<String>, AutokeyError> {
        let block = match (form, protection) {
            (Form::Pkcs8, protection) => self.pkcs8(protection)?,
            (Form::Traditional, None) => Block::new(self.traditional_label(), self.traditional()?),
            (Form::Traditional, Some(Protection { cipher, password })) => {
                let mut iv = vec![0; cipher.block_length()];
                fill(&mut iv)?;
                let secret = cipher.encrypt(password, &iv, &self.traditional()?)?;
                let mut block = Block::new(self.traditional_label(), secret);
                let iv: String = iv.iter().map(|octet| format!("{octet:02X}")).collect();
                block.headers.push(("Proc-Type".to_owned(), "4,ENCRYPTED".to_owned()));
                block.headers.push(("DEK-Info".to_owned(), format!("{},{iv}", cipher.name())));
                block
            }
        };
        Ok(block.to_text())
    }

    /// Reads the first private key in a text.
    ///
    /// # Errors
    /// [`AutokeyError::Pem`] if there is none, [`AutokeyError::Password`], [`AutokeyError::Structure`].
    pub fn from_pem(text: &str, password: &[u8]) -> Result<Self, AutokeyError> {
        let block = pem::first(text, |label| label.ends_with("PRIVATE KEY"))?;
        Self::from_block(&block, password, &mut Budget::default())
    }

    /// Reads all private keys in a text.
    ///
    /// # Errors
    /// Those of [`PrivateKey::from_pem`].
    pub fn all_from_pem(text: &str, password: &[u8]) -> Result<Vec<Self>, AutokeyError> {
        let (blocks, mut budget) = (pem::blocks(text), Budget::default());
        let keys = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY"));
        let keys: Vec<Self> =
            keys.map(|block| Self::from_block(block, password, &mut budget)).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(AutokeyError::Pem) } else { Ok(keys) }
    }

    fn from_block(block: &Block, password: &[u8], budget: &mut Budget) -> Result<Self, AutokeyError> {
        match block.label.as_str() {
            "PRIVATE KEY" => Self::from_pkcs8(&block.octets, budget),
            "ENCRYPTED PRIVATE KEY" => {
                let info = EncryptedPrivateKeyInfoRef::from_der(&block.octets).map_err(|error| {
                    // The library reads only the parameters of algorithms it knows.
                    let is_sound = Encrypted::from_der(&block.octets).is_ok();
                    if is_sound { AutokeyError::Encryption } else { error.into() }
                })?;
                budget.spend_on_password(&info)?;
                let plain = info.decrypt(password).map_err(|error| match error {
                    pkcs8::Error::EncryptedPrivateKey(
                        pkcs5::Error::NoPbes1CryptSupport
                        | pkcs5::Error::UnsupportedAlgorithm { .. }
                        | pkcs5::Error::AlgorithmParametersInvalid { .. },
                    ) => AutokeyError::Encryption,
                    _ => AutokeyError::Password,
                })?;
                Self::from_pkcs8(plain.as_bytes(), budget).map_err(of_decrypted)
            }
            label => {
                let Some(protection) = block.header("DEK-Info") else {
                    return Self::from_traditional(label, &block.octets);
                };
                let (cipher, iv) = protection.split_once(',').ok_or(AutokeyError::Pem)?;
                let cipher = Cipher::named(cipher.trim()).ok_or(AutokeyError::Encryption)?;
                let plain = cipher.decrypt(password, &hexadecimal(iv.trim())?, &block.octets)?;
                Self::from_traditional(label, &plain).map_err(of_decrypted)
            }
        }
    }

    fn algorithm(&self) -> Result<Algorithm, AutokeyError> {
        Ok(match self {
            Self::Rsa(_) => Algorithm { oid: RSA_ENCRYPTION, parameters: Some(Any::encode_from(&Null)?) },
            Self::Dsa(DsaKey { parameters: DsaParameters { p, q, g }, .. }) => {
                let parameters = DsaParametersDer { p: uint(p)?, q: uint(q)?, g: uint(g)? };
                Algorithm { oid: DSA_ENCRYPTION, parameters: Some(Any::encode_from(&parameters)?) }
            }
        })
    }

    fn pkcs8(&self, protection: Option<Protection<'_>>) -> Result<Block, AutokeyError> {
        let key = match self {
            Self::Rsa(_) => self.traditional()?,
            Self::Dsa(key) => Zeroizing::new(UintRef::new(&key.private.octets())?.to_der()?),
        };
        let Algorithm { oid, parameters } = self.algorithm()?;
        let algorithm = AlgorithmIdentifierRef { oid, parameters: parameters.as_ref().map(Into::into) };
        let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&key)?);
        let Some(Protection { cipher, password }) = protection else {
            return Ok(Block::new("PRIVATE KEY", info.to_der()?));
        };
        let secret = info.encrypt_with_params(cipher.password_encryption()?, password);
        let secret = secret.map_err(|_| AutokeyError::Structure)?;
        Ok(Block::new("ENCRYPTED PRIVATE KEY", secret.as_bytes().to_vec()))
    }

    fn from_pkcs8(octets: &[u8], budget: &mut Budget) -> Result<Self, AutokeyError> {
        let info = PrivateKeyInfoRef::from_der(octets)?;
        let key = info.private_key.as_bytes();
        match info.algorithm.oid {
            RSA_ENCRYPTION => Self::from_traditional("RSA PRIVATE KEY", key),
            DSA_ENCRYPTION => {
                let parameters = info.algorithm.parameters.ok_or(AutokeyError::Structure)?;
                let DsaParametersDer { p, q, g } = parameters.decode_as()?;
                let parameters = DsaParameters { p: number(&p), q: number(&q), g: number(&g) };
                let private = Number::from_octets(UintRef::from_der(key)?.as_bytes());
                budget.spend_on_power(&parameters.p)?;
                check_dsa(&parameters, &[&private])?;
                let modulus = Modulus::new(&parameters.p).map_err(|_| AutokeyError::Structure)?;
                let public = modulus.power(&parameters.g, &private);
                Ok(Self::Dsa(DsaKey { parameters, public, private }))
            }
            _ => Err(AutokeyError::Structure),
        }
    }

    fn traditional_label(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA PRIVATE KEY",
            Self::Dsa(_) => "DSA PRIVATE KEY",
        }
    }

    fn traditional(&self) -> Result<Zeroizing<Vec<u8>>, AutokeyError> {
        let version = &Number::from(0);
        match self {
            Self::Rsa(RsaKey { n, e, d, p, q, dp, dq, qinv }) => {
                sequence(&[version, n, e, d, p, q, dp, dq, qinv])
            }
            Self::Dsa(DsaKey { parameters: DsaParameters { p, q, g }, public, private }) => {
                sequence(&[version, p, q, g, public, private])
            }
        }
    }

    fn from_traditional(label: &str, octets: &[u8]) -> Result<Self, AutokeyError> {
        match label {
            "RSA PRIVATE KEY" => {
                let [_, n, e, d, p, q, dp, dq, qinv] = numbers(octets)?;
                if [&n, &p, &q].into_iter().any(Number::is_zero) {
                    return Err(AutokeyError::Structure);
                }
                check_rsa(&n, &e, &[&d, &p, &q, &dp, &dq, &qinv])?;
                Ok(Self::Rsa(RsaKey { n, e, d, p, q, dp, dq, qinv }))
            }
            "DSA PRIVATE KEY" => {
                let [_, p, q, g, public, private] = numbers(octets)?;
                if [&p, &q].into_iter().any(Number::is_zero) {
                    return Err(AutokeyError::Structure);
                }
                let parameters = DsaParameters { p, q, g };
                check_dsa(&parameters, &[&public, &private])?;
                Ok(Self::Dsa(DsaKey { parameters, public, private }))
            }
            _ => Err(AutokeyError::Structure),
        }
    }
}

/// A wrong password can produce valid padding, but then the numbers have absurd sizes.
fn of_decrypted(error: AutokeyError) -> AutokeyError {
    match error {
        AutokeyError::TooManyBits | AutokeyError::Costly => error,
        _ => AutokeyError::Password,
    }
}

/// Decodes hexadecimal digits.
fn hexadecimal(text: &str) -> Result<Vec<u8>, AutokeyError> {
    let digits: Vec<u8> = text.chars().map_while(|digit| digit.to_digit(16)?.try_into().ok()).collect();
    if digits.len() != text.len() || digits.len() % 2 == 1 {
        return Err(AutokeyError::Pem);
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect())
}

/// Rejects RSA keys that are too large to compute with in reasonable time.
fn check_rsa(n: &Number, e: &Number, others: &[&Number]) -> Result<(), AutokeyError> {
    if n.bits() > MAX_RSA_BITS || n.bits() > LARGE_RSA_BITS && e.bits() > MAX_EXPONENT_BITS {
        return Err(AutokeyError::TooManyBits);
    }
    check_lengths(n, &[others, &[e]].concat())
}

/// Rejects DSA keys that are too large to compute with in reasonable time.
fn check_dsa(parameters: &DsaParameters, others: &[&Number]) -> Result<(), AutokeyError> {
    let DsaParameters { p, q, g } = parameters;
    if p.bits() > MAX_DSA_BITS {
        return Err(AutokeyError::TooManyBits);
    }
    check_lengths(p, &[others, &[q, g]].concat())
}

/// All numbers of a key are below its modulus, including those of the identity schemes.
fn check_lengths(modulus: &Number, numbers: &[&Number]) -> Result<(), AutokeyError> {
    let fits = numbers.iter().all(|number| number.bits() <= modulus.bits());
    if fits { Ok(()) } else { Err(AutokeyError::Structure) }
}

/// The algorithm of a public key.
pub fn is_dsa(oid: ObjectIdentifier) -> bool {
    oid == DSA_ENCRYPTION
}

#[cfg(test)]
mod tests;
