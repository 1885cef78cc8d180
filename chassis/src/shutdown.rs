//! The end of a process: the signal that asks for it, and the word to open streams that it has come.

use std::sync::Arc;

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Request;

use crate::call::CallInfo;

/// What a shell reports for a process that SIGINT ended.
const EXIT_INTERRUPTED: i32 = 130;

/// Tells an open stream that the server is about to go. Every handler that streams waits for this beside its own work,
/// ends with OK and a token to go on from, or the drain lasts until its time-out.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<CancellationToken>);

impl Draining {
    /// That of the server which received the request; one that never comes when there was none.
    pub fn of<T>(request: &Request<T>) -> Self {
        CallInfo::of(request)
            .map(|call| call.draining.clone())
            .unwrap_or_default()
    }

    /// Comes when streams should end.
    pub fn cancelled(&self) -> WaitForCancellationFutureOwned {
        CancellationToken::clone(&self.0).cancelled_owned()
    }

    /// Whether streams should have ended.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    pub(crate) fn begin(&self) {
        self.0.cancel();
    }
}

/// A token that the first SIGINT or SIGTERM fires. The second one ends the process at once.
///
/// # Panics
///
/// Outside of a tokio runtime, or when the system lets no signal be watched.
pub fn shutdown_signal() -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be watched");
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be watched");
    let token = CancellationToken::new();
    let fired = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if fired.is_cancelled() {
                tracing::warn!("second signal: ending at once");
                std::process::exit(EXIT_INTERRUPTED);
            }
            tracing::info!("signal received: draining; a second one ends at once");
            fired.cancel();
        }
    });
    token
}
