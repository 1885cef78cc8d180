//! `ExportUser`: everything that is held of the person, record by record, in bounded pages. What is secret stays: hashes,
//! salts, and the tables that hold little else.

use std::sync::Arc;
use std::time::Duration;

use chassis::{Draining, status};
use proto::auth::v1 as pb;
use proto::auth::v1::export_user_response::Record;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::domain::EventKind;
use crate::error::Error;
use crate::rpc::auth_service::client;
use crate::rpc::person::Person;
use crate::rpc::{convert, event};
use crate::store::sessions::export;
use crate::store::{mails, security_events};

/// Rows that are read at once.
const PAGE: i64 = 500;
/// A reader so slow keeps memory for nothing, and a stream must not outlive the token that opened it.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// Records that wait for a slow reader.
const BUFFER: usize = 16;

pub(super) async fn export_user(
    app: Arc<App>,
    request: Request<pb::ExportUserRequest>,
) -> Result<Response<BoxStream<pb::ExportUserResponse>>, Status> {
    let (caller, client) = (Person::of(&request)?, client(&request));
    caller.account(&app).await?;
    let exported = caller.event(&app, EventKind::Exported, &client);
    security_events::insert_alone(&app.pool, &exported).await?;

    let draining = Draining::of(&request);
    let (sender, receiver) = mpsc::channel(BUFFER);
    tokio::spawn(async move {
        let export = Export {
            app: &app,
            caller,
            sender: &sender,
        };
        // An export that ends early says so: a part of it must not be taken for the whole.
        let failed = tokio::select! {
            outcome = export.run() => outcome.err().map(Status::from),
            () = draining.cancelled() => Some(status::service_unavailable()),
            () = sleep(LONGEST) => Some(status::deadline_exceeded()),
            () = sender.closed() => None,
        };
        if let Some(status) = failed {
            // Who has gone needs no word.
            let _ = sender.send(Err(status)).await;
        }
    });
    Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
}

struct Export<'a> {
    app: &'a App,
    caller: Person,
    sender: &'a mpsc::Sender<Result<pb::ExportUserResponse, Status>>,
}

impl Export<'_> {
    async fn run(&self) -> Result<(), Error> {
        let user = self.caller.account(self.app).await?;
        self.send([Record::User(convert::user(user))]).await?;
        self.sessions().await?;
        self.devices().await?;
        self.mails().await?;
        self.security_events().await
    }

    async fn sessions(&self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = export::list_sessions(&self.app.pool, self.caller.id, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.session.id);
            let records = page.into_iter().map(|row| {
                let current = row.session.id == self.caller.session;
                Record::Session(pb::SessionSummary {
                    end_time: row.end_time.map(convert::timestamp),
                    ..convert::live_session(row.session, current)
                })
            });
            self.send(records).await?;
        }
    }

    async fn devices(&self) -> Result<(), Error> {
        let mut after = Vec::new();
        loop {
            let page = export::list_devices(&self.app.pool, self.caller.id, &after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.token_hash);
            let records = page.into_iter().map(|device| {
                Record::Device(pb::Device {
                    create_time: Some(convert::timestamp(device.create_time)),
                    last_use_time: Some(convert::timestamp(device.last_use_time)),
                })
            });
            self.send(records).await?;
        }
    }

    async fn mails(&self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = mails::list_of_person(&self.app.pool, self.caller.id, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id);
            let records = page.into_iter().map(|mail| {
                Record::Mail(pb::Mail {
                    kind: mail.kind,
                    address: mail.address,
                    create_time: Some(convert::timestamp(mail.create_time)),
                    send_time: mail.send_time.map(convert::timestamp),
                })
            });
            self.send(records).await?;
        }
    }

    async fn security_events(&self) -> Result<(), Error> {
        let mut before = None;
        loop {
            let page = security_events::list(&self.app.pool, Some(self.caller.id), before, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            before = Some(last.id);
            let records = page.into_iter();
            self.send(
                records.map(|row| Record::SecurityEvent(event::for_its_person(event::convert_event(row)))),
            )
            .await?;
        }
    }

    /// A page of records. Whoever has lost the session gets no more of them.
    async fn send(&self, records: impl IntoIterator<Item = Record> + Send) -> Result<(), Error> {
        self.caller.account(self.app).await?;
        let records: Vec<_> = records.into_iter().collect();
        for record in records {
            let message = pb::ExportUserResponse { record: Some(record) };
            // Who has gone is noticed where this is waited for.
            let _ = self.sender.send(Ok(message)).await;
        }
        Ok(())
    }
}
