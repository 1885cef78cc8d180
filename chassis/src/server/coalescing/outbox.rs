//! What one connection has to say, between the connection, which puts it in, and the task that writes it out. Both wait for
//! each other here, and nowhere else.

use std::io::{self, IoSlice};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;

/// Where so much waits, and as much again is being written, the peer reads more slowly than it is answered, and the
/// connection waits for it.
const LIMIT_BYTES: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Outbox(Mutex<State>);

#[derive(Default)]
struct State {
    bytes: BytesMut,
    /// Taken out, and not written yet.
    is_writing: bool,
    failed: Option<io::ErrorKind>,
    /// Nobody writes any more.
    has_ended: bool,
    /// Waits for room, or until everything is written.
    connection: Option<Waker>,
    /// Waits for bytes.
    writer: Option<Waker>,
}

impl Outbox {
    /// Takes as much of the slices as there is room for.
    pub(super) fn poll_put(&self, cx: &Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut state = self.state();
        if state.failed.is_some() || state.has_ended {
            return Poll::Ready(Err(state.failed.unwrap_or(io::ErrorKind::BrokenPipe).into()));
        }
        let room = LIMIT_BYTES.saturating_sub(state.bytes.len());
        if room == 0 {
            state.connection = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut left = room;
        for slice in slices {
            let part = slice.get(..left).unwrap_or(slice);
            state.bytes.extend_from_slice(part);
            left -= part.len();
        }
        let writer = state.writer.take();
        drop(state);
        wake(writer);
        Poll::Ready(Ok(room - left))
    }

    /// Ready when everything is written.
    pub(super) fn poll_empty(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        if let Some(kind) = state.failed {
            return Poll::Ready(Err(kind.into()));
        }
        if state.has_ended || (state.bytes.is_empty() && !state.is_writing) {
            return Poll::Ready(Ok(()));
        }
        state.connection = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Comes back when there is something to write.
    pub(super) async fn filled(&self) {
        std::future::poll_fn(|cx| {
            let mut state = self.state();
            if !state.bytes.is_empty() {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().bytes.is_empty()
    }

    /// Takes out all there is; `emptied` takes its place.
    pub(super) fn take(&self, emptied: &mut BytesMut) {
        self.change(|state| {
            mem::swap(&mut state.bytes, emptied);
            state.is_writing = true;
        });
    }

    /// What became of what was taken out.
    pub(super) fn written(&self, result: io::Result<()>) {
        self.change(|state| {
            state.is_writing = false;
            state.failed = result.err().map(|error| error.kind());
        });
    }

    /// From now on nothing that is put in would leave.
    pub(super) fn end(&self) {
        self.change(|state| state.has_ended = true);
    }

    fn change(&self, work: impl FnOnce(&mut State)) {
        let mut state = self.state();
        work(&mut state);
        let connection = state.connection.take();
        drop(state);
        wake(connection);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
