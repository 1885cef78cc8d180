//! An array of a JSON file, element by element as text: each is read by itself, so that a fault in one does not spoil the
//! others, and one too many ends the reading before memory is taken for it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{MOST_ROWS, TOO_MANY_ROWS};

/// The elements, in their order. Absent and `null` mean none.
#[derive(Debug, Default)]
pub(super) struct Rows<'a>(pub(super) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Rows<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Elements).map(Self)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = elements.next_element()? {
            if found.len() == MOST_ROWS {
                return Err(A::Error::custom(TOO_MANY_ROWS));
            }
            found.push(element);
        }
        Ok(found)
    }
}

/// Reads a whole file of JSON.
pub(super) fn file<'de, T: Deserialize<'de>>(file: &'de [u8], what: &str) -> Result<T, String> {
    serde_json::from_str(super::text(file)?)
        .map_err(|error| format!("The file is not {what}: {}.", short(&error)))
}

/// Reads one element.
pub(super) fn row<'de, T: Deserialize<'de>>(raw: &'de RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| {
        format!(
            "This does not have the form that the format asks for: {}.",
            short(&error)
        )
    })
}

/// What the parser says, which may repeat a part of the file.
fn short(error: &serde_json::Error) -> String {
    const SHOWN_CHARS: usize = 160;
    let text = error.to_string();
    text.chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARS)
        .collect()
}
