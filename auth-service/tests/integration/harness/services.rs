//! Other services that know a secret.

use proto::auth::v1 as pb;
use proto::auth::v1::revocation_service_client::RevocationServiceClient;
use proto::auth::v1::service_token_service_client::ServiceTokenServiceClient;
use tonic::transport::Channel;
use tonic::{Response, Status};

use super::Service;

/// What a service proves itself with.
#[derive(Clone, Copy)]
pub(crate) struct Credential {
    pub(crate) name: &'static str,
    pub(crate) secret: &'static str,
}

/// May read revocations, as task-service does.
pub(crate) const WATCHER: Credential = Credential {
    name: "watcher",
    secret: "d2F0Y2hlciBmb3IgdGhlIHRlc3RzIG9ubHksIG5vIG1vcmU",
};
/// May empty owners at task-service.
pub(crate) const PURGER: Credential = Credential {
    name: "purger",
    secret: "cHVyZ2VyIGZvciB0aGUgdGVzdHMgb25seSwgYW5kIG5vbmU",
};
/// May act for a person who gave it a token.
pub(crate) const REPORTS: Credential = Credential {
    name: "reports",
    secret: "cmVwb3J0cyBmb3IgdGhlIHRlc3RzIG9ubHksIG5vIG1vcmU",
};
/// May act for anybody, to read.
pub(crate) const SUPPORT: Credential = Credential {
    name: "support",
    secret: "c3VwcG9ydCBmb3IgdGhlIHRlc3RzIG9ubHksIG5vIG1vcmU",
};

/// They are declared in every test; one of them by the hash of its secret.
pub(crate) const CREDENTIALS: &str = "watcher:d2F0Y2hlciBmb3IgdGhlIHRlc3RzIG9ubHksIG5vIG1vcmU:revocations.read,\
     purger:cHVyZ2VyIGZvciB0aGUgdGVzdHMgb25seSwgYW5kIG5vbmU:owners.purge,\
     reports:sha256=678a369fed46c6d7e43631f025e8e2d2ff391cc68affa1df9a93da0a26f7ad73:tasks.read+tasks.write,\
     support:c3VwcG9ydCBmb3IgdGhlIHRlc3RzIG9ubHksIG5vIG1vcmU:tasks.read+impersonate";

impl Credential {
    /// A request that may be changed before it is sent.
    pub(crate) fn asks(self, audience: &str) -> pb::IssueServiceTokenRequest {
        pb::IssueServiceTokenRequest {
            service: self.name.to_owned(),
            secret: self.secret.to_owned(),
            audience: audience.to_owned(),
            scopes: Vec::new(),
            subject_token: String::new(),
        }
    }

    /// A request to act for somebody at task-service.
    pub(crate) fn asks_for(self, subject_token: &str) -> pb::IssueServiceTokenRequest {
        pb::IssueServiceTokenRequest {
            subject_token: subject_token.to_owned(),
            ..self.asks("tandem.tasks")
        }
    }
}

impl Service {
    pub(crate) fn service_tokens(&self) -> ServiceTokenServiceClient<Channel> {
        ServiceTokenServiceClient::new(self.channel.clone())
    }

    pub(crate) fn revocations(&self) -> RevocationServiceClient<Channel> {
        RevocationServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn issue(
        &self,
        request: pb::IssueServiceTokenRequest,
    ) -> Result<pb::IssueServiceTokenResponse, Status> {
        self.service_tokens()
            .issue_service_token(request)
            .await
            .map(Response::into_inner)
    }

    /// The token of a service that acts for itself.
    pub(crate) async fn service_token(&self, credential: Credential, audience: &str) -> String {
        let issued = self.issue(credential.asks(audience)).await;
        issued.expect("it holds something there").access_token
    }
}
