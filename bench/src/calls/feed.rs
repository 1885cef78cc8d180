//! The change feed, for those who follow it.

use proto::tasks::v1::change_service_client::ChangeServiceClient;
use proto::tasks::v1::{ListChangesRequest, WatchChangesRequest, WatchChangesResponse};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use super::request;

/// Changes on a page.
const PAGE: i32 = 1_000;

/// The token behind everything that a person has now.
pub(crate) async fn latest(channel: Channel, bearer: &MetadataValue<Ascii>) -> Result<String, Status> {
    let mut changes = ChangeServiceClient::new(channel);
    let mut sync_token = String::new();
    loop {
        let message = ListChangesRequest {
            sync_token,
            page_size: PAGE,
        };
        let request = request(message, Some(bearer));
        let reply = changes.list_changes(request).await?.into_inner();
        if !reply.has_more {
            return Ok(reply.next_sync_token);
        }
        sync_token = reply.next_sync_token;
    }
}

/// A stream of everything behind that token.
pub(crate) async fn watch(
    channel: Channel,
    bearer: &MetadataValue<Ascii>,
    sync_token: String,
) -> Result<Streaming<WatchChangesResponse>, Status> {
    let request = request(WatchChangesRequest { sync_token }, Some(bearer));
    let reply = ChangeServiceClient::new(channel).watch_changes(request).await?;
    Ok(reply.into_inner())
}
