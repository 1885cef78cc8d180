//! Accounts that go: first here, in one transaction that leaves an id behind, then at task-service, which is asked until
//! it says that it holds nothing of that id. Each step can be done twice, so that whoever dies in the middle is followed
//! by the next who tries.
//!
//! What may never be put here: when an account is to go, which is for `rpc`.

mod metrics;
mod owners;
mod worker;

use chassis::Metrics;
use chassis::peer::AddressError;
use tokio::sync::Notify;

pub use worker::purge_due;
pub(crate) use worker::run;

use metrics::PurgeMetrics;
use owners::Owners;

/// What deletes accounts.
pub(crate) struct Purger {
    /// None where no task-service is named.
    owners: Option<Owners>,
    metrics: PurgeMetrics,
    asked: Notify,
}

impl Purger {
    /// Connects to nothing. `own_pem` is this machine's certificate, if there is one.
    ///
    /// # Errors
    ///
    /// When the address cannot be called; the settings reader has seen to that.
    pub(crate) fn new(
        tasks_url: Option<&str>,
        own_pem: Option<&[u8]>,
        metrics: &Metrics,
    ) -> Result<Self, AddressError> {
        Ok(Self {
            owners: tasks_url.map(|url| Owners::at(url, own_pem)).transpose()?,
            metrics: metrics.register(PurgeMetrics::register),
            asked: Notify::new(),
        })
    }

    /// The deletion of an account was committed.
    pub(crate) fn wake(&self) {
        self.asked.notify_one();
    }
}
