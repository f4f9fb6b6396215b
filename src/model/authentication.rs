//! How a daemon authenticates one of its sources.

use crate::wire::chrony;
use crate::wire::number::parse_unsigned;

/// The means of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// None: anybody on the path can forge the source's packets.
    None,
    /// A message authentication code with a symmetric key.
    SymmetricKey,
    /// NTS (RFC 8915).
    Nts,
}

impl Mechanism {
    const ALL: [Self; 3] = [Self::None, Self::SymmetricKey, Self::Nts];

    /// Its name in variables and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SymmetricKey => "symmetric",
            Self::Nts => "nts",
        }
    }

    /// Returns the mechanism with this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name().as_bytes() == name)
    }
}

/// How a source is authenticated. What its daemon does not report is `None`; only chronyd reports all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceAuthentication {
    /// `mechanism`.
    pub mechanism: Option<Mechanism>,
    /// `keyid`: the ID of the symmetric key, or a count of NTS key exchanges; 0 without one.
    pub key_id: Option<u32>,
    /// `keytype`: chronyd's number of the digest algorithm, or for NTS that of the AEAD (RFC 5116).
    pub key_type: Option<u32>,
    /// `keybits`: the length of the key; 0 if there is none.
    pub key_bits: Option<u32>,
    /// `keyage`: seconds since the last NTS key exchange that succeeded; `None` without one.
    pub key_age: Option<u32>,
    /// `keyattempts`: NTS key exchanges begun since the last one that succeeded.
    pub attempts: Option<u32>,
    /// `ntsnaks`: NTS NAKs received since the last key exchange.
    pub refusals: Option<u32>,
    /// `ntscookielen`: the length of the NTS cookies, octets.
    pub cookie_length: Option<u32>,
}

impl SourceAuthentication {
    /// Converts what chronyd reports.
    pub fn of_chronyd(report: &chrony::Authentication) -> Self {
        let is_nts = report.mode == chrony::Authentication::NTS;
        let mechanism = match report.mode {
            0 => Some(Mechanism::None),
            chrony::Authentication::SYMMETRIC => Some(Mechanism::SymmetricKey),
            chrony::Authentication::NTS => Some(Mechanism::Nts),
            _ => None,
        };
        let has_key = mechanism.is_some_and(|mechanism| mechanism != Mechanism::None);
        let of_key = |value: u32| has_key.then_some(value);
        let of_nts = |value: u16| is_nts.then_some(u32::from(value));
        Self {
            mechanism,
            key_id: of_key(report.key_id),
            key_type: of_key(report.key_type.into()),
            key_bits: of_key(report.key_length.into()),
            key_age: report.age.filter(|_| is_nts),
            attempts: of_nts(report.attempts),
            refusals: of_nts(report.refusals),
            cookie_length: of_nts(report.cookie_length),
        }
    }

    /// Takes the value of a variable, if it is one of these; an invalid value changes nothing.
    pub fn read(&mut self, name: &[u8], text: &[u8]) {
        let (place, value) = match name {
            b"mechanism" => {
                self.mechanism = Mechanism::named(text).or(self.mechanism);
                return;
            }
            b"keyid" => (&mut self.key_id, parse_unsigned(text)),
            b"keytype" => (&mut self.key_type, parse_unsigned(text)),
            b"keybits" => (&mut self.key_bits, parse_unsigned(text)),
            b"keyage" => (&mut self.key_age, parse_unsigned(text)),
            b"keyattempts" => (&mut self.attempts, parse_unsigned(text)),
            b"ntsnaks" => (&mut self.refusals, parse_unsigned(text)),
            b"ntscookielen" => (&mut self.cookie_length, parse_unsigned(text)),
            _ => return,
        };
        *place = value.or(*place);
    }

    /// Names and values of the numbers that are known.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, u32)> {
        [
            ("keyid", self.key_id),
            ("keytype", self.key_type),
            ("keybits", self.key_bits),
            ("keyage", self.key_age),
            ("keyattempts", self.attempts),
            ("ntsnaks", self.refusals),
            ("ntscookielen", self.cookie_length),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chronyds_report_survives_as_variables() {
        let report = chrony::Authentication {
            mode: chrony::Authentication::NTS,
            key_type: 15,
            key_id: 3,
            key_length: 256,
            attempts: 2,
            age: Some(90),
            cookies: 8,
            cookie_length: 100,
            refusals: 1,
        };
        let nts = SourceAuthentication::of_chronyd(&report);
        assert_eq!((nts.mechanism, nts.key_age, nts.attempts), (Some(Mechanism::Nts), Some(90), Some(2)));
        let mut read = SourceAuthentication::default();
        read.read(b"mechanism", b"nts");
        nts.numbers().for_each(|(name, value)| read.read(name.as_bytes(), value.to_string().as_bytes()));
        assert_eq!(read, nts);
        read.read(b"keyid", b"-1");
        read.read(b"mechanism", b"magic");
        assert_eq!(read, nts, "invalid values are ignored");
        let key = SourceAuthentication::of_chronyd(&chrony::Authentication { mode: 1, ..report });
        assert_eq!((key.key_id, key.attempts, key.key_age), (Some(3), None, None));
        let none = SourceAuthentication::of_chronyd(&chrony::Authentication { mode: 0, ..report });
        assert!(none.mechanism == Some(Mechanism::None) && none.numbers().next().is_none());
        assert_eq!(
            SourceAuthentication::of_chronyd(&chrony::Authentication { mode: 9, ..report }),
            SourceAuthentication::default()
        );
    }
}
