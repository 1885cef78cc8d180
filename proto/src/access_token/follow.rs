//! A verifier without a secret: its keys are the public ones that auth-service lists, fetched in the background.
//!
//! Verifying does no I/O. A token under a key that is not known is refused at once, and wakes the background; so a new key
//! is put behind the signing one first and is known everywhere before it signs (docs/keys.md). Whatever callers send,
//! a fetch comes no sooner than [`COOL_DOWN`] after the last good one, and a failed one leaves the keys as they are.
//! Only Ed25519 keys are taken: a secret from the network would let everybody on the way sign.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::transport::Channel;

use super::claims::Audience;
use super::keyring::Key;
use super::verifier::Verifier;
use crate::auth::v1 as pb;
use crate::auth::v1::key_service_client::KeyServiceClient;

/// Between two fetches, however many tokens name unknown keys.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// Between two fetches when nothing asks for one earlier: so long may a key be good here that the list has lost.
const REFRESH: Duration = Duration::from_secs(300);
/// How long a fetch may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// After a failed fetch; doubled at each further one, up to [`COOL_DOWN`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// What goes between those who verify and the one who fetches.
pub(super) struct Hearing {
    missed: watch::Sender<()>,
    loaded: watch::Sender<bool>,
}

impl Hearing {
    fn new() -> Self {
        Self {
            missed: watch::Sender::new(()),
            loaded: watch::Sender::new(false),
        }
    }

    /// A token named a key that is not known. A thousand of them are one.
    pub(super) fn missed(&self) {
        self.missed.send_replace(());
    }
}

impl Verifier {
    /// A verifier for tokens meant for `audience`, and the work that fetches its keys from the auth-service at the other
    /// end of `channel`: it never ends, and whoever drops it is left with the keys of that moment. `now` gives the present
    /// in seconds since 1970; `broken` hears why a fetch failed, before the next one is tried.
    ///
    /// Whoever can answer on `channel` decides who is let in here: across machines it has to be TLS.
    pub fn follow(
        channel: Channel,
        audience: Audience,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        broken: impl Fn(&Status) + Send + Sync + 'static,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + 'static) {
        let fetch = move || {
            let mut client = KeyServiceClient::new(channel.clone());
            async move {
                let reply = client.list_public_keys(pb::ListPublicKeysRequest {}).await?;
                Ok(reply.into_inner().keys)
            }
        };
        Self::follow_by(fetch, audience, now, broken)
    }

    fn follow_by<F>(
        fetch: impl Fn() -> F + Send + 'static,
        audience: Audience,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        broken: impl Fn(&Status) + Send + Sync + 'static,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + 'static)
    where
        F: Future<Output = Result<Vec<pb::PublicKey>, Status>> + Send,
    {
        let hearing = Hearing::new();
        let mut missed = hearing.missed.subscribe();
        let verifier = Arc::new(Self::without_keys(audience, now, Some(hearing)));
        let followed = Arc::clone(&verifier);
        let work = async move {
            let mut pause = FIRST_PAUSE;
            loop {
                let fetched = timeout(FETCH_TIMEOUT, fetch()).await;
                let fetched =
                    fetched.unwrap_or_else(|_| Err(Status::deadline_exceeded("no public keys in time")));
                match fetched {
                    Ok(listed) => {
                        followed.take_in(&listed);
                        pause = FIRST_PAUSE;
                        sleep(COOL_DOWN).await;
                        // The sender lives as long as the verifier, which lives here.
                        let _ = timeout(REFRESH - COOL_DOWN, missed.changed()).await;
                    }
                    Err(status) => {
                        broken(&status);
                        sleep(pause).await;
                        pause = (pause * 2).min(COOL_DOWN);
                    }
                }
            }
        };
        (verifier, work)
    }

    /// Comes when keys have been fetched for the first time; at once where they do not come from auth-service. Until then
    /// every token is refused.
    pub async fn loaded(&self) {
        if let Some(hearing) = &self.hearing {
            let mut loaded = hearing.loaded.subscribe();
            // The sender lives as long as the verifier.
            let _ = loaded.wait_for(|loaded| *loaded).await;
        }
    }

    fn take_in(&self, listed: &[pb::PublicKey]) {
        let keys: Vec<Key> = listed.iter().filter_map(read).collect();
        self.replace_keys(keys.iter());
        if let Some(hearing) = &self.hearing {
            hearing.loaded.send_replace(true);
        }
    }
}

/// None for whatever is no Ed25519 key: it is left out and the others count (RFC 7517, section 5).
fn read(listed: &pb::PublicKey) -> Option<Key> {
    let is_ed25519 = listed.kty == "OKP" && listed.crv == "Ed25519" && listed.alg == "EdDSA";
    let public = URL_SAFE_NO_PAD.decode(&listed.x).ok().filter(|_| is_ed25519)?;
    Key::from_public(&listed.kid, &public)
}

#[cfg(test)]
mod tests;
