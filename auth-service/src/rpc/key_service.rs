//! `tandem.auth.v1.KeyService`: the public halves of the keys that sign, for verifiers that must not hold a secret.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proto::access_token::Keyring;
use proto::auth::v1 as pb;
use tonic::{Request, Response, Status};

/// The service over the public keys, which do not change while the process lives.
pub(crate) struct KeyServiceImpl(Arc<[pb::PublicKey]>);

impl KeyServiceImpl {
    /// Takes what is public of a keyring.
    pub(crate) fn new(keyring: &Keyring) -> Self {
        let keys = keyring.iter().filter_map(|key| {
            key.public().map(|public| pb::PublicKey {
                kid: key.kid().to_owned(),
                alg: "EdDSA".to_owned(),
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                x: URL_SAFE_NO_PAD.encode(public),
            })
        });
        Self(keys.collect())
    }
}

#[tonic::async_trait]
impl pb::key_service_server::KeyService for KeyServiceImpl {
    async fn list_public_keys(
        &self,
        _request: Request<pb::ListPublicKeysRequest>,
    ) -> Result<Response<pb::ListPublicKeysResponse>, Status> {
        Ok(Response::new(pb::ListPublicKeysResponse {
            keys: self.0.to_vec(),
        }))
    }
}
