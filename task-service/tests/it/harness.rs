//! A running service, and people with tokens for it.

mod labels;
mod lists;
pub(crate) mod trash;

use std::sync::Arc;

use chassis::config::Settings;
use chassis::{Clock, Entropy, ManualClock, Metrics};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proto::access_token::{Audience, Claims, ISSUER, Scope, TOKEN_TYPE};
use proto::errors::v1::ErrorReason;
use proto::tasks::v1 as pb;
use proto::tasks::v1::change_service_client::ChangeServiceClient;
use proto::tasks::v1::import_tasks_response::{Result as Imported, Step};
use proto::tasks::v1::owner_service_client::OwnerServiceClient;
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::transfer_service_client::TransferServiceClient;
use serde::Serialize;
use tandem_postgres::test::{self, ChaosProxy, TestDatabase};
use task_service::MIGRATOR;
use task_service::app::App;
use task_service::config::Config;
use task_service::housekeeping;
use task_service::serve::{SERVICES, serve};
use task_service::streams::Pace;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;
use uuid::Uuid;

pub(crate) use lists::{list_titled, task_in};

/// 32 bytes, and the key of no deployment.
const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// For those who call without a rest: the service's time stands still, so nobody ever rests.
pub(crate) const MANY_CALLS: [(&str, &str); 1] = [("TANDEM_TASKS_LIMIT_CALLS_BURST", "1000000")];

/// task-service on a port and a database of its own; it ends with this value.
pub(crate) struct Service {
    /// Moves the service's time.
    pub(crate) hand: ManualClock,
    app: Arc<App>,
    channel: Channel,
    clock: Clock,
    signer: EncodingKey,
    metrics: Metrics,
    pub(crate) database: Arc<TestDatabase>,
    endpoint: Endpoint,
    shutdown: CancellationToken,
    _running: DropGuard,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let database = test::database("task-service", &MIGRATOR).await;
        let url = database.url();
        Self::start_on(database, &url, |app| app).await
    }

    /// Which deletes so many rows in a step, and takes so many steps in a call.
    pub(crate) async fn start_deleting(rows_per_step: i64, steps_per_call: u32) -> Self {
        let database = test::database("task-service", &MIGRATOR).await;
        let url = database.url();
        Self::start_on(database, &url, |app| app.deleting(rows_per_step, steps_per_call)).await
    }

    /// With further settings.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = test::database("task-service", &MIGRATOR).await;
        let url = database.url();
        Self::start_configured(database, config_with(&url, settings), |app| app).await
    }

    /// Whose streams have other times.
    pub(crate) async fn start_streaming(pace: Pace) -> Self {
        let database = test::database("task-service", &MIGRATOR).await;
        let config = config_with(&database.url(), &MANY_CALLS);
        Self::start_configured(database, config, |app| app.streaming(pace)).await
    }

    /// Both at once.
    pub(crate) async fn start_streaming_behind_proxy(pace: Pace) -> (Self, ChaosProxy) {
        let database = test::database("task-service", &MIGRATOR).await;
        let proxy = database.proxy().await;
        let service = Self::start_on(database, &proxy.url(), |app| app.streaming(pace)).await;
        (service, proxy)
    }

    /// A connection that holds little of what is not read.
    pub(crate) async fn narrow_channel(&self) -> Channel {
        const WINDOW: u32 = 64 * 1024;
        let narrow = self.endpoint.clone();
        let narrow = narrow
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW);
        narrow.connect().await.expect("somebody listens")
    }

    /// A connection over which nothing of a message ever fits.
    pub(crate) async fn channel_that_takes_nothing(&self) -> Channel {
        let none = self.endpoint.clone().initial_stream_window_size(0);
        none.connect().await.expect("somebody listens")
    }

    /// Asks it to end.
    pub(crate) fn drain(&self) {
        self.shutdown.cancel();
    }

    /// With a network between the service and its database that can be broken.
    pub(crate) async fn start_behind_proxy() -> (Self, ChaosProxy) {
        Self::start_behind_proxy_with(&[]).await
    }

    /// The same with further settings.
    pub(crate) async fn start_behind_proxy_with(settings: &[(&str, &str)]) -> (Self, ChaosProxy) {
        let database = test::database("task-service", &MIGRATOR).await;
        let proxy = database.proxy().await;
        let config = config_with(&proxy.url(), settings);
        (Self::start_configured(database, config, |app| app).await, proxy)
    }

    /// A second replica, on the same database and with the same time.
    pub(crate) async fn replica(&self) -> Self {
        let (clock, hand) = (self.clock.clone(), self.hand.clone());
        let config = config_with(&self.database.url(), &MANY_CALLS);
        Self::start_at((clock, hand), self.database.clone(), config, |app| app).await
    }

    async fn start_on(database: TestDatabase, url: &str, limited: impl FnOnce(App) -> App) -> Self {
        Self::start_configured(database, config_for(url), limited).await
    }

    async fn start_configured(
        database: TestDatabase,
        config: Config,
        limited: impl FnOnce(App) -> App,
    ) -> Self {
        let time = Clock::manual("2026-11-21T12:00:00Z".parse().expect("a time"));
        Self::start_at(time, Arc::new(database), config, limited).await
    }

    async fn start_at(
        (clock, hand): (Clock, ManualClock),
        database: Arc<TestDatabase>,
        config: Config,
        limited: impl FnOnce(App) -> App,
    ) -> Self {
        let signer = config.keyring.first().secret().to_vec();
        let metrics = Metrics::new();
        let app = App::new(&config, clock.clone(), Entropy::system(), &metrics);
        let app = Arc::new(limited(app));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let shutdown = CancellationToken::new();
        tokio::spawn(serve(
            app.clone(),
            config,
            metrics.clone(),
            listener,
            shutdown.clone(),
        ));
        let endpoint = Endpoint::from_shared(format!("http://{addr}")).expect("an address");
        let service = Self {
            channel: endpoint.connect().await.expect("somebody listens"),
            hand,
            app,
            clock,
            signer: EncodingKey::from_secret(&signer),
            metrics,
            database,
            endpoint,
            shutdown: shutdown.clone(),
            _running: shutdown.drop_guard(),
        };
        service.until_serving().await;
        service
    }

    /// The service's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What Prometheus would scrape.
    pub(crate) fn metrics(&self) -> String {
        self.metrics.encode()
    }

    /// Somebody nobody knew before, signed in.
    pub(crate) fn person(&self) -> Person<'_> {
        self.person_with(&self.header(), &self.claims())
    }

    /// Somebody of that id, signed in now.
    pub(crate) fn person_of(&self, id: Uuid) -> Person<'_> {
        let claims = Claims {
            sub: id.to_string(),
            ..self.claims()
        };
        self.person_with(&self.header(), &claims)
    }

    /// The service that may delete people as owners.
    pub(crate) fn purger(&self) -> Person<'_> {
        let claims = Claims {
            sub: "service:auth-service".to_owned(),
            sid: None,
            role: String::new(),
            scope: Scope::OwnersPurge.as_str().to_owned(),
            ..self.claims()
        };
        self.person_with(&self.header(), &claims)
    }

    /// Deletes everything whose time is over; how many rows went.
    pub(crate) async fn sweep(&self) -> u64 {
        housekeeping::sweep(&self.app)
            .await
            .expect("the database is there")
    }

    /// What the owners' rows say they have must be what there is.
    pub(crate) async fn assert_counts_are_right(&self) {
        let wrong = "SELECT o.owner_id FROM owners o WHERE (o.tasks, o.lists, o.stored_bytes) <> (
             (SELECT count(*) FROM tasks t WHERE t.owner_id = o.owner_id),
             (SELECT count(*) FROM lists l WHERE l.owner_id = o.owner_id),
             (SELECT coalesce(sum(size_bytes), 0) FROM tasks t WHERE t.owner_id = o.owner_id)
             + (SELECT coalesce(sum(size_bytes), 0) FROM lists l WHERE l.owner_id = o.owner_id))";
        let wrong: Vec<Uuid> = sqlx::query_scalar(wrong)
            .fetch_all(&self.database.pool())
            .await
            .expect("counted");
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    /// Somebody with a token of any kind, well signed.
    pub(crate) fn person_with<C: Serialize>(&self, header: &Header, claims: &C) -> Person<'_> {
        let token = encode(header, claims, &self.signer).expect("signed");
        self.bearer(&token)
    }

    /// Somebody with this for a token.
    pub(crate) fn bearer(&self, token: &str) -> Person<'_> {
        let authorization = Some(format!("Bearer {token}"));
        Person {
            service: self,
            authorization,
        }
    }

    /// Somebody without a token.
    pub(crate) fn anonymous(&self) -> Person<'_> {
        Person {
            service: self,
            authorization: None,
        }
    }

    /// The header of a good token.
    pub(crate) fn header(&self) -> Header {
        Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            kid: Some("test".to_owned()),
            ..Header::new(Algorithm::HS256)
        }
    }

    /// The claims of somebody nobody knew before.
    pub(crate) fn claims(&self) -> Claims {
        let now = self.clock.unix_seconds();
        let id = Entropy::system().uuid_v7(&Clock::system());
        Claims {
            iss: ISSUER.to_owned(),
            aud: vec![Audience::Tasks.as_str().to_owned()],
            sub: id.to_string(),
            sid: Some(id.to_string()),
            scope: Scope::OF_A_PERSON.map(Scope::as_str).join(" "),
            role: "user".to_owned(),
            iat: now,
            nbf: now,
            exp: now + 600,
            jti: Uuid::max().to_string(),
            act: None,
        }
    }

    /// What the health service says of a name.
    pub(crate) async fn health(&self, name: &str) -> ServingStatus {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        let reply = HealthClient::new(self.channel.clone()).check(request).await;
        reply.expect("a known name").into_inner().status()
    }

    async fn until_serving(&self) {
        let request = HealthCheckRequest {
            service: SERVICES[0].to_owned(),
        };
        let mut health = HealthClient::new(self.channel.clone());
        let mut states = health.watch(request).await.expect("watched").into_inner();
        while let Some(state) = states.message().await.expect("the stream lives") {
            if state.status() == ServingStatus::Serving {
                return;
            }
        }
    }
}

/// The settings of a service on that database.
pub(crate) fn config_for(url: &str) -> Config {
    config_with(url, &[])
}

fn config_with(url: &str, further: &[(&str, &str)]) -> Config {
    let settings = [
        ("TANDEM_TASKS_ADDR", "127.0.0.1:0"),
        ("TANDEM_TASKS_DATABASE_URL", url),
        ("TANDEM_TOKEN_KEYS", KEYS),
    ];
    let settings = settings.iter().chain(further).copied();
    Config::read(Settings::from_pairs(settings)).expect("good settings")
}

/// Somebody with a token.
pub(crate) struct Person<'a> {
    service: &'a Service,
    authorization: Option<String>,
}

macro_rules! by_id {
    ($name:ident, $method:ident, $request:ident, $reply:ident) => {
        pub(crate) async fn $name(&self, id: &str) -> Result<pb::$reply, Status> {
            let message = pb::$request {
                id: id.to_owned(),
                ..Default::default()
            };
            let reply = self.client().$method(self.request(message)).await;
            reply.map(Response::into_inner)
        }
    };
}

impl Person<'_> {
    pub(crate) fn channel(&self) -> Channel {
        self.service.channel.clone()
    }

    pub(crate) fn client(&self) -> TaskServiceClient<Channel> {
        TaskServiceClient::new(self.channel())
    }

    /// A request with this person's token.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            let header = authorization.parse().expect("ASCII");
            request.metadata_mut().insert("authorization", header);
        }
        request
    }

    /// Whether nothing of that person is left.
    pub(crate) async fn purge(&self, owner_id: &str) -> Result<bool, Status> {
        let message = pb::PurgeOwnerRequest {
            owner_id: owner_id.to_owned(),
        };
        let mut client = OwnerServiceClient::new(self.channel());
        let reply = client.purge_owner(self.request(message)).await;
        reply.map(|reply| reply.into_inner().done)
    }

    /// What changes, as a stream.
    pub(crate) async fn watch(
        &self,
        sync_token: &str,
    ) -> Result<Streaming<pb::WatchChangesResponse>, Status> {
        let message = pb::WatchChangesRequest {
            sync_token: sync_token.to_owned(),
        };
        let mut client = ChangeServiceClient::new(self.channel());
        let reply = client.watch_changes(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// A page of what changed.
    pub(crate) async fn changes(
        &self,
        sync_token: &str,
        page_size: i32,
    ) -> Result<pb::ListChangesResponse, Status> {
        let message = pb::ListChangesRequest {
            sync_token: sync_token.to_owned(),
            page_size,
        };
        let mut client = ChangeServiceClient::new(self.channel());
        let reply = client.list_changes(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn get(&self, id: &str) -> Result<pb::Task, Status> {
        let message = pb::GetTaskRequest { id: id.to_owned() };
        let reply = self.client().get_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn move_task(&self, message: pb::MoveTaskRequest) -> Result<pb::Task, Status> {
        let reply = self.client().move_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    by_id!(complete, complete_task, CompleteTaskRequest, CompleteTaskResponse);
    by_id!(cancel, cancel_task, CancelTaskRequest, Task);
    by_id!(reopen, reopen_task, ReopenTaskRequest, Task);
    by_id!(delete, delete_task, DeleteTaskRequest, Task);
    by_id!(undelete, undelete_task, UndeleteTaskRequest, Task);
    by_id!(skip, skip_occurrence, SkipOccurrenceRequest, Task);
    by_id!(purge_task, purge_task, PurgeTaskRequest, PurgeTaskResponse);

    /// The newest completions of a task.
    pub(crate) async fn completions(&self, id: &str) -> Vec<pb::TaskCompletion> {
        let message = pb::ListTaskCompletionsRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        let reply = self.client().list_task_completions(self.request(message)).await;
        reply.expect("a page").into_inner().completions
    }

    /// Under a request id that may be empty.
    pub(crate) async fn empty_trash(&self, request_id: &str) -> Result<pb::EmptyTrashResponse, Status> {
        let message = pb::EmptyTrashRequest {
            request_id: request_id.to_owned(),
        };
        let reply = self.client().empty_trash(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// The last message of an import, which is its result.
    pub(crate) async fn import(&self, message: pb::ImportTasksRequest) -> Result<Imported, Status> {
        let mut steps = self.importing(message).await?;
        let mut last = None;
        while let Some(message) = steps.message().await? {
            last = message.step;
        }
        match last {
            Some(Step::Result(result)) => Ok(result),
            other => panic!("no result but {other:?}"),
        }
    }

    /// An import, message by message.
    pub(crate) async fn importing(
        &self,
        message: pb::ImportTasksRequest,
    ) -> Result<Streaming<pb::ImportTasksResponse>, Status> {
        let reply = self.transfers().import_tasks(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// A whole file.
    pub(crate) async fn export(&self, format: pb::Format, filter: &str) -> Result<Vec<u8>, Status> {
        let message = pb::ExportTasksRequest {
            format: format.into(),
            filter: filter.to_owned(),
        };
        let mut chunks = self
            .transfers()
            .export_tasks(self.request(message))
            .await?
            .into_inner();
        let mut file = Vec::new();
        while let Some(message) = chunks.message().await? {
            assert!(message.chunk.len() <= 64 * 1024, "a chunk is too large");
            file.extend(message.chunk);
        }
        Ok(file)
    }

    pub(crate) fn transfers(&self) -> TransferServiceClient<Channel> {
        TransferServiceClient::new(self.channel())
    }

    pub(crate) async fn create(&self, message: pb::CreateTaskRequest) -> Result<pb::Task, Status> {
        let reply = self.client().create_task(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    /// Every task, those in the trash too.
    pub(crate) async fn list_all(&self) -> Vec<pb::Task> {
        let message = pb::ListTasksRequest {
            page_size: 1000,
            show_deleted: true,
            ..Default::default()
        };
        self.list(message).await.expect("a page").tasks
    }

    pub(crate) async fn list(&self, message: pb::ListTasksRequest) -> Result<pb::ListTasksResponse, Status> {
        let reply = self.client().list_tasks(self.request(message)).await;
        reply.map(Response::into_inner)
    }
}

/// Code and reason of a refusal.
#[track_caller]
pub(crate) fn assert_refused<T>(result: Result<T, Status>, code: Code, reason: ErrorReason) -> Status {
    let Err(status) = result else {
        panic!("let through instead of {reason:?}");
    };
    assert_eq!(
        (status.code(), reason_of(&status)),
        (code, reason.name().to_owned()),
        "{status:?}"
    );
    status
}

pub(crate) fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

/// INVALID_ARGUMENT with violations of just these fields, sorted.
#[track_caller]
pub(crate) fn assert_violations<T>(result: Result<T, Status>, fields: &[&str]) {
    let status = assert_refused(result, Code::InvalidArgument, ErrorReason::FieldInvalid);
    let violations = status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default();
    let mut found: Vec<_> = violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    found.sort_unstable();
    assert_eq!(found, fields);
    assert!(
        violations
            .iter()
            .all(|violation| violation.description.ends_with('.')),
        "{violations:?}"
    );
}

/// The number in an etag.
pub(crate) fn revision(task: &pb::Task) -> i64 {
    task.etag.trim_start_matches('r').parse().expect("a revision")
}

/// A new task of that title.
pub(crate) fn titled(title: &str) -> pb::CreateTaskRequest {
    let task = pb::Task {
        title: title.to_owned(),
        ..Default::default()
    };
    pb::CreateTaskRequest {
        task: Some(task),
        ..Default::default()
    }
}

/// A new task of that title, as a part of another.
pub(crate) fn part_of(parent: &pb::Task, title: &str) -> pb::CreateTaskRequest {
    let mut request = titled(title);
    let task = request.task.as_mut().expect("just given");
    task.parent_id.clone_from(&parent.id);
    request
}

/// A UUID of one's own choice.
pub(crate) fn uuid(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}
