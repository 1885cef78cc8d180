//! Page tokens: a place in a list, bound to the person and to the other arguments by HMAC-SHA256. A token holds no
//! secret; whoever changes it, or sends it with other arguments, gets PAGE_TOKEN_INVALID.

use aws_lc_rs::hmac::{HMAC_SHA256, Key as HmacKey, sign, verify};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use proto::access_token::Keyring;
use proto::tasks::v1 as pb;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::TaskId;
use crate::error::Error;
use crate::owner::OwnerId;
use crate::store::list::{Key, Place};

/// Keeps this use of the token keys apart from their other one.
const PURPOSE: &[u8] = b"tandem.tasks.v1 page token";
const TAG_BYTES: usize = 32;
/// A place is at most a title of 500 code points and an id.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Makes and reads page tokens. The keys follow from the token keys, so replicas agree without a setting of their own.
pub(crate) struct PageTokens {
    keys: Vec<HmacKey>,
}

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

impl PageTokens {
    /// The first key of the ring makes, all read.
    pub(crate) fn new(keyring: &Keyring) -> Self {
        let derive = |secret: &[u8]| {
            HmacKey::new(
                HMAC_SHA256,
                sign(&HmacKey::new(HMAC_SHA256, secret), PURPOSE).as_ref(),
            )
        };
        Self {
            keys: keyring.iter().map(|key| derive(key.secret())).collect(),
        }
    }

    /// The token for what comes behind a place.
    pub(super) fn make(
        &self,
        owner: OwnerId,
        request: &pb::ListTasksRequest,
        place: &Place,
    ) -> Result<String, Error> {
        let key = self
            .keys
            .first()
            .ok_or_else(|| Error::internal("no key for page tokens"))?;
        let payload = Payload {
            key: place.key.as_ref().map(|key| match key {
                Key::Text(text) => Value::Text(text.clone()),
                Key::Number(number) => Value::Number(*number),
                Key::Time(time) => Value::Micros(time.timestamp_micros()),
            }),
            id: place.id.0,
        };
        let payload = serde_json::to_vec(&payload).map_err(Error::internal)?;
        let tag = sign(key, &bound(owner, request, &payload));
        Ok(URL_SAFE_NO_PAD.encode([tag.as_ref(), &payload].concat()))
    }

    /// The place in a token; `None` for the first page.
    pub(super) fn read(
        &self,
        owner: OwnerId,
        request: &pb::ListTasksRequest,
    ) -> Result<Option<Place>, Error> {
        if request.page_token.is_empty() {
            return Ok(None);
        }
        if request.page_token.len() > LONGEST_TOKEN {
            return Err(Error::PageToken);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(&request.page_token)
            .map_err(|_| Error::PageToken)?;
        let (tag, payload) = bytes.split_at_checked(TAG_BYTES).ok_or(Error::PageToken)?;
        let message = bound(owner, request, payload);
        if !self.keys.iter().any(|key| verify(key, &message, tag).is_ok()) {
            return Err(Error::PageToken);
        }
        let payload: Payload = serde_json::from_slice(payload).map_err(Error::internal)?;
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
}

/// Everything that the token must fit: the person, all arguments but the page's size, and the place.
fn bound(owner: OwnerId, request: &pb::ListTasksRequest, payload: &[u8]) -> Vec<u8> {
    let arguments = [
        request.filter.as_str(),
        request.order_by.as_str(),
        request.time_zone.as_str(),
        if request.show_deleted { "deleted" } else { "" },
    ];
    let mut message = owner.uuid().as_bytes().to_vec();
    for part in arguments.iter().map(|text| text.as_bytes()).chain([payload]) {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part);
    }
    message
}
