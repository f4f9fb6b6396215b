//! Variables and status words as objects.

use super::date;
use super::peers::{PeerStatus, ReferenceIdObject, word};
use crate::model::report::ReportedVariable;
use crate::model::variable::{Value, unit};
use crate::text::unicode;
use crate::wire::status::StatusWord;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Decodes a status word according to its kind.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum StatusObject {
    System {
        word: String,
        leap: &'static str,
        source: String,
        event: &'static str,
        event_count: u8,
    },
    Peer {
        word: String,
        #[serde(flatten)]
        decoded: PeerStatus,
    },
    Clock {
        word: String,
        event: String,
        event_count: u8,
    },
}

impl StatusObject {
    pub(super) fn new(status: StatusWord) -> Self {
        let word = word(status.bits());
        match status {
            StatusWord::System(status) => Self::System {
                word,
                leap: status.leap_name(),
                source: status.source_name().into_owned(),
                event: status.event_name(),
                event_count: status.event_count(),
            },
            StatusWord::Peer(status) => Self::Peer { word, decoded: PeerStatus::new(status) },
            StatusWord::Clock(status) => Self::Clock {
                word,
                event: status.code_name().into_owned(),
                event_count: status.event_count(),
            },
        }
    }
}

/// The same variables three times: decoded, their units, as received.
#[derive(Serialize)]
pub(super) struct Variables<'a> {
    #[serde(rename = "variables")]
    understood: Understood<'a>,
    units: Units<'a>,
    raw: Raw<'a>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(list: &'a [ReportedVariable], now: Timestamp) -> Self {
        Self { understood: Understood { list, now }, units: Units(list), raw: Raw(list) }
    }
}

struct Understood<'a> {
    list: &'a [ReportedVariable],
    now: Timestamp,
}

impl Serialize for Understood<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.list.iter().map(|variable| {
            (unicode(&variable.name), variable.value.as_ref().map(|value| object(value, self.now)))
        }))
    }
}

struct Units<'a>(&'a [ReportedVariable]);

impl Serialize for Units<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .filter_map(|variable| Some((unicode(&variable.name), unit(&variable.name)?.symbol()))),
        )
    }
}

struct Raw<'a>(&'a [ReportedVariable]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.iter().map(|variable| (unicode(&variable.name), variable.raw.as_deref().map(unicode))),
        )
    }
}

/// Returns a value as its natural JSON type.
#[derive(Serialize)]
#[serde(untagged)]
enum ValueObject<'a> {
    Integer(i64),
    Real(f64),
    Reals(&'a [f64]),
    Text(Option<String>),
    Names(Vec<&'static str>),
    ReferenceId(Option<ReferenceIdObject>),
}

fn object(value: &Value, now: Timestamp) -> ValueObject<'_> {
    match value {
        Value::Integer(number) => ValueObject::Integer(*number),
        Value::Real(number) => ValueObject::Real(*number),
        Value::Reals(numbers) => ValueObject::Reals(numbers),
        Value::Text(octets) => ValueObject::Text(Some(unicode(octets))),
        Value::Time(stamp) => ValueObject::Text(date(*stamp, now)),
        Value::Date(date) => ValueObject::Text(Some(format!("{date}Z"))),
        Value::Leap(leap) => ValueObject::Integer((*leap).into()),
        Value::Reach(reach) => ValueObject::Integer((*reach).into()),
        Value::Flash(flash) => ValueObject::Names(flash.names().collect()),
        Value::Address(address) => ValueObject::Text(Some(address.to_string())),
        Value::ReferenceId(id) => ValueObject::ReferenceId(ReferenceIdObject::new(id)),
    }
}
