//! Keys in every form, and texts that are not keys.

use super::*;
use proptest::prelude::*;

fn keys() -> [PrivateKey; 2] {
    let rsa = RsaKey::generate(512).unwrap();
    let dsa = DsaKey::generate(DsaParameters::generate(512).unwrap()).unwrap();
    [PrivateKey::Rsa(rsa), PrivateKey::Dsa(dsa)]
}

#[test]
fn keys_survive_a_round_trip_in_every_form() {
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

/// A key written by the classic ntp-keygen, password `alice`.
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
fn a_key_of_the_classic_program_is_read() {
    let PrivateKey::Rsa(key) = PrivateKey::from_pem(CLASSIC, b"alice").unwrap() else { panic!("no RSA key") };
    assert_eq!(&key.p * &key.q, key.n);
    assert_eq!(key.n.octets()[..8], [0x9a, 0xef, 0x7c, 0x1b, 0x05, 0x0b, 0xba, 0xc5]);
    assert_eq!(PrivateKey::from_pem(CLASSIC, b"redhat").err(), Some(AutokeyError::Password));
}

#[test]
fn only_the_traditional_form_keeps_the_public_number() {
    let [_, PrivateKey::Dsa(key)] = keys() else { panic!("no DSA key") };
    let odd = PrivateKey::Dsa(DsaKey { public: Number::from(5), ..key.clone() });
    let back = |form| PrivateKey::from_pem(&odd.to_pem(form, None).unwrap(), b"").unwrap();
    assert!(back(Form::Traditional) == odd);
    assert!(back(Form::Pkcs8) == PrivateKey::Dsa(key));
}

#[test]
fn one_file_may_contain_several_keys() {
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

/// An encrypted key whose password would be derived with these parameters (DER of the `KeyDerivationFunc`).
fn derived_with(function: &str) -> String {
    let tail = "301406082a864886f70d03070408534b3efa5f1ad269";
    let wrap = |tag: &str, body: &str| format!("{tag}{:02x}{body}", body.len() / 2);
    let pbes2 = wrap("30", &format!("06092a864886f70d01050d{}", wrap("30", &format!("{function}{tail}"))));
    let info = wrap("30", &format!("{pbes2}04080102030405060708"));
    let octets: Vec<u8> =
        (0..info.len()).step_by(2).map(|at| u8::from_str_radix(&info[at..at + 2], 16).unwrap()).collect();
    Block::new("ENCRYPTED PRIVATE KEY", octets).to_text().to_string()
}

#[test]
fn the_cost_of_the_derivation_is_bounded() {
    let error = |function: &str| PrivateKey::from_pem(&derived_with(function), b"x").err();
    let scrypt = |cost: &str| {
        let body = format!("0408aabbccddeeff0011{cost}020108020101");
        let parameters = format!("30{:02x}{body}", body.len() / 2);
        let function = format!("06092b06010401da47040b{parameters}");
        format!("30{:02x}{function}", function.len() / 2)
    };
    assert_eq!(error(&scrypt("0206010000000000")), Some(AutokeyError::Costly), "2^40");
    assert_eq!(error(&scrypt("0203400000")), Some(AutokeyError::Costly), "2^22: 4 GiB");
    assert_eq!(error(&scrypt("02020400")), Some(AutokeyError::Password), "2^10: a wrong password");
    let pbkdf2 = |rounds: &str| {
        let body = format!("0408aabbccddeeff0011{rounds}");
        let parameters = format!("30{:02x}{body}", body.len() / 2);
        let function = format!("06092a864886f70d01050c{parameters}");
        format!("30{:02x}{function}", function.len() / 2)
    };
    assert_eq!(error(&pbkdf2("020500ffffffff")), Some(AutokeyError::Costly));
    assert_eq!(error(&pbkdf2("02020800")), Some(AutokeyError::Password));
}

#[test]
fn keys_of_absurd_sizes_are_refused() {
    let [_, PrivateKey::Dsa(key)] = keys() else { panic!("no DSA key") };
    let p = Number::from_octets(&[0xff; 2500]);
    let huge = PrivateKey::Dsa(DsaKey { parameters: DsaParameters { p, ..key.parameters.clone() }, ..key });
    for form in [Form::Pkcs8, Form::Traditional] {
        let text = huge.to_pem(form, None).unwrap();
        assert_eq!(PrivateKey::from_pem(&text, b"").err(), Some(AutokeyError::TooManyBits));
    }
}

/// Each block is permitted on its own; a file full of them is not.
#[test]
fn many_keys_cost_no_more_than_one() {
    let [_, PrivateKey::Dsa(key)] = keys() else { panic!("no DSA key") };
    let p = Number::from_octets(&[0xff; 1250]);
    let (q, g) = (key.parameters.q.clone(), Number::from(2));
    let large = PrivateKey::Dsa(DsaKey { parameters: DsaParameters { p, q, g }, ..key });
    let text = large.to_pem(Form::Pkcs8, None).unwrap();
    assert!(PrivateKey::all_from_pem(&text, b"").is_ok());
    assert_eq!(PrivateKey::all_from_pem(&text.repeat(2), b"").err(), Some(AutokeyError::Costly));
}

#[test]
fn numbers_longer_than_their_modulus_are_refused() {
    let [PrivateKey::Rsa(rsa), PrivateKey::Dsa(dsa)] = keys() else { panic!("other kinds") };
    let long = Number::from_octets(&[0xff; 4096]);
    let parameters = |p: &Number| DsaParameters { p: p.clone(), ..dsa.parameters.clone() };
    let structure = Some(AutokeyError::Structure);
    for key in [
        PrivateKey::Rsa(RsaKey { e: long.clone(), ..rsa.clone() }),
        PrivateKey::Rsa(RsaKey { dp: long.clone(), ..rsa.clone() }),
        PrivateKey::Dsa(DsaKey { private: long.clone(), ..dsa.clone() }),
        PrivateKey::Dsa(DsaKey {
            parameters: DsaParameters { q: long.clone(), ..dsa.parameters.clone() },
            ..dsa.clone()
        }),
    ] {
        let text = key.to_pem(Form::Pkcs8, None).unwrap();
        assert_eq!(PrivateKey::from_pem(&text, b"").err(), structure);
        let protection = Protection { cipher: Cipher::Aes128, password: b"x" };
        let text = key.to_pem(Form::Traditional, Some(protection)).unwrap();
        assert_eq!(PrivateKey::from_pem(&text, b"x").err(), Some(AutokeyError::Password));
    }
    let error = |key: &PrivateKey| {
        let protection = Protection { cipher: Cipher::Aes128, password: b"x" };
        PrivateKey::from_pem(&key.to_pem(Form::Pkcs8, Some(protection)).unwrap(), b"x").err()
    };
    let many = Some(AutokeyError::TooManyBits);
    assert_eq!(error(&PrivateKey::Rsa(RsaKey { n: long.clone(), ..rsa.clone() })), many, "32,768 bits");
    let n = Number::from_octets(&[0xff; 512]);
    assert_eq!(error(&PrivateKey::Rsa(RsaKey { e: n.clone(), n, ..rsa })), many, "a long exponent");
    assert_eq!(error(&PrivateKey::Dsa(DsaKey { parameters: parameters(&long), ..dsa.clone() })), many);
}

/// PBES1, as `openssl pkcs8 -v1` writes it, and ciphers such as Camellia are not a wrong password.
#[test]
fn unknown_encryption_is_named() {
    let octets = [
        0x30, 0x27, 0x30, 0x1b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03, 0x30, 0x0e,
        0x04, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x02, 0x02, 0x08, 0x00, 0x04, 8, 1, 2, 3, 4, 5, 6, 7, 8,
    ];
    let text = Block::new("ENCRYPTED PRIVATE KEY", octets.to_vec()).to_text();
    assert_eq!(PrivateKey::from_pem(&text, b"x").err(), Some(AutokeyError::Encryption));
    assert_eq!(PrivateKey::from_pem(CAMELLIA, b"x").err(), Some(AutokeyError::Encryption));
    let [key, _] = keys();
    let protection = Protection { cipher: Cipher::Aes128, password: b"x" };
    let text =
        key.to_pem(Form::Traditional, Some(protection)).unwrap().replace("AES-128-CBC", "CAMELLIA-128-CBC");
    assert_eq!(PrivateKey::from_pem(&text, b"x").err(), Some(AutokeyError::Encryption));
}

/// Written by OpenSSL 3, password `x`.
const CAMELLIA: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIBvzBZBgkqhkiG9w0BBQ0wTDApBgkqhkiG9w0BBQwwHAQIAsAR820B7TICAggA
MAwGCCqGSIb3DQIJBQAwHwYLKoMIjJpLPQEBAQIEEAB7NGGtmU5hpWMRk2ZR0qME
ggFg3zVxvhqIMt7h1Cm4VkuoBaPArKH2gajrFSLlN7I1w7m1yosWBCjOePBI/CR9
p2Bm3/jlt5R+VTHhQN6CGdTHUBa/KHmrjG9q3hf+3Ovq7LaHDDlj3WdaUuNZ7UcE
BgZ+pNipVZ8NroDj/lttcmap2b+vJRCMRQf0q2ARWI5BlU/kZXJLvhsHA/HrSHyG
6nECty+d2Cweh4ur+i6+FTbwzkHm0oYCMPjPuqhtmHC1Zxn3w1bQGOIs1XtBv1Dm
TkuuuqhtlLdD1r6m5XMx7KYbJw6Vh/Cmao2htZi0Z/yc5Ck96NJbv5QreL7ECs8q
IZdCNH3E7GK2dwqLQ4sJrAIJrCWG4bx/xmM+IDxcQXybQMj3/VeNBiaNoOqx6P4n
5Mda1tBfXy4hSHICidqKe3hi0AxDbDUTVK5jXW5Zaa4lsBbnoX0fwAHa1sVFeI6q
Vxbce2bdEapOFbu6ut+vUIGJuw==
-----END ENCRYPTED PRIVATE KEY-----
";
