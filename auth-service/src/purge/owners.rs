//! The call to task-service, with a token of our own. Nobody else has to know that token, and task-service checks it like
//! any other, by its signature: no record of it is needed.

use std::time::Duration;

use chassis::peer::{self, AddressError};
use proto::access_token::{Audience, Scope};
use proto::tasks::v1 as pb;
use proto::tasks::v1::owner_service_client::OwnerServiceClient;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::app::App;
use crate::domain::{ServiceName, UserId};
use crate::error::Error;
use crate::signer::{ServiceToken, Signer};

/// One step is bounded at the other end; longer than this it has gone wrong.
pub(super) const STEP: Duration = Duration::from_secs(10);

/// task-service, where people are owners.
pub(super) struct Owners(Channel);

impl Owners {
    pub(super) fn at(url: &str, own_pem: Option<&[u8]>) -> Result<Self, AddressError> {
        peer::connect_lazily(url, own_pem).map(Self)
    }

    /// One step of forgetting a person. True: nothing is left.
    ///
    /// # Errors
    ///
    /// What task-service answered, or that it did not.
    pub(super) async fn purge(&self, app: &App, user: UserId) -> Result<bool, Status> {
        let owner_id = user.0.to_string();
        let mut request = Request::new(pb::PurgeOwnerRequest { owner_id });
        request.set_timeout(STEP);
        request.metadata_mut().insert("authorization", bearer(app)?);
        let mut client = OwnerServiceClient::new(self.0.clone());
        Ok(client.purge_owner(request).await?.into_inner().done)
    }
}

fn bearer(app: &App) -> Result<AsciiMetadataValue, Error> {
    let now = app.clock.now();
    let token = app.signer.sign_for_service(&ServiceToken {
        service: &ServiceName::own(),
        audience: Audience::Tasks,
        scope: Scope::OwnersPurge.as_str(),
        person: None,
        id: app.entropy.uuid_v7(&app.clock),
        now,
        expire_time: Signer::service_token_end(now),
    })?;
    let bearer = format!("Bearer {}", token.text);
    Ok(bearer.parse().expect("a token is ASCII"))
}
