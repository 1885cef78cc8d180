//! What the stack knows of a call, as one entry of the request's extensions: each entry there is an allocation that every
//! call pays.

use std::sync::Arc;

use tonic::Request;

use crate::deadline::Deadline;
use crate::{ClientAddress, Draining};

#[derive(Debug, Clone)]
pub(crate) struct CallInfo {
    /// The full name of the method, without the leading slash.
    pub(crate) method: Arc<str>,
    /// None for a call that came over no network.
    pub(crate) address: Option<ClientAddress>,
    pub(crate) draining: Draining,
    /// None until the call is let in.
    pub(crate) deadline: Option<Deadline>,
}

impl CallInfo {
    /// That of a request which came through the server.
    pub(crate) fn of<T>(request: &Request<T>) -> Option<&Self> {
        request.extensions().get()
    }
}
