//! The Autokey part of `ntp-keygen`: host and sign keys, the identity schemes, the certificate.

pub mod args;
mod dump;
mod identity;
mod keyring;

use super::names::{Names, filestamp};
use super::store::{NewFile, Store};
use super::{Failure, banner};
use crate::autokey::AutokeyError;
use crate::autokey::certificate::{Certificate, Request, Role};
use crate::autokey::cipher::Cipher;
use crate::autokey::dsa::{DsaKey, DsaParameters};
use crate::autokey::number::Number;
use crate::autokey::pem::Block;
use crate::autokey::private_key::{Form, PrivateKey, Protection};
use crate::autokey::rsa::RsaKey;
use crate::autokey::scheme::Scheme;
use crate::cli::context::Context;
use crate::cli::output::reason;
use crate::compat::Quirk;
use anyhow::anyhow;
use args::{AutokeyArgs, Sizes};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The smallest RSA key generated, in bits: `OpenSSL` refuses smaller ones.
const MIN_RSA_BITS: u64 = 512;

/// The smallest key that is not considered weak, in bits.
const STRONG_BITS: u64 = 2048;

/// The classic library's refusal of keys that are too small.
const TOO_SMALL: &str = "error:04081078:rsa routines:rsa_builtin_keygen:key size too small";

/// Seconds per day.
const DAY: i64 = 86_400;

/// The longest password read from a file, in bytes.
const LONGEST_PASSWORD: usize = 1024;

/// One run.
struct Course<'a> {
    context: &'a mut Context,
    args: &'a AutokeyArgs,
    names: &'a Names,
    store: &'a mut Store,
    sizes: Sizes,
    cipher: Cipher,
    password: Zeroizing<String>,
    export_password: Option<Zeroizing<String>>,
    /// The number of keys written to standard output.
    exported: usize,
}

/// Generates what the options request. The default password is the machine's name.
pub fn make(
    context: &mut Context,
    args: &AutokeyArgs,
    names: &Names,
    machine: &str,
    store: &mut Store,
) -> Result<(), Failure> {
    let classic = context.dialect.keeps(Quirk::KEYGEN_OPTIONS);
    let usage = |problem: anyhow::Error| Failure::Usage(format!("ntp-keygen error:  {problem}"));
    let sizes = args.sizes(context.dialect).map_err(usage)?;
    if classic && args.gq_keys {
        return Err(Failure::Usage(format!("{}: illegal option -- g", context.called.to_string_lossy())));
    }
    let unknown_type = args.sign_key.as_ref().filter(|kind| !["RSA", "DSA"].contains(&kind.as_str()));
    if let (false, Some(kind)) = (classic, unknown_type) {
        return Err(usage(anyhow!("'{kind}' is not a type of sign keys; choose RSA or DSA")));
    }
    let password = match &args.password_file {
        Some(path) => password_in(path)?,
        None => args.password.clone().unwrap_or_else(|| machine.to_owned().into()).0,
    };
    let export_password = match &args.export_passwd_file {
        Some(path) => Some(password_in(path)?),
        None => args.export_passwd.clone().map(|password| password.0),
    };
    context.output.message(banner(context.dialect));
    let cipher = Cipher::named(&args.cipher)
        .ok_or_else(|| Failure::Failed(format!("Unknown cipher {}", args.cipher)))?;
    context.output.message(format!("Using host {} group {}\n", names.host, names.group));
    let exported = 0;
    Course { context, args, names, store, sizes, cipher, password, export_password, exported }.run()
}

/// The first line of a file.
fn password_in(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed = |cause: &str| Failure::Failed(format!("ntp-keygen: {}: {cause}", path.display()));
    // Capacity for everything in advance, and no intermediate buffer: no copies of the password remain.
    let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST_PASSWORD + 2));
    File::open(path)
        .and_then(|file| file.take(LONGEST_PASSWORD as u64 + 2).read_to_end(&mut octets))
        .map_err(|error| failed(&reason(&error)))?;
    if octets.is_empty() {
        return Err(failed("it contains no password"));
    }
    let line = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LONGEST_PASSWORD {
        return Err(failed("its first line is too long for a password"));
    }
    let password = std::str::from_utf8(line).map_err(|_| failed("the password is not valid UTF-8"))?;
    Ok(Zeroizing::new(password.to_owned()))
}

impl Course<'_> {
    fn run(mut self) -> Result<(), Failure> {
        let (inherited, scheme) = self.present_certificate()?;
        let host_key = self.host_key()?;
        let sign_key = self.sign_key(host_key)?;
        let gq_public = self.gq()?;
        self.iff()?;
        self.mv()?;
        let default = if self.keeps(Quirk::MD5_SIGNATURES) { "RSA-MD5" } else { "RSA-SHA256" };
        let name = self.args.certificate.clone().or(scheme).unwrap_or_else(|| default.to_owned());
        let scheme = Scheme::named(&name).or_else(|| {
            let for_dsa = !self.keeps(Quirk::SCHEMES_BY_EXACT_NAME) && matches!(sign_key, PrivateKey::Dsa(_));
            for_dsa.then(|| Scheme::named_for_dsa(&name)).flatten()
        });
        let scheme = scheme.ok_or_else(|| {
            let known = if self.keeps(Quirk::SCHEMES_BY_EXACT_NAME) {
                String::new()
            } else {
                format!("; the schemes are {}", Scheme::names().collect::<Vec<_>>().join(", "))
            };
            Failure::Failed(format!("Invalid digest/signature combination {name}{known}"))
        })?;
        let role = match (self.args.trusted_cert, self.args.pvt_cert, &inherited) {
            (true, ..) => Some(Role::Trusted),
            (_, true, _) => Some(Role::Private),
            (.., inherited) => inherited.as_ref().map(|(role, _)| *role),
        };
        let name = match inherited {
            Some((_, Some(name))) if !self.args.trusted_cert && !self.args.pvt_cert => name,
            _ => self.names.certificate.clone(),
        };
        self.certificate(&name, &sign_key, scheme, gq_public.as_ref(), role)?;
        let wanted = self.args.id_key || self.export_password.is_some();
        if wanted && self.exported == 0 && !self.keeps(Quirk::NOTHING_EXPORTED_IS_OK) {
            let text = format!("ntp-keygen: no identity keys of {} to export", self.names.group);
            return Err(Failure::Failed(text));
        }
        Ok(())
    }

    fn keeps(&self, quirk: Quirk) -> bool {
        self.context.dialect.keeps(quirk)
    }

    fn tell(&mut self, text: impl AsRef<[u8]>) {
        self.context.output.message(text);
    }

    /// Warns of weak keys and digests; the classic program never does.
    fn warn(&mut self, text: &str) {
        if !self.keeps(Quirk::NO_KEYGEN_WARNINGS) {
            self.tell(format!("ntp-keygen: warning: {text}\n"));
        }
    }

    /// What is taken over from the existing certificate: its role, its name if it has a role, and its signature scheme.
    #[expect(clippy::type_complexity, reason = "two things that are taken apart at once")]
    fn present_certificate(&mut self) -> Result<(Option<(Role, Option<String>)>, Option<String>), Failure> {
        let link = format!("ntpkey_cert_{}", self.names.host);
        let Some(octets) = self.stored_certificate(&link)? else { return Ok((None, None)) };
        let Ok(certificate) = Certificate::from_der(&octets) else {
            self.warn(&format!("{link} contains no readable certificate; it will be replaced"));
            return Ok((None, None));
        };
        let inherited = certificate.role().map(|role| (role, certificate.common_name()));
        Ok((inherited, Scheme::signature_name(certificate.signature()).map(str::to_owned)))
    }

    fn host_key(&mut self) -> Result<PrivateKey, Failure> {
        // As in the classic program, a key that could not be generated is looked up and tried again.
        let mut key = if self.args.host_key { self.new_rsa("host")? } else { None };
        if key.is_none() {
            key = self.use_stored(&format!("ntpkey_host_{}", self.names.host), "host key")?;
        }
        if key.is_none() {
            key = self.new_rsa("host")?;
        }
        key.ok_or_else(|| Failure::Failed("Generating host key fails".to_owned()))
    }

    fn sign_key(&mut self, host_key: PrivateKey) -> Result<PrivateKey, Failure> {
        let new = match self.args.sign_key.as_deref() {
            Some("RSA") => self.new_rsa("sign")?,
            Some("DSA") => self.new_dsa()?,
            Some(kind) => {
                let text = format!("Invalid sign key type {kind}\n");
                self.tell(text);
                None
            }
            None => None,
        };
        if let Some(key) = new {
            return Ok(key);
        }
        match self.use_stored(&format!("ntpkey_sign_{}", self.names.host), "sign key")? {
            Some(key) => Ok(key),
            None => {
                self.tell("Using host key as sign key\n");
                Ok(host_key)
            }
        }
    }

    /// The first key in a file, if there is one.
    fn use_stored(&mut self, link: &str, what: &str) -> Result<Option<PrivateKey>, Failure> {
        let Some(stored) = self.stored(link)? else { return Ok(None) };
        self.tell(format!("Using {what} {}\n", stored.name));
        Ok(stored.keys.into_iter().next())
    }

    /// A new RSA key, if one of this size can be generated.
    fn new_rsa(&mut self, kind: &str) -> Result<Option<PrivateKey>, Failure> {
        let bits = self.sizes.modulus;
        self.tell(format!("Generating RSA keys ({bits} bits)...\n"));
        if bits < MIN_RSA_BITS {
            self.tell(format!("\nRSA generate keys fails\n{TOO_SMALL}\n"));
            return Ok(None);
        }
        let key = PrivateKey::Rsa(RsaKey::generate(bits).map_err(broken)?);
        self.tell("\n");
        self.keep_key(kind, key).map(Some)
    }

    fn new_dsa(&mut self) -> Result<Option<PrivateKey>, Failure> {
        let bits = self.sizes.modulus.max(MIN_RSA_BITS);
        self.tell(format!("Generating DSA parameters ({} bits)...\n", self.sizes.modulus));
        let parameters = DsaParameters::generate(bits).map_err(broken)?;
        self.tell(format!("\nGenerating DSA keys ({} bits)...\n", self.sizes.modulus));
        let key = PrivateKey::Dsa(DsaKey::generate(parameters).map_err(broken)?);
        self.warn("ntpd 4.2.8p15 crashes when it reads a DSA sign key");
        self.keep_key("sign", key).map(Some)
    }

    /// Writes a new host or sign key.
    fn keep_key(&mut self, kind: &str, key: PrivateKey) -> Result<PrivateKey, Failure> {
        let text = key.to_pem(Form::Pkcs8, Some(self.protection())).map_err(broken)?;
        self.write(kind, &format!("{}{kind}", key.kind()), &self.names.host, text.as_bytes(), true)?;
        if key.bits() < STRONG_BITS {
            self.warn(&format!("{} keys of {} bits are weak", key.kind(), key.bits()));
        }
        self.dump_key(&key);
        Ok(key)
    }

    fn protection(&self) -> Protection<'_> {
        Protection { cipher: self.cipher, password: self.password.as_bytes() }
    }

    /// Writes a file with its links: named after the host, and also after the owner if that is the group, under whose
    /// name it is looked up.
    fn write(
        &mut self,
        kind: &str,
        file_type: &str,
        owner: &str,
        body: &[u8],
        is_secret: bool,
    ) -> Result<(), Failure> {
        let mut links = vec![format!("ntpkey_{kind}_{}", self.names.host)];
        if owner != self.names.host && !self.keeps(Quirk::GROUP_KEYS_NOT_FOUND) {
            links.push(format!("ntpkey_{kind}_{owner}"));
        }
        let new = NewFile { kind, file_type, owner, links: &links, body, is_secret };
        self.store.make(self.context, &new)
    }

    fn certificate(
        &mut self,
        name: &str,
        key: &PrivateKey,
        scheme: &'static Scheme,
        gq_public: Option<&Number>,
        role: Option<Role>,
    ) -> Result<(), Failure> {
        self.tell(format!(
            "Generating new certificate {name} {}\nX509v3 Basic Constraints: critical,CA:TRUE\n\
             X509v3 Key Usage: digitalSignature,keyCertSign\n",
            scheme.name
        ));
        if gq_public.is_some() {
            self.tell("X509v3 Subject Key Identifier\n");
        }
        if let Some(role) = role {
            self.tell(format!("X509v3 Extended Key Usage: {}\n", role.name()));
        }
        let begin = self.store.started.as_second();
        let lifetime = if self.keeps(Quirk::LIFETIME_WRAPS) {
            // The classic program counts in unsigned 32-bit numbers.
            Some(self.args.lifetime.wrapping_mul(DAY).rem_euclid(1 << 32))
        } else {
            self.args.lifetime.checked_mul(DAY)
        };
        let end = lifetime.and_then(|lifetime| begin.checked_add(lifetime));
        let serial = filestamp(self.store.started);
        let issued = end.ok_or(AutokeyError::Structure).and_then(|end| {
            Request { name, serial, validity: (begin, end), key, scheme, gq_public, role }.issue()
        });
        let octets = match issued {
            Ok(octets) => octets,
            Err(error) => return self.no_certificate(scheme, error),
        };
        if scheme.is_weak {
            self.warn(&format!("certificates signed with {} can be forged; use -c RSA-SHA256", scheme.name));
        }
        let text = Block::new("CERTIFICATE", octets.clone()).to_text();
        let is_secret = role == Some(Role::Private);
        self.write("cert", &format!("{}cert", scheme.name), &self.names.host, text.as_bytes(), is_secret)?;
        self.dump_certificate(&octets);
        Ok(())
    }

    /// Reports why there is no certificate. To the classic program this is not a failure.
    fn no_certificate(&mut self, scheme: &Scheme, error: AutokeyError) -> Result<(), Failure> {
        let library = match error {
            AutokeyError::DigestTooBig => "error:04075070:rsa routines:RSA_sign:digest too big for rsa key",
            AutokeyError::DigestType => "error:0A07806A:dsa routines:pkey_dsa_ctrl:invalid digest type",
            _ => "",
        };
        let cause = if library.is_empty() {
            "ntp-keygen: the name, the lifetime or the key does not fit into a certificate"
        } else {
            library
        };
        let text = format!("Verify {} certificate fails\n{cause}", scheme.name);
        if self.keeps(Quirk::KEYGEN_IGNORES_FAILURES) {
            self.tell(format!("{text}\n"));
            return Ok(());
        }
        Err(Failure::Failed(text))
    }
}

/// An internal error.
fn broken(error: AutokeyError) -> Failure {
    Failure::Failed(format!("ntp-keygen: {error}"))
}
