//! When a call must have answered. The layer puts it into the request's extensions; whoever starts work for the call
//! (a statement, a call to another service) asks what is left.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Request;

use crate::call::CallInfo;

/// For handlers that are called without a server around them.
const WITHOUT_SERVER: Duration = Duration::from_secs(15);

/// The end of a call's time.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// Ends after this long.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The deadline of a call.
    pub fn of<T>(request: &Request<T>) -> Self {
        let known = CallInfo::of(request).and_then(|call| call.deadline);
        known.unwrap_or_else(|| Self::after(WITHOUT_SERVER))
    }

    /// The time left; zero when it has passed.
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    pub(crate) fn instant(&self) -> Instant {
        self.0
    }
}
