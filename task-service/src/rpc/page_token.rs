//! What a page token of ListTasks says, and what it is bound to: the person and all arguments but the page's size.

use chassis::PageTokens;
use chrono::DateTime;
use proto::tasks::v1 as pb;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::TaskId;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::list::{Key, Place};

#[derive(Serialize, Deserialize)]
struct Payload {
    key: Option<Value>,
    id: Uuid,
}

#[derive(Serialize, Deserialize)]
enum Value {
    Text(String),
    Number(i16),
    Micros(i64),
}

/// The token for what comes behind a place.
pub(super) fn make(
    tokens: &PageTokens,
    owner: OwnerId,
    request: &pb::ListTasksRequest,
    place: &Place,
) -> Result<String, Error> {
    let payload = Payload {
        key: place.key.as_ref().map(|key| match key {
            Key::Text(text) => Value::Text(text.clone()),
            Key::Number(number) => Value::Number(*number),
            Key::Time(time) => Value::Micros(time.timestamp_micros()),
        }),
        id: place.id.0,
    };
    tokens
        .make(&bound(owner, request), &payload)
        .ok_or_else(|| Error::internal("no key for page tokens"))
}

/// The place in a token; `None` for the first page.
pub(super) fn read(
    tokens: &PageTokens,
    owner: OwnerId,
    request: &pb::ListTasksRequest,
) -> Result<Option<Place>, Error> {
    let payload: Option<Payload> = tokens
        .read(&bound(owner, request), &request.page_token)
        .map_err(|_| Error::PageToken)?;
    let Some(payload) = payload else {
        return Ok(None);
    };
    let key = match payload.key {
        None => None,
        Some(Value::Text(text)) => Some(Key::Text(text)),
        Some(Value::Number(number)) => Some(Key::Number(number)),
        Some(Value::Micros(micros)) => Some(Key::Time(
            DateTime::from_timestamp_micros(micros).ok_or(Error::PageToken)?,
        )),
    };
    Ok(Some(Place {
        key,
        id: TaskId(payload.id),
    }))
}

fn bound(owner: OwnerId, request: &pb::ListTasksRequest) -> [Vec<u8>; 5] {
    [
        owner.uuid().as_bytes().to_vec(),
        request.filter.clone().into_bytes(),
        request.order_by.clone().into_bytes(),
        request.time_zone.clone().into_bytes(),
        vec![u8::from(request.show_deleted)],
    ]
}
