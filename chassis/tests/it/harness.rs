//! Starts a server on a port of its own and calls it as a gRPC client and as a browser do.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use chassis::config::ServerConfig;
use chassis::{Health, Metrics, ServeError, Server};
use http::request::Builder;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::codec::Streaming;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::echo::{self, Echo};

pub(crate) const ORIGIN: &str = "https://app.example.com";

/// Longer than anything here takes, shorter than a person's patience with a hanging test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    pub(crate) echo: Echo,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    pub(crate) shutdown: CancellationToken,
    pub(crate) ended: JoinHandle<Result<(), ServeError>>,
}

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        allowed_origins: vec![ORIGIN.parse().unwrap()],
        ..ServerConfig::loopback()
    }
}

pub(crate) async fn start() -> Running {
    start_with(config(), |server| server).await
}

pub(crate) async fn start_with(config: ServerConfig, and: impl FnOnce(Server) -> Server) -> Running {
    let echo = Echo::default();
    let service = echo.clone();
    let mut running = start_bare(config, |server| and(server.service(service))).await;
    running.echo = echo;
    running
}

pub(crate) async fn start_bare(config: ServerConfig, and: impl FnOnce(Server) -> Server) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (health, metrics) = (Health::new(&["test.Echo"]), Metrics::new());
    let server = and(Server::new(config, health.clone(), metrics.clone()).descriptors(echo::descriptors()));
    let shutdown = CancellationToken::new();
    let ended = tokio::spawn(server.serve(listener, shutdown.clone()));
    Running {
        addr,
        echo: Echo::default(),
        health,
        metrics,
        shutdown,
        ended,
    }
}

impl Running {
    /// Fires the shutdown and waits for the end.
    pub(crate) async fn stop(self) -> Result<(), ServeError> {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .expect("the drain ends")
            .unwrap()
    }

    pub(crate) async fn channel(&self) -> Channel {
        let url = format!("http://{}", self.addr);
        Endpoint::from_shared(url).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn say(&self, text: &str) -> Result<Response<String>, Status> {
        unary(self.channel().await, echo::SAY, Request::new(text.to_owned())).await
    }

    /// Sends one message as grpc-web over plain HTTP/1, as a page of the allowed origin does.
    pub(crate) async fn grpc_web(
        &self,
        path: &str,
        with: impl FnOnce(Builder) -> Builder,
        text: &str,
    ) -> WebAnswer {
        let request = with(http::Request::post(path).header("content-type", "application/grpc-web+proto"));
        self.http1(request, frame(&prost::Message::encode_to_vec(&text.to_owned())))
            .await
    }

    pub(crate) async fn http1(&self, request: Builder, body: Vec<u8>) -> WebAnswer {
        let socket = TcpStream::connect(self.addr).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(socket))
            .await
            .unwrap();
        tokio::spawn(connection);
        let chosen = request
            .headers_ref()
            .is_some_and(|headers| headers.contains_key("origin"));
        let request = if chosen {
            request
        } else {
            request.header("origin", ORIGIN)
        };
        let request = request.header("host", "tandem");
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        WebAnswer {
            http: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }
}

/// What a page sees.
#[derive(Debug)]
pub(crate) struct WebAnswer {
    pub(crate) http: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl WebAnswer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The refusal, provided that a page of the origin may read it.
    pub(crate) fn readable_refusal(&self) -> Status {
        assert_eq!(self.http, StatusCode::OK, "{self:?}");
        assert_eq!(self.header("access-control-allow-origin"), ORIGIN, "{self:?}");
        assert!(
            self.header("content-type").starts_with("application/grpc-web"),
            "{self:?}"
        );
        let exposed = self.header("access-control-expose-headers");
        for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
            assert!(exposed.contains(name), "{name} is not exposed: {exposed}");
        }
        Status::from_header_map(&self.headers).expect("a refusal in the headers")
    }
}

/// A message as gRPC frames it.
pub(crate) fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = vec![0];
    framed.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend(message);
    framed
}

pub(crate) async fn unary(
    channel: Channel,
    path: &'static str,
    request: Request<String>,
) -> Result<Response<String>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("connected");
    let codec = ProstCodec::<String, String>::default();
    grpc.unary(request, PathAndQuery::from_static(path), codec).await
}

pub(crate) async fn stream(
    channel: Channel,
    path: &'static str,
    text: &str,
) -> Result<Streaming<String>, Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("connected");
    let codec = ProstCodec::<String, String>::default();
    let request = Request::new(text.to_owned());
    grpc.server_streaming(request, PathAndQuery::from_static(path), codec)
        .await
        .map(Response::into_inner)
}

pub(crate) fn reason(status: &Status) -> String {
    status
        .get_error_details()
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default()
}

pub(crate) fn retry_delay(details: &ErrorDetails) -> Option<Duration> {
    details.retry_info().and_then(|info| info.retry_delay)
}
