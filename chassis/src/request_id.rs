//! The name of one call, under which its log lines and its answer are found. Taken from the caller when it is sane.

use http::HeaderValue;
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The header that carries the id both ways.
pub(crate) const HEADER: http::HeaderName = http::HeaderName::from_static("x-request-id");

/// Longer ids are replaced: they would make every log line of the call as long as the caller likes.
const LENGTH_LIMIT_BYTES: usize = 64;

/// The id of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id of the call at work in this task; empty in tasks that the call has spawned and outside of calls.
    pub fn current() -> String {
        CURRENT.try_with(|id| id.as_str().to_owned()).unwrap_or_default()
    }

    /// As it travels.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn new(id: Uuid) -> Self {
        let mut text = Uuid::encode_buffer();
        let id = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text));
        Self(id.expect("a UUID is visible ASCII"))
    }

    /// Takes the caller's id when it is short and plain.
    pub(crate) fn accept(header: &HeaderValue) -> Option<Self> {
        let bytes = header.as_bytes();
        let plain = bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b));
        let sane = plain && (1..=LENGTH_LIMIT_BYTES).contains(&bytes.len());
        sane.then(|| Self(header.clone()))
    }

    /// As it is returned. No other answer will carry it, so HPACK must not put it into its table, from which it would
    /// drive headers that do come again (RFC 7541, section 6.2.3).
    pub(crate) fn header_value(&self) -> HeaderValue {
        let mut value = self.0.clone();
        value.set_sensitive(true);
        value
    }

    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}
