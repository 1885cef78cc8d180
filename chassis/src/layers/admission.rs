//! Lets a call in or turns it away at once; it never makes one wait. Before the service has started everything but
//! health and reflection is turned away, and above the limit everything but health.

use http::Response;
use tokio::sync::Semaphore;
use tonic::body::Body;

use super::around::{Around, Rest};
use crate::{Health, status};

/// Health and reflection.
const PROTOCOL_PREFIX: &str = "/grpc.";
const HEALTH_PREFIX: &str = "/grpc.health.v1.Health/";

#[derive(Debug)]
pub(crate) struct Admission {
    places: Semaphore,
    health: Health,
}

impl Admission {
    pub(super) fn new(places: usize, health: Health) -> Self {
        Self {
            places: Semaphore::new(places),
            health,
        }
    }
}

impl Around for Admission {
    async fn around(&self, mut rest: impl Rest) -> Response<Body> {
        let path = rest.request().uri().path();
        if path.starts_with(HEALTH_PREFIX) {
            return rest.proceed().await;
        }
        if !self.health.is_ready() && !path.starts_with(PROTOCOL_PREFIX) {
            return status::service_unavailable().into_http();
        }
        // The place is kept to the first answer. A stream works little afterwards, and would keep it for minutes.
        let Ok(_place) = self.places.try_acquire() else {
            return status::overloaded().into_http();
        };
        rest.proceed().await
    }
}
