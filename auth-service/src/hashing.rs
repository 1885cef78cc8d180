//! Password hashing: Argon2id in threads of its own, so that a flood of sign-ins costs neither memory nor the speed of
//! any other call. Hashes of other systems are checked too, and replaced when their password is known. What may never
//! be put here: who the password belongs to.

mod argon2;
mod bcrypt;
mod metrics;
mod pbkdf2;
mod pool;
mod scheme;
mod scrypt;

use chassis::{Entropy, Metrics};
use zeroize::Zeroizing;

use crate::domain::Complaint;
use crate::error::Error;
use metrics::HashMetrics;
pub use pool::Place;
use pool::Pool;
use scheme::Scheme;

/// A hash from another system that can be checked here, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHash(String);

impl StoredHash {
    /// What is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes a hash from another system: a PHC string of argon2id, argon2i, argon2d, scrypt, pbkdf2-sha256 or
/// pbkdf2-sha512, bcrypt in the forms `$2a$`, `$2b$` and `$2y$`, or Better Auth's `SALT:KEY`.
///
/// # Errors
///
/// Why it cannot be checked, or that checking it would cost too much.
pub fn accept(hash: &str) -> Result<StoredHash, Complaint> {
    Scheme::parse(hash).map(|_| StoredHash(hash.to_owned()))
}

/// A hash that no password has, for people who come without one and choose one by mail.
pub(crate) fn unmatchable(entropy: &Entropy) -> String {
    argon2::unmatchable(entropy.bytes(), entropy.bytes())
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether the password is right.
    pub right: bool,
    /// A stronger hash of the right password, to be stored in place of the one it was checked against.
    pub stronger: Option<String>,
}

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
            nobody: unmatchable(&entropy),
            entropy,
        })
    }

    /// A place for one hash, once its turn comes. A call that anybody can make takes it before its first statement: in a
    /// flood most get none, the others wait here, and neither takes connections to the database from other calls.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn place(&self) -> Result<Place, Error> {
        self.pool.place().await
    }

    /// Hashes a new password; the answer is a PHC string.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Error> {
        self.hash_at(self.place().await?, password).await
    }

    /// The same at a place that was taken before.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when hashing fails.
    pub async fn hash_at(&self, place: Place, password: Zeroizing<String>) -> Result<String, Error> {
        let salt = self.entropy.bytes();
        let metrics = self.metrics.clone();
        self.pool
            .run(place, move |memory| {
                metrics.done.inc();
                argon2::hash(password.as_bytes(), &salt, memory)
            })
            .await?
            .map_err(Error::internal)
    }

    /// Whether the password has this hash. Without a hash, since there is no such person, the answer is no and the
    /// work is that of a hash of ours.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn verify(&self, password: Zeroizing<String>, hash: Option<&str>) -> Result<bool, Error> {
        let (hash, metrics) = (self.hash_or_nobodys(hash), self.metrics.clone());
        self.pool
            .run(self.place().await?, move |memory| {
                metrics.done.inc();
                hash.scheme.verify(&password, memory) && hash.real
            })
            .await
    }

    /// The same at a place that was taken before, and a stronger hash when the password is right and its hash is weaker
    /// than those we make. Both in one turn, so that a full queue cannot come between.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when hashing fails.
    pub async fn check(
        &self,
        place: Place,
        password: Zeroizing<String>,
        hash: Option<&str>,
    ) -> Result<Checked, Error> {
        let (hash, metrics) = (self.hash_or_nobodys(hash), self.metrics.clone());
        let salt = self.entropy.bytes();
        self.pool
            .run(place, move |memory| {
                metrics.done.inc();
                let right = hash.scheme.verify(&password, memory) && hash.real;
                let stronger = (right && !hash.scheme.is_strong())
                    .then(|| argon2::hash(password.as_bytes(), &salt, memory))
                    .transpose()?;
                Ok(Checked { right, stronger })
            })
            .await?
            .map_err(|error: ::argon2::password_hash::Error| Error::internal(error))
    }

    /// A stored hash that cannot be checked is a fault of ours, and nobody's password.
    fn hash_or_nobodys(&self, hash: Option<&str>) -> Hash {
        let scheme = hash.and_then(|hash| {
            Scheme::parse(hash)
                .map_err(|complaint| tracing::error!(complaint, "a stored hash cannot be checked"))
                .ok()
        });
        let real = scheme.is_some();
        let nobodys = || Scheme::parse(&self.nobody).expect("it was made here");
        Hash {
            scheme: scheme.unwrap_or_else(nobodys),
            real,
        }
    }

    /// How many hashes were computed since the start.
    pub fn hashes_done(&self) -> u64 {
        self.metrics.done.get()
    }
}

/// What a password is checked against.
struct Hash {
    scheme: Scheme,
    /// Whether it is a person's.
    real: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse";
    /// Of that password, with cost 4.
    const BCRYPT: &str = "$2b$04$kB8hQW96dzc61gdQgystr.Q/NK.FBdGha3I4zf6OwAbpIoIWihyM2";

    fn hasher() -> Hasher {
        let limits = HashLimits { threads: 1, queue: 8 };
        Hasher::start(limits, Entropy::seeded(1), &Metrics::new()).expect("a thread")
    }

    async fn check(hasher: &Hasher, password: &str, hash: Option<&str>) -> Checked {
        let password = Zeroizing::new(password.to_owned());
        let place = hasher.place().await.expect("room in the queue");
        hasher.check(place, password, hash).await.expect("hashed")
    }

    #[tokio::test]
    async fn a_weaker_hash_is_made_anew_for_the_right_password_alone() {
        let hasher = hasher();
        assert_eq!(
            check(&hasher, "wrong horse", Some(BCRYPT)).await,
            Checked {
                right: false,
                stronger: None
            }
        );
        let stronger = check(&hasher, PASSWORD, Some(BCRYPT)).await.stronger;
        let stronger = stronger.expect("bcrypt is weaker");
        assert!(
            stronger.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stronger}"
        );
        assert_eq!(
            check(&hasher, PASSWORD, Some(&stronger)).await,
            Checked {
                right: true,
                stronger: None
            }
        );
    }

    #[tokio::test]
    async fn a_stored_hash_that_cannot_be_checked_is_nobodys_password() {
        let hasher = hasher();
        for hash in [
            None,
            Some("plain text"),
            Some("$argon2id$v=19$m=9999999,t=9,p=1$c29tZXNhbHQ$c29tZWhhc2hzb21laGFzaA"),
        ] {
            assert!(!check(&hasher, PASSWORD, hash).await.right);
        }
        assert_eq!(hasher.hashes_done(), 3);
    }

    #[test]
    fn a_hash_from_elsewhere_is_stored_as_it_came() {
        assert_eq!(accept(BCRYPT).expect("known").as_str(), BCRYPT);
        assert!(accept("plain text").is_err());
        assert!(accept("").is_err());
    }
}
