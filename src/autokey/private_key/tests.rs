//! Keys in every form, and what is no key.

use super::*;
use proptest::prelude::*;

fn keys() -> [PrivateKey; 2] {
    let rsa = RsaKey::generate(512).unwrap();
    let dsa = DsaKey::generate(DsaParameters::generate(512).unwrap()).unwrap();
    [PrivateKey::Rsa(rsa), PrivateKey::Dsa(dsa)]
}

#[test]
fn keys_come_back_from_every_form() {
    for key in keys() {
        for form in [Form::Pkcs8, Form::Traditional] {
            assert!(PrivateKey::from_pem(&key.to_pem(form, None).unwrap(), b"").unwrap() == key);
            for cipher in [Cipher::DesEde3, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
                let text = key.to_pem(form, Some(Protection { cipher, password: b"secret" })).unwrap();
                assert!(PrivateKey::from_pem(&text, b"secret").unwrap() == key, "{form:?} {cipher:?}");
                let wrong = PrivateKey::from_pem(&text, b"Secret").err();
                assert_eq!(wrong, Some(AutokeyError::Password), "{form:?} {cipher:?}");
            }
        }
    }
}

/// A key that the classic ntp-keygen wrote, its password `alice`.
const CLASSIC: &str = "# ntpkey_RSAhost_alice.4004178158
# Fri Nov 20 15:42:38 2026

-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIBtDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHAQIF2y2X5LbOiACAggA
MAwGCCqGSIb3DQIJBQAwFAYIKoZIhvcNAwcECFMLPvpfGtJpBIIBYPQfhYRYQcHL
JZljcSxOqoFvQ/CW6LLWB+dh1b9Dof9g+78/xzl/jDiin0lonneqpKKsAEYMvVeT
4WpdhIWB/xYorjmuIR4UtPmklc35VI/sETeDKb3rxsAdUiCBjQ2OhBPnrhD6YHcl
Z9gsJAvl20PZqhhCrydYLxFkQe9TzaE+1p474lbvHLH91LAz/4PHVDwXVY0Mxxzf
Xguoz03mo/wIKbt3tR3gI1JT8JDUH4nBR4YSq6Cva1M4zhCOMjwmcCbf3y46DBzd
o48D98Mo6sdJMc1yFYJznk9u4jfnQ8eqGoZnJ9TQ7GQ6rbdqi4Ghny8FfENARqYD
IO9muHo/4yKcBlya8qfEUdy3mz/SjMpeOT8y9kgOt3nlDe6atI/cygQcTIdai0S7
LuJLcRxtezvKMJOUZFT2dHy+iXOL7EYSKjRva7fDgUqdozKJzdOTm7crYXmbq3/x
I51dvYPGYdo=
-----END ENCRYPTED PRIVATE KEY-----
";

#[test]
fn a_key_of_the_classic_is_read() {
    let PrivateKey::Rsa(key) = PrivateKey::from_pem(CLASSIC, b"alice").unwrap() else { panic!("no RSA key") };
    assert_eq!(&key.p * &key.q, key.n);
    assert_eq!(key.n.octets()[..8], [0x9a, 0xef, 0x7c, 0x1b, 0x05, 0x0b, 0xba, 0xc5]);
    assert_eq!(PrivateKey::from_pem(CLASSIC, b"redhat").err(), Some(AutokeyError::Password));
}

#[test]
fn a_public_number_is_kept_by_the_traditional_form_alone() {
    let [_, PrivateKey::Dsa(key)] = keys() else { panic!("no DSA key") };
    let odd = PrivateKey::Dsa(DsaKey { public: Number::from(5), ..key.clone() });
    let back = |form| PrivateKey::from_pem(&odd.to_pem(form, None).unwrap(), b"").unwrap();
    assert!(back(Form::Traditional) == odd);
    assert!(back(Form::Pkcs8) == PrivateKey::Dsa(key));
}

#[test]
fn several_keys_stand_in_one_file() {
    let [first, second] = keys();
    let text = format!(
        "{}{}",
        *first.to_pem(Form::Pkcs8, None).unwrap(),
        *second.to_pem(Form::Pkcs8, None).unwrap()
    );
    let all = PrivateKey::all_from_pem(&text, b"").unwrap();
    assert!(all == [first, second]);
    assert_eq!(PrivateKey::all_from_pem("nothing", b"").err(), Some(AutokeyError::Pem));
}

proptest! {
    #[test]
    fn any_block_is_read(
        octets in prop::collection::vec(any::<u8>(), 0..80),
        label in prop::sample::select(vec!["", "ENCRYPTED ", "RSA ", "DSA ", "EC "]),
    ) {
        let text = Block::new(&format!("{label}PRIVATE KEY"), octets).to_text();
        prop_assert!(PrivateKey::from_pem(&text, b"x").is_err());
    }
}
