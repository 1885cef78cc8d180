//! `WatchChanges`: the feed as a stream. One task per stream reads a page, hands it over and only then reads on, so that
//! a slow reader costs two messages of memory and no more. Whoever is too slow, or read for long enough, is let go with a
//! token to go on from.

use std::sync::Arc;
use std::time::Duration;

use chassis::Draining;
use chassis::deadline::Deadline;
use futures_util::stream;
use proto::access_token::{Authenticate, Caller};
use proto::tasks::v1 as pb;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use super::page::{self, Page, Size};
use crate::app::App;
use crate::domain::SyncToken;
use crate::error::Error;
use crate::owner::OwnerId;

/// What one message may be: small, since each stream may keep two or three of them.
const MESSAGE: Size = Size {
    changes: 200,
    bytes: 128 * 1024,
};
/// Messages that wait for the reader, beside the one that waits to.
const BUFFER: usize = 1;
/// How long one look may take.
const LOOK: Duration = Duration::from_secs(15);
/// How long the last word may lie: a server that stops waits for it.
const FAREWELL: Duration = Duration::from_secs(2);

type Sender = mpsc::Sender<Result<pb::WatchChangesResponse, Status>>;

pub(super) fn watch_changes(
    app: &Arc<App>,
    callers: &Authenticate,
    owner: OwnerId,
    request: &Request<pb::WatchChangesRequest>,
) -> Result<Response<BoxStream<pb::WatchChangesResponse>>, Status> {
    let caller = Caller::of(request)?.clone();
    let draining = Draining::of(request);
    let token = page::parse(&request.get_ref().sync_token, owner)?;
    let place = app.streams.acquire(owner)?;
    let life = app.pace.life_of_one(app.entropy.bytes());

    let (sender, receiver) = mpsc::channel(BUFFER);
    let mut watch = Watch {
        app: app.clone(),
        owner,
        token,
        sender: sender.clone(),
    };
    let callers = callers.clone();
    tokio::spawn(async move {
        let end = tokio::select! {
            ended = watch.follow() => ended.err(),
            refused = callers.until_refused(&caller) => Some(refused),
            () = sleep(life) => None,
            () = draining.cancelled() => None,
            () = sender.closed() => None,
        };
        watch.end(end).await;
    });
    // The place goes with what is sent: a stream that is left unread keeps its place as it keeps its memory.
    let sent = stream::unfold((receiver, place), |(mut receiver, place)| async move {
        let message = receiver.recv().await?;
        Some((message, (receiver, place)))
    });
    Ok(Response::new(Box::pin(sent)))
}

/// A stream at work.
struct Watch {
    app: Arc<App>,
    owner: OwnerId,
    /// What the reader was told last.
    token: Option<SyncToken>,
    sender: Sender,
}

impl Watch {
    /// Sends for as long as the reader takes what is sent and the database answers.
    async fn follow(&mut self) -> Result<(), Status> {
        // Before the first look, so that nothing that comes after it goes unheard.
        let mut wakeup = self.app.pool.wakeups().subscribe(self.owner);
        let pace = self.app.pace.clone();
        let (mut last_message, mut lost): (Option<Instant>, Option<Instant>) = (None, None);
        let mut has_looked = false;
        loop {
            let begun = Instant::now();
            let page = match self.look().await {
                Ok(page) => page,
                Err(Error::Unavailable(_) | Error::DeadlinePassed)
                    if has_looked && lost.get_or_insert(begun).elapsed() < pace.outage =>
                {
                    sleep(pace.retry).await;
                    continue;
                }
                Err(Error::DeadlinePassed) => return Err(chassis::status::database_unavailable()),
                Err(error) => return Err(error.into()),
            };
            (has_looked, lost) = (true, None);
            let is_whole = !page.has_more;
            let is_due = last_message.is_none_or(|last| last.elapsed() >= pace.checkpoint);
            if !page.changes.is_empty() || (is_whole && is_due) {
                if !self.send(page).await {
                    return Ok(());
                }
                last_message = Some(Instant::now());
            } else {
                self.token = Some(page.next);
            }
            if is_whole {
                let due = last_message.unwrap_or(begun) + pace.checkpoint;
                let until_due = due.saturating_duration_since(Instant::now());
                let silence = match self.app.pool.wakeups().hears_others() {
                    true => until_due,
                    // No word for so long is as good as a word: it is time to look.
                    false => until_due.min(pace.poll),
                };
                let _ = timeout(silence, wakeup.written()).await;
                sleep_until(begun + pace.gap).await;
            }
        }
    }

    async fn look(&self) -> Result<Page, Error> {
        let _turn = self.app.streams.turn().await;
        page::read(&self.app, self.owner, self.token, MESSAGE, Deadline::after(LOOK)).await
    }

    /// Whether the reader took it, or has room for it, in time.
    async fn send(&mut self, page: Page) -> bool {
        let message = pb::WatchChangesResponse {
            changes: page.changes,
            next_sync_token: page.next.to_text(),
            checkpoint: !page.has_more,
        };
        let taken = timeout(self.app.pace.reader, self.sender.send(Ok(message))).await;
        let taken = taken.is_ok_and(|sent| sent.is_ok());
        if taken {
            self.token = Some(page.next);
        }
        taken
    }

    /// The last word: why the stream ends, or where to go on.
    async fn end(self, status: Option<Status>) {
        let last = match (status, self.token) {
            (Some(status), _) => Err(status),
            (None, Some(token)) => Ok(pb::WatchChangesResponse {
                changes: Vec::new(),
                next_sync_token: token.to_text(),
                checkpoint: false,
            }),
            (None, None) => return,
        };
        // Who has gone, or does not read, needs no word.
        let _ = timeout(FAREWELL.min(self.app.pace.reader), self.sender.send(last)).await;
    }
}
