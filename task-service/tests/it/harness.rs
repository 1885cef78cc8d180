//! A running service, and people with tokens for it.

mod labels;
mod lists;
mod person;
mod refusals;
pub(crate) mod trash;

use std::sync::Arc;

use chassis::config::Settings;
use chassis::{Clock, Entropy, ManualClock, Metrics};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proto::access_token::{Audience, Claims, ISSUER, Scope, TOKEN_TYPE};
use proto::tasks::v1 as pb;
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
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use uuid::Uuid;

pub(crate) use lists::{list_titled, task_in};
pub(crate) use person::Person;
pub(crate) use refusals::{assert_refused, assert_violations, reason_of};

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

    /// A second replica to which no notification comes through, whose streams have these times.
    pub(crate) async fn deaf_replica(&self, pace: Pace) -> (Self, ChaosProxy) {
        let proxy = self.database.proxy().await;
        proxy.keep_notifications(true);
        let config = config_with(&proxy.url(), &MANY_CALLS);
        let time = (self.clock.clone(), self.hand.clone());
        let limited = |app: App| app.streaming(pace);
        let replica = Self::start_at(time, self.database.clone(), config, limited).await;
        (replica, proxy)
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
