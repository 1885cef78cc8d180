//! `ImportTasks`: a file is read, then checked as a whole, then made chunk by chunk. What one chunk did lasts, so that a
//! repeat goes on behind it.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use chassis::Draining;
use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::{Progress, Result as Outcome, RowError, Step};
use tonic::codegen::BoxStream;
use tonic::{Request, Response};
use uuid::Uuid;

use super::chunks::{Sink, stream};
use super::import::{Import, Tally};
use crate::app::App;
use crate::domain::transfer::{Arranged, FILE_LIMIT_BYTES, Format, Key, Kind, Remark, arrange};
use crate::domain::{ListId, RequestId};
use crate::error::{Error, Violation};
use crate::imports::Turn;
use crate::owner::OwnerId;
use crate::rpc::fields::Fields;
use crate::rpc::idempotency::hash_of;

/// The most remarks of each kind that are sent.
const MOST_REMARKS: usize = 1000;

/// What a request asks for.
struct Wanted {
    format: Format,
    list: Option<ListId>,
    request_id: Option<RequestId>,
}

pub(super) async fn import_tasks(
    app: Arc<App>,
    owner: OwnerId,
    request: Request<pb::ImportTasksRequest>,
) -> Result<Response<BoxStream<pb::ImportTasksResponse>>, Error> {
    let draining = Draining::of(&request);
    let message = request.into_inner();
    let wanted = parse(&message)?;
    let place = app.streams.acquire(owner)?;
    Ok(stream(place, draining, |sink| async move {
        let turn = app.imports.turn(owner).await;
        let (result, turn) = run(&app, (owner, turn), message, wanted, &sink).await?;
        // The next may begin, however long the reader takes.
        drop(turn);
        let step = Some(Step::Result(result));
        sink.send(pb::ImportTasksResponse { step }).await;
        Ok(())
    }))
}

fn parse(message: &pb::ImportTasksRequest) -> Result<Wanted, Error> {
    let mut fields = Fields::default();
    let format = Format::from_number(message.format).ok_or("This format cannot be read; name one of Format.");
    let format = fields.check("format", format);
    let content = match message.content.len() {
        0 => Err("The file is empty; send its content."),
        1..=FILE_LIMIT_BYTES => Ok(()),
        _ => Err("The file is larger than 16 MiB; split it."),
    };
    fields.check("content", content);
    let list = match message.list_id.as_str() {
        "" => Ok(None),
        id => ListId::parse(id).map(Some),
    };
    let list = fields.check("list_id", list);
    let request_id = fields.check("request_id", RequestId::parse(&message.request_id));
    let whole = format
        .zip(list)
        .zip(request_id)
        .map(|((format, list), request_id)| Wanted {
            format,
            list,
            request_id,
        });
    fields.finish(whole)
}

async fn run(
    app: &App,
    (owner, turn): (OwnerId, Turn),
    message: pb::ImportTasksRequest,
    wanted: Wanted,
    sink: &Sink<pb::ImportTasksResponse>,
) -> Result<(Outcome, Turn), Error> {
    let dry_run = message.dry_run;
    // Without a request id nothing has the ids of a run before.
    let run_id = wanted
        .request_id
        .map_or_else(|| app.entropy.uuid_v7(&app.clock), |id| id.0);
    let format = wanted.format;
    let reading = tokio::task::spawn_blocking(move || {
        let hash = wanted.request_id.map(|_| hash_of(&message)).unwrap_or_default();
        let ids = Ids {
            owner,
            run_id,
            format,
        };
        let file = format.parse(&message.content)?;
        // Reading goes on when the caller is gone, and so the turn comes along.
        Ok::<_, String>((arrange(file, |kind, key| ids.of(kind, key)), hash, turn))
    });
    let (file, request_hash, turn) = reading.await.map_err(Error::internal)?.map_err(unreadable)?;
    tell_progress(sink, 0, file.total);

    let import = Import {
        app,
        owner,
        list: wanted.list,
        request_id: wanted.request_id,
        request_hash,
        file: &file,
    };
    let tally = if dry_run {
        import.check(Some(sink)).await?
    } else {
        import.check(None).await?;
        import.write(sink).await?
    };
    Ok((outcome(&file, tally), turn))
}

fn unreadable(complaint: String) -> Error {
    Error::Invalid(vec![Violation {
        field: "content".into(),
        description: complaint.into(),
    }])
}

/// Tells how far it is, and waits for no reader: an import at work has one of few turns.
pub(super) fn tell_progress(sink: &Sink<pb::ImportTasksResponse>, rows_done: i32, rows_total: i32) {
    let step = Some(Step::Progress(Progress {
        rows_done,
        rows_total,
    }));
    sink.tell(pb::ImportTasksResponse { step });
}

fn outcome(file: &Arranged, tally: Tally) -> Outcome {
    let (row_errors, row_error_count) = remarks(file.left_out.iter().chain(&tally.left_out));
    let (row_warnings, row_warning_count) = remarks(file.warnings.iter().chain(&tally.warnings));
    Outcome {
        created: tally.created,
        updated: tally.updated,
        skipped: tally.skipped,
        row_errors,
        row_error_count,
        row_warnings,
        row_warning_count,
    }
}

/// The first ones, and how many there are.
fn remarks<'a>(all: impl Iterator<Item = &'a Remark>) -> (Vec<RowError>, i32) {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|remark| remark.row);
    let count = i32::try_from(all.len()).unwrap_or(i32::MAX);
    let first = all.into_iter().take(MOST_REMARKS).map(|remark| RowError {
        row: remark.row,
        message: remark.message.clone(),
    });
    (first.collect(), count)
}

/// Makes the ids of what a file calls by a name, or not at all: always the same for the same, and for nobody else's.
struct Ids {
    owner: OwnerId,
    run_id: Uuid,
    format: Format,
}

impl Ids {
    fn of(&self, kind: Kind, key: &Key) -> Uuid {
        let kind = [kind as u8];
        match key {
            Key::Own(id) => *id,
            Key::Source(name) => derived(&[
                b"source",
                self.owner.uuid().as_bytes(),
                &[self.format as u8],
                &kind,
                name.as_bytes(),
            ]),
            Key::Row(row) => derived(&[
                b"row",
                self.owner.uuid().as_bytes(),
                self.run_id.as_bytes(),
                &kind,
                &row.to_be_bytes(),
            ]),
        }
    }
}

/// The id under which a chunk is recorded: that of the request for the first one.
pub(super) fn chunk_id(owner: OwnerId, request_id: RequestId, chunk: u32) -> RequestId {
    match chunk {
        0 => request_id,
        chunk => RequestId(derived(&[
            b"chunk",
            owner.uuid().as_bytes(),
            request_id.0.as_bytes(),
            &chunk.to_be_bytes(),
        ])),
    }
}

/// A UUID (RFC 9562, version 8) of the SHA-256 of these, each with its length before it.
fn derived(parts: &[&[u8]]) -> Uuid {
    let mut bytes = b"tandem.tasks.import.1".to_vec();
    for part in parts {
        bytes.extend_from_slice(&part.len().to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let hash = digest(&SHA256, &bytes);
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}
