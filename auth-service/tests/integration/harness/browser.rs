//! A browser: it sends what browsers send, and keeps its cookies.

use proto::auth::v1 as pb;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::{ORIGIN, Service, sign_up};

/// A browser on the page of an origin, with its cookies.
pub(crate) struct Browser<'a> {
    service: &'a Service,
    pub(crate) origin: Option<&'static str>,
    /// As the last `Set-Cookie` that was not a removal left it: `name=value`.
    pub(crate) cookie: Option<String>,
    /// The last `Set-Cookie`, whole.
    pub(crate) set_cookie: Option<String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn on(service: &'a Service, origin: &'static str) -> Self {
        Self {
            service,
            origin: Some(origin),
            cookie: None,
            set_cookie: None,
        }
    }

    /// One that signed up with a cookie.
    pub(crate) async fn signed_up(service: &'a Service, email: &str) -> Self {
        let mut browser = Self::on(service, ORIGIN);
        browser.sign_up(email).await.expect("signed up");
        browser
    }

    pub(crate) async fn sign_up(&mut self, email: &str) -> Result<pb::Session, Status> {
        let message = pb::SignUpRequest {
            refresh_token_delivery: pb::RefreshTokenDelivery::Cookie.into(),
            ..sign_up(email)
        };
        let reply = self.service.auth().sign_up(self.request(message)).await;
        Ok(self.keep(reply)?.session.expect("a session"))
    }

    pub(crate) async fn refresh(
        &mut self,
        message: pb::RefreshSessionRequest,
    ) -> Result<pb::Session, Status> {
        let reply = self.service.auth().refresh_session(self.request(message)).await;
        Ok(self.keep(reply)?.session.expect("a session"))
    }

    pub(crate) async fn sign_out(&mut self, message: pb::SignOutRequest) -> Result<(), Status> {
        let reply = self.service.auth().sign_out(self.request(message)).await;
        self.keep(reply).map(drop)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let headers = [("origin", self.origin), ("cookie", self.cookie.as_deref())];
        for (name, value) in headers {
            if let Some(value) = value {
                request.metadata_mut().insert(name, value.parse().expect("ASCII"));
            }
        }
        request
    }

    fn keep<T>(&mut self, reply: Result<Response<T>, Status>) -> Result<T, Status> {
        let metadata = match &reply {
            Ok(response) => response.metadata(),
            Err(status) => status.metadata(),
        };
        self.set_cookie = set_cookie(metadata);
        if let Some(header) = &self.set_cookie {
            let pair = header.split(';').next().expect("a pair").to_owned();
            self.cookie = (!header.contains("Max-Age=0")).then_some(pair);
        }
        reply.map(Response::into_inner)
    }
}

fn set_cookie(metadata: &MetadataMap) -> Option<String> {
    let header = metadata.get("set-cookie")?;
    Some(header.to_str().expect("ASCII").to_owned())
}
