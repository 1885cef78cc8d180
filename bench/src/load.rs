//! How load is made. What is called is the caller's business; what is counted is the same for every row.
//!
//! - `closed`: a fixed number of calls in flight, each followed at once by the next;
//! - `open`: calls at a fixed rate, whether or not those before them were answered;
//! - `tally`: what both count.

mod closed;
mod open;
mod tally;

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::try_join_all;
use tonic::Status;
use tonic::transport::Channel;

use crate::service::endpoint;

pub(crate) use closed::closed;
pub(crate) use open::open;

/// One of the calls in flight.
pub(crate) trait Call: Send + 'static {
    /// Makes a call and waits for its answer.
    fn call(&mut self) -> impl Future<Output = Result<(), Status>> + Send;
}

/// How long a row is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// How the load is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) in_flight: usize,
    pub(crate) connections: usize,
    pub(crate) plan: Plan,
}

impl Load {
    /// One call at a time.
    pub(crate) fn alone(self) -> Self {
        Self {
            in_flight: 1,
            connections: 1,
            ..self
        }
    }

    /// For each call in flight the connection that carries it: so many, one after the other.
    pub(crate) async fn channels(self, address: SocketAddr) -> anyhow::Result<Vec<Channel>> {
        let endpoint = endpoint(address)?;
        let channels = try_join_all((0..self.connections).map(|_| endpoint.connect())).await?;
        Ok(channels.into_iter().cycle().take(self.in_flight).collect())
    }

    /// Callers who differ in nothing but their connection.
    pub(crate) async fn callers<C>(
        self,
        address: SocketAddr,
        make: impl Fn(Channel) -> C,
    ) -> anyhow::Result<Vec<C>> {
        Ok(self.channels(address).await?.into_iter().map(make).collect())
    }
}
