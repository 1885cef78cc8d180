//! `WatchRevocations`: the log of revocations as a stream, from a cursor or from the whole live set on.

use std::sync::Arc;
use std::time::Duration;

use chassis::Draining;
use proto::access_token::{Caller, Scope};
use proto::auth::v1 as pb;
use proto::errors::v1::ErrorReason;
use proto::refusal;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Code, Request, Response, Status};

use super::cursor::Cursor;
use crate::app::App;
use crate::error::Error;
use crate::rpc::{convert, service_caller};
use crate::store::revocations::{self, Position, Revocation};

/// A checkpoint comes at least this often.
const HEARTBEAT: Duration = Duration::from_millis(900);
/// Revocations in one message.
const MOST: i64 = 1000;
/// Messages that wait for a slow watcher. One who is slower than that just falls behind; the log is in the database.
const BUFFER: usize = 4;

type Sender = mpsc::Sender<Result<pb::WatchRevocationsResponse, Status>>;

pub(super) async fn watch_revocations(
    app: Arc<App>,
    request: Request<pb::WatchRevocationsRequest>,
) -> Result<Response<BoxStream<pb::WatchRevocationsResponse>>, Status> {
    let caller = Caller::of(&request)?;
    service_caller::require(&app, caller, Scope::RevocationsRead).await?;
    let left = caller.expires_at().saturating_sub(app.clock.unix_seconds());
    let expiry = Instant::now() + Duration::from_secs(left.try_into().unwrap_or(0));
    let draining = Draining::of(&request);
    let cursor = Cursor::parse(&request.get_ref().cursor);

    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        let end = tokio::select! {
            failed = stream(&app, cursor, &sender) => failed.err().map(Status::from),
            () = sleep_until(expiry) => Some(expired()),
            () = draining.cancelled() => None,
            () = sender.closed() => None,
        };
        if let Some(status) = end {
            // Who has gone needs no word.
            let _ = sender.send(Err(status)).await;
        }
    });
    Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
}

/// Sends for as long as somebody listens and the database answers.
async fn stream(app: &App, cursor: Option<Cursor>, sender: &Sender) -> Result<(), Error> {
    // Before the first look, so that nothing that comes after it goes unheard.
    let mut wakeups = app.wakeups.subscribe();
    let mut log = revocations::position(&app.pool).await?;
    let resumed = cursor.filter(|cursor| cursor.continues(log));
    let mut reset = resumed.is_none();
    let mut sent = resumed.map_or(0, |cursor| cursor.number);
    loop {
        let found = revocations::list_behind(&app.pool, sent, app.clock.now(), MOST).await?;
        let checkpoint = found.len() < usize::try_from(MOST).unwrap_or(usize::MAX);
        // Expired revocations are left out, so the last one found may stand before the log's end.
        let newest = found.last().map_or(sent, |last| last.number);
        sent = if checkpoint {
            newest.max(log.number)
        } else {
            newest
        };
        if sender
            .send(Ok(message(found, log, sent, checkpoint, reset)))
            .await
            .is_err()
        {
            return Ok(());
        }
        reset = false;
        if checkpoint {
            // A time-out is as good as a word: it is time for the next checkpoint.
            let _ = timeout(HEARTBEAT, wakeups.wait_for(|number| *number > sent)).await;
            let now = revocations::position(&app.pool).await?;
            if !(Cursor {
                epoch: log.epoch,
                number: sent,
            })
            .continues(now)
            {
                (reset, sent) = (true, 0);
            }
            log = now;
        }
    }
}

fn message(
    found: Vec<Revocation>,
    log: Position,
    sent: i64,
    checkpoint: bool,
    reset: bool,
) -> pb::WatchRevocationsResponse {
    let revocations = found.into_iter().map(|revocation| pb::Revocation {
        session_id: revocation.session_id.to_string(),
        expire_time: Some(convert::timestamp(revocation.expire_time)),
    });
    let cursor = Cursor {
        epoch: log.epoch,
        number: sent,
    };
    pb::WatchRevocationsResponse {
        revocations: revocations.collect(),
        cursor: cursor.to_text(),
        checkpoint,
        reset,
    }
}

fn expired() -> Status {
    refusal::status(
        Code::Unauthenticated,
        ErrorReason::TokenExpired,
        "The access token has expired; get another and go on from the last cursor.",
    )
}
