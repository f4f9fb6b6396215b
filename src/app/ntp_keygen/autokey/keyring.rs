//! Existing key files.

use super::Course;
use crate::app::ntp_keygen::Failure;
use crate::autokey::private_key::PrivateKey;
use crate::autokey::{AutokeyError, pem};
use crate::cli::output::reason;
use crate::compat::Quirk;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

/// The largest file that is read, in bytes.
const LONGEST_FILE: u64 = 1 << 20;

/// The contents of a key file.
pub struct Stored {
    /// The file's name: the target of its link.
    pub name: String,
    /// The keys in it, at least one.
    pub keys: Vec<PrivateKey>,
}

impl Course<'_> {
    /// Reads the private keys that a link leads to; `None` if there are none. The timestamp of the file is used for all
    /// files made later.
    ///
    /// # Errors
    /// The file cannot be read. The classic program makes new keys in place of a file that is empty or has no
    /// timestamp; ntpkit does so only in the classic dialect.
    pub fn stored(&mut self, link: &str) -> Result<Option<Stored>, Failure> {
        let Some(text) = self.text_of(link)? else { return Ok(None) };
        let stamp = match stamp(&text) {
            Ok(stamp) => stamp,
            Err(fault) => return self.unusable(&format!("{fault} {link}")).map(|()| None),
        };
        self.store.stamp = stamp;
        match PrivateKey::all_from_pem(&text, self.password.as_bytes()) {
            Ok(keys) => {
                let target = fs::read_link(link).map(|target| target.to_string_lossy().into_owned());
                Ok(Some(Stored { name: target.unwrap_or_else(|_| link.to_owned()), keys }))
            }
            Err(error) => Err(Failure::Failed(self.corrupt(link, error))),
        }
    }

    /// The link to a key of the group. The classic program creates it under the host's name only, where it does not
    /// find it again; such a link is used if it leads to the group's file.
    pub fn group_link(&self, kind: &str, file_type: &str) -> String {
        let [own, of_host] =
            [&self.names.group, &self.names.host].map(|owner| format!("ntpkey_{kind}_{owner}"));
        let is_own = |target: &Path| {
            let stem = format!("ntpkey_{file_type}_{}", self.names.group);
            target.file_stem().is_some_and(|found| *found == *stem)
        };
        let is_lost = !self.keeps(Quirk::GROUP_KEYS_NOT_FOUND) && fs::symlink_metadata(&own).is_err();
        if is_lost && fs::read_link(&of_host).is_ok_and(|target| is_own(&target)) { of_host } else { own }
    }

    /// The text of a file, if it exists.
    pub fn text_of(&self, name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let mut octets = Zeroizing::new(Vec::with_capacity(1 << 14));
        match File::open(name).and_then(|file| file.take(LONGEST_FILE).read_to_end(&mut octets)) {
            Ok(_) => Ok(Some(Zeroizing::new(String::from_utf8_lossy(&octets).into_owned()))),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    || self.keeps(Quirk::UNREADABLE_KEYS_ARE_ABSENT) =>
            {
                Ok(None)
            }
            Err(error) => {
                Err(Failure::Failed(format!("ntp-keygen: {name} cannot be read: {}", reason(&error))))
            }
        }
    }

    /// The certificate in a file, encoded, if there is one.
    pub fn stored_certificate(&self, link: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let Some(text) = self.text_of(link)? else { return Ok(None) };
        let block = pem::first(&text, |label| label.ends_with("CERTIFICATE"));
        Ok(block.ok().map(|block| block.octets))
    }

    /// Reports that a file is not a key file; the classic program continues.
    fn unusable(&mut self, fault: &str) -> Result<(), Failure> {
        if self.keeps(Quirk::KEYGEN_IGNORES_FAILURES) {
            self.tell(format!("{fault}\n"));
            return Ok(());
        }
        Err(Failure::Failed(format!("{fault}: left unchanged; the option for new keys replaces it")))
    }

    fn corrupt(&self, link: &str, error: AutokeyError) -> String {
        // The message of the classic program's library.
        let library = match error {
            AutokeyError::Password => {
                "error:06065064:digital envelope routines:EVP_DecryptFinal_ex:bad decrypt"
            }
            AutokeyError::Pem => "error:0909006C:PEM routines:get_name:no start line",
            _ => "error:0D0680A8:asn1 encoding routines:asn1_check_tlen:wrong tag",
        };
        if self.keeps(Quirk::OPENSSL_ERRORS) {
            // The original prints the password here.
            return format!("Corrupt file {link} or wrong key\n{library}");
        }
        let hint = match error {
            AutokeyError::Password if self.args.password.is_none() && self.args.password_file.is_none() => {
                "; the host name was tried as the password; next: ntp-keygen --password-file FILE"
            }
            AutokeyError::Password => {
                "; it was encrypted with a different password; next: ntp-keygen --password-file FILE"
            }
            AutokeyError::Pem => "; it contains no private key",
            AutokeyError::Encryption => "; next: openssl pkcs8 -topk8 -v2 aes-256-cbc",
            _ => "",
        };
        format!("Corrupt file {link} or wrong key: {error}{hint}")
    }
}

/// Why a key file has no timestamp, in the classic words, to be followed by the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NoStamp {
    #[error("Empty key file")]
    Empty,
    #[error("No filestamp found in")]
    Missing,
    #[error("Invalid filestamp found in")]
    Invalid,
}

/// The timestamp of a key file: the number after the last dot of its first line.
fn stamp(text: &str) -> Result<u32, NoStamp> {
    let Some(line) = text.split_inclusive('\n').next() else { return Err(NoStamp::Empty) };
    let (_, number) = line.rsplit_once('.').ok_or(NoStamp::Missing)?;
    let digits = number.trim_start();
    let end = digits.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).and_then(|digits| digits.parse().ok()).ok_or(NoStamp::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_ends_the_first_line() {
        assert_eq!(stamp("# ntpkey_RSAhost_a.b.4004178158\n# x.1\n"), Ok(4_004_178_158));
        assert_eq!(stamp("# ntpkey_RSAhost_alice.12 and more"), Ok(12));
        assert_eq!(stamp(""), Err(NoStamp::Empty));
        assert_eq!(stamp("# ntpkey\n# a.1"), Err(NoStamp::Missing));
        assert_eq!(stamp("# ntpkey.alice\n"), Err(NoStamp::Invalid));
        assert_eq!(stamp("# ntpkey_RSAhost_alice.99999999999\n"), Err(NoStamp::Invalid));
    }
}
