//! `ExportTasks`: the person's tasks as a file, read in pages and sent as the client takes it, so that neither is ever
//! whole in memory and no transaction is open meanwhile.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chassis::Draining;
use chassis::deadline::Deadline;
use proto::tasks::v1 as pb;
use tonic::codegen::BoxStream;
use tonic::{Request, Response};

use super::chunks::{Sink, stream};
use crate::app::App;
use crate::domain::transfer::{Format, Writer};
use crate::domain::{Filter, Here, List, ListId, OrderBy, SortField};
use crate::error::Error;
use crate::owner::OwnerId;
use crate::rpc::fields::Fields;
use crate::store::list::{self, Page, Place};
use crate::store::{OwnerTx, completions, lists};

/// The largest piece of a file.
const CHUNK_BYTES: usize = 64 * 1024;
const PAGE: usize = 200;
/// For each page.
const TIME: Duration = Duration::from_secs(15);

pub(super) fn export_tasks(
    app: Arc<App>,
    owner: OwnerId,
    request: Request<pb::ExportTasksRequest>,
) -> Result<Response<BoxStream<pb::ExportTasksResponse>>, Error> {
    let draining = Draining::of(&request);
    let (writer, filter) = parse(&app, request.get_ref())?;
    let place = app.streams.acquire(owner)?;
    Ok(stream(place, draining, |sink| async move {
        let export = Export {
            app: &app,
            owner,
            filter,
            sink,
            buffer: Vec::with_capacity(2 * CHUNK_BYTES),
        };
        export.run(writer).await
    }))
}

fn parse(app: &App, message: &pb::ExportTasksRequest) -> Result<(Box<dyn Writer>, Filter), Error> {
    let mut fields = Fields::default();
    let writer = Format::from_number(message.format)
        .and_then(Format::writer)
        .ok_or("This format cannot be written; use FORMAT_JSON, FORMAT_CSV or FORMAT_ICALENDAR.");
    let writer = fields.check("format", writer);
    let filter = fields.check(
        "filter",
        Filter::parse(&message.filter, &Here::in_utc(app.clock.now())),
    );
    fields.finish(writer.zip(filter))
}

struct Export<'a> {
    app: &'a App,
    owner: OwnerId,
    filter: Filter,
    sink: Sink<pb::ExportTasksResponse>,
    /// What is written and not sent.
    buffer: Vec<u8>,
}

impl Export<'_> {
    async fn run(mut self, mut writer: Box<dyn Writer>) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        let lists = lists::list_living(&mut tx).await?;
        tx.commit().await?;
        let lists: HashMap<_, _> = lists.into_iter().map(|list| (list.id, list)).collect();
        let mut met = BTreeSet::new();

        writer.begin(&mut self.buffer);
        let mut place = None;
        loop {
            let next = self
                .page(writer.as_mut(), place.as_ref(), &lists, &mut met)
                .await?;
            self.send(CHUNK_BYTES).await;
            match next {
                Some(next) => place = Some(next),
                None => break,
            }
        }
        // A file of some tasks has the lists that these are in, and a whole one the empty lists too.
        let is_whole = self.filter == Filter::default();
        let mut kept: Vec<_> = lists
            .values()
            .filter(|list| is_whole || met.contains(&list.id))
            .collect();
        kept.sort_by(|one, other| (&one.rank, one.id).cmp(&(&other.rank, other.id)));
        writer.end(&mut self.buffer, &kept);
        self.send(1).await;
        Ok(())
    }

    async fn begin(&self) -> Result<OwnerTx, Error> {
        OwnerTx::begin(&self.app.pool, self.owner, Deadline::after(TIME)).await
    }

    /// Writes the page behind a place, and says where it ended unless it was the last one.
    async fn page(
        &mut self,
        writer: &mut dyn Writer,
        after: Option<&Place>,
        lists: &HashMap<ListId, List>,
        met: &mut BTreeSet<ListId>,
    ) -> Result<Option<Place>, Error> {
        // The order of creation stands still, so that a copy misses nothing; the other files show the person's own.
        let field = match writer.is_lossless() {
            true => SortField::CreateTime,
            false => SortField::Rank,
        };
        let order = OrderBy {
            field,
            descending: false,
        };
        let page = Page {
            filter: &self.filter,
            order,
            show_deleted: false,
            after,
            limit: PAGE,
        };
        let mut tx = self.begin().await?;
        let tasks = list::list(&mut tx, &page).await?;
        let mut done: HashMap<_, Vec<_>> = HashMap::new();
        if writer.is_lossless() {
            let ids: Vec<_> = tasks.iter().map(|task| task.id.0).collect();
            for completion in completions::list_of_tasks(&mut tx, &ids).await? {
                done.entry(completion.task_id).or_default().push(completion);
            }
        }
        tx.commit().await?;
        let last = tasks.last().map(|task| Place::of(task, order.field));
        let is_last = tasks.len() < PAGE;
        for task in &tasks {
            let list = task.list_id.and_then(|id| lists.get(&id));
            met.extend(task.list_id);
            writer.task(
                &mut self.buffer,
                task,
                done.get(&task.id).map_or(&[], Vec::as_slice),
                list,
            );
        }
        Ok(last.filter(|_| !is_last))
    }

    /// Sends what is written while there is at least so much of it.
    async fn send(&mut self, least: usize) {
        while self.buffer.len() >= least {
            let rest = self.buffer.split_off(self.buffer.len().min(CHUNK_BYTES));
            let chunk = std::mem::replace(&mut self.buffer, rest);
            self.sink.send(pb::ExportTasksResponse { chunk }).await;
        }
    }
}
