//! Ends a call at the caller's `grpc-timeout` or at the server's cap, whichever is sooner, shortly before tonic would:
//! tonic's own timer stands outside of CORS and grpc-web and answers CANCELLED, which no browser can read.
//! It covers the time to the first answer; streams end by a rule of their own.

use std::pin::pin;
use std::time::Duration;

use http::{HeaderMap, Response};
use tonic::body::Body;

use super::around::{Around, Rest};
use crate::call::CallInfo;
use crate::deadline::Deadline;
use crate::status;

/// By how much we are ahead of tonic's timer: two ticks of tokio's clock at the least, and more where there is time for
/// it, since tonic's timer began before the call came to us, and on a busy machine that may be a while.
fn ahead(asked: Duration) -> Duration {
    (asked / 10).clamp(Duration::from_millis(2), Duration::from_millis(50))
}

/// The gRPC protocol allows eight digits.
const DIGITS_LIMIT: usize = 8;

#[derive(Debug)]
pub(crate) struct DeadlineCap(pub(super) Duration);

impl Around for DeadlineCap {
    async fn around(&self, mut rest: impl Rest) -> Response<Body> {
        let request = rest.request();
        let asked = grpc_timeout(request.headers()).unwrap_or(Duration::MAX);
        let time = asked.min(self.0);
        let left = time.saturating_sub(ahead(time));
        if left.is_zero() {
            return status::deadline_exceeded().into_http();
        }
        let deadline = Deadline::after(left);
        if let Some(call) = request.extensions_mut().get_mut::<CallInfo>() {
            call.deadline = Some(deadline);
        }
        match tokio::time::timeout_at(deadline.instant(), pin!(rest.proceed())).await {
            Ok(response) => response,
            Err(_) => status::deadline_exceeded().into_http(),
        }
    }
}

/// What the caller asks for; something unreadable is as good as nothing.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > DIGITS_LIMIT || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 60 * 60)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Duration> {
        let value = http::HeaderValue::from_str(text).unwrap();
        grpc_timeout(&HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-timeout"),
            value,
        )]))
    }

    #[test]
    fn every_unit_of_the_protocol_is_read() {
        assert_eq!(parse("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(parse("3M"), Some(Duration::from_secs(180)));
        assert_eq!(parse("4S"), Some(Duration::from_secs(4)));
        assert_eq!(parse("5m"), Some(Duration::from_millis(5)));
        assert_eq!(parse("6u"), Some(Duration::from_micros(6)));
        assert_eq!(parse("99999999n"), Some(Duration::from_nanos(99_999_999)));
    }

    #[test]
    fn nonsense_is_ignored() {
        for text in ["", "S", "1", "-1S", "+1S", "123456789S", "1s", "1.5S"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
