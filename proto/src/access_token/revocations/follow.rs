//! Keeps a set in step: gets a token as a service, watches, goes on after every break from where it was.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tonic::transport::Channel;
use tonic::{Request, Status};
use zeroize::Zeroizing;

use super::{RevocationSet, StalePolicy};
use crate::access_token::{Audience, Scope};
use crate::auth::v1 as pb;
use crate::auth::v1::revocation_service_client::RevocationServiceClient;
use crate::auth::v1::service_token_service_client::ServiceTokenServiceClient;

/// auth-service sends something every second; after so long without a word the connection counts as broken.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a token may take.
const ISSUE_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What a service proves itself with at auth-service, which must grant it `revocations.read`.
#[derive(Clone)]
pub struct Credential {
    /// The name that auth-service knows it by.
    pub service: String,
    /// The secret that goes with it.
    pub secret: Zeroizing<String>,
}

impl RevocationSet {
    /// A set, and the work that keeps it in step with the auth-service at the other end of `channel`: it never ends, and
    /// whoever drops it lets the set go stale. `now` gives the present in seconds since 1970; `broken` hears why a
    /// connection was lost, before the next one is tried.
    pub fn follow(
        channel: Channel,
        credential: Credential,
        policy: StalePolicy,
        now: impl Fn() -> i64 + Send + Sync + 'static,
        broken: impl Fn(&Status) + Send + Sync + 'static,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + 'static) {
        let set = Arc::new(Self::new(policy));
        let followed = Arc::clone(&set);
        let work = async move {
            let (mut cursor, mut pause) = (String::new(), FIRST_PAUSE);
            loop {
                let before = followed.staleness();
                let Err(status) = watch(&followed, &channel, &credential, &mut cursor, &now).await;
                broken(&status);
                // Whoever was heard is tried again at once.
                let heard =
                    followed.staleness() < before || before.is_none() && followed.staleness().is_some();
                pause = if heard {
                    FIRST_PAUSE
                } else {
                    (pause * 2).min(LONGEST_PAUSE)
                };
                sleep(pause).await;
            }
        };
        (set, work)
    }
}

/// Watches until the connection breaks.
async fn watch(
    set: &RevocationSet,
    channel: &Channel,
    credential: &Credential,
    cursor: &mut String,
    now: &(impl Fn() -> i64 + Send + Sync),
) -> Result<std::convert::Infallible, Status> {
    let token = timeout(ISSUE_TIMEOUT, issue(channel, credential))
        .await
        .map_err(|_| Status::deadline_exceeded("no service token in time"))??;
    let mut request = Request::new(pb::WatchRevocationsRequest {
        cursor: cursor.clone(),
    });
    let bearer = format!("Bearer {token}")
        .parse()
        .map_err(|_| Status::internal("the service token is not ASCII"))?;
    request.metadata_mut().insert("authorization", bearer);
    let mut client = RevocationServiceClient::new(channel.clone());
    let mut stream = in_time(client.watch_revocations(request)).await?.into_inner();
    loop {
        let message = in_time(stream.message())
            .await?
            .ok_or_else(|| Status::unavailable("the stream has ended"))?;
        set.take_in(&message, now());
        // A set that is being built is lost with the connection; the cursor goes on when it is whole.
        if message.checkpoint || !set.is_building() {
            cursor.clone_from(&message.cursor);
        }
    }
}

async fn issue(channel: &Channel, credential: &Credential) -> Result<String, Status> {
    let request = pb::IssueServiceTokenRequest {
        service: credential.service.clone(),
        secret: credential.secret.to_string(),
        audience: Audience::Auth.as_str().to_owned(),
        scopes: vec![Scope::RevocationsRead.as_str().to_owned()],
        subject_token: String::new(),
    };
    let reply = ServiceTokenServiceClient::new(channel.clone())
        .issue_service_token(request)
        .await?;
    Ok(reply.into_inner().access_token)
}

async fn in_time<T>(work: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    timeout(SILENCE, work)
        .await
        .unwrap_or_else(|_| Err(Status::unavailable("nothing was heard for too long")))
}
