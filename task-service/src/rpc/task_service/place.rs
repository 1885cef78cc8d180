//! A place in a list of tasks, as a page token has it.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::TaskId;
use crate::error::Error;
use crate::store::list::{Key, Place};

#[derive(Serialize, Deserialize)]
pub(super) struct Payload {
    key: Option<Value>,
    id: Uuid,
}

#[derive(Serialize, Deserialize)]
enum Value {
    Text(String),
    Number(i16),
    Micros(i64),
}

impl From<&Place> for Payload {
    fn from(place: &Place) -> Self {
        let key = place.key.as_ref().map(|key| match key {
            Key::Text(text) => Value::Text(text.clone()),
            Key::Number(number) => Value::Number(*number),
            Key::Time(time) => Value::Micros(time.timestamp_micros()),
        });
        Self { key, id: place.id.0 }
    }
}

impl TryFrom<Payload> for Place {
    type Error = Error;

    fn try_from(payload: Payload) -> Result<Self, Error> {
        let key = match payload.key {
            None => None,
            Some(Value::Text(text)) => Some(Key::Text(text)),
            Some(Value::Number(number)) => Some(Key::Number(number)),
            Some(Value::Micros(micros)) => Some(Key::Time(
                DateTime::from_timestamp_micros(micros).ok_or(Error::PageToken)?,
            )),
        };
        let id = TaskId(payload.id);
        Ok(Self { key, id })
    }
}
