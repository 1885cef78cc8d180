//! Password hashing: Argon2id in threads of its own, so that a flood of sign-ins costs neither memory nor the speed of
//! any other call. What may never be put here: who the password belongs to.

mod argon2id;
mod metrics;
mod pool;

use chassis::{Entropy, Metrics};
use zeroize::Zeroizing;

use crate::error::Error;
use metrics::HashMetrics;
use pool::Pool;

/// How much hashing may be done and waited for at once.
#[derive(Debug, Clone, Copy)]
pub struct HashLimits {
    /// Threads, each with 19 MiB while it works.
    pub threads: usize,
    /// Passwords that may wait; one more is refused.
    pub queue: usize,
}

/// Hashes and checks passwords.
pub struct Hasher {
    pool: Pool,
    metrics: HashMetrics,
    entropy: Entropy,
    /// A hash that no password has, at the cost of a real one.
    nobody: String,
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(limits: HashLimits, entropy: Entropy, metrics: &Metrics) -> std::io::Result<Self> {
        let metrics = metrics.register(HashMetrics::register);
        Ok(Self {
            pool: Pool::start(limits, metrics.clone())?,
            metrics,
            nobody: argon2id::unmatchable(entropy.bytes(), entropy.bytes()),
            entropy,
        })
    }

    /// Hashes a new password; the answer is a PHC string.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Error> {
        let salt = self.entropy.bytes();
        let metrics = self.metrics.clone();
        self.pool
            .run(move |memory| {
                metrics.done.inc();
                argon2id::hash(password.as_bytes(), &salt, memory)
            })
            .await?
            .map_err(Error::internal)
    }

    /// Whether the password has this hash. Without a hash, since there is no such person, the answer is no and the
    /// work is the same.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn verify(&self, password: Zeroizing<String>, hash: Option<&str>) -> Result<bool, Error> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let metrics = self.metrics.clone();
        let same = self
            .pool
            .run(move |memory| {
                metrics.done.inc();
                argon2id::verify(password.as_bytes(), &hash, memory)
            })
            .await?
            .map_err(Error::internal)?;
        Ok(same && known)
    }

    /// How many hashes were computed since the start.
    pub fn hashes_done(&self) -> u64 {
        self.metrics.done.get()
    }
}
