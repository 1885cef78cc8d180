//! Streams that are fed by a task of their own, which ends when its reader has gone, when the server drains and when it has
//! taken too long. A stream that ends early says so: a part must not be taken for the whole.

use std::time::Duration;

use chassis::{Draining, status};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Response, Status};

use crate::error::Error;
use crate::streams::OpenStream;

/// A stream must not outlive its token by much, and a reader so slow keeps memory for nothing.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Messages that wait for a slow reader.
const BUFFER: usize = 4;

/// Where the messages go.
pub(super) struct Sink<T>(mpsc::Sender<Result<T, Status>>);

impl<T> Sink<T> {
    /// Gives up when there is no room, for what the next message says better.
    pub(super) fn tell(&self, message: T) {
        let _ = self.0.try_send(Ok(message));
    }

    /// Waits until there is room. Who has gone is noticed where the work is waited for.
    pub(super) async fn send(&self, message: T) {
        let _ = self.0.send(Ok(message)).await;
    }
}

/// The reply of `work`, which begins at once. It keeps its place among the person's streams until it is dropped.
pub(super) fn stream<T, W>(
    place: OpenStream,
    draining: Draining,
    work: impl FnOnce(Sink<T>) -> W,
) -> Response<BoxStream<T>>
where
    T: Send + 'static,
    W: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(BUFFER);
    let work = work(Sink(sender.clone()));
    tokio::spawn(async move {
        let failed = tokio::select! {
            outcome = work => outcome.err().map(Status::from),
            () = draining.cancelled() => Some(status::service_unavailable()),
            () = sleep(LONGEST) => Some(status::deadline_exceeded()),
            () = sender.closed() => None,
        };
        if let Some(status) = failed {
            // Who has gone needs no word.
            let _ = sender.send(Err(status)).await;
        }
    });
    let messages = ReceiverStream::new(receiver).map(move |message| {
        let _ = &place;
        message
    });
    Response::new(Box::pin(messages))
}

#[cfg(test)]
mod tests {
    use chassis::Metrics;
    use tokio::time::Instant;
    use tonic::Code;

    use super::*;
    use crate::owner::OwnerId;
    use crate::streams::Streams;

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_is_not_over_ends_after_ten_minutes_and_says_so() {
        let place = Streams::new(1, &Metrics::new())
            .acquire(OwnerId::of_test(1))
            .expect("a place");
        let begun = Instant::now();
        let endless = |sink: Sink<u8>| async move {
            sink.send(1).await;
            std::future::pending().await
        };
        let messages = stream(place, Draining::default(), endless).into_inner();
        let messages: Vec<_> = messages.collect().await;
        let [Ok(1), Err(status)] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(begun.elapsed().as_secs(), 600);
    }
}
