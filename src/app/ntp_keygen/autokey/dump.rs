//! `-d`: the public parts of new keys, in readable form. The classic program shows the private parts, too.

use super::Course;
use crate::autokey::certificate::Certificate;
use crate::autokey::number::Number;
use crate::autokey::private_key::PrivateKey;
use crate::autokey::scheme::Scheme;
use crate::text::date;

impl Course<'_> {
    /// Shows the public part of a key.
    pub fn dump_key(&mut self, key: &PrivateKey) {
        if self.args.is_talkative() {
            self.tell(public_part(key));
        }
    }

    /// Shows the contents of a certificate.
    pub fn dump_certificate(&mut self, octets: &[u8]) {
        if self.args.is_talkative()
            && let Ok(certificate) = Certificate::from_der(octets)
        {
            self.tell(contents(&certificate));
        }
    }
}

fn public_part(key: &PrivateKey) -> String {
    match key {
        PrivateKey::Rsa(key) => {
            format!(
                "RSA Public-Key: ({} bit)\nModulus:\n{}Exponent: {} (0x{})\n",
                key.n.bits(),
                rows(&key.n),
                key.e.to_decimal(),
                hexadecimal(&key.e)
            )
        }
        PrivateKey::Dsa(key) => format!(
            "DSA Public-Key: ({} bit)\npub:\n{}P:\n{}Q:\n{}G:\n{}",
            key.parameters.p.bits(),
            rows(&key.public),
            rows(&key.parameters.p),
            rows(&key.parameters.q),
            rows(&key.parameters.g)
        ),
    }
}

fn contents(certificate: &Certificate) -> String {
    let serial = certificate.serial().unwrap_or(Number::from(0));
    let name = certificate.common_name().unwrap_or_default();
    let signature = Scheme::signature_name(certificate.signature()).unwrap_or("unknown");
    let role =
        certificate.role().map_or(String::new(), |role| format!("    Extended Key Usage: {}\n", role.name()));
    let date = |seconds: u64| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).map_or_else(
            |_| "(no date)".to_owned(),
            |date| {
                let date = date::utc(date);
                format!("{} {} {} GMT", date::month_and_day(date), date::clock(date), date.year())
            },
        )
    };
    let (begin, end) = certificate.validity().unwrap_or_default();
    format!(
        "Certificate:\n    Serial Number: {} (0x{})\n    Signature Algorithm: {signature}\n    \
         Issuer: CN={name}\n    Not Before: {}\n    Not After : {}\n    Subject: CN={name}\n{role}",
        serial.to_decimal(),
        hexadecimal(&serial),
        date(begin),
        date(end)
    )
}

/// A number as `OpenSSL` shows it: fifteen octets per row, preceded by a zero octet if its first bit is set.
fn rows(number: &Number) -> String {
    let mut octets = number.octets();
    if octets.first().is_some_and(|first| *first >= 0x80) {
        octets.insert(0, 0);
    }
    let rows: Vec<String> = octets
        .chunks(15)
        .map(|row| {
            let cells: Vec<String> = row.iter().map(|octet| format!("{octet:02x}")).collect();
            format!("    {}", cells.join(":"))
        })
        .collect();
    format!("{}\n", rows.join(":\n"))
}

/// A number in hexadecimal digits.
fn hexadecimal(number: &Number) -> String {
    let digits: String = number.octets().iter().map(|octet| format!("{octet:02x}")).collect();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() { "0".to_owned() } else { significant.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::rsa::RsaKey;

    #[test]
    fn nothing_private_is_shown() {
        let key = RsaKey::generate(512).unwrap();
        let text = public_part(&PrivateKey::Rsa(key.clone()));
        assert!(text.starts_with("RSA Public-Key: (512 bit)\nModulus:\n    00:"));
        assert!(text.ends_with("Exponent: 65537 (0x10001)\n"));
        for secret in [&key.d, &key.p, &key.q, &key.dp] {
            assert!(!text.contains(rows(secret).lines().next().unwrap()));
        }
        assert!(text.lines().all(|line| line.len() <= 49));
    }
}
