//! Health as the contract has it (grpc.health.v1), three things apart: `""` is liveness and follows the process alone,
//! each service's name is readiness, `tandem.database` follows Postgres. The loss of Postgres changes the last only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

/// The name under which the health of Postgres is asked for.
pub const DATABASE: &str = "tandem.database";

/// What the process says about itself. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health {
    reporter: HealthReporter,
    services: Arc<[String]>,
    ready: Arc<AtomicBool>,
}

impl Health {
    /// Alive and not ready, for services by their full names.
    pub fn new(services: &[&str]) -> Self {
        let health = Self {
            reporter: HealthReporter::new(),
            services: services.iter().map(|&name| name.to_owned()).collect(),
            ready: Arc::default(),
        };
        // Nobody else has the reporter yet, so its lock is free.
        health
            .set_services(ServingStatus::NotServing)
            .then(|()| health.database(false))
            .now_or_never()
            .expect("an uncontended lock is taken at once");
        health
    }

    /// The service has started: calls are let in.
    pub async fn ready(&self) {
        self.ready.store(true, Ordering::Release);
        self.set_services(ServingStatus::Serving).await;
    }

    /// The service is about to stop: load balancers should look elsewhere, calls are still answered.
    pub async fn draining(&self) {
        self.set_services(ServingStatus::NotServing).await;
    }

    /// Says whether Postgres answers.
    pub async fn database(&self, reachable: bool) {
        let status = if reachable {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.reporter.set_service_status(DATABASE, status).await;
    }

    /// Whether calls are let in.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Ends every open `Watch`, which would hold up the drain.
    pub(crate) async fn close(&self) {
        let mut reporter = self.reporter.clone();
        let names = self.services.iter().map(String::as_str);
        for name in names.chain([DATABASE, ""]) {
            reporter.clear_service_status(name).await;
        }
    }

    pub(crate) fn server(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    async fn set_services(&self, status: ServingStatus) {
        for name in self.services.iter() {
            self.reporter.set_service_status(name, status).await;
        }
    }
}
