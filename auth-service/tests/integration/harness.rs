//! A running service and the people who call it.

mod browser;
pub(crate) mod forger;
mod mailbox;
mod own_process;
mod owners;
mod person;
mod refusals;
mod requests;
mod services;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use auth_service::app::App;
use auth_service::config::Config;
use auth_service::serve::serve;
use chassis::config::Settings;
use chassis::{Clock, Entropy, ManualClock, Metrics};
use proto::auth::v1 as pb;
use proto::auth::v1::account_service_client::AccountServiceClient;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::errors::v1::ErrorReason;
use tandem_postgres::test::{self, TestDatabase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

pub(crate) use browser::Browser;
pub(crate) use mailbox::{Mail, Mailbox};
pub(crate) use own_process::OwnProcess;
pub(crate) use owners::Owners;
pub(crate) use person::Person;
pub(crate) use refusals::{assert_invalid, assert_refused, reason_of};
pub(crate) use requests::{authorized, refresh, sign_in, sign_up};
pub(crate) use services::{CREDENTIALS, Credential, PURGER, REPORTS, SUPPORT, WATCHER};

pub(crate) const PASSWORD: &str = "a horse of my own";
pub(crate) const ORIGIN: &str = "http://localhost:8080";
/// 32 bytes, and the key of no deployment.
pub(crate) const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// auth-service on a port of its own; it ends with this value.
pub(crate) struct Service {
    pub(crate) addr: SocketAddr,
    pub(crate) app: Arc<App>,
    pub(crate) clock: ManualClock,
    pub(crate) metrics: Metrics,
    pub(crate) database: Arc<TestDatabase>,
    channel: Channel,
    _running: DropGuard,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these settings over the usual ones.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = test::database("auth-service", &auth_service::MIGRATOR).await;
        Self::start_on(database, None, settings).await
    }

    /// On a database that is reached by another address than its own.
    pub(crate) async fn start_on(
        database: TestDatabase,
        url: Option<String>,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::start_beside(Arc::new(database), url, settings).await
    }

    /// Another replica on the same database, with the usual settings and a clock of its own.
    pub(crate) async fn replica(&self) -> Self {
        self.replica_with(&[]).await
    }

    /// The same, with these settings over the usual ones.
    pub(crate) async fn replica_with(&self, settings: &[(&str, &str)]) -> Self {
        Self::start_beside(self.database.clone(), None, settings).await
    }

    async fn start_beside(
        database: Arc<TestDatabase>,
        url: Option<String>,
        settings: &[(&str, &str)],
    ) -> Self {
        let url = url.unwrap_or_else(|| database.url());
        let mut pairs = HashMap::from([
            ("TANDEM_AUTH_DATABASE_URL", url.as_str()),
            ("TANDEM_TOKEN_KEYS", KEYS),
            ("TANDEM_PUBLIC_ORIGIN", ORIGIN),
            ("TANDEM_SERVICE_CREDENTIALS", CREDENTIALS),
        ]);
        pairs.extend(settings.iter().copied());
        let config = Config::read(Settings::from_pairs(pairs)).expect("good settings");

        let start = "2026-11-21T12:00:00Z".parse().expect("a time");
        let (time, clock) = Clock::manual(start);
        let metrics = Metrics::new();
        let app = Arc::new(App::new(&config, time, Entropy::system(), &metrics).expect("threads"));
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
        let channel = connect(addr).await;
        let service = Self {
            addr,
            app,
            clock,
            metrics,
            database,
            channel,
            _running: shutdown.drop_guard(),
        };
        service.until_serving("tandem.auth.v1.AuthService").await;
        service
    }

    pub(crate) fn auth(&self) -> AuthServiceClient<Channel> {
        AuthServiceClient::new(self.channel.clone())
    }

    pub(crate) fn account(&self) -> AccountServiceClient<Channel> {
        AccountServiceClient::new(self.channel.clone())
    }

    /// Waits until health says so, for as long as it takes.
    pub(crate) async fn until_serving(&self, service: &str) {
        let mut health = HealthClient::new(self.channel.clone());
        let mut states = health
            .watch(health_of(service))
            .await
            .expect("watched")
            .into_inner();
        while let Some(state) = states.message().await.expect("the stream lives") {
            if state.status() == ServingStatus::Serving {
                return;
            }
        }
    }

    pub(crate) async fn health(&self, service: &str) -> ServingStatus {
        let mut health = HealthClient::new(self.channel.clone());
        let state: HealthCheckResponse = health
            .check(health_of(service))
            .await
            .expect("known")
            .into_inner();
        state.status()
    }

    /// A new person, signed up.
    pub(crate) async fn person(&self, email: &str) -> Person<'_> {
        let session = self.auth().sign_up(sign_up(email)).await.expect("signed up");
        Person {
            service: self,
            email: email.to_owned(),
            session: session.into_inner().session.expect("a session"),
        }
    }

    /// A person with a session of theirs.
    pub(crate) fn with_session(&self, email: &str, session: pb::Session) -> Person<'_> {
        Person {
            service: self,
            email: email.to_owned(),
            session,
        }
    }

    /// Signs in with the usual password.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<pb::Session, Status> {
        let reply = self.auth().sign_in(sign_in(email, password)).await?;
        Ok(reply.into_inner().session.expect("a session"))
    }

    /// The same on a device that the person has used before.
    pub(crate) async fn sign_in_on(&self, device_token: &str, email: &str) -> Result<pb::Session, Status> {
        let request = pb::SignInRequest {
            device_token: device_token.to_owned(),
            ..sign_in(email, PASSWORD)
        };
        let reply = self.auth().sign_in(request).await?;
        Ok(reply.into_inner().session.expect("a session"))
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<pb::Session, Status> {
        refresh(self.auth(), token).await
    }

    /// Asserts that a session is over: nothing opens with its tokens.
    pub(crate) async fn assert_ended(&self, session: &pb::Session) {
        let refreshed = self.refresh(&session.refresh_token).await;
        assert_refused(refreshed, Code::Unauthenticated, ErrorReason::SessionEnded);
        let user = self.get_user(&session.access_token).await;
        assert_refused(user, Code::Unauthenticated, ErrorReason::TokenRevoked);
    }

    pub(crate) async fn sign_out(&self, token: &str) -> Result<(), Status> {
        let request = pb::SignOutRequest {
            refresh_token: token.to_owned(),
        };
        self.auth().sign_out(request).await.map(drop)
    }

    /// A call as a browser makes it, grpc-web over HTTP/1.1; the answer's text, headers and all.
    pub(crate) async fn post(&self, method: &str, headers: &str, body: &[u8]) -> String {
        let head = format!(
            "POST /tandem.auth.v1.AuthService/{method} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/grpc-web+proto\r\ncontent-length: {}\r\n{headers}\r\n",
            self.addr,
            body.len()
        );
        let mut stream = TcpStream::connect(self.addr).await.expect("somebody listens");
        stream
            .write_all(&[head.as_bytes(), body].concat())
            .await
            .expect("taken");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Who the token belongs to, as AccountService sees it.
    pub(crate) async fn get_user(&self, access_token: &str) -> Result<pb::User, Status> {
        let request = authorized(access_token, pb::GetUserRequest {});
        self.account().get_user(request).await.map(Response::into_inner)
    }

    /// What an administrator will be able to do.
    pub(crate) async fn disable(&self, email: &str) {
        sqlx::query("UPDATE users SET disable_time = create_time WHERE email_key = $1")
            .bind(email)
            .execute(&self.database.pool())
            .await
            .expect("disabled");
    }

    /// One number from the database.
    pub(crate) async fn count(&self, what: &'static str) -> i64 {
        sqlx::query_scalar(what)
            .fetch_one(&self.database.pool())
            .await
            .expect("counted")
    }

    /// Does something to the database behind the service's back.
    pub(crate) async fn execute(&self, statements: &'static str) {
        sqlx::raw_sql(statements)
            .execute(&self.database.pool())
            .await
            .expect("done");
    }

    pub(crate) fn days_pass(&self, days: u64) {
        self.clock.advance(Duration::from_secs(days * 24 * 60 * 60));
    }

    pub(crate) fn seconds_pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// Tells the person who runs the tests. Not by `println!`, which the test runner keeps to itself.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

pub(crate) async fn connect(addr: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{addr}"))
        .expect("an address")
        .connect()
        .await
        .expect("somebody listens")
}

fn health_of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}
