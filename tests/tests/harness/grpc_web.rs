//! Calls as a browser makes them: grpc-web frames over HTTP/1.1, with the headers that a browser adds.

use std::net::SocketAddr;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use prost::Message;
use tonic::{Code, Status};

const TRAILERS: u8 = 0x80;

/// An answer, with the headers that it came with either way.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    pub(crate) headers: HeaderMap,
    pub(crate) outcome: Result<T, Status>,
}

/// Fetches a page.
pub(crate) async fn get(origin: SocketAddr, path: &str) -> Result<Response<String>, Error> {
    let request = Request::get(format!("http://{origin}{path}")).body(Full::default());
    let (parts, body) = send(request.expect("a path makes a request")).await?;
    Ok(Response::from_parts(
        parts,
        String::from_utf8_lossy(&body).into_owned(),
    ))
}

/// Calls a method, `package.Service/Method`.
pub(crate) async fn call<T: Message + Default>(
    origin: SocketAddr,
    method: &str,
    headers: &[(&'static str, &str)],
    message: &impl Message,
) -> Reply<T> {
    let mut body = BytesMut::new();
    body.put_u8(0);
    body.put_u32(u32::try_from(message.encoded_len()).expect("a small message"));
    message.encode(&mut body).expect("the buffer grows");
    let mut request = Request::post(format!("http://{origin}/{method}"))
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body(Full::new(body.freeze()))
        .expect("a method makes a request");
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("headers of tests are well formed");
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    let (parts, body) = send(request).await.expect("the web origin answers");
    let outcome = read(&parts.headers, body);
    Reply {
        headers: parts.headers,
        outcome,
    }
}

async fn send(request: Request<Full<Bytes>>) -> Result<(http::response::Parts, Bytes), Error> {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let (parts, body) = client.request(request).await?.into_parts();
    let body = body.collect().await.expect("an answer has an end").to_bytes();
    Ok((parts, body))
}

/// The status is in the headers of an answer without a message, and else in a last frame.
fn read<T: Message + Default>(headers: &HeaderMap, mut body: Bytes) -> Result<T, Status> {
    let mut message = None;
    let mut status = Status::from_header_map(headers);
    while body.remaining() >= 5 {
        let kind = body.get_u8();
        let size = usize::try_from(body.get_u32()).expect("a size fits");
        let frame = body.split_to(size);
        if kind & TRAILERS == 0 {
            message = Some(T::decode(frame).expect("the answer is of its type"));
        } else {
            status = Status::from_header_map(&trailers(&frame));
        }
    }
    match status {
        Some(status) if status.code() == Code::Ok => Ok(message.expect("OK comes with a message")),
        Some(status) => Err(status),
        None => panic!("an answer without grpc-status: {headers:?}"),
    }
}

fn trailers(frame: &[u8]) -> HeaderMap {
    let lines = std::str::from_utf8(frame).expect("trailers are text").lines();
    let pairs = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| {
            let name = name.trim().parse::<HeaderName>().expect("a header's name");
            (
                name,
                value.trim().parse::<HeaderValue>().expect("a header's value"),
            )
        });
    pairs.collect()
}
