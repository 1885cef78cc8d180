//! A service by hand, so that no test method stands in the public contract. Its messages are strings.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chassis::deadline::Deadline;
use chassis::{ClientAddress, Draining, MESSAGE_IN_LIMIT_BYTES, RequestId};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use prost_types::{
    DescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};
use tokio::sync::Notify;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, ServerStreamingService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

pub(crate) const SAY: &str = "/test.Echo/Say";
pub(crate) const TICK: &str = "/test.Echo/Tick";
pub(crate) const HOLD: &str = "/test.Echo/Hold";

/// Answers what it is told, or does what it is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Echo {
    /// Told when a call has begun to hang.
    pub(crate) hanging: Arc<Notify>,
}

impl NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl UnaryService<String> for Echo {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Status>> + Send>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let hanging = Arc::clone(&self.hanging);
        Box::pin(async move {
            let remaining = Deadline::of(&request).remaining();
            let address = ClientAddress::of(&request);
            Ok(Response::new(match request.into_inner().as_str() {
                "panic" => panic!("as told"),
                "hang" => {
                    hanging.notify_one();
                    std::future::pending().await
                }
                "leak" => return Err(Status::internal("password=hunter2")),
                "deadline" => remaining.as_millis().to_string(),
                "address" => address.map(|address| address.to_string()).unwrap_or_default(),
                "request id" => RequestId::current(),
                text => text.to_owned(),
            }))
        })
    }
}

/// Streams for ever, and ends with the drain.
#[derive(Debug, Clone)]
struct Tick;

impl ServerStreamingService<String> for Tick {
    type Response = String;
    type ResponseStream = BoxStream<'static, Result<String, Status>>;
    type Future = std::future::Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let draining = Draining::of(&request);
        let ticks = tokio::time::interval(Duration::from_millis(10));
        let ticks = stream::unfold(ticks, |mut ticks| async {
            ticks.tick().await;
            Some((Ok("tick".to_owned()), ticks))
        });
        let fails = request.into_inner() == "fail";
        let stream = match fails {
            true => ticks
                .take(1)
                .chain(stream::iter([Err(Status::data_loss("as told"))]))
                .boxed(),
            false => ticks.take_until(draining.cancelled()).boxed(),
        };
        std::future::ready(Ok(Response::new(stream)))
    }
}

/// Streams for ever and does not care about the drain.
#[derive(Debug, Clone)]
struct Hold;

impl ServerStreamingService<String> for Hold {
    type Response = String;
    type ResponseStream = BoxStream<'static, Result<String, Status>>;
    type Future = std::future::Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, _: Request<String>) -> Self::Future {
        let stream = stream::iter([Ok("held".to_owned())]).chain(stream::pending());
        std::future::ready(Ok(Response::new(stream.boxed())))
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default())
                .max_decoding_message_size(MESSAGE_IN_LIMIT_BYTES);
            Ok(match request.uri().path() {
                SAY => grpc.unary(echo, request).await,
                TICK => grpc.server_streaming(Tick, request).await,
                HOLD => grpc.server_streaming(Hold, request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

/// What a build would have made of a .proto file.
pub(crate) fn descriptors() -> &'static [u8] {
    let method = |name: &str| MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(".test.Text".to_owned()),
        output_type: Some(".test.Text".to_owned()),
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some("test/echo.proto".to_owned()),
        package: Some("test".to_owned()),
        message_type: vec![DescriptorProto {
            name: Some("Text".to_owned()),
            ..Default::default()
        }],
        service: vec![ServiceDescriptorProto {
            name: Some("Echo".to_owned()),
            method: vec![method("Say"), method("Tick"), method("Hold")],
            ..Default::default()
        }],
        ..Default::default()
    };
    prost::Message::encode_to_vec(&FileDescriptorSet { file: vec![file] }).leak()
}
