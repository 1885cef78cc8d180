//! The server describes itself in both versions of reflection, and only when it may.

use std::collections::BTreeSet;

use chassis::config::ServerConfig;
use futures_util::stream;
use tonic::Code;
use tonic_reflection::pb::{v1, v1alpha};

use crate::harness::{config, start, start_with};

#[tokio::test]
async fn both_versions_list_what_is_served_and_nothing_else() {
    let server = start().await;
    let expected = BTreeSet::from(["grpc.health.v1.Health".to_owned(), "test.Echo".to_owned()]);

    let mut client = v1::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let request = v1::ServerReflectionRequest {
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
        ..Default::default()
    };
    let mut answers = client
        .server_reflection_info(stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(v1::server_reflection_response::MessageResponse::ListServicesResponse(list)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        list.service
            .into_iter()
            .map(|service| service.name)
            .collect::<BTreeSet<_>>(),
        expected
    );

    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let request = v1alpha::ServerReflectionRequest {
        message_request: Some(v1alpha::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
        ..Default::default()
    };
    let mut answers = client
        .server_reflection_info(stream::iter([request]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list)) = answer
    else {
        panic!("{answer:?}");
    };
    assert_eq!(
        list.service
            .into_iter()
            .map(|service| service.name)
            .collect::<BTreeSet<_>>(),
        expected
    );
}

#[tokio::test]
async fn switched_off_there_is_no_reflection() {
    let server = start_with(
        ServerConfig {
            reflection: false,
            ..config()
        },
        |server| server,
    )
    .await;
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(server.channel().await);
    let none = stream::iter([v1::ServerReflectionRequest::default()]);
    assert_eq!(
        client.server_reflection_info(none).await.unwrap_err().code(),
        Code::Unimplemented
    );
}
