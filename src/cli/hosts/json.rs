//! JSON parsed lazily, with the line numbers of its values.

use super::value::Value;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A document.
#[derive(Debug)]
pub struct Json<'a> {
    document: &'a str,
    raw: &'a RawValue,
    /// Where lines end.
    ends: Vec<usize>,
}

/// A value in a document.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    json: &'a Json<'a>,
    raw: &'a RawValue,
}

impl<'a> Json<'a> {
    /// Parses a document.
    ///
    /// # Errors
    /// The parse error with its line.
    pub fn parse(document: &'a str) -> Result<Self, String> {
        let raw = serde_json::from_str(document).map_err(|error| format!("not JSON: {error}"))?;
        let ends = document.match_indices('\n').map(|(at, _)| at).collect();
        Ok(Self { document, raw, ends })
    }

    /// The root value.
    pub fn root(&self) -> Node<'_> {
        Node { json: self, raw: self.raw }
    }
}

impl Value for Node<'_> {
    fn line(&self) -> usize {
        // `raw` is a slice of the document.
        let start = self.raw.get().as_ptr().addr().saturating_sub(self.json.document.as_ptr().addr());
        1 + self.json.ends.partition_point(|&end| end < start)
    }

    fn text(&self) -> Option<String> {
        serde_json::from_str(self.raw.get()).ok()
    }

    fn items(&self) -> Option<Vec<Self>> {
        let items: Vec<&RawValue> = serde_json::from_str(self.raw.get()).ok()?;
        Some(items.into_iter().map(|raw| Self { raw, ..*self }).collect())
    }

    fn entries(&self) -> Option<Vec<(String, Self)>> {
        let Pairs(pairs) = serde_json::from_str(self.raw.get()).ok()?;
        Some(pairs.into_iter().map(|(key, raw)| (key.into_owned(), Self { raw, ..*self })).collect())
    }
}

/// An object in document order.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
