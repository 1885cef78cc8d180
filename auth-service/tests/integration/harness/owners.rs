//! Stands in for task-service, where people are owners: it checks tokens as that does, and does what the test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use proto::access_token::{Audience, Caller, Keyring, Scope, Subject, Verifier, authenticate};
use proto::tasks::v1 as pb;
use proto::tasks::v1::owner_service_server::{OwnerService, OwnerServiceServer};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use super::{KEYS, Service};

/// What it does at each call.
#[derive(Debug, Default)]
struct Plan {
    /// Who was to be forgotten, call by call.
    asked: Vec<String>,
    /// Calls that fail from now on.
    failures: usize,
    /// Calls that are answered with "not yet" from now on.
    steps: usize,
}

/// A task-service on a port of its own; it ends with this value.
pub(crate) struct Owners {
    addr: SocketAddr,
    plan: Arc<Mutex<Plan>>,
    now: Arc<AtomicI64>,
    _running: DropGuard,
}

struct Answers(Arc<Mutex<Plan>>);

#[tonic::async_trait]
impl OwnerService for Answers {
    async fn purge_owner(
        &self,
        request: Request<pb::PurgeOwnerRequest>,
    ) -> Result<Response<pb::PurgeOwnerResponse>, Status> {
        let caller = Caller::of(&request)?;
        assert!(matches!(caller.subject(), Subject::Service { .. }), "{caller:?}");
        caller.require_scope(Scope::OwnersPurge)?;
        let mut plan = self.0.lock().expect("not poisoned");
        plan.asked.push(request.into_inner().owner_id);
        if plan.failures > 0 {
            plan.failures -= 1;
            return Err(Status::unavailable("not now"));
        }
        let done = plan.steps == 0;
        plan.steps = plan.steps.saturating_sub(1);
        Ok(Response::new(pb::PurgeOwnerResponse { done }))
    }
}

impl Owners {
    pub(crate) async fn start() -> Self {
        let plan = Arc::<Mutex<Plan>>::default();
        let start: chrono::DateTime<chrono::Utc> = "2026-11-21T12:00:00Z".parse().expect("a time");
        let now = Arc::new(AtomicI64::new(start.timestamp()));
        let keyring = Keyring::parse(KEYS).expect("good");
        let clock = now.clone();
        let verifier = Verifier::new(&keyring, Audience::Tasks, move || clock.load(Ordering::SeqCst));
        let answers = OwnerServiceServer::new(Answers(plan.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let end = CancellationToken::new();
        let until = end.clone().cancelled_owned();
        tokio::spawn(
            Server::builder()
                .add_service(InterceptedService::new(answers, authenticate(Arc::new(verifier))))
                .serve_with_incoming_shutdown(TcpListenerStream::new(listener), until),
        );
        Self {
            addr,
            plan,
            now,
            _running: end.drop_guard(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Who was to be forgotten, call by call.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.plan.lock().expect("not poisoned").asked.clone()
    }

    pub(crate) fn fails(&self, calls: usize) {
        self.plan.lock().expect("not poisoned").failures = calls;
    }

    pub(crate) fn takes(&self, steps: usize) {
        self.plan.lock().expect("not poisoned").steps = steps - 1;
    }

    /// Time passes here as at auth-service.
    pub(crate) fn seconds_pass(&self, service: &Service, seconds: u64) {
        service.seconds_pass(seconds);
        let seconds = i64::try_from(seconds).expect("not that long");
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Service {
    /// Waits until nobody is left who should be gone, here or at task-service.
    pub(crate) async fn until_purged(&self) {
        self.until_purges_are(0).await;
    }

    /// Waits until so many accounts are gone here and not at task-service.
    pub(crate) async fn until_purges_are(&self, waiting: i64) {
        const CLOSED: &str = "SELECT count(*) FROM users WHERE email = 'deleted'";
        for _ in 0..1000 {
            auth_service::purge::purge_due(&self.app)
                .await
                .expect("the database is there");
            let closed = self.count(CLOSED).await;
            if closed == 0 && self.count("SELECT count(*) FROM purges").await == waiting {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("accounts are still waiting to be deleted");
    }
}
