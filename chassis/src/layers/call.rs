//! Gives each call its name: the request id, taken over or made and always returned, the span that all its log lines are
//! in, the method it is for, where it comes from, and the word about draining.

use std::pin::pin;

use http::Response;
use tonic::body::Body;
use tracing::Instrument as _;

use super::around::{Around, Rest};
use crate::call::CallInfo;
use crate::client_address::ClientAddress;
use crate::config::Network;
use crate::methods::Methods;
use crate::request_id::{HEADER, RequestId};
use crate::{Clock, Draining, Entropy};

#[derive(Debug)]
pub(crate) struct CallContext {
    pub(super) methods: Methods,
    pub(super) draining: Draining,
    pub(super) trusted_proxies: Vec<Network>,
    pub(super) entropy: Entropy,
    pub(super) clock: Clock,
}

impl Around for CallContext {
    async fn around(&self, mut rest: impl Rest) -> Response<Body> {
        let request = rest.request();
        let id = request.headers().get(HEADER).and_then(RequestId::accept);
        let id = id.unwrap_or_else(|| RequestId::new(self.entropy.uuid_v7(&self.clock)));
        let method = self.methods.called(request.uri().path());
        let span = tracing::info_span!("call", request.id = id.as_str(), rpc.method = &*method);
        let returned = id.header_value();
        let call = CallInfo {
            method,
            address: ClientAddress::find(request, &self.trusted_proxies),
            draining: self.draining.clone(),
            deadline: None,
        };
        request.extensions_mut().insert(call);
        // Pinned where it lies: each of those that stand around it would take it over by copying it.
        let work = pin!(rest.proceed());
        let mut response = id.scope(work).instrument(span).await;
        response.headers_mut().insert(HEADER, returned);
        response
    }
}
