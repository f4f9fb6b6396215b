//! Authenticated encryption for NTS (RFC 8915 section 5.1): `AEAD_AES_SIV_CMAC_256` (RFC 5297) and
//! `AEAD_AES_128_GCM_SIV` (RFC 8452). Both resist nonce reuse.

use aes_gcm_siv::aead::{Aead as _, Payload};
use aes_gcm_siv::{Aes128GcmSiv, Nonce};
use aes_siv::KeyInit;
use aes_siv::siv::Aes128Siv;
use std::fmt;
use zeroize::Zeroizing;

/// An AEAD algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aead {
    /// `AEAD_AES_SIV_CMAC_256`, mandatory for NTS servers.
    AesSivCmac256,
    /// `AEAD_AES_128_GCM_SIV`: shorter keys, hence shorter cookies and packets.
    Aes128GcmSiv,
}

impl Aead {
    /// All algorithms, the one with the shorter packets first.
    pub const ALL: [Self; 2] = [Self::Aes128GcmSiv, Self::AesSivCmac256];

    /// Its number in IANA's registry of AEAD algorithms.
    pub fn number(self) -> u16 {
        match self {
            Self::AesSivCmac256 => 15,
            Self::Aes128GcmSiv => 30,
        }
    }

    /// The algorithm with this number, if it is supported.
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|aead| aead.number() == number)
    }

    /// The length of a key in octets.
    pub fn key_length(self) -> usize {
        match self {
            Self::AesSivCmac256 => 32,
            Self::Aes128GcmSiv => 16,
        }
    }

    /// The length of a nonce in octets.
    pub fn nonce_length(self) -> usize {
        match self {
            Self::AesSivCmac256 => 16,
            Self::Aes128GcmSiv => 12,
        }
    }

    /// The length of the tag in octets.
    pub const TAG_LENGTH: usize = 16;
}

/// The algorithm's name in IANA's registry.
impl fmt::Display for Aead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AesSivCmac256 => "AEAD_AES_SIV_CMAC_256",
            Self::Aes128GcmSiv => "AEAD_AES_128_GCM_SIV",
        })
    }
}

/// A key for one direction.
#[derive(Clone)]
pub struct AeadKey {
    aead: Aead,
    octets: Zeroizing<Vec<u8>>,
}

impl AeadKey {
    /// Creates a key; `None` if it does not have the algorithm's length.
    pub fn new(aead: Aead, octets: &[u8]) -> Option<Self> {
        (octets.len() == aead.key_length()).then(|| Self { aead, octets: Zeroizing::new(octets.to_vec()) })
    }

    /// The algorithm.
    pub fn aead(&self) -> Aead {
        self.aead
    }

    /// The secret, to be saved in a private file.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Encrypts the text and authenticates it and the associated data. `None` if the nonce does not have the algorithm's
    /// length.
    pub fn seal(&self, nonce: &[u8], associated: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        match self.aead {
            Aead::AesSivCmac256 if nonce.is_empty() => None,
            Aead::AesSivCmac256 => {
                Aes128Siv::new_from_slice(&self.octets).ok()?.encrypt([associated, nonce], text).ok()
            }
            Aead::Aes128GcmSiv => {
                let nonce = Nonce::try_from(nonce).ok()?;
                let cipher = Aes128GcmSiv::new_from_slice(&self.octets).ok()?;
                cipher.encrypt(&nonce, Payload { msg: text, aad: associated }).ok()
            }
        }
    }

    /// Decrypts the text if it and the associated data are authentic, compared in constant time.
    pub fn open(&self, nonce: &[u8], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        match self.aead {
            Aead::AesSivCmac256 if nonce.is_empty() => None,
            Aead::AesSivCmac256 => {
                Aes128Siv::new_from_slice(&self.octets).ok()?.decrypt([associated, nonce], sealed).ok()
            }
            Aead::Aes128GcmSiv => {
                let nonce = Nonce::try_from(nonce).ok()?;
                let cipher = Aes128GcmSiv::new_from_slice(&self.octets).ok()?;
                cipher.decrypt(&nonce, Payload { msg: sealed, aad: associated }).ok()
            }
        }
    }
}

/// Omits the secret.
impl fmt::Debug for AeadKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AeadKey").field("aead", &self.aead).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::octets;
    use super::*;
    use proptest::prelude::*;

    fn key(aead: Aead) -> AeadKey {
        AeadKey::new(aead, &(1..).take(aead.key_length()).collect::<Vec<u8>>()).unwrap()
    }

    /// RFC 5297 appendix A.1 and A.2: the components of S2V are the associated data, and the nonce last.
    #[test]
    fn siv_matches_rfc_5297() {
        let cipher = Aes128Siv::new_from_slice(&octets(
            "fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff",
        ));
        let header = octets("10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627");
        let sealed = octets("85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c");
        assert_eq!(
            cipher.unwrap().encrypt([&header], &octets("11223344 55667788 99aabbcc ddee")).unwrap(),
            sealed
        );

        let secret = octets("7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f");
        let one = octets(
            "00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100",
        );
        let (two, nonce) = (octets("10203040 50607080 90a0"), octets("09f91102 9d74e35b d84156c5 635688c0"));
        let text = octets(
            "74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553",
        );
        let sealed = octets(
            "7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829 \
             ea64ad54 4a272e9c 485b62a3 fd5c0d",
        );
        let mut cipher = Aes128Siv::new_from_slice(&secret).unwrap();
        assert_eq!(cipher.encrypt([&one, &two, &nonce], &text).unwrap(), sealed);
        assert_eq!(cipher.decrypt([&one, &two, &nonce], &sealed).unwrap(), text);
        // NTS uses a single piece of associated data.
        let ours = AeadKey::new(Aead::AesSivCmac256, &secret).unwrap();
        assert_eq!(ours.seal(&nonce, &one, &text), cipher.encrypt([&one, &nonce], &text).ok());
    }

    /// RFC 8452 appendix C.1.
    #[test]
    fn gcm_siv_matches_rfc_8452() {
        let key = AeadKey::new(Aead::Aes128GcmSiv, &octets("01000000000000000000000000000000")).unwrap();
        let nonce = octets("030000000000000000000000");
        for (text, associated, sealed) in [
            ("", "", "dc20e2d83f25705bb49e439eca56de25"),
            ("0100000000000000", "", "b5d839330ac7b786578782fff6013b815b287c22493a364c"),
            ("0200000000000000", "01", "1e6daba35669f4273b0a1a2560969cdf790d99759abd1508"),
            ("020000000000000000000000", "01", "296c7889fd99f41917f4462008299c5102745aaa3a0c469fad9e075a"),
        ] {
            let (text, associated, sealed) = (octets(text), octets(associated), octets(sealed));
            assert_eq!(key.seal(&nonce, &associated, &text).unwrap(), sealed);
            assert_eq!(key.open(&nonce, &associated, &sealed).unwrap(), text);
        }
    }

    #[test]
    fn lengths_must_fit() {
        for aead in Aead::ALL {
            assert_eq!(Aead::from_number(aead.number()), Some(aead));
            assert!(AeadKey::new(aead, &[0; 17]).is_none());
            assert!(key(aead).open(&[0; 16], b"", &[0; 15]).is_none());
            assert!(key(aead).seal(&[], b"", b"").is_none());
        }
        assert!(key(Aead::Aes128GcmSiv).seal(&[0; 16], b"", b"").is_none());
        assert!(!format!("{:?}", key(Aead::AesSivCmac256)).contains("1, 2"), "the secret is shown");
    }

    proptest! {
        #[test]
        fn any_change_is_detected(
            text in proptest::collection::vec(any::<u8>(), 0..80),
            associated in proptest::collection::vec(any::<u8>(), 1..80),
            place: usize,
            change in 1_u8..
        ) {
            for aead in Aead::ALL {
                let key = key(aead);
                let nonce = vec![7; aead.nonce_length()];
                let sealed = key.seal(&nonce, &associated, &text).unwrap();
                prop_assert_eq!(sealed.len(), text.len() + Aead::TAG_LENGTH);
                prop_assert_eq!(key.open(&nonce, &associated, &sealed).unwrap(), text.clone());
                let changed = |octets: &[u8]| {
                    let mut octets = octets.to_vec();
                    let place = place % octets.len();
                    octets[place] ^= change;
                    octets
                };
                prop_assert!(key.open(&nonce, &associated, &changed(&sealed)).is_none());
                prop_assert!(key.open(&nonce, &changed(&associated), &sealed).is_none());
                prop_assert!(key.open(&changed(&nonce), &associated, &sealed).is_none());
            }
        }
    }
}
