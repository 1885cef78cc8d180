//! What a connection is told: limits that tonic leaves off, and its age.

use std::time::Duration;

use bytes::Bytes;
use chassis::config::ServerConfig;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::echo::{SAY, TICK};
use crate::harness::{PATIENCE, config, frame, start, start_with};

const SETTINGS: u8 = 4;
const MAX_CONCURRENT_STREAMS: u16 = 3;
const MAX_HEADER_LIST_SIZE: u16 = 6;

#[tokio::test]
async fn stream_and_header_limits_are_advertised() {
    let server = start().await;
    let mut socket = TcpStream::connect(server.addr).await.unwrap();
    socket
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    socket
        .write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])
        .await
        .unwrap();

    let mut head = [0; 9];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], SETTINGS);
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    socket.read_exact(&mut payload).await.unwrap();
    let advertised = |id: u16| {
        payload
            .chunks_exact(6)
            .find(|setting| setting[..2] == id.to_be_bytes())
            .map(|setting| u32::from_be_bytes(setting[2..].try_into().unwrap()))
    };
    assert_eq!(advertised(MAX_CONCURRENT_STREAMS), Some(128));
    assert_eq!(advertised(MAX_HEADER_LIST_SIZE), Some(16 * 1024));
}

#[tokio::test]
async fn an_old_connection_takes_no_new_call_and_its_stream_lives_on() {
    let max_connection_age = Duration::from_millis(100);
    let server = start_with(
        ServerConfig {
            max_connection_age,
            ..config()
        },
        |server| server,
    )
    .await;
    let socket = TcpStream::connect(server.addr).await.unwrap();
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let call = |path| {
        let request = http::Request::post(format!("http://tandem{path}"));
        let request = request.header("content-type", "application/grpc");
        request.body(Full::new(Bytes::from(frame(b"")))).unwrap()
    };
    let mut ticks = sender.send_request(call(TICK)).await.unwrap().into_body();
    let mut tick = async || {
        let frame = timeout(PATIENCE, ticks.frame()).await.unwrap();
        frame.expect("the stream goes on").unwrap()
    };

    let aged = async { while sender.send_request(call(SAY)).await.is_ok() {} };
    timeout(PATIENCE, aged).await.expect("a GOAWAY");
    for _ in 0..5 {
        assert!(tick().await.is_data());
    }
}
