//! What a page token is bound to: the person, the method, and all arguments but the page's size.

use chassis::PageTokens;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::owner::OwnerId;

/// Whose page of what.
pub(super) struct Bound([Vec<u8>; 3]);

impl Bound {
    /// `arguments` is the request without `page_size` and `page_token`.
    pub(super) fn to(owner: OwnerId, method: &str, arguments: &impl Message) -> Self {
        Self([
            owner.uuid().as_bytes().to_vec(),
            method.as_bytes().to_vec(),
            arguments.encode_to_vec(),
        ])
    }

    /// The token for what comes behind a place.
    pub(super) fn make(&self, tokens: &PageTokens, place: &impl Serialize) -> Result<String, Error> {
        tokens
            .make(&self.0, place)
            .ok_or_else(|| Error::internal("no key for page tokens"))
    }

    /// The place in a token; `None` for an empty one, which asks for the first page.
    pub(super) fn read<P: DeserializeOwned>(
        &self,
        tokens: &PageTokens,
        token: &str,
    ) -> Result<Option<P>, Error> {
        tokens.read(&self.0, token).map_err(|_| Error::PageToken)
    }
}
